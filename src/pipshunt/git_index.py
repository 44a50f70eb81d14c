"""Whether git tracks anything in a folder, told from the index file.

git itself is not asked: it may be absent, and a clone's git configuration can name programs to run.
The format is git's Documentation/gitformat-index.txt, versions 2 to 4.
"""

import os

_ENTRY_HEAD = 62  # stat data, object name (SHA-1) and flags
_EXTENDED = 0x4000


def is_tracked(folder: str) -> bool:
    """Return whether git tracks a file in *folder*; True also where its index cannot be understood."""
    repository = _find_repository(os.path.dirname(folder))
    if not repository:
        return False
    git = _git_folder(repository)
    try:
        with open(os.path.join(git, "index"), "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    prefix = os.fsencode(os.path.relpath(folder, repository)) + b"/"
    try:
        return _holds(data, prefix)
    except (IndexError, ValueError):
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
        with open(git, "rb") as file:
            line = os.fsdecode(file.read(4096)).partition("\n")[0]
    except OSError:
        return git
    return os.path.join(repository, line.removeprefix("gitdir: "))


def _holds(data: bytes, prefix: bytes) -> bool:
    """Whether an entry's path begins with *prefix*; raises ValueError for what is not an index we know."""
    version = int.from_bytes(data[4:8], "big")
    if data[:4] != b"DIRC" or version not in (2, 3, 4):
        raise ValueError("not an index")
    if b"link" in data[-4096:]:
        raise ValueError("a split index keeps its entries elsewhere")
    if version != 4 and prefix not in data:
        return False
    position, path = 12, b""
    for _ in range(int.from_bytes(data[8:12], "big")):
        extended = int.from_bytes(data[position + 60 : position + 62], "big") & _EXTENDED
        start = position + _ENTRY_HEAD + (2 if extended else 0)
        if version == 4:
            strip, start = _varint(data, start)
            end = data.index(b"\0", start)
            path = path[: len(path) - strip] + data[start:end]
            position = end + 1
        else:
            end = data.index(b"\0", start)
            path = data[start:end]
            position += (end - position) // 8 * 8 + 8  # one to eight NULs pad an entry
        if path.startswith(prefix):
            return True
    return False


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Read git's offset encoding (varint.c): seven bits a byte, each continuation adding one."""
    byte = data[position]
    value = byte & 0x7F
    while byte & 0x80:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) | (byte & 0x7F)
    return value, position + 1
