"""`--break-system-packages` for a pip too old to know it: one Dockerfile is to serve old images and new ones.

A pip before 23.0.1 ends with "no such option", though it would not look for a marker either. The variable of the
option's name says the same to every pip that knows the option, and nothing to one that does not.
"""

from typing import TYPE_CHECKING

from pipshunt.command import COMMAND_LINE, MARKER_SINCE, read_command
from pipshunt.interpreter import find_pip
from pipshunt.target import read_pip_version

if TYPE_CHECKING:
    from pipshunt.flow import Flow
    from pipshunt.launch import Launch
    from pipshunt.places import Places

OPTION = "--break-system-packages"
VARIABLE = "PIP_BREAK_SYSTEM_PACKAGES"
KNOWN_SINCE = (23, 0, 1)


def respell(flow: "Flow", launch: "Launch", places: "Places") -> "Flow":
    """Return *flow*, a call that passes, with the option as a variable if its pip needs that; else as it is."""
    call, target, command = flow.call, flow.target, flow.command
    if target is None or command is None or command.interpreter or command.verb not in ("install", "uninstall"):
        return flow
    package = find_pip(target.interpreter, launch.options, call.env, places.home)
    version = read_pip_version(package)
    if not version or version >= KNOWN_SINCE or (target.marker and version >= MARKER_SINCE):
        return flow
    args = call.args[launch.start :]
    meant = read_command(args, call.env, call.cwd, target.facts._replace(version=KNOWN_SINCE))
    given = [option for option in meant.options if f"--{option.name}" == OPTION and option.origin == COMMAND_LINE]
    if meant.ends_early or not given:
        return flow
    dropped = {launch.start + at for option in given for at in range(option.start, option.stop)}
    kept = (word for at, word in enumerate(call.args) if at not in dropped)
    plan = flow.plan._replace(argv=(call.real, *kept), changes={**flow.plan.changes, VARIABLE: "1"})
    how = f"{OPTION} as {VARIABLE}=1: pip {'.'.join(map(str, version))} does not know the option"
    return flow._replace(decision=flow.decision._replace(reason=how, override=how), plan=plan)
