"""The names of the packages that a command asks for: from its requirements and the requirements files it reads."""

import os
from collections.abc import Iterator, Sequence

_LARGEST_FILE = 1 << 20
_DEEPEST_NESTING = 5
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_URL_SCHEMES = frozenset(("http", "https", "file", "ftp", "git"))
_VCS_PREFIXES = ("git+", "hg+", "svn+", "bzr+")
# pip._internal.utils.filetypes.ARCHIVE_EXTENSIONS, wheels apart
_SDIST_SUFFIXES = (
    *(".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz"),
    *(".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"),
)
_FILE_TYPE, _REGULAR_FILE = 0o170000, 0o100000


def normalised(name: str) -> str:
    """Return *name* as PEP 503 compares names: lower case, every run of `-`, `_` and `.` one `-`."""
    name = name.lower().replace("_", "-").replace(".", "-")
    while "--" in name:
        name = name.replace("--", "-")
    return name


def package_names(command_requirements: Sequence[str], requirement_files: Sequence[str], cwd: str) -> tuple[str, ...]:
    """Return the normalised names that are asked for, each once, in the order of the command.

    Where some are named and some are not to be known (a folder, a bare URL, a file that cannot be read), the last
    one is "", so that a rule for the named ones does not decide for the others too. Nothing named at all: ().
    """
    names = [requirement_name(requirement) for requirement in command_requirements]
    seen: set[str] = set()
    for file in requirement_files:
        names += map(requirement_name, texts_in_file(os.path.join(cwd, file), 1, seen))
    named = tuple(dict.fromkeys(name for name in names if name))
    return (*named, "") if named and "" in names else named


def requirement_name(requirement: str) -> str:
    """Return the normalised name in *requirement*, "" if it does not tell one.

    A requirement is a PEP 508 line, a path, or a URL, told apart as `pip._internal.req.constructors` does.
    """
    text = requirement.strip()
    if _is_url(text):
        return _name_in_url(text.partition("; ")[0].strip())
    text = text.partition(";")[0].strip()
    name = _leading_name(text)
    rest = text[len(name) :].lstrip()
    after_extras = rest.partition("]")[2].lstrip() if rest.startswith("[") else rest
    if after_extras.startswith("@"):
        return normalised(name) if _is_name(name) else ""
    path = text[: text.rindex("[")] if text.endswith("]") and "[" in text else text
    if path.lower().endswith((".whl", *_SDIST_SUFFIXES)):
        return _name_of_archive(os.path.basename(path))
    follows = text[len(name) :][:1]
    return normalised(name) if _is_name(name) and follows in ("", *" \t[(<>=!~") else ""


def _leading_name(text: str) -> str:
    for position, character in enumerate(text):
        if character not in _NAME_CHARACTERS:
            return text[:position]
    return text


def _is_name(name: str) -> bool:
    """PEP 508: a name starts and ends with a letter or digit."""
    return bool(name) and name[0] not in "._-" and name[-1] not in "._-"


def _is_url(text: str) -> bool:
    scheme, colon, _ = text.partition(":")
    return bool(colon) and (scheme.lower() in _URL_SCHEMES or scheme.lower().startswith(_VCS_PREFIXES))


def _name_in_url(url: str) -> str:
    """Return the name that a wheel's file name tells, else what `#egg=` says, else what an sdist's file name tells."""
    address, _, fragment = url.partition("#")
    archive = os.path.basename(address.partition("?")[0].partition(":")[2])
    if "%" in archive:
        from urllib.parse import unquote  # rare, and not light

        archive = unquote(archive)
    if archive.lower().endswith(".whl"):
        return _name_of_archive(archive)
    for part in fragment.split("&"):
        key, _, value = part.partition("=")
        if key == "egg":
            name = _leading_name(value)
            return normalised(name) if _is_name(name) else ""
    is_vcs = url.lower().startswith(_VCS_PREFIXES)
    return "" if is_vcs else _name_of_archive(archive)


def _name_of_archive(file_name: str) -> str:
    """Return the name in NAME-VERSION-TAGS.whl (PEP 427) or NAME-VERSION.tar.gz (PEP 625), "" if it is neither."""
    if file_name.lower().endswith(".whl"):
        parts = file_name.split("-")
        return normalised(parts[0]) if len(parts) in (5, 6) and _is_name(parts[0]) else ""
    for suffix in _SDIST_SUFFIXES:
        if file_name.lower().endswith(suffix):
            name, _, version = file_name[: -len(suffix)].rpartition("-")
            known = version[:1].isdecimal() and _is_name(name) and _leading_name(name) == name
            return normalised(name) if known else ""
    return ""


def texts_in_file(path: str, depth: int, seen: set[str]) -> Iterator[str]:
    """Yield the requirements in a file and the files it names, as written; "" for a file that is not to be had.

    *seen*: the files that were read, of which each is once.
    """
    path = os.path.abspath(path)
    if path in seen:
        return
    seen.add(path)
    text = _read(path) if depth <= _DEEPEST_NESTING else None
    if text is None:
        yield ""
        return
    for line in _logical_lines(text):
        option, value = _read_line(line)
        if option == "-r":
            yield from texts_in_file(os.path.join(os.path.dirname(path), value), depth + 1, seen)
        elif value:
            yield value


def _read(path: str) -> str | None:
    """Return the file's text, None if it is too much or not to be had.

    What a pipe holds is left to pip, and so is opening it: whoever waits to write into one takes the first who opens it
    for its reader.
    """
    try:
        if os.stat(path).st_mode & _FILE_TYPE != _REGULAR_FILE:
            return None
        with open(path, "rb", opener=open_at_once) as file:
            status = os.fstat(file.fileno())
            if status.st_mode & _FILE_TYPE != _REGULAR_FILE or status.st_size > _LARGEST_FILE:
                return None
            data = file.read(_LARGEST_FILE)
    except (OSError, ValueError):
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):  # what PowerShell's `pip freeze > file` writes; pip reads it too
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "surrogateescape")


def open_at_once(file: str, flags: int) -> int:
    """Open *file* for open(), but never wait, as for the writer of a pipe."""
    return os.open(file, flags | os.O_NONBLOCK)


def _logical_lines(text: str) -> Iterator[str]:
    r"""Yield lines joined at a trailing `\` and without comments, as `pip._internal.req.req_file.preprocess` does."""
    parts: list[str] = []
    for line in text.splitlines():
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line[:-1])
            continue
        # A comment ends a continued line too; its text stays a comment.
        parts.append(" " + line if is_comment else line)
        yield without_comment("".join(parts)).strip()
        parts = []
    if parts:
        yield without_comment("".join(parts)).strip()


def without_comment(line: str) -> str:
    """Cut the comment off: a `#` starts one at the start or after white space; elsewhere it belongs to a URL."""
    start = line.find("#")
    while start > 0 and not line[start - 1].isspace():
        start = line.find("#", start + 1)
    return line if start < 0 else line[:start]


def _read_line(line: str) -> tuple[str, str]:
    """Return ("-r", file) or ("", requirement) for one line of a requirements file; both "" for any other option."""
    words = line.split()
    if words and not words[0].startswith("-"):
        options = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
        return "", " ".join(words[:options])
    for at, word in enumerate(words):
        value = " ".join(words[at + 1 :])
        if word.startswith("--"):
            word, equals, attached = word.partition("=")  # noqa: PLW2901
            value = " ".join([attached, *words[at + 1 :]]) if equals else value
            # optparse takes a unique beginning; `--require` may be --require-hashes, `--e` --extra-index-url.
            short = "-r" if _is_beginning(word, "--requirement", "--require") else ""
            short = "-e" if _is_beginning(word, "--editable", "--e") else short
        else:
            short = word[:2]
            value = " ".join([word[2:], *words[at + 1 :]]) if word[2:] else value
        if short in ("-r", "-e"):
            return short.replace("-e", ""), _unquoted(value)
    return "", ""


def _is_beginning(word: str, option: str, ambiguous: str) -> bool:
    return option.startswith(word) and len(word) > len(ambiguous)


def _unquoted(value: str) -> str:
    """Return the first shell word of *value* (pip splits the options of a line with shlex)."""
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0]
    return value.partition(" ")[0]
