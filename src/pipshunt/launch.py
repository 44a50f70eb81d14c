"""How pip is launched by a call: by name, or through an interpreter with options of its own (`python3 -I -m pip …`).

What would install a pip (`python3 -m ensurepip`, `python3 get-pip.py`) is a launch of the pip that it carries.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.call import is_pip, is_python
from pipshunt.search import basename

_FLAGS = frozenset("bBdEiIOPqRsStuvx")  # CPython's options without a value (Python/initconfig.c, SHORT_OPTS)
_CHECKS = ("always", "default", "never")  # anything else after --check-hash-based-pycs is an error
ENSUREPIP = "ensurepip"


class Launch(NamedTuple):
    """Where pip's own arguments start in a call, and what stands before them."""

    options: tuple[str, ...]  # the interpreter's own: -I, -W, ignore
    script: str  # the pip script given to the interpreter by its path, "" for -m pip and for pip by name
    start: int  # index of pip's first argument; -1 when the call is none of pip's
    bootstrap: str = ""  # what would install a pip: `ensurepip`, or the path of a get-pip.py; start is then its own


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
            return _read_script(word, tuple(args[:index]), index + 1)
        ending, value = _cluster(word)
        if ending == "m":
            module = value or (args[index + 1] if index + 1 < len(args) else "")
            flags = word[: len(word) - len(value) - 1]  # -Im pip: what stands before the m
            options = (*args[:index], flags) if len(flags) > 1 else tuple(args[:index])
            return _read_module(module, options, index + (1 if value else 2))
        if ending in ("W", "X"):
            index += 1 if value else 2
            continue
        if ending:
            return NOT_PIP  # -c, -h, -V or unknown
        index += 1
    return NOT_PIP


def _read_module(module: str, options: tuple[str, ...], start: int) -> Launch:
    if module in (ENSUREPIP, "ensurepip.__main__"):
        return Launch(options, "", start, ENSUREPIP)
    return Launch(options, "", start) if module in ("pip", "pip.__main__") else NOT_PIP


def _read_script(path: str, options: tuple[str, ...], start: int) -> Launch:
    name = basename(path)
    if name.startswith(("get-pip", "get_pip")) and name.endswith(".py"):
        return Launch(options, "", start, path)
    is_pips = "/" in path and (is_pip(name) or name == "__pip-runner__.py")
    return Launch(options, path, start) if is_pips else NOT_PIP


def _cluster(word: str) -> tuple[str, str]:
    """Return the letter at which a cluster of short options stops being flags, and the text attached to it."""
    for position, letter in enumerate(word[1:], 1):
        if letter not in _FLAGS:
            return letter, word[position + 1 :]
    return "", ""
