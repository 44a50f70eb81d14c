"""Where the one who asks stands: which environment is followed or entered here, which policies hold, uv, links."""

import os
from collections.abc import Sequence

from pipshunt.context import find_project
from pipshunt.doctor.diagnosis import Finding, World, fine, notice, problem
from pipshunt.doctor.installations import judge_owner
from pipshunt.doctor.pythons import Python, at_hand
from pipshunt.doctor.rc_files import edit_command
from pipshunt.doctor.sightings import candidates
from pipshunt.follow import all_registrations, find_registration
from pipshunt.places import MACHINE_POLICY, MACHINE_STATE
from pipshunt.policy import Problem, load_policy
from pipshunt.policy_commands import find_notes
from pipshunt.scripts import find_links, link_folders, list_scripts
from pipshunt.search import is_shim
from pipshunt.transparent.startup_hook import find_hooks

_MOST_NAMED = 3


def judge_here(world: World, pythons: Sequence[Python]) -> list[Finding]:
    """Return which environments python3 means in the working directory."""
    if not world.cwd:
        return [notice("no-cwd", "the working directory is gone or cannot be read: installs are refused here", "cd")]
    project, by = find_project(world.cwd, world.uid, world.places)
    said = [f"project {world.shown(project)} ({by})" if project else "no project"]
    followed = []
    for python in pythons:
        base = at_hand(python).executable
        found = find_registration(world.places.state, world.cwd, base, world.at(MACHINE_STATE), world.uid)
        if found:
            followed.append(f"python{python.version[0]}.{python.version[1]} means {world.shown(found.environment)}")
    said += followed or ["no environment is followed"]
    variable = "VIRTUAL_ENV" if world.env.get("VIRTUAL_ENV") else "CONDA_PREFIX"
    active = world.env.get(variable, "")
    if active:
        how = "entered by the hook" if world.env.get("PIPSHUNT_ENTERED") == active else "activated"
        said.append(f"{world.shown(active)} is {how}")
    findings = []
    if active and not os.path.isdir(active):
        text = f"{variable} names {world.shown(active)}, which is not there"
        findings.append(notice("active-gone", text, f"unset {variable}"))
    return [*findings, fine("here", "; ".join(said))]


def judge_policies(world: World) -> list[Finding]:
    """Return each mistake in the policy files in effect, and which files these are."""
    project = find_project(world.cwd, world.uid, world.places)[0] if world.cwd else ""
    policy = load_policy(project, world.places.policy, world.at(MACHINE_POLICY), "", world.uid)
    findings = [problem("policy", world.shown(str(found)), _policy_fix(world, found)) for found in policy.problems]
    findings += [notice("policy-looser", note) for note in find_notes(policy)]
    shown = ", ".join(world.shown(layer.file) for layer in policy.layers)
    return [*findings, fine("policies", shown or "none, so the default holds: venv")]


def _policy_fix(world: World, found: Problem) -> str:
    if found.suggestion.startswith("chmod "):
        return found.suggestion
    return edit_command(world, found.file, found.line) if found.line else f"ls -l {world.typed(found.file)}"


def judge_registrations(world: World) -> list[Finding]:
    """Return the registrations whose environment is gone, and where others could write one.

    Of the machine's only root knows which are gone: others cannot see into each environment.
    """
    machine = world.at(MACHINE_STATE)
    owners = ((world.places.state, world.uid), (world.places.data, world.uid), (machine, 0))
    folders = [
        (os.path.join(place, name), owner) for place, owner in owners if place for name in ("", "follow", "envs")
    ]
    judged = [judge_owner(world, folder.rstrip("/"), owner) for folder, owner in dict.fromkeys(folders)]
    findings = [found for found in judged if found]
    state = world.places.state
    stale = find_stale(state, world.uid) if state else []
    if stale:
        one = len(stale) == 1
        said = f"{len(stale)} registration{'' if one else 's'} in {world.shown(os.path.join(state, 'follow'))}"
        said += f" name{'s' if one else ''} an environment that is gone; the next install there makes a new one"
        named = " ".join(world.typed(file) for file in stale[:_MOST_NAMED])
        findings.append(notice("stale-registration", said, f"rm {named}"))
    return findings


def find_stale(state: str, uid: int) -> list[str]:
    """Return the files of registrations below *state* that do not hold for *uid* any more."""
    root = os.path.join(state, "follow")
    held = {(found.folder, found.base) for found in all_registrations(state, uid)}
    stale = []
    for place, _, names in os.walk(root):
        for name in sorted(names):
            file = os.path.join(place, name)
            if name.startswith("@") and (place[len(root) :] or "/", _base(file)) not in held:
                stale.append(file)
    return sorted(stale)


def _base(file: str) -> str:
    try:
        with open(file, "rb") as opened:
            return os.fsdecode(opened.read(16384)).partition("\n")[0]
    except OSError:
        return ""


def judge_links(world: World) -> list[Finding]:
    """Return the links of console scripts that no followed environment has any more."""
    own, machine = world.places.state, world.at(MACHINE_STATE)
    machines = [found.environment for found in all_registrations(machine)]
    followed = [*machines, *(found.environment for found in all_registrations(own, world.uid) if own)]
    scripts = {name for environment in followed for name in list_scripts(environment)}
    folders = link_folders(world.places, world.uid)
    idle = sorted(link for link in find_links(folders, machines) if os.path.basename(link) not in scripts)
    if not idle:
        return []
    shown = ", ".join(map(world.shown, idle[:_MOST_NAMED]))
    more = f" and {len(idle) - _MOST_NAMED} more" if len(idle) > _MOST_NAMED else ""
    said = f"links to scripts that no followed environment has any more: {shown}{more}"
    return [notice("link-idle", said, f"rm {' '.join(map(world.typed, idle))}")]


def judge_transparent(world: World) -> list[Finding]:
    """Return the hooks of transparent mode, and those whose engine is gone."""
    hooks = {
        hook.file: hook
        for state in (world.places.state, world.at(MACHINE_STATE))
        if state
        for hook in find_hooks(state, world.places.home)
    }
    if not hooks:
        return []
    from pipshunt.transparent.status import find_engine  # brings ast along

    broken = [file for file in hooks if not os.path.isfile(find_engine(file))]
    findings = []
    for file in broken:
        fix = f"{'' if os.access(os.path.dirname(file), os.W_OK) else world.sudo}pipshunt transparent off"
        said = f"transparent mode: what {world.shown(file)} runs is gone, so pip is called without it"
        findings.append(problem("transparent-broken", said, fix))
    on = [hook.interpreter or hook.file for hook in hooks.values() if hook.file not in broken]
    return [*findings, *([fine("transp.", f"transparent mode is on for {', '.join(on)}")] if on else [])]


def judge_uv(world: World, path: str) -> list[Finding]:
    """Return whether a uv can install in pip's place; it is not started."""
    found = next((uv for uv in candidates("uv", path, world.cwd) if not is_shim(uv)), "")
    if found:
        return [fine("uv", world.shown(found))]
    return [fine("uv", "none: pip installs by itself, which takes longer (uv is optional)")]
