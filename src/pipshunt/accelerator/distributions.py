"""What stands in uv's way where it is to install: what pip sees and uv does not, or what the two replace otherwise."""

import os
from typing import TYPE_CHECKING

from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.environment import site_packages, version_of
from pipshunt.requirements import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OLDEST = (3, 8)


def check_environment(environment: str) -> None:
    """Check that uv can serve the environment, and replaces what is in it as pip would, by names of files alone.

    Raises NoLikeness, as all here.
    """
    if not os.path.lexists(environment):
        return  # it will be made: nothing is in it that could stand in the way
    if _version(version_of(environment)) < _OLDEST:
        raise NoLikeness(f"{environment} is no environment of CPython 3.8 or later")
    folder = site_packages(environment)
    if not os.access(folder, os.W_OK):
        raise NoLikeness(f"{folder} cannot be written to")
    names: set[str] = set()
    for entry in os.listdir(folder):
        if entry.endswith((".egg-link", ".egg-info", ".egg")):
            raise NoLikeness(f"{entry} was installed by setup.py, which uv does not replace as pip does")
        if entry.endswith(".dist-info"):
            name = _name(entry)
            if name in names:
                raise NoLikeness(f"{name} is there twice, of which pip replaces one and uv both")
            if not os.path.isfile(os.path.join(folder, entry, "RECORD")):
                raise NoLikeness(f"{entry} has no RECORD: pip cannot replace it")
            names.add(name)


def check_interpreter(python: str, names: "Iterable[str]", env: "Mapping[str, str]") -> None:
    """Check that nothing of these *names* lies where *python* finds it and uv does not, or is the system's own.

    uv looks into one folder, that which it installs into; what Debian's packages bring lies in another.
    """
    asked = set(names)
    for folder in _folders(python, env):
        for entry in os.listdir(folder):
            if _name(entry) in asked and entry.endswith((".dist-info", ".egg-info")):
                path = os.path.join(folder, entry)
                if not os.path.isfile(os.path.join(path, "RECORD")) or not os.access(folder, os.W_OK):
                    raise NoLikeness(f"{path} is not pip's to replace")
                if folder.endswith("/python3/dist-packages") or folder.startswith(_home(env)):
                    raise NoLikeness(f"uv does not see {path}")


def _name(entry: str) -> str:
    return normalised(entry.removesuffix(".dist-info").removesuffix(".egg-info").partition("-")[0])


def _folders(python: str, env: "Mapping[str, str]") -> "Iterator[str]":
    real = os.path.realpath(python)
    prefix = os.path.dirname(os.path.dirname(real))
    name = os.path.basename(real)
    versions = [name] if _version(name) != (0, 0) else []
    for above in (f"{prefix}/lib", f"{prefix}/local/lib", f"{prefix}/lib64", _home(env)):
        found = versions or [entry for entry in _entries(above) if _version(entry) != (0, 0)]
        for inner in ("python3", *found):
            for last in ("dist-packages", "site-packages"):
                folder = f"{above}/{inner}/{last}"
                if os.path.isdir(folder):
                    yield folder


def _home(env: "Mapping[str, str]") -> str:
    """Where a user's own packages lie, unless Python is told not to look there."""
    base = env.get("PYTHONUSERBASE") or env.get("HOME", "") + "/.local"
    return "/nowhere" if env.get("PYTHONNOUSERSITE") else f"{base}/lib"


def _entries(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _version(name: str) -> tuple[int, int]:
    """Read `python3.11`; (0, 0) for any other name."""
    major, _, minor = name.removeprefix("python").partition(".")
    plain = name.startswith("python") and major.isdecimal() and minor.isdecimal()
    return (int(major), int(minor)) if plain else (0, 0)
