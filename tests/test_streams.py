"""The standard streams as the people's commands have them."""

import subprocess
import sys

import pytest
from machine import PROJECT


def run(code: str, redirections: str = "") -> "subprocess.CompletedProcess[str]":
    whole = f"import sys; sys.path.insert(0, {str(PROJECT / 'src')!r})\nfrom pipshunt import streams\n{code}"
    argv = ["sh", "-c", f'exec "$@" {redirections}', "sh", sys.executable, "-I", "-c", whole]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [1, 100_000], ids=["kept till the flush", "written at once"])
def test_an_error_of_stdouts_names_it(size: int) -> None:
    code = (
        "streams.settle_streams()\n"
        f"try:\n    print('x' * {size}, flush=True)\nexcept OSError as error:\n    streams.drop_output(1)\n"
        "    streams.tell(f'{error.filename}: {error.strerror}')"
    )
    done = run(code, ">/dev/full")
    assert (done.returncode, done.stderr) == (0, "stdout: No space left on device\n")


def test_a_stream_that_is_closed_is_replaced() -> None:
    done = run("streams.settle_streams(); print(sys.stdin.read()); streams.tell('x')", "<&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_stdout_keeps_its_encoding_and_its_errors() -> None:
    code = (
        "sys.stdout.reconfigure(encoding='latin-1', errors='backslashreplace'); streams.settle_streams()\n"
        "print(sys.stdout.encoding, sys.stdout.errors)"
    )
    assert run(code).stdout == "latin-1 backslashreplace\n"


def test_a_full_stderr_is_no_failure() -> None:
    assert run("streams.tell('x')", "2>/dev/full").returncode == 0
