"""Explaining a decision: the page that a person reads, at a refusal or asked for, and the same as one JSON object."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

from pipshunt.call import Call, is_pip, is_python
from pipshunt.engine import understand
from pipshunt.flow import Flow
from pipshunt.places import find_places
from pipshunt.plan import Plan
from pipshunt.redact import redact, redact_text
from pipshunt.refusal import refusal
from pipshunt.search import basename, find_commands, find_tool, is_shim

SCHEMA = 1


def explain_call(argv: Sequence[str], env: Mapping[str, str], cwd: str, uid: int) -> Flow:
    """Return the flow that *argv* would be, called by *uid* in *cwd* with *env*; nothing of it is executed.

    Under sudo we may be another user afterwards, as the call would.
    """
    typed = argv[0]
    tool = basename(typed)
    by_shim = "/" in typed and is_shim(os.path.join(cwd, typed))
    real = find_tool(tool if by_shim else typed, env, cwd)
    if "/" in typed and not is_pip(tool) and not is_python(tool):
        tool = basename(os.path.realpath(os.path.join(cwd, typed)))  # a link of any name to one of them is one
    call = Call(tool, tuple(argv[1:]), real, env, cwd, uid, tool if by_shim else typed)
    if uid == 0 and "SUDO_UID" in env:
        from pipshunt.sudo import understand_under_sudo

        return understand_under_sudo(call)[0]
    return understand(call, find_places(env, uid))


def as_object(flow: Flow) -> dict[str, Any]:
    """Return *flow* as the object that `explain --json` prints; its keys are a promise, listed in docs/explain.md."""
    target, decision, plan = flow.target, flow.decision, flow.plan
    verdict, track = decision.verdict, decision.track
    marker = target.marker if target else None
    place = verdict.place if verdict else None
    return {
        "schema": SCHEMA,
        "decision": decision.action,
        "pip_would_refuse": decision.refused_by_pip,
        "interpreter": target.interpreter.executable if target else None,
        "marker": marker.path if marker else None,
        "marker_owner": marker.owner if marker else None,
        "track": track.kind if track else None,
        "environment": track.environment if track and track.environment else None,
        "rule": verdict.rule if verdict else None,
        "policy": {"file": place.file, "line": place.line} if place else None,
        "command": _command_object(flow),
        "plan": {
            "kind": plan.kind,
            "argv": list(redact(plan.argv)),
            "environment": dict(plan.changes),
            "create": plan.create or None,
            "follow": plan.follow,
            "installer": _installer_object(plan),
        },
        "notes": notes(flow),
    }


def notes(flow: Flow) -> list[str]:
    """Return what else a person should know: the reason, the policy's own notes and problems."""
    track = flow.decision.track
    lines = [redact_text(flow.decision.reason)]
    if track and track.note:
        lines.append(track.note)
    if flow.decision.verdict:
        lines += flow.decision.verdict.notes
    if flow.policy:
        lines += [str(problem) for problem in flow.policy.problems]
    seen = _first_on_path(flow.call) if flow.decision.action != "pass" else ""
    if seen:
        lines.append(f"such a call runs {seen}, which does not lead through pipshunt")
    if flow.call.env.get("PIPSHUNT") == "off":
        lines.append("PIPSHUNT=off is set: the shim runs the real tool whatever stands here")
    return lines


def page(flow: Flow) -> list[str]:
    """Return the page: what would happen to the call, step by step of the chain."""
    call, target, decision, plan, context = flow.call, flow.target, flow.decision, flow.plan, flow.context
    words = " ".join(redact((call.tool, *call.args)))
    rows = [("call", words), ("real tool", call.real or f"no {call.typed} found, but for pipshunt's own")]
    if target:
        rows.append(
            (
                "interpreter",
                f"{target.interpreter.executable} (Python {'.'.join(map(str, target.interpreter.version))})",
            )
        )
        marker = target.marker
        rows.append(("marker", f"{marker.path}, put there by {marker.owner}" if marker else "none"))
    if context:
        rows.append(("project", f"{context.project} ({context.project_by})" if context.project else "none here"))
        if context.container:
            rows.append(("container", context.container))
    alone = f"{'uv' if call.tool == 'uv' else 'pip'} alone"
    rows.append((alone, "would refuse" if decision.refused_by_pip else "would not refuse"))
    if decision.verdict:
        rows.append(("rule", f"{decision.verdict.rule} ({decision.verdict.place or 'built in'})"))
    rows.append(("decision", f"{decision.action}: {redact_text(decision.reason)}"))
    if decision.track:
        rows.append(("track", f"{decision.track.kind}: {decision.track.environment}{' (new)' if plan.create else ''}"))
    if plan.argv and plan.argv[0]:
        rows.append(("would run", " ".join(redact(plan.argv))))
    if plan.installer:
        rows.append(("installer", f"{plan.installer.name}, because {redact_text(plan.installer.reason)}"))
    rows += [("note", note) for note in notes(flow)[1:]]
    lines = [f"{name:<12} {value}" for name, value in rows]
    return [*lines, "", *refusal(flow)] if decision.action == "refuse" else lines


def _installer_object(plan: Plan) -> dict[str, Any] | None:
    installer = plan.installer
    if installer is None:
        return None
    argv = [installer.uv, *installer.counterpart.argv] if installer.counterpart else []
    return {"name": installer.name, "reason": redact_text(installer.reason), "argv": list(redact(argv))}


def _first_on_path(call: Call) -> str:
    """Return what a shell would run for *call* if that is no shim of ours, "" if it is."""
    if "/" in call.typed:
        return call.typed
    first = next(find_commands(call.tool, call.env, call.cwd), "")
    return "" if is_shim(first) else first


def _command_object(flow: Flow) -> dict[str, Any]:
    command = flow.command
    known = {
        "tool": flow.call.tool,
        "real": flow.call.real or None,
        "argv": list(redact((flow.call.tool, *flow.call.args))),
    }
    if command is None:
        return {**known, "verb": None, "options": [], "requirements": []}
    options = [{"name": o.name, "value": redact_text(o.value), "origin": o.origin} for o in command.options]
    return {
        **known,
        "verb": command.verb or None,
        "options": options,
        "requirements": list(redact(command.requirements)),
    }
