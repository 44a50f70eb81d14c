"""The pip that is lent to `uv run python -m pip`; what comes of it with the real uv is in test_uv_flow.py."""

from pathlib import Path

import pytest
from machine import USER, Machine

from pipshunt.call import Call
from pipshunt.engine import understand
from pipshunt.flow import Flow
from pipshunt.places import find_places


@pytest.fixture
def venv(machine: Machine) -> Path:
    path = machine.home / "venv"
    assert machine.run(str(machine.python), "-I", "-m", "venv", "--without-pip", str(path)).status == 0
    return path


def flow(machine: Machine, venv: Path, line: str, **env: str) -> Flow:
    full = machine.env(**env)
    call = Call("python", tuple(line.split()), str(venv / "bin/python"), full, str(machine.project), USER)
    return understand(call, find_places(full, USER), "")


def test_within_uv_run_the_bases_pip_serves(machine: Machine, venv: Path) -> None:
    within = flow(machine, venv, "-I -m pip install x", UV_RUN_RECURSION_DEPTH="1")
    assert within.decision.track
    assert (within.decision.action, within.decision.track.environment) == ("venv", str(venv))
    assert within.target
    assert within.plan.argv[:2] == (f"{venv}/bin/python", "-I")
    assert within.plan.argv[2:] == (f"{within.target.pip}/__pip-runner__.py", "install", "x")
    assert flow(machine, venv, "-m pip list", UV_RUN_RECURSION_DEPTH="1").plan.kind == "exec"


def test_elsewhere_and_for_what_needs_no_pip_nothing_is_lent(machine: Machine, venv: Path) -> None:
    assert flow(machine, venv, "-m pip install x").decision.action == "pass"
    for line in ("-m pip install -h", "-m pip download x", "-m pip", "-m json.tool"):
        assert flow(machine, venv, line, UV_RUN_RECURSION_DEPTH="1").decision.action == "pass"


def test_an_environment_that_has_one_uses_its_own(machine: Machine, venv: Path) -> None:
    package = next((venv / "lib").glob("python3*/site-packages")) / "pip"
    package.mkdir()
    (package / "__init__.py").write_text('__version__ = "25.0"\n')
    assert flow(machine, venv, "-m pip install x", UV_RUN_RECURSION_DEPTH="1").decision.action == "pass"
