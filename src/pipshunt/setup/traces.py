"""Traces: what pipshunt has laid on a machine, found by looking for what is ours, in the order of taking it away.

In that order pip and python work at each step: first goes what leads new shells to the shims, then the shims, then what
those need, and last the command that does it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from pipshunt.environment import MADE_BY, read_settings
from pipshunt.folder_tree import list_folder
from pipshunt.follow import all_registrations
from pipshunt.places import MACHINE_DATA, MACHINE_LINKS, MACHINE_POLICY, MACHINE_STATE, Places
from pipshunt.scripts import find_links
from pipshunt.search import SCRIPT, SHIM
from pipshunt.setup.installation import Site
from pipshunt.setup.marked_block import look_for_block, remove_block
from pipshunt.setup.own_content import (
    CACHE,
    ENGINES,
    ENVIRONMENTS,
    LOG,
    STAGED,
    STATE,
    Content,
    remove,
    remove_own,
    sort_out,
)
from pipshunt.setup.shell_profile import RECORD, machine_profile_paths, profile_paths, remembered_profiles
from pipshunt.setup.shim_folder import COMMAND
from pipshunt.setup.sudo_path import DROP_IN, is_led, stop_leading_sudo
from pipshunt.transparent.startup_hook import drop_remains, find_hooks, find_remains, record_path, remove_hook
from pipshunt.transparent.switch import is_own, read_person

PROFILE = "what a shell reads as it starts"
_MADE_PROFILE = "what a shell reads as it starts, made for it"
_STRANGER = "not pipshunt's"
_PROJECTS = "a project's environment"
_OLDER = "an environment that was there before pipshunt"
_CONTAINER_ENVIRONMENT = "/opt/venv"
_SHELLS = ("bash", "zsh", "fish")
_KILLED = "what a killed run has left"
_MARK = b"# pipshunt"  # how the second line of each script of ours begins
_IN_PREFIX = {"bin", "engine", "engines", "entered", "envs", RECORD, *(f"hook.{shell}" for shell in _SHELLS)}


class Trace(NamedTuple):
    """One thing of ours: what it is, where, and what undoes it (raises OSError)."""

    what: str
    path: str
    undo: Callable[[], object]
    obstacle: str = ""  # why that cannot be, as far as it is known


def find_front(site: Site, env: Mapping[str, str]) -> list[Trace]:
    """Return what was laid to stand ahead of pip, without the command `pipshunt`."""
    laid = [trace for trace in (*_find_shims(site), *_find_links(site)) if not _is_command(trace)]
    hooks = [_file("the shell hook", os.path.join(site.prefix, f"hook.{shell}")) for shell in _SHELLS]
    hooks.append(_folder("the shell hook", os.path.join(site.prefix, "entered")))
    sudo = [Trace("where sudo looks for the shims", DROP_IN, stop_leading_sudo)] if site.is_machine and is_led() else []
    sudo += [_staged(DROP_IN)] if site.is_machine else []
    return _only_there([*_find_profiles(site, env), *_find_startup_hooks(site, env), *sudo, *laid, *hooks])


def find_cache(places: Places) -> list[Trace]:
    """Return what is kept to be quick, and can go at any time."""
    return _only_there(_own("the cache", places.cache, CACHE))


def find_engine(site: Site) -> list[Trace]:
    """Return what the shims run, and the command `pipshunt`."""
    command = [trace for trace in (*_find_links(site), *_find_shims(site)) if _is_command(trace)]
    found = [
        _file("the link to the engine in use", os.path.join(site.prefix, "engine")),
        *_own("the engine", os.path.join(site.prefix, "engines"), ENGINES),
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
        *_own(f"{whose} environments", os.path.join(site.prefix, "envs"), ENVIRONMENTS),
        *[_folder(f"{whose} environment", path) for path in _find_container_environments(site)],
        *(_parts("the log", log, LOG) if log == places.state else _own("the log", log, LOG)),
        *_own("the notes of what is followed from where", places.state, STATE),
    ]
    return list({trace.path: trace for trace in reversed(_only_there(found))}.values())[::-1]


def find_strangers(site: Site, places: Places) -> list[Trace]:
    """Return what is left in any case: the policy, which people write; environments of projects; files of others."""
    followed = {found.environment: found.folder for found in all_registrations(places.state)}
    others = {path: folder for path, folder in followed.items() if not _is_own_environment(path, site)}
    told = {path: _OLDER if folder == "/" else _PROJECTS for path, folder in others.items()}
    found = [
        _file("the policy", MACHINE_POLICY if site.is_machine else places.policy),
        *[_folder(told[path], path) for path in others],
        *[_file(_STRANGER, path) for path in _find_others(site, places)],
    ]
    return _only_there(found)


def _file(what: str, path: str) -> Trace:
    return Trace(what, path, partial(os.unlink, path))


def _folder(what: str, path: str) -> Trace:
    return Trace(what, path, partial(remove, path))


def _own(what: str, folder: str, content: Content) -> list[Trace]:
    """Return *folder* as a whole if nothing else than ours is in it, else what is ours there."""
    if os.path.islink(folder) or not _sort_out(folder, content)[1]:
        return [Trace(what, folder, partial(remove_own, folder, content))]
    return _parts(what, folder, content)


def _parts(what: str, folder: str, content: Content) -> list[Trace]:
    return [Trace(what, path, partial(remove, path)) for path in _sort_out(folder, content)[0]]


def _sort_out(folder: str, content: Content) -> tuple[list[str], list[str]]:
    try:
        return sort_out(folder, content)
    except OSError:
        return [], []


def _find_others(site: Site, places: Places) -> Iterator[str]:
    """Yield what is not ours in the folders that have our names."""
    ours = {trace.path for trace in _find_shims(site)}
    yield from (path for path in _list(site.bin) if path not in ours)
    names = ((path, os.path.basename(path)) for path in _list(site.prefix))
    yield from (path for path, name in names if name not in _IN_PREFIX and not _is_staged(path))
    folders = {
        os.path.join(site.prefix, "engines"): ENGINES,
        os.path.join(site.prefix, "envs"): ENVIRONMENTS,
        os.path.dirname(places.log): LOG,
        places.state: STATE,  # a user's log is in there
        places.cache: CACHE,
    }
    for folder, content in folders.items():
        if not os.path.islink(folder):
            yield from _sort_out(folder, content)[1]


def _only_there(traces: Iterable[Trace]) -> list[Trace]:
    return [trace for trace in traces if os.path.lexists(trace.path)]


def _is_command(trace: Trace) -> bool:
    return os.path.basename(trace.path) == COMMAND


def _find_profiles(site: Site, env: Mapping[str, str]) -> Iterator[Trace]:
    scope = {} if site.is_machine else env  # sudo -E has kept a user's
    paths = profile_paths(site.home, scope) if site.home else []
    paths += machine_profile_paths() if site.is_machine else []
    for path in dict.fromkeys([*paths, *remembered_profiles(site.prefix)]):
        block = look_for_block(path)
        if block:
            yield Trace(_MADE_PROFILE if block.goes else PROFILE, path, partial(remove_block, path), block.damage)
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
        is_ours = _leads_to_shim(path, site) if os.path.islink(path) else _has_mark(path)
        if is_ours or _is_staged(path):
            yield _file("the shims", path)


def _find_links(site: Site) -> Iterator[Trace]:
    """Yield the links on PATH that lead to the shims and to console scripts of the machine's environments."""
    folder = MACHINE_LINKS if site.is_machine else os.path.join(site.home or "/nonexistent", ".local/bin")
    laid = set(find_links([folder], _find_machine_environments(site, folder) if site.is_machine else ()))
    for path in _list(folder):
        if os.path.islink(path):
            is_ours = _leads_to_shim(path, site)
            if is_ours or (path in laid and os.path.basename(os.readlink(path)) != SCRIPT):
                yield _file("links", path)


def _leads_to_shim(path: str, site: Site) -> bool:
    """Whether the link at *path* is exactly one that we lay: people make links with ends like ours, too."""
    target, name = os.readlink(path), os.path.basename(path)
    if _is_staged(path):
        name = name.removeprefix(".").removesuffix(STAGED)
    if target == os.path.join(site.bin, name) and os.path.dirname(path) != site.bin:
        return True
    beside = (SHIM, SCRIPT) if os.path.dirname(path) == site.bin else ()
    return target in (*beside, *(os.path.join(prefix, "bin", SCRIPT) for prefix in (site.prefix, MACHINE_DATA)))


def _find_machine_environments(site: Site, links: str) -> list[str]:
    """Return the environments that root's links may lead into: those followed, and ours, also when they are gone."""
    found = [followed.environment for followed in all_registrations(MACHINE_STATE) if followed.folder == "/"]
    targets = [os.readlink(path) for path in _list(links) if os.path.islink(path)]
    environments = [os.path.dirname(os.path.dirname(target)) for target in targets]
    envs = os.path.join(site.prefix, "envs")
    found += [path for path in environments if os.path.dirname(path) == envs]
    return found + ([_CONTAINER_ENVIRONMENT] if _is_machines(site) else [])


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
    return _file(_KILLED, os.path.join(folder, f".{name}{STAGED}"))


def _is_staged(path: str) -> bool:
    name = os.path.basename(path)
    return name.startswith(".") and name.endswith(STAGED)


def _has_mark(path: str) -> bool:
    """Whether the file at *path* is a script of ours, by its second line."""
    try:
        with open(path, "rb") as file:
            return file.read(256).partition(b"\n")[2].startswith(_MARK)
    except OSError:
        return False


def _list(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in list_folder(folder)]
