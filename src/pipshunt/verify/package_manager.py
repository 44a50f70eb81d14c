"""The OS's package manager, asked which packages Python is of, and which of their files are not as they were installed.

dpkg, rpm, apk and pacman each say it in their own words; all are read here, under LC_ALL=C.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pipshunt.search import find_tool

_CHUNK = 400  # paths in one command
_MISSING = "missing"


class Change(NamedTuple):
    """A file of a package that is not as it was installed."""

    path: str
    is_missing: bool


class Dialect(NamedTuple):
    """How one package manager is asked, and its answers are read."""

    program: str
    owners: tuple[str, ...]  # paths follow
    read_owners: Callable[[str], tuple[set[str], set[str]]]  # packages, and paths that are of none
    verify: tuple[str, ...]  # packages follow; or folders, where it knows what is in them alone
    read_changes: Callable[[str], list[Change]]
    reinstall: str
    owns_folders: bool = True  # apk knows files alone


class NoAnswer(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """The package manager did not answer; the text says why."""

    def __init__(self, program: str, why: str) -> None:
        """Keep which program it was."""
        super().__init__(f"{program} {why}")
        self.program = program


class PackageManager:
    """One that is on this machine, with the time that it has for all its answers."""

    def __init__(self, dialect: Dialect, env: Mapping[str, str], seconds: float) -> None:
        """Start the clock."""
        self.dialect = dialect
        self._env = {**env, "LC_ALL": "C"}
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def packages_of(self, paths: Sequence[str]) -> set[str]:
        """Return the packages that *paths* are of. Raises NoAnswer."""
        return self._ask_owners(paths)[0]

    def unowned(self, paths: Sequence[str]) -> set[str]:
        """Return those of *paths* that no package has brought. Raises NoAnswer."""
        if self.dialect.owns_folders:
            return self._ask_owners(paths)[1]
        asked = {_first_file(path): path for path in paths}
        return {asked[path] for path in self._ask_owners([*asked])[1] if path in asked}

    def find_changes(self, packages: Iterable[str], places: Sequence[str]) -> list[Change]:
        """Return the files of *packages*, which hold *places*, that are gone or have other content.

        Raises NoAnswer.
        """
        folders = [path for path in places if os.path.isdir(path)]
        targets = sorted(packages) if self.dialect.owns_folders else folders
        return self.dialect.read_changes(self._run([*self.dialect.verify, *targets]))

    def _ask_owners(self, paths: Sequence[str]) -> tuple[set[str], set[str]]:
        packages: set[str] = set()
        unowned: set[str] = set()
        for start in range(0, len(paths), _CHUNK):
            more, none = self.dialect.read_owners(self._run([*self.dialect.owners, *paths[start : start + _CHUNK]]))
            packages |= more
            unowned |= none
        return packages, unowned

    def _run(self, argv: Sequence[str]) -> str:
        """Return what it prints, stderr included; its exit status says no more."""
        import subprocess

        try:
            done = subprocess.run(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._env,
                check=False,
                timeout=max(0.1, self._end - time.monotonic()),
            )
        except subprocess.TimeoutExpired as error:
            raise NoAnswer(argv[0], f"had no answer within {self._seconds:g} s") from error
        except OSError as error:
            raise NoAnswer(argv[0], f"does not run: {error.strerror}") from error
        return os.fsdecode(done.stdout)


def _first_file(path: str) -> str:
    """Return *path*, or for a folder a file in it."""
    for folder, _, files in os.walk(path):
        if files and not folder.endswith("__pycache__"):
            return os.path.join(folder, min(files))
    return path


def read_dpkg_owners(said: str) -> tuple[set[str], set[str]]:
    """Read `dpkg-query -S`: `one, another:amd64: /path`, `dpkg-query: no path found matching pattern /path`."""
    packages: set[str] = set()
    unowned = set()
    for line in said.splitlines():
        if line.startswith("dpkg-query: no path found matching pattern "):
            unowned.add(line.partition(" pattern ")[2].rstrip("."))
        elif not line.startswith(("diversion by ", "dpkg-query: ")) and ": /" in line:
            packages.update(line.partition(": /")[0].split(", "))
    return packages, unowned


def read_rpm_owners(said: str) -> tuple[set[str], set[str]]:
    """Read `rpm -qf --qf %{NAME}`: `python3-libs`, `file /path is not owned by any package`."""
    none = " is not owned by any package"
    lines = said.splitlines()
    unowned = {line.removesuffix(none).removeprefix("file ") for line in lines if line.endswith(none)}
    return {line for line in lines if " " not in line and line}, unowned


def read_pacman_owners(said: str) -> tuple[set[str], set[str]]:
    """Read `pacman -Qqo`: `python`, `error: No package owns /path`."""
    none = "error: No package owns "
    lines = said.splitlines()
    return {line for line in lines if " " not in line and line}, {
        line.removeprefix(none) for line in lines if line.startswith(none)
    }


def read_apk_owners(said: str) -> tuple[set[str], set[str]]:
    """Read `apk info --who-owns`: `/path is owned by python3-3.12.10-r1`, `ERROR: /path: Could not find owner …`."""
    packages = {line.partition(" is owned by ")[2] for line in said.splitlines() if " is owned by " in line}
    unowned = {line[7:].partition(": Could not")[0] for line in said.splitlines() if line.startswith("ERROR: /")}
    return {package.rpartition("-")[0].rpartition("-")[0] for package in packages}, unowned


def read_verified(said: str) -> list[Change]:
    """Read `dpkg --verify` and `rpm -V`: `??5??????   /path`, `missing   c /path`; settings (c) are for changing."""
    changes = []
    for line in said.splitlines():
        head, slash, rest = line.partition(" /")
        words = head.split()
        if not slash or not words or words[1:] == ["c"]:
            continue
        if words[0] == _MISSING or "5" in words[0] or "L" in words[0]:
            changes.append(Change(f"/{rest}".removesuffix(" (Permission denied)"), words[0] == _MISSING))
    return changes


def read_pacman_verified(said: str) -> list[Change]:
    """Read `pacman -Qkk`: `warning: python: /path (SHA256 checksum mismatch)`, `backup file: …` is a setting."""
    changes = []
    for line in said.splitlines():
        if line.startswith("warning: ") and ": /" in line and line.endswith(")"):
            path, _, why = f"/{line.partition(': /')[2]}"[:-1].rpartition(" (")
            if "checksum" in why or "No such file" in why or "size mismatch" in why.lower():
                changes.append(Change(path, "No such file" in why))
    return list({change.path: change for change in changes}.values())


def read_apk_audit(said: str) -> list[Change]:
    """Read `apk audit --system`: `U usr/lib/…` for another content, `X usr/lib/…` for a file that is gone."""
    rows = [line.split(" ", 1) for line in said.splitlines() if line[:2] in ("U ", "X ")]
    return [Change(f"/{path.lstrip('/')}", mark == "X") for mark, path in rows]


DIALECTS = (
    Dialect(
        *("dpkg", ("dpkg-query", "-S"), read_dpkg_owners, ("dpkg", "--verify"), read_verified),
        reinstall="apt install --reinstall {}",
    ),
    Dialect(
        *("rpm", ("rpm", "-qf", "--qf", "%{NAME}\\n"), read_rpm_owners),
        *(("rpm", "-V", "--nodeps", "--noscripts"), read_verified),
        reinstall="dnf reinstall {}",
    ),
    Dialect(
        *("apk", ("apk", "info", "--who-owns"), read_apk_owners, ("apk", "audit", "--system"), read_apk_audit),
        reinstall="apk fix {}",
        owns_folders=False,
    ),
    Dialect(
        *("pacman", ("pacman", "-Qqo"), read_pacman_owners, ("pacman", "-Qkk"), read_pacman_verified),
        reinstall="pacman -S {}",
    ),
)


def find_managers(
    env: Mapping[str, str], seconds: float, dialects: Sequence[Dialect] = DIALECTS
) -> list[PackageManager]:
    """Return the package managers that are on this machine, with all of their programs: busybox has a dpkg alone."""
    path = {**env, "PATH": f"{env.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"}
    whole = [
        dialect
        for dialect in dialects
        if all(find_tool(program, path, "/") for program in (dialect.program, dialect.owners[0], dialect.verify[0]))
    ]
    return [PackageManager(dialect, path, seconds) for dialect in whole]
