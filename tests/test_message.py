"""What people are told, word for word."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from pipshunt.command import PipFacts
from pipshunt.decision import Decision
from pipshunt.interpreter import Interpreter
from pipshunt.marker import Marker
from pipshunt.message import activation, advise, announce, shorten, tell_scripts
from pipshunt.plan import Plan
from pipshunt.policy import Place, Verdict
from pipshunt.scripts import Ways
from pipshunt.target import Target
from pipshunt.track import Track

TARGET = Target(
    Interpreter(
        "/usr/bin/python3", "/usr/bin/python3.11", (3, 11), "/usr", "/usr/lib/python3.11", in_environment=False
    ),
    Marker("/usr/lib/python3.11/EXTERNALLY-MANAGED", "Debian", "apt install python3-{}"),
    "/usr/lib/python3/dist-packages/pip",
    PipFacts((23, 0, 1), "/usr", in_environment=False),
)
PROJECT = Track("project", "/home/ana/shop", "/home/ana/shop/.venv", True, False, "", "")
RULE = Verdict("override", 'action = "override"', Place("/etc/pipshunt/policy.toml", 3), "", "", ())
RUN = Plan("run", ("x",), {})


@pytest.mark.parametrize(
    ("decision", "plan", "cwd", "line"),
    [
        pytest.param(
            Decision("venv", "", True, track=PROJECT),
            RUN._replace(create="/home/ana/shop/.venv"),
            "/home/ana/shop",
            "Debian manages /usr/bin/python3 (/usr/lib/python3.11/EXTERNALLY-MANAGED), so this goes to the new environment .venv",
            id="new environment",
        ),
        pytest.param(
            Decision("venv", "", True, track=PROJECT),
            RUN,
            "/home/ana/shop/src",
            "Debian manages /usr/bin/python3 (/usr/lib/python3.11/EXTERNALLY-MANAGED), so this goes to /home/ana/shop/.venv",
            id="from below",
        ),
        pytest.param(
            Decision("override", "", True, RULE),
            RUN,
            "/",
            'Debian manages /usr/bin/python3 (/usr/lib/python3.11/EXTERNALLY-MANAGED); action = "override" '
            "(/etc/pipshunt/policy.toml line 3) adds --break-system-packages",
            id="override",
        ),
        pytest.param(
            Decision("uv-system", "", True, RULE._replace(place=None)),
            RUN,
            "/",
            "Debian manages /usr/bin/python3 (/usr/lib/python3.11/EXTERNALLY-MANAGED); the policy has uv install into it",
            id="uv",
        ),
    ],
)
def test_the_line_before(decision: Decision, plan: Plan, cwd: str, line: str) -> None:
    assert announce(decision, plan, TARGET, cwd) == line


@pytest.mark.parametrize(
    ("track", "cwd", "shell", "line"),
    [
        pytest.param(
            PROJECT,
            "/home/ana/shop",
            "bash",
            "python3 in /home/ana/shop uses it from now on; to activate it in this shell: . .venv/bin/activate",
            id="project, bash",
        ),
        pytest.param(
            PROJECT,
            "/home/ana",
            "fish",
            "python3 in shop uses it from now on; to activate it in this shell: source shop/.venv/bin/activate.fish",
            id="project from above, fish",
        ),
        pytest.param(
            Track("user", "/", "/home/ana/.local/share/pipshunt/envs/python3.11", True, True, "", ""),
            "/tmp",
            "zsh",
            "python3 outside of projects uses it from now on; to activate it in this shell: "
            ". /home/ana/.local/share/pipshunt/envs/python3.11/bin/activate",
            id="user",
        ),
        pytest.param(
            Track("machine", "/", "/opt/venv", True, True, "", ""),
            "/",
            "tcsh",
            "python3 on this machine uses it from now on; to activate it in this shell: source /opt/venv/bin/activate.csh",
            id="machine",
        ),
    ],
)
def test_the_line_after(track: Track, cwd: str, shell: str, line: str) -> None:
    assert advise(Decision("venv", "", True, track=track), cwd, shell) == line


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["flask"], "flask runs by its name"),
        (["http", "https"], "http and https run by their names"),
        (["http", "httpie", "https"], "http, httpie and https run by their names"),
        (["black", "blackd", "http", "httpie"], "black, blackd and 2 more run by their names"),
    ],
    ids=len,
)
def test_scripts_that_run_by_their_names_are_in_the_line_after(names: list[str], said: str) -> None:
    decision = Decision("venv", "", True, track=PROJECT)
    after = "to activate it in this shell: . .venv/bin/activate"
    line = f"python3 in /home/ana/shop uses it from now on, and {said}; {after}"
    assert advise(decision, "/home/ana/shop", "bash", names) == line
    line = f"{said}; to use all of it, activate it: . .venv/bin/activate"
    assert advise(decision, "/home/ana/shop", "bash", names, is_python3=False) == line


def test_scripts_that_do_not_run_by_their_names_have_lines_of_their_own() -> None:
    ways = Ways("/home/ana/shop/.venv", ("flask",), (("black", "/usr/bin/black"),), ("http", "https"), "/home/ana/a b")
    assert tell_scripts(ways, "/home/ana/shop", "bash") == [
        "black still is /usr/bin/black; the one that was installed: .venv/bin/black",
        "http and https are in /home/ana/a b, which is not on PATH: export PATH='/home/ana/a b':\"$PATH\"",
    ]
    ways = Ways("/home/ana/shop/.venv", ("flask",), (), ("http",), "/home/ana/bin")
    line = "http is in /home/ana/bin, which is not on PATH: set -gx PATH '/home/ana/bin' $PATH"
    assert tell_scripts(ways, "/", "fish") == [line]
    assert tell_scripts(ways._replace(unreached=()), "/", "fish") == []


def test_where_python3_is_another_interpreter_nothing_is_promised_of_it() -> None:
    decision = Decision("venv", "", True, track=PROJECT)
    line = "to use it, activate it: . .venv/bin/activate"
    assert advise(decision, "/home/ana/shop", "bash", is_python3=False) == line


def test_a_shell_with_the_hook_enters_a_project_s_environment_and_no_other() -> None:
    decision = Decision("venv", "", True, track=PROJECT)
    line = "python3 in /home/ana/shop uses it from now on, and flask runs by its name; this shell enters it now"
    for is_python3 in (True, False):  # once it is entered, python3 is its own
        assert advise(decision, "/home/ana/shop", "bash", ["flask"], is_python3=is_python3, is_hooked=True) == line
    users = Decision("venv", "", True, track=PROJECT._replace(kind="user", folder="/"))
    assert advise(users, "/", "bash", is_hooked=True).endswith(
        "to activate it in this shell: . /home/ana/shop/.venv/bin/activate"
    )


def test_what_root_follows_in_a_project_root_alone_does() -> None:
    track = Track("project", "/srv/shop", "/srv/shop/.venv", True, False, "", "")
    line = "python3 in /srv/shop uses it from now on, for root alone; to activate it in this shell: . /srv/shop/.venv/bin/activate"
    assert advise(Decision("venv", "", True, track=track), "/", "bash", is_root=True) == line


def test_without_a_marker_it_is_the_reason_that_is_said() -> None:
    unmarked = TARGET._replace(marker=None)
    decision = Decision("venv", "uv finds no environment here", True, track=PROJECT)
    line = "uv finds no environment here, so this goes to .venv"
    assert announce(decision, RUN, unmarked, "/home/ana/shop") == line


def test_no_line_after_without_a_track() -> None:
    assert advise(Decision("override", "", True), "/", "sh") == ""


@pytest.mark.parametrize(
    "name", [".venv", "env", "with space", "quo'te", "per%cent", "dollar$x", "-dash", "ünïcode", "star*", "activate"]
)
@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish"])
def test_the_activation_command_works_when_it_is_copied(tmp_path: Path, name: str, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / name / "bin" / ("activate.fish" if shell == "fish" else "activate")
    script.parent.mkdir(parents=True)
    script.write_text("echo activated\n")
    command = activation(str(tmp_path / name), str(tmp_path), shell)
    options = ["--no-config"] if shell == "fish" else []
    done = subprocess.run(
        [program, *options, "-c", command],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("activated\n", ""), command


def test_activation_for_powershell_and_for_an_unknown_shell() -> None:
    assert activation("/p/.venv", "/p", "pwsh") == "& .venv/bin/Activate.ps1"
    assert activation("/p/.venv", "/p", "") == ". .venv/bin/activate"
    assert shlex.split(activation("/p q/.venv", "/", "")) == [".", "/p q/.venv/bin/activate"]


@pytest.mark.parametrize(
    ("path", "cwd", "short"),
    [("/a/b", "/a", "b"), ("/a/b", "/", "/a/b"), ("/a/b", "/a/b", "/a/b"), ("/ab", "/a", "/ab"), ("/a/b", "", "/a/b")],
)
def test_paths_are_shown_from_the_working_directory(path: str, cwd: str, short: str) -> None:
    assert shorten(path, cwd) == short
