"""The people's commands, called as people call them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from machine import PROJECT, USER

from pipshunt import __version__

SOURCE = str(PROJECT / "src")


class User:
    """Someone with a home of their own; root's things would be the machine's."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.state = root / ".local/state/pipshunt"
        self.env = {"HOME": str(root), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "200"}

    def run(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        code = (
            f"import os, sys; sys.path.insert(0, {SOURCE!r}); os.geteuid = lambda: {USER}\n"
            "from pipshunt.cli import main; sys.exit(main())"
        )
        argv = [sys.executable, "-I", "-c", code, *words]
        return subprocess.run(
            argv, cwd=self.root, env=self.env, input=stdin, capture_output=True, text=True, check=False
        )


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path)


def test_its_version(user: User) -> None:
    assert user.run("--version").stdout == f"pipshunt {__version__}\n"


@pytest.mark.parametrize("words", [(), ("nonsense",), ("policy",), ("log", "-n", "x"), ("explain",)], ids=" ".join)
def test_a_wrong_call_is_a_usage_error(user: User, words: tuple[str, ...]) -> None:
    done = user.run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [("--help",), ("explain", "--help"), ("log", "-h"), ("policy", "init", "-h")], ids=" ".join
)
def test_help_names_what_there_is(user: User, words: tuple[str, ...]) -> None:
    done = user.run(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: pipshunt")


def test_the_log(user: User) -> None:
    assert (
        user.run("log").stderr
        == f"pipshunt: nothing was rewritten or refused yet ({user.state}/audit.jsonl does not exist)\n"
    )
    user.state.mkdir(parents=True)
    lines = [
        json.dumps({"time": f"2026-01-01T00:00:0{n}Z", "decision": "venv", "before": ["pip", str(n)]}) for n in range(3)
    ]
    (user.state / "audit.jsonl").write_text("\n".join(lines) + "\n")
    assert user.run("log", "--json", "-n", "2").stdout.splitlines() == lines[1:]
    assert [line.split() for line in user.run("log", "-n", "1").stdout.splitlines()] == [
        ["time", "decision", "command", "into", "status", "installed"],
        ["2026-01-01", "00:00:02", "venv", "pip", "2", "-"],
    ]


def test_a_reader_that_has_enough_is_no_error(user: User) -> None:
    user.state.mkdir(parents=True)
    (user.state / "audit.jsonl").write_text(json.dumps({"text": "x" * 1000}) + "\n" * 2000)
    code = (
        f"import os, sys; sys.path.insert(0, {SOURCE!r}); os.geteuid = lambda: {USER}\n"
        "from pipshunt.cli import main; sys.exit(main())"
    )
    line = '"$@" | head -c 10'
    argv = ["sh", "-c", line, "sh", sys.executable, "-I", "-c", code, "log", "--json"]
    done = subprocess.run(argv, env=user.env, capture_output=True, text=True, check=False)
    assert (len(done.stdout), done.stderr) == (10, "")


@pytest.mark.parametrize(
    ("line", "status", "printed"),
    [
        pytest.param("policy check >&-", 0, "", id="no stdout"),
        pytest.param("explain pip list >&-", 0, "", id="no stdout, written as bytes"),
        pytest.param("explain --batch <&-", 0, "", id="no stdin"),
        pytest.param("nonsense 2>&-", 2, "", id="no stderr"),
        pytest.param("explain pip list >/dev/full", 1, "pipshunt: stdout: No space left on device\n", id="full stdout"),
        pytest.param("policy check >/dev/full", 1, "pipshunt: stdout: No space left on device\n", id="full at the end"),
        pytest.param("--help >/dev/full", 1, "pipshunt: stdout: No space left on device\n", id="full for help"),
        pytest.param(
            "--version >/dev/full", 1, "pipshunt: stdout: No space left on device\n", id="full for the version"
        ),
        pytest.param("doctor -h >/dev/full", 1, "pipshunt: stdout: No space left on device\n", id="full for its help"),
        pytest.param("--help >&-", 0, "", id="no stdout for help"),
        pytest.param("--help | :", 0, "", id="nobody reads the help"),
        pytest.param("nonsense 2>/dev/full", 1, "", id="full stderr"),
        pytest.param("2>/dev/full", 1, "", id="full stderr for the usage"),
        pytest.param(
            "uninstall --dry-run >/dev/full", 1, "pipshunt: stdout: No space left on device\n", id="full for a dry run"
        ),
        pytest.param("uninstall --dry-run --json >&-", 0, "", id="no stdout for a dry run"),
    ],
)
def test_a_closed_or_full_descriptor_ends_in_no_traceback(user: User, line: str, status: int, printed: str) -> None:
    code = (
        f"import os, sys; sys.path.insert(0, {SOURCE!r}); os.geteuid = lambda: {USER}\n"
        "from pipshunt.cli import main; sys.exit(main())"
    )
    argv = ["sh", "-c", f'"$@" {line}', "sh", sys.executable, "-I", "-c", code]
    done = subprocess.run(argv, env=user.env, cwd=user.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (status, printed)


def test_a_full_disk_is_not_taken_for_a_full_stdout(user: User) -> None:
    """As a write elsewhere fails: its OSError has no filename."""
    code = (
        f"import os, sys; sys.path.insert(0, {SOURCE!r}); os.geteuid = lambda: {USER}\n"
        "import pipshunt.cli as cli\n"
        "def fail(*_):\n    print('half')\n    os.write(os.open('/dev/full', os.O_WRONLY), b'x')\n"
        "cli._log = fail\nsys.exit(cli.main(['log']))"
    )
    argv = [sys.executable, "-I", "-c", code]
    done = subprocess.run(argv, env=user.env, cwd=user.root, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "half\n", "pipshunt: No space left on device\n")


def test_ctrl_c_is_heeded_from_the_command_on(user: User) -> None:
    code = (
        f"import os, signal, sys; sys.path.insert(0, {SOURCE!r})\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "import pipshunt.cli as cli\n"
        "cli._log = lambda _: os.kill(os.getpid(), signal.SIGINT)\nsys.exit(cli.main(['log']))"
    )
    argv = [sys.executable, "-I", "-c", code]
    done = subprocess.run(argv, env=user.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_ctrl_c_that_comes_within_a_callback_is_not_lost(user: User) -> None:
    code = (
        f"import os, signal, sys, time, weakref; sys.path.insert(0, {SOURCE!r})\nimport pipshunt.cli as cli\n"
        "def drop(_):\n    class Lost:\n        pass\n    lost = Lost()\n"
        "    kept = weakref.ref(lost, lambda _: os.kill(os.getpid(), signal.SIGINT))\n    del lost\n    time.sleep(20)\n"
        "cli._log = drop\nsys.exit(cli.main(['log']))"
    )
    argv = [sys.executable, "-I", "-c", code]
    done = subprocess.run(argv, env=user.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_policy_is_started_and_checked(user: User) -> None:
    first = user.run("policy", "init", "--user")
    assert first.returncode == 0, first
    file = user.root / ".config/pipshunt/policy.toml"
    assert file.exists()
    checked = user.run("policy", "check", str(file))
    assert checked.returncode == 0, checked
    file.write_text('acton = "venv"\n')
    wrong = user.run("policy", "check")
    assert wrong.returncode == 1
    assert f"{file} line 1" in wrong.stdout + wrong.stderr


def test_a_file_that_cannot_be_written_is_one_line(user: User) -> None:
    (user.root / ".config").write_text("mine")
    done = user.run("policy", "init", "--user")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("pipshunt: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_call_is_explained_without_dashes_too(user: User) -> None:
    one, other = (
        user.run("explain", "--json", "pip", "install", "-q", "x"),
        user.run("explain", "--json", "--", "pip", "install", "-q", "x"),
    )
    assert one.returncode == 0, one
    assert one.stdout == other.stdout
    assert json.loads(one.stdout)["command"]["argv"] == ["pip", "install", "-q", "x"]


def test_it_is_the_console_script_of_the_project() -> None:
    text = (PROJECT / "pyproject.toml").read_text()
    assert 'pipshunt = "pipshunt.cli:main"' in text
    assert os.access(PROJECT / "src/pipshunt/cli.py", os.R_OK)
