"""The marker: the EXTERNALLY-MANAGED file (PEP 668), who put it there, and its message in the user's language."""

import os
from collections.abc import Mapping
from typing import NamedTuple

FILE_NAME = "EXTERNALLY-MANAGED"
_GENERIC = "The Python environment under {prefix} is managed externally, and may not be manipulated by the user."


class Marker(NamedTuple):
    """A marker and its owner; `package` is how that owner calls the package of a project NAME, "" where it has none."""

    path: str
    owner: str
    package: str  # "apt install python3-{}"


# ID in os-release → (owner, how its packages are installed). the marker texts of these name the same command.
_SYSTEMS = {
    "debian": ("Debian", "apt install python3-{}"),
    "ubuntu": ("Ubuntu", "apt install python3-{}"),
    "raspbian": ("Raspberry Pi OS", "apt install python3-{}"),
    "alpine": ("Alpine Linux", "apk add py3-{}"),
    "arch": ("Arch Linux", "pacman -S python-{}"),
    "manjaro": ("Manjaro", "pacman -S python-{}"),
    "fedora": ("Fedora", "dnf install python3-{}"),
    "gentoo": ("Gentoo", "emerge dev-python/{}"),
    "void": ("Void Linux", "xbps-install python3-{}"),
    "opensuse": ("openSUSE", "zypper install python3-{}"),
}
# How each of them upgrades a package that is installed.
_UPGRADES = {
    "apt install": "apt install --only-upgrade",
    "apk add": "apk add --upgrade",
    "pacman -S": "pacman -Syu",
    "dnf install": "dnf upgrade",
    "emerge": "emerge --update",
    "xbps-install": "xbps-install --update",
    "zypper install": "zypper update",
}


def find_marker(stdlib: str) -> str:
    """Return the marker's path, "" if there is none; pip's own test: a regular file, whatever it holds."""
    path = os.path.join(stdlib, FILE_NAME)
    return path if os.path.isfile(path) else ""


def describe_marker(path: str, os_release: str = "/etc/os-release") -> Marker:
    """Return the marker at *path* with its owner, told from its text, from where it lies and from os-release."""
    text = _read(path)
    if "managed by uv" in text:
        return Marker(path, "uv", "")
    if "/Cellar/" in path or "/homebrew/" in path or "/linuxbrew/" in path:
        return Marker(path, "Homebrew", "brew install {}")
    if path.startswith("/usr/lib"):
        release = dict(line.partition("=")[::2] for line in _read(os_release).splitlines())
        names = [release.get("ID", "").strip("\"'"), *release.get("ID_LIKE", "").strip("\"'").split()]
        for name in names:
            if name in _SYSTEMS:
                owner, package = _SYSTEMS[name]
                return Marker(path, release.get("NAME", owner).strip("\"'") if name != names[0] else owner, package)
    return Marker(path, "the administrator", "")


def install_command(marker: Marker, project: str, uid: int) -> str:
    """Return the command by which *uid* has the owner's package of *project* installed, "" where there is none."""
    if marker.owner == "Homebrew":
        return "" if project == "pip" else marker.package.format(project)  # its Python comes with a pip
    return _as_root(marker.package.format(project), uid) if marker.package else ""


def upgrade_command(marker: Marker, project: str, uid: int) -> str:
    """Return the command by which *uid* has that package upgraded, "" where there is none."""
    how, _, package = marker.package.format(project).rpartition(" ")
    return _as_root(f"{_UPGRADES[how]} {package}", uid) if how in _UPGRADES else ""


def _as_root(command: str, uid: int) -> str:
    return command if uid == 0 else f"sudo {command}"


def read_message(path: str, prefix: str, env: Mapping[str, str]) -> str:
    """Return the marker's own message as pip would show it (pip._internal.exceptions.ExternallyManagedEnvironment)."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, UnicodeDecodeError, configparser.Error):
        return _GENERIC.format(prefix=prefix)
    if "externally-managed" not in parser:
        return _GENERIC.format(prefix=prefix)
    section = parser["externally-managed"]
    for key in [*_language_keys(env), "Error"]:
        if key in section:
            return section[key].strip("\n")
    return _GENERIC.format(prefix=prefix)


def _language_keys(env: Mapping[str, str]) -> list[str]:
    """Return Error-de_DE, Error-de for a German user: the order in pip's `_iter_externally_managed_error_keys`."""
    import locale

    wanted = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or "C"
    try:
        locale.setlocale(locale.LC_MESSAGES, wanted)
        language = locale.getlocale(locale.LC_MESSAGES)[0]
    except (locale.Error, ValueError):
        return []
    finally:
        locale.setlocale(locale.LC_MESSAGES, "C")
    if not language:
        return []
    return [f"Error-{part}" for part in (language, language.split("-")[0], language.split("_")[0])]


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(65536)
    except OSError:
        return ""
