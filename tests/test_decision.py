"""The decision: every path through it, as values."""

import pytest

from pipshunt.command import Command, PipFacts, read_command
from pipshunt.decision import Decision, decide_changing, decide_override, decide_reading, decide_target, decide_unmarked
from pipshunt.interpreter import Interpreter
from pipshunt.marker import Marker
from pipshunt.policy import Place, Verdict
from pipshunt.target import Target
from pipshunt.track import Track
from pipshunt.uv_system import SystemUv

FACTS = PipFacts((25, 1), "/usr", in_environment=False)
ENV = {"PIP_CONFIG_FILE": "/dev/null", "HOME": "/nowhere"}
PYTHON = Interpreter(
    "/usr/bin/python3", "/usr/bin/python3.11", (3, 11), "/usr", "/usr/lib/python3.11", in_environment=False
)
TARGET = Target(
    PYTHON, Marker("/usr/lib/python3.11/EXTERNALLY-MANAGED", "Debian", ""), "/usr/lib/python3/dist-packages/pip", FACTS
)
TRACK = Track("project", "/p", "/p/.venv", True, False, "", "")
UV = SystemUv(("/bin/uv", "pip", "install", "x"), {}, "")
NO_UV = SystemUv((), {}, "no fit uv is on PATH")
PLACE = Place("/etc/pipshunt/policy.toml", 2)


def command(line: str, **env: str) -> Command:
    return read_command(line.split(), {**ENV, **env}, "/", FACTS)


def verdict(action: str, message: str = "") -> Verdict:
    return Verdict(action, f'action = "{action}"', PLACE, message, "", ())


@pytest.mark.parametrize(
    ("line", "env", "reason", "override"),
    [
        pytest.param("download x", {}, "`pip download` installs nothing", "", id="another command"),
        pytest.param("", {}, "it installs nothing", "", id="no command"),
        pytest.param("install --target t x", {}, "pip does not look for the marker: --target", "", id="target"),
        pytest.param("install x", {"PIP_PREFIX": "p"}, "pip does not look for the marker: --prefix (PIP_PREFIX)", "", id="prefix"),
        pytest.param("install --dry-run --report r x", {}, "pip does not look for the marker: --dry-run with --report", "", id="report"),
        pytest.param("install --break-system-packages x", {}, "pip does not look for the marker: --break-system-packages", "--break-system-packages", id="override"),
        pytest.param(
            "uninstall -y x",
            {"PIP_BREAK_SYSTEM_PACKAGES": "1"},
            "pip does not look for the marker: --break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)",
            "--break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)",
            id="override in the environment",
        ),
        pytest.param("install --help", {}, "pip ends before it looks for the marker: prints help", "", id="help"),
    ],
)  # fmt: skip
def test_what_pip_would_not_refuse_is_passed(line: str, env: dict[str, str], reason: str, override: str) -> None:
    assert decide_target(command(line, **env), TARGET) == Decision("pass", reason, False, override=override)


def test_what_is_not_pip_s_or_has_no_marker_is_passed() -> None:
    install = command("install x")
    environment = PYTHON._replace(prefix="/home/ana/venv", in_environment=True)
    assert decide_target(None, None) == Decision("pass", "it does not start pip", False)
    assert decide_target(install, None) == Decision(
        "pass", "only the real command can tell which interpreter it uses", False
    )
    assert decide_target(install, TARGET._replace(interpreter=environment)) == Decision(
        "pass", "/home/ana/venv is a virtual environment", False
    )


@pytest.mark.parametrize(
    "line", ["install x", "uninstall x", "list", "freeze", "show x", "check", "inspect", "install"]
)
def test_the_rest_must_be_asked_of_policy_and_track(line: str) -> None:
    assert decide_target(command(line), TARGET) is None


def test_an_override_means_an_active_environment_where_there_is_one() -> None:
    passed = Decision("pass", "pip does not look for the marker: --break-system-packages", False, override="--b")
    active = TRACK._replace(kind="active", folder="")
    assert decide_override(passed, None) == passed
    assert decide_override(passed, active) == Decision("venv", "/p/.venv is active here", False, track=active)


def test_reading_answers_for_what_is_followed_or_active() -> None:
    assert decide_reading(None) == Decision("pass", "no environment is followed or active here", False)
    assert decide_reading(TRACK) == Decision("venv", "/p/.venv is followed here", False, track=TRACK)
    active = TRACK._replace(kind="active", folder="")
    assert decide_reading(active) == Decision("venv", "/p/.venv is active here", False, track=active)


@pytest.mark.parametrize(
    ("line", "word", "track", "uv", "expected"),
    [
        pytest.param("install x", verdict("venv"), TRACK, None, ("venv", "pip would refuse it"), id="venv"),
        pytest.param("uninstall x", verdict("venv"), TRACK, None, ("venv", "pip would refuse it"), id="venv, uninstall"),
        pytest.param("install x", verdict("venv"), TRACK._replace(exists=False), None, ("venv", "pip would refuse it"), id="new venv"),
        pytest.param(
            "uninstall x", verdict("venv"), TRACK._replace(exists=False), None,
            ("refuse", "there is no environment to uninstall from: /p/.venv does not exist"), id="nothing to uninstall from",
        ),
        pytest.param("install x", verdict("venv"), TRACK._replace(problem="it is a file"), None, ("refuse", "it is a file"), id="a problem"),
        pytest.param("install x", verdict("pass"), TRACK, None, ("pass", "the policy says `pass`"), id="pass"),
        pytest.param("install x", verdict("override"), TRACK, None, ("override", "the policy says `override`"), id="override"),
        pytest.param("install x", verdict("refuse"), TRACK, None, ("refuse", "the policy refuses it"), id="refuse"),
        pytest.param("install x", verdict("refuse", "ask Bo"), TRACK, None, ("refuse", "ask Bo"), id="refuse with a message"),
        pytest.param("install x", verdict("uv-system"), TRACK, UV, ("uv-system", "the policy grants it"), id="uv"),
        pytest.param(
            "install x", verdict("uv-system"), TRACK, NO_UV,
            ("refuse", "the policy says `uv-system`, but no fit uv is on PATH"), id="no uv",
        ),
    ],
)  # fmt: skip
def test_what_the_policy_and_the_track_make_of_it(
    line: str, word: Verdict, track: Track, uv: SystemUv | None, expected: tuple[str, str]
) -> None:
    decision = decide_changing(command(line), word, track, uv)
    assert decision[:2] == expected
    assert decision.refused_by_pip
    assert decision.verdict == word
    assert decision.uv == (uv if expected[0] == "uv-system" else None)


@pytest.mark.parametrize(
    ("uv", "expected"),
    [
        pytest.param(UV, ("uv-system", "the policy says `uv-system`"), id="uv"),
        pytest.param(NO_UV, ("pass", "/usr/bin/python3 is not externally managed"), id="no uv"),
        pytest.param(None, ("pass", "/usr/bin/python3 is not externally managed"), id="another policy"),
    ],
)
def test_without_a_marker_uv_does_it_where_the_policy_wants_that_and_it_can(
    uv: SystemUv | None, expected: tuple[str, str]
) -> None:
    decision = decide_unmarked(TARGET._replace(marker=None), verdict("uv-system"), uv)
    assert decision[:2] == expected
    assert not decision.refused_by_pip


@pytest.mark.parametrize(
    "line", ["install --target t x", "install --help", "uninstall x", "install --break-system-packages x"]
)
def test_without_a_marker_the_policy_is_asked_about_plain_installs_alone(line: str) -> None:
    unmarked = TARGET._replace(marker=None)
    said = Decision("pass", "/usr/bin/python3 is not externally managed", False)
    assert decide_target(command(line), unmarked) == said
    assert decide_target(command("install x"), unmarked) is None
