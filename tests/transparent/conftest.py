"""Machines for transparent mode."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine

from transparent.hooked import Hooked


@pytest.fixture
def hooked(machine: Machine) -> Hooked:
    """A machine whose Python has the hook, and an engine that only records."""
    return Hooked(machine)


@pytest.fixture(scope="session")
def kept() -> Iterator[Hooked]:
    """Such a machine for tests that leave it as it is."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    hooked = Hooked(Machine(root))
    hooked.lay_scripts()
    yield hooked
    shutil.rmtree(root)


@pytest.fixture
def working(machine: Machine) -> Hooked:
    """A machine whose Python has the hook, and the real engine."""
    return Hooked(machine, real=True)
