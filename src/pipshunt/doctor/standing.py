"""Where the one who asks stands: which environment is followed or entered here, which policies hold, uv, links."""

import os
from collections.abc import Sequence

from pipshunt.context import find_project
from pipshunt.doctor.diagnosis import Finding, World, fine, notice, problem
from pipshunt.doctor.pythons import Python
from pipshunt.doctor.sightings import candidates
from pipshunt.follow import all_registrations, find_registration
from pipshunt.places import MACHINE_POLICY, MACHINE_STATE
from pipshunt.policy import load_policy
from pipshunt.search import is_shim

_MOST_NAMED = 3


def judge_here(world: World, pythons: Sequence[Python]) -> list[Finding]:
    """Return which environments python3 means in the working directory."""
    if not world.cwd:
        return [notice("no-cwd", "the working directory is gone or cannot be read: installs are refused here", "cd")]
    project, by = find_project(world.cwd, world.uid, world.places)
    said = [f"project {world.shown(project)} ({by})" if project else "no project"]
    followed = []
    for python in pythons:
        base = os.path.join(python.prefix, "bin", "python{}.{}".format(*python.version))
        found = find_registration(world.places.state, world.cwd, base, world.at(MACHINE_STATE))
        if found:
            followed.append(f"python{python.version[0]}.{python.version[1]} means {world.shown(found.environment)}")
    said += followed or ["no environment is followed"]
    active = world.env.get("VIRTUAL_ENV", "") or world.env.get("CONDA_PREFIX", "")
    if active:
        how = "entered by the hook" if world.env.get("PIPSHUNT_ENTERED") == active else "activated"
        said.append(f"{world.shown(active)} is {how}")
    findings = []
    if active and not os.path.isdir(active):
        text = f"VIRTUAL_ENV names {world.shown(active)}, which is not there"
        findings.append(notice("active-gone", text, "unset VIRTUAL_ENV"))
    return [*findings, fine("here", "; ".join(said))]


def judge_policies(world: World) -> list[Finding]:
    """Return each mistake in the policy files in effect, and which files these are."""
    project = find_project(world.cwd, world.uid, world.places)[0] if world.cwd else ""
    policy = load_policy(project, world.places.policy, world.at(MACHINE_POLICY), "", world.uid)
    findings = [problem("policy", str(found), "pipshunt policy check") for found in policy.problems]
    shown = ", ".join(world.shown(layer.file) for layer in policy.layers)
    return [*findings, fine("policies", shown or "none, so the default holds: venv")]


def judge_registrations(world: World) -> list[Finding]:
    """Return the registrations whose environment is gone."""
    findings = []
    machine = world.at(MACHINE_STATE)
    for state in dict.fromkeys([world.places.state, machine]):
        stale = find_stale(state) if state else []
        if stale:
            one = len(stale) == 1
            said = f"{len(stale)} registration{'' if one else 's'} in {world.shown(os.path.join(state, 'follow'))}"
            said += f" name{'s' if one else ''} an environment that is gone; the next install there makes a new one"
            named = " ".join(world.typed(file) for file in stale[:_MOST_NAMED])
            as_root = world.sudo if state == machine else ""
            findings.append(notice("stale-registration", said, f"{as_root}rm {named}"))
    return findings


def find_stale(state: str) -> list[str]:
    """Return the files of registrations below *state* that do not hold any more."""
    root = os.path.join(state, "follow")
    held = {(found.folder, found.base) for found in all_registrations(state)}
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


def judge_links(world: World, folders: Sequence[str], targets: Sequence[str]) -> list[Finding]:
    """Return the links in *folders* that lead below one of *targets*, and there to nothing."""
    dangling = []
    for folder in dict.fromkeys(folders):
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_symlink() and not os.path.exists(entry.path):
                leads_to = os.path.join(folder, os.readlink(entry.path))
                if any(leads_to.startswith(target + "/") for target in targets):
                    dangling.append(entry.path)
    if not dangling:
        return []
    said = f"links of pipshunt's that lead nowhere: {', '.join(map(world.shown, dangling[:_MOST_NAMED]))}"
    said += f" and {len(dangling) - _MOST_NAMED} more" if len(dangling) > _MOST_NAMED else ""
    own = all(os.access(os.path.dirname(path), os.W_OK) for path in dangling)
    return [notice("link-dangling", said, f"{'' if own else world.sudo}rm {' '.join(map(world.typed, dangling))}")]


def judge_uv(world: World, path: str) -> list[Finding]:
    """Return whether a uv can install in pip's place; it is not started."""
    found = next((uv for uv in candidates("uv", path, world.cwd) if not is_shim(uv)), "")
    if found:
        return [fine("uv", world.shown(found))]
    return [fine("uv", "none: pip installs by itself, which takes longer (uv is optional)")]
