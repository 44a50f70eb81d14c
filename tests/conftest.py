"""What the tests share: a machine of their own, and wheels that they build themselves."""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="also what takes long: all Debian suites, many rounds")
    parser.addoption("--network", action="store_true", help="also what asks the public index")


def pytest_configure() -> None:
    """Have what the tests start heed signals: a shell's background job and nohup ignore some, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def uv() -> Path:
    """The real uv: the one that came with what the tests need, else the one on PATH."""
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    found = beside if os.path.exists(beside) else shutil.which("uv")
    if not found:
        pytest.skip("no uv: neither beside the tests' Python nor on PATH")
    return Path(found)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an ordinary user can enter too (pytest's own are root's alone when root runs the tests)."""
    path = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def machine(folder: Path) -> Machine:
    """A machine whose Python is externally managed."""
    return Machine(folder)


@pytest.fixture
def unmarked(folder: Path) -> Machine:
    """A machine whose Python has no marker, as in the python images."""
    return Machine(folder, marked=False)
