"""Calls in an environment that the hook has entered: seen as without it, and with the original call where they pass."""

import os

import pytest
from machine import Machine

from pipshunt.call import Call
from pipshunt.engine import understand
from pipshunt.entered import call_before, environment_before
from pipshunt.explain import explain_call, notes
from pipshunt.follow import register
from pipshunt.places import Places


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            {"PATH": "/s/bin:/e/bin:/usr/bin:/bin"}, {"PATH": "/s/bin:/usr/bin:/bin"}, id="shims ahead already"
        ),
        pytest.param(
            {"PATH": "/s/bin:/e/bin:/a:/s/bin:/bin", "_PIPSHUNT_AHEAD": "yes"},
            {"PATH": "/s/bin:/a:/s/bin:/bin"},
            id="put ahead by the hook",
        ),
        pytest.param({"PATH": "/x:/s/bin:/e/bin:/bin:"}, {"PATH": "/x:/s/bin:/bin:"}, id="a folder was added since"),
        pytest.param({"PATH": "/e/bin:/bin:/e/bin"}, {"PATH": "/bin:/e/bin"}, id="it was on PATH before"),
        pytest.param({"PATH": "/bin"}, {"PATH": "/bin"}, id="PATH was set anew"),
        pytest.param(
            {"PATH": "/e/bin:/bin", "_PIPSHUNT_PYTHONHOME": "/p", "_PIPSHUNT_VIRTUAL_ENV": "", "A": "b"},
            {"PATH": "/bin", "PYTHONHOME": "/p", "VIRTUAL_ENV": "", "A": "b"},
            id="what was set before",
        ),
    ],
)
def test_the_environment_is_as_before_it_was_entered(changes: dict[str, str], expected: dict[str, str]) -> None:
    env = {"PIPSHUNT_ENTERED": "/e", "VIRTUAL_ENV": "/e", "VIRTUAL_ENV_PROMPT": "shop", **changes}
    assert environment_before(env) == expected


class Entered:
    """A machine's project with an environment that is followed, and a call of pip made after entering it."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.venv = machine.project / ".venv"
        done = machine.run(str(machine.python), "-m", "venv", "--without-pip", str(self.venv))
        assert done.status == 0, done
        machine.write_script(self.venv / "bin/pip", f"#!{self.venv}/bin/python\n")
        state = machine.home / ".local/state/pipshunt"
        register(str(state), str(machine.project), os.path.realpath(machine.python), str(self.venv))
        machine.give(machine.home)
        home = str(machine.home)
        self.places = Places(home, f"{home}/data", str(state), f"{home}/cache", f"{home}/none.toml", f"{home}/log")

    def call(self, *args: str, cwd: str = "", typed: str = "", **changes: str) -> Call:
        env = {
            **self.machine.env(),
            "PATH": f"{self.machine.shims}:{self.venv}/bin:{self.machine.bin}:/usr/bin:/bin",
            "VIRTUAL_ENV": str(self.venv),
            "PIPSHUNT_ENTERED": str(self.venv),
            **changes,
        }
        real = f"{self.venv}/bin/pip"
        return Call("pip", args, real, env, cwd or str(self.machine.project), os.stat(self.venv).st_uid, typed)


@pytest.fixture
def entered(machine: Machine) -> Entered:
    return Entered(machine)


def test_an_install_is_decided_as_though_the_environment_had_not_been_entered(entered: Entered) -> None:
    flow = understand(entered.call("install", "flask"), entered.places, "/none")
    assert (flow.decision.action, flow.decision.reason) == ("venv", "pip would refuse it")
    assert flow.decision.track
    assert (flow.decision.track.kind, flow.decision.track.environment) == ("project", str(entered.venv))
    assert flow.call.real == f"{entered.machine.bin}/pip"
    assert flow.call.entered == str(entered.venv)


def test_an_explanation_says_so_too_and_that_the_shim_is_reached(entered: Entered) -> None:
    call = entered.call()
    argv = ["pip", "install", "flask"]
    flow = explain_call(argv, {**call.env, "HOME": str(entered.machine.home)}, call.cwd, call.uid)
    assert flow.call.entered == str(entered.venv)
    assert notes(flow) == ["pip would refuse it"]


def test_a_python_that_only_the_environment_has_is_seen_as_python3(entered: Entered) -> None:
    (entered.machine.bin / "python").unlink(missing_ok=True)
    (entered.machine.shims / "python").unlink(missing_ok=True)
    call = entered.call("-m", "pip", "install", "flask")._replace(tool="python", real=f"{entered.venv}/bin/python")
    call = call._replace(env={**call.env, "PATH": f"{entered.venv}/bin:{entered.machine.bin}"})
    flow = understand(call, entered.places, "/none")
    assert (flow.decision.action, flow.call.real) == ("venv", f"{entered.machine.bin}/python3")


def test_a_reading_command_answers_for_the_environment(entered: Entered) -> None:
    flow = understand(entered.call("list"), entered.places, "/none")
    runner = f"{entered.machine.root}/usr/lib/python3/dist-packages/pip/__pip-runner__.py"
    assert (flow.decision.action, flow.plan.argv) == ("venv", (f"{entered.venv}/bin/python", runner, "list"))


def test_a_pip_that_is_to_be_installed_is_the_environments_own(entered: Entered) -> None:
    call = entered.call("-m", "ensurepip")._replace(tool="python3", real=f"{entered.venv}/bin/python3")
    assert call_before(call) is None


def test_the_policy_holds_in_it(entered: Entered) -> None:
    (entered.machine.project / "pipshunt.toml").write_text('action = "refuse"\n')
    entered.machine.give(entered.machine.project)
    assert understand(entered.call("install", "flask"), entered.places, "/none").decision.action == "refuse"


def test_what_passes_is_the_original_call(entered: Entered) -> None:
    call = entered.call("install", "--target", "x", "flask")
    flow = understand(call, entered.places, "/none")
    assert (flow.decision.action, flow.call) == ("pass", call)
    assert flow.plan.argv == (f"{entered.venv}/bin/pip", "install", "--target", "x", "flask")
    assert flow.plan.changes == {}


@pytest.mark.parametrize(
    ("cwd", "changes", "typed"),
    [
        pytest.param("", {"VIRTUAL_ENV": "/other"}, "", id="another was activated"),
        pytest.param("", {"PIPSHUNT_ENTERED": ""}, "", id="activated by hand"),
        pytest.param("", {}, ".venv/bin/pip", id="called by its path"),
        pytest.param("", {"PATH": "/nowhere"}, "", id="no pip outside of it"),
    ],
)
def test_what_the_user_has_activated_is_left_alone(
    entered: Entered, cwd: str, changes: dict[str, str], typed: str
) -> None:
    call = entered.call("install", "flask", cwd=cwd, typed=typed, **changes)
    assert call_before(call) is None
    assert understand(call, entered.places, "/none").decision.action == "pass"


def test_another_folder_counts_as_where_nothing_was_entered(entered: Entered) -> None:
    other = entered.machine.home / "other"
    other.mkdir()
    (other / "pyproject.toml").touch()
    entered.machine.give(entered.machine.home)
    flow = understand(entered.call("install", "x", cwd=str(other)), entered.places, "/none")
    assert flow.decision.track
    assert (flow.decision.track.kind, flow.decision.track.environment) == ("project", f"{other}/.venv")
    flow = understand(entered.call("list", cwd="/"), entered.places, "/none")
    assert (flow.decision.action, flow.plan.argv) == ("pass", (f"{entered.machine.bin}/pip", "list"))
