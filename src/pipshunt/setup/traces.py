"""Traces: what pipshunt has laid on a machine, found by looking for what is ours, in the order of taking it away.

In that order pip and python work at each step: first goes what leads new shells to the shims, then the shims, then what
those need, and last the command that does it.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from pipshunt.environment import MADE_BY, read_settings
from pipshunt.folder_tree import remove_tree
from pipshunt.follow import all_registrations
from pipshunt.places import MACHINE_POLICY, Places
from pipshunt.search import SHIM
from pipshunt.setup.installation import Site
from pipshunt.setup.marked_block import has_block, remove_block
from pipshunt.setup.shell_profile import machine_profile_paths, profile_paths
from pipshunt.setup.shim_folder import COMMAND, MACHINE_LINKS

_MARK = b"# pipshunt"  # how the second line of each script of ours begins
_STAGED = ".pipshunt-new"


class Trace(NamedTuple):
    """One thing of ours: what it is, and what undoes it (given the path; raises OSError)."""

    what: str
    path: str
    undo: Callable[[str], object]


def find_front(site: Site, env: Mapping[str, str]) -> list[Trace]:
    """Return what was laid to stand ahead of pip, without the command `pipshunt`."""
    shims, links = _split_command(_find_shims(site))[0], _split_command(_find_links(site))[0]
    hooks = [_file("the shell hook", os.path.join(site.prefix, f"hook.{shell}")) for shell in ("bash", "zsh", "fish")]
    return _only_there([*_find_profiles(site, env), *shims, *links, *hooks])


def find_engine(site: Site, cache: str) -> list[Trace]:
    """Return what the shims run, and the command `pipshunt`."""
    found = [
        Trace("the cache", cache, remove_folder),
        Trace("the engine", os.path.join(site.prefix, "engines"), remove_folder),
        _file("the link to the engine in use", os.path.join(site.prefix, "engine")),
        *_split_command(_find_links(site))[1],
        *_split_command(_find_shims(site))[1],
    ]
    return _only_there(found)


def find_tokens(places: Places) -> list[Trace]:
    """Return what in the followed environments says that they are: without it the shims follow none."""
    paths = [os.path.join(found.environment, found.token) for found in all_registrations(places.state)]
    return _only_there([_file("the mark of an environment that is followed", path) for path in dict.fromkeys(paths)])


def find_belongings(site: Site, places: Places) -> list[Trace]:
    """Return what installs have made, and what was noted of them: kept unless the person says otherwise."""
    followed = dict.fromkeys(found.environment for found in all_registrations(places.state))
    own = [path for path in followed if is_own_environment(path, site) and _is_outside(path, site)]
    whose = "the machine's" if site.is_machine else "your"
    log = os.path.dirname(places.log)
    found = [
        Trace(f"{whose} environments", os.path.join(site.prefix, "envs"), remove_folder),
        *[Trace(f"{whose} environment", path, remove_folder) for path in own],
        _file("the log", places.log) if log == places.state else Trace("the log", log, remove_folder),
        Trace("the note of what is followed from where", places.state, remove_folder),
    ]
    return _only_there(found)


def find_strangers(site: Site, places: Places) -> list[Trace]:
    """Return what is left in any case: the policy, which people write, and environments that are a project's."""
    policy = MACHINE_POLICY if site.is_machine else places.policy
    followed = dict.fromkeys(found.environment for found in all_registrations(places.state))
    others = [path for path in followed if not is_own_environment(path, site)]
    found = [_file("the policy", policy), *[Trace("a project's environment", path, remove_folder) for path in others]]
    return _only_there(found)


def is_own_environment(path: str, site: Site) -> bool:
    """Whether the environment at *path* is the installation's own: in its folder, or the machine's that it has made."""
    if not _is_outside(path, site):
        return True
    return site.is_machine and path == "/opt/venv" and MADE_BY in (read_settings(path) or {})


def remove_folder(path: str) -> None:
    """Remove the folder *path* and all below it; a link to one is removed alone. Raises OSError."""
    if os.path.islink(path):
        os.unlink(path)
        return
    obstacle = remove_tree(path)
    if obstacle:
        raise obstacle


def _file(what: str, path: str) -> Trace:
    return Trace(what, path, os.unlink)


def _is_outside(path: str, site: Site) -> bool:
    return os.path.dirname(path) != os.path.join(site.prefix, "envs")


def _find_profiles(site: Site, env: Mapping[str, str]) -> Iterator[Trace]:
    scope = {} if site.is_machine else env  # sudo -E has kept a user's
    paths = profile_paths(site.home, scope) if site.home else []
    paths += machine_profile_paths() if site.is_machine else []
    return (Trace("the profile of a shell", path, remove_block) for path in paths if has_block(path))


def _find_shims(site: Site) -> Iterator[Trace]:
    """Yield what is ours in the folder of the shims; the shim itself first: with it all its names end at once."""
    try:
        names = sorted(os.listdir(site.bin), key=lambda name: (name != SHIM, name))
    except OSError:
        return
    for name in names:
        path = os.path.join(site.bin, name)
        if os.path.islink(path):
            target = os.readlink(path)
            is_ours = os.path.basename(target).startswith("pipshunt") or target.startswith(site.prefix + "/")
        else:
            is_ours = has_mark(path)
        if is_ours or _is_staged(name):
            yield _file("the shims", path)


def _find_links(site: Site) -> Iterator[Trace]:
    """Yield the links that lead from the folders on PATH to the shims and to the machine's own console scripts."""
    folders = [MACHINE_LINKS] if site.is_machine else [os.path.join(site.home, ".local/bin")] if site.home else []
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) and _leads_to_us(path, name, site):
                yield _file("links", path)


def _leads_to_us(path: str, name: str, site: Site) -> bool:
    target = os.readlink(path)
    name = name.removeprefix(".").removesuffix(_STAGED) if _is_staged(name) else name
    if target.startswith(site.prefix + "/") or os.path.basename(target) == "pipshunt-script":
        return True
    return site.is_machine and target == f"/opt/venv/bin/{name}"


def _is_staged(name: str) -> bool:
    """Whether *name* is one that atomic_file.py writes under before it renames."""
    return name.startswith(".") and name.endswith(_STAGED)


def has_mark(path: str) -> bool:
    """Whether the file at *path* is a script of ours, by its second line."""
    try:
        with open(path, "rb") as file:
            return file.read(256).partition(b"\n")[2].startswith(_MARK)
    except OSError:
        return False


def _only_there(traces: Iterable[Trace]) -> list[Trace]:
    return [trace for trace in traces if os.path.lexists(trace.path)]


def _split_command(traces: Iterable[Trace]) -> tuple[list[Trace], list[Trace]]:
    """Return *traces* without the one of the command `pipshunt`, and that one."""
    found = list(traces)
    command = [trace for trace in found if os.path.basename(trace.path) == COMMAND]
    return [trace for trace in found if trace not in command], command
