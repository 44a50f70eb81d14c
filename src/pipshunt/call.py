"""The call: one intercepted command and the world it was made in, read once."""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Call(NamedTuple):
    """One command as it was given. Strings may hold surrogate escapes: bytes are kept as they came."""

    tool: str  # the name it was called by: pip, pip3.11, python3
    args: tuple[str, ...]  # the words after it
    real: str  # the real tool that the shim found behind itself; "" when there is none
    env: Mapping[str, str]
    cwd: str  # physical; "" when it cannot be read
    uid: int
    typed: str = ""  # the word it was typed as, a path perhaps; only `explain` knows it
    entered: str = ""  # the environment that the hook has entered, where the rest is as it was before that


def read_call(tool: str, real: str, args: Sequence[str]) -> Call:
    """Read the world of the call at hand. The one place that does."""
    try:
        cwd = os.getcwd()
    except OSError:
        cwd = ""
    return Call(tool, tuple(args), real, os.environ, cwd, os.geteuid())


def occupy_closed_descriptors() -> None:
    """Put /dev/null in the place of a closed stdin, stdout or stderr, so that no file of ours gets its number.

    It closes at exec: what we run finds them closed, as it would have without us. Raises OSError.
    """
    descriptor = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    while descriptor < 3:
        descriptor = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    os.close(descriptor)


def is_pip(tool: str) -> bool:
    """Whether *tool* is a name of pip's: pip, pip3, pip3.11."""
    return tool.startswith("pip") and is_version(tool[3:])


def is_python(tool: str) -> bool:
    """Whether *tool* is a name of an interpreter's: python, python3, python3.11."""
    return tool.startswith("python") and is_version(tool[6:])


def is_version(text: str) -> bool:
    """Whether *text* is what may follow in such a name: nothing, `3` or `3.11`."""
    return not text or all(part.isdecimal() for part in text.split("."))


def say(*lines: str) -> None:
    """Print *lines* to people, on stderr; every line carries our name, so that nobody takes it for pip's."""
    _write("".join(f"pipshunt: {_visible(line)}\n" for line in lines))


def show(lines: Sequence[str]) -> None:
    """Print a page: the first line carries our name and is complete in itself."""
    _write("pipshunt: " + "".join(f"{_visible(line)}\n" for line in lines))


def tell_runner(command: str) -> None:
    """Print *command* for the program that reads our output (a CI's runner): no name of ours stands ahead of it."""
    _write(f"{command}\n")


def quoted(word: str) -> str:
    """Return *word* as it is typed in a shell, so that what we advise can be copied."""
    plain = word[:1] not in ("=", "") and all(letter.isalnum() or letter in "/._-+@%:,=" for letter in word)
    return word if plain else "'" + word.replace("'", "'\\''") + "'"


def _visible(line: str) -> str:
    """Write control characters out: a name or a variable that is repeated must not move somebody's cursor."""
    if line.isprintable():
        return line
    return "".join(repr(letter)[1:-1] if _is_control(letter) else letter for letter in line)


def _is_control(letter: str) -> bool:
    return (letter < " " and letter != "\t") or "\x7f" <= letter <= "\x9f"


def _write(text: str) -> None:
    try:
        os.write(2, text.encode("utf-8", "surrogateescape"))
    except OSError:  # stderr closed: nobody to tell
        return
