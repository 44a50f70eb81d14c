"""What pip uninstall looks at before it looks for the marker: it wants at least one requirement that has a name.

Source: pip._internal.commands.uninstall, req.constructors and req.req_file. Only what is certain is said: where pip
would ask the network, or a grammar of its own, a requirement is taken for one that has a name.
"""

import os
from typing import TYPE_CHECKING

from pipshunt.options import Spec, Table, walk
from pipshunt.pip_config import content_of
from pipshunt.requirements import without_comment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_FILES = 100  # that requirements files may draw in, before we stop counting
ARCHIVES = (".zip", ".whl", ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".xz", ".txz", ".tlz", ".lz", ".lzma")
TARS = (".gz", ".bz2", ".xz", ".lz", ".lzma")  # archives only as .tar.gz and so on
SCHEMES = ("http", "https", "file", "ftp", "ssh", "sftp", "git", "hg", "bzr", "svn")
OPERATORS = ("===", "==", "~=", "!=", "<=", ">=", "<", ">")

# The options of a requirements file, of all versions of pip: (flags, action).
FILE_OPTIONS = (
    ("--requirement -r", "append"),
    ("--constraint -c", "append"),
    ("--editable -e", "append"),
    ("--index-url --pypi-url -i", "store"),
    ("--extra-index-url", "append"),
    ("--no-index", "flag"),
    ("--find-links -f", "append"),
    ("--no-binary", "store"),
    ("--only-binary", "store"),
    ("--prefer-binary", "flag"),
    ("--require-hashes", "flag"),
    ("--no-require-hashes", "flag"),
    ("--pre", "flag"),
    ("--all-releases", "store"),
    ("--only-final", "store"),
    ("--trusted-host", "append"),
    ("--use-feature", "append"),
    ("--install-option", "append"),
    ("--global-option", "append"),
    ("--config-settings -C", "store"),
    ("--hash", "store"),
)


class _Ends(Exception):  # noqa: N818 - it never leaves this module
    """Why pip ends here."""


def why_nothing_to_remove(words: tuple[str, ...], files: tuple[str, ...], env: "Mapping[str, str]", cwd: str) -> str:
    """Say why pip ends before it comes to the marker, "" when it comes so far or when that cannot be known."""
    try:
        named = [_is_named(word, cwd) for word in words]
        seen: set[str] = set()
        named += [_file_names_any(file, env, cwd, seen) for file in files]
    except _Ends as end:
        return str(end)
    return "" if any(named) else "names no requirement to uninstall"


def _is_named(word: str, cwd: str) -> bool:
    """Tell whether a requirement has a name (or may have); one without is passed over by pip with a warning."""
    remote = word.partition(":")[0].lower().partition("+")[0] in SCHEMES and ":" in word
    name = word.partition("; " if remote else ";")[0].strip()
    if remote:
        path, _, fragment = name.partition("#")
        file = path.partition("?")[0].rpartition("/")[2]
        return _is_wheel(file, word) or "egg=" in fragment
    path = os.path.normpath(os.path.join(cwd, name))
    bare = path.rpartition("[")[0] if path.endswith("]") else path
    like_a_path = "/" in name or name.startswith(".")
    if like_a_path and os.path.isdir(bare):
        if not any(os.path.isfile(os.path.join(bare, sign)) for sign in ("setup.py", "pyproject.toml")):
            raise _Ends(f"directory {word!r} is not installable")
        return False
    before, at, _ = name.partition("@")
    by_url = at and "/" not in before and not before.startswith(".")
    if _is_archive(bare) and (os.path.isfile(bare) or not by_url):
        return _is_wheel(os.path.basename(bare), word)
    if not _is_specifier(name):
        raise _Ends(f"invalid requirement: {word!r}")
    return True


def _is_archive(path: str) -> bool:
    stem, extension = os.path.splitext(path.lower())
    return extension in ARCHIVES and (extension not in TARS or stem.endswith(".tar"))


def _is_wheel(file: str, word: str) -> bool:
    """Tell whether a file's name is a wheel's, which names its project."""
    if not file.endswith(".whl"):
        return False
    if file.count("-") not in (4, 5) or any(letter.isspace() for letter in file):
        raise _Ends(f"invalid wheel file name: {word!r}")
    return True


def _is_specifier(text: str) -> bool:
    """Tell whether a text may be `name[extras]versions` or `name[extras] @ url`."""
    name = ""
    for letter in text:
        if not (letter.isascii() and letter.isalnum()) and letter not in "._-":
            break
        name += letter
    if not name or not name[0].isalnum() or not name[-1].isalnum():
        return False
    rest = text[len(name) :].strip()
    if rest.startswith("["):
        if "]" not in rest:
            return False
        rest = rest.partition("]")[2].strip()
    if not rest or rest.startswith("@"):
        return rest != "@"
    if rest.startswith("(") and rest.endswith(")"):
        rest = rest[1:-1]
    return all(part.strip().startswith(OPERATORS) for part in rest.split(","))


def _file_names_any(path: str, env: "Mapping[str, str]", cwd: str, seen: set[str]) -> bool:
    """Tell whether a requirements file names a requirement, or may."""
    scheme, colon, _ = path.partition(":")
    if (colon and scheme.lower() in ("http", "https", "file")) or len(seen) > MOST_FILES:
        return True
    if path in seen:
        return False
    seen.add(path)
    try:
        content = content_of(os.path.join(cwd, path))
    except (OSError, ValueError):
        raise _Ends(f"cannot open requirements file {path}") from None
    if content is None:
        return True
    named = False
    for line in _lines(content.decode("utf-8", "replace"), env):
        requirement, options = _split(line)
        files, editables = _file_options(options, line)
        if requirement:
            named = _is_named(requirement, cwd) or named
        elif editables:
            named = True
        elif files:
            inner = files[0] if "://" in files[0] else os.path.join(os.path.dirname(path), files[0])
            named = _file_names_any(inner, env, cwd, seen) or named
    return named


def _lines(content: str, env: "Mapping[str, str]") -> "Iterator[str]":
    """Give the lines that say something: joined at a backslash, without comments, with ${VARIABLES} filled in."""
    joined = ""
    for line in [*content.splitlines(), ""]:
        comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not comment:
            joined += line.strip("\\")
            continue
        text = joined + (" " if comment else "") + line
        joined = ""
        text = without_comment(text).strip()
        for part in text.split("${")[1:]:
            name = part.partition("}")[0]
            if name.isupper() and env.get(name):
                text = text.replace(f"${{{name}}}", env[name])
        if text:
            yield text


def _split(line: str) -> tuple[str, str]:
    """Split a line where its options begin: the first word with a dash."""
    words = line.split(" ")
    at = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:at]), " ".join(words[at:])


def _file_options(options: str, line: str) -> tuple[list[str], list[str]]:
    """Give the files and the editables that a line's options name."""
    words = options.split()
    if any(mark in options for mark in "\"'\\"):
        import shlex

        try:
            words = shlex.split(options)
        except ValueError:
            raise _Ends(f"invalid line in a requirements file: {line!r}") from None
    if not words:
        return [], []
    specs = [(flags.split(), Spec(flags.split()[0], action, "")) for flags, action in FILE_OPTIONS]
    flags = {flag: spec for names, spec in specs for flag in names}
    long = {flag: spec for flag, spec in flags.items() if flag.startswith("--")}
    walked = walk(words, Table(long, flags), lambda *_: "", interspersed=True)
    if walked.ended:
        raise _Ends(f"invalid line in a requirements file: {line!r}")
    given = [(option.spec.name, option.value) for option in walked.given]
    files = [value for name in ("--requirement", "--constraint") for option, value in given if option == name]
    return files, [value for option, value in given if option == "--editable"]
