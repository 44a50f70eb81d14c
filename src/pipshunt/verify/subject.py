"""The Python that is verified: the one that `python3` is here, found by running it, and what it says of itself."""

import glob
import json  # noqa: TID253  (people's tier)
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipshunt.search import path_folders
from pipshunt.verify.asked import Asked
from pipshunt.verify.inside import MARK
from pipshunt.verify.result import FINDING, PYTHON, Result

_OLDEST = (3, 8)  # its importlib.metadata is what inside.py reads with
_SECONDS = 120.0  # for a Python to describe itself: on a slow disk with a thousand distributions too


class Installed(NamedTuple):
    """One installed distribution, the first of its name on sys.path."""

    key: str  # its name, normalised
    name: str
    version: str
    info: str  # its .dist-info or .egg-info
    requested: bool
    optional: Mapping[str, str]  # what it requires for an extra alone: each name with that extra

    @property
    def site(self) -> str:
        """The folder that it is installed into."""
        return os.path.dirname(self.info)


class Subject(NamedTuple):
    """The Python that is verified."""

    typed: str  # what it was found as: python3, or what --python says
    executable: str
    version: str
    prefix: str
    base: str  # the interpreter behind it, resolved
    is_environment: bool
    stdlib: str
    scripts: str  # where console scripts go
    distributions: Mapping[str, Installed]
    damaged: tuple[str, ...]  # folders that should describe one and do not
    rules: str  # whose packaging library read the requirements, "" if there was none
    asked: tuple[Mapping[str, Any], ...]  # what inside.py says of each requirement
    problems: tuple[Mapping[str, str], ...]  # and of what does not fit

    def is_own(self, site: str) -> bool:
        """Whether *site* is this Python's own to install into: an environment's, or no folder of the OS's packages."""
        if self.is_environment:
            return os.path.realpath(site).startswith(os.path.realpath(self.prefix) + "/")
        return not site.startswith(("/usr/lib/", "/usr/lib64/"))


class NoPython(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """There is no Python to verify; the text says why."""


class Found(NamedTuple):
    """A Python on PATH, before it is asked more."""

    executable: str
    prefix: str
    base: str


def find_python(named: str, env: Mapping[str, str], cwd: str) -> Found:
    """Return what *named*, a path, a folder or a name on PATH, is when it runs in *cwd*. Raises NoPython.

    It is run there once: a shim, ours or another manager's, chooses by the folder.
    """
    typed = named or "python3"
    if "/" in typed or os.path.isdir(os.path.join(cwd, typed)):
        path = os.path.join(cwd, typed)
        found = os.path.join(path, "bin", "python") if os.path.isdir(path) else path
    else:
        places = [os.path.join(cwd, folder, typed) for folder in path_folders(env)]
        found = next((path for path in places if os.path.isfile(path) and os.access(path, os.X_OK)), "")
        broken = [
            f"{path} leads to {os.path.realpath(path)}, which is not there" for path in places if _is_broken(path)
        ]
        if not found:
            raise NoPython("; ".join([f"there is no {typed} on PATH", *broken]))
    base = "getattr(sys, '_base_executable', None) or sys.executable"
    words = f"sys.executable, sys.prefix, {base}, '%d.%d' % sys.version_info[:2]"
    answer = f"{MARK!r} + '\\0'.join([{words}]) + {MARK!r}"
    question = f"import os, sys; sys.stdout.write({answer}); sys.stdout.flush(); os._exit(0)"
    said = ask([found, "-I", "-B", "-c", question], env, cwd or "/")
    try:
        executable, prefix, base, version = said.split("\0")
        is_too_old = tuple(map(int, version.split("."))) < _OLDEST
    except ValueError as error:
        raise _no_answer(found, said) from error
    if is_too_old:
        raise NoPython(f"{executable or found} is Python {version}; only 3.8 and later can be verified")
    return Found(executable or found, prefix, os.path.realpath(base or found))


def examine(
    found: Found, typed: str, asked: Sequence[Asked], lent_pip: str, env: Mapping[str, str], folder: str
) -> Subject:
    """Return what *found* says of itself and of what was *asked* for, run in *folder*. Raises NoPython."""
    with open(os.path.join(os.path.dirname(__file__), "inside.py"), encoding="utf-8") as file:
        argv = [found.executable, "-B", "-c", file.read()]
    requirements = [{"text": one.text, "key": one.key, "url": one.url, "extras": one.extras} for one in asked]
    said = ask(argv, env, folder, json.dumps({"requirements": requirements, "pip": lent_pip}))
    try:
        return _read_subject(json.loads(said), typed, found)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _no_answer(found.executable, said) from error


def _read_subject(said: Any, typed: str, found: Found) -> Subject:
    """Read what inside.py has answered. Raises whatever an answer of another form leads to."""
    fields = ("key", "name", "version", "info", "requested", "optional")
    distributions = [Installed(*(entry.get(field, {}) for field in fields)) for entry in said["distributions"]]
    return Subject(
        typed or "python3",
        said["executable"] or found.executable,
        said["version"],
        said["prefix"],
        said["base"],
        said["prefix"] != said["base_prefix"],
        said["stdlib"],
        said["scripts"],
        {installed.key: installed for installed in distributions},
        tuple(said["damaged"]),
        said["rules"],
        tuple(said["asked"]),
        tuple(said.get("problems", ())),
    )


def _no_answer(program: str, said: str) -> NoPython:
    shown = said.strip()[:60]
    return NoPython(f"{program} does not answer as a Python does: {shown}" if shown else f"{program} answers nothing")


def ask(argv: Sequence[str], env: Mapping[str, str], folder: str, question: str = "") -> str:
    """Return what a Python answers between two MARKs. Raises NoPython."""
    import subprocess

    try:
        done = subprocess.run(
            argv, input=os.fsencode(question), capture_output=True, check=False, cwd=folder, env=env, timeout=_SECONDS
        )
    except OSError as error:
        raise NoPython(f"{argv[0]} does not run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise NoPython(f"{argv[0]} does not answer within {_SECONDS:g} s") from error
    parts = os.fsdecode(done.stdout).split(MARK)
    if len(parts) < 3:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoPython(f"{argv[0]} does not run: {lines[-1] if lines else f'exit status {done.returncode}'}")
    return parts[-2]


def check_python(subject: Subject) -> Iterator[Result]:
    """Yield what is wrong with the Python itself: an environment whose interpreter has become another version."""
    version = ".".join(subject.version.split(".")[:2])
    folders = [os.path.basename(path) for path in glob.glob(f"{glob.escape(subject.prefix)}/lib/python3*")]
    if subject.is_environment and folders and f"python{version}" not in folders:
        said = (
            f"{subject.prefix} was made for {', '.join(sorted(folders))}, and its interpreter is Python {version} now"
        )
        yield Result(PYTHON, FINDING, subject.prefix, f"{said}: nothing that is installed there is found")


def _is_broken(path: str) -> bool:
    return os.path.islink(path) and not os.path.exists(path)


def settled_environment(env: Mapping[str, str], cwd: str) -> dict[str, str]:
    """Return *env* for a run from another folder: what PYTHONPATH names relative to *cwd* keeps its meaning."""
    said = env.get("PYTHONPATH")
    if not said:
        return dict(env)
    return {**env, "PYTHONPATH": ":".join(os.path.join(cwd, folder) for folder in said.split(":"))}
