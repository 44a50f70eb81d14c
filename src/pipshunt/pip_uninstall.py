"""What pip uninstall looks at before it looks for the marker: it wants at least one requirement that has a name.

What counts as one is a grammar of its own in each pip (pip._internal.req.constructors, req.req_file, and packaging).
Here is told what all of them agree on: plain names, with plain versions or none, in the words and in files of such
lines. The rest is for pip itself to say (rehearsal.py).
"""

import os
from typing import TYPE_CHECKING

from pipshunt.pip_config import content_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_ARCHIVES = (".zip", ".whl", ".gz", ".tgz", ".bz2", ".tbz", ".xz", ".txz", ".tlz", ".lz", ".lzma", ".tar")
_OPERATORS = ("==", "!=", "<=", ">=", "<", ">")


def names_requirement(words: "Sequence[str]", files: "Sequence[str]", cwd: str) -> bool | None:
    """Tell whether pip finds a requirement to uninstall, and none that it cannot read; None: only pip can tell."""
    if not all(map(_is_plain, words)):
        return None
    named = bool(words)
    for file in files:
        found = _file_names_any(file, cwd)
        if found is None:
            return None
        named = named or found
    return named


def missing_file(files: "Sequence[str]", cwd: str) -> str:
    """Name the first requirements file that is not there, "" if all are."""
    return next((file for file in files if ":" not in file and not os.path.exists(os.path.join(cwd, file))), "")


def _is_plain(text: str) -> bool:
    """Tell whether a text is a project's name, with or without versions, to every pip."""
    name = text
    for at, letter in enumerate(text):
        if not (letter.isascii() and letter.isalnum()) and letter not in "._-":
            name = text[:at]
            break
    if not name or not name[0].isalnum() or not name[-1].isalnum() or name.lower().endswith(_ARCHIVES):
        return False
    rest = text[len(name) :].strip(" ")
    return not rest or all(_is_plain_version(part.strip(" ")) for part in rest.split(","))


def _is_plain_version(text: str) -> bool:
    """Tell whether a text is an operator and numbers."""
    operator = next((operator for operator in _OPERATORS if text.startswith(operator)), "")
    numbers = text[len(operator) :].strip(" ").split(".")
    return bool(operator) and all(number.isascii() and number.isdigit() for number in numbers)


def _file_names_any(path: str, cwd: str) -> bool | None:
    """Tell whether a requirements file of nothing but plain lines names any; None for any other file."""
    if ":" in path:
        return None
    try:
        content = content_of(os.path.join(cwd, path))
    except (OSError, ValueError):
        return None
    if content is None or not content.isascii():
        return None
    named = False
    for line in content.decode("ascii").split("\n"):
        said = line.removesuffix("\r").partition(" #")[0].strip(" ")
        if not said or said.startswith("#"):
            if line.endswith("\\"):
                return None
            continue
        if not _is_plain(said):
            return None
        named = True
    return named
