"""A call of uv, understood: what it would do is asked of uv itself, the rest is decided as for pip."""

import os
import sys

from pipshunt.call import Call
from pipshunt.command import COMMAND_LINE, Command, Option, PipFacts
from pipshunt.context import Context, read_context
from pipshunt.decision import Decision
from pipshunt.flow import Flow
from pipshunt.places import Places
from pipshunt.plan import Installer, Plan
from pipshunt.policy import Policy, Verdict, judge, load_policy, why_not_overridden
from pipshunt.requirements import package_names
from pipshunt.target import Target, examine_target
from pipshunt.track import Track, passing_track, settle_track
from pipshunt.uv.uv_answer import Answer, ask_base, ask_itself, ask_target
from pipshunt.uv.uv_command import UvCommand, read_uv_command, without
from pipshunt.uv.uv_escort import accompany
from pipshunt.uv.uv_options import CHOOSING, CHOOSING_VARIABLES

_OVERRIDE = "--break-system-packages"
_OVERRIDE_VARIABLE = "UV_BREAK_SYSTEM_PACKAGES"
_PIP_NAMES = {"--requirements": "requirement", "--constraints": "constraint", "--constraint": "constraint"}


def understand_uv(call: Call, places: Places, machine_policy: str) -> Flow:
    """Return what is to become of a call of uv. Reads, asks uv, but changes nothing."""
    command = read_uv_command(call.args)
    if command.ends_early:
        return _passed(call, command.ends_early)
    if not call.real:
        return _passed(call, "there is no uv on PATH")
    if command.verb == "run":
        return _understand_run(call, command)
    if command.value("--target") or command.value("--prefix"):
        return _passed(call, "uv installs into a folder of its own: --target or --prefix")
    answer = ask_target(call, command)
    if answer.verdict == "free":
        return _check_override(call, command, answer, places)
    if not answer.verdict or not _is_certain(call, command, answer):
        return _passed(call, "uv does not refuse it for its interpreter")
    return _understand_refused(_in_directory(call, command), command, answer, places, machine_policy)


def _understand_run(call: Call, command: UvCommand) -> Flow:
    words = accompany(command, sys.executable, call.env)
    if not words:
        return _passed(call, "uv runs no pip that installs or lists anything")
    reason = "uv chooses the interpreter, and pipshunt goes along to see which"
    return _passed(call, reason)._replace(plan=Plan("exec", (call.real, *words), {}))


def _understand_refused(call: Call, command: UvCommand, answer: Answer, places: Places, machine_policy: str) -> Flow:
    managed = answer.verdict == "managed"
    python = "" if managed else ask_base(call, command)
    if managed:
        target = _find_target(answer.prefix, answer.version, call, places)
    else:
        target = examine_target(python, (), call.env, call.cwd, places) if python else None
    if target is None or (managed and target.marker is None):
        return _passed(call, "which interpreter uv would use cannot be told")
    if not managed:
        target = target._replace(marker=None)  # it is not what uv stops at
    read = as_pip_command(command, target.facts)
    context = _read_context(call, command, target, places)
    policy = load_policy(context.project, places.policy, machine_policy, places.cache, call.uid)
    verdict = judge(policy, _names(command, call.cwd) if any(layer.rules for layer in policy.layers) else ())
    track = settle_track(context, policy, target.interpreter, call.env, places)
    decision = decide_uv(command, target if managed else None, verdict, policy, track)
    return Flow(call, read, target, context, policy, decision, make_uv_plan(call, command, decision))


def decide_uv(command: UvCommand, marked: Target | None, verdict: Verdict, policy: Policy, track: Track) -> Decision:
    """Decide what uv would refuse: for the marker of *marked*, or (None) because it finds no environment."""
    action = verdict.action
    if action == "pass":
        return Decision("pass", "the policy says `pass`", True, verdict)
    if action == "refuse":
        return Decision("refuse", verdict.message or "the policy refuses it", True, verdict)
    marker = marked.marker if marked else None
    if marker and action == "override":
        return Decision("override", "the policy says `override`", True, verdict)
    if marker and action == "uv-system":
        denied = why_not_overridden(policy, marker.owner)
        if denied:
            return Decision("refuse", f"the policy says `uv-system`, but {denied}", True, verdict)
        return Decision("uv-system", "the policy grants it", True, verdict)
    if command.verb == "uninstall" and not track.exists and not marker:
        return Decision("pass", "there is no environment to uninstall from", True, verdict)
    if track.problem:
        return Decision("refuse", track.problem, True, verdict, track)
    if command.verb == "uninstall" and not track.exists:
        said = f"there is no environment to uninstall from: {track.environment} does not exist"
        return Decision("refuse", said, True, verdict, track)
    if not track.exists and command.has("--dry-run"):
        track = passing_track(track)
    return Decision("venv", "uv would refuse it" if marker else "uv finds no environment here", True, verdict, track)


def make_uv_plan(call: Call, command: UvCommand, decision: Decision) -> Plan:
    """Return the plan that carries out *decision*."""
    if decision.action == "refuse":
        return Plan("refuse", (), {})
    if decision.action == "pass":
        return Plan("exec", (call.real, *call.args), {})
    quiet = command.has("--quiet")
    track = decision.track
    if track is None:
        words, at = without(command, (_OVERRIDE, "--no-break-system-packages"))
        argv = (call.real, *words[: at + 1], _OVERRIDE, *words[at + 1 :])
        return Plan("run", argv, {_OVERRIDE_VARIABLE: None}, quiet=quiet)
    changes: dict[str, str | None] = dict.fromkeys(CHOOSING_VARIABLES)
    create = "" if track.exists else track.environment
    dry = command.has("--dry-run")
    follow = bool(track.folder) and command.verb != "uninstall" and not dry
    argv = (call.real, *aimed(command, os.path.join(track.environment, "bin", "python")))
    installer = Installer("uv", "it is what was called") if command.verb != "uninstall" else None
    return Plan("run", argv, changes, create, follow, quiet, passing=bool(create) and dry, installer=installer)


def aimed(command: UvCommand, python: str) -> tuple[str, ...]:
    """Return the words of *command* aimed at *python*, and at nothing else."""
    words, at = without(command, CHOOSING)
    return (*words[: at + 1], "--python", python, *words[at + 1 :])


def as_pip_command(command: UvCommand, facts: PipFacts) -> Command:
    """Return *command* in the words for pip's, which rules, log and messages are about."""
    options = tuple(
        Option(_PIP_NAMES.get(o.name, o.name.lstrip("-")), o.value, COMMAND_LINE, o.start, o.stop)
        for o in command.options
    )
    words = tuple(command.args[index] for index in command.words)
    if command.verb == "sync":
        files = tuple(Option("requirement", word, COMMAND_LINE, -1, -1) for word in words)
        options, words = (*options, *files), ()
    return Command(command.args, command.verb, command.verb_at, options, words, "", "", facts)


def _passed(call: Call, reason: str) -> Flow:
    plan = Plan("exec", (call.real, *call.args), {})
    return Flow(call, None, None, None, None, Decision("pass", reason, False), plan)


def _check_override(call: Call, command: UvCommand, answer: Answer, places: Places) -> Flow:
    """Pass what uv does not refuse; if that is for the user's own override of a marker, it is worth a note."""
    flow = _passed(call, "uv does not refuse it")
    if not answer.prefix or os.path.exists(os.path.join(answer.prefix, "pyvenv.cfg")):
        return flow
    target = _find_target(answer.prefix, answer.version, call, places)
    if target is None or target.marker is None:
        return flow
    given = "command line" if command.has(_OVERRIDE) else ""
    origin = given or (_OVERRIDE_VARIABLE if call.env.get(_OVERRIDE_VARIABLE) else "uv's settings")
    said = f"{_OVERRIDE} ({origin})"
    decision = Decision("pass", f"uv does not look for the marker: {said}", False, override=said)
    return flow._replace(target=target, command=as_pip_command(command, target.facts), decision=decision)


def _is_certain(call: Call, command: UvCommand, answer: Answer) -> bool:
    """Whether the command as a whole comes to that refusal; what it would read from stdin is left for it to read."""
    reads = (*command.values("--requirements"), *(command.args[index] for index in command.words))
    return "-" in reads or ask_itself(call, command).verdict == answer.verdict


def _in_directory(call: Call, command: UvCommand) -> Call:
    """Return *call* as made in the folder that uv changes to."""
    folder = command.value("--directory") or call.env.get("UV_WORKING_DIR") or call.env.get("UV_WORKING_DIRECTORY")
    return call._replace(cwd=os.path.realpath(os.path.join(call.cwd, folder))) if folder and call.cwd else call


def _find_target(prefix: str, version: str, call: Call, places: Places) -> Target | None:
    for name in (f"python{version}", "python3", "python"):
        path = os.path.join(prefix, "bin", name)
        if os.path.exists(path):
            return examine_target(path, (), call.env, call.cwd, places)
    return None


def _read_context(call: Call, command: UvCommand, target: Target, places: Places) -> Context:
    """Read the context; an interpreter that was named is named to the choice of a track as by `pip3.12`."""
    context = read_context(call, places)
    if not command.value("--python") and not call.env.get("UV_PYTHON"):
        return context
    return context._replace(tool="pip{}.{}".format(*target.interpreter.version))


def _names(command: UvCommand, cwd: str) -> tuple[str, ...]:
    """Return the names that the policy's rules are asked about; those in a lock or project file are not known."""
    words = [command.args[index] for index in command.words]
    files = [*command.values("--requirements"), *(words if command.verb == "sync" else ())]
    asked = [*command.values("--editable"), *(() if command.verb == "sync" else words)]
    named = package_names(asked, [file for file in files if not file.endswith((".toml", ".py", ".cfg"))], cwd)
    unknown = ("",) if named and any(file.endswith((".toml", ".py", ".cfg")) for file in files) else ()
    return (*named, *unknown)
