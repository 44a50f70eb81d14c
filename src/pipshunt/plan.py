"""The plan: what will be executed, as a value. `run.py` carries it out, `explain.py` shows it."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.call import Call, is_pip
from pipshunt.command import Command
from pipshunt.decision import CHANGING, Decision
from pipshunt.environment import sees_system_packages
from pipshunt.launch import Launch
from pipshunt.lent_pip import RUNNER, find_runner, has_pip
from pipshunt.target import Target

if TYPE_CHECKING:
    from pipshunt.accelerator.counterpart import Counterpart

_SUBPROCESS = "_PIP_RUNNING_IN_SUBPROCESS"


class Installer(NamedTuple):
    """Who carries out an install into an environment: pip itself, or uv in its place."""

    name: str  # pip or uv
    reason: str  # in words that complete "…, because …"
    uv: str = ""  # the uv that runs
    counterpart: "Counterpart | None" = None  # what it is given
    alone: bool = False  # the policy wants no pip where uv cannot or fails


class Plan(NamedTuple):
    """What to do: `exec` in place, `run`, wait and record, or `refuse`."""

    kind: str
    argv: tuple[str, ...]  # empty for a refusal
    changes: Mapping[str, str | None]  # to the environment; None removes
    create: str = ""  # the environment to make first, "" if none
    follow: bool = False  # register the track once the install has succeeded
    quiet: bool = False  # pip was told to be quiet, and so are we
    words: tuple[str, ...] = ()  # of argv, those that are pip's own arguments in an environment
    installer: Installer | None = None  # for an install into an environment
    passing: bool = False  # the environment that is made is removed afterwards


def make_plan(call: Call, launch: Launch, command: Command | None, target: Target | None, decision: Decision) -> Plan:
    """Return the plan that carries out *decision*."""
    if decision.action == "refuse":
        return Plan("refuse", (), {})
    if command is None or target is None or decision.action == "pass":
        return Plan("exec", (call.real, *call.args), {})
    return _shunted(call, launch, command, target, decision)._replace(quiet=command.flag("quiet"))


def changed_environment(env: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return *env* with a plan's *changes* made to it."""
    changed = {**env, **{name: value for name, value in changes.items() if value is not None}}
    return {name: value for name, value in changed.items() if changes.get(name, value) is not None}


def _shunted(call: Call, launch: Launch, command: Command, target: Target, decision: Decision) -> Plan:
    if decision.action == "override" and launch.bootstrap:
        return Plan("run", (call.real, *call.args, "--break-system-packages"), {})
    if decision.action == "override":
        at = launch.start + command.verb_at + 1
        return Plan("run", (call.real, *call.args[:at], "--break-system-packages", *call.args[at:]), {})
    if decision.uv:
        return Plan("run", decision.uv.argv, decision.uv.changes)
    return _venv_plan(call, launch, command, target, decision)


def _venv_plan(call: Call, launch: Launch, command: Command, target: Target, decision: Decision) -> Plan:
    track = decision.track
    assert track is not None, "a venv decision has a track"  # noqa: S101
    changes: dict[str, str | None] = {"PIP_USER": None, "PIP_PYTHON": None}
    start = _pip_in(track.environment, track.exists, call.tool, launch, target)
    if start[-1].endswith(RUNNER) or any(
        option.name == "python" and option.start < 0 and not option.origin.startswith("PIP_")
        for option in command.options
    ):
        changes[_SUBPROCESS] = "1"  # a `python =` in pip.conf would lead pip back out of the environment
    args = _rewritten(command, sees_system_packages(track.environment))
    if command.verb not in CHANGING:
        return Plan("exec", (*start, *args), changes)
    create = "" if track.exists else track.environment
    dry = command.flag("dry-run")
    follow = bool(track.folder) and command.verb == "install" and not dry
    return Plan("run", (*start, *args), changes, create, follow, words=args, passing=bool(create) and dry)


def _pip_in(environment: str, exists: bool, tool: str, launch: Launch, target: Target) -> tuple[str, ...]:
    """Return how to start pip in *environment*, in the form that the call had: its messages name themselves by it.

    An environment without a pip of its own (uv makes such, an upgrade of pip that was killed leaves such) is lent one,
    as `pip --python` would.
    """
    python = os.path.join(environment, "bin", "python")
    served = has_pip(environment) if exists else bool(target.pip)
    if served and (is_pip(tool) or launch.script):
        return (python, *launch.options, os.path.join(environment, "bin", "pip"))
    if served or not target.pip:
        return (python, *launch.options, "-m", "pip")
    return (python, *launch.options, find_runner(environment, target.pip))


def _rewritten(command: Command, sees_system: bool) -> tuple[str, ...]:
    """Return pip's arguments for the environment: without --user and --python, which only make sense outside of it.

    `pip freeze` in an environment that sees the system's packages would list those as well: --local leaves them out.
    """
    dropped: set[int] = set()
    configured_user = False
    for option in command.options:
        if option.name in ("user", "python") and option.start >= 0:
            dropped.update(range(option.start, option.stop))
        elif option.name == "user" and not option.origin.startswith("PIP_"):
            configured_user = True
    kept = [word for index, word in enumerate(command.args) if index not in dropped]
    at = kept.index(command.verb) + 1
    if command.verb == "install" and configured_user:
        kept.insert(at, "--no-user")
    if command.verb == "freeze" and sees_system:
        kept.insert(at, "--local")
    return tuple(kept)
