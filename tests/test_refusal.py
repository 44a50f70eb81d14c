"""What is said at a refusal, as whole pages."""

from pathlib import Path

import pytest

from pipshunt.call import Call
from pipshunt.command import PipFacts, read_command
from pipshunt.decision import Decision
from pipshunt.flow import Flow
from pipshunt.interpreter import Interpreter
from pipshunt.marker import Marker
from pipshunt.plan import Plan
from pipshunt.policy import Place, Verdict
from pipshunt.refusal import refusal
from pipshunt.target import Target
from pipshunt.track import Track

FACTS = PipFacts((25, 1), "/usr", in_environment=False)
PYTHON = Interpreter(
    "/usr/bin/python3", "/usr/bin/python3.11", (3, 11), "/usr", "/usr/lib/python3.11", in_environment=False
)
REFUSED = Verdict("refuse", '[[rule]] packages = ["torch*"]', Place("/p/pipshunt.toml", 3), "ask Bo", "torch", ())
TRACK = Track("project", "/p", "/p/.venv", False, False, "/p/.venv is not a folder", "mv /p/.venv /p/.venv.old")


@pytest.fixture
def marker(tmp_path: Path) -> Marker:
    file = tmp_path / "EXTERNALLY-MANAGED"
    file.write_text(
        "[externally-managed]\nError=Use apt.\n\n Or a venv,\n   like this.\nError-en_US=Use apt, please.\n"
    )
    return Marker(str(file), "Debian", "apt install python3-{}")


def page(marker: Marker | None, decision: Decision, *words: str, cwd: str = "/p", **env: str) -> list[str]:
    tool, *args = words
    full = {"PIP_CONFIG_FILE": "/dev/null", "HOME": "/nowhere", **env}
    call = Call(tool, tuple(args), f"/usr/bin/{tool}", full, cwd, 1000)
    command = read_command(args, full, "/p", FACTS)
    target = Target(PYTHON, marker, "/usr/lib/python3/dist-packages/pip", FACTS)
    return refusal(Flow(call, command, target, None, None, decision, Plan("refuse", (), {})))


def test_a_refusal_by_policy(marker: Marker) -> None:
    assert page(marker, Decision("refuse", "ask Bo", True, REFUSED), "pip", "-q", "install", "torch>=2", "a b") == [
        "refused: ask Bo",
        'by [[rule]] packages = ["torch*"] (/p/pipshunt.toml line 3), for torch',
        "",
        f"Debian says in {marker.path}:",
        "    Use apt.",
        "",
        "    Or a venv,",
        "    like this.",
        "",
        "as a package of Debian, if it has it: apt install python3-torch",
        "next: pipshunt explain -- pip -q install 'torch>=2' 'a b'",
    ]


def test_where_the_policy_has_no_word_of_its_own_an_environment_is_proposed(marker: Marker) -> None:
    silent = Decision("refuse", "the policy refuses it", True, REFUSED._replace(message=""))
    assert page(marker, silent, "pip", "-q", "install", "torch>=2", "a b")[-1] == (
        "next: python3 -m venv --without-pip .venv && pip -q --python .venv/bin/python install 'torch>=2' 'a b'"
    )


def test_the_package_that_the_rule_is_about_is_looked_for_in_apt(marker: Marker) -> None:
    decision = Decision("refuse", "ask Bo", True, REFUSED)
    for words in (("install", "flask", "torch"), ("install", "-r", "requirements.txt")):
        assert "as a package of Debian, if it has it: apt install python3-torch" in page(
            marker, decision, "pip", *words
        )


def test_nothing_is_looked_for_in_apt_to_uninstall_it(marker: Marker) -> None:
    lines = page(marker, Decision("refuse", "no", True, REFUSED), "pip", "uninstall", "torch")
    assert not [line for line in lines if "apt install" in line]


def test_the_new_environment_is_not_one_that_is_there_already(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    silent = Decision("refuse", "no", True, REFUSED._replace(message=""))
    lines = page(None, silent, "pip", "install", "x", cwd=str(tmp_path))
    assert lines[-1] == "next: python3 -m venv --without-pip venv && pip --python venv/bin/python install x"


def test_a_refusal_for_want_of_an_environment(marker: Marker) -> None:
    decision = Decision("refuse", TRACK.problem, True, Verdict("venv", "default", None, "", "", ()), TRACK)
    assert page(marker, decision, "pip", "install", "-i", "https://u:p@h/", "flask", LC_ALL="C") == [
        "refused: /p/.venv is not a folder",
        "",
        f"Debian says in {marker.path}:",
        "    Use apt.",
        "",
        "    Or a venv,",
        "    like this.",
        "",
        "as a package of Debian, if it has it: apt install python3-flask",
        "next: mv /p/.venv /p/.venv.old && pip install -i 'https://****@h/' flask",
    ]


def test_without_a_marker_or_names_there_is_less_to_say(marker: Marker) -> None:
    decision = Decision("refuse", "no", True, REFUSED._replace(rule="default", place=None, message="", package=""))
    assert page(None, decision, "pip", "install") == [
        "refused: no",
        "by default (built in)",
        "next: python3 -m venv --without-pip .venv && pip --python .venv/bin/python install",
    ]
    assert "apt install" not in "\n".join(page(marker, decision, "pip", "install", "-r", "r.txt"))
    assert "None" not in "\n".join(page(marker._replace(package=""), decision, "pip", "install", "x"))


@pytest.mark.parametrize(
    ("track", "command"),
    [
        (TRACK._replace(remedy="PIPSHUNT_TRACK=user"), "PIPSHUNT_TRACK=user pip install x"),
        (TRACK._replace(remedy="sudo"), "sudo pip install x"),
        (TRACK._replace(remedy="cd"), "cd && pip install x"),
        (TRACK._replace(remedy=""), "PIPSHUNT_TRACK=user pip install x"),
        (TRACK._replace(kind="user", remedy=""), "HOME=/a/folder/of/yours pip install x"),
    ],
)
def test_the_next_command(marker: Marker, track: Track, command: str) -> None:
    assert page(marker, Decision("refuse", "no", True, None, track), "pip", "install", "x")[-1] == f"next: {command}"


def test_a_slip_in_the_tracks_name_is_answered_in_two_lines(marker: Marker) -> None:
    said = "PIPSHUNT_TRACK=usr names no track; there are project, user, machine"
    track = TRACK._replace(kind="usr", problem=said, remedy="PIPSHUNT_TRACK=user")
    assert page(marker, Decision("refuse", said, True, None, track), "pip", "install", "x") == [
        f"refused: {said}",
        "next: PIPSHUNT_TRACK=user pip install x",
    ]


@pytest.mark.parametrize(
    ("asked", "package"),
    [
        ("pyyaml", "yaml"),
        ("PyYAML>=6", "yaml"),
        ("python3-yaml", "yaml"),
        ("python-dateutil", "dateutil"),
        ("six", "six"),
    ],
)
def test_the_package_is_offered_under_the_name_that_the_os_has_for_it(marker: Marker, asked: str, package: str) -> None:
    lines = page(marker, Decision("refuse", "no", True, None, TRACK), "pip", "install", asked)
    assert f"as a package of Debian, if it has it: apt install python3-{package}" in lines


def test_for_an_uninstall_the_next_command_explains(marker: Marker) -> None:
    assert page(marker, Decision("refuse", "no", True, None, TRACK), "pip", "uninstall", "x")[-1] == (
        "next: pipshunt explain -- pip uninstall x"
    )
