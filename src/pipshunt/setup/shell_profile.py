"""Putting a folder ahead on PATH for the shells to come, and the hook into those that people type in.

One marked block in each of the files that they read: bash(1) INVOCATION, zsh(1) STARTUP/SHUTDOWN FILES, fish(1)
Configuration, ksh(1) ENV, tcsh(1) Startup and shutdown.
"""

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pipshunt.atomic_file import replace_file
from pipshunt.hook import hook_path, quote_for

RECORD = "profiles"
# Debian's and Arch's; Fedora's and macOS's; Alpine's and Gentoo's.
_MACHINE_FILES = {
    "bash": ("etc/bash.bashrc", "etc/bashrc", "etc/bash/bashrc.d/pipshunt.sh"),
    "zsh": ("etc/zsh/zshrc", "etc/zshrc"),
    "fish": ("etc/fish/conf.d/pipshunt.fish",),
}
# The folder where scripts.py lays the links of who has no installation of their own. Root's are in /usr/local/bin.
_SCRIPTS_BLOCK = b"""\
if [ "${HOME:-/}" != / ] && [ ! -O / ]; then
    case ":$PATH:" in
    *:"${XDG_DATA_HOME:-$HOME/.local/share}/pipshunt/bin":*) ;;
    *) PATH=${PATH:+$PATH:}${XDG_DATA_HOME:-$HOME/.local/share}/pipshunt/bin; export PATH ;;
    esac
fi
"""


class Profile(NamedTuple):
    """A file that a shell reads as it starts, and the block that is to stand in it."""

    path: str
    block: bytes
    at_top: bool


def find_profiles(home: str, env: Mapping[str, str], folder: str) -> list[Profile]:
    """Return the profiles under *home* of the user's shells, with the block that puts *folder*, the shims', ahead.

    Of the user's shells: what $SHELL names, and each that has such files there already.
    """
    return [profile for create, profile in _candidates(home, env, folder) if create or os.path.lexists(profile.path)]


def profile_paths(home: str, env: Mapping[str, str]) -> list[str]:
    """Return all files under *home* in which a block of ours may stand."""
    found = [profile.path for scope in (env, {}) for _, profile in _candidates(home, scope, "/")]
    return list(dict.fromkeys(found))


def _candidates(home: str, env: Mapping[str, str], folder: str) -> list[tuple[bool, Profile]]:
    """Return each file, and whether it is to be made where there is none."""
    shell = os.path.basename(env.get("SHELL", ""))
    zsh_home = env.get("ZDOTDIR") or home
    zshenv = os.path.join(home, ".zshenv")  # it may be what sets ZDOTDIR
    config = env.get("XDG_CONFIG_HOME", "")
    fish_home = os.path.join(config if config.startswith("/") else os.path.join(home, ".config"), "fish")
    for_bash = hook_lines("bash", folder)
    login = _login_block(folder) + for_bash
    started, csh = _started_block(folder), _csh_block(folder)
    # Who has a plain sh, or where nothing says what they have, types in bash if there is one.
    bash = shell == "bash" or (shell not in {"zsh", "fish", "csh", "tcsh", "ksh", "mksh"} and _is_there("bash", env))
    return [
        (True, Profile(os.path.join(home, ".profile"), login, at_top=False)),
        # bash reads the first of these alone, and .profile only where neither is there.
        (False, Profile(os.path.join(home, ".bash_profile"), login, at_top=False)),
        (False, Profile(os.path.join(home, ".bash_login"), login, at_top=False)),
        # At the top: Debian's returns early where the shell is not interactive (ssh HOST COMMAND).
        (bash, Profile(os.path.join(home, ".bashrc"), started + for_bash, at_top=True)),
        # What is neither a login shell nor typed in (ssh HOST COMMAND) reads this alone.
        (
            shell == "zsh",
            Profile(zshenv if os.path.exists(zshenv) else os.path.join(zsh_home, ".zshenv"), started, at_top=False),
        ),
        (shell == "zsh", Profile(os.path.join(zsh_home, ".zprofile"), _login_block(folder), at_top=False)),
        (shell == "zsh", Profile(os.path.join(zsh_home, ".zshrc"), started + hook_lines("zsh", folder), at_top=False)),
        (False, Profile(os.path.join(home, ".kshrc"), started, at_top=True)),
        (False, Profile(os.path.join(home, ".mkshrc"), started, at_top=True)),
        # tcsh reads .cshrc only where there is no .tcshrc. People's often end early where no one types.
        (shell in {"csh", "tcsh"}, Profile(os.path.join(home, ".cshrc"), csh, at_top=True)),
        (False, Profile(os.path.join(home, ".tcshrc"), csh, at_top=True)),
        (
            shell == "fish" or os.path.isdir(fish_home),
            Profile(
                os.path.join(fish_home, "conf.d", "pipshunt.fish"),
                _fish_block(folder) + hook_lines("fish", folder),
                at_top=False,
            ),
        ),
    ]


def machine_profile(folder: str, *, unreached: bool) -> Profile:
    """Return the profile that every login shell of the machine reads, by way of /etc/profile.

    It puts *folder* ahead where the shims in it are *unreached*, and a user's links to console scripts behind all else.
    """
    return Profile(
        "/etc/profile.d/pipshunt.sh", (_login_block(folder) if unreached else b"") + _SCRIPTS_BLOCK, at_top=False
    )


def find_machine_hooks(folder: str, root: str = "/") -> list[Profile]:
    """Return the machine's files that a shell reads where someone types in it, with the hook alone.

    None is made but in folders that are there for it: the shells' packages bring them. A login bash reads its file too,
    by way of /etc/profile.
    """
    found = []
    for shell, names in _MACHINE_FILES.items():
        paths = [os.path.join(root, name) for name in names]
        wanted = [path for path in paths if os.path.isfile(path) or os.path.basename(path).startswith("pipshunt.")]
        wanted = [path for path in wanted if os.path.isdir(os.path.dirname(path))][:1]
        found += [Profile(path, hook_lines(shell, folder), at_top=False) for path in wanted]
    return found


def machine_profile_paths(root: str = "/") -> list[str]:
    """Return all files of the machine in which a block of ours may stand."""
    names = ["etc/profile.d/pipshunt.sh", *(name for names in _MACHINE_FILES.values() for name in names)]
    return [os.path.join(root, name) for name in names]


def remember_profiles(prefix: str, paths: Iterable[str]) -> None:
    """Note under *prefix* that blocks stand in *paths*: not every shell knows where ZDOTDIR led. Raises OSError."""
    known = [*remembered_profiles(prefix), *(path for path in paths if "\n" not in path)]
    data = "".join(f"{path}\n" for path in dict.fromkeys(known))
    replace_file(os.path.join(prefix, RECORD), os.fsencode(data), 0o644)


def remembered_profiles(prefix: str) -> list[str]:
    """Return the files that were noted under *prefix*."""
    try:
        with open(os.path.join(prefix, RECORD), "rb") as file:
            return [path for path in os.fsdecode(file.read()).split("\n") if path.startswith("/")]
    except OSError:
        return []


def hook_lines(shell: str, folder: str) -> bytes:
    """Return the lines that source the hook for *shell* from beside *folder*, the shims', where someone types."""
    quoted = quote_for(shell, hook_path(os.path.dirname(folder), shell))
    if shell == "fish":
        return b"if status is-interactive; and test -r " + quoted + b"\n    source " + quoted + b"\nend\n"
    source = b"if [ -r " + quoted + b" ]; then . " + quoted + b"; fi"
    if shell == "bash":  # the file may be another shell's too
        return b'case "${BASH_VERSION-}:$-" in ?*:*i*) ' + source + b" ;; esac\n"
    return b"case $- in *i*) " + source + b" ;; esac\n"


def path_line(folder: str, env: Mapping[str, str]) -> str:
    """Return the line that puts *folder* ahead on PATH in the shell that the user works in."""
    if os.path.basename(env.get("SHELL", "")) == "fish":
        return f"set -gx PATH {os.fsdecode(quote_for('fish', folder))} $PATH"
    import shlex

    if _is_csh(env):
        return f'setenv PATH {shlex.quote(folder)}:"$PATH"'
    return f'export PATH={shlex.quote(folder)}:"$PATH"'


def _started_block(folder: str) -> bytes:
    """For files that each started shell reads: where the folder is on PATH already, its place is left alone."""
    quoted = quote_for("sh", folder)
    return b'case ":$PATH:" in\n*:' + quoted + b":*) ;;\n*) PATH=" + quoted + b"${PATH:+:$PATH}; export PATH ;;\nesac\n"


def _login_block(folder: str) -> bytes:
    """For files that a login shell reads: first on PATH, but behind an activated environment that is there already."""
    quoted = quote_for("sh", folder)
    return (
        b'case "${VIRTUAL_ENV-}:$PATH:" in\n'
        b":" + quoted + b":* | [!:]*:" + quoted + b":*) ;;\n"
        b"*) PATH=" + quoted + b"${PATH:+:$PATH}; export PATH ;;\n"
        b"esac\n"
    )


def _fish_block(folder: str) -> bytes:
    quoted = quote_for("fish", folder)
    return b"if not contains -- " + quoted + b" $PATH\n    set -gx PATH " + quoted + b" $PATH\nend\n"


def _csh_block(folder: str) -> bytes:
    quoted = quote_for("sh", folder)
    return b'if (":${PATH}:" !~ *:' + quoted + b":*) setenv PATH " + quoted + b':"${PATH}"\n'


def _is_csh(env: Mapping[str, str]) -> bool:
    return os.path.basename(env.get("SHELL", "")) in ("csh", "tcsh")


def _is_there(shell: str, env: Mapping[str, str]) -> bool:
    folders = [*env.get("PATH", "").split(":"), "/bin", "/usr/bin", "/usr/local/bin"]
    return any(os.access(os.path.join(folder, shell), os.X_OK) for folder in folders if folder)
