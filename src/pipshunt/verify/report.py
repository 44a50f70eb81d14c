"""What `pipshunt verify` prints: a table with a line for each thing that is not well and for each check, or JSON."""

import json  # noqa: TID253  (people's tier)
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipshunt.verify.result import CHECKS, FINDING, NOTICE, OK, Result
from pipshunt.verify.subject import Subject

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = 1
_NARROW = 60  # columns


class Report(NamedTuple):
    """All that was found."""

    subject: Subject | None  # None: there is no Python
    asked: tuple[tuple[str, str], ...]  # name and version of each distribution that was asked for
    results: tuple[Result, ...]

    @property
    def findings(self) -> int:
        """How many things are not well."""
        return sum(result.level == FINDING for result in self.results)


def summarise(report: Report) -> str:
    """Return the line that is complete in itself."""
    subject = report.subject
    count = f"{report.findings} finding{'s' if report.findings != 1 else ''}"
    if subject is None:
        return f"pipshunt verify: {count}"
    python = f"{subject.typed} is {subject.executable} (Python {subject.version})"
    if subject.typed == subject.executable:
        python = f"{subject.executable} is Python {subject.version}"
    asked = f"{len(report.asked)} distribution{'s' if len(report.asked) != 1 else ''} asked for"
    return f"pipshunt verify: {count if report.findings else 'all well'}; {python}, {asked}"


def as_object(report: Report) -> dict[str, Any]:
    """Return *report* as the object that `verify --json` prints; its keys are listed in docs/verify.md."""
    subject = report.subject
    return {
        "schema": SCHEMA,
        "well": not report.findings,
        "summary": summarise(report),
        "python": subject
        and {
            "typed": subject.typed,
            "executable": subject.executable,
            "version": subject.version,
            "prefix": subject.prefix,
            "base": subject.base,
        },
        "asked": [{"name": name, "version": version} for name, version in report.asked],
        "results": [
            {
                "check": result.check,
                "level": result.level,
                "subject": result.subject,
                "message": result.message,
                "next": result.next or None,
                "seconds": result.seconds,
            }
            for result in report.results
        ],
    }


def to_json(report: Report) -> str:
    """Return the object as one line."""
    return json.dumps(as_object(report))


def table(report: Report) -> str:
    """Return the table and the summary, as wide as the terminal; where that is narrow, the lines are as they are."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, 200)
    shown = rows(report.results)
    if console.width < _NARROW:
        lines = [f"{row.level}: {_shown(row.message)}" for row in shown]
    else:
        lines = _drawn(shown, console)
    return "\n".join([*lines, _shown(summarise(report))])


def _drawn(results: Sequence[Result], console: "Console") -> list[str]:
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, show_header=False)
    for name in ("level", "check", "what"):
        grid.add_column(name, overflow="fold", no_wrap=name != "what")
    styles = {OK: "green", NOTICE: "yellow", FINDING: "bold red"}
    for row in results:
        grid.add_row(Text(row.level, styles[row.level]), Text(row.check), Text(_shown(row.message)))
        if row.next:
            grid.add_row("", "", Text(f"next: {_shown(row.next)}", "dim"))
    with console.capture() as capture:
        console.print(grid)
    return [line.rstrip() for line in capture.get().splitlines()]


def rows(results: Sequence[Result]) -> list[Result]:
    """Return the lines of the table: check by check, first what is well, several of a kind as one."""
    found = []
    for check in CHECKS:
        own = [result for result in results if result.check == check]
        well = [result for result in own if result.level == OK]
        if len(well) > 1:
            found.append(Result(check, OK, "", _together(well)))
        else:
            found += well
        found += sorted((result for result in own if result.level != OK), key=lambda result: result.level == NOTICE)
    return found


def _together(well: Sequence[Result]) -> str:
    names = [result.subject for result in well]
    shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return f"{len(well)} well: {shown}"


def _shown(text: str) -> str:
    """Show control characters instead of sending them to the terminal: a message may hold escape sequences."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
