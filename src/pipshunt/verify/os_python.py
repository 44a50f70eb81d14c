"""Whether the OS's Python is as its packages brought it, and nothing was added to it."""

import base64
import csv
import glob
import os
import time
from collections.abc import Iterator, Mapping, Sequence

from pipshunt.marker import FILE_NAME
from pipshunt.verify.package_manager import Change, NoAnswer, PackageManager, find_managers
from pipshunt.verify.result import FINDING, NOTICE, OK, OS_PYTHON, Result
from pipshunt.verify.subject import Subject

_SECONDS = 120.0
_MOST = 10  # changed files that are told one by one
# A package's other files, its manual say, may be left out of an image on purpose (dpkg's path-exclude).
_OF_PYTHON = ("/usr/lib", "/usr/bin/", "/lib", "/bin/", "/usr/share/python")
_OURS = "pipshunt-transparent.pth"


def check_os_python(subject: Subject, env: Mapping[str, str], uid: int) -> Iterator[Result]:
    """Yield what became of the Python in /usr, and of the one behind the verified one if that is no package's."""
    managers = find_managers(env, _SECONDS)
    places = python_places()
    try:
        manager = next((one for one in managers if places and one.packages_of(places)), None)
        if manager:
            yield from _check_packages(manager, places, uid)
        elif places:
            said = f"{places[-1]} was not checked: no package manager that can be asked here has brought it"
            yield Result(OS_PYTHON, NOTICE, places[-1], said)
        if not manager or not manager.packages_of([subject.base]):
            yield from check_records(os.path.join(subject.stdlib, "site-packages"))
    except NoAnswer as error:
        yield Result(OS_PYTHON, NOTICE, error.program, f"not checked: {error}")


def python_places(usr: str = "/usr") -> list[str]:
    """Return the folders and the program of the OS's Python that are there."""
    found = [*sorted(glob.glob(f"{usr}/lib*/python3*")), f"{usr}/bin/python3"]
    return [path for path in dict.fromkeys((*found, os.path.realpath(f"{usr}/bin/python3"))) if os.path.exists(path)]


def _check_packages(manager: PackageManager, places: Sequence[str], uid: int) -> Iterator[Result]:
    packages = manager.packages_of(places)
    found = [change for change in manager.find_changes(packages, places) if change.path.startswith(_OF_PYTHON)]
    program = manager.dialect.program
    for change in found[:_MOST]:
        yield _tell_change(change, manager, uid)
    if len(found) > _MOST:
        yield Result(OS_PYTHON, FINDING, program, f"{len(found) - _MOST} more files of the OS's Python were changed")
    added = list(_added(manager, places))
    yield from added
    if not found and not [result for result in added if result.level == FINDING]:
        said = f"the OS's Python is unchanged: {len(packages)} package{'s' if len(packages) != 1 else ''} ({program})"
        yield Result(OS_PYTHON, OK, places[-1], said)


def _tell_change(change: Change, manager: PackageManager, uid: int) -> Result:
    owner = ", ".join(sorted(manager.packages_of([change.path]))) or "a package"
    again = ("" if uid == 0 else "sudo ") + manager.dialect.reinstall.format(owner.partition(":")[0])
    if os.path.basename(change.path) == FILE_NAME:
        said = "is gone, so that pip no longer knows whose Python this is" if change.is_missing else "was changed"
    else:
        said = "is gone" if change.is_missing else "was changed"
    return Result(OS_PYTHON, FINDING, change.path, f"{change.path} {said}; it is of {owner}", again)


def _added(manager: PackageManager, places: Sequence[str]) -> Iterator[Result]:
    """Yield what lies in the folders for packages of the OS, and is of none of them."""
    for folder in [f"{place}/{name}" for place in places for name in ("dist-packages", "site-packages")]:
        foreign = manager.unowned(_entries(folder))
        if foreign:
            names = [os.path.basename(path) for path in sorted(foreign)]
            said = f"{folder} holds {_some(names)}, which no package of the OS has brought"
            yield Result(OS_PYTHON, FINDING, folder, said)
    for folder in sorted(glob.glob("/usr/local/lib*/python3*/*-packages")):
        names = [os.path.basename(path) for path in _entries(folder) if not path.endswith(("/README", _OURS))]
        if names and places:
            said = f"{folder}, where the OS's Python looks too, holds {_some(names)}"
            yield Result(OS_PYTHON, NOTICE, folder, said)


def check_records(site: str) -> Iterator[Result]:
    """Yield which files in *site* are not as their distributions' RECORDs have them."""
    infos = [path for path in _entries(site) if path.endswith(".dist-info")]
    end = time.monotonic() + _SECONDS
    changed = 0
    for info in infos:
        for path, is_missing in _changed_files(info):
            changed += 1
            if changed <= _MOST:
                said = "is gone" if is_missing else "was changed"
                yield Result(OS_PYTHON, FINDING, path, f"{path} {said} since {os.path.basename(info)} was installed")
        if time.monotonic() > end:
            yield Result(OS_PYTHON, NOTICE, site, f"not all of {site} was checked within {_SECONDS:g} s")
            return
    if changed > _MOST:
        yield Result(OS_PYTHON, FINDING, site, f"{changed - _MOST} more files in {site} were changed")
    if infos and not changed:
        said = f"the {len(infos)} distributions in {site}, which no package manager knows, are as they were installed"
        yield Result(OS_PYTHON, OK, site, said)


def _changed_files(info: str) -> Iterator[tuple[str, bool]]:
    """Yield the files of *info*/RECORD that are gone or have another hash; one that cannot be read has none."""
    try:
        with open(os.path.join(info, "RECORD"), encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) == 3 and row[1]]
    except (OSError, csv.Error):
        return
    for name, said, _ in rows:
        path = os.path.normpath(os.path.join(os.path.dirname(info), name))
        try:
            found = _hash(path, said.partition("=")[0])
        except FileNotFoundError:
            yield path, True
        except (OSError, ValueError):
            continue
        else:
            if found != said.partition("=")[2]:
                yield path, False


def _hash(path: str, algorithm: str) -> str:
    """Return the hash of a file as RECORD has it (PEP 376, PEP 427). Raises OSError, ValueError."""
    import hashlib

    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, algorithm).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _entries(folder: str) -> list[str]:
    try:
        return [f"{folder}/{name}" for name in sorted(os.listdir(folder)) if name != "__pycache__"]
    except OSError:
        return []


def _some(names: Sequence[str]) -> str:
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{rest}"
