"""The stage, and the shells that the shim must run under."""

from pathlib import Path

import pytest
from machine import SHELLS

from shims.stage import Stage, shell_command


@pytest.fixture
def stage(folder: Path) -> Stage:
    """A stage whose Python is externally managed."""
    return Stage(folder / "stage")


@pytest.fixture
def unmarked_stage(folder: Path) -> Stage:
    """A stage whose Python has no marker."""
    return Stage(folder / "stage", marked=False)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell that may be /bin/sh somewhere."""
    name = str(request.param)
    shell_command(name)
    return name
