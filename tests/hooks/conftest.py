"""A home, whose terminals are closed afterwards, and the shells that there is a hook for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hooks.home import Home
from pipshunt.hook import HOOKS


@pytest.fixture
def home(folder: Path) -> Iterator[Home]:
    """A home with the hook laid, and nothing followed yet."""
    made = Home(folder)
    yield made
    for terminal in made.terminals:
        terminal.close()


@pytest.fixture(params=HOOKS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)
