"""`pipshunt transparent on` and `off`."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipshunt.places import find_places
from pipshunt.search import find_tool
from pipshunt.transparent.site_folder import NoFolder, Site, ask_site, choose_folder, find_sites
from pipshunt.transparent.startup_hook import Hook, find_hooks, find_startup, remove_hook, write_hook

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
        env = {name: value for name, value in env.items() if not name.startswith("XDG_")} | {"HOME": home}
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
    done = 0
    for site in sites:
        try:
            folder = choose_folder(site, user=user)
        except NoFolder as error:
            _say(*error.args)
            failed += 1
            continue
        changed = write_hook(folder, site.executable, startup, person.state)
        _say(
            f"{'on' if changed else 'on already'} for {site.executable} ({'{}.{}'.format(*site.version)}), in {folder}"
        )
        done += 1
    if done:
        _say(f"pip called by its path, or as `sys.executable -m pip`, is shunted too; to undo it: {OFF}")
    return 1 if failed and (named or not done) else 0


def turn_off(named: Sequence[str], person: Person) -> int:
    """Remove the hooks for the interpreters *named*, or every one of the person's; returns the exit status."""
    sites, failed = find_named(named, person)
    hooks = find_hooks(person.state, person.home, _folders_of(sites))
    chosen = [hook for hook in hooks if not named or _is_for(hook, sites)]
    mine = [hook for hook in chosen if is_own(hook, person)]
    for hook in mine:
        remove_hook(hook, person.state)
        _say(f"removed {hook.file}")
    if not chosen and not failed:
        _say("transparent mode is off; there was nothing to remove")
    if len(mine) < len(chosen):
        _say(f"the machine's stays on, for it is root's to switch off: sudo {OFF}")
    return 1 if failed or len(mine) < len(chosen) else 0


def remove_all(person: Person) -> list[str]:
    """Remove every hook of the person's, remembered or not, and return their files. Raises OSError."""
    own = [hook for hook in find_hooks(person.state, person.home) if is_own(hook, person)]
    for hook in own:
        remove_hook(hook, person.state)
    return [hook.file for hook in own]


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
