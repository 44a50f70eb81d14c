"""Calls of uv from the shell's side: real uv, real environments, what is said word for word, what is left behind."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import USER, Machine, Result
from wheels import build_wheel

from pipshunt.call import Call
from pipshunt.engine import understand
from pipshunt.explain import page
from pipshunt.flow import Flow
from pipshunt.places import find_places


class UvMachine:
    """A machine with the real uv on PATH, and two small wheels that uv and pip find without a network."""

    def __init__(self, machine: Machine, uv: Path) -> None:
        self.machine = machine
        self.project = machine.project
        self.uv = machine.root / "opt/uv"
        self.uv.parent.mkdir()
        self.uv.symlink_to(uv)
        (machine.shims / "uv").symlink_to("pipshunt-shim")
        wheels = machine.root / "wheels"
        build_wheel(wheels, "demo-one", "1.0")
        build_wheel(wheels, "demo-two", "2.0")
        machine.give(wheels)
        self.wheels = str(wheels)

    def env(self, **changes: str) -> dict[str, str]:
        machine = self.machine
        path = f"{machine.shims}:{self.uv.parent}:{machine.bin}:/usr/bin:/bin"
        sources = {"PIP_FIND_LINKS": self.wheels, "UV_FIND_LINKS": self.wheels, "UV_NO_INDEX": "1", "UV_OFFLINE": "1"}
        plain = {"PATH": path, "SHELL": "/bin/bash", "UV_PYTHON_DOWNLOADS": "never"}
        return machine.env(**{**plain, **sources, **changes})

    def run(self, line: str, cwd: Path | None = None, **env: str) -> Result:
        return self.machine.run(*line.split(), cwd=cwd, env=self.env(**env))

    def imports(self, module: str) -> str:
        """Say from where `python3` in the project imports *module*, "" if it does not."""
        found = self.machine.run("python3", "-c", f"import {module}; print({module}.__file__)", env=self.env())
        return found.out.strip()

    def flow(self, line: str, cwd: Path | None = None, **env: str) -> Flow:
        full = self.env(**env)
        call = Call("uv", tuple(line.split()), str(self.uv), full, str(cwd or self.project), USER)
        return understand(call, find_places(full, USER), str(self.machine.root / "etc/policy.toml"))

    def policy(self, text: str) -> None:
        folder = self.machine.home / ".config/pipshunt"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "policy.toml").write_text(text)
        self.machine.give(self.machine.home)


@pytest.fixture(scope="module")
def shared(uv: Path) -> Iterator[UvMachine]:
    """A machine on which nothing is carried out; an ordinary user can enter it (pytest's folders are root's)."""
    folder = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    folder.chmod(0o755)
    yield UvMachine(Machine(folder), uv)
    shutil.rmtree(folder)


@pytest.fixture
def here(machine: Machine, uv: Path) -> UvMachine:
    return UvMachine(machine, uv)


@pytest.fixture
def there(shared: UvMachine, monkeypatch: pytest.MonkeyPatch) -> UvMachine:
    monkeypatch.chdir(shared.project)
    shared.policy("")
    return shared


def own_lines(result: Result) -> list[str]:
    return [line for line in result.err.splitlines() if line.startswith("pipshunt:")]


def test_what_uv_would_refuse_goes_to_the_projects_environment(here: UvMachine) -> None:
    machine = here.machine
    assert here.run("uv pip uninstall --system demo-one").status == 2
    result = here.run("uv pip install --system demo-one")
    assert (result.status, result.out) == (0, "")
    why = f"pipshunt: the administrator manages {machine.python} ({machine.marker}), so this goes to"
    follows = f"pipshunt: python3 in {here.project} uses it from now on; to activate it in this shell:"
    assert own_lines(result) == [f"{why} the new environment .venv", f"{follows} . .venv/bin/activate"]
    assert " + demo-one==1.0" in result.err
    assert here.imports("demo_one").startswith(f"{here.project}/.venv/lib/")
    assert not list(machine.stdlib.parent.rglob("demo_one*"))
    _, record = machine.log
    assert record["before"] == ["uv", "pip", "install", "--system", "demo-one"]
    assert record["after"][1:] == ["pip", "install", "--python", f"{here.project}/.venv/bin/python", "demo-one"]
    assert (record["status"], record["installed"][0]) == (0, "demo_one==1.0")
    (here.project / "requirements.txt").write_text("demo-two\n")
    assert here.run("uv pip sync requirements.txt", UV_SYSTEM_PYTHON="1").status == 0
    assert (here.imports("demo_one"), here.imports("demo_two") != "") == ("", True)
    assert here.run("uv pip uninstall --system demo-two").status == 0
    assert not here.imports("demo_two")


def test_without_an_environment_in_sight_the_projects_is_made(here: UvMachine) -> None:
    assert here.run("uv pip install --dry-run demo-one").status == 0
    assert sorted(os.listdir(here.project)) == ["pyproject.toml"]
    result = here.run("uv pip install demo-one")
    assert own_lines(result)[0] == "pipshunt: uv finds no environment here, so this goes to the new environment .venv"
    assert here.imports("demo_one").startswith(f"{here.project}/.venv/lib/")
    again = here.run("uv pip install demo-two")  # uv finds it by itself from now on
    assert (again.status, own_lines(again)) == (0, [])
    assert here.imports("demo_two").startswith(f"{here.project}/.venv/lib/")


@pytest.mark.parametrize("wanted", ["./evil", "evil/python3"])
def test_a_program_that_came_with_a_clone_is_not_started_to_see_whether_it_is_a_python(
    here: UvMachine, wanted: str
) -> None:
    here.machine.write_script(here.project / wanted.lstrip("/"), f"#!/bin/sh\ntouch {here.project}/started\n")
    (here.project / ".python-version").write_text(f"{wanted}\n")
    here.machine.give(here.project)
    assert here.run("uv pip install demo-one").status == 0
    assert not (here.project / "started").exists()


def test_uv_run_takes_us_along_to_an_interpreter_that_uv_manages(here: UvMachine) -> None:
    machine = here.machine  # as in replicate/cog issue 2945: pip is not on PATH until uv run puts it there
    machine.marker.write_text(
        "[externally-managed]\nError=This Python installation is managed by uv and should not ...\n"
    )
    bare, usr_bin, scripts = machine.home / "image", machine.root / "image/bin", machine.root / "usr/local/bin"
    for folder in (bare, usr_bin, scripts):
        folder.mkdir(parents=True)
        machine.give(folder)
    (scripts / "pip").symlink_to(machine.bin / "pip")  # where Debian's Python has its scripts; others have them in bin
    (usr_bin / "python3").symlink_to(machine.python)
    (bare / "requirements").write_text("demo-one\n")
    path = f"{machine.shims}:{here.uv.parent}:{usr_bin}"
    image = {"PATH": path, "UV_SYSTEM_PYTHON": "true", "UV_PYTHON": str(machine.python)}
    result = here.run(f"uv run -q pip install --cache-dir {bare}/cache -r requirements", bare, **image)
    assert result.status == 0, result
    assert own_lines(result)[0].startswith("pipshunt: uv manages ")
    assert result.out.splitlines()[-1] == "Successfully installed demo-one-1.0"
    found = machine.run("python3", "-c", "import demo_one", cwd=bare, env=here.env(**image))
    assert found.status == 0, found
    assert here.run("uv run -q python3 -c import(demo_one)", bare, **image).status == 1  # all else is uv's own
    assert "demo-one==1.0\n" in here.run("uv run -q -m pip freeze", bare, **image).out
    missing = here.run("uv run -q pip3.99 install demo-one", bare, **image)
    assert (missing.status, missing.err) == (2, "pipshunt: pip3.99: not found on the PATH that uv run has set\n")


def test_uv_run_in_a_project_installs_into_the_environment_that_uv_makes(here: UvMachine) -> None:
    result = here.run("uv run pip install demo-one")
    assert result.status == 0, result
    assert own_lines(result)[0].endswith("so this goes to .venv")
    assert here.imports("demo_one").startswith(f"{here.project}/.venv/lib/")
    lent = here.run("uv run python -m pip install demo-two")
    assert lent.status == 0, lent
    assert own_lines(lent)[0].startswith("pipshunt: uv makes environments without a pip, so this goes to the active")
    assert here.imports("demo_two").startswith(f"{here.project}/.venv/lib/")
    over = here.run("uv run --with demo-two pip uninstall -y demo-one")
    assert (over.status, here.imports("demo_one")) == (0, "")


def test_exit_status_and_words_are_uvs_own(there: UvMachine) -> None:
    for line in ("uv pip install --system -r none.txt", "uv pip install --syst x", "uv pip install bad!!name"):
        real = there.machine.run(str(there.uv), *line.split()[1:], env=there.env())
        ours = there.run(line)
        assert (ours.status, ours.out, ours.err) == (real.status, real.out, real.err)
    assert sorted(os.listdir(there.project)) == ["pyproject.toml"]


@pytest.mark.parametrize(
    ("line", "action", "reason"),
    [
        ("pip install --system x", "venv", "uv would refuse it"),
        ("pip install x", "venv", "uv finds no environment here"),
        ("pip install --target t x", "pass", "--target or --prefix"),
        ("pip install --help", "pass", "--help is given"),
        ("pip list", "pass", "none of pip's commands"),
        ("sync", "pass", "none of pip's commands"),
        ("run app", "pass", "runs no pip"),
        ("run pip install x", "pass", "goes along"),
        ("pip install --system --break-system-packages x", "pass", "--break-system-packages (command line)"),
        ("pip install -p /nowhere x", "pass", "does not refuse"),
        ("pip uninstall x", "pass", "no environment to uninstall from"),
        ("pip uninstall --system x", "refuse", "no environment to uninstall from"),
    ],
)
def test_decisions(there: UvMachine, line: str, action: str, reason: str) -> None:
    before = sorted(os.listdir(there.project))
    decision = there.flow(line).decision
    assert (decision.action, reason in decision.reason) == (action, True), decision.reason
    assert sorted(os.listdir(there.project)) == before


def test_the_users_own_override_passes_and_is_recorded(there: UvMachine) -> None:
    given = there.flow("pip install --system --break-system-packages x").decision
    assert given.override == "--break-system-packages (command line)"
    set_ = there.flow("pip install --system x", UV_BREAK_SYSTEM_PACKAGES="true").decision
    assert set_.override == "--break-system-packages (UV_BREAK_SYSTEM_PACKAGES)"


@pytest.mark.parametrize(
    ("policy", "action", "argv"),
    [
        ('action = "override"\n', "override", "pip install --break-system-packages --system x"),
        ('action = "uv-system"\n[grant]\noverride = ["*"]\n', "uv-system", "pip install --break-system-packages --system x"),
        ('action = "uv-system"\n', "refuse", ""),
        ('action = "refuse"\n', "refuse", ""),
        ('action = "pass"\n', "pass", "pip install --system --no-break-system-packages x"),
        ('[[rule]]\npackages = ["x"]\naction = "refuse"\n', "refuse", ""),
        ('[[rule]]\npackages = ["y"]\naction = "refuse"\n', "venv", "pip install --python VENV/bin/python x"),
    ],
)  # fmt: skip
def test_the_policy_has_its_say(there: UvMachine, policy: str, action: str, argv: str) -> None:
    there.policy(policy)
    flow = there.flow("pip install --system --no-break-system-packages x")
    assert flow.decision.action == action
    words = " ".join(flow.plan.argv[1:]).replace(f"{there.project}/.venv", "VENV")
    assert words == argv


def test_a_refusal_has_uvs_exit_status_and_a_next_command_for_uv(there: UvMachine) -> None:
    there.policy('action = "refuse"\n')
    result = there.run("uv pip install --system -q demo-one")
    assert (result.status, result.out) == (2, "")
    assert result.err.splitlines()[0] == "pipshunt: refused: the policy refuses it"
    assert result.err.splitlines()[-1] == (
        "next: uv venv .venv && uv pip install --python .venv/bin/python -q demo-one"
    )


def test_what_chooses_the_interpreter_is_taken_from_words_and_environment(there: UvMachine) -> None:
    plan = there.flow(f"-q pip install -p {there.machine.python} --system x", UV_SYSTEM_PYTHON="1").plan
    assert plan.argv[1:] == ("-q", "pip", "install", "--python", f"{there.project}/.venv/bin/python", "x")
    assert plan.changes == {"UV_PYTHON": None, "UV_SYSTEM_PYTHON": None, "UV_BREAK_SYSTEM_PACKAGES": None}
    assert (plan.create, plan.follow, plan.quiet) == (f"{there.project}/.venv", True, True)


def test_explain_shows_what_would_become_of_a_call_of_uv(there: UvMachine) -> None:
    lines = page(there.flow("pip install --system x"))
    assert "uv alone     would refuse" in lines
    assert "decision     venv: uv would refuse it" in lines
    assert f"would run    {there.uv} pip install --python {there.project}/.venv/bin/python x" in lines
    lines = page(there.flow("run pip install x"))
    assert "decision     pass: uv chooses the interpreter, and pipshunt goes along to see which" in lines


def test_an_active_environment_and_the_folder_that_uv_changes_to_count(there: UvMachine) -> None:
    machine = there.machine
    venv = machine.home / "active"
    assert machine.run(str(machine.python), "-m", "venv", "--without-pip", str(venv)).status == 0
    path = f"{machine.shims}:{venv}/bin:{there.env()['PATH']}"
    track = there.flow("pip install --system x", VIRTUAL_ENV=str(venv), PATH=path).decision.track
    assert track
    assert (track.kind, track.environment) == ("active", str(venv))
    outside = machine.home / "outside"
    outside.mkdir()
    track = there.flow(f"pip install --directory {there.project} --system x", outside).decision.track
    assert track
    assert track.environment == f"{there.project}/.venv"


@pytest.mark.parametrize("script", ["kill -SEGV $$", "exit 2", "echo odd >&2; exit 7"], ids=["crashes", "fails", "odd"])
def test_a_uv_that_tells_nothing_speaks_for_itself(there: UvMachine, script: str) -> None:
    odd = there.machine.write_script(there.machine.root / "odd/uv", f'#!/bin/sh\necho "$*"\n{script}\n')
    env = there.env(PATH=f"{there.machine.shims}:{odd.parent}:/usr/bin:/bin")
    ours = there.machine.run("uv", "pip", "install", "--system", "x", env=env)
    real = there.machine.run(str(odd), "pip", "install", "--system", "x", env=env)
    assert (ours.status, ours.out, ours.err) == (real.status, real.out, real.err)
