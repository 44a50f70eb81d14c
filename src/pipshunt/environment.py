"""Virtual environments: looking at one that is there, and making one whole or not at all.

A new environment is made beside its place by the interpreter's own venv module, without ensurepip (two seconds, and
missing on Debian without python3-venv), given a pip of its own, and renamed into place. Whoever comes second uses
the first one's; what a killed process left behind is removed by the next.
"""

import os
from typing import NamedTuple

from pipshunt import process, seed
from pipshunt.git_index import is_tracked

# What the venv module of 3.13 and later writes; older ones get the same file.
_GITIGNORE = b"# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n"
_STAGING = ".pipshunt-"


class Found(NamedTuple):
    """What stands where an environment is to be: `fit` to be used, absent (`problem` is ""), or why it is not used."""

    fit: bool
    problem: str
    remedy: str


class CannotCreate(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """An environment could not be made; the text says why in one sentence."""


def look_at(path: str, uid: int) -> Found:
    """Tell whether what is at *path* can be used: an environment, the user's own, and none that came with a clone."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return Found(False, "", "")
    except OSError as error:
        return Found(False, f"{path} cannot be looked at: {error.strerror}", "")
    if not os.path.isdir(path):
        return Found(False, f"{path} is not a folder", f"mv {path} {path}.old")
    if status.st_uid != uid or os.stat(path).st_uid != uid:
        return Found(False, f"{path} belongs to another user", "")
    if not os.path.isfile(os.path.join(path, "pyvenv.cfg")):
        return Found(False, f"{path} is no virtual environment: it has no pyvenv.cfg", f"mv {path} {path}.old")
    if is_tracked(path):
        return Found(False, f"{path} came with the repository (git tracks it), so nothing in it is run", "")
    python = os.path.join(path, "bin", "python")
    if not os.access(python, os.X_OK):
        return Found(False, f"{path} is broken: {python} leads to no interpreter", f"mv {path} {path}.old")
    return Found(True, "", "")


def create(path: str, interpreter: str, pip: str, system_site_packages: bool) -> None:
    """Make the environment *path* for the resolved *interpreter* with a copy of the package *pip*; raises CannotCreate.

    Returns also when another process has made it meanwhile.
    """
    parent, name = os.path.split(path)
    staging = os.path.join(parent, f"{name}{_STAGING}{os.getpid()}")
    try:
        os.makedirs(parent, exist_ok=True)
        _remove_leftovers(parent, name)
        _make(staging, interpreter, pip, system_site_packages)
        _rename_inside(staging, name)
        os.rename(staging, path)
    except OSError as error:
        remove_tree(staging)
        if os.path.isfile(os.path.join(path, "pyvenv.cfg")):
            return
        raise CannotCreate(f"{path} cannot be made: {error.strerror or error}") from error
    except CannotCreate:
        remove_tree(staging)
        raise


def version_of(path: str) -> str:
    """Return the `pythonX.Y` of the environment at *path*, "" if it has none."""
    try:
        names = sorted(os.listdir(os.path.join(path, "lib")))
    except OSError:
        return ""
    return next((name for name in names if os.path.isdir(os.path.join(path, "lib", name, "site-packages"))), "")


def site_packages(path: str) -> str:
    """Return the folder that the environment at *path* installs into."""
    return os.path.join(path, "lib", version_of(path) or "python3", "site-packages")


def sees_system_packages(path: str) -> bool:
    """Return whether the environment's pyvenv.cfg lets the system's packages in (PEP 405)."""
    try:
        with open(os.path.join(path, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
            lines = file.read(65536).splitlines()
    except OSError:
        return False
    pairs = (line.partition("=") for line in lines)
    return any(k.strip() == "include-system-site-packages" and v.strip().lower() == "true" for k, _, v in pairs)


def remove_tree(path: str) -> None:
    """Remove *path* and all below it, as far as that goes; links are not followed."""
    for folder, folders, files in os.walk(path, topdown=False):
        for name in files:
            _quietly(os.unlink, os.path.join(folder, name))
        for name in folders:
            inner = os.path.join(folder, name)
            _quietly(os.unlink if os.path.islink(inner) else os.rmdir, inner)
    _quietly(os.rmdir, path)


def _make(staging: str, interpreter: str, pip: str, system_site_packages: bool) -> None:
    os.mkdir(staging)
    ignored = os.path.join(staging, ".gitignore")
    with open(ignored, "xb") as file:  # first of all: git status never shows even the half-made one
        file.write(_GITIGNORE)
    argv = [interpreter, "-I", "-m", "venv", "--without-pip"]
    if system_site_packages:
        argv.append("--system-site-packages")
    status, output = process.capture([*argv, staging], dict(os.environ))
    if status != 0:
        said = output.strip().splitlines()
        raise CannotCreate(f"{interpreter} -m venv failed: {said[-1] if said else f'exit status {status}'}")
    version = version_of(staging)
    if pip and version:
        seed.copy_pip(pip, staging, version, os.path.dirname(staging))


def _rename_inside(staging: str, name: str) -> None:
    """Write the final name into the files where venv and we have put the staging folder's."""
    old, new = os.fsencode(os.path.basename(staging)), os.fsencode(name)
    folder = os.path.join(staging, "bin")
    files = [os.path.join(folder, entry) for entry in os.listdir(folder)]
    for file in [os.path.join(staging, "pyvenv.cfg"), *files]:
        if os.path.islink(file):
            continue
        with open(file, "rb") as stream:
            data = stream.read()
        if old in data:
            with open(file, "wb") as stream:
                stream.write(data.replace(old, new))


def _remove_leftovers(parent: str, name: str) -> None:
    """Remove staging folders whose process is gone."""
    prefix = name + _STAGING
    for entry in os.listdir(parent):
        pid = entry.removeprefix(prefix)
        if entry.startswith(prefix) and pid.isdecimal() and not _is_alive(int(pid)):
            remove_tree(os.path.join(parent, entry))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _quietly(action: object, path: str) -> None:
    try:
        action(path)  # type: ignore[operator]
    except OSError:
        return
