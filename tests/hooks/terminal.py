"""A shell at a terminal of its own: lines are typed into it, and what is asked of it comes back by a file."""

import fcntl
import os
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from machine import USER

TIMEOUT = 20.0
PASSING = ("PWD", "OLDPWD", "_", "SHLVL", "PIPSHUNT_HOOK", "PS1")  # the last one because activate exports it


class Terminal:
    """One interactive shell; what it prints is kept in `seen`."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, answers: Path) -> None:
        self.shell = os.path.basename(argv[0])
        self.answers = answers
        self.count = 0
        self.seen = b""
        self.end, other = os.openpty()
        user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
        self.process = subprocess.Popen(
            argv,
            env={"TERM": "xterm", **env},
            cwd=cwd,
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509  (a session of its own, so the terminal must be taken)
            **user,
        )
        os.close(other)

    def type(self, line: str) -> str:
        """Type *line* and wait until it has been carried out and the next prompt has come; return what was printed."""
        self.count += 1
        start, done = len(self.seen), self.answers.parent / f"done-{self.count}"
        os.write(self.end, os.fsencode(line) + b"\n")
        os.write(self.end, os.fsencode(f" true > {done}\n"))
        self._wait_for(done)
        return self.seen[start:].decode(errors="replace")

    def environment(self) -> dict[str, str]:
        """Return the environment that a command gets, but for what changes with each."""
        pairs = (entry.partition("=") for entry in self._answer("command env -0"))
        return {name: value for name, _, value in pairs if name not in PASSING and "pipshunt_" not in name}

    def prompt(self) -> str:
        """Return the prompt as it is set; fish's is what its function prints."""
        (prompt,) = self._answer(
            "fish_prompt; printf '\\0'" if self.shell == "fish" else """printf '%s\\0' "${PS1-}\""""
        )
        return prompt

    def value(self, *words: str) -> list[str]:
        """Return what *words* of the shell come to."""
        return self._answer(f"printf '%s\\0' {' '.join(words)}")

    def _answer(self, command: str) -> list[str]:
        self.answers.unlink(missing_ok=True)
        begin, end = ("begin;", "; end") if self.shell == "fish" else ("{", "; }")
        self.type(f" {begin} {command}{end} > {self.answers}")
        return os.fsdecode(self.answers.read_bytes()).split("\0")[:-1]

    def text(self) -> str:
        """Return what was printed so far, but for the lines that were typed."""
        lines = self.seen.decode(errors="replace").splitlines(keepends=True)
        return "".join(line for line in lines if str(self.answers.parent) not in line)

    def children(self) -> int:
        """Return the page faults of all processes that the shell has started and seen end: more with each, proc(5)."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[8])

    def close(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.end)

    def _wait_for(self, file: Path) -> None:
        end = time.monotonic() + TIMEOUT
        while not file.exists():
            self._read(0.02)
            assert time.monotonic() < end, self.seen.decode(errors="replace")
            assert self.process.poll() is None, self.seen.decode(errors="replace")
        file.unlink()
        self._read(0)

    def _read(self, seconds: float) -> None:
        while select.select([self.end], [], [], seconds)[0]:
            try:
                self.seen += os.read(self.end, 65536)
            except OSError:  # the shell has ended
                return
            seconds = 0


def _take_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
