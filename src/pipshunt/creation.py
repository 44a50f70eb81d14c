"""Making a virtual environment, whole or not at all.

It is made beside its place by the interpreter's own venv module, without ensurepip (two seconds, and missing on
Debian without python3-venv), given a pip of its own, and renamed into place. Whoever comes second uses the first
one's; what a killed process left behind is removed by the next.
"""

import os

from pipshunt import __version__, pip_store, process
from pipshunt.environment import MADE_BY, CannotCreate
from pipshunt.folder_tree import hold_folder, remove_tree

# What the venv module of 3.13 and later writes; older ones get the same file.
_GITIGNORE = b"# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n"
_STAGING = ".pipshunt-"


def create(path: str, interpreter: str, library: str, pip: str, system_site_packages: bool, cache: str = "") -> None:
    """Make the environment *path* for the resolved *interpreter* with the package *pip* in it; raises CannotCreate.

    *library*: the folder of its modules below lib, `python3.11`. *cache*: our cache folder, "" for none. Returns also
    when another process has made it meanwhile.
    """
    parent, name = os.path.split(path)
    staging = os.path.join(parent, f"{name}{_STAGING}{os.getpid()}")
    held = -1
    try:
        os.makedirs(parent, exist_ok=True)
        remove_leftovers(path)
        os.mkdir(staging)
        held = hold_folder(staging)
        venv = _start_venv(staging, interpreter, library, system_site_packages)
        try:
            if pip:  # comes in while venv works
                pip_store.place_pip(cache, pip, staging, library, path)
        except BaseException:
            process.abandon(venv)
            raise
        _finish_venv(venv, interpreter)
        _sign(staging)
        _rename_inside(staging, path)
        os.rename(staging, path)
    except OSError as error:
        remove_tree(staging)
        if os.path.isfile(os.path.join(path, "pyvenv.cfg")):
            return
        raise CannotCreate(f"{path} cannot be made: {error.strerror or error}") from error
    except BaseException:
        remove_tree(staging)
        raise
    finally:
        if held >= 0:
            os.close(held)


def _start_venv(staging: str, interpreter: str, library: str, system_site_packages: bool) -> process.Captured:
    ignored = os.path.join(staging, ".gitignore")
    with open(ignored, "xb") as file:  # first of all: git status never shows even the half-made one
        file.write(_GITIGNORE)
    argv = [interpreter, "-I", "-m", "venv", "--without-pip"]
    if system_site_packages:
        argv.append("--system-site-packages")
    os.makedirs(os.path.join(staging, "lib", library, "site-packages"))
    os.mkdir(os.path.join(staging, "bin"))
    return process.start_captured([*argv, staging], dict(os.environ))


def _finish_venv(venv: process.Captured, interpreter: str) -> None:
    status, output = process.finish_captured(venv)
    if status != 0:
        said = output.strip().splitlines()
        raise CannotCreate(f"{interpreter} -m venv failed: {said[-1] if said else f'exit status {status}'}")


def _sign(staging: str) -> None:
    """Say in pyvenv.cfg who has made it, as uv and virtualenv do: an uninstallation takes no other's environment."""
    with open(os.path.join(staging, "pyvenv.cfg"), "ab") as file:
        file.write(f"{MADE_BY} = {__version__}\n".encode("ascii"))


def _rename_inside(staging: str, path: str) -> None:
    """Write the final name into the files where venv has put the staging folder's.

    Only what it is longer by is taken out: a name with a quote in it stands quoted in the activation scripts.
    """
    excess = os.fsencode(staging.removeprefix(path))
    folder = os.path.join(staging, "bin")
    files = [os.path.join(folder, entry) for entry in os.listdir(folder)]
    for file in [os.path.join(staging, "pyvenv.cfg"), *files]:
        if os.path.islink(file):
            continue
        with open(file, "rb") as stream:
            data = stream.read()
        if excess in data:
            with open(file, "wb") as stream:
                stream.write(data.replace(excess, b""))


def remove_leftovers(path: str) -> None:
    """Remove staging folders for *path* whose process is gone, as far as that goes.

    The lock tells of one in another container, where pids differ.
    """
    parent, name = os.path.split(path)
    prefix = name + _STAGING
    try:
        entries = os.listdir(parent)
    except OSError:
        return
    for entry in entries:
        pid = entry.removeprefix(prefix).partition(_STAGING)[0]  # a dry run's own is made beside itself again
        if not entry.startswith(prefix) or not pid.isdecimal() or _is_alive(int(pid)):
            continue
        path = os.path.join(parent, entry)
        held = hold_folder(path)
        if held >= 0:
            remove_tree(path)
            os.close(held)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid != os.getpid()
