"""The site directory of an interpreter that is an administrator's or a user's: asked of it, never the system's."""

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipshunt import process
from pipshunt.marker import find_marker
from pipshunt.setup.shim_folder import STANDARD_FOLDERS, is_tool, is_tool_name

# Isolated: neither the working directory nor the user's variables have a say, and no hook of ours.
_QUESTION = (
    "import os,site,sys,sysconfig;"
    "sys.stdout.buffer.write(os.fsencode('\\0'.join(['pipshunt',os.path.realpath(sys.executable),"
    "'%d.%d'%sys.version_info[:2],sys.prefix,sys.base_prefix,sysconfig.get_path('stdlib'),"
    "site.getusersitepackages(),*site.getsitepackages()])))"
)
_SECONDS = 5.0
_OLDEST = (3, 10)  # has sys.orig_argv


class Site(NamedTuple):
    """What an interpreter says of itself and of the site directories that it reads."""

    executable: str  # as it was named
    real: str
    version: tuple[int, int]
    prefix: str
    base_prefix: str
    stdlib: str
    user_folder: str
    folders: tuple[str, ...]

    @property
    def marker(self) -> str:
        """The path of its marker, "" if it has none."""
        return find_marker(self.stdlib)


class NoFolder(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """Why transparent mode cannot be switched on for an interpreter, and what to do instead: a line each."""


def ask_site(executable: str, env: Mapping[str, str]) -> Site | None:
    """Return what *executable* says, None if it does not run or says nothing sensible within five seconds."""
    kept = {name: value for name, value in env.items() if not name.startswith("PYTHON")}
    argv = [executable, "-I", "-c", _QUESTION]
    try:
        status, output = process.capture(argv, {**kept, "PIPSHUNT": "off"}, seconds=_SECONDS, errors=False)
    except OSError:
        return None
    sign, *fields = output.split("\0")
    if status != 0 or sign != "pipshunt" or len(fields) < 7:
        return None
    real, version, prefix, base_prefix, stdlib, user_folder, *folders = fields
    major, _, minor = version.partition(".")
    numbers = (int(major), int(minor))
    return Site(executable, real, numbers, prefix, base_prefix, stdlib, user_folder, tuple(folders))


def find_sites(env: Mapping[str, str]) -> list[Site]:
    """Return the marked interpreters on PATH and in the standard folders, each once."""
    found: dict[str, Site] = {}
    for path in _find_interpreters(env.get("PATH", "")):
        real = os.path.realpath(path)
        if real not in found and (site := ask_site(path, env)) and site.marker and site.prefix == site.base_prefix:
            found.setdefault(real, site)
    return list(found.values())


def choose_folder(site: Site, *, user: bool) -> str:
    """Return the site directory that the hook goes to. Raises NoFolder."""
    _check_interpreter(site)
    if user:
        if not site.user_folder.startswith("/"):
            raise NoFolder(f"{site.executable} has no site directory of yours: there is no home folder for it")
        return site.user_folder
    ours = [folder for folder in site.folders if folder.startswith(site.base_prefix.rstrip("/") + "/local/")]
    owner = find_owner(ours[0]) if ours else ""
    if ours and not owner:
        return ours[0]
    whose = f"{ours[0]} belongs to {owner}" if ours else f"what it reads is the distribution's: {site.folders[0]}"
    raise NoFolder(
        f"{site.executable} has no site directory for administrators ({whose}), and that one is not ours to change",
        "for yourself alone, through your own site directory: pipshunt transparent on --user",
        "without it: call pip and python3 by name, so that they lead through the shims",
    )


def _check_interpreter(site: Site) -> None:
    if site.prefix != site.base_prefix:
        raise NoFolder(f"{site.executable} is a virtual environment's: pip works there as it is")
    if not site.marker:
        raise NoFolder(f"{site.executable} is not externally managed: pip works there as it is")
    if site.version < _OLDEST:
        version = "{}.{}".format(*site.version)
        raise NoFolder(f"{site.executable} is {version}, which does not tell how it was started; 3.10 and newer do")


def find_owner(folder: str) -> str:
    """Return the package of the operating system that *folder* belongs to, "" if none, or where nothing tells."""
    for dpkg in ("/usr/bin/dpkg-query", "/bin/dpkg-query"):
        if os.access(dpkg, os.X_OK):
            status, output = process.capture([dpkg, "-S", folder], {"LC_ALL": "C"}, seconds=_SECONDS, errors=False)
            return output.partition(":")[0] if status == 0 else ""
    return ""


def _find_interpreters(path: str) -> Iterator[str]:
    """Return the paths of interpreters, `python3` before its other names; a script is another manager's shim."""
    for folder in dict.fromkeys([*path.split(":"), *STANDARD_FOLDERS]):
        try:
            names = os.listdir(folder) if folder.startswith("/") else []
        except OSError:
            continue
        tools = [name for name in names if name.startswith("python") and is_tool_name(name)]
        for name in sorted(tools, key=lambda name: (name != "python3", name)):
            candidate = os.path.join(folder, name)
            if is_tool(candidate) and not _is_script(candidate):
                yield candidate


def _is_script(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return True
