"""Where the shim enters Python: whatever breaks, the real tool runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from machine import PROJECT, Machine

PYTHON = os.path.realpath(sys.executable)


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """An engine that does what the test writes into it."""
    package = tmp_path / "pipshunt"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "boot.py").write_text((PROJECT / "src/pipshunt/boot.py").read_text())
    real = tmp_path / "real"
    real.write_text('#!/bin/sh\nprintf "real"\nprintf " <%s>" "$@"\necho " ${LC_CTYPE-unset}"\n')
    real.chmod(0o755)
    return package


def boot(
    engine: Path, code: str, *words: str, coerced: str = "", stderr: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    (engine / "engine.py").write_text(code)
    argv = [PYTHON, "-I", "-S", str(engine / "boot.py"), coerced, "/shims/pip", str(engine.parent / "real"), *words]
    env = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(argv, env=env, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False)


def test_the_engine_is_given_the_call_and_its_status_is_ours(engine: Path) -> None:
    done = boot(engine, "def main(*call):\n    print(call)\n    return 7\n", "install", "a b", "")
    assert (done.returncode, done.stderr) == (7, "")
    assert done.stdout == f"('/shims/pip', '{engine.parent}/real', ['install', 'a b', ''])\n"


@pytest.mark.parametrize(
    ("code", "what"),
    [
        pytest.param("def main(*_):\n    raise ValueError('one\\ntwo')\n", "ValueError: one", id="an error"),
        pytest.param("def main(*_):\n    return {}['x']\n", "KeyError: 'x'", id="a bug"),
        pytest.param("import nothing_of_the_kind\n", "ModuleNotFoundError: No module named 'nothing_of_the_kind'", id="an import"),
        pytest.param("def main(\n", "SyntaxError: '(' was never closed (engine.py, line 1)", id="syntax"),
        pytest.param("def main(*_):\n    raise MemoryError\n", "MemoryError: ", id="memory"),
        pytest.param("raise AssertionError('caf\\udce9')\n", "AssertionError: caf\\udce9", id="any bytes"),
    ],
)  # fmt: skip
def test_whatever_breaks_the_real_tool_runs_with_one_line_said(engine: Path, code: str, what: str) -> None:
    done = boot(engine, code, "install", "a b", "")
    assert (done.returncode, done.stdout) == (0, "real <install> <a b> <> unset\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"pipshunt: the engine failed ({what}")
    assert line.endswith(f"), so {engine.parent}/real runs as it is")


def test_a_full_or_closed_stderr_does_not_keep_the_real_tool_from_running(engine: Path) -> None:
    code = "def main(*_):\n    raise ValueError\n"
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        assert boot(engine, code, "x", stderr=full.fileno()).stdout == "real <x> unset\n"


@pytest.mark.parametrize(("coerced", "seen"), [("", "unset"), ("=", ""), ("=de_DE.UTF-8", "de_DE.UTF-8")])
def test_the_locale_that_python_coerces_is_put_back(engine: Path, coerced: str, seen: str) -> None:
    done = boot(engine, "def main(*_):\n    raise ValueError\n", "x", coerced=coerced)
    assert done.stdout == f"real <x> {seen}\n"


HEEDS = """
import os, signal, sys
def main(*_):
    os.write(1, b"went on")
    return 0
kind = signal.getsignal(signal.SIGINT)
os.write(1, kind.name.encode() if isinstance(kind, signal.Handlers) else b"Python's")
os.kill(os.getpid(), signal.SIGINT)
"""


def test_an_interrupt_while_the_engine_is_imported_ends_it_without_a_word(engine: Path) -> None:
    done = boot(engine, HEEDS)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "SIG_DFL", "")


def test_an_interrupt_that_is_ignored_stays_so(engine: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = boot(engine, HEEDS)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (done.returncode, done.stdout, done.stderr) == (0, "SIG_IGNwent on", "")


def test_an_interrupt_kills_as_it_kills_any_command(engine: Path) -> None:
    done = boot(engine, "def main(*_):\n    raise KeyboardInterrupt\n")
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_an_exit_of_the_engine_is_an_exit(engine: Path) -> None:
    done = boot(engine, "def main(*_):\n    raise SystemExit(3)\n")
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


def test_a_module_of_the_working_directory_is_not_imported(machine: Machine) -> None:
    for name in ("typing.py", "pipshunt.py", "signal.py", "pip.py"):
        (machine.project / name).write_text("raise SystemExit('hijacked')\n")
    machine.give(machine.project)
    result = machine.run("pip", "uninstall", "-y", "x")
    assert result.err.startswith("pipshunt: refused: there is no environment to uninstall from")
