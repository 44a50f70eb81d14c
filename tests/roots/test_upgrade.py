"""install.sh of new versions, one after the other, while commands run: none of them fails, nor loses the engine it began with."""

import time

import pytest

from roots.conftest import STAND_INS, Installation
from roots.projects import PROJECT
from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = [pytest.mark.roots, pytest.mark.one_suite]

ROUNDS = 2
ROUNDS_IN_FULL = 20
INSTALL = "pip install --quiet --force-reinstall --no-deps railcar"  # what the others do not look at
OTHERS = (
    "python3 -c 'import tender'",
    "pip show tender",
    "pip --version",
    "pipshunt explain pip install railcar",
    "tender",
    "sh -c 'python3 -m pip --version'",
)
# A line of ours that says that something of ours was not there counts as a failure, whatever the exit status.
LOOP = """
name=$1
shift
while [ ! -e /tmp/stop ]; do
    for command do
        said=$(eval "$command" 2>&1)
        case $?:$said in
        *'pipshunt: the engine '* | *Traceback* | *'could be noted'* | [!0]*) echo "$command: $said" >>/tmp/failed ;;
        esac
        echo >>"/tmp/count-$name"
    done
done
"""
# A package whose build says that it has begun, and then waits for word to end.
WAITING = """
import os, time, backend
def build_wheel(*words):
    open("/tmp/waits", "w").close()
    while not os.path.exists("/tmp/go"):
        time.sleep(0.01)
    return backend.build_wheel(*words)
"""


def upgrade(machine: Throwaway, installation: Installation) -> None:
    """Set a version up that differs in its stamp."""
    package = f"{installation.checkout}/src/pipshunt/__init__.py"
    machine.write(installation.account, package, machine.read(package) + "# newer\n")
    done = machine.run(installation.account, "./install.sh", cwd=installation.checkout, env=STAND_INS)
    assert done.status == 0, done
    assert "1/4" in done.err


@pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"])
def test_no_call_fails_while_new_versions_are_set_up(
    request: pytest.FixtureRequest, machine: Throwaway, installation: Installation, account: Account
) -> None:
    project = f"{account.home}/busy"
    machine.write(account, f"{project}/pyproject.toml", "")
    machine.write(account, f"{project}/loop.sh", LOOP)
    assert machine.log_in(account, "pip install tender", cwd=project).status == 0
    loops = [
        machine.start(ROOT, "su", "-", account.name, "-c", f'cd {project} && sh loop.sh "$@"', "loop", *words)
        for words in (("installs", INSTALL), ("others", *OTHERS))
    ]
    for _ in range(ROUNDS_IN_FULL if request.config.getoption("--full") else ROUNDS):
        upgrade(machine, installation)
    machine.write(ROOT, "/tmp/stop", "")
    for loop in loops:
        loop.communicate(timeout=60)
    assert machine.read("/tmp/failed") == ""
    assert len(machine.read("/tmp/count-installs")) > 0
    assert len(machine.read("/tmp/count-others")) >= len(OTHERS)


@pytest.mark.parametrize("installation", [ANA], indirect=True, ids=["user"])
def test_a_call_that_waits_for_pip_has_all_of_its_engine_after_three_upgrades(
    machine: Throwaway, installation: Installation, account: Account
) -> None:
    project = f"{account.home}/slow"
    for name, text in PROJECT.items():
        machine.write(account, f"{project}/{name}", text.replace('"backend"', '"waiting"'))
    machine.write(account, f"{project}/waiting.py", WAITING)
    with machine.start(ROOT, "su", "-", account.name, "-c", f"cd {project} && pip install .") as slow:
        deadline = time.monotonic() + 60
        while "waits" not in machine.list("/tmp") and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(3):
            upgrade(machine, installation)
        engines = f"{account.home}/.local/share/pipshunt/engines"
        assert len(machine.list(engines)) == 3, "the one in use, the newest other, and the one at work"
        machine.write(ROOT, "/tmp/go", "")
        out, err = slow.communicate(timeout=60)
    assert (slow.returncode, b"noted" in err, b"engine" in err) == (0, False, False), (out, err)
    upgrade(machine, installation)
    assert len(machine.list(engines)) == 2
    assert machine.log_in(account, "python3 -c 'import engine_shed'", cwd=project).status == 0
