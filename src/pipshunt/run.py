"""Carrying out a plan that is waited for: make the environment, run, follow, record."""

import os
from collections.abc import Mapping, Sequence

from pipshunt import creation, process
from pipshunt.audit import Outcome, record
from pipshunt.call import Call, quoted, say
from pipshunt.callers import describe_callers, find_callers, find_shell
from pipshunt.context import is_ci
from pipshunt.decision import Decision
from pipshunt.environment import STAGE, site_packages
from pipshunt.folder_tree import remove_tree
from pipshunt.follow import NotRegistered, register
from pipshunt.message import advise, announce, tell_scripts
from pipshunt.places import Places
from pipshunt.plan import Plan, changed_environment
from pipshunt.redact import redact, redact_text
from pipshunt.scripts import Ways, find_ways, list_scripts, update_links
from pipshunt.search import find_commands, find_tool, is_shim, path_folders
from pipshunt.target import Target
from pipshunt.track import Track

_LOCKED = "PIPSHUNT_LOCK"  # the environment that a call of ours around this one has locked


def run_plan(plan: Plan, call: Call, target: Target, decision: Decision, places: Places) -> int:
    """Run the planned command, wait, follow, record; returns the wait status or raises CannotCreate."""
    outcome = Outcome()
    track = decision.track
    if track:
        _prepare(track, plan, call, target, places)
    entered = track is not None and call.entered == track.environment  # it is where whoever calls expects it to go
    if not plan.quiet and not entered:
        say(announce(decision, plan, target, call.cwd))
    lock = _lock(track.environment, call.env) if track else -1
    if track:
        _take_back(track.environment)
    before, scripts = (_installed(track.environment), list_scripts(track.environment)) if track else (set(), set())
    env = changed_environment(call.env, {**plan.changes, _LOCKED: track.environment} if track else plan.changes)
    callers: tuple[tuple[str, ...], ...] = ()
    status = _install_by_uv(plan, env, call, target, track, outcome) if track else None
    try:
        child = process.Child(plan.argv, env) if status is None else None
        callers = find_callers()
        outcome.callers = describe_callers(callers)
        status = child.wait() if child else status or 0
    except OSError as error:
        say(f"{plan.argv[0]} cannot be run: {error.strerror}")
        status = 126 << 8
    outcome.status = process.shell_status(status)
    try:
        if track:
            _note_changes(track, before, outcome)
        followed = plan.follow and status == 0 and _follow(decision, target, places)
        ways = _link_scripts(track, scripts, call, places) if track and track.folder else None
        if track and ways and followed and not entered:
            _tell_use(track, ways, callers, call, target, decision, plan)
        record(call, target, decision, plan, outcome, places)
        if track and followed and is_ci(call.env) and not entered:
            from pipshunt.ci_report import report_install

            report_install(plan, call, target, track)
    except Exception as error:  # noqa: BLE001  (pip has done its work: a failure of ours must not have it run again)
        say(f"pip has done its work, but not all of it could be noted ({type(error).__name__}: {error})")
    if plan.passing:
        remove_tree(plan.create)
    if lock >= 0:
        os.close(lock)
    return status


def _tell_use(
    track: Track,
    ways: Ways,
    callers: Sequence[Sequence[str]],
    call: Call,
    target: Target,
    decision: Decision,
    plan: Plan,
) -> None:
    """Say how what was installed is used: in a notebook, by a Python that is called by its path, in a shell.

    Of a quiet install only what pip, too, says however quiet it is: which script is not on PATH.
    """
    from pipshunt.unfollowed import find_kernel, tell_by_path, tell_kernel

    kernel, shell = find_kernel(callers), find_shell(callers, call.env)
    if plan.quiet:
        ways = ways._replace(hidden=())
    elif kernel:
        say(*tell_kernel(kernel, track, target, call.cwd))
    else:
        hooked = call.env.get("PIPSHUNT_HOOK") == str(os.getppid())  # we are in the process that it has started
        led = _is_python3(target, call)
        said = advise(decision, call.cwd, shell, ways.named, is_python3=led, is_hooked=hooked, is_root=call.uid == 0)
        say(said)
        say(*tell_by_path(call.env, track, target, call.cwd))
    say(*tell_scripts(ways, call.cwd, shell))


def _prepare(track: Track, plan: Plan, call: Call, target: Target, places: Places) -> None:
    """Make the environment where there is none; raises CannotCreate."""
    if track.kind == "machine":
        os.umask(0o022)  # it is everyone's to read, whatever root's own umask
    if plan.create:
        # root's environments share no files: a `chown -R` of one would give the pip of the others to that user
        cache = places.cache if call.uid else ""
        python, library = target.interpreter.real, os.path.basename(target.interpreter.stdlib)
        creation.create(plan.create, python, library, target.pip, track.system_site_packages, cache)
    else:
        creation.remove_leftovers(track.environment)


def _take_back(environment: str) -> None:
    """Take back what a call that was killed had begun to move into the environment."""
    try:
        if any(name.startswith(STAGE) for name in os.listdir(environment)):
            from pipshunt.accelerator import staging

            staging.remove_leftovers(environment)
    except OSError as error:
        say(f"what a killed install left in {environment} cannot be cleared away: {error.strerror}")


def _install_by_uv(
    plan: Plan, env: Mapping[str, str], call: Call, target: Target, track: Track, outcome: Outcome
) -> int | None:
    """Have uv do what pip would do, where it can; returns the wait status, None where pip is to run."""
    installer = plan.installer
    if installer is None:
        return None
    outcome.installer, outcome.installer_reason = installer.name, installer.reason
    if installer.counterpart is None:
        return None
    from pipshunt.accelerator.fast_install import install_fast

    fast = install_fast(installer.uv, installer.counterpart, track.environment, env, call.cwd, target.pip)
    if fast.status is not None:
        outcome.installer, outcome.argv = "uv", (installer.uv, *installer.counterpart.argv)
        return fast.status
    outcome.installer_reason = fast.reason
    if not installer.alone:
        outcome.installer = "pip"
        return None
    explain = " ".join(quoted(word) for word in redact((call.tool, *call.args)))
    said = f"uv did not install, and {installer.reason} lets nothing else do it: {fast.reason}"
    say(*redact_text(said).splitlines(), f"next: pipshunt explain -- {explain}")
    return 1 << 8


def _is_python3(target: Target, call: Call) -> bool:
    """Whether `python3`, with no environment active, is our shim, and the target's interpreter is behind it."""
    outside = [f for f in path_folders(call.env) if not os.path.exists(os.path.join(call.cwd, f, "..", "pyvenv.cfg"))]
    path = {"PATH": ":".join(outside)}
    if not is_shim(next(find_commands("python3", path, call.cwd), "")):
        return False
    found = find_tool("python3", path, call.cwd)
    return os.path.realpath(os.path.join(call.cwd, found)) == target.interpreter.real


def _note_changes(track: Track, before: set[str], outcome: Outcome) -> None:
    """Note what came and went in the environment."""
    after = _installed(track.environment)
    outcome.installed, outcome.removed = sorted(after - before), sorted(before - after)


def _link_scripts(track: Track, before: set[str], call: Call, places: Places) -> Ways:
    """Bring the links to console scripts up to date; returns how those that are new are found."""
    update_links(track.environment if track.kind == "machine" else "", call, places)
    return find_ways(track.environment, list_scripts(track.environment) - before, call, places)


def _follow(decision: Decision, target: Target, places: Places) -> bool:
    track = decision.track
    if track is None:
        return False
    try:
        register(places.state, track.folder, target.interpreter.real, track.environment)
    except (OSError, NotRegistered) as error:
        why = error.strerror if isinstance(error, OSError) else error
        say(f"installed into {track.environment}, but `python3` here will not find it by itself: {why}")
        return False
    return True


def _lock(path: str, env: Mapping[str, str]) -> int:
    """Lock the environment at *path* while pip changes it, for pip itself does not; returns the descriptor, or -1.

    pip inherits the lock: it holds even if we are killed. A call from within our own (a setup.py that calls pip)
    has it already.
    """
    import fcntl

    if env.get(_LOCKED) == path:
        return -1
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        os.set_inheritable(descriptor, True)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another install into {path} is under way; this one goes on when it has ended")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError:
        return -1  # a file system without locks: pip works as it would without us
    return descriptor


def _installed(path: str) -> set[str]:
    """Return what is installed in the environment at *path*, as name==version, from the names of its metadata folders.

    `typing-3.7.4.3-py3.11.egg-info` is what `setup.py install` leaves, with which pip before 25.3 installed old sdists.
    """
    try:
        names = os.listdir(site_packages(path))
    except OSError:
        return set()
    stems = [name.rpartition(".")[0] for name in names if name.endswith((".dist-info", ".egg-info"))]
    return {"==".join(stem.split("-")[:2]) for stem in stems}
