"""What is said at the moment of a refusal: more than pip says, and always the next command."""

import os
from collections.abc import Sequence

from pipshunt.call import quoted
from pipshunt.flow import Flow
from pipshunt.marker import read_message
from pipshunt.redact import redact, redact_text
from pipshunt.requirements import package_names

_PREFIXES = ("PIPSHUNT_TRACK=user", "sudo")  # remedies that stand before the command, not ahead of it


def refusal(flow: Flow) -> list[str]:
    """Return what is said at a refusal: why, the marker's own words, the OS's package, the next command."""
    target, decision = flow.target, flow.decision
    marker = target.marker if target else None
    lines = [f"refused: {redact_text(decision.reason)}"]
    verdict = decision.verdict
    if verdict and verdict.action in ("refuse", "uv-system"):
        lines.append(
            f"by {verdict.rule} ({verdict.place or 'built in'})"
            + (f", for {verdict.package}" if verdict.package else "")
        )
    if marker and target:
        said = read_message(marker.path, target.interpreter.prefix, flow.call.env)
        lines += [
            "",
            f"{marker.owner} says in {marker.path}:",
            *(f"    {line}".rstrip() for line in said.splitlines()),
            "",
        ]
        name = _package_to_offer(flow)
        if marker.package and name:
            lines.append(f"as a package of {marker.owner}, if it has it: {marker.package.format(name)}")
    return [*lines, f"next: {_next_command(flow)}"]


def _package_to_offer(flow: Flow) -> str:
    """Return the package that a rule refuses, else the first that is to be installed; "" if none is named."""
    if flow.command is None or flow.command.verb != "install":
        return ""
    refused = flow.decision.verdict.package if flow.decision.verdict else ""
    return refused or next(iter(package_names(flow.command.requirements, (), "")), "")


def _next_command(flow: Flow) -> str:
    """Return a command that leads on from here, and works on a machine that has only python3 and pip."""
    track, call, command = flow.decision.track, flow.call, flow.command
    words = _typed((call.tool, *call.args))
    if command is None or command.verb == "uninstall":
        return f"pipshunt explain -- {words}"
    if track is None:
        at = len(call.args) - len(command.args) + command.verb_at
        own = _free_name(call.cwd)
        aimed = (call.tool, *call.args[:at], "--python", f"{own}/bin/python", *call.args[at:])
        return f"python3 -m venv --without-pip {own} && {_typed(aimed)}"
    if track.remedy:
        return f"{track.remedy}{' ' if track.remedy in _PREFIXES else ' && '}{words}"
    return f"{'HOME=/a/folder/of/yours' if track.kind == 'user' else 'PIPSHUNT_TRACK=user'} {words}"


def _free_name(folder: str) -> str:
    """Return a name for a new environment in *folder*: one that is there already may have come with a clone."""
    names = (".venv", "venv", ".venv-own")
    return next((name for name in names if not os.path.lexists(os.path.join(folder, name))), ".venv-new")


def _typed(words: Sequence[str]) -> str:
    return " ".join(quoted(word) for word in redact(words))
