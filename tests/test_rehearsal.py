"""The rehearsal: how far the real pip comes with a command line, and that nothing is done on the way."""

import os
from pathlib import Path

import pytest
from machine import Machine, pip_folder

from pipshunt.rehearsal import reaches_check


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def rehearsed(machine: Machine, *args: str, python: Path | None = None, **env: str) -> bool | None:
    package = os.path.join(pip_folder(), "pip")
    start = (str(python or machine.python),)
    return reaches_check(start, package, args, machine.env(**env), str(machine.project))


@pytest.mark.parametrize(
    ("args", "reaches"),
    [
        pytest.param(("uninstall", "x[e]>=1 ; python_version < '3'"), True, id="a requirement"),
        pytest.param(("uninstall", "bad name!!"), False, id="no requirement"),
        pytest.param(("uninstall", "-r", "none.txt"), False, id="a missing file"),
        pytest.param(("uninstall", "--break-system-packages", "-y", "x"), False, id="an override"),
        pytest.param(("install", "--target", "t", "x"), False, id="install elsewhere"),
        pytest.param(("install", "x"), True, id="install"),
        pytest.param(("install", "--help"), False, id="help"),
        pytest.param(("uninstall", "--nonsense"), False, id="a usage error"),
    ],
)
def test_the_real_pip_tells(shared: Machine, args: tuple[str, ...], reaches: bool) -> None:
    assert rehearsed(shared, *args) is reaches


def test_nothing_is_left_behind_not_even_a_log(machine: Machine) -> None:
    before = sorted(machine.project.iterdir())
    assert rehearsed(machine, "uninstall", "--log", "pip.log", "x[e]") is True
    assert sorted(machine.project.iterdir()) == before


def test_a_module_in_the_working_directory_is_not_run(machine: Machine) -> None:
    (machine.project / "json.py").write_text("raise SystemExit(97)\n")
    (machine.project / "pip.py").write_text("raise SystemExit(97)\n")
    assert rehearsed(machine, "uninstall", "bad name!!") is False


@pytest.mark.parametrize("body", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\nkill -9 $$\n", "#!/nonexistent\n"])
def test_what_does_not_run_cannot_tell(machine: Machine, body: str) -> None:
    python = machine.write_script(machine.root / "broken", body)
    assert rehearsed(machine, "uninstall", "x[e]", python=python) is None


def test_a_pip_that_we_do_not_know_is_not_started(machine: Machine) -> None:
    package = machine.root / "strange/pip"
    (package / "_internal").mkdir(parents=True)
    (package / "__init__.py").touch()
    assert reaches_check((str(machine.python),), str(package), ("install", "x"), machine.env(), "/") is None
