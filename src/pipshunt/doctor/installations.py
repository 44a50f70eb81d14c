"""pipshunt's own installations, the user's and the machine's: whole, of one version, and nobody else's to change."""

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.doctor.diagnosis import Finding, World, fine, notice, problem, read_text
from pipshunt.folder_tree import list_folder
from pipshunt.places import MACHINE_DATA
from pipshunt.search import SHIM, is_shim
from pipshunt.setup.engine_folder import STAMP, find_engine
from pipshunt.setup.shim_folder import COMMAND, is_tool_name

_AGAIN = "./install.sh"
_BY_CHECKOUT = "in a checkout of pipshunt, this puts it right"


class Installation(NamedTuple):
    """One installation, as far as it is there."""

    prefix: str
    is_machine: bool
    version: str  # of the engine in use, "" if there is none
    names: tuple[str, ...]  # that shims stand for
    python: str  # the interpreter that the shim starts the engine with, "" if it does not say

    @property
    def bin(self) -> str:
        """The folder of the shims."""
        return os.path.join(self.prefix, "bin")


def find_installations(world: World) -> list[Installation]:
    """Return what there is of the user's and the machine's installation, the user's first, and any other on PATH."""
    machine = world.at(MACHINE_DATA)
    prefixes = dict.fromkeys([*([world.places.data] if world.uid else []), machine, *_prefixes_on_path(world)])
    return [_look_at(prefix, prefix == machine) for prefix in prefixes if prefix and _is_there(prefix)]


def judge_installations(world: World, installations: Sequence[Installation]) -> list[Finding]:
    """Return what is wrong with them, and what there is."""
    if not installations:
        said = "pipshunt is not set up for you: pip leads to the system's own; in a checkout of pipshunt"
        return [problem("not-set-up", said, _AGAIN)]
    findings = [found for installation in installations for found in _judge(world, installation)]
    versions = {installation.version for installation in installations if installation.version}
    if len(versions) > 1:
        both = ", ".join(f"{one.version} in {world.shown(one.prefix)}" for one in installations)
        said = f"two installations of different versions: {both}; the first on PATH counts; in the newer's checkout"
        findings.append(notice("two-versions", said, "./install.sh && sudo ./install.sh"))
    shown = [
        f"{world.shown(one.prefix)}: version {one.version}, run by {one.python}" for one in installations if one.version
    ]
    return [*findings, *([fine("set up", "; ".join(shown))] if shown else [])]


def _prefixes_on_path(world: World) -> list[str]:
    """Return where the shims on PATH lie: XDG_DATA_HOME may have been another when they were laid."""
    shims = [os.path.join(folder, SHIM) for folder in world.env.get("PATH", "").split(":") if folder.startswith("/")]
    return [os.path.dirname(os.path.dirname(os.path.realpath(shim))) for shim in shims if is_shim(shim)]


def _is_there(prefix: str) -> bool:
    """Whether anything of an installation is there: environments alone are what an uninstall keeps."""
    return any(os.path.lexists(os.path.join(prefix, name)) for name in ("engine", f"bin/{SHIM}", f"bin/{COMMAND}"))


def _look_at(prefix: str, is_machine: bool) -> Installation:
    folder = os.path.join(prefix, "bin")
    names = [name for name in list_folder(folder) if is_tool_name(name) and _leads_to_shim(os.path.join(folder, name))]
    link = os.path.join(prefix, "engine")
    target = os.path.basename(os.readlink(link)) if os.path.islink(link) else ""
    python = _quoted_value(read_text(os.path.join(folder, SHIM), 4096), "_ps_engine_python=")
    return Installation(prefix, is_machine, target.rpartition("-")[0], tuple(names), python)


def _leads_to_shim(path: str) -> bool:
    return os.path.islink(path) and os.readlink(path) == SHIM


def _quoted_value(text: str, name: str) -> str:
    """Return what the line of *text* that starts with *name* has in single quotes."""
    line = next((line for line in text.split("\n") if line.startswith(name)), "")
    return line.removeprefix(name).strip("'").replace("'\\''", "'")


def _judge(world: World, installation: Installation) -> list[Finding]:
    fix = f"{world.sudo if installation.is_machine else ''}{_AGAIN}"
    where = world.shown(installation.prefix)
    broken = find_breakage(installation)
    findings = [problem("engine-broken", f"{where}: {broken}; {_BY_CHECKOUT}", fix)] if broken else []
    owner = 0 if installation.is_machine else world.uid
    for name in ("", "bin", f"bin/{SHIM}", f"bin/{COMMAND}", "engines"):
        found = judge_owner(world, os.path.join(installation.prefix, name).rstrip("/"), owner)
        findings += [found] if found else []
    return findings


def find_breakage(installation: Installation) -> str:
    """Return why the shims of *installation* cannot reach their engine, "" if they can."""
    folder, engine = installation.bin, os.path.join(installation.prefix, "engine")
    if not os.access(os.path.join(folder, SHIM), os.X_OK):
        return "the shim is gone, so its links lead nowhere"
    if not os.path.isdir(engine):
        return "the engine is gone, so every call goes to the real pip"
    if not installation.python or not os.access(installation.python, os.X_OK):
        return f"the engine's Python ({installation.python}) is gone, so every call goes to the real pip"
    stamp = read_text(os.path.join(engine, STAMP))
    if not stamp:
        return "the engine was never finished"
    library = os.path.join(engine, "lib")
    made_for = next((name for name in list_folder(library) if name.startswith("python")), "")
    now = os.path.basename(os.path.realpath(os.path.join(engine, "bin", "python")))
    if now.startswith("python3.") and now != made_for:
        return f"the engine was made for {made_for}, but its Python is {now} now"
    if not os.access(os.path.join(engine, "bin", "python"), os.X_OK):
        return "the engine's environment has lost its Python"
    if not find_engine(os.path.join(installation.prefix, "engines"), stamp):
        return "files of the engine are gone, or were changed"
    return ""


def judge_owner(world: World, path: str, owner: int) -> Finding | None:
    """Return what is wrong with who may change *path*; None if nothing is, or nothing is there."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    as_root = world.sudo if owner != world.uid else ""
    if status.st_uid not in (owner, 0):
        said = f"{world.shown(path)} belongs to user {status.st_uid}, who can have you run anything"
        return problem("foreign-owner", said, f"sudo chown -R {owner} {world.typed(path)}")
    if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
        said = f"anyone may write {world.shown(path)}, and so have you run anything"
        return problem("anyone-may-write", said, f"{as_root}chmod o-w {world.typed(path)}")
    return None
