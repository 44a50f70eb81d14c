"""Whether a shim stands for each name that pip, python and uv have on the machine, and for no other."""

import os
from collections.abc import Sequence

from pipshunt.doctor.diagnosis import Finding, World, notice, problem
from pipshunt.doctor.installations import Installation
from pipshunt.doctor.pythons import Python
from pipshunt.doctor.shells import ASKED, View
from pipshunt.doctor.sightings import candidates, is_guarded
from pipshunt.places import MACHINE_LINKS
from pipshunt.search import SHIM, is_shim
from pipshunt.setup.shim_folder import find_tools


def judge_names(
    world: World, installation: Installation, views: Sequence[View], pythons: Sequence[Python]
) -> list[Finding]:
    """Return the names of pip, python and uv that have come or gone since the shims were laid.

    Those that are gone are told only where every PATH is known: a shell that did not answer may have them.
    """
    known = [view.path for view in views if view.path is not None]
    there = find_tools(":".join(known))
    as_root = world.sudo if installation.is_machine else ""
    findings = []
    missing = [name for name in there if name not in installation.names]
    guarded = [name for name in missing if _is_anywhere_guarded(name, known, pythons)]
    if guarded:
        said = f"no shim stands for {', '.join(guarded)}, which came after the shims were laid"
        findings.append(problem("shim-missing", said, _lay_command(world, installation, guarded)))
    others = [name for name in missing if name not in guarded]
    if others:
        said = f"no shim stands for {', '.join(others)}, whose Pythons have no marker"
        findings.append(notice("shim-missing-harmless", said, _lay_command(world, installation, others)))
    gone = [name for name in installation.names if name not in there]
    if gone and not any(view.path is None and view.kind in ASKED for view in views):
        said = f"shims stand for {', '.join(gone)}, but there is no such program any more"
        files = [os.path.join(installation.bin, name) for name in gone]
        files += [os.path.join(MACHINE_LINKS, name) for name in gone if installation.is_machine]
        there_still = [path for path in files if is_shim(path)]
        findings.append(notice("shim-idle", said, f"{as_root}rm {' '.join(map(world.typed, there_still))}"))
    return findings


def _is_anywhere_guarded(name: str, paths: Sequence[str], pythons: Sequence[Python]) -> bool:
    """Whether one of the programs called *name* would be refused, or leads around a marker."""
    files = {file for path in paths for file in candidates(name, path, "/") if not is_shim(file)}
    return not files or any(is_guarded(file, pythons) for file in files)


def _lay_command(world: World, installation: Installation, names: Sequence[str]) -> str:
    """Return the command that lays the shims of *names*, and the machine's links to them."""
    folder, as_root = world.typed(installation.bin), world.sudo if installation.is_machine else ""
    link = f"; {as_root}ln -s {folder}/$name {MACHINE_LINKS}/" if installation.is_machine else ""
    return f"for name in {' '.join(names)}; do {as_root}ln -s {SHIM} {folder}/$name{link}; done"
