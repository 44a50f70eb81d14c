"""The way out: what pipshunt has laid on this machine is taken away again, and what is left is said.

Started by `pipshunt uninstall`, in the very engine that goes, and by `install.sh --uninstall`, from a checkout: so with
the standard library alone, and all of it imported before anything is removed.
"""

import errno
import json  # noqa: TID253  (people's tier; and later there may be no engine to import from)
import os
import shlex  # noqa: TID253
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, NamedTuple

from pipshunt.places import MACHINE_DATA, Places, find_places
from pipshunt.setup.engine_folder import is_at_work
from pipshunt.setup.engine_pip import SetupError
from pipshunt.setup.installation import Site, find_site, open_locked, say
from pipshunt.setup.shim_folder import COMMAND
from pipshunt.setup.traces import (
    PROFILE,
    Trace,
    find_belongings,
    find_cache,
    find_engine,
    find_front,
    find_strangers,
    find_tokens,
)

USAGE = "usage: pipshunt uninstall [--all] [--dry-run] [--json]"
_PATIENCE = 60  # seconds
_OPTIONS = ("--all", "--dry-run", "--json")


class Report(NamedTuple):
    """What became of each trace."""

    removed: list[Trace]
    failed: list[tuple[Trace, str]]
    left: list[Trace]
    strangers: list[Trace]  # left in any case


def main(words: Sequence[str]) -> int:
    """Do what install.sh was asked for with `--uninstall` and *words*."""
    if not set(words) <= set(_OPTIONS):
        say(f"install.sh --uninstall takes {', '.join(_OPTIONS)}, nothing else")
        return 2
    everything, dry, as_json = (option in words for option in _OPTIONS)
    return uninstall(dict(os.environ), os.geteuid(), everything=everything, dry=dry, as_json=as_json)


def uninstall(env: Mapping[str, str], uid: int, *, everything: bool, dry: bool, as_json: bool) -> int:
    """Take *uid*'s installation away, and with *everything* also what installs have made; returns the exit status."""
    try:
        site = find_site(env, uid)
    except SetupError:
        say("there is no home folder, so nothing of pipshunt's is in one; HOME=FOLDER names yours")
        return 1
    try:
        return _uninstall(site, find_places(env, uid), env, everything=everything, dry=dry, as_json=as_json)
    except KeyboardInterrupt:
        say(f"interrupted; run it again to go on: {_command(site, env, everything=everything)}")
        return 130


def _uninstall(
    site: Site, places: Places, env: Mapping[str, str], *, everything: bool, dry: bool, as_json: bool
) -> int:
    own = everything or site.is_machine or find_front(site, env) or find_engine(site)
    if not own and os.path.isdir(MACHINE_DATA):
        command = os.path.join(MACHINE_DATA, "bin", COMMAND)  # by its path: sudo need not find it
        say(f"there is no installation of yours; the machine's goes with: sudo {command} uninstall")
        say("what your own installs have made goes with: pipshunt uninstall --all")
        return 1
    with nullcontext() if dry else _locked(site.prefix):
        report = _go_through(site, places, env, everything=everything, dry=dry)
    again = _command(site, env, everything=everything)
    lines = [json.dumps(as_object(report, again, dry=dry))] if as_json else page(report, again, dry=dry)
    lost = _print("\n".join(lines))
    if lost:
        say(f"stdout: {lost}")
    if site.is_machine and not report.removed and "SUDO_USER" in env:
        say("as root this is about the machine's installation; a user's goes without sudo: pipshunt uninstall")
    return 1 if report.failed or (dry and lost) else 0


def page(report: Report, again: str, *, dry: bool) -> list[str]:
    """Return what the person who uninstalls is told; *again* is the command that goes on where something failed."""
    lines = [f"{verb:9} {what}" for verb, what in _describe(report, dry=dry)]
    for trace, reason in report.failed:
        lines.append(f"{'FAILED':9} {trace.path} ({trace.what}): {reason}")
    if not (report.removed or report.failed):
        lines.append("pipshunt: there is nothing to take away")
    elif dry:
        lines.append("pipshunt: this was a dry run; nothing was changed")
    elif report.failed:
        lines.append(f"pipshunt: not all is taken away; mend what failed, then run again: {again}")
    else:
        lines.append("pipshunt: uninstalled; pip and python3 are the system's own again, in this shell after: hash -r")
    if report.left and not (dry or report.failed):
        lines.append(
            f"pipshunt: what your installs have made is left; to remove it, too: {removal_command(report.left)}"
        )
    return lines


def as_object(report: Report, again: str, *, dry: bool) -> dict[str, Any]:
    """Return *report* as it is printed with --json."""
    return {
        "schema": 1,
        "dry_run": dry,
        "removed": [{"what": trace.what, "path": trace.path} for trace in report.removed],
        "failed": [{"what": trace.what, "path": trace.path, "reason": reason} for trace, reason in report.failed],
        "left": [{"what": trace.what, "path": trace.path} for trace in (*report.left, *report.strangers)],
        "command": removal_command(report.left),
        "again": again if report.failed else "",
    }


def removal_command(traces: Sequence[Trace]) -> str:
    """Return the command that removes *traces*, "" for none."""
    paths = sorted(trace.path for trace in traces)
    outer = [path for path in paths if not any(path.startswith(other + "/") for other in paths)]
    return shlex.join(["rm", "-rf", *outer]) if outer else ""


@contextmanager
def _locked(prefix: str) -> Iterator[None]:
    """Hold the installation's lock, where there is one; a file system without locks is no reason to leave anything."""
    lock = -1
    if os.path.isdir(prefix):
        with suppress(OSError):
            lock = open_locked(prefix)
    try:
        yield
    finally:
        if lock >= 0:
            os.close(lock)


def _go_through(site: Site, places: Places, env: Mapping[str, str], *, everything: bool, dry: bool) -> Report:
    """Take away what there is, in its order; what the calls to come need goes only when there will be none.

    What fails at first is tried again with more room on the disk.
    """
    report = Report([], [], [], [])
    _take_away(find_front(site, env), report, dry=dry)
    if not dry:
        _wait_for_calls(site)
        report.failed.clear()
    _take_away(find_cache(places), report, dry=dry)
    _take_away(find_front(site, env), report, dry=dry)  # also links of what was still being installed
    belongings = find_belongings(site, places)
    report.left.extend([] if everything else belongings)
    report.strangers.extend(find_strangers(site, places))
    if report.failed:
        return report
    if everything:
        _take_away([*find_tokens(places), *belongings], report, dry=dry)
    _take_away(find_engine(site), report, dry=dry)
    if not dry:
        _drop_empty_folders(site, places)
    return report


def _command(site: Site, env: Mapping[str, str], *, everything: bool) -> str:
    """Return the command that uninstalls, as long as it is there, else what does without."""
    options = ["--all"] if everything else []
    command = os.path.join(site.bin, COMMAND)
    whose = ["sudo"] if "SUDO_USER" in env else []
    if os.path.exists(command) and os.path.exists(os.path.join(site.prefix, "engine", "bin", "python")):
        return shlex.join([*whose, command, "uninstall", *options])
    return shlex.join([*whose, "./install.sh", "--uninstall", *options]) + ", in a checkout"


def _take_away(traces: Sequence[Trace], report: Report, *, dry: bool) -> None:
    """Undo each of *traces*, whatever becomes of the others; in a *dry* run only note that it would be."""
    known = {trace.path for trace in (*report.removed, *(trace for trace, _ in report.failed))}
    for trace in traces:
        if trace.path in known:
            continue
        if trace.obstacle:
            report.failed.append((trace, trace.obstacle))
            continue
        try:
            if not dry:
                trace.undo()
            report.removed.append(trace)
        except FileNotFoundError:
            report.removed.append(trace)  # with another trace, or by somebody else
        except OSError as error:
            where = f"{error.filename}: " if error.filename and error.filename != trace.path else ""
            report.failed.append((trace, f"{where}{error.strerror or error}"))


def _wait_for_calls(site: Site) -> None:
    """Wait for the installs that have begun in one of the engines; one that takes its time has to do without."""
    engines = os.path.join(site.prefix, "engines")
    try:
        names = os.listdir(engines)
    except OSError:
        return
    end = time.monotonic() + _PATIENCE
    told = False
    while any(is_at_work(os.path.join(engines, name)) for name in names) and time.monotonic() < end:
        if not told:
            say(f"waiting for a pip install that is under way, for {_PATIENCE} seconds at most")
            told = True
        time.sleep(0.1)


def _drop_empty_folders(site: Site, places: Places) -> None:
    """Remove the folders that hold nothing any more: ours, and above them the base directories (XDG's defaults)."""
    folders = [os.path.join(site.prefix, name) for name in ("engines", "envs", "bin", "")]
    folders += [places.cache, places.state, os.path.dirname(places.log), os.path.dirname(places.policy)]
    if not site.is_machine and site.home:
        bases = (".local/share", ".local/state", ".local/bin", ".local", ".cache", ".config/fish/conf.d")
        folders += [os.path.join(site.home, base) for base in (*bases, ".config/fish", ".config")]
    for folder in folders:
        try:
            os.rmdir(folder)
        except OSError:
            continue


def _describe(report: Report, *, dry: bool) -> list[tuple[str, str]]:
    """Return verb and object of each line: what lies in one folder under one heading is one line."""
    lines = []
    for what, names in _group(report.removed):
        restored = what == PROFILE
        verb = ("restore" if restored else "remove") if dry else ("restored" if restored else "removed")
        lines.append((verb, names))
    verb = "keep" if dry else "left"
    return [*lines, *((verb, names) for _, names in _group([*report.left, *report.strangers]))]


def _group(traces: Sequence[Trace]) -> list[tuple[str, str]]:
    """Return what they are and how they are named, those of one kind in one folder together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for trace in traces:
        groups.setdefault((trace.what, os.path.dirname(trace.path)), []).append(os.path.basename(trace.path))
    return [
        (what, f"{folder}: {', '.join(names)} ({what})" if names[1:] else f"{os.path.join(folder, *names)} ({what})")
        for (what, folder), names in groups.items()
    ]


def _print(text: str) -> str:
    """Print, bytes as they came, and return what that failed of, "" where it did not or nobody wants to read it.

    A full disk does not make a failure of what was done; of a dry run the text is all there is.
    """
    rest = text.encode("utf-8", "surrogateescape") + b"\n"
    try:
        while rest:
            rest = rest[os.write(1, rest) :]
    except OSError as error:
        return "" if error.errno in (errno.EBADF, errno.EPIPE) else error.strerror or str(error)
    return ""
