"""Tracks: where a shunted install goes. The project's environment, the user's, or the machine's."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from pipshunt import environment
from pipshunt.context import Context
from pipshunt.environment import Found
from pipshunt.follow import find_registration
from pipshunt.interpreter import Interpreter
from pipshunt.places import MACHINE_DATA, Places
from pipshunt.policy import Policy, system_site_packages, venv_path

TRACKS = ("project", "user", "machine")
_ACTIVE = {"VIRTUAL_ENV": "pyvenv.cfg", "CONDA_PREFIX": "conda-meta/history"}  # variable → what such a folder holds


class Track(NamedTuple):
    """One track as it stands now; `problem` says in one sentence why it cannot be taken, "" if it can."""

    kind: str
    folder: str  # from where on it is followed: the project's root, or /
    environment: str
    exists: bool
    system_site_packages: bool
    problem: str
    remedy: str  # the command that would mend it, ""
    note: str = ""  # why it is not the track that one would expect


def choose_track(context: Context, policy: Policy, interpreter: Interpreter, places: Places) -> Track:
    """Return the track for an install: what PIPSHUNT_TRACK says, else by who calls from where."""
    kind, note = (context.track, "") if context.track else _kind(context, policy)
    if not context.cwd:
        said = "the working directory is gone or cannot be read"
        return Track(kind, "", "", False, False, said, "cd")
    if kind not in TRACKS:
        said = f"PIPSHUNT_TRACK={kind} names no track; there are {', '.join(TRACKS)}"
        return Track(kind, "", "", False, False, said, "PIPSHUNT_TRACK=user")
    if kind == "project":
        return _project(context, policy)
    if kind == "user":
        return _user(context, policy, interpreter, places)._replace(note=note)
    return _machine(context, policy, interpreter)._replace(note=note)


def settle_track(
    context: Context, policy: Policy, interpreter: Interpreter, env: Mapping[str, str], places: Places
) -> Track:
    """Return the active environment where there is one, else the track that is chosen.

    What `uv run` has activated is so for one command: if it is the environment of the track that would be chosen, it is
    taken as that, and so followed.
    """
    chosen = choose_track(context, policy, interpreter, places)
    active = None if context.track else active_track(env, context.uid)
    if active is None or ("UV_RUN_RECURSION_DEPTH" in env and active.environment == chosen.environment):
        return chosen
    return active


def active_track(env: Mapping[str, str], uid: int) -> Track | None:
    """Return the environment that the user has activated, None if none is.

    It has no pip of its own, or the call would have found that one first: uv makes such environments, and conda can.
    Active is one whose bin is on PATH: without it, `python3` would not find what is installed there.
    """
    folders = env.get("PATH", "").split(":")
    found = {}
    for name, sign in _ACTIVE.items():
        path = lasting_environment(env.get(name, ""))
        inside = os.path.join(path, "bin")
        if path.startswith("/") and inside in folders and environment.look_at(path, uid, sign).fit:
            found[folders.index(inside)] = path
    if not found:
        return None
    path = found[min(found)]
    return Track("active", "", path, True, environment.sees_system_packages(path), "", "")


def lasting_environment(path: str) -> str:
    """Return *path*, or for an environment that uv keeps for one call only the one that it extends, "" if none.

    `uv run --with` and `--isolated` make these in uv's cache; a cache is marked by a CACHEDIR.TAG.
    """
    folder = os.path.dirname(path)
    while len(folder) > 1:
        if os.path.exists(os.path.join(folder, "CACHEDIR.TAG")):
            return environment.extended_by(path)
        folder = os.path.dirname(folder)
    return path


def followed_track(interpreter: Interpreter, cwd: str, places: Places, uid: int) -> Track | None:
    """Return the track that *uid* follows from *cwd* in place of *interpreter*, None if none is."""
    found = find_registration(places.state, cwd, interpreter.real, uid=uid)
    if found is None:
        return None
    kind = "project" if found.folder != "/" else "machine" if found.environment.startswith("/opt/") else "user"
    sees = environment.sees_system_packages(found.environment)
    return Track(kind, found.folder, found.environment, True, sees, "", "")


def passing_track(track: Track) -> Track:
    """Return the track of a dry run where *track* has no environment yet: one to look from within, removed afterwards.

    It has the name of what creation.py makes an environment under, so that the next install removes it after a kill.
    """
    note = "removed afterwards: this is a dry run"
    return track._replace(environment=f"{track.environment}.pipshunt-{os.getpid()}", folder="", note=note)


def _kind(context: Context, policy: Policy) -> tuple[str, str]:
    """Return the track's kind, and why it is not the project's where it might have been."""
    beyond = "machine" if context.uid == 0 else "user"
    if not context.project or (beyond == "machine" and context.container):
        return beyond, ""
    path = _project_environment(context, policy)
    version = environment.version_of(path)
    if version and "." in context.tool and not version.endswith(context.tool.removeprefix("pip")):
        return beyond, f"{path} is {version}'s, where {context.tool} would not look"
    if os.access(context.project, os.W_OK) or os.path.lexists(path):
        return "project", ""
    return beyond, f"{context.project} cannot be written to"


def _project_environment(context: Context, policy: Policy) -> str:
    return os.path.normpath(os.path.join(context.project, venv_path(policy)[0]))


def _project(context: Context, policy: Policy) -> Track:
    if not context.project:
        said = "this is no project of yours: PIPSHUNT_TRACK=project needs one"
        return Track("project", "", "", False, False, said, "")
    path = _project_environment(context, policy)
    if not _is_users_choice(policy) and not (os.path.realpath(os.path.dirname(path)) + "/").startswith(
        os.path.realpath(context.project) + "/"
    ):
        said = f"{path} leads out of the project {context.project}"
        return Track("project", context.project, path, False, False, said, "PIPSHUNT_TRACK=user")
    found = environment.look_at(path, context.uid)
    return _track("project", context.project, path, found, system_site_packages(policy, default=False))


def _is_users_choice(policy: Policy) -> bool:
    """Whether the path is one that only the user's and the machine's policy can name (`policy_file`)."""
    path = venv_path(policy)[0]
    return os.path.isabs(path) or ".." in path.split("/")


def _user(context: Context, policy: Policy, interpreter: Interpreter, places: Places) -> Track:
    if not places.data:
        said = "there is no home folder for an environment of yours (HOME is not set)"
        return Track("user", "/", "", False, False, said, "")
    return _own(os.path.join(places.data, "envs"), "user", context, policy, interpreter)


def _machine(context: Context, policy: Policy, interpreter: Interpreter) -> Track:
    if context.uid != 0:
        said = "the machine's environment is root's to change"
        return Track("machine", "/", "", False, False, said, "sudo")
    if context.container:
        name = "/opt/venv"
        if not os.path.isdir(name) or _is_for(name, interpreter):
            found = environment.look_at(name, context.uid)
            return _track("machine", "/", name, found, system_site_packages(policy, default=True))
    return _own(os.path.join(MACHINE_DATA, "envs"), "machine", context, policy, interpreter)


def _own(folder: str, kind: str, context: Context, policy: Policy, interpreter: Interpreter) -> Track:
    """One environment an interpreter: a second interpreter of the same version gets one named after its place."""
    path = os.path.join(folder, "python{}.{}".format(*interpreter.version))
    if os.path.isdir(path) and not _is_for(path, interpreter):
        path += interpreter.prefix.replace("/", "-")
    found = environment.look_at(path, context.uid)
    return _track(kind, "/", path, found, system_site_packages(policy, default=True))


def _track(kind: str, folder: str, path: str, found: Found, sees_system: bool) -> Track:
    if found.fit:
        sees_system = environment.sees_system_packages(path)
    return Track(kind, folder, path, found.fit, sees_system, found.problem, found.remedy)


def _is_for(path: str, interpreter: Interpreter) -> bool:
    """Whether the environment at *path* was made with *interpreter*; a broken one was, as far as can be told."""
    real = os.path.realpath(os.path.join(path, "bin", "python"))
    return real == interpreter.real or not os.path.exists(real)
