"""Console scripts: what an install brought runs by its name in the next command, by links in a folder that is on PATH.

Links lead to shims/script, which finds the environment that is followed where it is called. Those of an image's
environment lead to the scripts themselves: they are to work in its final stage, without us. No link hides another.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from pipshunt.call import Call
from pipshunt.folder_tree import list_folder
from pipshunt.follow import all_registrations
from pipshunt.places import MACHINE_DATA, MACHINE_LINKS, MACHINE_STATE, Places
from pipshunt.search import SCRIPT, SHIM, find_commands, is_program, is_shim, path_folders

_STANDARD_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
# What an environment is made with, besides the names of python and pip; and our own two files in a folder of links.
_NOT_SCRIPTS = ("activate", "activate_this.py", "Activate.ps1", "deactivate.bat", "pydoc.bat", "𝜋thon", SHIM, SCRIPT)


class Machine(NamedTuple):
    """Where root's installation has its things, and lays links for everyone."""

    data: str
    state: str
    links: str


_MACHINE = Machine(MACHINE_DATA, MACHINE_STATE, MACHINE_LINKS)


class Ways(NamedTuple):
    """How the scripts of an install are found in the shell that it was called from."""

    environment: str
    named: tuple[str, ...] = ()  # they run by their names
    hidden: tuple[tuple[str, str], ...] = ()  # names that another command has, and that command
    unreached: tuple[str, ...] = ()  # they are linked in a folder that is not on PATH
    folder: str = ""  # where links are laid


def update_links(environment: str, call: Call, places: Places, machine: Machine = _MACHINE) -> None:
    """Lay a link for each script of the environments that are followed, and take away those that lead to none.

    *environment*: one of the machine's, followed or not yet, or "". What cannot be written stays as it is.
    """
    call = _as_at_home(call, places)
    machines = [path for path in dict.fromkeys((environment, *_machine_environments(machine))) if path]
    folder, shim = _find_folder(call, places, machine), _find_shim(places, machine)
    direct = [path for path in machines if call.uid == 0 and not (shim and path.startswith(machine.data + "/"))]
    # Links first, then what is followed: the link of an install that ends meanwhile is not among those looked at.
    links = find_links(link_folders(places, call.uid, machine), machines if call.uid == 0 else ())
    followed = (*(machines if call.uid == 0 else ()), *_environments(places.state))
    resolving = [path for path in dict.fromkeys(followed) if path not in direct] if shim else []
    wanted = {name: os.path.join(own, "bin", name) for own in reversed(direct) for name in list_scripts(own)}
    target = SCRIPT if os.path.dirname(shim) == folder else shim
    wanted |= {name: target for own in resolving for name in list_scripts(own)}
    for link in links:
        if os.path.basename(link) in wanted:
            _lead(link, wanted[os.path.basename(link)], folder)
        elif shim or not _is_resolving(link):
            _drop(link, (*direct, *resolving))
    for name in sorted(wanted):
        _lay(os.path.join(folder, name), wanted[name], call, machines)


def find_links(folders: Iterable[str], machines: Iterable[str] = ()) -> list[str]:
    """Return the links of ours in *folders*: to the shim of scripts, and to scripts of the environments *machines*."""
    own = {os.path.join(path, "bin") for path in machines}
    found = []
    for folder in folders:
        for name in list_folder(folder):
            path = os.path.join(folder, name)
            with suppress(OSError):
                where, target = os.path.split(os.readlink(path))
                if (target == SCRIPT != name and _is_folder_of_ours(where)) or (target == name and where in own):
                    found.append(path)
    return found


def _is_folder_of_ours(folder: str) -> bool:
    return not folder or folder.endswith("/pipshunt/bin")


def link_folders(places: Places, uid: int, machine: Machine = _MACHINE) -> tuple[str, ...]:
    """Return the folders in which links may have been laid for *uid*, those to prefer first."""
    if uid == 0:
        return (machine.links,)
    folders = (
        places.data and os.path.join(places.data, "bin"),
        places.home and os.path.join(places.home, ".local/bin"),
    )
    return tuple(folder for folder in folders if folder)


def find_ways(environment: str, names: Iterable[str], call: Call, places: Places, machine: Machine = _MACHINE) -> Ways:
    """Return how each of *names*, scripts of *environment*, is found in the calling shell; those asked for first."""
    call = _as_at_home(call, places)
    folder, machines = _find_folder(call, places, machine), _machine_environments(machine)
    named, hidden, unreached = [], [], []
    for name in sorted(names, key=lambda name: (not any(word.startswith(name) for word in call.args), name)):
        own = os.path.realpath(os.path.join(environment, "bin", name))
        commands = list(find_commands(name, call.env, call.cwd))
        if commands and is_shim(commands[0]):  # which gives way to others
            commands = [path for path in commands if _is_other(path, machines) and not _is_dispatcher(path)] or [own]
        if commands and os.path.realpath(commands[0]) == own:
            named.append(name)
        elif commands:
            hidden.append((name, commands[0]))
        elif os.path.lexists(os.path.join(folder, name)):
            unreached.append(name)
    return Ways(environment, tuple(named), tuple(hidden), tuple(unreached), folder)


def list_scripts(environment: str) -> set[str]:
    """Return the names of the programs that packages have put into *environment*."""
    own = os.path.join(environment, "bin")
    return {name for name in list_folder(own) if not _is_made_with(name) and is_program(os.path.join(own, name))}


def _is_made_with(name: str) -> bool:
    """Whether an environment is made with *name*: python3.13t, pip3.13; but not pip-compile, nor pipx."""
    if name in _NOT_SCRIPTS or name.startswith((".", "activate.")):
        return True
    for tool in ("python", "pip"):
        if name.startswith(tool) and not name[len(tool) :].rstrip("dt").strip(".0123456789"):
            return True
    return False


def _machine_environments(machine: Machine) -> list[str]:
    return [found.environment for found in all_registrations(machine.state) if found.folder == "/"]


def _environments(state: str) -> list[str]:
    return [found.environment for found in all_registrations(state)] if state else []


def _as_at_home(call: Call, places: Places) -> Call:
    """Return *call* with the PATH of whose it is: sudo's is root's, and for all we can tell theirs has their links."""
    if call.uid == 0 or call.env.get("SUDO_UID") != str(call.uid) or not places.data:
        return call
    folders = [os.path.join(places.data, "bin"), *path_folders(call.env)]
    return call._replace(env={**call.env, "PATH": ":".join(folders)})


def _find_folder(call: Call, places: Places, machine: Machine) -> str:
    """Return the folder to lay links in: that of the user's own installation, else one that is on PATH if any is."""
    folders = link_folders(places, call.uid, machine)
    beside = os.path.dirname(_find_shim(places, machine))
    if beside in folders:
        return beside
    reached = {os.path.realpath(os.path.join(call.cwd, folder)) for folder in path_folders(call.env)}
    usual = (
        folders[-1:] if "--user" in call.args else folders[:1]
    )  # ~/.local/bin is where people have PATH lead for that
    return next((folder for folder in folders if os.path.realpath(folder) in reached), "".join(usual))


def _find_shim(places: Places, machine: Machine) -> str:
    """Return the shim of scripts of the user's own installation, else the machine's, "" where there is none."""
    shims = [os.path.join(data, "bin", SCRIPT) for data in (places.data, machine.data) if data]
    return next((path for path in shims if is_program(path)), "")


def _lead(link: str, target: str, folder: str) -> None:
    """Let *link* lead to *target*; one in another folder than *folder* stays as it is."""
    with suppress(OSError):
        if os.path.dirname(link) == folder and os.readlink(link) != target:
            from pipshunt.atomic_file import replace_link

            replace_link(link, target)


def _drop(link: str, environments: Iterable[str]) -> None:
    """Take *link* away, unless one of *environments* has the script by now: pip puts in a new one for an old one."""
    name = os.path.basename(link)
    if not any(is_program(os.path.join(path, "bin", name)) for path in environments):
        with suppress(OSError):
            os.unlink(link)


def _is_resolving(link: str) -> bool:
    with suppress(OSError):
        return os.path.basename(os.readlink(link)) == SCRIPT
    return False


def _lay(link: str, target: str, call: Call, machines: list[str]) -> None:
    """Make *link* if nothing is there, and no other command has its name."""
    folder, name = os.path.split(link)
    if not folder or os.path.lexists(link):
        return
    beyond = () if os.path.basename(target) == SCRIPT else _STANDARD_FOLDERS  # it does not give way by itself
    standard = find_commands(name, {"PATH": ":".join(beyond)}, "/") if beyond else ()
    for path in (*find_commands(name, call.env, call.cwd), *standard):
        if _is_other(path, machines) and not _is_environments(path) and (beyond or not _is_dispatcher(path)):
            return
    with suppress(OSError):
        os.makedirs(folder, exist_ok=True)
        os.symlink(target, link)


def _is_other(path: str, machines: Iterable[str]) -> bool:
    """Whether the command at *path* is neither a shim nor root's link to a script of the machine's environment."""
    name, real = os.path.basename(path), os.path.realpath(path)
    return not is_shim(path) and all(real != os.path.realpath(os.path.join(own, "bin", name)) for own in machines)


def _is_environments(path: str) -> bool:
    """Whether the command at *path* is a virtual environment's, which is not on PATH for ever."""
    return os.path.exists(os.path.join(os.path.dirname(path), "..", "pyvenv.cfg"))


def _is_dispatcher(path: str) -> bool:
    """Whether *path* is a version manager's shim (pyenv's, mise's), which may have the name and yet no such command.

    There pip and python are one and the same.
    """
    folder = os.path.dirname(path)
    with suppress(OSError), open(os.path.join(folder, "pip"), "rb") as pip, open(f"{folder}/python", "rb") as python:
        return pip.read(4096) == python.read(4096)
    return False
