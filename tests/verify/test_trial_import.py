"""Importing one module in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.verify.imports import import_command
from pipshunt.verify.trial_import import SUCCESS, tell


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(OSError(2, "No such file"), "FileNotFoundError: [Errno 2] No such file", id="of the system"),
        pytest.param(SystemExit("usage"), "it calls sys.exit('usage') when it is imported", id="exit"),
        pytest.param(KeyboardInterrupt(), "KeyboardInterrupt", id="interrupt"),
        pytest.param(UnspeakableError(), "UnspeakableError", id="that cannot be told"),
    ],
)
def test_an_error_is_told_in_one_line(error: BaseException, said: str) -> None:
    assert tell(error) == said


@pytest.mark.parametrize(
    ("attributes", "status", "said"),
    [
        pytest.param("", SUCCESS, "", id="module"),
        pytest.param("main", SUCCESS, "", id="function"),
        pytest.param("Railcar.start", SUCCESS, "", id="method"),
        pytest.param("Railcar.stop", 1, "AttributeError: type object 'Railcar' has no attribute 'stop'", id="missing"),
        pytest.param("number", 1, "railcar:number is nothing that can be called", id="number"),
    ],
)
def test_an_object_is_found_in_a_module(tmp_path: Path, attributes: str, status: int, said: str) -> None:
    (tmp_path / "railcar.py").write_text("number = 1\ndef main(): 1 / 0\nclass Railcar:\n    def start(self): 1 / 0\n")
    command = import_command(sys.executable, "railcar", attributes)
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (status, said)
