"""Whether the audit log can take the next line, and can be read."""

import json  # noqa: TID253  (people's tier)
import os

from pipshunt.doctor.diagnosis import Finding, World, fine, notice, problem

_LARGE = 64 << 20
_LAST = 1 << 16  # a line is shorter than this


def judge_log(world: World) -> list[Finding]:
    """Return what is wrong with the log of whoever asks, and what there is of it."""
    path = world.places.log
    if not path:
        return [notice("no-log", "there is no home folder, so nothing is logged", "export HOME=/a/folder/of/yours")]
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return _not_yet(world, path)
    except OSError as error:
        return [
            problem("log-unreadable", f"{world.shown(path)} cannot be reached: {error.strerror}", _look(world, path))
        ]
    findings = []
    if not os.path.isfile(path):
        return [problem("log-unreadable", f"{world.shown(path)} is not a regular file", f"rm -r {world.typed(path)}")]
    if status.st_uid != world.uid:
        said = f"{world.shown(path)} belongs to user {status.st_uid}: your calls cannot be logged"
        return [problem("log-foreign", said, f"sudo chown {world.uid} {world.typed(path)}")]
    if not os.access(path, os.R_OK | os.W_OK):
        findings.append(_not_writable(world, path, f"chmod u+rw {world.typed(path)}"))
    if status.st_mode & 0o077:
        said = f"others may read {world.shown(path)}, which has your command lines"
        findings.append(notice("log-open", said, f"chmod 600 {world.typed(path)}"))
    if status.st_size > _LARGE:
        said = f"{world.shown(path)} has {status.st_size >> 20} MB, and nothing rotates it"
        findings.append(notice("log-large", said, f"mv {world.typed(path)} {world.typed(path + '.old')}"))
    if not _ends_well(path, status.st_size):
        said = f"the last line of {world.shown(path)} is damaged; it is passed over, and cut off if it was torn"
        findings.append(notice("log-damaged", said, "pipshunt log -n 3"))
    findings += _judge_disk(world, path)
    return findings or [fine("log", f"{world.shown(path)}, {_size(status.st_size)}")]


def _not_yet(world: World, path: str) -> list[Finding]:
    folder = os.path.dirname(path)
    while folder != "/" and not os.path.exists(folder):
        folder = os.path.dirname(folder)
    if not os.access(folder, os.W_OK):
        return [_not_writable(world, path, f"ls -ld {world.typed(folder)}")]
    return [*_judge_disk(world, folder), fine("log", f"{world.shown(path)}: nothing was rewritten or refused yet")]


def _not_writable(world: World, path: str, fix: str) -> Finding:
    return problem("log-unwritable", f"{world.shown(path)} cannot be written: calls go on, and are not logged", fix)


def _judge_disk(world: World, path: str) -> list[Finding]:
    try:
        disk = os.statvfs(path)
    except OSError:
        return []
    if disk.f_flag & os.ST_RDONLY:
        return [_not_writable(world, path, f"df {world.typed(path)}")] if os.access(path, os.W_OK) else []
    if disk.f_bavail * disk.f_frsize >= 1 << 20 or not disk.f_blocks:
        return []
    return [
        problem(
            "disk-full",
            f"the disk of {world.shown(path)} is full: calls go on, and are not logged",
            f"df -h {world.typed(path)}",
        )
    ]


def _ends_well(path: str, size: int) -> bool:
    """Whether the last line is whole and an object; one that cannot be read is not judged."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, size - _LAST))
            tail = file.read(_LAST)
    except OSError:
        return True
    if not tail:
        return True
    try:
        return tail.endswith(b"\n") and isinstance(json.loads(tail.rstrip(b"\n").rpartition(b"\n")[2]), dict)
    except (ValueError, RecursionError):
        return False


def _look(world: World, path: str) -> str:
    return f"ls -ld {world.typed(os.path.dirname(path))}"


def _size(size: int) -> str:
    return f"{size} bytes" if size < 10000 else f"{size >> 10} kB" if size < 10 << 20 else f"{size >> 20} MB"
