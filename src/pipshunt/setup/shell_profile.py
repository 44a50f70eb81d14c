"""Putting a folder ahead on PATH for the shells to come: one marked block in the files that they read.

Which files a shell reads: bash(1) INVOCATION, zsh(1) STARTUP/SHUTDOWN FILES, fish(1) Configuration, ksh(1) ENV,
tcsh(1) Startup and shutdown.
"""

import errno
import os
from collections.abc import Mapping
from typing import NamedTuple

BEGIN = b"# >>> pipshunt >>>"
END = b"# <<< pipshunt <<<"
# Said in the first line of a block that follows a line without an end, so that the newline between can go with it.
JOINED = b" (the line above had no end)"


class Profile(NamedTuple):
    """A file that a shell reads as it starts, and the block that is to stand in it."""

    path: str
    block: bytes
    at_top: bool


def find_profiles(home: str, env: Mapping[str, str], folder: str) -> list[Profile]:
    """Return the profiles under *home* of the shells that are there, with the block that puts *folder* ahead."""
    login, started, csh, fish = _login_block(folder), _started_block(folder), _csh_block(folder), _fish_block(folder)
    zsh_home = env.get("ZDOTDIR") or home
    config = env.get("XDG_CONFIG_HOME", "")
    fish_home = os.path.join(config if config.startswith("/") else os.path.join(home, ".config"), "fish")
    shells = {shell: _is_there(shell, env) for shell in ("bash", "zsh", "fish")}
    candidates = [
        (True, Profile(os.path.join(home, ".profile"), login, at_top=False)),
        # bash reads the first of these alone, and .profile only where neither is there.
        (False, Profile(os.path.join(home, ".bash_profile"), login, at_top=False)),
        (False, Profile(os.path.join(home, ".bash_login"), login, at_top=False)),
        # At the top: Debian's returns early where the shell is not interactive (ssh HOST COMMAND).
        (shells["bash"], Profile(os.path.join(home, ".bashrc"), started, at_top=True)),
        (shells["zsh"], Profile(os.path.join(zsh_home, ".zprofile"), login, at_top=False)),
        (shells["zsh"], Profile(os.path.join(zsh_home, ".zshrc"), started, at_top=False)),
        (False, Profile(os.path.join(home, ".kshrc"), started, at_top=True)),
        (False, Profile(os.path.join(home, ".mkshrc"), started, at_top=True)),
        # tcsh reads .cshrc only where there is no .tcshrc. People's often end early where no one types.
        (_is_csh(env), Profile(os.path.join(home, ".cshrc"), csh, at_top=True)),
        (False, Profile(os.path.join(home, ".tcshrc"), csh, at_top=True)),
        (
            shells["fish"] or os.path.isdir(fish_home),
            Profile(os.path.join(fish_home, "conf.d", "pipshunt.fish"), fish, at_top=False),
        ),
    ]
    return [profile for wanted, profile in candidates if wanted or os.path.lexists(profile.path)]


def machine_profile(folder: str) -> Profile:
    """Return the profile that every login shell of the machine reads, by way of /etc/profile."""
    return Profile("/etc/profile.d/pipshunt.sh", _login_block(folder), at_top=False)


def write_profile(profile: Profile) -> bool:
    """Put the block into the file, or make the file; return whether it had to be changed.

    A symbolic link (a dotfile manager's) stays one: its target is written. Mode and owner stay. Raises OSError.
    """
    from pipshunt.atomic_file import replace_file

    path = os.path.realpath(profile.path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(errno.EINVAL, "not a regular file", path)  # a named pipe would be waited for
    try:
        with open(path, "rb") as file:
            content = file.read()
            status = os.fstat(file.fileno())
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return replace_file(path, with_block(b"", profile.block, at_top=profile.at_top), 0o644)
    wanted = with_block(content, profile.block, at_top=profile.at_top)
    if wanted == content:
        return False
    replace_file(path, wanted, status.st_mode & 0o7777)
    written = os.stat(path)
    if (written.st_uid, written.st_gid) != (status.st_uid, status.st_gid):
        os.chown(path, status.st_uid, status.st_gid)
    return True


def with_block(content: bytes, block: bytes, *, at_top: bool) -> bytes:
    """Return *content* with *block* in it, once: where an older one stands, else at the top or at the end."""
    place = _find_block(content)
    if place:
        start, end = place
        joined = content.startswith(BEGIN + JOINED, start)
        return content[:start] + _frame(block, joined=joined) + content[end:]
    if at_top:
        return _frame(block, joined=False) + content
    joined = bool(content) and not content.endswith(b"\n")
    return content + (b"\n" if joined else b"") + _frame(block, joined=joined)


def without_block(content: bytes) -> bytes:
    """Return *content* without our block, as it was before `with_block` byte for byte."""
    place = _find_block(content)
    if not place:
        return content
    start, end = place
    # A line that was added after the block must not run into the one before it.
    if content.startswith(BEGIN + JOINED, start) and end == len(content):
        start -= 1
    return content[:start] + content[end:]


def path_line(folder: str, env: Mapping[str, str]) -> str:
    """Return the line that puts *folder* ahead on PATH in the shell that the user works in."""
    if os.path.basename(env.get("SHELL", "")) == "fish":
        return f"set -gx PATH {os.fsdecode(_quote_for_fish(folder))} $PATH"
    import shlex

    if _is_csh(env):
        return f'setenv PATH {shlex.quote(folder)}:"$PATH"'
    return f'export PATH={shlex.quote(folder)}:"$PATH"'


def _frame(block: bytes, *, joined: bool) -> bytes:
    return BEGIN + (JOINED if joined else b"") + b"\n" + block + END + b"\n"


def _find_block(content: bytes) -> tuple[int, int] | None:
    """Return where our block starts and ends: from the last first line before the last line, both whole lines."""
    start = end = -1
    while start < 0:
        end = content.find(END, end + 1)
        if end < 0:
            return None
        after = end + len(END)
        if content[end - 1 : end] in {b"", b"\n"} and content[after : after + 1] in {b"", b"\n"}:
            start = max(_last_line(content[:end], BEGIN), _last_line(content[:end], BEGIN + JOINED))
    return start, min(end + len(END) + 1, len(content))


def _last_line(content: bytes, line: bytes) -> int:
    """Return where the last line of *content* that reads *line* starts, or -1."""
    start = content.rfind(b"\n" + line + b"\n")
    if start >= 0:
        return start + 1
    return 0 if content.startswith(line + b"\n") else -1


def _started_block(folder: str) -> bytes:
    """For files that each started shell reads: where the folder is on PATH already, its place is left alone."""
    quoted = _quote(folder)
    return b'case ":$PATH:" in\n*:' + quoted + b":*) ;;\n*) PATH=" + quoted + b"${PATH:+:$PATH}; export PATH ;;\nesac\n"


def _login_block(folder: str) -> bytes:
    """For files that a login shell reads: first on PATH, but behind an activated environment that is there already."""
    quoted = _quote(folder)
    return (
        b'case "${VIRTUAL_ENV-}:$PATH:" in\n'
        b":" + quoted + b":* | [!:]*:" + quoted + b":*) ;;\n"
        b"*) PATH=" + quoted + b"${PATH:+:$PATH}; export PATH ;;\n"
        b"esac\n"
    )


def _fish_block(folder: str) -> bytes:
    quoted = _quote_for_fish(folder)
    return b"if not contains -- " + quoted + b" $PATH\n    set -gx PATH " + quoted + b" $PATH\nend\n"


def _csh_block(folder: str) -> bytes:
    quoted = _quote(folder)
    return b'if (":${PATH}:" !~ *:' + quoted + b":*) setenv PATH " + quoted + b':"${PATH}"\n'


def _quote(text: str) -> bytes:
    return b"'" + os.fsencode(text).replace(b"'", b"'\\''") + b"'"


def _quote_for_fish(text: str) -> bytes:
    return b"'" + os.fsencode(text).replace(b"\\", b"\\\\").replace(b"'", b"\\'") + b"'"


def _is_csh(env: Mapping[str, str]) -> bool:
    return os.path.basename(env.get("SHELL", "")) in ("csh", "tcsh")


def _is_there(shell: str, env: Mapping[str, str]) -> bool:
    """Whether *shell* is the user's or at least on the machine."""
    if os.path.basename(env.get("SHELL", "")) == shell:
        return True
    folders = [*env.get("PATH", "").split(":"), "/bin", "/usr/bin", "/usr/local/bin"]
    return any(os.access(os.path.join(folder, shell), os.X_OK) for folder in folders if folder)
