"""What an interpreter runs at its start where transparent mode is on: it hands a pip command over to the engine.

`pipshunt-transparent.pth` (startup_hook.py) runs this file within `site`, in the interpreter at hand (3.10 or newer),
before anything of pip. It imports nothing that `site` has not, and whatever is odd, the interpreter goes on as it was.
"""

import os
import sys
from _collections_abc import Mapping, Sequence  # as os has them: `collections` would have to be imported

HOOKED = "pipshunt-transparent"  # the name that the hook runs this file under
_READING = {"list", "freeze", "show", "check", "inspect"}
_MARKER = "EXTERNALLY-MANAGED"
_MACHINE_STATE = "/var/lib/pipshunt"
_END = b"\n    sys.exit(start(sys.argv))\n"  # of boot.py


def hand_over(file: str) -> None:
    """Become the engine, with the command line at hand, if that is a pip's that may concern it; else return.

    Raises OSError where the engine cannot be started.
    """
    words = find_pip_words(sys.orig_argv, sys.argv)
    if words is None or not sys.executable or sys.prefix != sys.base_prefix:
        return
    if sys.flags.isolated or sys.flags.no_site:  # the latter: somebody calls site by hand, in mid-program
        return
    if not may_concern(words, os.environ) or not os.path.isfile(os.path.join(os.path.dirname(os.__file__), _MARKER)):
        return
    engine, python, boot = _find_engine(file)
    if not _is_trusted(boot) or not _is_whole(boot) or not _starts(python):
        return
    guard = os.environ.get("PIPSHUNT_GUARD", "").split(":", 3)
    count, since = guard[:2] if len(guard) == 4 else ("1", "")
    env = {**os.environ, "PIPSHUNT_GUARD": f"{count}:{since}:{os.getpid()}:{file}"}
    name = os.path.basename(sys.executable)
    shim = os.path.join(engine, name if name.startswith("python") else "python3")
    argv = [python, "-I", "-S", boot, original_locale(os.environ), shim, sys.executable, *sys.orig_argv[1:]]
    os.execve(python, argv, env)


def find_pip_words(orig_argv: Sequence[str], argv: Sequence[str]) -> Sequence[str] | None:
    """Return pip's own arguments if that is what the interpreter was started with, else None.

    CPython has read its own options by now: `argv` is ["-m" or the script, its arguments…] (Python/initconfig.c), the
    end of `orig_argv`; all of it where a program embeds Python. What pip starts itself (`__pip-runner__.py`, for builds
    and for --python) belongs to a pip that we have seen.
    """
    if not 0 < len(argv) < len(orig_argv):
        return None
    word = orig_argv[-len(argv)]
    if argv[0] == "-m":
        module = word.partition("m")[2] if word.startswith("-") else word
        return argv[1:] if module in ("pip", "pip.__main__") else None
    _, slash, name = word.rpartition("/")
    is_pip = name.startswith("pip") and (name == "pip" or all(part.isdecimal() for part in name[3:].split(".")))
    return argv[1:] if word == argv[0] and slash and is_pip else None


def may_concern(words: Sequence[str], env: Mapping[str, str]) -> bool:
    """Whether a pip with these *words* could be the engine's to decide, and was not decided by it already.

    The same process in the guard: the shim or this file has handed it over, and the engine has let it pass. Its parent
    in it, with --break-system-packages: the engine itself has added that, and waits for it.
    """
    if env.get("PIPSHUNT") == "off":
        return False
    pid = [*env.get("PIPSHUNT_GUARD", "").split(":", 3), "", "", ""][2]
    if pid == str(os.getpid()) or (pid == str(os.getppid()) and "--break-system-packages" in words):
        return False
    if "install" in words or "uninstall" in words:
        return True
    if _READING.isdisjoint(words):
        return False
    if env.get("VIRTUAL_ENV") or env.get("CONDA_PREFIX"):
        return True
    return any(os.path.isdir(os.path.join(state, "follow")) for state in (_MACHINE_STATE, own_state(env)))


def own_state(env: Mapping[str, str]) -> str:
    """Return the folder of the user's registrations, as shims/shim has it."""
    if os.geteuid() == 0:
        return _MACHINE_STATE
    state, home = env.get("XDG_STATE_HOME", ""), env.get("HOME", "")
    if state.startswith("/"):
        return os.path.join(state, "pipshunt")
    return os.path.join(home, ".local/state/pipshunt") if home.startswith("/") else "/nonexistent"


def original_locale(env: Mapping[str, str], environ: str = "/proc/self/environ") -> str:
    """Return `=VALUE` of the LC_CTYPE that the process was started with, "" if it had none.

    CPython may have set another for itself (PEP 538); the kernel still shows the first one. Where there is no such
    file, the one at hand has to do.
    """
    try:
        with open(environ, "rb") as file:
            first = file.read().split(b"\0")
    except OSError:
        return "=" + env["LC_CTYPE"] if "LC_CTYPE" in env else ""
    return next((os.fsdecode(entry[len(b"LC_CTYPE") :]) for entry in first if entry.startswith(b"LC_CTYPE=")), "")


def _find_engine(file: str) -> tuple[str, str, str]:
    """Return the engine's environment, its Python and its boot.py, from where this file lies in it."""
    package = os.path.dirname(os.path.dirname(file))
    engine = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(package))))
    return engine, os.path.join(engine, "bin", "python"), os.path.join(package, "boot.py")


def _is_trusted(boot: str) -> bool:
    """Whether *boot* is there, not empty, and root's or our own: root may have kept a user's HOME (sudo -E)."""
    try:
        stat = os.stat(boot)
    except OSError:
        return False
    return bool(stat.st_size) and stat.st_uid in (0, os.geteuid()) and os.access(boot, os.R_OK)


def _is_whole(boot: str) -> bool:
    """Whether *boot* has its end: what was cut short would do nothing, and pip's caller take that for success."""
    with open(boot, "rb") as file:
        return file.read().endswith(_END)


def _starts(python: str) -> bool:
    """Whether *python* starts; it is tried, in some ms, unless it is the very one at hand. Raises OSError.

    An upgrade may have taken a library from it; after the exec it would be too late to tell.
    """
    if os.path.realpath(python) == os.path.realpath(sys.executable):
        return True
    null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    pid = os.posix_spawn(python, [python, "-I", "-S", "-c", ""], os.environ, file_actions=null)
    return os.waitpid(pid, 0)[1] == 0


if __name__ == HOOKED:
    hand_over(__file__)
