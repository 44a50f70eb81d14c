"""The context of a call: whose it is, in which project, in what kind of machine. Bounded reads, no writes."""

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from pipshunt.call import Call
from pipshunt.container import find_container
from pipshunt.follow import find_followed_folder
from pipshunt.places import Places

_POLICY_FILES = ("pipshunt.toml",)
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_CI = ("GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "CIRCLECI", "JENKINS_URL", "BUILD_TAG")


class Context(NamedTuple):
    """What a decision may depend on besides the command and its target."""

    uid: int
    cwd: str  # physical; "" when it cannot be read
    tool: str  # the name it was called by
    project: str  # the project's root, "" outside of one
    project_by: str  # what made it one: "pyproject.toml", ".git", "followed"
    container: str  # what shows that this is a container, "" if nothing does
    track: str  # PIPSHUNT_TRACK: project, user, machine; "" lets us choose


def read_context(call: Call, places: Places) -> Context:
    """Read the context of *call*."""
    project, by = find_project(call.cwd, call.uid, places)
    track = call.env.get("PIPSHUNT_TRACK", "")
    return Context(call.uid, call.cwd, call.tool, project, by, find_container(call.env), track)


def is_ci(env: Mapping[str, str]) -> bool:
    """Whether a CI may be running us; which one, `ci.py` tells."""
    return any(name in env for name in _CI)


def find_project(cwd: str, uid: int, places: Places) -> tuple[str, str]:
    """Return the root of the project around *cwd* and what made it one; ("", "") outside of a project.

    Nearest first, but by kind: a followed folder, a policy file, a project file, .git; last the working directory
    itself if it holds requirements*.txt. Never /, home or a folder above it, a folder that others may write, or
    one that is not the user's.
    """
    folders = [folder for folder in upward(cwd) if _may_be_project(folder, uid, places.home)]
    followed = find_followed_folder(places.state, cwd, uid)
    if followed in folders:
        return followed, "followed"
    for names in (_POLICY_FILES, _PROJECT_FILES, (".git",)):
        for folder in folders:
            for name in names:
                if os.path.exists(os.path.join(folder, name)):
                    return folder, name
    if cwd in folders:
        for name in _list(cwd):
            if name.startswith("requirements") and name.endswith(".txt"):
                return cwd, name
    return "", ""


def upward(folder: str) -> list[str]:
    """Return *folder* and those above it, nearest first, without /."""
    folders = []
    while folder and folder != "/":
        folders.append(folder)
        folder = os.path.dirname(folder)
    return folders


def _may_be_project(folder: str, uid: int, home: str) -> bool:
    if home and (home == folder or home.startswith(folder + "/")):
        return False
    try:
        status = os.stat(folder)
    except OSError:
        return False
    return status.st_uid == uid and not status.st_mode & stat.S_IWOTH


def _list(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
