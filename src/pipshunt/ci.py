"""Continuous integration: what one step has installed is there for the steps that come after it.

Each step is a shell of its own, with what the runner hands from step to step: a file (GitHub, CircleCI), lines in the
log that are commands (Azure), or nothing (Jenkins; GitLab's lines share one shell). What is handed on is what the
shells' hook sets when it enters an environment.
"""

import errno
import os
import stat
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pipshunt.call import Call, quoted, say, tell_runner
from pipshunt.entered import ENTERED, SHIMS
from pipshunt.places import find_places
from pipshunt.scripts import link_folders
from pipshunt.search import SHIM, path_folders
from pipshunt.track import Track

GITHUB, AZURE, GITLAB, CIRCLECI, JENKINS = "GitHub", "Azure", "GitLab", "CircleCI", "Jenkins"
_MARK = " # pipshunt"  # how our lines end in a file that others write to as well
_SEVERAL = f"export {ENTERED}={_MARK}"


class Surroundings(NamedTuple):
    """What the steps to come are to find: on PATH, the first ahead of all, and as variables.

    Without variables nothing is entered: environments and scripts are found by folder, as in any shell.
    """

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


def find_surroundings(track: Track, call: Call) -> Surroundings:
    """Return what later steps are to find after an install into *track*.

    A project's environment is entered, unless the job has installed into those of several: no one of them would be
    right. That of a user or of the machine is not, as in shells: what a later step installs in a project is not to go
    there; its console scripts are found by links.
    """
    shims = _find_shims(call.env)
    if track.kind != "project" or call.env.get(ENTERED) == "":
        links = [folder for folder in link_folders(find_places(call.env, call.uid), call.uid)[:1] if call.uid]
        folders = dict.fromkeys([shims, *(folder for folder in links if os.path.isdir(folder))])
        return Surroundings(tuple(folder for folder in folders if folder), {})
    own = os.path.join(track.environment, "bin")
    prompt = os.path.basename(track.folder)
    variables = {"VIRTUAL_ENV": track.environment, "VIRTUAL_ENV_PROMPT": prompt, ENTERED: track.environment}
    inside = os.path.join(os.path.dirname(shims), SHIMS)
    ahead = (shims, *([inside] if os.path.isdir(inside) else []), own) if shims else (own,)
    return Surroundings(ahead, variables)


def hand_on(system: str, track: Track, call: Call) -> bool:
    """Hand the surroundings of an install into *track* to later steps; returns whether there was anything to hand on.

    What goes wrong is said, and raises nothing.
    """
    surroundings = find_surroundings(track, call)
    values = (*surroundings.folders, *surroundings.variables.values())
    if _is_there(surroundings, call.env) or not all(_can_be_told(value) for value in values):
        return False
    try:
        if system == GITHUB:
            return _tell_github(surroundings, call.env)
        if system == CIRCLECI:
            return _tell_circleci(surroundings, call.env)
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
    """Add to the files that the runner reads after the step: each line of one of them goes to the head of PATH."""
    path, variables = env.get("GITHUB_PATH", ""), env.get("GITHUB_ENV", "")
    own = [f"{name}={value}" for name, value in surroundings.variables.items()]
    others: list[str] = []  # entered before in the same step: a job of several projects enters none

    def add_variables(lines: list[str]) -> list[str]:
        before = next((line for line in reversed(lines) if line.startswith(f"{ENTERED}=")), "")
        if not own or before == own[-1]:
            return lines
        if not before:
            return lines + own
        others.append(before.partition("=")[2])
        gone = {f"VIRTUAL_ENV={others[0]}", before}
        rest = [line for line in lines if line not in gone and not line.startswith("VIRTUAL_ENV_PROMPT=")]
        return [*rest, f"{ENTERED}="]

    def add_folders(lines: list[str]) -> list[str]:
        if others:
            inside = {f"{others[0]}/bin", *surroundings.folders[1:]} if others[0] else set()
            return [line for line in lines if line not in inside]
        wanted = list(reversed(surroundings.folders))
        return lines if lines[-len(wanted) :] == wanted else lines + wanted

    told = _change(variables, add_variables)
    return (_change(path, add_folders) or told) and not others


def _tell_circleci(surroundings: Surroundings, env: Mapping[str, str]) -> bool:
    """Add to the file that every bash of a later step reads first.

    Those within a step read it as well: an environment that the step has activated stays, and PATH does not grow.
    """
    path = quoted(":".join(surroundings.folders))
    line = f'case $PATH in {path}:*) ;; *) export PATH={path}:"$PATH" ;; esac'
    if surroundings.variables:
        values = " ".join(f"{name}={quoted(value)}" for name, value in surroundings.variables.items())
        line = f'if [ "${{VIRTUAL_ENV-}}" = "${{{ENTERED}-}}" ]; then export {values}; {line}; fi'
    line += _MARK

    def add(lines: list[str]) -> list[str]:
        entering = [before for before in lines if before.startswith("if ") and before.endswith(_MARK)]
        if line in lines:
            return lines
        if not surroundings.variables or not (entering or _SEVERAL in lines):
            return [*lines, line]
        shims = quoted(surroundings.folders[0])  # another project in the same step: neither is entered
        found = f'case $PATH in {shims}:*) ;; *) export PATH={shims}:"$PATH" ;; esac{_MARK}'
        rest = [before for before in lines if before not in entering]
        return rest + [new for new in (found, _SEVERAL) if new not in rest]

    return _change(env.get("BASH_ENV", ""), add, os.O_CREAT)


def _tell_azure(surroundings: Surroundings) -> None:
    """Print the commands that the agent looks for in the log, of which it has stderr as well."""
    for folder in reversed(surroundings.folders):
        tell_runner(f"##vso[task.prependpath]{escape_azure(folder)}")
    for name, value in surroundings.variables.items():
        tell_runner(f"##vso[task.setvariable variable={name}]{escape_azure(value)}")


def _change(path: str, change: Callable[[list[str]], list[str]], create: int = 0) -> bool:
    """Change the lines of the file at *path*; returns whether there was anything to change. Raises OSError.

    Lines at the end are appended at one go. Nothing but a regular file is written to: a variable may name anything.
    """
    if not path:
        return False
    try:
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC | create
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error
    with open(descriptor, "r+b", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        text = os.fsdecode(file.read())
        lines = text.split("\n")
        ended = not lines[-1]
        before = lines[:-1] if ended else lines
        after = change(before)
        if after == before:
            return False
        if after[: len(before)] == before:
            added = "".join(f"{line}\n" for line in after[len(before) :])
        else:
            file.truncate(0)
            added, ended = "".join(f"{line}\n" for line in after), True
        file.write(os.fsencode(added if ended else f"\n{added}"))
    return True
