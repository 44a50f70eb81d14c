"""What is said at the moment of a refusal: more than pip says, and always the next command."""

import os
from collections.abc import Sequence

from pipshunt.call import quoted
from pipshunt.flow import Flow
from pipshunt.launch import read_launch
from pipshunt.marker import read_message
from pipshunt.redact import redact, redact_text
from pipshunt.requirements import package_names
from pipshunt.track import TRACKS

_PREFIXES = ("PIPSHUNT_TRACK=user", "sudo")  # remedies that stand before the command, not ahead of it


def refusal(flow: Flow) -> list[str]:
    """Return what is said at a refusal: why, the marker's own words, the OS's package, the next command."""
    decision, verdict = flow.decision, flow.decision.verdict
    lines = [f"refused: {redact_text(decision.reason)}"]
    if verdict and verdict.action in ("refuse", "uv-system"):
        lines.append(
            f"by {verdict.rule} ({verdict.place or 'built in'})"
            + (f", for {verdict.package}" if verdict.package else "")
        )
    if decision.track and decision.track.kind not in (*TRACKS, "active"):
        return [*lines, f"next: {_next_command(flow)}"]  # a slip of the pen: the marker has nothing to do with it
    lines += _words_of_the_marker(flow)
    launch = read_launch(flow.call.tool, flow.call.args)
    if launch.bootstrap and not verdict:
        from pipshunt.bootstrap import next_steps

        return [*lines, *next_steps(flow, launch, _free_name(flow.call.cwd))]
    offered = [] if launch.bootstrap else _package_to_offer(flow)
    return [*lines, *offered, f"next: {_explain(flow) if launch.bootstrap else _next_command(flow)}"]


def _words_of_the_marker(flow: Flow) -> list[str]:
    target = flow.target
    if target is None or target.marker is None:
        return []
    said = read_message(target.marker.path, target.interpreter.prefix, flow.call.env)
    return [
        "",
        f"{target.marker.owner} says in {target.marker.path}:",
        *(f"    {line}".rstrip() for line in said.splitlines()),
        "",
    ]


def _package_to_offer(flow: Flow) -> list[str]:
    """Offer the OS's package of what a rule refuses, else of the first that is to be installed."""
    command, marker = flow.command, flow.target.marker if flow.target else None
    if command is None or command.verb != "install" or marker is None or not marker.package:
        return []
    from pipshunt.os_packages import package_word

    refused = flow.decision.verdict.package if flow.decision.verdict else ""
    name = refused or next(iter(package_names(command.requirements, (), "")), "")
    if not name:
        return []
    return [f"as a package of {marker.owner}, if it has it: {marker.package.format(package_word(name))}"]


def _next_command(flow: Flow) -> str:
    """Return a command that leads on from here, and works on a machine that has only python3 and pip."""
    track, call, command, verdict = flow.decision.track, flow.call, flow.command, flow.decision.verdict
    if command is None or command.verb == "uninstall" or (track is None and verdict and verdict.message):
        return _explain(flow)  # a policy's own message says what is to be done: an environment may not be it
    if flow.plan.installer:
        return _explain(flow)  # no other place would make uv able to do it
    words = _typed((call.tool, *call.args))
    if track is None and call.tool == "uv":
        from pipshunt.uv.uv_command import read_uv_command
        from pipshunt.uv.uv_flow import aimed as aim

        own = _free_name(call.cwd)
        return f"uv venv {own} && {_typed(('uv', *aim(read_uv_command(call.args), f'{own}/bin/python')))}"
    if track is None:
        if "UV_RUN_RECURSION_DEPTH" in call.env:
            return _explain(flow)  # within uv run: neither its pip nor its Python need be there outside
        before = len(call.args) - len(command.args)
        at = before + command.verb_at
        own = _free_name(call.cwd)
        dropped = {i + before for o in command.options if o.name == "user" for i in range(o.start, o.stop)}
        rest = [word for index, word in enumerate(call.args) if index >= at and index not in dropped]
        aimed = (call.tool, *call.args[:at], "--python", f"{own}/bin/python", *rest)
        return f"python3 -m venv --without-pip {own} && {_typed(aimed)}"
    if track.remedy:
        return f"{track.remedy}{' ' if track.remedy in _PREFIXES else ' && '}{words}"
    return f"{'HOME=/a/folder/of/yours' if track.kind == 'user' else 'PIPSHUNT_TRACK=user'} {words}"


def _explain(flow: Flow) -> str:
    return f"pipshunt explain -- {_typed((flow.call.tool, *flow.call.args))}"


def _free_name(folder: str) -> str:
    """Return a name for a new environment in *folder*: one that is there already may have come with a clone."""
    names = (".venv", "venv", ".venv-own")
    return next((name for name in names if not os.path.lexists(os.path.join(folder, name))), ".venv-new")


def _typed(words: Sequence[str]) -> str:
    return " ".join(quoted(word) for word in redact(words))
