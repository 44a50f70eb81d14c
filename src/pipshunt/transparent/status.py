"""`pipshunt transparent status`: each interpreter, and each hook that none of them reads any more."""

import ast
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.transparent.site_folder import NoFolder, Site, choose_folder, find_sites
from pipshunt.transparent.startup_hook import Hook, find_hooks
from pipshunt.transparent.switch import Person

ON, OFF, STALE, NONE = "on", "off", "stale", "none"


class Line(NamedTuple):
    """One line of the page: an interpreter with a hook or without, or a hook without an interpreter."""

    interpreter: str
    version: str
    state: str  # on, off, stale, or none where there is no place for it
    place: str  # the hook's file, or the folder where it would be
    note: str  # what is the matter, and the next command; "" if nothing is


def find_lines(person: Person) -> list[Line]:
    """Return the state of every marked interpreter, then the stale hooks."""
    sites = find_sites(person.env)
    folders = [folder for site in sites for folder in (*site.folders, site.user_folder)]
    hooks = find_hooks(person.state, person.home, folders)
    lines = [line for site in sites for line in _describe_site(site, hooks)]
    read = set(folders)
    return lines + [_describe_stale(hook) for hook in hooks if os.path.dirname(hook.file) not in read]


def show_status(person: Person, *, as_json: bool) -> int:
    """Print the page, or one JSON object; returns the exit status: 1 if something is stale."""
    lines = find_lines(person)
    if as_json:
        import json

        print(json.dumps({"schema": 1, "interpreters": [line._asdict() for line in lines]}))
    elif lines:
        _show_table(lines)
    else:
        print("no externally managed Python was found on PATH, and no hook of transparent mode")
    sys.stdout.flush()
    return 1 if any(line.state == STALE for line in lines) else 0


def find_engine(file: str) -> str:
    """Return the startup.py that the hook in *file* runs, "" if that cannot be told."""
    try:
        with open(file, encoding="utf-8") as hook:
            words = [node.value for node in ast.walk(ast.parse(hook.read())) if isinstance(node, ast.Constant)]
        body = next(word for word in words if isinstance(word, str) and "/startup.py" in word)
        found = [node.value for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Constant)]
    except (OSError, ValueError, SyntaxError, StopIteration):
        return ""
    return next((word for word in found if isinstance(word, str) and word.endswith("/startup.py")), "")


def _describe_site(site: Site, hooks: Sequence[Hook]) -> list[Line]:
    version = "{}.{}".format(*site.version)
    own = [hook for hook in hooks if os.path.dirname(hook.file) in (*site.folders, site.user_folder)]
    lines = []
    for hook in own:
        engine = find_engine(hook.file)
        gone = "" if os.access(engine, os.R_OK) else f"its engine is gone ({engine}); next: {_on(site, hook)}"
        lines.append(Line(site.executable, version, STALE if gone else ON, hook.file, gone))
    if lines:
        return lines
    try:
        return [Line(site.executable, version, OFF, choose_folder(site, user=False), "")]
    except NoFolder as error:
        return [Line(site.executable, version, NONE, "", "; ".join(error.args))]


def _describe_stale(hook: Hook) -> Line:
    said = "no Python on PATH reads it any more; next: pipshunt transparent off, then pipshunt transparent on"
    return Line(hook.interpreter, "", STALE, hook.file, said)


def _on(site: Site, hook: Hook) -> str:
    user = " --user" if os.path.dirname(hook.file) == site.user_folder else ""
    return f"pipshunt transparent on{user} {site.executable}"


def _show_table(lines: Sequence[Line]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console.width = 500
    table = Table(box=None, pad_edge=False)
    for name in ("interpreter", "version", "state", "place"):
        table.add_column(name, overflow="fold")
    for line in lines:
        table.add_row(*(Text(cell or "-") for cell in line[:4]))
    console.print(table)
    for line in lines:
        if line.note:
            print(f"{line.interpreter or line.place}: {line.note}")
