"""Timing two commands in turn, A B A B …, so that a machine whose speed drifts slows both alike."""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple


class Run(NamedTuple):
    """One finished run: seconds of wall clock and of CPU (user and system, children included)."""

    wall: float
    cpu: float


class Command(NamedTuple):
    """A command to time; `before` puts its stage back as it was, outside of the clock."""

    argv: Sequence[str]
    env: Mapping[str, str]
    cwd: str
    before: Callable[[], None] | None = None


def time_once(command: Command) -> Run:
    """Run *command* once with its output thrown away."""
    if command.before:
        command.before()
    null = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    os.chdir(command.cwd)
    start = time.perf_counter()
    pid = os.posix_spawn(command.argv[0], list(command.argv), dict(command.env), file_actions=actions)
    _, _, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.close(null)
    return Run(wall, used.ru_utime + used.ru_stime)


def compare(name: str, ours: Command, bare: Command, runs: int) -> str:
    """Return a line: medians of both in milliseconds, the median difference, and the median ratio of CPU and wall."""
    for command in (ours, bare):
        time_once(command)
    pairs = [(time_once(ours), time_once(bare)) for _ in range(runs)]
    median = statistics.median
    return (
        f"{name:<46} {1000 * median(a.wall for a, _ in pairs):8.2f} {1000 * median(b.wall for _, b in pairs):8.2f}"
        f" {1000 * median(a.wall - b.wall for a, b in pairs):+9.2f} {median(a.wall / b.wall for a, b in pairs):7.2f}"
        f" {median(a.cpu / max(b.cpu, 1e-6) for a, b in pairs):7.2f}"
    )
