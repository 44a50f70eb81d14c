"""What uv run starts in the place of pip, without uv: the real tool is the next on PATH, or the interpreter itself."""

import os
import subprocess
import sys
from pathlib import Path

from machine import Machine

from pipshunt.uv.uv_escort import _RELAY

PYTHON = os.path.realpath(sys.executable)


def relay(path: str, *words: str, relay: str = _RELAY, python: str = PYTHON) -> tuple[int, str]:
    argv = [python, "-I", "-S", relay, *words]
    done = subprocess.run(argv, env={"PATH": path, "HOME": "/nowhere"}, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_next_tool_on_path_that_is_no_shim_runs(machine: Machine, tmp_path: Path) -> None:
    real = tmp_path / "pip"
    real.write_text('#!/bin/sh\necho "$0" "$@"\n')
    real.chmod(0o755)
    assert relay(f"{machine.shims}:{tmp_path}", PYTHON, "", "pip", "install", "x") == (0, f"{real} install x\n")


def test_a_tool_that_is_not_there_is_said_with_uvs_exit_status() -> None:
    said = "pipshunt: pip: not found on the PATH that uv run has set\n"
    assert relay("/nowhere", PYTHON, "", "pip", "install", "x") == (2, said)


def test_python_is_the_interpreter_that_runs_it() -> None:
    status, said = relay("/nowhere", PYTHON, "", "python", "-c", "import sys; print(sys.executable)")
    assert (status, said) == (0, f"{PYTHON}\n")


def test_without_an_engine_the_interpreter_still_runs() -> None:
    assert relay("/nowhere", "/no/engine", "", "python", "-c", "print(1)") == (0, "1\n")
