"""How pip is launched by a call: by name, or through an interpreter with options of its own (`python3 -I -m pip …`)."""

from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.call import is_pip, is_python
from pipshunt.search import basename

_FLAGS = frozenset("bBdEiIOPqRsStuvx")  # CPython's options without a value (Python/initconfig.c, SHORT_OPTS)
_CHECKS = ("always", "default", "never")  # anything else after --check-hash-based-pycs is an error


class Launch(NamedTuple):
    """Where pip's own arguments start in a call, and what stands before them."""

    options: tuple[str, ...]  # the interpreter's own: -I, -W, ignore
    script: str  # the pip script given to the interpreter by its path, "" for -m pip and for pip by name
    start: int  # index of pip's first argument; -1 when the call is none of pip's


NOT_PIP = Launch((), "", -1)


def read_launch(tool: str, args: Sequence[str]) -> Launch:
    """Read how *tool* with *args* launches pip, as CPython's own command line parser would."""
    if is_pip(tool):
        return Launch((), "", 0)
    if not is_python(tool):
        return NOT_PIP
    index = 0
    while index < len(args):
        word = args[index]
        if word == "--check-hash-based-pycs" and index + 1 < len(args) and args[index + 1] in _CHECKS:
            index += 2
            continue
        if word.startswith("--") or word == "-":
            return NOT_PIP
        if not word.startswith("-"):
            is_script = "/" in word and (is_pip(basename(word)) or basename(word) == "__pip-runner__.py")
            return Launch(tuple(args[:index]), word, index + 1) if is_script else NOT_PIP
        ending, value = _cluster(word)
        if ending == "m":
            module = value or (args[index + 1] if index + 1 < len(args) else "")
            if module not in ("pip", "pip.__main__"):
                return NOT_PIP
            flags = word[: len(word) - len(value) - 1]  # -Im pip: what stands before the m
            options = (*args[:index], flags) if len(flags) > 1 else tuple(args[:index])
            return Launch(options, "", index + (1 if value else 2))
        if ending in ("W", "X"):
            index += 1 if value else 2
            continue
        if ending:
            return NOT_PIP  # -c, -h, -V or unknown
        index += 1
    return NOT_PIP


def _cluster(word: str) -> tuple[str, str]:
    """Return the letter at which a cluster of short options stops being flags, and the text attached to it."""
    for position, letter in enumerate(word[1:], 1):
        if letter not in _FLAGS:
            return letter, word[position + 1 :]
    return "", ""
