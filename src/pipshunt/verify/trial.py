"""Trials: programs that are run to see how they end, several at once, each for a limited time. Nothing of them stays.

Each is the leader of a session of its own, so that it has no terminal to ask, and is killed with all that it started;
what went on to sessions of its own is found by a mark in its environment, where there is a /proc.
"""

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

_MARK = "PIPSHUNT_VERIFYING"
_KEPT = 65536  # bytes of what it prints: the end of it
_PAUSE = 0.02


class Ended(NamedTuple):
    """How a trial ended."""

    status: int | None  # negative for a signal, as subprocess has it; None: it was killed when its time was over
    error: str  # the last line of its stderr, "" if there was none
    seconds: float


class Trials:
    """Where trials are run: the environment, the folder, the time for each."""

    def __init__(self, env: Mapping[str, str], folder: str, seconds: float, at_once: int) -> None:
        """Keep what all have in common."""
        self.mark = f"{os.getpid()}-{os.urandom(8).hex()}"
        self.env = {**env, _MARK: self.mark}
        self.folder = folder
        self.seconds = seconds
        self.at_once = at_once
        self._over = threading.Event()

    def run_all(self, commands: Sequence[Sequence[str]]) -> list[Ended]:
        """Run *commands*, and return how they ended, in their order. What we are interrupted by ends them."""
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(self.at_once) as pool:
            try:
                return list(pool.map(self.run, commands))
            except BaseException:
                self._over.set()
                pool.shutdown(cancel_futures=True)
                raise

    def run(self, command: Sequence[str]) -> Ended:
        """Run one, without input; of what it prints on stderr only the end is kept."""
        import subprocess

        started = time.monotonic()
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=writing,
                cwd=self.folder,
                env=self.env,
                start_new_session=True,
            )
        except OSError as error:
            os.close(reading)
            return Ended(127, f"{command[0]} cannot be run: {error.strerror}", 0.0)
        finally:
            os.close(writing)
        said = b""
        while self._goes_on(process.poll(), started):
            said = (said + _read_some(reading))[-_KEPT:]
        status = process.poll()
        with contextlib.suppress(OSError):  # all of its group has ended
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if status is not None:
            said += _read_rest(reading)
        os.close(reading)
        return Ended(status, _last_line(said), round(time.monotonic() - started, 3))

    def end_strays(self) -> None:
        """Kill what trials have left running in sessions of its own."""
        for pid in _marked(f"{_MARK}={self.mark}".encode()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)

    def _goes_on(self, status: int | None, started: float) -> bool:
        return status is None and not self._over.is_set() and time.monotonic() - started < self.seconds


@contextlib.contextmanager
def heeding_ends() -> Iterator[None]:
    """Have what ends us, as a CI's time limit does, end the trials first; the exit status is as if it had killed us."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before: list[Callable[..., object] | int | None] = [signal.getsignal(number) for number in numbers]
    for number, handler in zip(numbers, before, strict=True):
        if handler is signal.SIG_DFL:
            signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            if handler is signal.SIG_DFL:
                signal.signal(number, signal.SIG_DFL)


def tell_end(ended: Ended, seconds: float) -> str:
    """Return in words how a trial ended that was no success."""
    if ended.status is None:
        return f"not done after {seconds:g} s, so it was killed" + (f"; it said: {ended.error}" if ended.error else "")
    if ended.status < 0:
        return f"killed by {_signal_name(-ended.status)}" + (f"; it said: {ended.error}" if ended.error else "")
    if ended.status != 1:
        return f"it ends Python with exit status {ended.status}" + (f"; it said: {ended.error}" if ended.error else "")
    return ended.error or "it ends Python with exit status 1"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _read_some(reading: int) -> bytes:
    """Return what can be read now, at least after a moment; whoever has closed its end is not read in a hurry."""
    if select.select([reading], [], [], _PAUSE)[0]:
        chunk = os.read(reading, _KEPT)
        if chunk:
            return chunk
        time.sleep(_PAUSE)
    return b""


def _read_rest(reading: int) -> bytes:
    """Return what is in the pipe by now, for a child that went away may still hold its other end."""
    said = b""
    while len(said) <= 16 * _KEPT and select.select([reading], [], [], 0)[0]:
        chunk = os.read(reading, _KEPT)
        if not chunk:
            break
        said += chunk
    return said


def _last_line(said: bytes) -> str:
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:500] if lines else ""


def _marked(mark: bytes) -> Iterator[int]:
    """Yield the processes whose environment holds *mark*."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdecimal() and int(name) != os.getpid():
            with contextlib.suppress(OSError), open(f"/proc/{name}/environ", "rb") as file:
                if mark in file.read().split(b"\0"):
                    yield int(name)
