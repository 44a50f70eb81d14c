"""What people see: one screen of plain text, and one JSON object."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from machine import PROJECT, USER

from doctor.doctor_tree import Tree
from pipshunt import __version__
from pipshunt.doctor.diagnosis import notice, problem
from pipshunt.doctor.doctor_page import as_object, page
from pipshunt.doctor.examination import Report, examine
from pipshunt.doctor.shells import View

WELL = f"""\
pipshunt doctor: all is well

who sees           pip               python3               uv
this shell, sh -c  shim /usr/bin/pip shim /usr/bin/python3 -
interactive bash   shim /usr/bin/pip shim /usr/bin/python3 -
login bash         shim /usr/bin/pip shim /usr/bin/python3 -

set up   ~/.local/share/pipshunt: version {__version__}, run by /usr/bin/python3.13
markers  Debian's Python 3.13
here     project ~/shop (pyproject.toml); no environment is followed
policies none, so the default holds: venv
log      ~/.local/state/pipshunt/audit.jsonl: nothing was rewritten or refused
         yet
uv       none: pip installs by itself, which takes longer (uv is optional)
hash -r  makes a running shell forget where it found pip before the shims were
         there
"""
ILL = f"""\
pipshunt doctor: 3 problems, 2 notices

problem  ~/.profile line 1 sets PIP_BREAK_SYSTEM_PACKAGES: installs go straight
         into the system's Python, which pipshunt lets pass
         $ ${{EDITOR:-vi}} +1 ~/.profile
problem  somebody removed /usr/lib/python3.13/EXTERNALLY-MANAGED: pip installs
         into the system's Python 3.13 unhindered, and so unshunted
         $ sudo apt install --reinstall libpython3.13-stdlib
problem  login bash: ~/.local/share/pipshunt/bin is not on PATH, so pip leads
         around pipshunt; in a checkout of pipshunt, this tells the shells
         $ ./install.sh
notice   cron: ~/.local/share/pipshunt/bin is not on PATH, so a job's pip leads
         around pipshunt
         $ (echo PATH=/home/ana/.local/share/pipshunt/bin:/usr/bin:/bin; crontab -l) | crontab -
notice   interactive bash ended with status 0 and no answer: its rc files end
         it, or send elsewhere what it prints
         $ /bin/bash -i -x -c :

who sees           pip               python3               uv
this shell, sh -c  shim /usr/bin/pip shim /usr/bin/python3 -
interactive bash   (ended with status 0)
login bash         /usr/bin/pip      /usr/bin/python3      -
cron               /usr/bin/pip      /usr/bin/python3      -

set up   ~/.local/share/pipshunt: version {__version__}, run by /usr/bin/python3.13
markers  none in Python 3.12 (pip installs there by itself)
here     project ~/shop (pyproject.toml); no environment is followed
policies none, so the default holds: venv
log      ~/.local/state/pipshunt/audit.jsonl, 14 bytes
uv       none: pip installs by itself, which takes longer (uv is optional)
hash -r  makes a running shell forget where it found pip before the shims were
         there
"""


def lay_shell(tree: Tree, interactive: str, login: str) -> None:
    """A shell called bash whose rc files do *interactive* or *login*: real ones would read this machine's as well."""
    tree.write(
        "bin/bash",
        f'#!/bin/sh\nPATH={tree.path()}\ncase $1 in -i) {interactive} ;; *) {login} ;; esac\nshift\nexec /bin/sh "$@"\n',
        0o755,
    )


def show(tree: Tree) -> str:
    """The page as it is for a machine whose root is /: columns are as wide as that has them."""
    world = tree.world()._replace(shell=f"{tree.root}/bin/bash")
    report = examine(world)
    return "\n".join(page(report, world)).replace(str(tree.root), "") + "\n"


@pytest.fixture
def short(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """The machine, whose root folder is not shown: lines are folded as they are for one that lies at /."""
    from pipshunt.doctor import doctor_page

    root = str(tree.root)
    wrapped, shown = doctor_page._wrapped, doctor_page.shown_cell
    monkeypatch.setattr(doctor_page, "_wrapped", lambda name, text: wrapped(name, text.replace(root, "")))
    monkeypatch.setattr(doctor_page, "shown_cell", lambda found, world: shown(found, world).replace(root, ""))
    return tree


def test_the_screen_of_a_machine_that_is_well(short: Tree) -> None:
    short.install()
    ahead = f"PATH={short.bin}:$PATH"
    lay_shell(short, ahead, ahead)
    assert show(short) == WELL


def test_the_screen_of_one_that_is_not(short: Tree) -> None:
    short.install()
    lay_shell(short, "exit", ":")
    short.write("home/ana/.profile", "export PIP_BREAK_SYSTEM_PACKAGES=1\n")
    short.write("home/ana/.local/state/pipshunt/audit.jsonl", '{"schema": 1}\n', 0o600)
    short.write("usr/sbin/cron")
    short.marker.unlink()
    short.write("var/lib/dpkg/info/libpython3.13-stdlib:amd64.list", "/usr/lib/python3.13/EXTERNALLY-MANAGED\n")
    short.write("usr/local/lib/python3.12/os.py")
    short.give()
    screen = show(short)
    assert screen == ILL
    assert 24 <= len(screen.splitlines()) <= 40


def test_notices_that_do_not_fit_on_the_screen_are_counted(tree: Tree) -> None:
    many = tuple(notice("odd", f"It is odd, number {number}.", "mend it") for number in range(30))
    lines = page(Report((View("here", "here", "", {}),), many), tree.world())
    assert len(lines) <= 40
    assert lines[0] == "pipshunt doctor: 30 notices"
    assert "         14 more notices: pipshunt doctor --json" in lines


def test_a_path_that_is_too_long_loses_its_middle(tree: Tree) -> None:
    folder = tree.write(f"{'long/' * 9}pip", "", 0o755).parent
    tree.write(f"{folder.relative_to(tree.root)}/uv", "", 0o755)
    lines = page(Report((View("here", "here", f"{folder}:{tree.root}/usr/bin", {}),), ()), tree.world())
    (row,) = [line for line in lines if line.startswith("here ")]
    assert max(map(len, lines)) <= 80
    assert row.split()[1].endswith("/pip")
    assert "…" in row.split()[1]
    assert row.split()[3].endswith("/uv")


def test_every_problem_is_shown_however_many(tree: Tree) -> None:
    many = tuple(problem("bad", f"It is bad, number {number}.", "mend it") for number in range(30))
    lines = page(Report((View("here", "here", "", {}),), (*many, notice("odd", "It is odd."))), tree.world())
    assert sum(line.startswith("problem  It is bad") for line in lines) == 30
    assert "         1 more notice: pipshunt doctor --json" in lines


def test_control_characters_of_a_name_do_not_reach_the_terminal(tree: Tree) -> None:
    found = problem("bad", "a\x1b[31mb is bad.", "rm a\x1b[31mb")
    lines = page(Report((View("here", "he\x07re", "", {}),), (found,)), tree.world())
    assert not [line for line in lines if not line.isprintable()]
    assert "problem  a\\x1b[31mb is bad." in lines


def test_the_object_has_everything_whole(tree: Tree) -> None:
    tree.install()
    world = tree.world({"PIP_USER": "1"})
    told = json.loads(json.dumps(as_object(examine(world), world)))
    assert list(told) == ["schema", "version", "summary", "status", "findings", "views"]
    assert (told["schema"], told["version"], told["summary"], told["status"]) == (1, __version__, "1 notice", 0)
    assert told["findings"][0] == {
        "level": "notice",
        "code": "setting-variable",
        "sentence": "PIP_USER is set: pip installs into ~/.local wherever it is not shunted",
        "fix": "unset PIP_USER",
    }
    assert told["views"][0] == {
        "kind": "here",
        "label": "this shell, sh -c",
        "path": tree.path(tree.bin),
        "note": "",
        "hook": False,
        "tools": {
            name: {"path": f"{tree.bin}/{name}", "shim": True, "behind": f"{tree.root}/usr/bin/{name}", "alias": None}
            if name in ("pip", "pip3", "python3")
            else {"path": "", "shim": False, "behind": "", "alias": None}
            for name in ("pip", "pip3", "python", "python3", "uv")
        },
    }


def command(tree: Tree, *words: str) -> list[str]:
    code = (
        f"import os, sys; sys.path.insert(0, {str(PROJECT / 'src')!r}); os.geteuid = lambda: {USER}\n"
        "from pipshunt.cli import main; sys.exit(main())"
    )
    return [sys.executable, "-I", "-c", code, "doctor", "--wait", "20", *words]


def run(tree: Tree, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    world = tree.world({"SHELL": "/bin/bash", **env})
    return subprocess.run(
        command(tree, *words), cwd=tree.project, env=world.env, capture_output=True, text=True, check=False
    )


def test_the_command_says_it_all_and_its_status_tells_problems(tree: Tree) -> None:
    done = run(tree)
    assert done.returncode == 1, done
    assert done.stdout.startswith("pipshunt doctor: ")
    assert "pipshunt is not set up for you" in done.stdout
    assert done.stderr == ""
    assert json.loads(run(tree, "--json").stdout)["schema"] == 1


@pytest.mark.parametrize(("changes", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour_unless_it_wants_none(tree: Tree, changes: dict[str, str], coloured: bool) -> None:
    world = tree.world({"TERM": "xterm-256color", "COLUMNS": "80", **changes})
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(tree), cwd=tree.project, env=world.env, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # all who could write have gone
                break
            if not chunk:
                break
            said += chunk
        os.close(ours)
        assert process.wait() == 1
    assert (b"\x1b[" in said) is coloured
    plain = re.sub(rb"\x1b\[[\d;]*m", b"", said).replace(b"\r\n", b"\n").decode()
    assert plain.startswith("pipshunt doctor: ")
    assert "\nproblem  pipshunt is not set up for you" in plain


def test_a_closed_or_full_stdout_ends_in_no_traceback(tree: Tree, tmp_path: Path) -> None:
    for line, said in (('exec "$@" >&-', ""), ('exec "$@" >/dev/full', "pipshunt: stdout: No space left on device\n")):
        argv = ["sh", "-c", line, "sh", *command(tree)]
        env = {**tree.world().env, "PATH": "/usr/bin:/bin"}
        assert subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, check=False).stderr == said


def test_a_reader_that_has_enough_is_no_error(tree: Tree) -> None:
    argv = ["sh", "-c", '"$@" | head -c 10', "sh", *command(tree)]
    env = {**tree.world().env, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(argv, env=env, cwd="/", capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("pipshunt d", "")
