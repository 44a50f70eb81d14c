"""Making a virtual environment, whole or not at all.

It is made beside its place by the interpreter's own venv module, without ensurepip (two seconds, and missing on
Debian without python3-venv), given a pip of its own, and renamed into place. Whoever comes second uses the first
one's; what a killed process left behind is removed by the next.
"""

import os
from collections.abc import Callable

from pipshunt import process, seed
from pipshunt.environment import CannotCreate, version_of

# What the venv module of 3.13 and later writes; older ones get the same file.
_GITIGNORE = b"# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n"
_STAGING = ".pipshunt-"


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
    except BaseException:
        remove_tree(staging)
        raise


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


def _quietly(action: Callable[[str], None], path: str) -> None:
    try:
        action(path)
    except OSError:
        return
