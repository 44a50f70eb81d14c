"""What each kind of shell has on PATH: the user's shells are started and asked, all at once and not for long.

How a shell is started decides which files it reads: bash(1) INVOCATION, zsh(1) STARTUP/SHUTDOWN FILES, fish(1).
"""

import os
import select
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from pipshunt.doctor.diagnosis import World
from pipshunt.doctor.own_shell import find_stranger
from pipshunt.doctor.set_paths import login_path
from pipshunt.process import start_captured

TOOLS = ("pip", "pip3", "python", "python3", "uv")
HOOK = "_pipshunt_prompt"  # the function of our shell hook
ASKED = ("interactive", "login", "bash")  # the kinds of views that a shell is started for
_MOST_OUTPUT = 1 << 20
_GRACE = 0.03  # seconds for a shell to end when its terminal is closed
# What a session brings along and rc files look at before they start an agent or a multiplexer of their own.
_OF_THE_SESSION = (
    *("LANG", "LANGUAGE", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XDG_SESSION_ID"),
    *("DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_CONNECTION", "SSH_TTY", "TMUX", "TMUX_PANE"),
    *("STY", "WSL_DISTRO_NAME", "WSL_INTEROP"),
)


class View(NamedTuple):
    """What one kind of shell or service sees."""

    kind: str  # here, interactive, login, bash, sudo, cron, crontab, systemd
    label: str
    path: str | None  # PATH; None where that is not known
    words: Mapping[str, str]  # names that are no files there: what the alias says, "" for a function
    note: str = ""  # why PATH is not known
    status: int | None = None  # of a shell that ended before it answered

    @property
    def has_hook(self) -> bool:
        """Whether the shell has our hook, and so enters environments."""
        return HOOK in self.words


class Question(NamedTuple):
    """A shell that has been asked."""

    kind: str
    label: str
    pid: int
    reading: int


def ask_shells(world: World) -> list[Question]:
    """Start the user's shells with our question, each in a session of its own, without a terminal and at home.

    Not in the working directory: what lies there is somebody's project, and nothing of that is to be run.
    """
    if not world.shell:
        return []
    name = os.path.basename(world.shell)
    kinds = [("interactive", f"interactive {name}", world.shell, "-i"), ("login", f"login {name}", world.shell, "-l")]
    bash = next((path for path in ("/bin/bash", "/usr/bin/bash") if os.access(path, os.X_OK)), "")
    if name != "bash" and bash and not find_stranger([bash], world.uid):
        kinds.append(("bash", "bash -lc", bash, "-l"))
    env = session_environment(world)
    asked = []
    for kind, label, shell, option in kinds:
        argv = [shell, option, "-c", question_for(os.path.basename(shell), _mark())]
        try:
            words = ["/bin/sh", "-c", 'cd "$0" 2>/dev/null || cd /; exec "$@"', env["HOME"], *argv]
            pid, reading = start_captured(words, env, errors=False, session=True)
        except OSError:
            continue
        asked.append(Question(kind, label, pid, reading))
    return asked


def session_environment(world: World) -> dict[str, str]:
    """Return what a login gives to a shell, and what the session at hand adds that does not bear on PATH."""
    kept = {name: value for name, value in world.env.items() if name in _OF_THE_SESSION or name.startswith("LC_")}
    user = _user_name(world.uid)
    own = {"HOME": world.places.home or "/", "USER": user, "LOGNAME": user, "SHELL": world.shell, "TERM": "dumb"}
    return {**kept, **own, "PATH": login_path(world)}


def question_for(shell: str, mark: str) -> str:
    """Return the command that prints PATH, then what each tool's name means, each below a line that starts with *mark*.

    `command -v` (POSIX) prints a path, `alias NAME='…'`, or the bare name of a function.
    """
    names = " ".join((*TOOLS, HOOK))
    if shell == "fish":
        return (
            f"echo; echo {mark}:PATH; string join : -- $PATH; for name in {names}; echo {mark}:$name; "
            f"functions -q $name; and echo $name; end; echo {mark}:end"
        )
    return (
        f"printf '\\n%s\\n' '{mark}:PATH' \"$PATH\"; for _ps_name in {names}; do printf '%s\\n' \"{mark}:$_ps_name\"; "
        f"command -v \"$_ps_name\" || :; done; printf '%s\\n' '{mark}:end'"
    )


def read_answer(text: str, mark: str) -> tuple[str, dict[str, str]] | None:
    """Return PATH, and the names that are aliases (with what these say) or functions (""); None for no whole answer."""
    parts = {}
    for part in text.split(f"\n{mark}:")[1:]:
        name, _, said = part.partition("\n")
        parts[name.strip()] = said.strip("\n")
    if "end" not in parts or "PATH" not in parts:
        return None
    words = {}
    for name in (*TOOLS, HOOK):
        said = parts.get(name, "")
        if said == name:
            words[name] = ""
        elif said.startswith((f"alias {name}=", f"{name}=")):
            words[name] = said.partition("=")[2].strip("'\"")
    return parts["PATH"], words


def hear_answers(questions: Sequence[Question], deadline: float) -> list[View]:
    """Return what the shells have answered by *deadline* (monotonic); who has not is ended, with what it started."""
    said = {question.reading: "" for question in questions}
    waiting = list(said)
    while waiting:
        ready = select.select(waiting, [], [], max(0.0, deadline - time.monotonic()))[0]
        if not ready:
            break
        for reading in ready:
            chunk = os.read(reading, 65536)
            said[reading] += os.fsdecode(chunk)
            if not chunk or f"{_mark()}:end" in said[reading] or len(said[reading]) > _MOST_OUTPUT:
                waiting.remove(reading)
    views = []
    for question in questions:
        answer = read_answer(said[question.reading], _mark())
        os.close(question.reading)
        if answer:  # it ends by itself; its .bash_logout is not waited for
            views.append(View(question.kind, question.label, *answer))
            continue
        status = _find_status(question.pid, _GRACE if question.reading not in waiting else 0.0)
        _cut_off(question.pid)
        note = "(did not answer)" if status is None else f"(ended with status {status})"
        views.append(View(question.kind, question.label, None, {}, note, status))
    return views


def dismiss(questions: Sequence[Question]) -> None:
    """End the shells that were asked, answer or not."""
    for question in questions:
        with suppress(OSError):
            _cut_off(question.pid)


def _mark() -> str:
    return f"pipshunt-doctor-{os.getpid()}"


def _find_status(pid: int, seconds: float) -> int | None:
    """Return the exit status of a child that has ended, as the shell shows it; None if it does not within *seconds*."""
    end = time.monotonic() + seconds
    while True:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended:
            return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status
        if time.monotonic() >= end:
            return None
        time.sleep(0.002)


def _cut_off(pid: int) -> None:
    """End a shell and what it started: as a terminal does that is closed, and where that does not help for good."""
    for number, seconds in ((signal.SIGHUP, _GRACE), (signal.SIGKILL, 1.0)):
        with suppress(ProcessLookupError):
            os.killpg(pid, number)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
            time.sleep(0.002)


def _user_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
