"""The examination: shells are asked while everything else is looked at, and what was found is put in order."""

import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pipshunt.doctor.diagnosis import Finding, World, problem, sort_findings
from pipshunt.doctor.installations import Installation, find_installations, judge_installations, judge_names
from pipshunt.doctor.log_health import judge_log
from pipshunt.doctor.overrides import judge_overrides
from pipshunt.doctor.pythons import find_pythons, judge_pythons
from pipshunt.doctor.set_paths import cron_paths, sudo_path, systemd_path
from pipshunt.doctor.shells import SHELLS, View, ask_shells, hear_answers
from pipshunt.doctor.sightings import judge_views
from pipshunt.doctor.standing import judge_here, judge_links, judge_policies, judge_registrations, judge_uv
from pipshunt.places import find_places
from pipshunt.setup.shim_folder import MACHINE_LINKS

PATIENCE = 0.3  # seconds that the shells have


class Report(NamedTuple):
    """All that an examination has found."""

    views: tuple[View, ...]
    findings: tuple[Finding, ...]  # the worst first


def read_world(env: Mapping[str, str], cwd: str, uid: int, patience: float = PATIENCE) -> World:
    """Return the world as it is now."""
    places = find_places(env, uid)
    if uid == 0 and not _is_roots(places.home):
        places = places._replace(home=_home_of(uid))  # sudo -E keeps a user's, whose rc files root must not run
    return World(env, cwd, uid, places, find_shell(env, uid), patience)


def find_shell(env: Mapping[str, str], uid: int) -> str:
    """Return the user's shell if it is one that can be asked, "" if not (nologin, csh)."""
    try:
        listed = pwd.getpwuid(uid).pw_shell
    except KeyError:
        listed = ""
    for shell in (env.get("SHELL", ""), listed):
        if shell.startswith("/") and os.path.basename(shell) in SHELLS and os.access(shell, os.X_OK):
            return shell
    return ""


def examine(world: World) -> Report:
    """Look at everything; whatever one look fails of, the others are made."""
    asked = ask_shells(world)
    findings: list[Finding] = []
    installations = find_installations(world)
    pythons = find_pythons(world)
    looks: list[Callable[[], list[Finding]]] = [
        lambda: judge_installations(world, installations),
        lambda: judge_overrides(world, pythons),
        lambda: judge_pythons(world, pythons),
        lambda: judge_here(world, pythons),
        lambda: judge_policies(world),
        lambda: judge_registrations(world),
        lambda: judge_links(world, *_places_of_links(world, installations)),
        lambda: judge_log(world),
        lambda: judge_uv(world, world.env.get("PATH", "")),
    ]
    for look in looks:
        findings += _guarded(look)
    views = [View("here", "this shell, sh -c", world.env.get("PATH", ""), {}), *fixed_views(world)]
    views[1:1] = hear_answers(asked, world.patience)
    findings += _guarded(lambda: _judge_paths(world, views, installations))
    return Report(tuple(views), tuple(sort_findings(findings)))


def fixed_views(world: World) -> list[View]:
    """Return what sudo, cron and systemd see, as far as they are here."""
    sudo, systemd = sudo_path(world), systemd_path(world)
    paths = [("sudo", "sudo", sudo)] if sudo is not None else []
    paths += cron_paths(world)
    paths += [("systemd", "systemd", systemd)] if systemd else []
    return [View(kind, label, path, {}) for kind, label, path in paths]


def _judge_paths(world: World, views: Sequence[View], installations: Sequence[Installation]) -> list[Finding]:
    """Return where the shims are not found, with those of the nearest installation."""
    if not installations:
        return []
    nearest = installations[0]
    known = [view.path for view in views if view.path is not None]
    whole = len(known) == len(views)
    findings = judge_views(world, views, nearest.bin, nearest.names, nearest.is_machine)
    for installation in installations:
        findings += judge_names(world, installation, ":".join(known), whole_path=whole)
    return findings


def _places_of_links(world: World, installations: Sequence[Installation]) -> tuple[list[str], list[str]]:
    """Return the folders in which pipshunt lays links, and what these lead below."""
    folders = [one.bin for one in installations] + [world.at(MACHINE_LINKS)]
    folders += [os.path.join(world.places.home, ".local/bin")] if world.places.home else []
    return folders, [one.prefix for one in installations] + [world.at("/opt/venv")]


def _guarded(look: Callable[[], list[Finding]]) -> list[Finding]:
    """Return what *look* finds; a fault of ours, or a machine stranger than we thought, is a finding of its own."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001  (a doctor that ends in a traceback helps nobody)
        said = f"a part of this examination failed: {type(error).__name__}: {error}"
        return [problem("failed", " ".join(said.split()), "pipshunt doctor --json")]


def _is_roots(home: str) -> bool:
    try:
        return os.stat(home).st_uid == 0
    except OSError:
        return False


def _home_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return ""
