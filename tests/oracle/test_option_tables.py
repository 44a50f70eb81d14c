"""Our tables of pip's options and verbs against the parsers of real pips: what a new pip brings is named here."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from machine import Machine, pip_folder
from real_pip import RealPip, asked_release

from pipshunt.command import pip_version
from pipshunt.options import Spec
from pipshunt.pip_options import COMMANDS, LOCK_SINCE, table

SINCE = (23, 0)  # what older pips know does not matter: they do not know the marker
VERSIONS = ("23.0", "23.0.1", "23.1.2", "23.3.2", "24.0", "24.1.2", "24.3.1", "25.0.1", "25.1.1", "25.2", "25.3")
ACTIONS = {
    "flag": ("store_true", False),
    "unflag": ("store_false", False),
    "count": ("count", False),
    "help": ("help", False),
    "mark": ("callback", False),
    "store": ("store", True),
    "append": ("append", True),
    "call": ("callback", True),
}


def differences(knows: Mapping[str, Any]) -> Iterator[str]:
    """Name what this pip knows and we do not, and the other way round."""
    version = pip_version(f"__version__ = '{knows['version']}'")
    verbs = COMMANDS | ({"lock"} if version >= LOCK_SINCE else set())
    yield from (f"verb {verb}: only pip knows it" for verb in sorted({*knows["verbs"], "help"} - verbs))
    yield from (f"verb {verb}: only we know it" for verb in sorted(verbs - {*knows["verbs"], "help"}))
    for parser, options in knows["parsers"].items():
        ours = table(parser, version)
        mine: dict[str, Spec] = {**ours.long, **ours.short}
        theirs = {flag: option for option in options for flag in option["flags"]}
        yield from (f"{parser} {flag}: only pip knows it" for flag in sorted(theirs.keys() - mine.keys()))
        yield from (f"{parser} {flag}: only we know it" for flag in sorted(mine.keys() - theirs.keys()))
        for flag in sorted(mine.keys() & theirs.keys()):
            yield from (f"{parser} {flag}: {what}" for what in disagreements(mine[flag], theirs[flag]))


def disagreements(mine: Spec, theirs: Mapping[str, Any]) -> Iterator[str]:
    """Say in what one option is another to pip."""
    if ACTIONS[mine.action] != (theirs["action"], theirs["takes"]):
        yield f"pip does {theirs['action']} with it, we say {mine.action}"
    kind, _, choices = mine.check.partition(" ")
    if kind in ("int", "float", "choice") or theirs["type"] in ("int", "float", "choice"):
        if kind != theirs["type"]:
            yield f"pip takes a {theirs['type'] or 'flag'}, we say {mine.check or 'anything'}"
        for choice in sorted({*choices.split()} ^ {*theirs["choices"]}):
            yield f"the choice {choice}: only {'we know' if choice in choices.split() else 'pip knows'} it"


@pytest.fixture
def knows(request: pytest.FixtureRequest, folder: Path) -> dict[str, Any]:
    package = Path(pip_folder())
    if request.param != "own":
        package = asked_release(request, folder)
    pip = RealPip(Machine(folder / "machine"), package)
    pip.close()
    if not pip.knows["version"]:
        pytest.skip(f"pip {request.param} does not run under this Python: {pip.knows['error']}")
    return pip.knows


@pytest.mark.parametrize("knows", ["own", *VERSIONS, "26.0.1", "26.1.2", "26.2.1", "26.3", ""], indirect=True, ids=str)
def test_the_tables_are_those_of_the_real_parsers(knows: dict[str, Any]) -> None:
    if pip_version(f"__version__ = '{knows['version']}'") < SINCE:
        pytest.skip(f"pip {knows['version']} does not know the marker: its options do not matter")
    found = list(differences(knows))
    assert not found, f"pip {knows['version']}: " + "; ".join(found) + " (src/pipshunt/pip_options.py)"


def test_what_a_new_pip_brings_is_named() -> None:
    option = {"flags": ["--new", "-N"], "action": "store", "takes": True, "type": "string", "choices": []}
    quiet = {"flags": ["--quiet", "-q"], "action": "store_true", "takes": False, "type": "", "choices": []}
    bar = {"flags": ["--progress-bar"], "action": "store", "takes": True, "type": "choice", "choices": ["on", "blink"]}
    knows = {"version": "99.0", "verbs": ["install", "mend"], "parsers": {"install": [option, quiet, bar]}}
    found = list(differences(knows))
    assert "verb mend: only pip knows it" in found
    assert "verb list: only we know it" in found
    assert "install --new: only pip knows it" in found
    assert "install -N: only pip knows it" in found
    assert "install --target: only we know it" in found
    assert "install --quiet: pip does store_true with it, we say count" in found
    assert "install --progress-bar: the choice blink: only pip knows it" in found
    assert "install --progress-bar: the choice raw: only we know it" in found
