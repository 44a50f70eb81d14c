"""Which shell may be started to be asked: what it and its rc files are must be the user's word, and nobody else's."""

import os
import pwd
import stat
from collections.abc import Iterable, Iterator, Mapping

from pipshunt.doctor.diagnosis import read_text

# Shells that take `-i`, `-l` and `-c` and speak sh well enough for the question; fish is asked in fish.
SHELLS = ("bash", "zsh", "fish", "sh", "dash", "ash", "ksh", "ksh93", "mksh", "yash")
_MOST_LINKS = 40  # as the kernel has it


def find_shell(env: Mapping[str, str], uid: int, listing: str = "/etc/shells") -> tuple[str, str]:
    """Return the user's shell if it can be asked, "" if not (nologin, csh); and whose word it is not, "" for nobody's.

    What SHELL says comes before the password database; for root, whom `sudo -E` gives another's, it must be *listed*.
    """
    try:
        own = pwd.getpwuid(uid).pw_shell
    except KeyError:
        own = "/bin/sh"
    wanted = env.get("SHELL", "")
    if uid == 0 and wanted not in read_text(listing).splitlines():
        wanted = ""
    stranger = ""
    for shell in (wanted, own):
        if shell.startswith("/") and os.path.basename(shell) in SHELLS and os.access(shell, os.X_OK):
            others = find_stranger([shell], uid)
            if not others:
                return shell, ""
            stranger = stranger or others
    return "", stranger


def find_stranger(paths: Iterable[str], uid: int) -> str:
    """Return the first file, folder or link on the way to *paths* that somebody other than *uid* and root may change.

    Another's file in a sticky folder (/tmp) cannot be put in the place of one's own.
    """
    others = stat.S_IWOTH | (stat.S_IWGRP if uid == 0 else 0)  # a user's group is mostly theirs alone
    for path in paths:
        for step in _steps(path):
            try:
                found = os.lstat(step)
            except OSError:  # what is not there, or not to be reached, is not run either
                break
            is_sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
            is_kept = is_sticky or stat.S_ISLNK(found.st_mode) or stat.S_ISCHR(found.st_mode)  # the last: /dev/null
            if found.st_uid not in (0, uid) or (found.st_mode & others and not is_kept):
                return step
    return ""


def _steps(path: str) -> Iterator[str]:
    """Give what the kernel goes by on its way to *path*, an absolute one: each folder, link, and what these lead to."""
    at, rest, links = "/", path.split("/"), 0
    yield at
    while rest and links < _MOST_LINKS:
        before = at
        at = os.path.normpath(os.path.join(at, rest.pop(0)))
        yield at
        if os.path.islink(at):
            links += 1
            target = os.readlink(at)
            rest = [*target.split("/"), *rest]
            at = "/" if target.startswith("/") else before
