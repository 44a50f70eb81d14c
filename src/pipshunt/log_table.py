"""`pipshunt log`: the audit log as a table, newest last."""

import json  # noqa: TID253  (people's tier)
import sys
from collections.abc import Iterator
from typing import Any

from pipshunt.call import quoted

_ROOMY = 100  # columns


def show_log(path: str, *, last: int, as_json: bool, home: str = "") -> int:
    """Show the log at *path*, the *last* lines of it (0: all), *home* as ~ in a terminal; returns the exit status."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        print(f"pipshunt: nothing was rewritten or refused yet ({path} does not exist)", file=sys.stderr)
        return 0
    except OSError as error:
        print(f"pipshunt: {path} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    lines = lines[-last:] if last > 0 else lines
    if as_json:
        sys.stdout.write("".join(line + "\n" for line in lines))
        return 0
    _show_table(list(_records(lines)), home)
    return 0


def _records(lines: list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue  # damaged by something other than us: `--json` still shows it
        if isinstance(record, dict):
            yield record


def _show_table(records: list[dict[str, Any]], home: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if not console.is_terminal:
        console.width, home = 200, ""
    table = Table(box=None, pad_edge=False)
    for name in ("time", "decision", "command", "into", "status", "installed"):
        table.add_column(name, overflow="fold", no_wrap=name in ("decision", "status"))
    if console.width < _ROOMY:
        table.columns[0].max_width = len("2026-01-02")  # the time of day goes below
    for record in records:
        status = record.get("status")
        cells = (
            str(record.get("time", "")).replace("T", " ").removesuffix("Z"),
            str(record.get("decision", "")),
            _command(record.get("before")),
            _from_home(str(record.get("environment") or record.get("interpreter") or ""), home),
            "-" if status is None else str(status),
            _words(record.get("installed")),
        )
        table.add_row(*(Text(_shown(cell)) for cell in cells))
    with console.capture() as capture:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in capture.get().splitlines()))


def _command(value: object) -> str:
    """Return the words of a command as they could be typed again."""
    return " ".join(quoted(str(word)) for word in value) if isinstance(value, list) else ""


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else ""


def _from_home(path: str, home: str) -> str:
    return f"~{path.removeprefix(home)}" if home and path.startswith(f"{home}/") else path


def _shown(text: str) -> str:
    """Show control characters instead of sending them to the terminal: an argument can hold escape sequences."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
