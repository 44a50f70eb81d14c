"""The Pythons that an operating system or uv manages: are their markers there, and what pipshunt needs of them."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.doctor.diagnosis import Finding, World, fine, notice, problem, read_text
from pipshunt.folder_tree import list_folder
from pipshunt.interpreter import Interpreter, find_pip
from pipshunt.marker import FILE_NAME, Marker, describe_marker, find_marker, install_command

_CELLARS = ("/opt/homebrew/Cellar", "/usr/local/Cellar", "/home/linuxbrew/.linuxbrew/Cellar")


class Python(NamedTuple):
    """One installed Python."""

    stdlib: str
    version: tuple[int, int]
    prefix: str
    marker: str  # "" where it has none
    shipped_by: str  # whose files should hold a marker: a package's name, uv; "" where nobody says so


def find_pythons(world: World) -> list[Python]:
    """Return the Pythons in the places of the OS, of Homebrew and of uv, each once."""
    libraries = [world.at("/usr/lib"), world.at("/usr/local/lib")]
    for cellar in map(world.at, _CELLARS):
        for formula in list_folder(cellar):
            if formula.startswith("python"):
                kegs = [os.path.join(cellar, formula, name) for name in list_folder(os.path.join(cellar, formula))]
                libraries += [os.path.join(keg, "lib") for keg in kegs]
    managed = uv_folder(world)
    # The folder of a minor version is a link to that of a patch release.
    names = [name for name in list_folder(managed) if not os.path.islink(os.path.join(managed, name))]
    libraries += [os.path.join(managed, name, "lib") for name in names]
    found: dict[str, Python] = {}
    for library in libraries:
        for name in list_folder(library):
            python = _look_at(world, os.path.join(library, name), managed)
            if python:
                found.setdefault(os.path.realpath(python.stdlib), python)
    return list(found.values())


def at_hand(python: Python) -> Interpreter:
    """Return *python* as what runs, without running it."""
    executable = os.path.join(python.prefix, "bin", "python{}.{}".format(*python.version))
    return Interpreter(executable, executable, python.version, python.prefix, python.stdlib, in_environment=False)


def uv_folder(world: World) -> str:
    """Return where uv keeps the Pythons that it manages (docs.astral.sh/uv/reference/storage), "" without a home."""
    said = world.env.get("UV_PYTHON_INSTALL_DIR", "")
    if said:
        return os.path.join(world.cwd, said)
    data = world.env.get("XDG_DATA_HOME", "")
    if not data.startswith("/"):
        data = os.path.join(world.places.home, ".local/share") if world.places.home else ""
    return os.path.join(data, "uv/python") if data else ""


def judge_pythons(world: World, pythons: Sequence[Python]) -> list[Finding]:
    """Return which markers are there and which were removed, and what is missing for an install to be shunted."""
    findings = [_removed(world, python) for python in pythons if not python.marker and python.shipped_by]
    for python in pythons:
        if python.marker and python.shipped_by != "uv":
            findings += _missing_pieces(world, python)
    owners: dict[str, list[str]] = {}
    for python in pythons:
        if python.marker:
            owners.setdefault(_owner(world, python), []).append("{}.{}".format(*python.version))
    unmarked = ["{}.{}".format(*python.version) for python in pythons if not python.marker and not python.shipped_by]
    said = [f"{owner}'s Python {', '.join(versions)}" for owner, versions in owners.items()]
    said += [f"none in Python {', '.join(unmarked)} (pip installs there by itself)"] if unmarked else []
    return [*findings, fine("markers", "; ".join(said) or "no Python of an operating system or of uv is here")]


def _look_at(world: World, stdlib: str, managed: str) -> Python | None:
    """Return the Python whose library *stdlib* is; what an old one left (dist-packages alone) is none."""
    minor = os.path.basename(stdlib).removeprefix("python3.")
    if not (minor.isascii() and minor.isdecimal()) or not os.path.isfile(os.path.join(stdlib, "os.py")):
        return None
    marker = find_marker(stdlib)
    shipped_by = "" if marker else shipper(world, stdlib, int(minor))
    if managed and stdlib.startswith(managed + "/"):
        shipped_by = "uv"
    return Python(stdlib, (3, int(minor)), os.path.dirname(os.path.dirname(stdlib)), marker, shipped_by)


def shipper(world: World, stdlib: str, minor: int) -> str:
    """Return the package of the OS whose list of files has the marker in *stdlib*, "" if none has."""
    path = os.path.join(stdlib, FILE_NAME).removeprefix(world.root)
    dpkg = world.at("/var/lib/dpkg/info")
    for name in list_folder(dpkg):
        is_its_list = f"python3.{minor}" in name and name.endswith(".list")
        if is_its_list and path in read_text(os.path.join(dpkg, name)).split("\n"):
            return name.removesuffix(".list").partition(":")[0]
    pacman = world.at("/var/lib/pacman/local")
    for name in list_folder(pacman):
        if name.startswith("python-3") and f"\n{path[1:]}\n" in read_text(os.path.join(pacman, name, "files")):
            return "python"
    apk = read_text(world.at("/lib/apk/db/installed"), 1 << 24)
    for package in apk.split("\n\n") if f"R:{FILE_NAME}\n" in apk else ():
        folder = package.partition(f"F:{os.path.dirname(path)[1:]}\n")[2].partition("\nF:")[0]
        if f"R:{FILE_NAME}" in folder.split("\n"):
            return next((line[2:] for line in package.split("\n") if line.startswith("P:")), "")
    return ""


def _removed(world: World, python: Python) -> Finding:
    version = "{}.{}".format(*python.version)
    marker = world.shown(os.path.join(python.stdlib, FILE_NAME))
    if python.shipped_by == "uv":
        said = f"uv's Python {version} has no marker ({marker}): pip installs into it, and uv may remove that again"
        return notice("marker-removed-uv", said, f"uv python install --reinstall {version}")
    how = "apt install --reinstall"
    if not os.path.isdir(world.at("/var/lib/dpkg/info")):
        how = "pacman -S" if os.path.isdir(world.at("/var/lib/pacman")) else "apk fix --reinstall"
    said = f"somebody removed {marker}: pip installs into the system's Python {version} unhindered, and so unshunted"
    return problem("marker-removed", said, f"{world.sudo}{how} {python.shipped_by}")


def _missing_pieces(world: World, python: Python) -> list[Finding]:
    version = "{}.{}".format(*python.version)
    findings = []
    if not os.path.isfile(os.path.join(python.stdlib, "venv", "__init__.py")):
        said = f"Python {version} has no venv module, so no environment can be made with it"
        by_apt = _marker(world, python).package.startswith("apt ")
        fix = f"{world.sudo}apt install python{version}-venv" if by_apt else ""
        findings.append(problem("no-venv", said, fix))
    if not find_pip(at_hand(python), (), world.env, world.places.home):
        fix = install_command(_marker(world, python), "pip", world.uid)
        said = f"Python {version} has no pip, so there is none to run in its environments"
        findings.append(notice("no-pip", said, fix))
    return findings


def _owner(world: World, python: Python) -> str:
    return "uv" if python.shipped_by == "uv" else _marker(world, python).owner


def _marker(world: World, python: Python) -> Marker:
    return describe_marker(python.marker.removeprefix(world.root), world.at("/etc/os-release"))
