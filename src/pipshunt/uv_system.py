"""uv into the very interpreter that pip would have used: what a policy's `uv-system` comes to. Nothing is changed."""

from typing import NamedTuple

from pipshunt.accelerator.counterpart import NoCounterpart, find_system_counterpart
from pipshunt.call import Call
from pipshunt.command import Command
from pipshunt.policy import Policy, grants_override
from pipshunt.target import Target
from pipshunt.uv_tool import find_uv


class SystemUv(NamedTuple):
    """How uv does an install into an interpreter that is no environment, or why it cannot."""

    argv: tuple[str, ...]
    changes: dict[str, str | None]  # to the environment; None removes
    problem: str  # completes "…, because …"; "" when it can


def find_system_uv(call: Call, command: Command, target: Target, policy: Policy, cache: str) -> SystemUv:
    """Return the uv command for *command*, aimed at the interpreter: uv's --system takes the first Python on PATH."""
    marker = target.marker
    if marker and not grants_override(policy, marker.owner):
        return _cannot(f"no policy grants that the marker of {marker.owner} is overridden ([grant] override)")
    if command.verb != "install":
        return _cannot(f"uv has no exact counterpart of pip {command.verb}")
    uv = find_uv(call.env, call.cwd, cache)
    if not uv:
        return _cannot("no fit uv is on PATH")
    python = target.interpreter.executable
    found = find_system_counterpart(command, call.env, call.cwd, python, break_system=marker is not None)
    if isinstance(found, NoCounterpart):
        return _cannot(f"uv has no exact counterpart: {found.reason}")
    return SystemUv((uv, *found.argv), dict(found.changes), "")


def _cannot(problem: str) -> SystemUv:
    return SystemUv((), {}, problem)
