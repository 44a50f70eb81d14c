"""Running programs and waiting for them as if they were us. By posix_spawn: subprocess costs 11 ms to import."""

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, NoReturn

# What a terminal or a supervisor sends to a command that it believes to be pip.
_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
# Ignored by CPython from its start on, and so by whatever it execs, which a shell would not have done to it.
IGNORED_BY_CPYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_FROM_KERNEL = 0x80  # SI_KERNEL in si_code: the terminal's own, which the child has got too
_MOST_OUTPUT = 1 << 25  # bytes: more is no answer to anything that we ask
_GRACE = 0.2  # seconds a child has to stop on a SIGINT of its own before we pass ours on


class Child:
    """A running command; while it runs, signals wait for `wait_for` to pass them on."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str]) -> None:
        """Start *argv* with our descriptors; raises OSError when it cannot be started."""
        watched = {*_FORWARDED, signal.SIGCHLD}
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
        try:
            self.pid = os.posix_spawn(argv[0], list(argv), env, setsigmask=self._before, setsigdef=IGNORED_BY_CPYTHON)
        except OSError:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before)
            raise

    def wait(self) -> int:
        """Wait to the end and return the wait status; signals sent to us go to the child."""
        try:
            while True:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    return status
                self._pass_on(_next_signal())
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before)

    def _pass_on(self, received: tuple[int, bool]) -> None:
        """Pass a signal on, unless the terminal sent it to the whole foreground group: twice is once too often."""
        number, by_terminal = received
        if number == signal.SIGCHLD or by_terminal:
            return
        if number == signal.SIGINT and self._ends_within(_GRACE):
            return
        os.kill(self.pid, number)

    def _ends_within(self, seconds: float) -> bool:
        """Whether the child ends by itself: kill(-group, SIGINT) has reached it as well."""
        if not hasattr(signal, "sigtimedwait"):
            return False
        signal.sigtimedwait([signal.SIGCHLD], seconds)
        return bool(os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))


def _next_signal() -> tuple[int, bool]:
    watched = [*_FORWARDED, signal.SIGCHLD]
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(watched)
        return info.si_signo, info.si_code == _FROM_KERNEL
    return signal.sigwait(watched), sys.stdin.isatty()  # macOS does not say who sent it


def heed_interrupts() -> None:
    """Have Ctrl-C raise KeyboardInterrupt, from where on there is something to put back; an ignored one stays so."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def become(argv: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Become *argv*: same process, same descriptors. A script without a first line is run by sh, as execvp(3) has it.

    Raises OSError.
    """
    for number in IGNORED_BY_CPYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execve(argv[0], list(argv), env)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    os.execve("/bin/sh", ["sh", *argv], env)


def end_as(status: int) -> int:
    """Return the exit status of a child, or die of the signal that it died of, so that our caller sees the same."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return os.waitstatus_to_exitcode(status)


def shell_status(status: int) -> int:
    """Return a wait status as the shell shows it: 128 + n for a child that died of signal n."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Captured(NamedTuple):
    """A running command whose output comes to us."""

    pid: int
    reading: int  # the descriptor that its output is read from


def capture(
    argv: Sequence[str], env: Mapping[str, str], *, seconds: float = 600, errors: bool = True
) -> tuple[int, str]:
    """Run *argv* without input; return its exit status (as the shell shows it) and what it printed, *errors* included.

    After *seconds*, or when we are interrupted, it is killed. Raises OSError if it cannot start.
    """
    return finish_captured(start_captured(argv, env, errors=errors), seconds=seconds, within=seconds)


def start_captured(
    argv: Sequence[str], env: Mapping[str, str], *, errors: bool = True, log: int = -1, session: bool = False
) -> Captured:
    """Start *argv* without input, its output for `finish_captured` to read. Raises OSError if it cannot start.

    *log*: a descriptor that takes what it prints on stderr. *session*: in one of its own, without a terminal.
    """
    reading, writing = os.pipe()
    null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    actions = [(os.POSIX_SPAWN_DUP2, source, number) for number, source in enumerate((null, writing, writing))]
    if log >= 0 or not errors:
        actions[2] = (os.POSIX_SPAWN_DUP2, log if log >= 0 else null, 2)
    try:
        pid = _spawn(argv, env, actions, session=session)
    except OSError:
        os.close(reading)
        raise
    finally:
        os.close(writing)
        os.close(null)
    return Captured(pid, reading)


def _spawn(argv: Sequence[str], env: Mapping[str, str], actions: list[tuple[int, int, int]], *, session: bool) -> int:
    try:
        return os.posix_spawn(
            argv[0], list(argv), env, file_actions=actions, setsid=session, setsigdef=IGNORED_BY_CPYTHON
        )
    except NotImplementedError:  # of setsid, by an old libc; without a terminal to lose, a group of its own does
        return os.posix_spawn(argv[0], list(argv), env, file_actions=actions, setpgroup=0, setsigdef=IGNORED_BY_CPYTHON)


def abandon(child: Captured) -> None:
    """Kill *child*: nobody wants its output any more."""
    os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    os.close(child.reading)


def finish_captured(
    child: Captured, *, seconds: float = 600, within: float = 0, go_on: Callable[[], bool] = lambda: False
) -> tuple[int, str]:
    """Read to the end, and return what `capture` returns; *go_on* is asked after *seconds* of silence, each time.

    *within*: seconds for all of it, 0 for no limit. What prints without end is killed too.
    """
    import select

    end = time.monotonic() + within
    output = b""
    try:
        while True:
            patience = min(seconds, max(0.0, end - time.monotonic())) if within else seconds
            if len(output) <= _MOST_OUTPUT and select.select([child.reading], [], [], patience)[0]:
                chunk = os.read(child.reading, 65536)
                if not chunk:
                    break
                output += chunk
            elif len(output) > _MOST_OUTPUT or not go_on():
                os.kill(child.pid, signal.SIGKILL)
                break
    except BaseException:  # Ctrl-C: nobody waits for it any more, and it would go on writing
        abandon(child)
        raise
    os.close(child.reading)
    return shell_status(os.waitpid(child.pid, 0)[1]), os.fsdecode(output)
