"""Requirements that pip and uv read alike: a name with extras, versions and a marker, or a project's folder.

The grammar is narrower than PEP 508: what is left out is either read differently by the two (`===`, `>=1.*`, markers
that compare strings), or leaves another trace (pip notes an archive's hash in direct_url.json, uv does not).
"""

import os
from typing import NamedTuple

from pipshunt.requirements import normalised

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
_NAME = _LETTERS | frozenset("._-")
_PATH = _NAME | frozenset("/+")
_BLANK = " \t"
_OPERATORS = ("~=", "==", "!=", "<=", ">=", "<", ">")
_PRE_RELEASES = ("a", "b", "rc")
_VERSION_VARIABLES = ("python_version", "python_full_version")
_TEXT_VARIABLES = (
    *("os_name", "sys_platform", "platform_machine", "platform_system"),
    *("platform_python_implementation", "implementation_name"),
)
# What uv takes for a file, and asks about at a terminal, and what pip takes for an archive.
_FILE_SUFFIXES = (
    *(".txt", ".in", ".toml", ".py", ".cfg", ".lock", ".whl", ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz"),
    *(".xz", ".txz", ".tlz", ".lz", ".lzma"),
)


class NoLikeness(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """pip and uv may not make the same of it; the text completes "pip runs, because …"."""


class Requirement(NamedTuple):
    """One requirement that both read alike."""

    text: str
    name: str  # normalised; "" for a folder
    versions: str  # "" when it names none, "pre" when it names a pre-release that pip heeds, else "final"


def read_requirement(text: str, cwd: str, version: tuple[int, ...]) -> Requirement:
    """Read a requirement as the pip of this version would, in the folder *cwd*. Raises NoLikeness."""
    text = text.strip()
    before, semicolon, marker = text.partition(";")
    before = before.rstrip()
    if ("/" in before and ":" not in before and "@" not in before) or before.startswith("."):
        if semicolon:
            raise NoLikeness(f"{text} is a folder with a marker")
        check_folder(before, cwd, version, editable=False)
        return Requirement(text, "", "")
    if ":" in before or "@" in before or "/" in before:
        raise NoLikeness(f"uv does not note where {text} came from as pip does")
    name, rest = _split_name(before, text)
    versions = _read_specifiers(rest, text, version) if rest else ""
    if semicolon:
        _read_marker(marker, text)
        if versions == "pre":
            raise NoLikeness(f"{text} names a pre-release under a condition")
    return Requirement(text, normalised(name), versions)


def check_folder(text: str, cwd: str, version: tuple[int, ...], *, editable: bool) -> None:
    """Check a project's folder, with or without extras. Raises NoLikeness."""
    path, bracket, extras = text.partition("[")
    if bracket:
        _check_extras(extras, text)
    if not path or path.startswith(("-", "~")) or not _PATH.issuperset(path):
        raise NoLikeness(f"{text} is no plain path of a folder")
    folder = os.path.join(cwd, path)
    if not os.path.isdir(folder):
        why = "uv does not note an archive's hash as pip does" if os.path.isfile(folder) else f"{text} is no folder"
        raise NoLikeness(why)
    standard = _has_build_system(os.path.join(folder, "pyproject.toml"))
    if not standard and not os.path.isfile(os.path.join(folder, "setup.py")):
        raise NoLikeness(f"{text} does not say how it is built")
    if not standard and version < (25, 3):
        how = "setup.py develop" if editable else "the environment's own setuptools"
        raise NoLikeness(f"this pip installs {text} by {how}")


def _has_build_system(pyproject: str) -> bool:
    from pipshunt.pip_config import content_of

    try:
        content = content_of(pyproject) or b""
    except (OSError, ValueError):
        return False
    return any(line.strip().replace(b" ", b"") == b"[build-system]" for line in content.splitlines())


def _split_name(text: str, whole: str) -> tuple[str, str]:
    """Split off the name and its extras; give the name and what follows."""
    end = next((at for at, letter in enumerate(text) if letter not in _NAME), len(text))
    name, rest = text[:end], text[end:].lstrip(_BLANK)
    if not _is_name(name):
        raise NoLikeness(f"{whole!r} is no plain requirement")
    if name.lower().endswith(_FILE_SUFFIXES):
        raise NoLikeness(f"{whole} looks like a file's name")
    if rest.startswith("["):
        extras, bracket, rest = rest[1:].partition("]")
        _check_extras(extras + bracket, whole)
    return name, rest.strip(_BLANK)


def _is_name(name: str) -> bool:
    return bool(name) and name[0] in _LETTERS and name[-1] in _LETTERS and _NAME.issuperset(name)


def _check_extras(text: str, whole: str) -> None:
    """Check `a, b]`."""
    if not text.endswith("]") or not all(_is_name(extra.strip(_BLANK)) for extra in text[:-1].split(",")):
        raise NoLikeness(f"{whole!r} has no plain extras")


def _read_specifiers(text: str, whole: str, version: tuple[int, ...]) -> str:
    """Check `>=1, <2` and tell whether it names a pre-release in a way that this pip heeds ("pre") or not ("final")."""
    heeded = ("~=", "==", "<=", ">=", "<", ">") if version >= (25, 0) else ("~=", "==", "<=", ">=")
    prerelease = False
    for part in text.split(","):
        operator, named = _split_operator(part.strip(_BLANK))
        if not operator:
            raise NoLikeness(f"{whole!r} has no plain versions")
        wild = named.endswith(".*")
        kind = _kind_of(named.removesuffix(".*"))
        if (
            not kind
            or (wild and (operator not in ("==", "!=") or kind != "final"))
            or ("+" in named and operator not in ("==", "!="))
            or (operator == "~=" and "." not in named)
        ):
            raise NoLikeness(f"{whole!r} has no plain versions")
        prerelease = prerelease or (kind == "pre" and operator in heeded)
    return "pre" if prerelease else "final"


def _split_operator(text: str) -> tuple[str, str]:
    """Split `>=1.0`; ("", "") when it is none of the common operators."""
    operator = next((operator for operator in _OPERATORS if text.startswith(operator)), "")
    named = text[len(operator) :].lstrip(_BLANK)
    return ("", "") if named.startswith("=") else (operator, named)


def _kind_of(version: str) -> str:
    """Tell a version in its normal form (PEP 440): "final", "post", "pre"; "" for any other text."""
    public, plus, local = version.partition("+")
    if plus and (not local or not all(part.isascii() and part.isalnum() for part in local.split("."))):
        return ""
    epoch, bang, release = public.partition("!")
    if bang and not _is_number(epoch):
        return ""
    parts = (release if bang else public).split(".")
    kind = "final"
    for tag, meaning in (("dev", "pre"), ("post", "post")):
        if len(parts) > 1 and parts[-1].startswith(tag):
            if not _is_number(parts.pop()[len(tag) :]):
                return ""
            kind = kind if kind == "pre" else meaning
    for letters in _PRE_RELEASES:
        number, found, counted = parts[-1].partition(letters)
        if found:
            if not _is_number(counted):
                return ""
            parts[-1] = number
            kind = "pre"
            break
    return kind if all(map(_is_number, parts)) else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _read_marker(text: str, whole: str) -> None:
    """Check that both evaluate a marker alike: plain comparisons of common variables, joined by and, or, brackets."""
    tokens = _tokens(text)
    depth = 0
    at = 0
    while True:
        while tokens[at : at + 1] == ["("]:
            depth += 1
            at += 1
        if not _is_comparison(tokens[at : at + 3]):
            raise NoLikeness(f"{whole!r} has no plain marker")
        at += 3
        while tokens[at : at + 1] == [")"]:
            depth -= 1
            at += 1
        if depth < 0 or at >= len(tokens) or tokens[at] not in ("and", "or"):
            break
        at += 1
    if depth or at < len(tokens):
        raise NoLikeness(f"{whole!r} has no plain marker")


def _tokens(text: str) -> list[str]:
    """Split a marker into brackets, words, operators and quoted values; an unclosed quote spoils the last token."""
    tokens: list[str] = []
    at = 0
    while at < len(text):
        letter = text[at]
        stop = at + 1
        if letter in _BLANK:
            at = stop
            continue
        if letter in "\"'":
            stop = text.find(letter, at + 1) + 1 or len(text) + 1
        elif letter in "<>=!~":
            while stop < len(text) and text[stop] in "<>=!~":
                stop += 1
        elif letter not in "()":
            while stop < len(text) and (text[stop] in _LETTERS or text[stop] == "_"):
                stop += 1
        tokens.append(text[at:stop])
        at = stop
    return tokens


def _is_comparison(tokens: list[str]) -> bool:
    if len(tokens) < 3 or len(tokens[2]) < 3 or tokens[2][0] not in "\"'" or tokens[2][-1] != tokens[2][0]:
        return False
    variable, operator, value = tokens[0], tokens[1], tokens[2][1:-1]
    if variable in _TEXT_VARIABLES:
        return operator in ("==", "!=") and all(letter in _NAME or letter == "_" for letter in value)
    if variable not in _VERSION_VARIABLES or operator not in ("==", "!=", "<=", ">=", "<", ">"):
        return False
    parts = value.split(".")
    if variable == "python_version" and len(parts) != 2:
        return value == "3" and operator in ("<", ">=")
    return 1 < len(parts) < 4 and all(map(_is_number, parts))
