"""The values that an examination is made of: the world that is looked at, what was found, and how it is summed up."""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipshunt.call import quoted
from pipshunt.places import Places

LEVELS = ("problem", "notice", "fine")


class World(NamedTuple):
    """Who asks, from where, on which machine."""

    env: Mapping[str, str]
    cwd: str  # physical; "" when it cannot be read
    uid: int
    places: Places
    shell: str  # the user's; "" where it is none that can be asked
    patience: float  # seconds that the shells have to answer
    root: str = ""  # what the machine's own paths lie below; "" but in tests
    stranger: str = ""  # what keeps the shells from being asked, for another may have written it; "" where nothing does

    def at(self, path: str) -> str:
        """Return where the machine's *path* lies."""
        return self.root + path

    def typed(self, path: str) -> str:
        """Return *path* as it is typed in a shell: from the home folder on where it lies there, quoted at need."""
        home = self.places.home
        if home and path.startswith(home + "/"):
            return "~/" + quoted(path[len(home) + 1 :])
        return quoted(path)

    def shown(self, path: str) -> str:
        """Return *path* as people are shown it, the home folder as ~."""
        home = self.places.home
        return f"~{path.removeprefix(home)}" if home and (path + "/").startswith(f"{home}/") else path

    @property
    def sudo(self) -> str:
        """What stands before a command that changes the machine's things."""
        return "" if self.uid == 0 else "sudo "


class Finding(NamedTuple):
    """One thing found: how bad it is, what kind of thing, in one sentence, and the command that mends it ("")."""

    level: str
    code: str
    sentence: str
    fix: str


def problem(code: str, sentence: str, fix: str) -> Finding:
    """Return what keeps pipshunt from doing its work, or the system's Python from being safe."""
    return Finding("problem", code, sentence, fix)


def notice(code: str, sentence: str, fix: str = "") -> Finding:
    """Return what one should know, and may leave as it is."""
    return Finding("notice", code, sentence, fix)


def fine(code: str, sentence: str) -> Finding:
    """Return what is as it should be."""
    return Finding("fine", code, sentence, "")


def sort_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Return *findings*, the worst first, otherwise in their order; each once."""
    return sorted(dict.fromkeys(findings), key=lambda finding: LEVELS.index(finding.level))


def summarise(findings: Sequence[Finding]) -> str:
    """Return what there is to say in one line: `2 problems, 1 notice`, or `all is well`."""
    counted = []
    for level in LEVELS[:2]:
        number = sum(finding.level == level for finding in findings)
        if number:
            counted.append(f"{number} {level}" + ("" if number == 1 else "s"))
    return ", ".join(counted) or "all is well"


def exit_status(findings: Sequence[Finding]) -> int:
    """Return 1 if there is a problem, else 0."""
    return int(any(finding.level == "problem" for finding in findings))


def read_text(path: str, most: int = 1 << 20) -> str:
    """Return the text of the regular file at *path*, "" where there is none that can be read.

    Any other kind is not even opened: a pipe would be waited for.
    """
    try:
        if not os.path.isfile(path):
            return ""
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read(most)
    except (OSError, ValueError):
        return ""
