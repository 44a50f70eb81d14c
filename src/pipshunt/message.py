"""What people are told at the moment of a call: one line before, one after. Plain words, on stderr, no colour."""

import os
from collections.abc import Sequence

from pipshunt.call import is_pip, quoted
from pipshunt.decision import Decision
from pipshunt.flow import Flow
from pipshunt.marker import Marker, upgrade_command
from pipshunt.plan import Plan
from pipshunt.requirements import package_names
from pipshunt.scripts import Ways
from pipshunt.target import Target


def announce(decision: Decision, plan: Plan, target: Target, cwd: str) -> str:
    """Return the line that says, before pip starts, what is done instead and why."""
    marker, python = target.marker, target.interpreter.executable
    why = f"{marker.owner} manages {python} ({marker.path})" if marker else decision.reason
    if decision.action == "override":
        return f"{why}; {_by(decision)} adds --break-system-packages"
    if decision.action == "uv-system":
        return f"{why}; {_by(decision)} has uv install into {'it' if marker else python}"
    track = decision.track
    where = shorten(track.environment if track else "", cwd)
    kind = "the new environment " if plan.create else "the active environment " if track and not track.folder else ""
    note = f" ({track.note})" if track and track.note else ""
    return f"{why}, so this goes to {kind}{where}{note}"


def advise(
    decision: Decision,
    cwd: str,
    shell: str,
    scripts: Sequence[str] = (),
    *,
    is_python3: bool = True,
    is_hooked: bool = False,
    is_root: bool = False,
) -> str:
    """Return the line that says, after an install, how it is used.

    *scripts* run by their names now; *is_python3*: it is for what `python3` means here; *is_hooked*: the shell has the
    hook, and enters a project's environment at its next prompt; *is_root*: what root follows in a project, root alone
    does.
    """
    track = decision.track
    if track is None or not track.folder:
        return ""
    whose = {"project": f"in {shorten(track.folder, cwd)}", "user": "outside of projects"}
    where = whose.get(track.kind, "on this machine")
    when = "from now on, for root alone" if is_root and track.kind == "project" else "from now on"
    hooked = is_hooked and track.kind == "project"
    how = activation(track.environment, cwd, shell)
    runs = f"{enumerate_names(scripts)} {'runs by its name' if len(scripts) == 1 else 'run by their names'}"
    if not is_python3 and not hooked:
        return f"{runs}; to use all of it, activate it: {how}" if scripts else f"to use it, activate it: {how}"
    also = f", and {runs}" if scripts else ""
    then = "this shell enters it now" if hooked else f"to activate it in this shell: {how}"
    return f"python3 {where} uses it {when}{also}; {then}"


def tell_scripts(ways: Ways, cwd: str, shell: str) -> list[str]:
    """Return what there is to say of the scripts that do not run by their names."""
    lines = []
    for name, command in ways.hidden[:2]:
        own = quoted(shorten(os.path.join(ways.environment, "bin", name), cwd))
        lines.append(f"{name} still is {command}; the one that was installed: {own}")
    if ways.unreached:
        from pipshunt.setup.shell_profile import path_line

        line = path_line(ways.folder, {"SHELL": shell})
        are = "is" if len(ways.unreached) == 1 else "are"
        lines.append(f"{enumerate_names(ways.unreached)} {are} in {ways.folder}, which is not on PATH: {line}")
    return lines


def enumerate_names(names: Sequence[str]) -> str:
    """Return *names* as in a sentence, the first of them if there are many."""
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def tell_outcome(flow: Flow, failed: bool) -> list[str]:
    """Return what else there is to say once pip has ended: whose pip was upgraded, or which name it may have wanted."""
    command, target, track = flow.command, flow.target, flow.decision.track
    if command is None or target is None or command.verb != "install" or flow.plan.quiet:
        return []
    if failed:
        from pipshunt.os_packages import hints

        names = package_names(command.requirements, command.values("requirement"), flow.call.cwd)
        return list(hints(names, target.marker, flow.call.uid))[:3]
    if track and flow.plan.follow and flow.call.env.get("SUDO_UID") == str(flow.call.uid):  # root has become the caller
        python = quoted(os.path.join(shorten(track.environment, flow.call.cwd), "bin/python"))
        return [
            f"`sudo python3` is root's, and does not use it; this does: sudo {python} -B"
        ]  # -B: no .pyc of root's in it
    if not track or not track.folder or not target.marker or not target.pip or command.flag("dry-run"):
        return []
    if "pip" in package_names(command.requirements, (), ""):
        return [_systems_pip(flow, target, target.marker)]
    return []


def _systems_pip(flow: Flow, target: Target, marker: Marker) -> str:
    version = ".".join(map(str, target.facts.version))
    shown = f", which `{flow.call.tool} --version` shows," if is_pip(flow.call.tool) else ""
    command = upgrade_command(marker, "pip", flow.call.uid)
    said = f"that was the environment's pip; {marker.owner}'s own {version}{shown} stays as it is"
    return f"{said}, and is upgraded by: {command}" if command else said


def activation(environment: str, cwd: str, shell: str) -> str:
    """Return the command that activates *environment* in *shell* (a shell's name, "" if unknown)."""
    folder = os.path.join(shorten(environment, cwd), "bin")
    if folder.startswith("-"):
        folder = "./" + folder
    if shell == "fish":
        return f"source {quoted(folder + '/activate.fish')}"
    if shell in ("csh", "tcsh"):
        return f"source {quoted(folder + '/activate.csh')}"
    if shell in ("pwsh", "powershell"):
        return f"& {quoted(folder + '/Activate.ps1')}"
    return f". {quoted(folder + '/activate')}"


def shorten(path: str, cwd: str) -> str:
    """Return *path* as seen from *cwd* where that is shorter and plain."""
    return path[len(cwd) + 1 :] if cwd not in ("", "/") and path.startswith(cwd + "/") else path


def _by(decision: Decision) -> str:
    verdict = decision.verdict
    return f"{verdict.rule} ({verdict.place})" if verdict and verdict.place else "the policy"
