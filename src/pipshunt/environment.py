"""Virtual environments as they are found: read, never run. creation.py makes new ones."""

import os
from typing import NamedTuple

from pipshunt.call import quoted
from pipshunt.git_index import is_tracked

STAGE = ".pipshunt-stage-"  # how the folder in an environment is named in which an install is prepared

MADE_BY = "pipshunt"  # the key in the pyvenv.cfg of those that creation.py makes


class Found(NamedTuple):
    """What stands where an environment is to be: `fit` to be used, absent (`problem` is ""), or why it is not used."""

    fit: bool
    problem: str
    remedy: str


class CannotCreate(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """An environment could not be made; the text says why in one sentence."""


def look_at(path: str, uid: int, sign: str = "pyvenv.cfg") -> Found:
    """Tell whether what is at *path* can be used: an environment, the user's own, and none that came with a clone.

    *sign*: what an environment of the kind that is looked for holds.
    """
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return Found(False, "", "")
    except OSError as error:
        return Found(False, f"{path} cannot be looked at: {error.strerror}", "")
    if not os.path.isdir(path):
        return Found(False, f"{path} is not a folder", _move_away(path))
    owners = {status.st_uid, os.stat(path).st_uid}
    if owners != {uid}:
        if 0 in owners - {uid}:  # what sudo has left in one's own folder can be renamed all the same
            return Found(False, f"{path} belongs to root", _move_away(path))
        return Found(False, f"{path} belongs to another user", "")
    if not os.path.isfile(os.path.join(path, sign)):
        return Found(False, f"{path} is no virtual environment: it has no {sign}", _move_away(path))
    if is_tracked(path) or is_tracked(os.path.realpath(path)):
        return Found(False, f"{path} came with the repository (git tracks it), so nothing in it is run", "")
    python = os.path.join(path, "bin", "python")
    if not os.access(python, os.X_OK):
        return Found(False, f"{path} is broken: {python} leads to no interpreter", _move_away(path))
    return Found(True, "", "")


def _move_away(path: str) -> str:
    return f"mv {quoted(path)} {quoted(path + '.old')}"


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
    said = read_settings(path)  # as site.py reads it: the last one counts, and none is a yes
    return said is not None and said.get("include-system-site-packages", "true").lower() == "true"


def extended_by(path: str) -> str:
    """Return the environment that the one at *path* lies over, as uv's for one call do, "" if it says none."""
    return (read_settings(path) or {}).get("extends-environment", "")


def read_settings(path: str) -> dict[str, str] | None:
    """Return what the environment's pyvenv.cfg says, None if it cannot be read."""
    try:
        with open(os.path.join(path, "pyvenv.cfg"), encoding="utf-8", errors="replace") as file:
            lines = [line.partition("=") for line in file.read(65536).splitlines()]
    except OSError:
        return None
    return {name.strip().lower(): value.strip() for name, _, value in lines}
