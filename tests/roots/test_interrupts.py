"""Kill -9 at any moment: whichever process of a `pip install` dies, nothing half made is used, and the next call works."""

import json
import os
import random
import signal
import time

import pytest

from roots.throwaway import ANA, ROOT, Throwaway

pytestmark = pytest.mark.roots

ROUNDS = 5
ROUNDS_IN_FULL = 100


@pytest.mark.parametrize("installation", [ANA], indirect=True, ids=["user"])
def test_a_process_killed_at_a_random_moment_leaves_nothing_half_made(
    request: pytest.FixtureRequest, machine: Throwaway
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    longest = measure_install(machine, f"{ANA.home}/measured")
    killed: dict[str, int] = {}
    for number in range(ROUNDS_IN_FULL if request.config.getoption("--full") else ROUNDS):
        project = f"{ANA.home}/project-{number}"
        machine.write(ANA, f"{project}/pyproject.toml", "")
        moment = chance.uniform(0, longest)
        victim = kill_during_install(machine, project, moment, chance)
        killed[kind_of(victim)] = killed.get(kind_of(victim), 0) + 1
        told = f"seed {seed}, round {number}: {victim or 'nothing'} was killed after {moment:.3f} s"
        assert_nothing_half_made(machine, project, told)
        assert_next_install_succeeds(machine, project, told)
    print(f"seed {seed}, {longest:.2f} s an install, killed: {killed}")


def measure_install(machine: Throwaway, project: str) -> float:
    """Return how many seconds an undisturbed install takes."""
    machine.write(ANA, f"{project}/pyproject.toml", "")
    started = time.monotonic()
    assert machine.log_in(ANA, "pip install tender", cwd=project).status == 0
    return time.monotonic() - started


def kill_during_install(machine: Throwaway, project: str, moment: float, chance: random.Random) -> str:
    """Kill one process of an install after *moment* seconds, wait for the others; returns its command line."""
    victim = ""
    with machine.start(ROOT, "su", "-", ANA.name, "-c", f"cd {project} && exec pip install tender") as process:
        time.sleep(moment)
        ours = {pid: line for pid, line in machine.processes().items() if not line.startswith("su ")}
        if ours:
            pid = chance.choice(sorted(ours))
            victim = ours[pid]
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                victim = ""
        process.communicate(timeout=60)
    deadline = time.monotonic() + 60
    while machine.processes() and time.monotonic() < deadline:  # what the killed one has left running
        time.sleep(0.01)
    return victim


def kind_of(line: str) -> str:
    for part, kind in (("boot.py", "engine"), ("-m venv", "venv"), ("install", "pip"), ("bash", "shell")):
        if part in line:
            return kind
    return line or "none"


def assert_nothing_half_made(machine: Throwaway, project: str, told: str) -> None:
    """An environment under its own name is whole; python3 works whatever stands there."""
    if ".venv" in machine.list(project):
        check = ".venv/bin/python -c 'import sys; assert sys.prefix != sys.base_prefix' && .venv/bin/pip --version"
        whole = machine.run(ANA, "sh", "-c", check, cwd=project)
        assert whole.status == 0, (told, whole)
    assert machine.log_in(ANA, "python3 -c 'print(1)'", cwd=project).out == "1\n", told


def assert_next_install_succeeds(machine: Throwaway, project: str, told: str) -> None:
    result = machine.log_in(ANA, "pip install tender && python3 -c 'import tender, railcar' && pip check", cwd=project)
    assert result.status == 0, (told, result)
    assert machine.list(project) == [".venv", "pyproject.toml"], told
    for line in machine.read(f"{ANA.home}/.local/state/pipshunt/audit.jsonl").splitlines():
        assert json.loads(line)["schema"] == 1, told
