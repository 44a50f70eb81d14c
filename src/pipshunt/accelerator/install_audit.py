"""Would pip have chosen the same? What uv is known to see otherwise, looked for in what it has installed.

Each function returns why pip is to decide, "" if there is nothing. Where uv differs: pip-to-uv in the documentation.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pipshunt import process
from pipshunt.accelerator.pip_library import PipLibrary
from pipshunt.accelerator.retrace import Way
from pipshunt.accelerator.snapshot import Distribution, Lookup, Project, Snapshot, read_project
from pipshunt.requirements import normalised, requirement_name

_METADATA = (".dist-info", ".egg-info")
# has uv tell on stderr which version of which project it tries: `DEBUG Selecting: six==1.17.0 [compatible] (…)`
TELL_CHOICES = {"RUST_LOG": "uv_resolver::resolver=debug", "NO_COLOR": "1"}


class Visible(NamedTuple):
    """What an environment sees of the system's packages."""

    names: frozenset[str]  # normalised
    needed: frozenset[str]  # what they depend on


def question_metadata(new: Mapping[str, Project], library: PipLibrary, python: str) -> str:
    """Judge by each one's own metadata: whether it is for this Python, and valid where pip insists on that."""
    for project in new.values():
        try:
            library.version(project.version)
            for text in project.requires:
                library.requirement(text)
            fits = library.specifiers(project.requires_python).contains(python, prereleases=True)
        except ValueError as error:
            return f"the metadata of {project.name} {project.version} is not valid: {error}"
        if not fits:
            return f"{project.name} {project.version} is for Python {project.requires_python}"
    return ""


def question_files(rows: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Judge by the files: of two that own one, the order decides which stays, and uv has none."""
    owner: dict[str, str] = {}
    for name, files in rows.items():
        for path, _, _ in files:
            if owner.setdefault(os.path.normpath(path), name) != name:
                return f"{owner[os.path.normpath(path)]} and {name} both have {path}"
    return ""


def question_scripts(infos: Iterable[str]) -> str:
    """Judge by the entry points: pip makes no script of `name = module : function`, nor one that names no function."""
    for info in infos:
        try:
            with open(os.path.join(info, "entry_points.txt"), encoding="utf-8", errors="replace") as file:
                lines = [line.strip() for line in file]
        except OSError:
            continue
        section = ""
        for line in lines:
            section = line if line.startswith("[") else section
            if section in ("[console_scripts]", "[gui_scripts]") and line[:1] not in ("", "[", "#", ";"):
                target = line.partition("=")[2].partition("[")[0].strip()
                if ":" not in target or any(letter.isspace() for letter in target):
                    return f"{os.path.basename(info)} has a script that pip may not make: {line}"
    return ""


def question_prereleases(projects: Mapping[str, Project], named: frozenset[str], library: PipLibrary) -> str:
    """Judge by what is a pre-release though no specifier has *named* one: uv's last resort, where pips go back."""
    for name, project in projects.items():
        if name not in named and library.version(project.version).is_prerelease:
            return f"{project.name} {project.version} is a pre-release that nobody named"
    return ""


def question_choices(log: Iterable[str]) -> str:
    """Judge by what uv says of its search: where it had to go back, pip may have gone back to something else.

    Both take the newest of what is allowed as long as nothing contradicts, so one choice a project is pip's choice too.
    """
    chosen: dict[str, str] = {}
    for line in log:
        _, selecting, choice = line.partition(" Selecting: ")
        name, equals, version = choice.partition("==")
        if selecting and equals and chosen.setdefault(name, version.split()[0]) != version.split()[0]:
            return f"uv tried {name} {chosen[name]}, then {version.split()[0]}, where pip may go another way"
    return ""


def _safe_extra(extra: str) -> str:
    import re  # packaging has it loaded already

    return re.sub("[^A-Za-z0-9.-]+", "_", extra).lower()


def question_extras(way: Way, after: Lookup, library: PipLibrary) -> str:
    """Judge by the extras asked for: one that a project does not name, pip warns of and passes over, and uv may not.

    Before 23.3 pip compares them as pkg_resources.safe_extra writes them: `-` and `_` are two.
    """
    fold = normalised if library.pip >= (23, 3) else _safe_extra
    for name, requirement in way.asked:
        project = after(name)
        named = set(map(fold, project.extras)) if project else set()
        for extra in sorted(requirement.extras):
            if project and fold(extra) not in named:
                return f"{project.name} {project.version} names no extra {extra}"
    return ""


def find_prereleases(way: Way, new: Iterable[str]) -> frozenset[str]:
    """Return those of *new* whose pre-releases pip has considered, since a specifier names one."""
    return frozenset({name for name, requirement in way.asked if requirement.specifier.prereleases} & set(new))


def question_neighbours(snapshot: Snapshot, new: Mapping[str, Project], visible: Visible) -> str:
    """Judge by what pip counts as installed and uv does not: older forms of installing, and the system's packages."""
    for name in new:
        if name in snapshot.foreign:
            return f"{name} is installed in a form that only pip removes"
        if name in visible.names:
            return f"{name} is among the system's packages, which this environment sees"
        if name in visible.needed:
            return f"a package of the system's depends on {name}"
    return ""


def question_consistency(snapshot: Snapshot, new: Mapping[str, Project], visible: Visible, library: PipLibrary) -> str:
    """Judge as `pip check` does, of what is new and what depends on it: pip would have printed an error."""
    versions = {name: one.version for name, one in snapshot.distributions.items()}
    versions.update((name, project.version) for name, project in new.items())
    affected = list(new.values())
    for name, distribution in snapshot.distributions.items():
        if name not in new:
            affected += _depending(distribution, new)
    for project in affected:
        for text in project.requires:
            requirement = library.requirement(text)
            name = normalised(requirement.name)
            if not library.applies(requirement) or name in visible.names:
                continue
            version = versions.get(name)
            if version is None or not requirement.specifier.contains(library.version(version), prereleases=True):
                return f"{project.name} {project.version} requires {text}"
    return ""


def _depending(distribution: Distribution, new: Mapping[str, Project]) -> list[Project]:
    project = read_project(distribution.info)
    return [project] if any(requirement_name(text) in new for text in project.requires) else []


def look_around(python: str, site: str, env: Mapping[str, str]) -> Visible:
    """Return what the interpreter *python* of an environment sees beyond *site*. Raises OSError."""
    question = "import sys; sys.stdout.write('\\0'.join(sys.path[1:]))"
    status, output = process.capture([python, "-c", question], env, seconds=10, errors=False)
    if status != 0:
        raise OSError(0, "the environment's interpreter does not run", python)
    names: set[str] = set()
    needed: set[str] = set()
    for folder in output.split("\0"):
        if folder in ("", site) or not os.path.isdir(folder):
            continue
        for entry in os.listdir(folder):
            if entry.endswith((*_METADATA, ".egg-link", ".egg")):
                names.add(normalised(entry.rpartition(".")[0].partition("-")[0]))
                needed |= _needs(os.path.join(folder, entry))
    return Visible(frozenset(names), frozenset(needed))


def _needs(info: str) -> set[str]:
    """Return the names that an installed project depends on, extras and markers aside; setuptools' own form as well."""
    found: set[str] = set()
    for name, mark in (("METADATA", b"requires-dist:"), ("requires.txt", b"")):
        try:
            with open(os.path.join(info, name), "rb") as file:
                lines = file.read().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.lower().startswith(mark) and not line.startswith(b"["):
                found.add(requirement_name(os.fsdecode(line[len(mark) :]).strip()))
    return found
