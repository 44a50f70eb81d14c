"""The marked block: lines of ours in a file that is somebody else's, put in once and taken out again byte for byte.

The first line says what else is to be undone: a newline that was missing before it, a file and folders made for it.
"""

import errno
import os
import re
from contextlib import suppress
from typing import NamedTuple

BEGIN = b"# >>> pipshunt >>>"
END = b"# <<< pipshunt <<<"
# Said in the first line of a block that follows a line without an end, so that the newline between can go with it.
JOINED = b" (the line above had no end)"
_MADE = rb" \(this file(?: and (?P<folders>\d{1,3}) folders? around it)? (?:was|were) made for it\)"
_FIRST = re.escape(BEGIN) + rb"(?P<note>" + re.escape(JOINED) + rb"|" + _MADE + rb")?\r?\n"
_LINE = rb"(?!" + re.sub(rb"\?P<\w+>", b"?:", _FIRST) + rb")[^\n]*\n"
# From the last first line before the last line. An editor may have made its line ends those of DOS, or taken the last.
_BLOCK = re.compile(rb"^" + _FIRST + rb"(?:" + _LINE + rb")*?" + re.escape(END) + rb"\r?(?:\n|\Z)", re.MULTILINE)
_MARK = re.compile(rb"^(?:" + re.escape(BEGIN) + rb"|(?P<end>" + re.escape(END) + rb"))", re.MULTILINE)


class Standing(NamedTuple):
    """How our block stands in a file."""

    damage: str  # why it cannot be taken out, "" if it can
    goes: bool  # the file goes with it


class _File(NamedTuple):
    path: str  # behind symbolic links
    content: bytes
    mode: int
    owner: tuple[int, int]
    links: int


def with_block(content: bytes, block: bytes, *, at_top: bool) -> bytes:
    """Return *content* with *block* in it, once: where an older one stands, else at the top or at the end."""
    place = _BLOCK.search(content)
    if place:
        return content[: place.start()] + _frame(block, place["note"] or b"") + content[place.end() :]
    if at_top:
        return _frame(block) + content
    if content and not content.endswith(b"\n"):
        return content + b"\n" + _frame(block, JOINED)
    return content + _frame(block)


def without_block(content: bytes) -> bytes:
    """Return *content* without our blocks, as it was before `with_block` byte for byte."""
    while place := _BLOCK.search(content):
        # A line that was added after the block must not run into the one before it.
        joined = place["note"] == JOINED and place.end() == len(content)
        content = content[: place.start() - joined] + content[place.end() :]
    return content


def needs_block(path: str, block: bytes, *, at_top: bool) -> bool:
    """Whether `write_block` would change the file at *path*. Raises OSError."""
    file = _read(path)
    return file is None or with_block(file.content, block, at_top=at_top) != file.content


def write_block(path: str, block: bytes, *, at_top: bool) -> bool:
    """Put *block* into the file at *path*, or make the file; return whether it had to be changed.

    A symbolic link (a dotfile manager's) stays one: its target is written. Mode and owner stay. Raises OSError.
    """
    file = _read(path)
    if file is None:
        return _make(os.path.realpath(path), block)
    return _replace(file, with_block(file.content, block, at_top=at_top))


def remove_block(path: str) -> bool:
    """Take our block out of the file at *path*, as often as it is there, and what was made for it away.

    Return whether there was one. Raises OSError, also for a damaged one: nobody can tell what is to go.
    """
    file = _read(path)
    if file is None:
        return False
    damage = _find_damage(file.content)
    if damage:
        raise OSError(errno.EINVAL, damage, path)
    place = _BLOCK.search(file.content)
    if place is None:
        return False
    content = without_block(file.content)
    if not _is_made_for_it(file):
        return _replace(file, content)
    os.unlink(file.path)
    folder = os.path.dirname(file.path)
    with suppress(OSError):  # somebody else has put something in
        for _ in range(int(place["folders"] or 0)):
            os.rmdir(folder)
            folder = os.path.dirname(folder)
    return True


def look_for_block(path: str) -> Standing | None:
    """Return how our block stands in the file at *path*, None where it does not, or the file cannot be read."""
    try:
        file = _read(path)
    except OSError:
        return None
    if file is None:
        return None
    damage = _find_damage(file.content)
    if damage or _BLOCK.search(file.content):
        return Standing(damage, goes=not damage and _is_made_for_it(file))
    return None


def _find_damage(content: bytes) -> str:
    """Say where the first of our two lines is that stands without the other, "" if none does."""
    whole = [place.span() for place in _BLOCK.finditer(content)]
    for mark in _MARK.finditer(content):
        if not any(start <= mark.start() < end for start, end in whole):
            line = content.count(b"\n", 0, mark.start()) + 1
            has, where, lacks = (END, "above", BEGIN) if mark["end"] else (BEGIN, "below", END)
            return f"line {line} has '{has.decode()}', and no '{lacks.decode()}' {where} it; take our lines out by hand"
    return ""


def _is_made_for_it(file: _File) -> bool:
    """Whether the file was made for our block, and nobody has written anything else into it."""
    place = _BLOCK.search(file.content)
    made = place is not None and (place["note"] or b"").startswith(b" (this file")
    return made and not without_block(file.content)


def _frame(block: bytes, note: bytes = b"") -> bytes:
    return BEGIN + note + b"\n" + block + END + b"\n"


def _read(path: str) -> _File | None:
    """Return the file at *path*, None where there is none. Raises OSError."""
    path = os.path.realpath(path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(errno.EINVAL, "not a regular file", path)  # a named pipe would be waited for
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            owner = status.st_uid, status.st_gid
            return _File(path, file.read(), status.st_mode & 0o7777, owner, status.st_nlink)
    except FileNotFoundError:
        return None


def _make(path: str, block: bytes) -> bool:
    from pipshunt.atomic_file import replace_file

    folder, made = os.path.dirname(path), 0
    while not os.path.lexists(folder):
        folder, made = os.path.dirname(folder), made + 1
    os.makedirs(os.path.dirname(path), exist_ok=True)
    said = b"this file was made for it"
    if made:
        said = b"this file and %d folder%s around it were made for it" % (made, b"s" if made > 1 else b"")
    return replace_file(path, _frame(block, b" (" + said + b")"), 0o644)


def _replace(file: _File, content: bytes) -> bool:
    from pipshunt.atomic_file import replace_file

    if content == file.content:
        return False
    if file.links > 1:
        _overwrite(file, content)
        return True
    replace_file(file.path, content, file.mode)
    written = os.stat(file.path)
    if (written.st_uid, written.st_gid) != file.owner:
        os.chown(file.path, *file.owner)
    return True


def _overwrite(file: _File, content: bytes) -> None:
    """Write into the file itself, which has other names, too. On a full disk it is as before. Raises OSError."""
    with open(file.path, "r+b", buffering=0) as stream:
        if stream.write(content) == len(content):
            stream.truncate()
            os.fsync(stream.fileno())
            return
        stream.seek(0)
        stream.write(file.content)
        stream.truncate()
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.path)
