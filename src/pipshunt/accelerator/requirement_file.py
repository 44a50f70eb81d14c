"""Requirements and constraints files, read line by line as pip reads them (pip._internal.req.req_file).

Of a requirements file uv is given what pip makes of it, line by line; a constraints file, or one with hashes, it can
only be given as it is, so there every line must be one that uv reads as pip does.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.options import Spec, Table, walk
from pipshunt.pip_config import content_of
from pipshunt.requirements import without_comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_MOST_LINES = 2000
_DEEPEST_NESTING = 10
_HASHES = ("sha256:", "sha384:", "sha512:")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ODD_LINE_ENDS = "\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
# The options of a line that have a counterpart; all others, and the shorter forms of all, are in no table of ours.
_SPECS = {
    **dict.fromkeys(("--requirement", "-r"), Spec("requirement", "store", "")),
    **dict.fromkeys(("--constraint", "-c"), Spec("constraint", "store", "")),
    **dict.fromkeys(("--editable", "-e"), Spec("editable", "store", "")),
    **dict.fromkeys(("--index-url", "-i"), Spec("index-url", "store", "")),
    **dict.fromkeys(("--find-links", "-f"), Spec("find-links", "store", "")),
    "--extra-index-url": Spec("extra-index-url", "store", ""),
    "--trusted-host": Spec("trusted-host", "store", ""),
    "--no-binary": Spec("no-binary", "store", ""),
    "--only-binary": Spec("only-binary", "store", ""),
    "--no-index": Spec("no-index", "flag", ""),
    "--pre": Spec("pre", "flag", ""),
    "--require-hashes": Spec("require-hashes", "flag", ""),
    "--hash": Spec("hash", "store", ""),
}
_OPTIONS = Table({flag: spec for flag, spec in _SPECS.items() if flag[1] == "-"}, _SPECS)
_ORDER = ("index-url", "extra-index-url", "trusted-host", "pre")  # as pip heeds those of one line
_ALIKE_IN_UV = ("requirement", "constraint", "index-url", "extra-index-url", "require-hashes")


class Line(NamedTuple):
    """What one line says: a requirement, or one option."""

    option: str  # "" for a requirement, else "editable", "constraint", "index-url" …
    value: str
    hashed: bool
    alike: bool  # uv reads it in the file as pip does
    place: str  # "requirements.txt, line 3"


def read_requirement_file(path: str, env: "Mapping[str, str]", cwd: str) -> list[Line]:
    """Read a requirements file and those that it names; paths in what it gives hold from *cwd*. Raises NoLikeness."""
    return list(_bounded(_lines_in(path, env, cwd, ()), path))


def read_constraint_file(path: str, env: "Mapping[str, str]", cwd: str) -> list[Line]:
    """Read a constraints file and those that it names: requirements that uv reads alike there. Raises NoLikeness."""
    return list(_bounded(_constraints_in(path, env, cwd, ()), path))


def _bounded(lines: "Iterator[Line]", path: str) -> "Iterator[Line]":
    for number, line in enumerate(lines):
        if number > _MOST_LINES:
            raise NoLikeness(f"{path} is too long")
        yield line


def _constraints_in(path: str, env: "Mapping[str, str]", cwd: str, within: tuple[str, ...]) -> "Iterator[Line]":
    whole = _place_of(path, cwd, within)
    for line in _lines_of(whole, path, env):
        if line.option == "constraint" and line.alike:
            yield from _constraints_in(_beside(path, line.value), env, cwd, (*within, whole))
        elif line.option or line.hashed or not line.alike or "[" in line.value:
            raise NoLikeness(f"{line.place} is read otherwise in a constraints file of uv")
        else:
            yield line


def _lines_in(path: str, env: "Mapping[str, str]", cwd: str, within: tuple[str, ...]) -> "Iterator[Line]":
    whole = _place_of(path, cwd, within)
    for line in _lines_of(whole, path, env):
        if line.option == "requirement":
            inner = _lines_in(_beside(path, line.value), env, cwd, (*within, whole))
            yield from inner if line.alike else (each._replace(alike=False) for each in inner)
        elif line.option == "constraint":
            yield line._replace(value=_beside(path, line.value))
        elif line.option == "find-links":
            near = os.path.join(os.path.dirname(whole), line.value)
            yield line._replace(value=near if os.path.exists(near) else line.value)
        else:
            yield line


def _beside(path: str, named: str) -> str:
    return named if _is_remote(named) else os.path.join(os.path.dirname(path), named)


def _is_remote(path: str) -> bool:
    return path.lower().startswith(("file:", "http:", "https:"))


def _place_of(path: str, cwd: str, within: tuple[str, ...]) -> str:
    """Give the whole path of a file that is read within others."""
    if _is_remote(path):
        raise NoLikeness(f"{path} is not on this machine")
    name = os.path.basename(path)
    if name.startswith("pylock.") and name.endswith(".toml"):
        raise NoLikeness(f"{path} is a lock file")
    whole = os.path.abspath(os.path.join(cwd, path))
    if whole in within or len(within) > _DEEPEST_NESTING:
        raise NoLikeness(f"{path} names itself")
    return whole


def _lines_of(whole: str, path: str, env: "Mapping[str, str]") -> "Iterator[Line]":
    """Yield what the lines of one file say."""
    for number, text, joined in _logical_lines(_read(whole, path)):
        expanded = _expanded(text, env)
        yield from _read_line(expanded, f"{path}, line {number}", alike="$" not in text and not joined)


def _read(path: str, named: str) -> str:
    """Read a file whose text does not depend on who decodes it."""
    try:
        content = content_of(path)
    except (OSError, ValueError) as error:
        raise NoLikeness(f"{named} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if content is None:
        raise NoLikeness(f"{named} is no ordinary file, or too large")
    bom, encoding = next(((bom, name) for bom, name in _BOMS if content.startswith(bom)), (b"", "utf-8"))
    if not bom and any(line.startswith(b"#") and b"coding" in line for line in content.split(b"\n")[:2]):
        raise NoLikeness(f"{named} names its own encoding")
    try:
        text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError:
        raise NoLikeness(f"{named} is not UTF-8") from None
    if any(end in text for end in _ODD_LINE_ENDS):
        raise NoLikeness(f"{named} has control characters in it")
    return text


def _logical_lines(text: str) -> "Iterator[tuple[int, str, bool]]":
    r"""Yield number, text and whether a requirement was continued inside, of lines joined at `\`, without comments."""
    parts: list[str] = []
    first = 0
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        comment = line.lstrip().startswith("#")
        first = first if parts else number
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            continue
        parts.append(" " + line if comment else line)
        said = without_comment("".join(parts)).strip()
        # uv knows continued lines only where options, that is hashes, follow
        inside = len(parts) > 1 and not (" --hash" in parts[0] or parts[1].lstrip().startswith("--hash"))
        if said:
            yield first, said, inside or any("#" in part for part in parts[:-1])
        parts = []


def _expanded(text: str, env: "Mapping[str, str]") -> str:
    """Put the values of `${VARIABLES}` in, those that have one."""
    for part in text.split("${")[1:]:
        name, brace, _ = part.partition("}")
        if brace and name.isascii() and name == name.upper() and name.replace("_", "a").isalnum() and env.get(name):
            text = text.replace(f"${{{name}}}", env[name])
    return text


def _read_line(text: str, place: str, *, alike: bool) -> "Iterator[Line]":
    """Read one line: a requirement and its hashes, or options."""
    words = text.split(" ")
    at = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    requirement, rest = " ".join(words[:at]).strip(), " ".join(words[at:])
    if any(mark in rest for mark in "\"'\\\t"):
        raise NoLikeness(f"{place} has quoted options")
    if not requirement.isascii():
        raise NoLikeness(f"{place} is not plain ASCII")
    walked = walk(rest.split(), _OPTIONS, lambda *_: "", interspersed=True)
    given = [(option.spec.name, option.value) for option in walked.given]
    exact = all(word in _SPECS or word.partition("=")[0] in _SPECS for word in rest.split() if word.startswith("--"))
    if walked.ended or walked.words or not exact:
        raise NoLikeness(f"{place} has options without a counterpart in uv: {rest}")
    if requirement:
        if not all(name == "hash" and value.startswith(_HASHES) and value.islower() for name, value in given):
            raise NoLikeness(f"{place} has options without a counterpart in uv: {rest}")
        yield Line("", requirement, bool(given), alike, place)
        return
    names = [name for name, _ in given]
    if "hash" in names or (len(names) > 1 and (len(set(names)) < len(names) or not set(names) <= set(_ORDER))):
        raise NoLikeness(f"{place} has options that uv does not take together: {rest}")
    for name, value in sorted(given, key=lambda option: _ORDER.index(option[0]) if len(given) > 1 else 0):
        yield Line(name, value, False, alike and len(given) == 1 and name in _ALIKE_IN_UV, place)
