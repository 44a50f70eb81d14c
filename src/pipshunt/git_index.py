"""Whether git tracks anything in a folder, told from the index file.

git itself is not asked: it may be absent, and a clone's git configuration can name programs to run.
The format is git's Documentation/gitformat-index.txt, versions 2 to 4, of SHA-1 and of SHA-256 repositories.
"""

import os

from pipshunt.requirements import open_at_once

_STAT_DATA = 40  # of an entry, before its object name
_EXTENDED = 0x4000
_NAME_LENGTH = 0x0FFF  # the low bits of an entry's flags; longer names are all given this length
_HASHES = (20, 32)  # bytes of an object name


def is_tracked(folder: str) -> bool:
    """Return whether git tracks *folder*, a file in it, or a link on the way to it.

    True also where its index cannot be understood.
    """
    repository = _find_repository(os.path.dirname(folder))
    if not repository:
        return False
    git = _git_folder(repository)
    try:
        with open(os.path.join(git, "index"), "rb", opener=open_at_once) as file:
            data = file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    path = os.fsencode(os.path.relpath(folder, repository))
    for hash_size in _HASHES:
        try:
            return _holds(data, path, hash_size)
        except (IndexError, ValueError):
            continue
    return True


def _find_repository(folder: str) -> str:
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        if folder == "/":
            return ""
        folder = os.path.dirname(folder)


def _git_folder(repository: str) -> str:
    """Return the folder of the index; in a worktree or submodule .git is a file that names it."""
    git = os.path.join(repository, ".git")
    if os.path.isdir(git):
        return git
    try:
        with open(git, "rb", opener=open_at_once) as file:
            line = os.fsdecode(file.read(4096)).partition("\n")[0]
    except OSError:
        return git
    return os.path.join(repository, line.removeprefix("gitdir: "))


def _holds(data: bytes, wanted: bytes, hash_size: int) -> bool:
    """Whether an entry is *wanted* or below, or above (a link or submodule); raises ValueError for no such index.

    Upper and lower case count as the same: on some file systems they are.
    """
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index")
    folder = wanted.lower() + b"/"
    position, path = 12, b""
    found = False
    for _ in range(int.from_bytes(data[8:12], "big")):
        start = position + _STAT_DATA + hash_size + 2
        flags = int.from_bytes(data[start - 2 : start], "big")
        start += 2 if flags & _EXTENDED else 0
        if version == 4:
            strip, start = _varint(data, start)
            end = data.index(b"\0", start)
            path = path[: len(path) - strip] + data[start:end]
            position = end + 1
        else:
            end = data.index(b"\0", start)
            path = data[start:end]
            position += (end - position) // 8 * 8 + 8  # one to eight NULs pad an entry
        if flags & _NAME_LENGTH != min(len(path), _NAME_LENGTH):
            raise ValueError("not an entry")
        entry = path.lower() + b"/"
        found = found or entry.startswith(folder) or folder.startswith(entry)
    _check_extensions(data, position, len(data) - hash_size)
    return found


def _check_extensions(data: bytes, position: int, end: int) -> None:
    """Raise ValueError if entries stand elsewhere too (a split index), or if this is not where an index ends."""
    while position < end:
        if data[position : position + 4] == b"link":
            raise ValueError("a split index")
        position += 8 + int.from_bytes(data[position + 4 : position + 8], "big")
    if position != end:
        raise ValueError("not an index")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Read git's offset encoding (varint.c): seven bits a byte, each continuation adding one."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, position + 1
