"""What the shim of console scripts runs, it runs as if it had been named: words, environment, process; and no loops."""

import functools
import os
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from shims.script_stage import link_script, own_environment
from shims.stage import Stage
from shims.test_shim_fidelity import ENVIRONMENT, NAMES, WORDS

# As pyenv's, asdf's are where their version has no such command: the next of that name on PATH, not beside it.
MANAGER = """#!/bin/sh
own=${0%/*} name=${0##*/}
IFS=:
for folder in $PATH; do
    if [ "$folder" != "$own" ] && [ -x "$folder/$name" ]; then exec "$folder/$name" "$@"; fi
done
exit 127
"""


@pytest.fixture
def scripts(stage: Stage) -> Stage:
    """A stage with a script that records, in an environment that is followed."""
    stage.register(str(stage.work), own_environment(stage, stage.work / ".venv", "flask"))
    link_script(stage)
    return stage


def plain(stage: Stage, target: Path) -> str:
    """A script that does nothing but exec: what the shell itself changes, it changes here as well."""
    return str(stage.script(stage.root / "plain/flask", f'#!/bin/sh\nexec "{target}" "$@"\n'))


def test_every_word_reaches_the_script_as_it_is(scripts: Stage, shell: str) -> None:
    done = scripts.call(shell, "flask", *WORDS.values(), b"", b"run")
    assert done.record.argv == [os.fsencode(scripts.work / ".venv/bin/flask"), *WORDS.values(), b"", b"run"]
    assert (done.record.pid, done.record.cwd) == (done.pid, str(scripts.work))


def test_the_environment_is_what_the_shell_itself_makes_of_it_with_no_variable_added(
    scripts: Stage, shell: str
) -> None:
    for guard in ({}, {"PIPSHUNT_GUARD": "3:12:77:/x/python3"}):
        env: dict[Any, Any] = {**scripts.env(), **ENVIRONMENT, **dict.fromkeys(NAMES, "theirs"), **guard}
        expected = scripts.call(shell, plain(scripts, scripts.work / ".venv/bin/flask"), env=env).record.environ
        environ = scripts.call(shell, "flask", env=env).record.environ
        assert drop_underscore(environ) == drop_underscore(expected)


def drop_underscore(environ: list[bytes]) -> list[bytes]:
    """`_` is the shell's own."""
    return sorted(entry for entry in environ if not entry.startswith(b"_="))


@pytest.mark.parametrize("variables", [{}, {"OLDPWD": "/usr"}, {"PWD": "/nonsense", "OLDPWD": ""}], ids=str)
def test_the_working_directory_s_names_are_left_alone(scripts: Stage, shell: str, variables: dict[str, str]) -> None:
    link = scripts.root / "link"
    link.symlink_to(scripts.work)
    env = scripts.env(**{"PWD": str(link), **variables})
    expected = scripts.call(shell, plain(scripts, scripts.work / ".venv/bin/flask"), env=env, cwd=link).record
    record = scripts.call(shell, "flask", env=env, cwd=link).record
    assert (drop_underscore(record.environ), record.cwd) == (drop_underscore(expected.environ), expected.cwd)


def test_all_variables_of_the_shim_have_its_prefix(scripts: Stage, shell: str) -> None:
    shim = scripts.shims / "pipshunt-script"
    shim.write_text("set -a\n" + shim.read_text())  # exports whatever is set from now on
    expected = scripts.script(scripts.root / "plain/set", f'set -a\nexec "{scripts.work}/.venv/bin/flask" "$@"\n')
    ours = set(scripts.call(shell, "flask").record.env) - set(scripts.call(shell, str(expected)).record.env)
    assert b"_ps_name" in ours
    ours -= {b"PWD", b"OLDPWD", b"IFS"}
    assert {name for name in ours if not name.startswith((b"_ps_", b"BASH_FUNC_"))} == set()


def test_it_takes_the_place_of_the_shim_without_a_fork(scripts: Stage, shell: str) -> None:
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_NPROC, (0, 0))  # no process may be started
    assert scripts.call(shell, "flask", preexec_fn=limit).record.words == [f"{scripts.work}/.venv/bin/flask"]
    done = scripts.call(shell, "flask", preexec_fn=limit, cwd=scripts.home)
    assert (done.status, done.err.count("\n")) == (127, 1)


def test_stdin_exit_status_and_death_are_the_scripts(scripts: Stage, shell: str) -> None:
    assert scripts.call(shell, "flask", "--read", stdin=b"one\n\xfftwo").record.stdin == b"one\n\xfftwo"
    assert [scripts.call(shell, "flask", f"--exit={status}").status for status in (1, 126, 255)] == [1, 126, 255]
    assert scripts.call(shell, "flask", f"--die={int(signal.SIGTERM)}").status == -signal.SIGTERM


def test_another_command_gets_the_guard_and_nothing_else(scripts: Stage, shell: str) -> None:
    scripts.recorder(scripts.bin / "flask")
    expected = scripts.call(shell, plain(scripts, scripts.bin / "flask"), *WORDS.values()).record
    record = scripts.call(shell, "flask", *WORDS.values()).record
    assert record.argv == expected.argv
    assert {**record.env, b"_": b""} == {**expected.env, b"_": b""}
    (guard,) = [entry for entry in record.environ if entry.startswith(b"PIPSHUNT_GUARD=")]
    assert guard == os.fsencode(f"PIPSHUNT_GUARD=1::{record.pid}:{scripts.shims}/flask")


def test_a_manager_s_shim_that_looks_on_is_passed_over_when_it_comes_back(scripts: Stage, shell: str) -> None:
    scripts.script(scripts.root / "manager/flask", MANAGER)
    env = scripts.env(PATH=f"{scripts.root}/manager:{scripts.shims}:{scripts.bin}")
    for first in ("manager", "shims"):
        record = scripts.call(shell, str(scripts.root / first / "flask"), "run", env=env).record
        assert record.words == [f"{scripts.work}/.venv/bin/flask", "run"]


def test_a_command_that_forks_itself_by_name_ends_with_a_sentence(scripts: Stage) -> None:
    scripts.script(scripts.root / "wrapper/flask", '#!/bin/sh\nflask "$@"\nexit $?\n')
    done = scripts.call("dash", "flask", env=scripts.env(PATH=f"{scripts.shims}:{scripts.root}/wrapper:/usr/bin:/bin"))
    assert (done.status, done.records) == (126, [])
    assert done.err == (
        f"pipshunt: {scripts.root}/wrapper/flask came back to pipshunt's link ({scripts.shims}/flask) again and again;"
        " call the flask you mean by its path\n"
    )


def test_a_script_that_starts_itself_anew_by_name_is_no_loop(scripts: Stage) -> None:
    text = '#!/bin/sh\nif [ "$1" -gt 40 ]; then echo done; else flask $(($1 + 1)); fi\n'
    scripts.script(scripts.work / ".venv/bin/flask", text)
    done = scripts.call("dash", "flask", "0", env=scripts.env(PATH=f"{scripts.shims}:/usr/bin:/bin"))
    assert (done.out, done.err, done.status) == ("done\n", "", 0)
