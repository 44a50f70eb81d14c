"""Traces: what pipshunt has laid on a machine, found by looking for what is ours, in the order of taking it away.

In that order pip and python work at each step: first goes what leads new shells to the shims, then the shims, then what
those need, and last the command that does it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from pipshunt.environment import MADE_BY, read_settings
from pipshunt.folder_tree import remove_tree
from pipshunt.follow import all_registrations
from pipshunt.places import MACHINE_LINKS, MACHINE_POLICY, MACHINE_STATE, Places
from pipshunt.search import SCRIPT, SHIM
from pipshunt.setup.installation import Site
from pipshunt.setup.marked_block import has_block, remove_block
from pipshunt.setup.shell_profile import RECORD, machine_profile_paths, profile_paths, remembered_profiles
from pipshunt.setup.shim_folder import COMMAND
from pipshunt.setup.sudo_path import DROP_IN, is_led, stop_leading_sudo
from pipshunt.transparent.startup_hook import drop_remains, find_hooks, find_remains, record_path, remove_hook
from pipshunt.transparent.switch import is_own, read_person

PROFILE = "what a shell reads as it starts"
_PROJECTS = "a project's environment"
_OLDER = "an environment that was there before pipshunt"
_CONTAINER_ENVIRONMENT = "/opt/venv"
_KILLED = "what a killed run has left"
_MARK = b"# pipshunt"  # how the second line of each script of ours begins
_STAGED = ".pipshunt-new"  # how the names end that atomic_file.py writes under


class Trace(NamedTuple):
    """One thing of ours: what it is, where, and what undoes it (raises OSError)."""

    what: str
    path: str
    undo: Callable[[], object]


def find_front(site: Site, env: Mapping[str, str]) -> list[Trace]:
    """Return what was laid to stand ahead of pip, without the command `pipshunt`."""
    laid = [trace for trace in (*_find_shims(site), *_find_links(site)) if not _is_command(trace)]
    hooks = [_file("the shell hook", os.path.join(site.prefix, f"hook.{shell}")) for shell in ("bash", "zsh", "fish")]
    hooks.append(_folder("the shell hook", os.path.join(site.prefix, "entered")))
    sudo = [Trace("where sudo looks for the shims", DROP_IN, stop_leading_sudo)] if site.is_machine and is_led() else []
    sudo += [_staged(DROP_IN)] if site.is_machine else []
    return _only_there([*_find_profiles(site, env), *_find_startup_hooks(site, env), *sudo, *laid, *hooks])


def find_engine(site: Site, cache: str) -> list[Trace]:
    """Return what the shims run, and the command `pipshunt`."""
    command = [trace for trace in (*_find_links(site), *_find_shims(site)) if _is_command(trace)]
    engines = os.path.join(site.prefix, "engines")
    found = [
        _folder("the cache", cache),
        _folder("the engine", engines),
        _file("the link to the engine in use", os.path.join(site.prefix, "engine")),
        _file("the list of what was written to", os.path.join(site.prefix, RECORD)),
        *[_file(_KILLED, path) for path in _list(site.prefix) if _is_staged(path)],
        *command,
    ]
    return _only_there(found)


def find_tokens(places: Places) -> list[Trace]:
    """Return what in the followed environments says that they are: without it the shims follow none."""
    paths = [os.path.join(found.environment, found.token) for found in all_registrations(places.state)]
    return [_file("the mark of an environment that is followed", path) for path in dict.fromkeys(paths)]


def find_belongings(site: Site, places: Places) -> list[Trace]:
    """Return what installs have made, and what was noted of them: kept unless the person says otherwise."""
    whose = "the machine's" if site.is_machine else "your"
    log = os.path.dirname(places.log)
    found = [
        _folder(f"{whose} environments", os.path.join(site.prefix, "envs")),
        *[_folder(f"{whose} environment", path) for path in _find_container_environments(site)],
        _file("the log", places.log) if log == places.state else _folder("the log", log),
        _folder("the notes of what is followed from where", places.state),
    ]
    return _only_there(found)


def find_strangers(site: Site, places: Places) -> list[Trace]:
    """Return what is left in any case: the policy, which people write; environments of projects; files of others."""
    followed = {found.environment: found.folder for found in all_registrations(places.state)}
    others = {path: folder for path, folder in followed.items() if not _is_own_environment(path, site)}
    told = {path: _OLDER if folder == "/" else _PROJECTS for path, folder in others.items()}
    known = {trace.path for trace in _find_shims(site)}
    found = [
        _file("the policy", MACHINE_POLICY if site.is_machine else places.policy),
        *[_folder(told[path], path) for path in others],
        *[_file("not pipshunt's", path) for path in _list(site.bin) if path not in known],
    ]
    return _only_there(found)


def _file(what: str, path: str) -> Trace:
    return Trace(what, path, partial(os.unlink, path))


def _folder(what: str, path: str) -> Trace:
    return Trace(what, path, partial(_remove_folder, path))


def _remove_folder(path: str) -> None:
    """Remove the folder *path* and all below it; where it is a link, that alone. Raises OSError."""
    obstacle = None if os.path.islink(path) else remove_tree(path)
    if os.path.islink(path):
        os.unlink(path)
    if obstacle:
        raise obstacle


def _only_there(traces: Iterable[Trace]) -> list[Trace]:
    return [trace for trace in traces if os.path.lexists(trace.path)]


def _is_command(trace: Trace) -> bool:
    return os.path.basename(trace.path) == COMMAND


def _find_profiles(site: Site, env: Mapping[str, str]) -> Iterator[Trace]:
    scope = {} if site.is_machine else env  # sudo -E has kept a user's
    paths = profile_paths(site.home, scope) if site.home else []
    paths += machine_profile_paths() if site.is_machine else []
    for path in dict.fromkeys([*paths, *remembered_profiles(site.prefix)]):
        if has_block(path):
            yield Trace(PROFILE, path, partial(remove_block, path))
        yield _staged(path)


def _find_startup_hooks(site: Site, env: Mapping[str, str]) -> Iterator[Trace]:
    person = read_person(env, 0 if site.is_machine else os.geteuid())
    hooks = [hook for hook in find_hooks(person.state, person.home) if is_own(hook, person)]
    for hook in hooks:
        yield Trace("transparent mode", hook.file, partial(remove_hook, hook, person.state))
    if person.state:
        if find_remains(person.state):
            yield Trace(_KILLED, record_path(person.state), partial(drop_remains, person.state))
        yield _staged(record_path(person.state))


def _find_shims(site: Site) -> Iterator[Trace]:
    """Yield what is ours in the folder of the shims; the shim itself first: with it all its names end at once."""
    for path in sorted(_list(site.bin), key=lambda path: os.path.basename(path) != SHIM):
        if os.path.islink(path):
            target = os.readlink(path)
            is_ours = os.path.basename(target) in (SHIM, SCRIPT) or target.startswith(site.prefix + "/")
        else:
            is_ours = _has_mark(path)
        if is_ours or _is_staged(path):
            yield _file("the shims", path)


def _find_links(site: Site) -> Iterator[Trace]:
    """Yield the links on PATH that lead to the shims and to console scripts of the machine's environment."""
    folder = MACHINE_LINKS if site.is_machine else os.path.join(site.home or "/nonexistent", ".local/bin")
    environments = [_CONTAINER_ENVIRONMENT] if site.is_machine and _is_machines(site) else []
    for path in _list(folder):
        if os.path.islink(path) and _leads_to_us(path, site.prefix, environments):
            yield _file("links", path)


def _leads_to_us(path: str, prefix: str, environments: Iterable[str]) -> bool:
    target, name = os.readlink(path), os.path.basename(path)
    if _is_staged(path):
        name = name.removeprefix(".").removesuffix(_STAGED)
    scripts = [os.path.join(environment, "bin", name) for environment in environments]
    return target.startswith(prefix + "/") or os.path.basename(target) == SCRIPT or target in scripts


def _is_machines(site: Site) -> bool:
    """Whether /opt/venv is the machine's environment: made by us, followed by everyone, or gone."""
    path = _CONTAINER_ENVIRONMENT
    if _is_own_environment(path, site) or not os.path.lexists(path):
        return True
    return any(found.environment == path for found in all_registrations(MACHINE_STATE))


def _is_own_environment(path: str, site: Site) -> bool:
    """Whether the environment at *path* is the installation's own: in its folder, or the machine's if it made that."""
    if os.path.dirname(path) == os.path.join(site.prefix, "envs"):
        return True
    return site.is_machine and path == _CONTAINER_ENVIRONMENT and MADE_BY in (read_settings(path) or {})


def _find_container_environments(site: Site) -> Iterator[str]:
    """Yield /opt/venv if we made it, and what killed calls left beside it."""
    if not site.is_machine:
        return
    folder, name = os.path.split(_CONTAINER_ENVIRONMENT)
    for path in _list(folder):
        made = path == _CONTAINER_ENVIRONMENT or os.path.basename(path).startswith(f"{name}.pipshunt-")
        if made and MADE_BY in (read_settings(path) or {}):
            yield path


def _staged(path: str) -> Trace:
    """Return what a killed run may have left of writing *path*."""
    folder, name = os.path.split(path)
    return _file(_KILLED, os.path.join(folder, f".{name}{_STAGED}"))


def _is_staged(path: str) -> bool:
    name = os.path.basename(path)
    return name.startswith(".") and name.endswith(_STAGED)


def _has_mark(path: str) -> bool:
    """Whether the file at *path* is a script of ours, by its second line."""
    try:
        with open(path, "rb") as file:
            return file.read(256).partition(b"\n")[2].startswith(_MARK)
    except OSError:
        return False


def _list(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except OSError:
        return []
