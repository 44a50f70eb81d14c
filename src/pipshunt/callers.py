"""Who called: the commands of our ancestors, and the shell among them.

On Linux this reads /proc itself: a refusal has 25 ms of CPU to stay within, and importing psutil takes 11 of them.
"""

import os
from collections.abc import Iterator, Mapping, Sequence

from pipshunt.redact import redact

_SHELLS = ("bash", "zsh", "fish", "dash", "sh", "ash", "ksh", "mksh", "csh", "tcsh", "pwsh", "nu", "xonsh", "elvish")
_GENERATIONS = 10


def find_callers() -> tuple[tuple[str, ...], ...]:
    """Return the argv of our ancestors, nearest first, up to ten of them; () where the system does not tell."""
    found = _from_proc(os.getppid()) if os.path.isdir("/proc/self") else _from_psutil()
    return tuple(argv for argv in found if argv)


def describe_callers(callers: Sequence[Sequence[str]]) -> list[str]:
    """Return three words of each: enough to know a script by; the rest may hold anything, secrets too."""
    return [" ".join(word[:80] for word in redact(argv[:3])) for argv in callers]


def find_shell(callers: Sequence[Sequence[str]], env: Mapping[str, str]) -> str:
    """Return the name of the nearest shell that called, else of the one that SHELL names; "" if none is known."""
    for argv in callers:
        name = os.path.basename(argv[0]).lstrip("-")
        if name in _SHELLS:
            return name
    return os.path.basename(env.get("SHELL", ""))


def _from_proc(pid: int) -> Iterator[tuple[str, ...]]:
    for _ in range(_GENERATIONS):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                argv = os.fsdecode(file.read(4096)).split("\0")
            with open(f"/proc/{pid}/stat", "rb") as file:
                status = file.read()
        except OSError:
            return  # another user's, hidden by hidepid, or gone
        yield tuple(argv[:-1])
        pid = int(status.rpartition(b")")[2].split()[1])  # proc(5): the name in brackets may hold anything
        if pid == 0:
            return


def _from_psutil() -> Iterator[tuple[str, ...]]:
    import psutil

    try:
        for parent in psutil.Process().parents()[:_GENERATIONS]:
            yield tuple(parent.cmdline() or [parent.name()])
    except psutil.Error:
        return
