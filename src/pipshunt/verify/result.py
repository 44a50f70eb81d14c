"""What a check found: one line each, for people and for JSON."""

from typing import NamedTuple

OK, NOTICE, FINDING = "ok", "notice", "finding"
PYTHON, ASKED, IMPORTS, REQUIREMENTS, SCRIPTS, OS_PYTHON = (
    *("python", "asked for", "imports", "requirements", "scripts", "os python"),
)
CHECKS = (PYTHON, ASKED, IMPORTS, REQUIREMENTS, SCRIPTS, OS_PYTHON)


class Result(NamedTuple):
    """One thing that was looked at; `message` is complete with its subject ahead of it."""

    check: str  # one of CHECKS
    level: str  # ok, notice, finding
    subject: str  # a module, a distribution, a script, a file
    message: str
    next: str = ""  # the command that shows more, or mends it
    seconds: float = 0.0
