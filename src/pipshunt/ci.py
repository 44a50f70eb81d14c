"""Continuous integration: what one step has installed is there for the steps that come after it.

Each step is a shell of its own, with what the runner hands from step to step: a file (GitHub, CircleCI), lines in the
log that are commands (Azure), or nothing (Jenkins; GitLab's lines share one shell). What is handed on is what the
shells' hook sets when it enters an environment.
"""

import errno
import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from pipshunt.call import quoted, say, tell_runner
from pipshunt.search import SHIM, path_folders
from pipshunt.track import Track

GITHUB, AZURE, GITLAB, CIRCLECI, JENKINS = "GitHub", "Azure", "GitLab", "CircleCI", "Jenkins"
ENTERED = "PIPSHUNT_ENTERED"


class Surroundings(NamedTuple):
    """What the steps to come are to find: on PATH, the first ahead of all, and as variables."""

    folders: tuple[str, ...]
    variables: Mapping[str, str]


def find_system(env: Mapping[str, str]) -> str:
    """Return which CI runs us, "" if none does.

    The variables are those that each documents as always set; Gitea and Forgejo set GitHub's, and read its files.
    Jenkins sets JENKINS_URL only if its administrator has named one, but always BUILD_TAG.
    """
    for name, system in (
        ("GITHUB_ACTIONS", GITHUB),
        ("TF_BUILD", AZURE),
        ("GITLAB_CI", GITLAB),
        ("CIRCLECI", CIRCLECI),
    ):
        if env.get(name, "").lower() == "true":
            return system
    return JENKINS if env.get("JENKINS_URL") or env.get("BUILD_TAG", "").startswith("jenkins-") else ""


def find_surroundings(track: Track, env: Mapping[str, str]) -> Surroundings:
    """Return what later steps are to find after an install into *track*.

    A project's environment is entered. Those of users and machines are not, as in shells: what a later step installs
    in a project is not to go there; their console scripts are found by the links beside the shims.
    """
    shims = _find_shims(env)
    if track.kind != "project":
        return Surroundings((shims,) if shims else (), {})
    own = os.path.join(track.environment, "bin")
    prompt = os.path.basename(track.folder)
    variables = {"VIRTUAL_ENV": track.environment, "VIRTUAL_ENV_PROMPT": prompt, ENTERED: track.environment}
    return Surroundings((shims, own) if shims else (own,), variables)


def hand_on(system: str, track: Track, env: Mapping[str, str]) -> bool:
    """Hand the surroundings of an install into *track* to later steps; returns whether there was anything to hand on.

    What goes wrong is said, and raises nothing.
    """
    surroundings = find_surroundings(track, env)
    values = (*surroundings.folders, *surroundings.variables.values())
    if _is_there(surroundings, env) or not all(_can_be_told(value) for value in values):
        return False
    try:
        if system == GITHUB:
            return _tell_github(surroundings, env)
        if system == CIRCLECI:
            return _tell_circleci(surroundings, env)
    except OSError as error:
        said = f"the steps to come do not find {track.environment} by themselves: {error.filename}: {error.strerror}"
        say(said, f"in each that needs it: . {quoted(os.path.join(track.environment, 'bin', 'activate'))}")
        return False
    if system == AZURE:
        _tell_azure(surroundings)
    return system == AZURE


def escape_azure(text: str) -> str:
    """Return *text* as a logging command of Azure Pipelines carries it (`DECODE_PERCENTS` in its documentation)."""
    for letter, code in (("%", "%AZP25"), ("\r", "%0D"), ("\n", "%0A"), ("]", "%5D"), (";", "%3B")):
        text = text.replace(letter, code)
    return text


def _find_shims(env: Mapping[str, str]) -> str:
    """Return the folder of the shims that the links on PATH lead to, "" if there are none."""
    for folder in path_folders(env):
        shim = os.path.join(folder, SHIM)
        if folder.startswith("/") and os.path.exists(shim):
            return os.path.dirname(os.path.realpath(shim))
    return ""


def _is_there(surroundings: Surroundings, env: Mapping[str, str]) -> bool:
    """Whether an earlier step has handed the same on: the variables are set, the folders on PATH in their order."""
    if not surroundings.variables:
        return not surroundings.folders
    folders = list(path_folders(env))
    if any(env.get(name) != value for name, value in surroundings.variables.items()):
        return False
    places = [folders.index(folder) for folder in surroundings.folders if folder in folders]
    return len(places) == len(surroundings.folders) and places == sorted(places)


def _can_be_told(text: str) -> bool:
    """Whether *text* can stand on PATH, and in a line of UTF-8."""
    return text.isprintable() and ":" not in text


def _tell_github(surroundings: Surroundings, env: Mapping[str, str]) -> bool:
    """Append to the files that the runner reads after the step: each line of one of them goes to the head of PATH."""
    folders = "".join(f"{folder}\n" for folder in reversed(surroundings.folders))
    values = "".join(f"{name}={value}\n" for name, value in surroundings.variables.items())
    told = _append(env.get("GITHUB_PATH", ""), folders)
    return _append(env.get("GITHUB_ENV", ""), values) or told


def _tell_circleci(surroundings: Surroundings, env: Mapping[str, str]) -> bool:
    """Append to the file that every bash of a later step reads first.

    Those within a step read it as well: an environment that the step has activated stays, and PATH does not grow.
    """
    path = quoted(":".join(surroundings.folders))
    lines = [f'case $PATH in {path}:*) ;; *) export PATH={path}:"$PATH" ;; esac']
    if surroundings.variables:
        values = " ".join(f"{name}={quoted(value)}" for name, value in surroundings.variables.items())
        lines = [f'if [ "${{VIRTUAL_ENV-}}" = "${{{ENTERED}-}}" ]; then export {values}; {lines[0]}; fi']
    return _append(env.get("BASH_ENV", ""), "".join(f"{line} # pipshunt\n" for line in lines), os.O_CREAT)


def _tell_azure(surroundings: Surroundings) -> None:
    """Print the commands that the agent looks for in the log, of which it has stderr as well."""
    for folder in reversed(surroundings.folders):
        tell_runner(f"##vso[task.prependpath]{escape_azure(folder)}")
    for name, value in surroundings.variables.items():
        tell_runner(f"##vso[task.setvariable variable={name}]{escape_azure(value)}")


def _append(path: str, lines: str, create: int = 0) -> bool:
    """Append *lines* to the file at *path*, unless they are the last in it; returns whether it did. Raises OSError.

    Nothing but a regular file is written to: a variable may name anything.
    """
    if not path or not lines:
        return False
    try:
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | create
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        data = os.fsencode(lines)
        before = os.pread(descriptor, len(data) + 1, max(0, status.st_size - len(data) - 1))
        if before in (data, b"\n" + data):
            return False
        os.write(descriptor, data if before[-1:] in (b"", b"\n") else b"\n" + data)
    finally:
        os.close(descriptor)
    return True
