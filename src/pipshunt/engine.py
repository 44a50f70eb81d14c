"""The chain: call → target → command → context → decision → plan → run → flow; the picture is in ARCHITECTURE.md."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipshunt.call import Call, occupy_closed_descriptors, read_call, say, show
from pipshunt.command import RERUN, Command, PipFacts, read_command
from pipshunt.context import Context, is_ci, read_context
from pipshunt.decision import (
    READING,
    Decision,
    decide_bootstrap,
    decide_changing,
    decide_override,
    decide_reading,
    decide_target,
    decide_unmarked,
)
from pipshunt.environment import CannotCreate
from pipshunt.flow import Flow
from pipshunt.launch import ENSUREPIP, Launch, read_launch
from pipshunt.lent_pip import has_pip
from pipshunt.places import MACHINE_POLICY, Places, find_places
from pipshunt.plan import Plan, changed_environment, make_plan
from pipshunt.policy import Policy, judge, load_policy
from pipshunt.requirements import package_names
from pipshunt.target import Target, find_target, redirect_target
from pipshunt.track import active_track, followed_track, passing_track, settle_track

if TYPE_CHECKING:
    from pipshunt.uv_system import SystemUv


def main(shim: str, real: str, args: Sequence[str]) -> int:
    """Handle the call that *shim* hands over; returns its exit status unless it execs the real tool."""
    occupy_closed_descriptors()
    call = read_call(os.path.basename(shim), real, args)
    if call.uid == 0 and "SUDO_UID" in call.env:
        from pipshunt.sudo import understand_under_sudo

        return carry_out(*understand_under_sudo(call))
    places = find_places(call.env, call.uid)
    return carry_out(understand(call, places), places)


def understand(call: Call, places: Places, machine_policy: str = MACHINE_POLICY) -> Flow:
    """Return what is to become of *call*. Reads, but changes nothing."""
    if call.tool == "uv":
        from pipshunt.uv.uv_flow import understand_uv

        return understand_uv(call, places, machine_policy)
    if call.env.get("PIPSHUNT_ENTERED"):
        from pipshunt.entered import call_before

        before = call_before(call)
        flow = _understand_pip(before, places, machine_policy) if before else None
        if flow and flow.command and (flow.command.verb in READING or flow.decision.action != "pass"):
            return flow
    return _understand_pip(call, places, machine_policy)


def _understand_pip(call: Call, places: Places, machine_policy: str) -> Flow:
    launch = read_launch(call.tool, call.args)
    target = find_target(call, launch, places) if launch.start >= 0 else None
    command = _read_bootstrap(call, launch, target) if launch.bootstrap else _read(call, launch, target)
    if command and target and command.interpreter:
        target = redirect_target(target, command.interpreter, call, places)
        restarted = call._replace(env={**call.env, RERUN: "1"})  # as pip starts itself again for --python
        command = _read(restarted, launch, target) if target else command
    decision = decide_target(command, target)
    if decision and decision.override:  # an active environment without a pip is meant all the same
        decision = decide_override(decision, active_track(call.env, call.uid))
    context = policy = None
    if decision is None and command and target:
        if command.verb in READING:
            active = active_track(call.env, call.uid)
            decision = decide_reading(active or followed_track(target.interpreter, call.cwd, places, call.uid))
        else:
            context, policy, decision = _judge(call, launch, command, target, places, machine_policy)
    assert decision is not None, "a call without a target is decided by decide_target"  # noqa: S101
    plan = make_plan(call, launch, command, target, decision)
    flow = Flow(call, command, target, context, policy, decision, plan)
    if decision.action == "pass" and "--break-system-packages" in call.args:
        from pipshunt.old_pip import respell

        flow = respell(flow, launch, places)
    if decision.action == "pass" and "UV_RUN_RECURSION_DEPTH" in call.env:
        from pipshunt.uv.pip_loan import lend_pip

        flow = lend_pip(flow, launch, places)
    installs = command and command.verb == "install" and flow.plan.kind == "run" and flow.decision.track
    return _with_installer(flow, places, machine_policy) if installs else flow


def carry_out(flow: Flow, places: Places) -> int:
    """Do what was planned and record it; returns the exit status unless it execs."""
    plan, call = flow.plan, flow.call
    if plan.kind != "exec" or flow.decision.override:
        _tell_problems(flow)
    if plan.kind == "exec":
        if flow.decision.override:
            _record(flow, places, None)
        return _become(plan, call)
    if plan.kind == "run" and flow.target:
        from pipshunt import process, run
        from pipshunt.folder_tree import share_folder

        process.heed_interrupts()
        share_folder(os.path.dirname(__file__))  # an upgrade leaves us what we are still to import
        try:
            status = run.run_plan(plan, call, flow.target, flow.decision, places)
            _tell_outcome(flow, status)
            return process.end_as(status)
        except CannotCreate as error:
            refused = flow.decision._replace(action="refuse", reason=str(error))
            flow = flow._replace(decision=refused, plan=Plan("refuse", (), {}))
        except KeyboardInterrupt:
            return process.end_as(2)  # a wait status: died of SIGINT, as the command at the terminal would have
    return _refuse(flow, places)


def _tell_outcome(flow: Flow, status: int) -> None:
    """Say what else there is to say after pip; a failure of ours must not have it run again."""
    from pipshunt.message import tell_outcome

    if os.WIFSIGNALED(status):
        return
    try:
        say(*tell_outcome(flow, failed=status != 0))
    except Exception as error:  # noqa: BLE001  (see above)
        say(f"pip has done its work; the hint that belongs here failed ({type(error).__name__}: {error})")


def _become(plan: Plan, call: Call) -> int:
    """Become the planned command: same process, same descriptors; returns only when it cannot be started."""
    from pipshunt.process import become

    try:
        become(plan.argv, changed_environment(call.env, plan.changes))
    except OSError as error:
        say(f"{plan.argv[0]} cannot be run: {error.strerror}")
        return 126


def _refuse(flow: Flow, places: Places) -> int:
    from pipshunt.refusal import refusal

    status = 2 if flow.call.tool == "uv" else 1  # as the tool itself
    lines = refusal(flow)
    show(lines)
    if is_ci(flow.call.env):
        from pipshunt.ci_report import report_refusal

        report_refusal(lines, flow.call.env)
    _record(flow, places, status)
    return status


def _record(flow: Flow, places: Places, status: int | None) -> None:
    """Record a flow that nobody waits for: a refusal, or a call exec'd on the user's own override."""
    from pipshunt import audit
    from pipshunt.callers import describe_callers, find_callers

    outcome = audit.Outcome()
    outcome.status = status
    outcome.callers = describe_callers(find_callers())
    audit.record(flow.call, flow.target, flow.decision, flow.plan, outcome, places)


def _read(call: Call, launch: Launch, target: Target | None) -> Command | None:
    if launch.start < 0:
        return None
    facts = target.facts if target else PipFacts((), "/usr", in_environment=False)
    return read_command(call.args[launch.start :], call.env, call.cwd, facts)


def _read_bootstrap(call: Call, launch: Launch, target: Target | None) -> Command | None:
    from pipshunt.bootstrap import read_bootstrap

    return read_bootstrap(call, launch, target) if target and target.marker else None


def _judge(
    call: Call, launch: Launch, command: Command, target: Target, places: Places, machine_policy: str
) -> tuple[Context, Policy, Decision]:
    context = read_context(call, places)
    policy = load_policy(context.project, places.policy, machine_policy, places.cache, call.uid)
    rules = any(layer.rules for layer in policy.layers)
    asked = (*command.requirements, *command.values("editable"))
    names = package_names(asked, command.values("requirement"), call.cwd) if rules else ()
    verdict = judge(policy, names)
    if launch.bootstrap:
        from pipshunt.bootstrap import why_refused

        followed = followed_track(target.interpreter, call.cwd, places, call.uid)
        if followed:
            said = f"the shim runs it with the Python of {followed.environment}, which is followed here"
            return context, policy, Decision("pass", said, False)
        decision = decide_bootstrap(why_refused(launch, target, command), launch.bootstrap != ENSUREPIP, verdict)
        return context, policy, decision
    uv = _find_system_uv(call, command, target, policy, places) if verdict.action == "uv-system" else None
    if target.marker is None:
        return context, policy, decide_unmarked(target, verdict, uv)
    track = settle_track(context, policy, target.interpreter, call.env, places)
    decision = decide_changing(command, verdict, track, uv)
    if decision.action == "venv" and not target.pip and not has_pip(track.environment):
        decision = Decision("pass", f"{target.interpreter.executable} has no pip, as it says itself", False)
    elif decision.action == "venv" and not track.exists and command.flag("dry-run"):
        decision = decision._replace(track=passing_track(track))
    return context, policy, decision


def _find_system_uv(call: Call, command: Command, target: Target, policy: Policy, places: Places) -> "SystemUv":
    from pipshunt.uv_system import find_system_uv

    return find_system_uv(call, command, target, policy, places.cache)


def _with_installer(flow: Flow, places: Places, machine_policy: str) -> Flow:
    """Return *flow* with who installs; refused where the policy wants uv alone, and that cannot do it."""
    from pipshunt.installer import choose_installer

    if flow.policy is None:  # it was not asked, but who installs is its to say
        project, uid = read_context(flow.call, places).project, flow.call.uid
        flow = flow._replace(policy=load_policy(project, places.policy, machine_policy, places.cache, uid))
    installer = choose_installer(flow, places.cache)
    if not installer.alone or installer.counterpart:
        return flow._replace(plan=flow.plan._replace(installer=installer))
    refused = flow.decision._replace(
        action="refuse", reason=f'the policy says `installer = "uv"`, but {installer.reason}'
    )
    return flow._replace(decision=refused, plan=Plan("refuse", (), {}, installer=installer))


def _tell_problems(flow: Flow) -> None:
    problems = flow.policy.problems if flow.policy else ()
    if problems:
        say(*(str(problem) for problem in problems), "the rest of the policy holds; `pipshunt policy check` shows all")
    if flow.decision.verdict:
        say(*flow.decision.verdict.notes)
