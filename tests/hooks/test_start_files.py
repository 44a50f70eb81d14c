"""The files that shells read as they start, with our blocks in them: whoever types has the hook, nobody else."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from machine import USER

from hooks.home import Home
from pipshunt.setup.marked_block import remove_block, write_block
from pipshunt.setup.shell_profile import find_profiles

# As Debian's: nothing for who does not type, then things that would take a hook out that came before.
BASHRC = """case $- in
    *i*) ;;
      *) return;;
esac
shopt -s histappend checkwinsize
PROMPT_COMMAND='history -a'
PS1='${debian_chroot:+($debian_chroot)}\\$ '
"""


def told(home: Home, shell: str) -> list[str]:
    """Write our blocks into the files of *shell*'s user, and return which these are."""
    profiles = find_profiles(str(home.home), {"SHELL": f"/bin/{shell}", "PATH": ""}, str(home.bin))
    for profile in profiles:
        write_block(profile.path, profile.block, at_top=profile.at_top)
    home.give()
    return [profile.path for profile in profiles]


@pytest.mark.parametrize("login", [False, True], ids=["interactive", "login"])
def test_who_types_has_the_hook_and_the_shims_first(home: Home, shell: str, login: bool) -> None:
    shop = home.project("shop")
    (home.home / ".bashrc").write_text(BASHRC)
    told(home, shell)
    env = {**home.env(), "PATH": "/usr/bin:/bin"}
    terminal = home.open(shell, *(["-l"] if login else []), cwd=shop, env=env)
    found = terminal.environment()
    assert found["VIRTUAL_ENV"] == f"{shop}/.venv"
    assert found["PATH"].startswith(f"{home.bin}:{shop}/.venv/bin:")
    terminal.type("cd ..")
    assert terminal.environment()["PATH"].split(":")[0] == str(home.bin)


@pytest.mark.parametrize("words", [("-c",), ("-l", "-c")], ids=["command", "login"])
def test_who_does_not_type_has_the_shims_and_no_hook(home: Home, shell: str, words: tuple[str, ...]) -> None:
    shop = home.project("shop")
    told(home, shell)
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"{shell} is not installed")
    line = 'printf "%s|%s\\n" "$VIRTUAL_ENV" "$PATH"'
    user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
    env = {**home.env(), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [program, *words, line], cwd=shop, env=env, capture_output=True, text=True, check=True, **user
    )
    entered, _, path = done.stdout.partition("|")
    assert (entered, done.stderr) == ("", "")
    # bash reads no file of a person's for a plain command, but what starts it has read one.
    assert path.startswith(f"{home.bin}:") is (shell != "bash" or "-l" in words)


def test_all_files_are_as_they_were_once_the_blocks_are_out(home: Home, shell: str) -> None:
    (home.home / ".bashrc").write_text(BASHRC.rstrip("\n"))
    (home.home / ".config").mkdir()
    before = snapshot(home.home)
    paths = told(home, shell)
    assert snapshot(home.home) != before
    assert all(remove_block(path) for path in paths)
    assert snapshot(home.home) == before


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}
