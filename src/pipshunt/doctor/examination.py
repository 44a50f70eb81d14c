"""The examination: shells are asked while everything else is looked at, and what was found is put in order."""

import pwd
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from pipshunt.doctor.diagnosis import Finding, World, problem, sort_findings
from pipshunt.doctor.installations import find_installations, judge_installations
from pipshunt.doctor.log_health import judge_log
from pipshunt.doctor.overrides import judge_overrides
from pipshunt.doctor.own_shell import find_shell, find_stranger
from pipshunt.doctor.pythons import find_pythons, judge_pythons
from pipshunt.doctor.rc_files import read_lines, startup_files
from pipshunt.doctor.set_paths import cron_paths, has_sudo, systemd_path
from pipshunt.doctor.shells import Question, View, ask_shells, dismiss, hear_answers
from pipshunt.doctor.shim_names import judge_names
from pipshunt.doctor.sightings import judge_views
from pipshunt.doctor.standing import (
    judge_here,
    judge_links,
    judge_policies,
    judge_registrations,
    judge_transparent,
    judge_uv,
)
from pipshunt.places import find_places
from pipshunt.setup.sudo_path import find_secure_path

PATIENCE = 0.3  # seconds that the shells have
_MOST_PATIENCE = 600
_Found = TypeVar("_Found")


class Report(NamedTuple):
    """All that an examination has found."""

    views: tuple[View, ...]
    findings: tuple[Finding, ...]  # the worst first


def read_world(env: Mapping[str, str], cwd: str, uid: int, patience: float = PATIENCE) -> World:
    """Return the world as it is now."""
    places = find_places(env, uid)
    if uid == 0:
        places = places._replace(home=_home_of(uid))  # HOME may be anybody's, whose rc files root must not run
    patience = patience if 0 < patience <= _MOST_PATIENCE else PATIENCE
    shell, stranger = find_shell(env, uid)
    world = World(env, cwd, uid, places, shell, patience)
    if shell:
        stranger = find_stranger(startup_files(world), uid)
    return world._replace(shell="" if stranger else shell, stranger=stranger)


def examine(world: World) -> Report:
    """Look at everything; whatever one look fails of, the others are made."""
    deadline = time.monotonic() + world.patience
    asked = ask_shells(world)
    try:
        return _look_around(world, asked, deadline)
    except BaseException:  # Ctrl-C: nobody waits for the shells any more
        dismiss(asked)
        raise


def _look_around(world: World, asked: Sequence[Question], deadline: float) -> Report:
    failures: list[Finding] = []
    installations = _guarded(partial(find_installations, world), failures)
    pythons = _guarded(partial(find_pythons, world), failures)
    lines = _guarded(partial(read_lines, world), failures)
    looks: list[Callable[[], list[Finding]]] = [
        partial(judge_installations, world, installations),
        partial(judge_overrides, world, pythons, lines),
        partial(judge_pythons, world, pythons),
        partial(judge_here, world, pythons),
        partial(judge_policies, world),
        partial(judge_registrations, world),
        partial(judge_links, world),
        partial(judge_transparent, world),
        partial(judge_log, world),
        partial(judge_uv, world, world.env.get("PATH", "")),
    ]
    findings = [found for look in looks for found in _guarded(look, failures)]
    fixed = _guarded(partial(fixed_views, world), failures)
    views = [View("here", "this shell, sh -c", world.env.get("PATH", ""), {}), *hear_answers(asked, deadline), *fixed]
    if installations:
        findings += _guarded(partial(judge_views, world, views, installations, pythons, lines), failures)
    for installation in installations:
        findings += _guarded(partial(judge_names, world, installation, views, pythons), failures)
    return Report(tuple(views), tuple(sort_findings([*findings, *failures])))


def fixed_views(world: World) -> list[View]:
    """Return what sudo, cron and systemd see, as far as they are here."""
    paths = list(cron_paths(world))
    systemd = systemd_path(world)
    paths += [("systemd", "systemd", systemd)] if systemd else []
    views = [View(kind, label, path, {}) for kind, label, path in paths]
    return [_sudos_view(world), *views] if has_sudo(world) else views


def _sudos_view(world: World) -> View:
    path = find_secure_path()
    if path == "":  # it keeps the caller's
        path = world.env.get("PATH", "")
    return View("sudo", "sudo", path, {}, "(root alone may know)" if path is None else "")


def _guarded(look: Callable[[], list[_Found]], failures: list[Finding]) -> list[_Found]:
    """Return what *look* finds; a fault of ours, or a machine stranger than we thought, is a finding of its own."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001  (a doctor that ends in a traceback helps nobody)
        said = f"a part of this examination failed: {type(error).__name__}: {error}"
        failures.append(problem("failed", " ".join(said.split()), "pipshunt doctor --json"))
        return []


def _home_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return ""
