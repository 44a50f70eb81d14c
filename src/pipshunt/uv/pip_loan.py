"""A pip for `uv run python -m pip …`: uv makes environments without one, and there is no other on its way."""

import os

from pipshunt.command import Command
from pipshunt.decision import CHANGING, READING, Decision
from pipshunt.environment import look_at, sees_system_packages
from pipshunt.flow import Flow
from pipshunt.interpreter import examine_interpreter, find_pip
from pipshunt.launch import Launch
from pipshunt.places import Places
from pipshunt.plan import make_plan
from pipshunt.target import Target, read_pip_version
from pipshunt.track import Track, lasting_environment


def lend_pip(flow: Flow, launch: Launch, places: Places) -> Flow:
    """Return *flow* with the pip of the environment's base to serve it, as it is where it has one or there is none."""
    command, target = flow.command, flow.target
    if command is None or target is None or not _lacks_pip(command, target, flow, places):
        return flow
    base = examine_interpreter(target.interpreter.real, (), flow.call.env, flow.call.cwd, places.cache)
    pip = find_pip(base, (), flow.call.env, places.home) if base else ""
    if not pip:
        return flow
    path = lasting_environment(target.interpreter.prefix)
    if not look_at(path, flow.call.uid).fit:
        return flow
    track = Track("active", "", path, True, sees_system_packages(path), "", "", f"by the pip in {os.path.dirname(pip)}")
    lent = target._replace(pip=pip, facts=target.facts._replace(version=read_pip_version(pip)))
    decision = Decision("venv", "uv makes environments without a pip", False, track=track)
    plan = make_plan(flow.call, launch, command, lent, decision)
    return flow._replace(target=lent, decision=decision, plan=plan)


def _lacks_pip(command: Command, target: Target, flow: Flow, places: Places) -> bool:
    """Whether the command would act on an environment that has no pip."""
    interpreter = target.interpreter
    if command.verb not in (*CHANGING, *READING) or command.ends_early or not interpreter.in_environment:
        return False
    return not find_pip(interpreter, (), flow.call.env, places.home)
