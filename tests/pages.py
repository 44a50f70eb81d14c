"""The pages that people read, as tests see them: blocks of code with what is said about them, tables, links.

A comment (invisible to readers) ahead of a block says what it is for:

    <!-- run -->                the block is typed on a machine of the page's own, and must show what stands in it
    <!-- write FILE -->         the block is written to FILE before the next one runs
    <!-- write FILE mistakes -->  as above, and the policy in it is wrong on purpose

In what is shown, `…` stands for anything in a line, and on a line of its own for any lines. The width of columns is not
compared.
"""

import re
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(
    r"(?:^<!-- (?P<note>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_GAP = re.compile(r" +(?=\n)|(?<= ) +")
_ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


class Block(NamedTuple):
    """One fenced block."""

    page: str
    line: int
    language: str
    note: str
    text: str


def find_pages() -> list[Path]:
    return [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]


def read_blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    name = str(page.relative_to(PROJECT))
    return [
        Block(name, text.count("\n", 0, found.start("text")), found["language"], found["note"] or "", found["text"])
        for found in _FENCE.finditer(text)
    ]


def find_links(page: Path) -> list[str]:
    return _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))


def find_anchors(page: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = _HEADING.findall(_FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def read_rows(page: Path, heading: str) -> list[str]:
    """Return the names in backticks that the rows of the table under *heading* start with."""
    section = page.read_text(encoding="utf-8").split(f"# {heading}\n", 1)[1]
    return _ROW.findall(re.split(r"^#", section, maxsplit=1, flags=re.MULTILINE)[0])


def read_commands(block: Block) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with what it shows; `> ` goes on with the one before."""
    commands: list[tuple[str, str]] = []
    for line in block.text.splitlines(keepends=True):
        command, shown = commands[-1] if commands else ("", "")
        if line.startswith("$ "):
            commands.append((line[2:], ""))
        elif line.startswith("> ") and not shown:
            commands[-1] = (command + line[2:], "")
        else:
            commands[-1] = (command, shown + line)
    return commands


def is_shown(shown: str, output: str) -> bool:
    """Whether *output* is what *shown* says."""
    parts = [_pattern(line) for line in _GAP.sub("", shown).splitlines(keepends=True)]
    return re.fullmatch("".join(parts), _GAP.sub("", output)) is not None


def _pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:[^\n]*\n)*?"
    return r"[^\n]*?".join(re.escape(part) for part in line.split("…"))
