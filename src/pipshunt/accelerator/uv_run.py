"""Running uv while people wait: one line if it takes long, and an end if it stands still."""

import os
from collections.abc import Mapping, Sequence

from pipshunt import process
from pipshunt.call import say

_PATIENCE = 2.0  # seconds until somebody at a terminal is told what is going on
# Seconds without any work after which uv is taken to hang. Its own network timeouts end before; a build has a process
# of its own, for which pip would wait as long as it takes, and so do we.
_STANDSTILL = 120.0
_WITHOUT_PROC = 3600.0  # where nobody can see whether it works
_BUSY_TICKS = 2  # of 10 ms, between two looks: a sleeping runtime wakes up now and then


def run_uv(argv: Sequence[str], env: Mapping[str, str], log: str, *, tell: bool) -> tuple[int, str]:
    """Run *argv* and return its exit status and what it printed on stdout; stderr goes to the file *log*.

    *tell*: somebody watches. What stands still is killed (137). Raises OSError if it cannot start.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        child = process.start_captured(argv, env, log=descriptor)
    finally:
        os.close(descriptor)
    limit = max(_STANDSTILL, 2 * _network_timeout(env))
    watch = Watch(child.pid, limit, tell=tell)
    return process.finish_captured(child, seconds=_PATIENCE, go_on=watch.go_on)


class Watch:
    """How long a process has stood still."""

    def __init__(self, pid: int, limit: float, *, tell: bool) -> None:
        self._pid, self._limit, self._tell = pid, limit, tell
        self._ticks = 0
        self._still = 0.0
        self._waited = 0.0

    def go_on(self) -> bool:
        """Return whether to wait on; asked once every two seconds."""
        if self._tell:
            say("uv is installing; if it fails, pip does it")
            self._tell = False
        self._waited += _PATIENCE
        ticks = _ticks(self._pid)
        if ticks < 0:
            return self._waited < _WITHOUT_PROC
        busy = ticks - self._ticks >= _BUSY_TICKS or _has_children(self._pid)
        self._ticks = ticks
        self._still = 0.0 if busy else self._still + _PATIENCE
        return self._still < self._limit


def _network_timeout(env: Mapping[str, str]) -> int:
    said = env.get("UV_HTTP_TIMEOUT", "")
    return int(said) if said.isdecimal() and len(said) < 6 else 0


def _ticks(pid: int) -> int:
    """Return the processor time that *pid* has used, its ended children's too; -1 where nobody can tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return sum(int(field) for field in fields[11:15])
    except (OSError, ValueError):
        return -1


def _has_children(pid: int) -> bool:
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                if file.read(1):
                    return True
    except OSError:
        return False
    return False
