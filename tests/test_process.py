"""A command that is waited for, and its signals: as if nobody stood between."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipshunt.process import Child, capture, heed_interrupts, shell_status

SOURCE = str(Path(__file__).resolve().parent.parent / "src")
ENV = {"PATH": "/usr/bin:/bin"}
DRIVER = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
sys.path.insert(0, {SOURCE!r})
from pipshunt import process
sys.exit(process.end_as(process.Child(sys.argv[1:], os.environ).wait()))
"""
# Counts the signals it gets until it is left alone for a while, then says which they were.
COUNTER = """
import os, signal, sys, time
got = []
def note(number, frame):
    got.append(signal.Signals(number).name)
for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"):
    if signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN:
        signal.signal(getattr(signal, name), note)
print("ready", flush=True)
end = time.monotonic() + 10
while not got and time.monotonic() < end:
    time.sleep(0.01)
time.sleep(0.5)
print("got", *got, flush=True)
"""


def driven(*argv: str) -> list[str]:
    return [sys.executable, "-I", "-c", DRIVER, *argv]


def python(code: str) -> list[str]:
    return driven(sys.executable, "-I", "-c", code)


@pytest.mark.parametrize("status", [0, 1, 2, 3, 125, 126, 127, 128, 130, 254, 255])
def test_exit_statuses_come_through(status: int) -> None:
    assert subprocess.run(driven("/bin/sh", "-c", f"exit {status}"), check=False).returncode == status


@pytest.mark.parametrize(
    "name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL", "SIGSEGV", "SIGABRT", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGALRM"]
)
def test_a_death_by_signal_is_ours_too(name: str) -> None:
    done = subprocess.run(driven("/bin/sh", "-c", f"kill -{name[3:]} $$"), check=False)
    assert done.returncode == -getattr(signal, name)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"])
def test_a_signal_to_us_reaches_the_command_once(name: str) -> None:
    process = subprocess.Popen(python(COUNTER), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(getattr(signal, name))
    assert process.communicate(timeout=15)[0] == f"got {name}\n"
    assert process.returncode == 0


def test_an_interrupt_of_the_whole_group_reaches_a_command_that_ends_by_it_once() -> None:
    code = COUNTER.replace("time.sleep(0.5)", "time.sleep(0.05)")
    process = subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=15)[0] == "got SIGINT\n"


def test_what_the_caller_ignores_the_command_ignores() -> None:
    argv = ["/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", *python(COUNTER)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=15)[0] == "got SIGTERM\n"


def in_terminal(argv: list[str], typed: bytes) -> tuple[bytes, int]:
    """Run *argv* on a terminal of its own, type once it is ready, and return what was shown and the wait status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    shown, end = b"", time.monotonic() + 15
    while time.monotonic() < end and select.select([terminal], [], [], 15)[0]:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other side has closed
            break
        shown += chunk
        if typed and b"ready" in shown:
            os.write(terminal, typed)
            typed = b""
    os.close(terminal)
    return shown, os.waitpid(pid, 0)[1]


def test_ctrl_c_reaches_the_command_once() -> None:
    shown, status = in_terminal(python(COUNTER), b"\x03")
    assert shown.split() == [b"ready", b"^Cgot", b"SIGINT"]
    assert status == 0


def test_ctrl_c_kills_a_command_that_does_not_mind_it() -> None:
    _, status = in_terminal(driven("/bin/sh", "-c", "echo ready; exec sleep 20"), b"\x03")
    assert os.WTERMSIG(status) == signal.SIGINT


def test_the_command_has_the_terminal() -> None:
    code = (
        "import os, sys\nprint(*(os.isatty(n) for n in range(3)), os.tcgetpgrp(0) == os.getpgrp(), 'ready', flush=True)\n"
        "print('read', input())"
    )
    shown, status = in_terminal(python(code), b"yes\n")
    assert shown.split() == [b"True", b"True", b"True", b"True", b"ready", b"yes", b"read", b"yes"]
    assert status == 0


def test_the_command_has_our_input_and_descriptors() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"extra")
    os.close(writing)
    code = f"import os, sys; print(sys.stdin.read(), os.read({reading}, 9).decode())"
    done = subprocess.run(python(code), input="typed", capture_output=True, text=True, check=True, pass_fds=[reading])
    os.close(reading)
    assert done.stdout == "typed extra\n"


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="signal masks are read from /proc")
def test_the_command_has_the_signal_mask_and_dispositions_of_our_caller() -> None:
    grep = ["/bin/grep", "^Sig[BI]", "/proc/self/status"]
    direct, through = (
        [
            int(line.split()[1], 16) & ~(3 << 31)
            for line in subprocess.run(argv, capture_output=True, check=True).stdout.splitlines()
        ]
        for argv in (grep, driven(*grep))
    )
    assert through == direct  # but for 32 and 33, which are the C library's own


def test_one_that_cannot_start_leaves_the_signals_as_they_were() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with pytest.raises(NotADirectoryError):
        Child(["/dev/null/none"], ENV)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
    assert Child(["/bin/sh", "-c", "exit 3"], ENV).wait() == 3 << 8
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_the_status_as_the_shell_shows_it() -> None:
    assert [shell_status(status) for status in (0, 1 << 8, 255 << 8, 2, 9, 15, 11 | 0x80)] == [
        0,
        1,
        255,
        130,
        137,
        143,
        139,
    ]


@pytest.mark.parametrize(
    ("script", "errors", "expected"),
    [
        ("echo one; echo two >&2", True, (0, "one\ntwo\n")),
        ("echo one; echo two >&2", False, (0, "one\n")),
        ("exit 7", True, (7, "")),
        ("kill -9 $$", True, (137, "")),
        ("printf '\\351'", True, (0, "\udce9")),
        ("cat", True, (0, "")),
    ],
)
def test_what_is_captured(script: str, errors: bool, expected: tuple[int, str]) -> None:
    assert capture(["/bin/sh", "-c", script], ENV, errors=errors) == expected


def test_much_is_captured() -> None:
    status, output = capture([sys.executable, "-I", "-c", "print('x' * 3_000_000)"], ENV)
    assert (status, len(output)) == (0, 3_000_001)


def test_one_that_takes_too_long_is_killed() -> None:
    start = time.monotonic()
    assert capture(["/bin/sh", "-c", "echo begun; exec sleep 30"], ENV, seconds=0.3) == (137, "begun\n")
    assert time.monotonic() - start < 5


def test_one_that_still_runs_when_we_are_interrupted_is_killed(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    with pytest.raises(KeyboardInterrupt):
        capture(["/bin/sh", "-c", f"echo $$ >{tmp_path}/pid; exec sleep 30"], ENV)
    signal.signal(signal.SIGALRM, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_capturing_leaks_no_descriptor() -> None:
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(NotADirectoryError):
        capture(["/dev/null/none"], ENV)
    capture(["/bin/sh", "-c", "exit 0"], ENV)
    assert len(os.listdir("/dev/fd")) == before


@pytest.mark.parametrize(
    ("before", "after"), [(signal.SIG_DFL, signal.default_int_handler), (signal.SIG_IGN, signal.SIG_IGN)]
)
def test_an_interrupt_raises_again_unless_it_is_ignored(before: signal.Handlers, after: object) -> None:
    kept = signal.signal(signal.SIGINT, before)
    try:
        heed_interrupts()
        assert signal.getsignal(signal.SIGINT) == after
    finally:
        signal.signal(signal.SIGINT, kept)
