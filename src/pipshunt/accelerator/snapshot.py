"""What is installed in an environment, read from the folders that describe it (Recording installed projects, PyPA)."""

import os
from collections.abc import Callable
from typing import NamedTuple

from pipshunt.requirements import normalised

_INFO = ".dist-info"
_FOREIGN = (".egg-info", ".egg-link", ".egg")


class Distribution(NamedTuple):
    """One installed project."""

    name: str  # normalised
    version: str
    info: str  # its .dist-info folder


class Snapshot(NamedTuple):
    """What a site-packages folder holds; `foreign` are the names that are installed in a way older than .dist-info."""

    site: str
    distributions: dict[str, Distribution]
    foreign: frozenset[str]


class Unclear(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """What is installed cannot be told, or not be changed by us; the text says why."""


def take_snapshot(site: str) -> Snapshot:
    """Read what *site* holds. Raises OSError, and Unclear where pip itself would have to judge."""
    distributions: dict[str, Distribution] = {}
    foreign: set[str] = set()
    for entry in sorted(os.listdir(site)):
        if entry.endswith(_FOREIGN):
            foreign.add(normalised(entry.rpartition(".")[0].partition("-")[0]))
        if not entry.endswith(_INFO):
            continue
        name, _, version = entry.removesuffix(_INFO).partition("-")
        key = normalised(name)
        info = os.path.join(site, entry)
        if not version or key in distributions or not os.path.isfile(os.path.join(info, "METADATA")):
            raise Unclear(f"{info} is damaged, or not the only one")
        distributions[key] = Distribution(key, version, info)
    return Snapshot(site, distributions, frozenset(foreign))


class Project(NamedTuple):
    """What a METADATA file tells; the requirements are texts, as written."""

    name: str  # as written
    version: str
    requires_python: str
    requires: tuple[str, ...]
    extras: tuple[str, ...] = ()


def read_project(info: str) -> Project:
    """Read the headers of *info*/METADATA. Raises OSError, and Unclear where it has no name or version."""
    with open(os.path.join(info, "METADATA"), "rb") as file:
        head = file.read().partition(b"\n\n")[0].decode("utf-8", "surrogateescape")
    if "\r" in head:
        head = head.replace("\r\n", "\n").partition("\n\n")[0]
    found: dict[str, list[str]] = {}
    key = ""
    for line in head.split("\n"):
        if line[:1] in (" ", "\t"):  # a header goes on
            if key:
                found[key][-1] += " " + line.strip()
            continue
        key, _, value = line.partition(":")
        key = key.lower()
        found.setdefault(key, []).append(value.strip())
    name, version = found.get("name", [""])[0], found.get("version", [""])[0]
    if not name or not version:
        raise Unclear(f"{info} names no project or no version")
    requires, extras = (tuple(found.get(header, ())) for header in ("requires-dist", "provides-extra"))
    return Project(name, version, found.get("requires-python", [""])[0], requires, extras)


Lookup = Callable[[str], Project | None]  # by normalised name


def project_lookup(snapshot: Snapshot) -> Lookup:
    """Return a function from a normalised name to what is installed, read when asked for: most has no part in it."""
    known: dict[str, Project | None] = {}

    def look_up(name: str) -> Project | None:
        if name not in known:
            distribution = snapshot.distributions.get(name)
            known[name] = read_project(distribution.info) if distribution else None
        return known[name]

    return look_up


def read_record(info: str) -> list[list[str]]:
    """Return the rows of *info*/RECORD: path, hash, size. Raises OSError, and Unclear where it is none."""
    import csv

    with open(os.path.join(info, "RECORD"), encoding="utf-8", newline="") as file:
        try:
            rows = [row for row in csv.reader(file) if row]
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unclear(f"{info}/RECORD cannot be read: {error}") from error
    if any(len(row) != 3 for row in rows):
        raise Unclear(f"{info}/RECORD has a line that is none")
    return rows


def owned_files(distribution: Distribution, environment: str, tag: str) -> list[str]:
    """Return what pip would remove with *distribution*: its files within *environment*, and what was compiled of them.

    *tag* is the interpreter's (cpython-311). Raises OSError and Unclear.
    """
    site = os.path.dirname(distribution.info)
    inside = os.path.normpath(environment) + os.sep
    found: dict[str, None] = {}
    for path, _, _ in read_record(distribution.info):
        full = os.path.normpath(os.path.join(site, path))
        found[full] = None
        if full.endswith(".py"):
            folder, name = os.path.split(full)
            found[os.path.join(folder, "__pycache__", f"{name[:-3]}.{tag}.pyc")] = None
    return [path for path in found if path.startswith(inside) and os.path.lexists(path)]
