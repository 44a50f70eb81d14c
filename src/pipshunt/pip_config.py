"""What pip finds in its configuration files and in PIP_… variables, and in which order it counts.

Source of the facts: pip._internal.configuration, pip._internal.cli.parser, pip's platformdirs, and CPython's
configparser (RawConfigParser, strict), whose import alone would cost more than our whole decision. Where a file is no
ordinary file (a pipe would be empty when pip's turn comes) or is longer than any configuration, it counts as empty.
"""

import os
import stat
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

BOUND = 1 << 20
VARIABLES = ":env:"


class Entry(NamedTuple):
    """One line of configuration: the key as pip compares it, the value as it stands."""

    section: str
    key: str
    value: str
    origin: str  # "/etc/pip.conf [install]" or "PIP_TARGET"


class Source(NamedTuple):
    """One file, or the environment."""

    kind: str  # global, user, site, env (the file that PIP_CONFIG_FILE names), variables
    path: str
    entries: tuple[Entry, ...]


class Configuration(NamedTuple):
    """All that pip reads, least important first; `error` says why pip stops at it, "" when it does not."""

    sources: tuple[Source, ...]
    error: str
    unsure: str = ""  # a file that pip may read otherwise than we do, or not at all


class Unreadable(Exception):  # noqa: N818 - as pip says it: "could not be loaded"
    """A file that configparser refuses, and so pip ends with."""


def read_configuration(env: "Mapping[str, str]", cwd: str, prefix: str, version: tuple[int, ...]) -> Configuration:
    """Read the files and variables that the pip of this version, under this sys.prefix, would read."""
    sources = []
    unsure = ""
    for kind, path in _files(env, cwd, prefix, version):
        try:
            content = content_of(os.path.join(cwd, path)) or b""
        except (OSError, ValueError):
            content = b""  # what pip cannot open it passes over without a word
        if not content.isascii() and not _reads_utf8(env):
            unsure = path
        try:
            entries = _read_file(path, _decode(content, unsure), version)
        except Unreadable as error:
            return Configuration((), f"configuration file {path} cannot be loaded: {error}")
        sources.append(Source(kind, path, entries))
    sources.append(Source("variables", VARIABLES, tuple(_last(_variables(env)))))
    return Configuration(tuple(sources), "", unsure)


def entries_for(
    configuration: Configuration, parser: str, version: tuple[int, ...], *, isolated: bool
) -> "Iterator[Entry]":
    """Give what the parser of this name ("global" or a command) takes its defaults from, least important first."""
    sources = [source for source in configuration.sources if not (isolated and source.kind in ("user", "variables"))]
    if version >= (25, 2):  # since then a file that is named twice keeps the rank of its first mention
        sources = list({source.path: source for source in sources}.values())
    entries = [entry for source in sources for entry in source.entries]
    if not (25, 2) <= version < (26, 0):  # but for these, an empty value hides the same key of a lesser file
        entries = list(_last(entries))
    for section in ("global", parser, VARIABLES):
        yield from (entry for entry in entries if entry.section == section and entry.value)


def _last(entries: "Iterable[Entry]") -> "Iterable[Entry]":
    """Keep the last entry of each key, where its first one stood."""
    return {(entry.section, entry.key): entry for entry in entries}.values()


def _files(env: "Mapping[str, str]", cwd: str, prefix: str, version: tuple[int, ...]) -> "Iterator[tuple[str, str]]":
    """Name the files, in rising importance (configuration.py, OVERRIDE_ORDER and iter_config_files)."""
    named = env.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    for folder in _site_folders(env, prefix, version):
        yield "global", os.path.join(folder, "pip.conf")
    if not (named and os.path.exists(os.path.join(cwd, named))):
        yield "user", os.path.join(_expand("~", env), ".pip", "pip.conf")
        yield "user", os.path.join(_user_folder(env, cwd, version), "pip.conf")
    yield "site", os.path.join(prefix, "pip.conf")
    if named:
        yield "env", named


def _site_folders(env: "Mapping[str, str]", prefix: str, version: tuple[int, ...]) -> list[str]:
    """Name the machine's folders (utils/appdirs.py and platformdirs)."""
    if sys.platform == "darwin":
        brew, cellar, _ = prefix.partition("/opt/python")
        return ([f"{brew}/share/pip"] if cellar else []) + ["/Library/Application Support/pip"]
    listed = env.get("XDG_CONFIG_DIRS", "")
    if version >= (26, 3):
        folders = [folder.strip() for folder in listed.split(os.pathsep) if folder.strip().startswith("/")]
    elif version >= (26, 2):
        folders = [folder for folder in listed.strip().split(os.pathsep) if folder.strip()]
    else:
        folders = listed.split(os.pathsep) if listed.strip() else []
    if version < (24, 1):
        folders = [_expand(folder, env) for folder in folders]
    if not listed.strip() or (not folders and version >= (26, 3)):
        folders = ["/etc/xdg"]
    return [*(os.path.join(folder, "pip") for folder in folders), "/etc"]


def _user_folder(env: "Mapping[str, str]", cwd: str, version: tuple[int, ...]) -> str:
    """Name the user's folder."""
    if sys.platform == "darwin":
        apple = _expand("~/Library/Application Support/pip", env)
        return apple if os.path.isdir(os.path.join(cwd, apple)) else _expand("~/.config/pip", env)
    folder = env.get("XDG_CONFIG_HOME", "")
    if version >= (26, 2):
        folder = folder.strip()
    if version >= (26, 3):
        folder = folder if folder.startswith("/") else ""
        env = {name: value for name, value in env.items() if name != "HOME" or value}  # empty is as good as none
    return os.path.join(folder if folder.strip() else _expand("~/.config", env), "pip")


def _expand(path: str, env: "Mapping[str, str]") -> str:
    """Expand `~` as os.path.expanduser does, but from the environment at hand; another user's asks no environment."""
    if path != "~" and not path.startswith("~/"):
        return os.path.expanduser(path)
    home = env.get("HOME")
    if home is None:
        import pwd

        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            return path
    return home.rstrip("/") + path[1:] or "/"


def _variables(env: "Mapping[str, str]") -> "Iterator[Entry]":
    for name, value in env.items():
        key = name[4:].lower()
        if name.startswith("PIP_") and key not in ("version", "help"):
            yield Entry(VARIABLES, _key(key), value, name)


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _read_file(path: str, text: str, version: tuple[int, ...]) -> tuple[Entry, ...]:
    """Read the text of one file. Raises Unreadable."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    entries = (
        Entry(section, _key(name), value, f"{path} [{section}]")
        for section, names in parse_ini(lines, _key if version >= (26, 3) else str.lower).items()
        for name, value in names.items()
    )
    return tuple(_last(entries))


def content_of(path: str) -> bytes | None:
    """Read an ordinary file that is not overlong, None for any other. Raises OSError, and ValueError for a mad name."""
    if stat.S_ISFIFO(os.stat(path).st_mode):
        return None  # not even opened: whoever waits to write into it would take us for its reader
    opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(opened)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > BOUND:
            return None
        content = bytearray()
        while chunk := os.read(opened, BOUND):
            content += chunk
        return bytes(content)
    finally:
        os.close(opened)


def _reads_utf8(env: "Mapping[str, str]") -> bool:
    """Tell whether pip is sure to read a file as UTF-8: so it is in all but old locales (PEP 538, PEP 540)."""
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or "C"
    if locale in ("C", "POSIX"):
        return not env.get("PYTHONUTF8") and not env.get("PYTHONCOERCECLOCALE")
    return "utf-8" in locale.lower() or "utf8" in locale.lower()


def _decode(content: bytes, unsure: str) -> str:
    """Decode as UTF-8; where that is not sure, any byte is a letter. Raises Unreadable."""
    try:
        return content.decode("latin-1" if unsure else "utf-8")
    except UnicodeDecodeError:
        raise Unreadable("contains invalid UTF-8 characters") from None


def parse_ini(lines: list[str], key: "Callable[[str], str]" = str.lower) -> dict[str, dict[str, str]]:
    """Read sections and their values as RawConfigParser does, DEFAULT's in every section. Raises Unreadable.

    *key*: what is done to an option's name before it is told from the others.
    """
    sections: dict[str, dict[str, list[str]]] = {"DEFAULT": {}}
    section: dict[str, list[str]] | None = None
    value: list[str] | None = None  # of the option that an indented line would continue
    margin = 0
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if text.startswith(("#", ";")):
            continue
        if not text or (value is not None and indent > margin):
            if value is not None:
                value.append(text)
            continue
        margin, value = indent, None
        header = _header(text)
        if header:
            if header != "DEFAULT" and header in sections:
                raise Unreadable(f"line {number}: section {header!r} already exists")
            section = sections.setdefault(header, {})
        elif section is None:
            raise Unreadable(f"line {number}: no section header before {text!r}")
        else:
            name, value = _option(text, number)
            name = key(name)
            if name in section:
                raise Unreadable(f"line {number}: option {name!r} already exists")
            section[name] = value
    defaults = sections.pop("DEFAULT")
    return {
        header: {name: "\n".join(value).rstrip() for name, value in {**defaults, **own}.items()}
        for header, own in sections.items()
    }


def _header(text: str) -> str:
    """Read `[name] whatever`; "" when the line is none."""
    return text[1 : text.rfind("]")] if text[0] == "[" and "]" in text else ""


def _option(text: str, number: int) -> tuple[str, list[str]]:
    """Read `name = value` or `name: value`."""
    ends = [at for at in (text.find("="), text.find(":")) if at > 0]
    if not ends or text[0] in "=:":
        raise Unreadable(f"line {number}: neither a section nor an option: {text!r}")
    return text[: min(ends)].rstrip(), [text[min(ends) + 1 :].strip()]
