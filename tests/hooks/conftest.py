"""A home, whose terminals are closed afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hooks.home import Home


@pytest.fixture
def home(folder: Path) -> Iterator[Home]:
    """A home with the hook laid, and nothing followed yet."""
    made = Home(folder)
    yield made
    for terminal in made.terminals:
        terminal.close()
