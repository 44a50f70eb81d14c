"""What pip prints on stdout, for an install that uv has done: the lines that people and programs read.

Not printed is what tells of work that did not take place: collecting, downloading, building.
"""

import os

from pipshunt.accelerator.pip_library import PipLibrary
from pipshunt.accelerator.retrace import Way
from pipshunt.accelerator.snapshot import Lookup, Project


def in_normal_form(look_up: Lookup, library: PipLibrary) -> Lookup:
    """Return *look_up* with versions as pip writes them: 2020.06.20 is 2020.6.20 (PEP 440, Normalization)."""

    def look(name: str) -> Project | None:
        project = look_up(name)
        return project and project._replace(version=str(library.version(project.version)))

    return look


def tell_met(way: Way, before: Lookup, site: str, cwd: str) -> list[str]:
    """Return the lines about what is not for this environment, and what was installed already in *site*."""
    lines = [f"Ignoring {name}: markers '{marker}' don't match your environment" for name, marker in way.ignored]
    place = _display(site, cwd)
    for name, requirement, origin in way.met:
        asked = f" (from {origin})" if origin else ""
        lines.append(f"Requirement already satisfied: {requirement} in {place}{asked} ({_version(before(name))})")
    return lines


def tell_installed(way: Way, before: Lookup, after: Lookup) -> list[str]:
    """Return the lines about what was installed, and what it replaced."""
    if not way.order:
        return []
    lines = [f"Installing collected packages: {', '.join(way.names[name] for name in way.order)}"]
    for name in way.order:
        old = before(name)
        if old:
            lines += _tell_replaced(way.names[name], old)
    return [*lines, f"Successfully installed {' '.join(_summary(way, after))}"]


def _tell_replaced(name: str, old: Project) -> list[str]:
    return [
        f"  Attempting uninstall: {name}",
        f"    Found existing installation: {old.name} {old.version}",
        f"    Uninstalling {old.name}-{old.version}:",
        f"      Successfully uninstalled {old.name}-{old.version}",
    ]


def _summary(way: Way, after: Lookup) -> list[str]:
    """Return name-version, sorted by the names as they were asked for: capitals come first."""
    by_name = sorted((way.names[name], name) for name in way.order)
    return [f"{shown}-{_version(after(name))}" for shown, name in by_name]


def _display(path: str, cwd: str) -> str:
    """Return *path* as pip shows it: from the working directory where it lies below."""
    return f".{path[len(cwd) :]}" if cwd != "/" and path.startswith(cwd.rstrip(os.sep) + os.sep) else path


def _version(project: Project | None) -> str:
    return project.version if project else ""
