"""What people are told at the moment of a call: one line before, one after. Plain words, on stderr, no colour."""

import os

from pipshunt.call import quoted
from pipshunt.decision import Decision
from pipshunt.plan import Plan
from pipshunt.target import Target


def announce(decision: Decision, plan: Plan, target: Target, cwd: str) -> str:
    """Return the line that says, before pip starts, what is done instead and why."""
    marker = target.marker
    owner = marker.owner if marker else ""
    why = f"{owner} manages {target.interpreter.executable} ({marker.path if marker else ''})"
    if decision.action == "override":
        return f"{why}; {_by(decision)} adds --break-system-packages"
    if decision.action == "uv-system":
        return f"{why}; {_by(decision)} has uv install into it"
    track = decision.track
    where = shorten(track.environment if track else "", cwd)
    kind = "the new environment " if plan.create else "the active environment " if track and not track.folder else ""
    note = f" ({track.note})" if track and track.note else ""
    return f"{why}, so this goes to {kind}{where}{note}"


def advise(decision: Decision, cwd: str, shell: str) -> str:
    """Return the line that says, after an install, how it is used."""
    track = decision.track
    if track is None or not track.folder:
        return ""
    whose = {"project": f"in {shorten(track.folder, cwd)}", "user": "outside of projects"}
    where = whose.get(track.kind, "on this machine")
    how = activation(track.environment, cwd, shell)
    return f"python3 {where} uses it from now on; to activate it in this shell: {how}"


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
