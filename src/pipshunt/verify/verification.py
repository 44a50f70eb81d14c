"""`pipshunt verify`: finds the Python, what was asked for, and makes the checks, those of the OS beside the others."""

import os
import shutil  # noqa: TID253  (people's tier)
import sys
import tempfile  # noqa: TID253
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from pipshunt.lent_pip import find_runner
from pipshunt.places import find_places
from pipshunt.target import examine_target
from pipshunt.verify.asked import Asked, read_log, read_named
from pipshunt.verify.consistency import check_asked, check_consistency, find_asked
from pipshunt.verify.console_scripts import check_scripts
from pipshunt.verify.imports import check_imports
from pipshunt.verify.os_python import check_os_python
from pipshunt.verify.report import Report, table, to_json
from pipshunt.verify.result import FINDING, PYTHON, Result
from pipshunt.verify.subject import Found, NoPython, Subject, check_python, examine, find_python, settled_environment
from pipshunt.verify.trial import Trials, heeding_ends


class Request(NamedTuple):
    """What `pipshunt verify` was called with."""

    requirements: tuple[str, ...]
    files: tuple[str, ...]
    python: str
    seconds: float


def run_verify(request: Request, env: Mapping[str, str], cwd: str, uid: int, *, as_json: bool) -> int:
    """Verify, and print what was found; returns the exit status."""
    try:
        named = read_named(request.requirements, request.files, cwd)
    except OSError as error:
        print(f"pipshunt: {error.filename} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    with heeding_ends(), _neutral_folder() as folder:
        report = verify(request, named, env, cwd, uid, folder, lambda subject: check_os_python(subject, env, uid))
    text = to_json(report) if as_json else table(report)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + b"\n")
    return 1 if report.findings else 0


def verify(
    request: Request,
    named: Sequence[Asked],
    env: Mapping[str, str],
    cwd: str,
    uid: int,
    folder: str,
    check_os: Callable[[Subject], Iterable[Result]],
) -> Report:
    """Return what is well and what is not; *folder* is where nothing can be imported from by mistake.

    *check_os* looks at the OS's Python, beside the other checks.
    """
    from concurrent.futures import ThreadPoolExecutor

    env = settled_environment(env, cwd)
    exact = bool(request.requirements or request.files)
    try:
        found = find_python(request.python, env, cwd)
        if not exact:
            named = read_log(find_places(env, uid).log, found.prefix, env)
        subject = examine(found, request.python, named, _lent_pip(found, env, uid), env, folder)
    except NoPython as error:
        return Report(None, (), (Result(PYTHON, FINDING, request.python or "python3", str(error)),))
    asked = find_asked(subject, named, exact=exact)
    chosen = list(asked.values())
    trials = Trials(env, folder, request.seconds, _cores())
    with ThreadPoolExecutor(1) as beside:
        try:
            of_the_os = beside.submit(lambda: list(check_os(subject)))
            results = [
                *check_python(subject),
                *check_asked(subject, named, asked),
                *check_imports(subject, chosen, trials, cwd),
                *check_consistency(subject),
                *check_scripts(subject, chosen, trials, env, cwd, on_path=not request.python),
                *of_the_os.result(),
            ]
        finally:
            trials.end_strays()
    return Report(subject, tuple((one.name, one.version) for one in chosen), tuple(results))


def _cores() -> int:
    """Return how many processors are ours to use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _lent_pip(found: Found, env: Mapping[str, str], uid: int) -> str:
    """Return the folder of a pip that can read requirements for an environment without one, "" if there is none."""
    target = examine_target(found.base, (), env, "/", find_places(env, uid)._replace(cache=""))
    runner = find_runner(found.prefix, target.pip if target else "")
    return os.path.dirname(runner) if os.path.isfile(runner) else target.pip if target else ""


@contextmanager
def _neutral_folder() -> Iterator[str]:
    """Yield a new empty folder to start Python in; where none can be made, /, in which no module lies."""
    try:
        folder = tempfile.mkdtemp(prefix="pipshunt-verify-")
    except OSError:
        yield "/"
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
