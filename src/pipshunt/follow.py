"""Following: which environment `python3` means in which folder, written so that the shim can tell by builtins alone.

A registration is the file `STATE/follow/<absolute folder>/@<interpreter>` of three lines: the base interpreter that
an install was shunted away from, the environment, and the name of a token file in that environment. shims/shim reads
the same files. The token is random: an environment that a clone brings to the same place is not the one registered.
It holds only as long as token, environment and the folder of its programs belong to who asks, or in the machine's state
to root: an environment given away (chown) is another user's to run.
"""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from pipshunt.places import MACHINE_STATE


class Registration(NamedTuple):
    """One followed environment: in *folder* and below, *base* gives way to *environment*."""

    folder: str
    base: str
    environment: str
    token: str


class NotRegistered(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """A folder that cannot be followed; the text says why."""


def find_registration(
    state: str, cwd: str, base: str, machine_state: str = MACHINE_STATE, uid: int | None = None
) -> Registration | None:
    """Return what is followed from *cwd* for the interpreter *base*, nearest folder first, the machine's last.

    *uid*: who asks, if not who runs this.
    """
    uid = os.geteuid() if uid is None else uid
    for found in _registrations(state, cwd, uid):
        if _is_same(found.base, base):
            return found
    for found in _read_folder(machine_state, "/", (0, uid)):
        if _is_same(found.base, base):
            return found
    return None


def find_followed_folder(state: str, cwd: str, uid: int) -> str:
    """Return the nearest folder at or above *cwd* that *uid* follows for some interpreter, but never /; "" if none."""
    return next((found.folder for found in _registrations(state, cwd, uid) if found.folder != "/"), "")


def register(state: str, folder: str, base: str, environment: str) -> None:
    """Follow *environment* from *folder* on for *base*; raises NotRegistered or OSError."""
    if not state:
        raise NotRegistered("there is no home folder to remember it in (HOME is not set)")
    if "\n" in f"{folder}{base}{environment}":
        raise NotRegistered("a folder whose name holds a newline cannot be followed")
    token = _token_of(environment)
    file = _file(state, folder, base)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    partial = f"{os.path.dirname(file)}/.{os.getpid()}"
    with open(partial, "wb") as registration:
        registration.write(os.fsencode(f"{base}\n{environment}\n{token}\n"))
    os.replace(partial, file)


def forget(state: str, folder: str, base: str) -> None:
    """Follow nothing from *folder* on for *base* any more."""
    try:
        os.unlink(_file(state, folder, base))
    except FileNotFoundError:
        return


def all_registrations(state: str, uid: int | None = None) -> Iterator[Registration]:
    """Return every registration below *state* that still holds for *uid*, if not for who runs this."""
    root = os.path.join(state, "follow")
    asks = os.geteuid() if uid is None else uid
    owners = (0, asks) if state == MACHINE_STATE else (asks,)
    for path, _, names in os.walk(root):
        if any(name.startswith("@") for name in names):
            yield from _read_folder(state, path[len(root) :] or "/", owners)


def _registrations(state: str, cwd: str, owner: int) -> Iterator[Registration]:
    folder = cwd
    while state and folder:
        yield from _read_folder(state, folder, (owner,))
        if folder == "/":
            return
        folder = os.path.dirname(folder)


def _read_folder(state: str, folder: str, owners: tuple[int, ...]) -> Iterator[Registration]:
    place = os.path.join(state, "follow") + folder.rstrip("/")
    try:
        names = sorted(name for name in os.listdir(place) if name.startswith("@"))
    except OSError:
        return
    for name in names:
        path = os.path.join(place, name)
        if not os.path.isfile(path):  # to open another's pipe (HOME may be theirs) would be to wait for them
            continue
        try:
            with open(path, "rb") as file:
                lines = os.fsdecode(file.read(16384)).split("\n")
        except OSError:
            continue
        if len(lines) >= 4 and lines[2] and _is_owned(lines[1], lines[2], owners):
            yield Registration(folder, lines[0], lines[1], lines[2])


def _file(state: str, folder: str, base: str) -> str:
    """Return the registration's file; it holds the interpreter's path, so that two can be followed from one folder."""
    return os.path.join(state, "follow") + folder.rstrip("/") + "/@" + base.replace("%", "%%").replace("/", "%")


def _is_owned(environment: str, token: str, owners: tuple[int, ...]) -> bool:
    """Whether the environment, the folder of its programs and the token, a file and no link, are one of *owners*'."""
    try:
        mark = os.lstat(os.path.join(environment, token))
        found = (mark, os.stat(environment), os.stat(os.path.join(environment, "bin")))
    except (OSError, ValueError):  # ValueError: a NUL in what was read
        return False
    return stat.S_ISREG(mark.st_mode) and all(status.st_uid in owners for status in found)


def _token_of(environment: str) -> str:
    """Return the environment's token, made now if it has none that is the user's own."""
    for name in os.listdir(environment):
        if name.startswith(".pipshunt-"):
            status = os.lstat(os.path.join(environment, name))
            if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
                return name
    token = ".pipshunt-" + os.urandom(8).hex()
    os.close(os.open(os.path.join(environment, token), os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    return token


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
