"""What people see of an examination: one screen of plain text, or one JSON object."""

import json  # noqa: TID253  (people's tier)
import sys
import textwrap
from collections.abc import Mapping, Sequence

from pipshunt import __version__
from pipshunt.doctor.diagnosis import Finding, World, exit_status, summarise
from pipshunt.doctor.examination import Report, examine
from pipshunt.doctor.sightings import Sighting, sight_all

SCHEMA = 1
_WIDTH = 80
_MARGIN = 9  # columns of the level, and of the names in the last part
_MOST_LINES = 40
_COLUMNS = ("pip", "python3", "uv")
_STYLES = {"problem": "bold red", "notice": "yellow"}


def show(world: World, *, as_json: bool) -> int:
    """Examine, and print what was found; returns the exit status."""
    report = examine(world)
    if as_json:
        _write(json.dumps(as_object(report, world)) + "\n")
    else:
        _print(page(report, world), world.env)
    return exit_status(report.findings)


def page(report: Report, world: World) -> list[str]:
    """Return the lines of the page: the summary, what is to be done, who sees what, and what is as it should be."""
    lines = [f"pipshunt doctor: {summarise(report.findings)}"]
    told = [_told(finding) for finding in report.findings if finding.level == "problem"]
    notices = [_told(finding) for finding in report.findings if finding.level == "notice"]
    facts = [_fact(finding) for finding in report.findings if finding.level == "fine"]
    rest = [*table(report, world), "", *(line for fact in facts for line in fact)]
    room = _MOST_LINES - len(lines) - len(rest) - 3 - sum(map(len, told))  # two are empty, one counts the rest
    left = 0
    for notice in notices:
        if len(notice) > room:
            left += 1
        else:
            told.append(notice)
            room -= len(notice)
    if told:
        lines += ["", *(line for finding in told for line in finding)]
    if left:
        lines.append(f"{'':{_MARGIN}}{left} more notice{'' if left == 1 else 's'}: pipshunt doctor --json")
    return [_printable(line) for line in [*lines, "", *rest]]


def table(report: Report, world: World) -> list[str]:
    """Return which pip, python3 and uv each kind of shell sees; a path that is too long loses its middle."""
    rows: list[tuple[str, ...]] = [("who sees", *_COLUMNS)]
    for view in report.views:
        shown = {found.name: shown_cell(found, world) for found in sight_all(view, world.cwd)}
        known = tuple(shown[name] for name in _COLUMNS)
        rows.append((view.label, *(known if view.path is not None else ("", "", ""))))
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    widths[0] += 1
    while sum(widths) + len(widths) > _WIDTH:
        widths[widths.index(max(widths[1:]), 1)] -= 1
    lines = []
    for row, note in zip(rows, ["", *(view.note for view in report.views)], strict=True):
        cells = [f"{_fitted(cell, width):{width}}" for cell, width in zip(row, widths, strict=True)]
        lines.append(" ".join([cells[0], note] if note else cells).rstrip())
    return lines


def shown_cell(sighting: Sighting, world: World) -> str:
    """Return what a table says of it: the file, after `shim` where pipshunt's stands before it."""
    if sighting.alias is not None:
        return f"alias {sighting.alias}" if sighting.alias else "a function"
    if sighting.is_ours:
        return f"shim {world.shown(sighting.behind) or 'of nothing'}"
    return world.shown(sighting.path) or "-"


def as_object(report: Report, world: World) -> dict[str, object]:
    """Return the report as JSON has it; paths are whole, and nothing is left out."""
    views = []
    for view in report.views:
        seen = (
            {}
            if view.path is None
            else {
                found.name: {"path": found.path, "shim": found.is_ours, "behind": found.behind, "alias": found.alias}
                for found in sight_all(view, world.cwd)
            }
        )
        views.append(
            {
                "kind": view.kind,
                "label": view.label,
                "path": view.path,
                "note": view.note,
                "hook": view.has_hook,
                "tools": seen,
            }
        )
    return {
        "schema": SCHEMA,
        "version": __version__,
        "summary": summarise(report.findings),
        "status": exit_status(report.findings),
        "findings": [finding._asdict() for finding in report.findings],
        "views": views,
    }


def _told(finding: Finding) -> list[str]:
    lines = _wrapped(finding.level, finding.sentence)
    return [*lines, f"{'':{_MARGIN}}$ {finding.fix}"] if finding.fix else lines


def _fact(finding: Finding) -> list[str]:
    return _wrapped(finding.code, finding.sentence)


def _wrapped(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"{name:{_MARGIN}}",
        subsequent_indent=" " * _MARGIN,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _fitted(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width // 3]}…{text[len(text) - (width - width // 3 - 1) :]}"


def _printable(line: str) -> str:
    """Show control characters instead of sending them to the terminal: a path can hold escape sequences."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in line)


def _print(lines: Sequence[str], env: Mapping[str, str]) -> None:
    if not sys.stdout.isatty() or env.get("NO_COLOR") or env.get("TERM") == "dumb":
        _write("".join(f"{line}\n" for line in lines))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        word = line.split(" ", 1)[0]
        text = Text(line)
        if word in _STYLES:
            text.stylize(_STYLES[word], 0, len(word))
        console.print(text)


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
