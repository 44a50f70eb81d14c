"""The installer: whether pip itself carries out a shunted install, or uv in its place, and why. Nothing is changed."""

import os

from pipshunt.command import Command, PipFacts, read_command
from pipshunt.environment import site_packages
from pipshunt.flow import Flow
from pipshunt.plan import Installer, changed_environment
from pipshunt.policy import Policy, installer
from pipshunt.target import read_pip_version
from pipshunt.uv_tool import find_uv

_EVERY_POLICY = Policy((), ())


def choose_installer(flow: Flow, cache: str) -> Installer:
    """Return who carries out the plan of *flow*, an install by pip into the environment of its track.

    An Installer that is `alone` and has no counterpart is one that cannot do it.
    """
    wanted, place = installer(flow.policy or _EVERY_POLICY)
    if wanted == "pip":
        return Installer("pip", f'installer = "pip" ({place})')
    alone = wanted == "uv"
    name = "uv" if alone else "pip"
    uv = find_uv(flow.call.env, flow.call.cwd, cache)
    if not uv:
        return Installer(name, "no fit uv is on PATH", alone=alone)
    from pipshunt.accelerator.counterpart import NoCounterpart, find_counterpart  # 5 ms, for machines that have a uv

    env = changed_environment(flow.call.env, flow.plan.changes)
    environment = flow.decision.track.environment if flow.decision.track else ""
    found = find_counterpart(_read_inside(flow, env, environment), env, flow.call.cwd, environment)
    if isinstance(found, NoCounterpart):
        return Installer(name, found.reason, uv, alone=alone)
    return Installer("uv", f'installer = "uv" ({place})' if alone else "it does what pip would do", uv, found, alone)


def _read_inside(flow: Flow, env: dict[str, str], environment: str) -> Command:
    """Return the planned command as the pip inside of *environment* reads it: its pip.conf is not the system's."""
    own = read_pip_version(os.path.join(site_packages(environment), "pip"))
    outer = flow.target.facts.version if flow.target else ()
    facts = PipFacts(own or outer, environment, in_environment=True)
    return read_command(flow.plan.words, env, flow.call.cwd, facts)
