"""Real shells are asked what they see, without a terminal and not for long."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from doctor.doctor_tree import Tree
from pipshunt.doctor.diagnosis import World
from pipshunt.doctor.shells import View, ask_shells, hear_answers, question_for, read_answer, session_environment

RC = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish", "mksh": ".mkshrc"}


def running(group: int) -> list[int]:
    """The processes of a group that are more than a record of one that has ended."""
    found: list[int] = []
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return found
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def eventually(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def ask(world: World, shell: str, seconds: float = 20.0) -> dict[str, View]:
    path = shutil.which(shell)
    if not path:
        pytest.skip(f"no {shell} here")
    asked = ask_shells(world._replace(shell=path))
    return {view.kind: view for view in hear_answers(asked, time.monotonic() + seconds)}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "mksh", "dash"])
def test_a_shell_says_its_path_after_whatever_its_rc_file_prints(tree: Tree, shell: str) -> None:
    words = "echo welcome; set -gx PATH /ana/bin $PATH" if shell == "fish" else "echo welcome; PATH=/ana/bin:$PATH"
    tree.write(f"home/ana/{RC.get(shell, '.profile')}", f"{words}\n")
    views = ask(tree.world(), shell)
    kind = "interactive" if shell in RC else "login"
    assert views[kind].label == f"{kind} {shell}"
    assert (views[kind].path or "").startswith("/ana/bin:"), views


@pytest.mark.parametrize(
    ("shell", "rc", "words"),
    [
        pytest.param("bash", "alias pip='/opt/pip  x'\nuv() { :; }\n", {"pip": "/opt/pip  x", "uv": ""}, id="bash"),
        pytest.param("zsh", "alias pip='/opt/pip  x'\nuv() { :; }\n", {"pip": "/opt/pip  x", "uv": ""}, id="zsh"),
        pytest.param("mksh", "alias pip='/opt/pip  x'\nuv() { :; }\n", {"pip": "/opt/pip  x", "uv": ""}, id="mksh"),
        pytest.param(
            "fish", "alias pip '/opt/pip'\nfunction uv; end\n", {"pip": "", "uv": ""}, id="fish has functions alone"
        ),
    ],
)
def test_aliases_and_functions_are_told(tree: Tree, shell: str, rc: str, words: dict[str, str]) -> None:
    tree.write(f"home/ana/{RC[shell]}", rc)
    assert ask(tree.world(), shell)["interactive"].words == words


def test_bash_as_a_login_shell_is_asked_beside_another_shell(tree: Tree) -> None:
    tree.write("home/ana/.profile", "PATH=/ana/bin:$PATH\n")
    views = ask(tree.world(), "zsh")
    assert list(views) == ["interactive", "login", "bash"]
    assert views["bash"].label == "bash -lc"
    assert (views["bash"].path or "").startswith("/ana/bin:")


@pytest.mark.parametrize(
    "rc",
    [
        pytest.param("sleep 60\n", id="slow"),
        pytest.param("trap '' HUP; sleep 60 & wait\n", id="slow, and deaf to the end of its terminal"),
        pytest.param("exit 3\n", id="ends at once"),
        pytest.param("exec >/dev/null\n", id="says nothing"),
        pytest.param("while :; do echo x; done\n", id="prints without end"),
        pytest.param("cat\n", id="reads its input, and goes on"),
    ],
)
def test_a_shell_that_does_not_answer_is_cut_off(tree: Tree, rc: str) -> None:
    tree.write("home/ana/.bashrc", f"echo $$ >~/pid\n{rc}")
    started = time.monotonic()
    view = ask(tree.world(), "bash", 1.0)["interactive"]
    assert time.monotonic() - started < 3
    pid = int((tree.home / "pid").read_text())
    if rc == "cat\n":
        assert view.path is not None
        return
    status = {"exit 3\n": 3, "exec >/dev/null\n": 0}.get(rc)
    note = "(did not answer)" if status is None else f"(ended with status {status})"
    assert view == View("interactive", "interactive bash", None, {}, note, status)
    assert eventually(lambda: not running(pid)), "nor what it has started"


@pytest.mark.parametrize(
    ("rc", "status"),
    [
        pytest.param("set -e; false\n", 1, id="ends at a command that fails"),
        pytest.param("kill -9 $$\n", 137, id="is killed"),
        pytest.param("sleep 60 & exit 4\n", 4, id="leaves a job that could answer"),
    ],
)
def test_a_shell_that_ends_before_it_answers_is_told_with_its_status(tree: Tree, rc: str, status: int) -> None:
    tree.write("home/ana/.bashrc", rc)
    assert ask(tree.world(), "bash", 1.0)["interactive"].status == status


def test_a_shell_has_no_terminal_and_starts_at_home(tree: Tree) -> None:
    said = "read -r a b c d e session rest </proc/$$/stat\n{ pwd; tty; echo $session; echo $$; } >~/said 2>&1\n"
    tree.write("home/ana/.bashrc", said)
    ask(tree.world(), "bash")
    where, terminal, session, pid = (tree.home / "said").read_text().split("\n")[:4]
    assert (where, terminal, session) == (str(tree.home), "not a tty", pid)


def test_nothing_of_the_working_directory_is_run(tree: Tree) -> None:
    tree.write("home/ana/.bashrc", "PATH=.:$PATH; git status\n")
    tree.write("home/ana/shop/git", "#!/bin/sh\ntouch ~/run\n", 0o755)
    ask(tree.world(cwd=tree.project), "bash")
    assert not (tree.home / "run").exists()


def test_a_shell_gets_a_logins_environment_and_the_sessions(tree: Tree) -> None:
    tree.write("etc/login.defs", "ENV_PATH PATH=/a:/b\n")
    world = tree.world(
        {
            "LANG": "C.UTF-8",
            "LC_TIME": "C",
            "SSH_AUTH_SOCK": "/s",
            "PIP_USER": "1",
            "VIRTUAL_ENV": "/v",
            "BASH_ENV": "x",
        }
    )
    env = session_environment(world._replace(shell="/bin/zsh"))
    assert {name: env[name] for name in ("HOME", "PATH", "SHELL", "TERM")} == {
        "HOME": str(tree.home), "PATH": "/a:/b", "SHELL": "/bin/zsh", "TERM": "dumb",
    }  # fmt: skip
    assert set(env) == {*("HOME", "USER", "LOGNAME", "SHELL", "TERM", "PATH", "LANG", "LC_TIME", "SSH_AUTH_SOCK")}


def test_without_a_shell_that_can_be_asked_none_is(tree: Tree) -> None:
    assert ask_shells(tree.world()) == []


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("noise\n#:PATH\n/a:/b\n#:pip\n/a/pip\n#:end\n", ("/a:/b", {}), id="a path is no word"),
        pytest.param("\n#:PATH\n/a\n#:pip\nalias pip='pip3'\n#:end\n", ("/a", {"pip": "pip3"}), id="an alias"),
        pytest.param("\n#:PATH\n/a\n#:pip\npip='pip3'\n#:end\n", ("/a", {"pip": "pip3"}), id="ksh's alias"),
        pytest.param("\n#:PATH\n/a\n#:uv\nuv\n#:end\n", ("/a", {"uv": ""}), id="a function"),
        pytest.param("\n#:PATH\n\n#:pip\n#:end\n", ("", {}), id="an empty PATH"),
        pytest.param("\n#:PATH\n/a\nb\n#:end\n", ("/a\nb", {}), id="a PATH of two lines"),
        pytest.param("\n#:PATH\n/a\n#:pip\n", None, id="cut off"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_an_answer_is_read(text: str, answer: tuple[str, dict[str, str]] | None) -> None:
    assert read_answer(text, "#") == answer


@given(noise=st.text(), path=st.text(st.characters(exclude_characters="\0")), after=st.text())
def test_whatever_else_is_printed_path_is_read(noise: str, path: str, after: str) -> None:
    assume("#:" not in noise + path + after)
    answer = read_answer(f"{noise}\n#:PATH\n{path}\n#:pip\n#:end\n{after}", "#")
    assert answer == (path.strip("\n"), {})


def test_a_question_holds_no_word_of_anybody_elses() -> None:
    assert question_for("bash", "#").startswith("printf '\\n%s\\n' '#:PATH' \"$PATH\"; for _ps_name in pip pip3 ")
    assert question_for("fish", "#").startswith("echo; echo #:PATH; string join : -- $PATH; ")


def test_the_files_of_a_shell_that_is_asked_stay_as_they_are(tree: Tree) -> None:
    before = set(tree.home.rglob("*"))
    for shell in ("bash", "dash"):
        ask(tree.world(), shell)
    assert set(tree.home.rglob("*")) == before


def test_a_home_that_is_not_there_is_no_hindrance(tree: Tree, tmp_path: Path) -> None:
    world = tree.world()
    world = world._replace(places=world.places._replace(home=str(tmp_path / "none")))
    assert ask(world, "bash")["interactive"].path == "/usr/local/bin:/usr/bin:/bin"
