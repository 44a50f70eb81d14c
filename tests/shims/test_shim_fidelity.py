"""What passes, passes untouched: argv, environment, working directory, descriptors, process."""

import functools
import os
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from shims.stage import Stage, shell_command

WORDS = {
    "empty": b"",
    "only spaces": b"  ",
    "newline": b"a\nb\n",
    "tab": b"\t",
    "globs": b"* ? [a-z] {a,b}",
    "variables": b"$HOME ${x} $x $(touch x) `touch y`",
    "quotes": b"' \" \\ \\\\ \\n \\c",
    "end of options": b"--",
    "dash": b"-",
    "operators": b"! ( ) ; | & < > #",
    "assignment": b"_ps_name=x",
    "tilde": b"~",
    "not UTF-8": b"\xff\xfe \x80",
    "control characters": b"\x01\x1b[0m\x7f",
}

# Names that a shim might well use for itself, and names that mean something to a shell.
NAMES = frozenset(
    [
        *("name", "guard", "passes", "depth", "careful", "line", "second", "rest", "folder", "real", "verb", "word"),
        *(
            "expect",
            "letters",
            "interpreter",
            "bin",
            "marker",
            "program",
            "base",
            "venv",
            "token",
            "own",
            "was",
            "before",
        ),
        *(
            "had_before",
            "registration",
            "file",
            "library",
            "count",
            "since",
            "back",
            "bounced",
            "now",
            "engine",
            "tool",
        ),
        *(
            "engine_python",
            "engine_boot",
            "machine_state",
            "state",
            "path",
            "dir",
            "i",
            "n",
            "x",
            "arg",
            "args",
            "argv",
        ),
        *("status", "result", "found", "self", "me", "shim", "pid", "home", "root", "version", "python", "pip", "fail"),
        *("PYTHON", "PIP", "REAL", "NAME", "TOOL"),
    ]
)

ENVIRONMENT: dict[Any, str | bytes] = {
    "EMPTY": "",
    "TEXT": "one\ntwo\n",
    "SPACES": "  a  b ",
    "VARIABLES": "$HOME `x` \\n",
    b"BYTES": b"\xff\xfe",
    "IFS": "i p",
    "CDPATH": "/tmp:/usr",
    "ENV": "/nonexistent/env",
    "BASH_ENV": "/nonexistent/env",
    "POSIXLY_CORRECT": "1",
    "LC_CTYPE": "C.UTF-8",
    "LC_ALL": "C",
    "LANG": "C.UTF-8",
    "PS4": "+",
    "OPTIND": "5",
    "OLDPWD": "/usr",
    "SHELLOPTS": "",
    "KSH_VERSION": "x",
    "dotted.name": "1",
    "BASH_FUNC_cd%%": "() {  echo a function of the user; }",
    "BASH_FUNC_echo%%": "() {  printf function; }",
    "PIPSHUNT": "on",
    "PIPSHUNT_TRACK": "user",
}


def plain(stage: Stage, tool: str = "pip") -> str:
    """A script that does nothing but exec the tool: what the shell itself changes, it changes here as well."""
    return str(stage.script(stage.root / "plain" / tool, f'#!/bin/sh\nexec "{stage.bin}/{tool}" "$@"\n'))


@pytest.mark.parametrize("tool", ["pip", "python3"])
@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_every_word_reaches_the_tool_as_it_is(stage: Stage, tool: str, word: bytes) -> None:
    done = stage.call("dash", tool, b"pass", word, b"", word)
    assert done.record.argv == [os.fsencode(stage.bin / tool), b"pass", word, b"", word]


@pytest.mark.parametrize("verb", ["list", "install"])
def test_all_words_at_once_reach_the_tool_under_every_shell(unmarked_stage: Stage, shell: str, verb: str) -> None:
    done = unmarked_stage.call(shell, "pip", verb, *WORDS.values())
    assert done.record.argv == [os.fsencode(unmarked_stage.bin / "pip"), os.fsencode(verb), *WORDS.values()]
    assert list(unmarked_stage.work.iterdir()) == []


def test_all_words_reach_the_engine_behind_what_the_shim_says(stage: Stage, shell: str) -> None:
    done = stage.call(shell, "python3", "-Im", "pip", "install", *WORDS.values())
    shim, real = (os.fsencode(folder / "python3") for folder in (stage.shims, stage.bin))
    head = [os.fsencode(stage.engine), b"-I", b"-S", os.fsencode(stage.boot), b"", shim, real]
    assert done.record.argv == [*head, b"-Im", b"pip", b"install", *WORDS.values()]


@pytest.mark.parametrize("value", ["", "C", "C.UTF-8"])
def test_the_engine_is_told_what_the_locale_was(stage: Stage, shell: str, value: str) -> None:
    done = stage.call(shell, "pip", "install", "six", env=stage.env(LC_CTYPE=value))
    assert done.record.words[4] == f"={value}"


def test_ten_thousand_words_reach_the_tool(stage: Stage, shell: str) -> None:
    words = [f"word-{number}" for number in range(10_000)]
    assert stage.call(shell, "pip", *words).record.words[1:] == words


def test_a_call_without_words_reaches_the_tool(stage: Stage, shell: str) -> None:
    assert stage.call(shell, "python3").record.words == [str(stage.bin / "python3")]


def test_the_environment_is_what_the_shell_itself_makes_of_it(stage: Stage, shell: str) -> None:
    env: dict[Any, Any] = {**stage.env(), **ENVIRONMENT, **dict.fromkeys(NAMES, "theirs")}
    stage.register("/elsewhere", stage.environment(stage.home / "venv"))
    expected = stage.call(shell, plain(stage), "list", env=env).record.env
    for argv in (["list"], ["install", "six"]):
        environ = stage.call(shell, "pip", *argv, env=env).record.env
        assert {**environ, b"_": b""} == {**expected, b"_": b""}


def test_no_name_in_the_environment_is_one_of_the_shims_own(stage: Stage, shell: str) -> None:
    env = {**stage.env(), **dict.fromkeys(NAMES, "theirs")}
    environment = stage.environment(stage.home / "venv")
    stage.register(str(stage.work), environment)
    for argv in (["pip", "list"], ["python3", "-c", "pass"], ["python3", "-m", "pip", "install", "six"]):
        environ = stage.call(shell, *argv, env=env).record.env
        assert {name: environ.get(os.fsencode(name)) for name in NAMES} == dict.fromkeys(NAMES, b"theirs")


def test_the_shims_own_variables_all_have_its_prefix(stage: Stage, shell: str) -> None:
    (stage.shims / "pipshunt-shim").write_text("set -a\n" + stage.shim_text())  # exports whatever is set from now on
    stage.register(str(stage.work), stage.environment(stage.home / "venv"))
    names = set()
    for argv in (
        ["pip", "list"],
        ["pip", "install", "six"],
        ["python3", "-c", "pip"],
        ["python3", "-m", "pip", "install"],
    ):
        names |= set(stage.call(shell, *argv).record.env)
    expected = stage.script(stage.root / "plain/set", f'set -a\nexec "{stage.bin}/pip" "$@"\n')
    ours = names - set(stage.call(shell, str(expected), "list").record.env) - {b"PWD", b"OLDPWD", b"IFS"}
    assert b"_ps_name" in ours
    assert {name for name in ours if not name.startswith((b"_ps_", b"BASH_FUNC_"))} == set()


def test_a_bare_environment_gains_only_the_guard(stage: Stage, shell: str) -> None:
    env = {"PATH": str(stage.bin)}
    expected = stage.call(shell, plain(stage), "list", env=env).record.env
    assert {**stage.call(shell, "pip", "list", env=env).record.env, b"_": b""} == {**expected, b"_": b""}


@pytest.mark.parametrize("variables", [{}, {"OLDPWD": "/usr"}, {"PWD": "/nonsense", "OLDPWD": ""}], ids=str)
def test_looking_for_followed_environments_leaves_the_working_directorys_names_alone(
    stage: Stage, shell: str, variables: dict[str, str]
) -> None:
    stage.register("/elsewhere", stage.environment(stage.home / "venv"))
    link = stage.root / "link"
    link.symlink_to(stage.work)
    env = stage.env(**{"PWD": str(link), **variables})
    expected = stage.call(shell, plain(stage), "list", env=env, cwd=link).record
    record = stage.call(shell, "pip", "list", env=env, cwd=link).record
    assert {**record.env, b"_": b""} == {**expected.env, b"_": b""}
    assert record.cwd == str(stage.work)


@pytest.mark.parametrize("status", [0, 1, 2, 42, 126, 127, 128, 130, 254, 255])
def test_the_exit_status_is_the_tools(stage: Stage, status: int) -> None:
    assert stage.call("dash", "pip", f"--exit={status}").status == status


def test_every_exit_status_comes_through(stage: Stage) -> None:
    tool = stage.script(stage.root / "tools/pip", '#!/bin/sh\nexit "$1"\n')
    env = stage.env(PATH=f"{stage.shims}:{tool.parent}")
    assert [stage.call("dash", "pip", str(status), env=env).status for status in range(256)] == list(range(256))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGPIPE])
def test_the_death_of_the_tool_is_seen_as_it_is(stage: Stage, shell: str, number: signal.Signals) -> None:
    assert stage.call(shell, "python3", f"--die={int(number)}").status == -number


def test_stdin_is_the_tools_to_the_last_byte(stage: Stage, shell: str) -> None:
    environment = stage.environment(stage.home / "venv")
    stage.register(str(stage.work), environment)
    for argv in (["pip", "install"], ["pip", "list"], ["python3", "-"]):
        assert stage.call(shell, *argv, "--read", stdin=b"one\n\xfftwo").record.stdin == b"one\n\xfftwo"


def test_the_tool_takes_the_place_of_the_shim_without_a_fork(stage: Stage, shell: str) -> None:
    stage.register("/elsewhere", stage.environment(stage.home / "venv"))
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_NPROC, (0, 0))  # no process may be started
    for argv in (["pip", "--version"], ["pip", "install", "six"], ["pip", "list"], ["python3", "-c", "pass"]):
        done = stage.call(shell, *argv, preexec_fn=limit)
        assert done.record.pid == done.pid


def test_descriptors_mask_priority_and_signals_are_passed_on(stage: Stage, shell: str) -> None:
    stage.register("/elsewhere", stage.environment(stage.home / "venv"))
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(12)]

    def prepare() -> None:
        os.umask(0o137)
        os.nice(3)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])

    def seen(*argv: str) -> tuple[int, list[int], int, str, str]:
        record = stage.call(shell, *argv, pass_fds=kept, preexec_fn=prepare).record
        return record.umask, record.fds, record.nice, record.ignored, record.blocked

    expected = seen(plain(stage), "list")
    assert expected[:3] == (0o137, [0, 1, 2, *kept], 3)
    for argv in (["pip", "list"], ["pip", "install", "six"]):
        assert seen(*argv) == expected
    for descriptor in kept:
        os.close(descriptor)


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_closed_standard_descriptor_stays_as_the_shell_leaves_it(stage: Stage, shell: str, closed: int) -> None:
    stage.register("/elsewhere", stage.environment(stage.home / "venv"))
    close = functools.partial(os.close, closed)
    expected = stage.call(shell, plain(stage), "list", preexec_fn=close).record.fds
    for argv in (["pip", "list"], ["pip", "install", "six"]):
        assert stage.call(shell, *argv, preexec_fn=close).record.fds == expected


def test_nothing_is_printed_by_a_call_that_passes_in_a_folder_that_is_gone(
    stage: Stage, shell: str, folder: Path
) -> None:
    stage.register("/elsewhere", stage.environment(stage.home / "venv"))
    gone = folder / "gone"
    script = f'mkdir "{gone}" && cd "{gone}" && rmdir "{gone}" && exec "$@"'
    gone.parent.chmod(0o777)
    inside = ["sh", "-c", script, "sh", *shell_command(shell)]
    for argv in (["pip", "--version"], ["python3", "-c", "pass"]):
        expected = stage.call(shell, "x", program=[*inside, plain(stage, argv[0]), *argv[1:]])
        done = stage.call(shell, "x", program=[*inside, str(stage.shims / argv[0]), *argv[1:]])
        assert done.records[0].words == expected.records[0].words
        assert done.err.replace(str(stage.shims), "") == expected.err.replace(str(stage.root / "plain"), "")
