"""What is said at the moment of a refusal: more than pip says, and always the next command."""

from pipshunt.callers import find_callers, find_shell
from pipshunt.flow import Flow
from pipshunt.marker import read_message
from pipshunt.message import activation
from pipshunt.places import Places
from pipshunt.redact import redact, redact_text
from pipshunt.requirements import package_names


def refusal(flow: Flow, places: Places) -> list[str]:
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
        names = package_names(flow.command.requirements, (), "") if flow.command else ()
        if marker.package and names:
            lines.append(f"as a package of {marker.owner}, if it has it: {marker.package.format(names[0])}")
    return [*lines, f"next: {_next_command(flow, places)}"]


def _next_command(flow: Flow, places: Places) -> str:
    decision, call = flow.decision, flow.call
    track = decision.track
    words = " ".join(redact((call.tool, *call.args)))
    if track and track.remedy.startswith(("PIPSHUNT_TRACK", "sudo")):
        return f"{track.remedy} {words}"
    if track and track.remedy:
        return f"{track.remedy} && {words}"
    if flow.command and flow.command.verb == "uninstall":
        return f"pipshunt explain -- {words}"
    own = track.environment if track and track.environment else ".venv"
    if track and decision.action == "refuse" and not track.exists and places.data and track.kind == "project":
        return f"PIPSHUNT_TRACK=user {words}"
    return f"python3 -m venv {own} && {activation(own, call.cwd, find_shell(find_callers(), call.env))} && {words}"
