"""`pipshunt transparent on` and `off`."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from pipshunt.places import find_places
from pipshunt.search import find_tool
from pipshunt.setup.installation import open_locked
from pipshunt.transparent.site_folder import NoFolder, Site, ask_site, choose_folder, find_sites
from pipshunt.transparent.startup_hook import (
    Hook,
    drop_remains,
    find_hooks,
    find_startup,
    remove_hook,
    write_hook,
)

OFF = "pipshunt transparent off"


class Person(NamedTuple):
    """Who switches: root for the machine, or a user for themselves."""

    env: Mapping[str, str]
    uid: int
    home: str
    state: str


def read_person(env: Mapping[str, str], uid: int) -> Person:
    """Return who *uid* is. Root's home is root's: sudo may have kept a user's HOME, where root must not write."""
    places = find_places(env, uid)
    home = places.home
    if uid == 0:
        import pwd

        home = pwd.getpwuid(0).pw_dir
        env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
    # Python takes any HOME, as one that is relative; without one it asks the password database, as places.py does.
    env = {name: value for name, value in env.items() if name != "HOME"} | ({"HOME": home} if home else {})
    return Person(env, uid, home, places.state)


def turn_on(named: Sequence[str], person: Person, *, user: bool) -> int:
    """Put the hook into a site directory of the interpreters *named*, or of all marked ones; returns the status."""
    if person.uid != 0 and not user:
        _say(
            "transparent mode for this machine is root's to switch on: sudo pipshunt transparent on",
            "for yourself alone, through your own site directory: pipshunt transparent on --user",
        )
        return 1
    if not person.state:
        _say("there is no home folder to remember it in (HOME is not set)")
        return 1
    startup = find_startup(find_places(person.env, person.uid))
    if not user:
        if not is_roots_alone(startup):
            _say(f"everyone, root too, would run {startup}, which others than root may change; next: sudo ./install.sh")
            return 1
        os.umask(0o022)  # all users are to read what a careful root writes
    sites, failed = find_named(named, person)
    if not sites and not named:
        _say("no externally managed Python was found on PATH: pip works as it is, and there is nothing to catch")
    chosen = _choose_folders(sites, user=user)
    failed += len(sites) - len(chosen)
    with _locked(person):
        if not os.path.isfile(startup):
            _say(f"pipshunt has been uninstalled meanwhile ({startup} is gone); nothing was changed")
            return 1
        for site, folder in chosen:
            changed = write_hook(folder, site.executable, startup, person.state)
            which = f"{site.executable} ({'{}.{}'.format(*site.version)})"
            _say(f"{'on' if changed else 'on already'} for {which}, in {folder}")
    if chosen:
        _say(f"pip called by its path, or as `sys.executable -m pip`, is shunted too; to undo it: {OFF}")
    return 1 if failed and (named or not chosen) else 0


def _choose_folders(sites: Sequence[Site], *, user: bool) -> list[tuple[Site, str]]:
    """Return each of *sites* with the site directory that the hook goes to; those without one are told."""
    chosen = []
    for site in sites:
        try:
            chosen.append((site, choose_folder(site, user=user)))
        except NoFolder as error:
            _say(*error.args)
    return chosen


def turn_off(named: Sequence[str], person: Person) -> int:
    """Remove the hooks for the interpreters *named*, or every one of the person's; returns the exit status."""
    sites, failed = find_named(named, person)
    with _locked(person):
        hooks = find_hooks(person.state, person.home, _folders_of(sites))
        chosen = [hook for hook in hooks if not named or _is_for(hook, sites)]
        mine = [hook for hook in chosen if is_own(hook, person)]
        for hook in mine:
            remove_hook(hook, person.state)
            _say(f"removed {hook.file}")
        if person.state:
            drop_remains(person.state)
    if not chosen and not failed:
        _say("transparent mode is off; there was nothing to remove")
    if len(mine) < len(chosen):
        _say(f"the machine's stays on, for it is root's to switch off: sudo {OFF}")
    return 1 if failed or len(mine) < len(chosen) else 0


@contextmanager
def _locked(person: Person) -> Iterator[None]:
    """Hold the lock of the person's installation, as setting up and uninstalling do; where there is none, their home's.

    An uninstallation that was waited for took the folder away, and the lock has made it anew: it is left to nobody.
    """
    prefix = find_places(person.env, person.uid).data
    folder = prefix if os.path.isdir(prefix) else person.home
    lock = -1
    if os.path.isdir(folder):
        with suppress(OSError):  # where there can be no lock, writing says why, or works
            lock = open_locked(folder)
    try:
        yield
    finally:
        with suppress(OSError):  # what is not empty
            while folder == prefix or (prefix.startswith(folder + "/") and folder.startswith(person.home + "/")):
                os.rmdir(folder)
                folder = os.path.dirname(folder)
        if lock >= 0:
            os.close(lock)


def find_named(named: Sequence[str], person: Person) -> tuple[list[Site], int]:
    """Return the interpreters *named* (all marked ones if none is), and how many of them are none; those are told."""
    if not named:
        return find_sites(person.env), 0
    sites = []
    for name in named:
        path = find_tool(name, person.env, os.getcwd() if "/" in name else "/")
        site = ask_site(os.path.abspath(path), person.env) if path else None
        if site is None:
            _say(f"{name} is no Python that runs here")
        else:
            sites.append(site)
    return sites, len(named) - len(sites)


def is_own(hook: Hook, person: Person) -> bool:
    """Whether the hook is the person's to remove: root's, any; a user's, those below their home."""
    return person.uid == 0 or (bool(person.home) and hook.file.startswith(person.home.rstrip("/") + "/"))


def is_roots_alone(path: str) -> bool:
    """Whether only root may change what *path* leads to: the file and each folder on the way, links followed or not."""
    for way in (os.path.abspath(path), os.path.realpath(path)):
        while way != "/":
            stat = os.stat(way)
            if stat.st_uid != 0 or stat.st_mode & 0o002:
                return False
            way = os.path.dirname(way)  # noqa: PLW2901  (the way up)
    return True


def _folders_of(sites: Sequence[Site]) -> list[str]:
    return [folder for site in sites for folder in (*site.folders, site.user_folder)]


def _is_for(hook: Hook, sites: Sequence[Site]) -> bool:
    return os.path.dirname(hook.file) in _folders_of(sites)


def _say(*lines: str) -> None:
    for line in lines:
        print(f"pipshunt: {line}", file=sys.stderr)
