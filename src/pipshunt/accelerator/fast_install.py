"""uv in pip's place: what pip would have installed, sooner, or nothing at all.

uv installs into a stage beside the environment; what it has chosen is questioned there, described as pip describes it,
and moved in at one go. Whatever goes wrong before leaves the environment as it was, and pip's turn comes.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.accelerator import voice
from pipshunt.accelerator.compilation import CannotCompile
from pipshunt.accelerator.pip_library import load_pip_library
from pipshunt.accelerator.retrace import Root, retrace
from pipshunt.accelerator.snapshot import Unclear, project_lookup, take_snapshot
from pipshunt.accelerator.staged_install import HELD, Job, PipsTurn, install, is_direct
from pipshunt.environment import read_settings, version_of

if TYPE_CHECKING:
    from pipshunt.accelerator.counterpart import Counterpart

# uv's options that say where packages come from and how it behaves, with the number of words that follow: none of them
# changes what counts as installed already.
_HARMLESS = {
    "--python": 1, "--link-mode": 1, "--index-strategy": 1, "--prerelease": 1, "--prerelease-package": 1,
    "--index-url": 1, "--extra-index-url": 1, "--find-links": 1, "--cert": 1, "--allow-insecure-host": 1,
    "--keyring-provider": 1, "--no-binary": 1, "--only-binary": 1, "--refresh-package": 1, "--refresh": 0,
    "--no-index": 0, "--system-certs": 0, "--no-config": 0, "--no-sources": 0, "--no-progress": 0,
    "--no-python-downloads": 0, "--compile-bytecode": 0, "--no-cache": 0, "--no-deps": 0, "--quiet": 0, "-q": 0,
}  # fmt: skip


class Fast(NamedTuple):
    """How it ended: pip's wait status; or None, and the *reason* why pip has to run."""

    status: int | None
    reason: str = ""


class _Stopped(BaseException):
    """A signal has come that would have ended pip."""

    def __init__(self, number: int) -> None:
        self.number = number


def install_fast(
    uv: str, counterpart: "Counterpart", environment: str, env: Mapping[str, str], cwd: str, pip: str
) -> Fast:
    """Do with *uv* exactly what pip would do in *environment*, and say what it would say.

    *pip* is the folder of the pip package that serves an environment without one. With a reason instead of a status,
    the environment is as it was.
    """
    try:
        with _signals_raised():
            job = _prepare(uv, counterpart, environment, env, cwd, pip)
            lines = _tell_satisfied(job)
            if lines is None:
                lines = install(job)
            return Fast(_print(lines) if counterpart.quiet <= 0 else 0)
    except _Stopped as stopped:
        if stopped.number != signal.SIGINT:
            return Fast(stopped.number)
        _write(2, "ERROR: Operation cancelled by user\n")
        return Fast(1 << 8)
    except (PipsTurn, Unclear, CannotCompile) as reason:
        return Fast(None, str(reason))
    except OSError as error:
        return Fast(None, f"{error.filename or environment}: {error.strerror}")
    except Exception as error:  # noqa: BLE001  (pip's own library, and metadata of anybody's making: pip knows better)
        return Fast(None, f"{type(error).__name__}: {error}")


def _prepare(uv: str, counterpart: "Counterpart", environment: str, env: Mapping[str, str], cwd: str, pip: str) -> Job:
    name = version_of(environment)
    if not name.removeprefix("python3.").isdecimal():
        raise PipsTurn(f"{environment} is not CPython's")
    if "--no-build-isolation" in counterpart.argv:
        raise PipsTurn("without build isolation, packages are built with what the environment holds")
    for variable in ("PYTHONPYCACHEPREFIX", "PYTHONOPTIMIZE"):
        if env.get(variable):
            raise PipsTurn(f"{variable} is set, so pip compiles to other places")
    site = os.path.join(environment, "lib", name, "site-packages")
    own = os.path.join(site, "pip")
    version = _full_version(environment)
    if not version.startswith(name.removeprefix("python") + "."):
        raise PipsTurn(f"{environment} does not tell its version")
    library = load_pip_library(own if os.path.isfile(os.path.join(own, "__init__.py")) else pip, version)
    return Job(uv, counterpart, environment, version, env, cwd, take_snapshot(site), library)


def _full_version(environment: str) -> str:
    """Return the interpreter's version as the environment's maker wrote it down: 3.11.2."""
    said = read_settings(environment) or {}
    return ".".join((said.get("version_info") or said.get("version", "")).split(".")[:3])


def _tell_satisfied(job: Job) -> list[str] | None:
    """Return what pip says if all that is asked for is there; None if something is not, or may have to be changed."""
    requested = job.counterpart.requested
    if not requested or not _only_harmless(job.counterpart.argv):
        return None
    if any(map(is_direct, requested)):
        return None
    before = project_lookup(job.snapshot)
    roots = [Root(text, origin) for text, origin in zip(requested, job.counterpart.origins, strict=True)]
    way = retrace(roots, (), before, before, frozenset(), job.library, dependencies=not job.says("--no-deps"))
    said = voice.in_normal_form(before, job.library)
    return None if way.missing else voice.tell_met(way, said, job.snapshot.site, job.cwd)


def _only_harmless(argv: tuple[str, ...]) -> bool:
    words = iter(argv[2:])
    for word in words:
        if word == "--":
            return True
        if word not in _HARMLESS:
            return False
        for _ in range(_HARMLESS[word]):
            next(words, "")
    return True


def _print(lines: list[str]) -> int:
    """Print on stdout, and return the wait status: pip's own where stdout is broken."""
    if _write(1, "".join(f"{line}\n" for line in lines)):
        return 0
    _write(2, "ERROR: Pipe to stdout was broken\n")
    return 120 << 8


def _write(descriptor: int, text: str) -> bool:
    data = memoryview(text.encode("utf-8", "surrogateescape"))
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except OSError:
        return False
    return True


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Have the signals that end pip end what is done within, as `_Stopped`: only the stage is at stake."""

    def stop(number: int, _: FrameType | None) -> None:
        raise _Stopped(number)

    heeded = [number for number in HELD if signal.getsignal(number) is not signal.SIG_IGN]
    before = [(number, signal.signal(number, stop)) for number in heeded]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)
