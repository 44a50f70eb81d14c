"""What the tests of this folder share."""

from pathlib import Path

import pytest

from verify.stage import Stage


@pytest.fixture
def stage(folder: Path) -> Stage:
    return Stage(folder)
