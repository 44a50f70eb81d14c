"""sudo's secure_path: whether it hides the shims, and the drop-in that leads sudo to them. Nothing is changed unasked.

sudoers(5), SECURE_PATH and "Including other files"; visudo(8), --check.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from pipshunt.atomic_file import replace_file
from pipshunt.setup.engine_pip import SetupError
from pipshunt.setup.shim_folder import find_unreached

DROP_IN = "/etc/sudoers.d/pipshunt"
SUDOERS = "/etc/sudoers"
_MARK = "# Written by pipshunt"
_TOOLS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SAID = "Value to override user's $PATH with: "


def find_secure_path() -> str | None:
    """Return the PATH that sudo gives to what it runs, "" where it leaves the caller's; None where nobody can tell.

    sudo is asked itself, which reads all of sudoers; only root is told. sudo-rs does not tell, and is tried.
    """
    if os.geteuid() != 0 or not _find("sudo"):
        return None
    status, output = _ask("sudo", "-V")
    if output.startswith("sudo-rs"):
        status, output = _ask("sudo", "-n", "--", "/bin/sh", "-c", 'printf %s "$PATH"')
        return output if status == 0 and output.startswith("/") else None
    if status != 0:
        return None
    lines = [line for line in output.splitlines() if line.startswith(_SAID)]
    return lines[-1].removeprefix(_SAID) if lines else ""


def find_hidden(names: Sequence[str], secure_path: str | None) -> list[str]:
    """Return those of *names* that `sudo NAME` would not find as a shim of ours; none where that cannot be told."""
    return find_unreached(names, secure_path) if secure_path else []


def is_led() -> bool:
    """Whether the drop-in is there."""
    return _is_ours(DROP_IN)


def lead_sudo(folder: str, secure_path: str) -> None:
    """Put *folder* ahead in sudo's *secure_path* by a drop-in, checked by visudo. Raises SetupError, OSError.

    What does not hold, because a later file of sudoers says otherwise, is taken back. What visudo has against others'
    files, as their mode, which sudo itself does not mind, is no reason to.
    """
    if not _find("visudo"):
        raise SetupError("visudo is not there to check sudoers, which is not changed without that")
    if not _reads_folder(SUDOERS, os.path.dirname(DROP_IN)):
        said = f"{SUDOERS} does not read {os.path.dirname(DROP_IN)}; add this line to it with visudo"
        raise SetupError(f"{said}: {_line(folder, secure_path)}")
    if os.path.lexists(DROP_IN) and not _is_ours(DROP_IN):
        raise SetupError(f"{DROP_IN} is there, and not pipshunt's")
    before = _read(DROP_IN)
    text = (
        f"{_MARK}: leads sudo to its shims, by the secure_path that was in effect, with one folder ahead.\n"
        f"{_line(folder, secure_path)}\n"
    )
    _check(text)
    known = _ask("visudo", "-c")
    replace_file(DROP_IN, os.fsencode(text), 0o440)
    complaints = find_new_complaints(known, _ask("visudo", "-c"))
    now = find_secure_path() or ""
    if not complaints and now.split(":")[0] == folder:
        return
    if before:
        replace_file(DROP_IN, before, 0o440)
    else:
        os.unlink(DROP_IN)
    if complaints:
        raise SetupError(f"visudo does not accept {DROP_IN}, which is taken back", complaints)
    raise SetupError(f"{DROP_IN} had no effect (secure_path is {now}), and is taken back")


def find_new_complaints(before: tuple[int, str], after: tuple[int, str]) -> str:
    """Return what `visudo -c` has to say of the drop-in, or has not said *before* it was there; "" for nothing.

    Each is the exit status and what was printed.
    """
    status, output = after
    if status == 0:
        return ""
    known = set(before[1].splitlines())
    lines = [line for line in output.splitlines() if not line.endswith("parsed OK")]
    new = [line for line in lines if line not in known or line.startswith(f"{DROP_IN}:")]
    if not new and before[0] == 0:
        return output.strip() or f"visudo -c ended with {status}"
    return "\n".join(new)


def stop_leading_sudo() -> bool:
    """Take the drop-in away; return whether there was one. Raises OSError."""
    if not _is_ours(DROP_IN):
        return False
    os.unlink(DROP_IN)
    return True


def offer_to_lead(
    folder: str, names: Sequence[str], installer: str, say: Callable[[str], None], *, wanted: bool
) -> bool:
    """Lead sudo to *folder* where it hides the shims, if that is *wanted* or, at a terminal, agreed to.

    Return False where it was wanted and could not be done. *installer*: install.sh, for the command that is advised.
    """
    secure_path = find_secure_path()
    hidden = find_hidden(names, secure_path)
    if not secure_path or not hidden:
        if wanted:
            say(_why_not(secure_path))
        return True
    command = f"`sudo {'pip' if 'pip' in hidden else hidden[0]}`"
    told = f"sudo looks for commands in {secure_path} alone, so {command} leads around pipshunt"
    if not wanted and not _is_agreed(f"{told}; write {DROP_IN}, checked by visudo, with {folder} ahead of that?"):
        say(f"{told}; to change that: {installer} --system --sudoers")
        return True
    try:
        lead_sudo(folder, secure_path)
    except SetupError as error:
        if error.output:
            say(error.output)
        say(f"sudo does not find the shims, as before: {error}")
        return False
    say(f"{command} leads through pipshunt now: {DROP_IN} puts {folder} ahead in secure_path")
    return True


def _why_not(secure_path: str | None) -> str:
    if secure_path is None:
        return "there is no sudo here that could be told of the shims" if not _find("sudo") else "sudo cannot be asked"
    return f"sudo finds the shims already{f': {secure_path}' if secure_path else ', for it keeps PATH'}"


def _is_agreed(question: str) -> bool:
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"pipshunt: {question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _line(folder: str, secure_path: str) -> str:
    folders = [folder, *(other for other in secure_path.split(":") if other != folder)]
    quoted = ":".join(folders).replace("\\", "\\\\").replace('"', '\\"')
    return f'Defaults secure_path="{quoted}"'


def _check(text: str) -> None:
    """Have visudo check *text* before it stands where sudo reads it. Raises SetupError, OSError."""
    import tempfile

    with tempfile.NamedTemporaryFile(prefix="pipshunt-", suffix=".sudoers") as file:
        file.write(os.fsencode(text))
        file.flush()
        status, output = _ask("visudo", "-c", "-f", file.name)
    if status != 0:
        raise SetupError("visudo does not accept what was to be written", output.strip())


def _reads_folder(sudoers: str, folder: str) -> bool:
    """Whether the file *sudoers* includes *folder*: `@includedir`, or `#includedir` as it was written before 1.9.1."""
    for line in os.fsdecode(_read(sudoers)).splitlines():
        words = line.split()
        if words[:1] in (["@includedir"], ["#includedir"]) and " ".join(words[1:]).strip('"').rstrip("/") == folder:
            return True
    return False


def _is_ours(path: str) -> bool:
    return not os.path.islink(path) and _read(path).startswith(os.fsencode(_MARK))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _find(program: str) -> str:
    import shutil

    return shutil.which(program, path=_TOOLS) or ""


def _ask(program: str, *args: str) -> tuple[int, str]:
    """Run *program* of the system's in English; return its exit status and what it printed. No answer is a failure."""
    from pipshunt import process

    env: Mapping[str, str] = {"PATH": _TOOLS, "LC_ALL": "C"}
    try:
        return process.capture([_find(program), *args], env, seconds=10)
    except OSError:
        return 127, ""
