"""The plan: the words and variables that carry a decision out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.call import Call
from pipshunt.command import PipFacts, read_command
from pipshunt.decision import Decision
from pipshunt.interpreter import Interpreter
from pipshunt.launch import read_launch
from pipshunt.marker import Marker
from pipshunt.plan import Plan, changed_environment, make_plan
from pipshunt.target import Target
from pipshunt.track import Track
from pipshunt.uv_system import SystemUv

FACTS = PipFacts((25, 1), "/usr", in_environment=False)
PYTHON = Interpreter(
    "/usr/bin/python3", "/usr/bin/python3.11", (3, 11), "/usr", "/usr/lib/python3.11", in_environment=False
)
TARGET = Target(
    PYTHON, Marker("/usr/lib/python3.11/EXTERNALLY-MANAGED", "Debian", ""), "/usr/lib/python3/dist-packages/pip", FACTS
)
UNSET = {"PIP_USER": None, "PIP_PYTHON": None}


def planned(decision: Decision, line: str, **env: str) -> Plan:
    tool, *args = line.split()
    full = {"PIP_CONFIG_FILE": "/dev/null", "HOME": "/nowhere", **env}
    call = Call(tool, tuple(args), f"/usr/bin/{tool}", full, "/p", 1000)
    launch = read_launch(tool, args)
    command = read_command(args[launch.start :], full, "/p", FACTS) if launch.start >= 0 else None
    return make_plan(call, launch, command, TARGET, decision)


def to(environment: str, *, exists: bool = True) -> Decision:
    return Decision("venv", "", True, track=Track("project", "/p", environment, exists, False, "", ""))


def make_pip(environment: Path) -> None:
    (environment / "bin").mkdir()
    (environment / "bin/pip").touch()
    package = environment / "lib/python3.11/site-packages/pip"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("pip install x", "V/bin/python V/bin/pip install x"),
        ("pip3.11 -q install x", "V/bin/python V/bin/pip -q install x"),
        ("python3 -m pip install x", "V/bin/python -m pip install x"),
        ("python3 -Im pip install x", "V/bin/python -I -m pip install x"),
        ("python3 -W ignore -X utf8 -mpip install x", "V/bin/python -W ignore -X utf8 -m pip install x"),
        ("python3 -I /usr/bin/pip install x", "V/bin/python -I V/bin/pip install x"),
        ("pip install --user x", "V/bin/python V/bin/pip install x"),
        ("pip install --user -U x --user", "V/bin/python V/bin/pip install -U x"),
        ("pip --python /usr/bin/python3 install x", "V/bin/python V/bin/pip install x"),
        ("pip uninstall -y x", "V/bin/python V/bin/pip uninstall -y x"),
    ],
)
def test_a_shunted_call_keeps_its_form_and_its_words(line: str, argv: str) -> None:
    plan = planned(to("V", exists=False), line)
    words = tuple(argv.split())
    assert plan == Plan("run", words, UNSET, "V", "uninstall" not in line, "-q" in line, plan.words)
    assert plan.words == words[-len(plan.words) :]
    assert plan.words[0] in ("-q", "install", "uninstall")


def test_a_dry_run_and_an_active_environment_are_not_followed() -> None:
    assert planned(to("V"), "pip install x").follow
    assert not planned(to("V"), "pip install --dry-run x").follow
    active = Decision("venv", "", True, track=Track("active", "", "V", True, False, "", ""))
    assert not planned(active, "pip install x").follow


def test_reading_commands_are_executed_in_place_and_freeze_leaves_the_system_out(tmp_path: Path) -> None:
    make_pip(tmp_path)
    config = tmp_path / "pyvenv.cfg"
    config.write_text("include-system-site-packages = false\n")
    start = (f"{tmp_path}/bin/python", f"{tmp_path}/bin/pip")
    assert planned(to(str(tmp_path)), "pip freeze --all") == Plan("exec", (*start, "freeze", "--all"), UNSET)
    config.write_text("include-system-site-packages = true\n")
    assert planned(to(str(tmp_path)), "pip freeze --all") == Plan("exec", (*start, "freeze", "--local", "--all"), UNSET)
    assert planned(to(str(tmp_path)), "pip list") == Plan("exec", (*start, "list"), UNSET)


def test_an_environment_without_pip_is_served_by_the_pip_of_the_call(tmp_path: Path) -> None:
    subprocess.run([os.path.realpath(sys.executable), "-I", "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    venv = tmp_path / "v"
    plan = planned(to(str(venv)), "python3 -I -m pip install x")
    runner = "/usr/lib/python3/dist-packages/pip/__pip-runner__.py"
    assert plan.argv == (f"{venv}/bin/python", "-I", runner, "install", "x")
    assert plan.changes == {**UNSET, "_PIP_RUNNING_IN_SUBPROCESS": "1"}
    inside = venv / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages/pip/__pip-runner__.py"
    inside.parent.mkdir()
    inside.touch()
    assert planned(to(str(venv)), "pip install x").argv[1] == str(inside)


def test_a_script_whose_pip_is_gone_is_not_started(tmp_path: Path) -> None:
    make_pip(tmp_path)
    assert planned(to(str(tmp_path)), "pip install x").argv[1] == f"{tmp_path}/bin/pip"
    (tmp_path / "lib/python3.11/site-packages/pip/__init__.py").unlink()
    assert planned(to(str(tmp_path)), "pip install x").argv[1] == "/usr/lib/python3/dist-packages/pip/__pip-runner__.py"


def test_a_python_in_the_configuration_does_not_lead_out_again(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("[global]\npython = /usr/bin/python3\n[install]\nuser = true\n")
    plan = planned(to("V", exists=False), "pip install x", PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
    assert plan.argv == ("V/bin/python", "V/bin/pip", "install", "--no-user", "x")
    assert plan.changes["_PIP_RUNNING_IN_SUBPROCESS"] == "1"
    assert planned(to("V", exists=False), "pip install x", PIP_PYTHON="/usr/bin/python3").changes == UNSET


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("pip install x", "/usr/bin/pip install --break-system-packages x"),
        ("pip -q install x", "/usr/bin/pip -q install --break-system-packages x"),
        ("python3 -I -m pip install x", "/usr/bin/python3 -I -m pip install --break-system-packages x"),
        ("pip install -- -x", "/usr/bin/pip install --break-system-packages -- -x"),
        ("pip uninstall -y x", "/usr/bin/pip uninstall --break-system-packages -y x"),
    ],
)
def test_an_override_adds_the_one_option_behind_the_command(line: str, argv: str) -> None:
    plan = planned(Decision("override", "", True), line)
    assert (plan.kind, plan.argv, plan.changes, plan.create) == ("run", tuple(argv.split()), {}, "")


def test_uv_runs_as_it_was_found_that_it_can() -> None:
    uv = SystemUv(("/bin/uv", "pip", "install", "--python", "/usr/bin/python3", "--", "x"), {"UV_INDEX": None}, "")
    plan = planned(Decision("uv-system", "", True, uv=uv), "pip install -q x")
    assert plan == Plan("run", uv.argv, uv.changes, quiet=True)


def test_what_passes_is_the_real_tool_with_the_same_words() -> None:
    plan = planned(Decision("pass", "", False), "python3 -c pass --user")
    assert plan == Plan("exec", ("/usr/bin/python3", "-c", "pass", "--user"), {})


def test_a_refusal_executes_nothing() -> None:
    assert planned(Decision("refuse", "", True), "pip install x") == Plan("refuse", (), {})


def test_changes_of_the_environment() -> None:
    env = {"A": "1", "B": "2", "C": ""}
    assert changed_environment(env, {"A": None, "B": "3", "D": "4", "E": None}) == {"B": "3", "C": "", "D": "4"}
    assert env == {"A": "1", "B": "2", "C": ""}
    assert changed_environment(env, {}) == env
