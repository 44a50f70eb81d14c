"""The audit log: a JSON line for each call that was rewritten, refused, or let through on the user's own override."""

import os
import time
from collections.abc import Mapping
from typing import Any

from pipshunt.call import Call, say
from pipshunt.decision import Decision
from pipshunt.places import Places
from pipshunt.plan import Plan
from pipshunt.redact import redact, redact_text
from pipshunt.target import Target

SCHEMA = 1


class Outcome:
    """How a flow ended: filled in as it goes."""

    def __init__(self) -> None:
        """Start the clock."""
        self.started = time.time()
        self.status: int | None = None  # as the shell shows it; None where the command was exec'd and nobody waited
        self.installed: list[str] = []
        self.removed: list[str] = []
        self.callers: list[str] = []
        self.argv: tuple[str, ...] = ()  # what was executed, where it is not what the plan has first
        self.installer = ""  # pip or uv, for an install into an environment
        self.installer_reason = ""  # why it was that one


def describe_flow(
    call: Call, target: Target | None, decision: Decision, plan: Plan, outcome: Outcome
) -> dict[str, Any]:
    """Return the record of one flow, secrets redacted."""
    verdict, track = decision.verdict, decision.track
    place = verdict.place if verdict else None
    marker = target.marker if target else None
    return {
        "schema": SCHEMA,
        "id": f"{time.time_ns():x}-{os.urandom(3).hex()}",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(outcome.started)),
        "user": _user_name(call.uid),
        "uid": call.uid,
        "sudo_user": call.env.get("SUDO_USER", ""),
        "cwd": call.cwd,
        "callers": outcome.callers,
        "before": list(redact((call.tool, *call.args))),
        "after": list(redact(outcome.argv or plan.argv)),
        "interpreter": target.interpreter.executable if target else "",
        "marker": marker.path if marker else "",
        "marker_owner": marker.owner if marker else "",
        "decision": decision.action,
        "reason": redact_text(decision.override or decision.reason),
        "rule": verdict.rule if verdict else "",
        "policy": {"file": place.file, "line": place.line} if place else None,
        "track": track.kind if track else "",
        "environment": track.environment if track else "",
        "installer": outcome.installer,
        "installer_reason": redact_text(outcome.installer_reason),
        "status": outcome.status,
        "seconds": round(time.time() - outcome.started, 3),
        "installed": outcome.installed,
        "removed": outcome.removed,
    }


def record(call: Call, target: Target | None, decision: Decision, plan: Plan, outcome: Outcome, places: Places) -> None:
    """Append a flow to the log; a log that cannot be written is said, and stops nothing."""
    if not places.log:
        return
    try:
        append(places.log, describe_flow(call, target, decision, plan, outcome))
    except OSError as error:
        say(f"the log {places.log} cannot be written: {error.strerror}; this call is not in it")


def append(path: str, record: Mapping[str, Any]) -> None:
    """Append *record* as one line, whole or not at all; raises OSError.

    One write to a file opened for appending does not mix with others'; the lock is for taking back what a full disk
    or a kill in the middle of a write has left of a line.
    """
    import fcntl
    import json

    line = (json.dumps(record, ensure_ascii=True) + "\n").encode("ascii")
    os.makedirs(os.path.dirname(path), mode=0o700 if os.geteuid() else 0o755, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = _cut_torn_line(descriptor)
        if os.write(descriptor, line) != len(line):
            os.ftruncate(descriptor, size)
            raise OSError(28, "no space left for a whole line")
    finally:
        os.close(descriptor)


def _cut_torn_line(descriptor: int) -> int:
    """Cut what follows the last newline, if anything does, and return the file's size then."""
    size = end = os.fstat(descriptor).st_size
    if not size or os.pread(descriptor, 1, size - 1) == b"\n":
        return size
    newline = -1
    while end and newline < 0:
        start = max(0, end - 65536)
        newline = os.pread(descriptor, end - start, start).rfind(b"\n")
        end = start
    whole = end + newline + 1
    os.ftruncate(descriptor, whole)
    return whole


def _user_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
