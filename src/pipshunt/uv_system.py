"""uv into the very interpreter that pip would have used: what a policy's `uv-system` comes to. Nothing is changed."""

from typing import NamedTuple

from pipshunt.accelerator.counterpart import NoCounterpart, find_system_counterpart
from pipshunt.call import Call
from pipshunt.command import Command
from pipshunt.policy import Policy, why_not_overridden
from pipshunt.target import Target
from pipshunt.uv_tool import find_uv

# what pip's uninstall may be told besides names, and means the same, or nothing, to uv
_UNINSTALLING = (
    "yes",
    "requirement",
    "quiet",
    "root-user-action",
    "disable-pip-version-check",
    "no-input",
    "cache-dir",
)


class SystemUv(NamedTuple):
    """How uv does an install into an interpreter that is no environment, or why it cannot."""

    argv: tuple[str, ...]
    changes: dict[str, str | None]  # to the environment; None removes
    problem: str  # completes "…, because …"; "" when it can


def find_system_uv(call: Call, command: Command, target: Target, policy: Policy, cache: str) -> SystemUv:
    """Return the uv command for *command*, aimed at the interpreter: uv's --system takes the first Python on PATH."""
    marker = target.marker
    denied = why_not_overridden(policy, marker.owner) if marker else ""
    if denied:
        return _cannot(denied)
    uv = find_uv(call.env, call.cwd, cache)
    if not uv:
        return _cannot("no fit uv is on PATH")
    python = target.interpreter.executable
    if command.verb == "uninstall":
        return _uninstall(uv, command, python, marked=marker is not None)
    found = find_system_counterpart(command, call.env, call.cwd, python, break_system=marker is not None)
    if isinstance(found, NoCounterpart):
        return _cannot(found.reason)
    quiet = ("--quiet",) if found.quiet and "--quiet" not in found.argv else ()
    return SystemUv((uv, *found.argv[:2], *quiet, *found.argv[2:]), dict(found.changes), "")


def _uninstall(uv: str, command: Command, python: str, *, marked: bool) -> SystemUv:
    """Return uv's uninstall: it asks nobody, so pip must have been told not to either."""
    if not command.flag("yes"):
        return _cannot("uv removes without asking, as pip does with -y alone")
    odd = [option for option in command.options if option.name not in _UNINSTALLING]
    if odd:
        return _cannot(f"uv has no exact counterpart of --{odd[0].name} ({odd[0].origin})")
    argv = [uv, "pip", "uninstall", "--python", python, "--no-config"]
    argv += ["--break-system-packages"] if marked else []
    argv += ["--quiet"] if command.flag("quiet") else []
    argv += [word for file in command.values("requirement") for word in ("--requirement", file)]
    return SystemUv((*argv, "--", *command.requirements), {"UV_SYSTEM_PYTHON": None, "UV_PYTHON": None}, "")


def _cannot(problem: str) -> SystemUv:
    return SystemUv((), {}, problem)
