"""What people set in their shells neither disturbs the hook, nor does the hook disturb it."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from machine import USER

from hooks.home import Home
from hooks.terminal import Terminal

CD_FUNCTION = 'cd() { builtin cd "$@" && echo mo""ved; }'
BASH = {
    "errexit, nounset": "set -eu",
    "noclobber": "set -C",
    "no globbing": "set -f",
    "physical": "set -P",
    "allexport": "set -a",
    "posix": "set -o posix",
    "posix, errexit, nounset": "set -o posix; set -eu",
    "nullglob": "shopt -s nullglob dotglob extglob globstar",
    "failglob": "shopt -s failglob",
    "nocasematch": "shopt -s nocasematch nocaseglob",
    "IFS": "IFS=/.:ap",
    "no IFS": "IFS=",
    "CDPATH": "CDPATH=/usr:/",
    "cd is a function": CD_FUNCTION,
    "aliases": "alias cd='echo not; builtin cd' deactivate='echo no' pwd=false",
    "traps": "trap 'echo err >&2' ERR; trap : DEBUG; set -ET",
    "no hashing": "set +h",
}
ZSH = {
    "errexit, nounset": "setopt err_exit no_unset",
    "ksh_arrays": "setopt ksh_arrays",
    "sh_word_split": "setopt sh_word_split glob_subst",
    "no_match": "setopt no_match",
    "no globbing": "setopt no_glob",
    "null_glob": "setopt null_glob glob_dots csh_null_glob",
    "sh": "setopt no_function_argzero posix_builtins posix_identifiers ksh_typeset no_bare_glob_qual",
    "noclobber": "setopt no_clobber",
    "chase_links": "setopt chase_links",
    "warnings": "setopt warn_create_global warn_nested_var",
    "IFS": "IFS=/.:ap",
    "CDPATH": "cdpath=(/usr /)",
    "cd is a function": CD_FUNCTION,
    "hooks": "precmd() { : }; precmd_functions=(precmd); chpwd() { : }",
    "prompt_subst": "setopt prompt_subst prompt_bang",
    "all_export": "setopt all_export",
    "promptinit": "autoload -Uz promptinit add-zsh-hook; other() { : }; add-zsh-hook precmd other",
}


def _check(home: Home, terminal: Terminal, shop: Path) -> None:
    """Go in and out; nothing but what was typed may be printed."""
    before = terminal.environment()
    prompt = terminal.prompt()
    terminal.type("builtin cd shop")
    found = terminal.environment()
    assert (found["VIRTUAL_ENV"], found["PATH"]) == (f"{shop}/.venv", f"{home.bin}:{shop}/.venv/bin:/usr/bin:/bin")
    assert terminal.prompt() == f"(shop) {prompt}"
    terminal.type("builtin cd ..")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)
    for word in ("not found", "unbound", "parameter", "no match", "moved", "pipshunt:", "err\r", "_pipshunt_"):
        assert word not in terminal.text()


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        pytest.param(shell, line, id=f"{shell}: {name}")
        for shell, settings in (("bash", BASH), ("zsh", ZSH))
        for name, line in settings.items()
    ],
)
def test_the_hook_works_under_any_settings(home: Home, shell: str, line: str, request: pytest.FixtureRequest) -> None:
    shop = home.project("shop")
    _check(home, home.start(shell, rc=line), shop)
    if request.config.getoption("--full"):  # they may also come after the hook
        later = home.start(shell)
        later.type(line)
        _check(home, later, shop)


def test_a_bash_that_has_one_prompt_command_runs_it_after_ours(home: Home) -> None:
    shop = home.project("shop")
    hook = home.prefix / "hook.bash"
    text = hook.read_text()
    assert text.count("-lt 51") == 1
    hook.write_text(text.replace("-lt 51", "-lt 99"))
    terminal = home.start("bash", rc="PROMPT_COMMAND='echo \"[$?|$_]\" >>$HOME/seen'")
    _check(home, terminal, shop)
    terminal.type("test a = 'last word'")
    assert "[1|last word]\n" in (home.home / "seen").read_text()


def test_bash_options_are_as_they_were(home: Home) -> None:
    home.project("shop")
    terminal = home.start("bash", rc="set -f; shopt -s failglob; unset OLDPWD")
    show = ['"$-"', '"$BASHOPTS"', '"$SHELLOPTS"', '"${OLDPWD-none}"']
    before = terminal.value(*show)
    assert before[3] == "none"
    terminal.type("")
    assert terminal.value(*show) == before
    terminal.type("cd shop")
    found = terminal.value(*show)
    assert found == [*before[:3], str(home.home)]
    assert terminal.value('"$PWD"') == [f"{home.home}/shop"]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param("PROMPT_COMMAND='echo \"[$?|$_]\" >>$HOME/seen'", id="a string"),
        pytest.param("PROMPT_COMMAND=('echo \"[$?|$_]\" >>$HOME/seen')", id="an array"),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["before the hook", "after it"])
def test_what_comes_after_the_hook_in_bash_sees_the_status_and_the_last_word(
    home: Home, others: str, first: bool
) -> None:
    home.project("shop")
    terminal = home.start("bash", rc=others if first else "")
    if not first:
        terminal.type(others)
    terminal.type("cd shop; (exit 7) ; test a = 'last word'")
    terminal.type("")
    assert "[1|last word]\n" in (home.home / "seen").read_text()
    assert terminal.value('"${VIRTUAL_ENV##*/}"') == [".venv" if first or "(" not in others else ""]


def test_the_status_that_the_prompt_shows_is_the_commands(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell)
    terminal.type("cd shop; false")
    status = "$status" if shell == "fish" else "$?"
    os_line = f"cd ..; false\n printf '%s\\0' \"{status}\" > {home.root}/status"
    terminal.type(os_line)
    assert (home.root / "status").read_text() == "1\0"


def test_a_read_only_prompt_command_is_left_alone(home: Home) -> None:
    terminal = home.start("bash", rc="readonly PROMPT_COMMAND=true")
    assert "PROMPT_COMMAND" not in terminal.type("echo read")
    assert terminal.value('"${PROMPT_COMMAND[@]}"') == ["true"]


def test_a_restricted_shell_is_left_alone(home: Home) -> None:
    shop = home.project("shop")
    rc = home.root / "rc"
    rc.write_text(home.source("bash"))
    lines = b'echo "<${VIRTUAL_ENV-unset}>"\n' * 2
    argv = ["bash", "--rcfile", str(rc), "-r", "-i"]
    user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
    done = subprocess.run(argv, input=lines, capture_output=True, check=True, cwd=shop, env=home.env(), **user)
    assert done.stdout == b"<unset>\n" * 2
    assert b"readonly" not in done.stderr
    assert b"restricted" not in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        "PROMPT_COMMAND='true'",
        "export PROMPT_COMMAND='history -a'",
        'PROMPT_COMMAND="true; $PROMPT_COMMAND"',
        "PROMPT_COMMAND+='; true'",
        "PROMPT_COMMAND+=(true)",
        "PROMPT_COMMAND=",
        "PS1='new$ '",
    ],
)
def test_a_bashrc_that_goes_on_after_the_hook_does_not_take_it_out(home: Home, line: str) -> None:
    shop = home.project("shop")
    terminal = home.start("bash", cwd=shop, rc=f"{home.source('bash')}\n{line}", hook=False)
    assert terminal.environment()["VIRTUAL_ENV"] == f"{shop}/.venv"
