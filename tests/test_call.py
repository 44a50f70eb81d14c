"""The call and how we speak, in processes of their own: a working directory or a stderr can be gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.call import is_pip, is_python, quoted

SOURCE = str(Path(__file__).resolve().parent.parent / "src")


def run(code: str, cwd: Path, stderr: int = subprocess.PIPE) -> "subprocess.CompletedProcess[bytes]":
    argv = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {SOURCE!r})\n{code}"]
    return subprocess.run(argv, cwd=cwd, check=False, stdout=subprocess.PIPE, stderr=stderr)


@pytest.mark.parametrize("name", ["pip", "pip3", "pip3.11", "pip2.7", "pip3.14"])
def test_names_of_pip(name: str) -> None:
    assert is_pip(name)
    assert not is_python(name)


@pytest.mark.parametrize("name", ["python", "python3", "python3.11", "python2"])
def test_names_of_an_interpreter(name: str) -> None:
    assert is_python(name)
    assert not is_pip(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "pipx",
        "pip-compile",
        "pip3.",
        "pip.3",
        "pipshunt",
        "pip3.11t",
        "PIP",
        "uv",
        "pypy3",
        "pythonw",
        "python3-config",
    ],
)
def test_names_of_neither(name: str) -> None:
    assert not is_pip(name)
    assert not is_python(name)


def test_the_world_is_read_once_and_a_lost_working_directory_is_empty(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = run(
        "import os\nos.rmdir(os.getcwd())\nfrom pipshunt.call import read_call\n"
        "call = read_call('pip3', '/usr/bin/pip3', ['install', 'x'])\n"
        "print(call.tool, call.args, call.real, repr(call.cwd), call.env is os.environ, call.uid == os.geteuid())",
        tmp_path / "gone",
    )
    assert done.stdout.decode() == "pip3 ('install', 'x') /usr/bin/pip3 '' True True\n"


def test_every_line_said_carries_our_name_and_bytes_come_out_as_they_came_in(tmp_path: Path) -> None:
    done = run("from pipshunt.call import say, show\nsay('one', 'caf\\udce9')\nshow(['two', '', 'three'])", tmp_path)
    assert done.stdout == b""
    assert done.stderr == b"pipshunt: one\npipshunt: caf\xe9\npipshunt: two\n\nthree\n"


def test_control_characters_are_written_out(tmp_path: Path) -> None:
    said = "a\x1b[31mb\nc\x7f\x9bd\te é"
    done = run(f"from pipshunt.call import say, show\nsay({said!r})\nshow([{said!r}])", tmp_path)
    line = "pipshunt: a\\x1b[31mb\\nc\\x7f\\x9bd\te é\n"
    assert done.stderr.decode() == line * 2


def test_a_closed_stderr_is_nobody_to_tell(tmp_path: Path) -> None:
    done = run("import os\nos.close(2)\nfrom pipshunt.call import say\nsay('one')\nprint('goes on')", tmp_path)
    assert (done.returncode, done.stdout) == (0, b"goes on\n")


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)], ids=str)
def test_the_place_of_a_closed_descriptor_is_taken_until_exec(tmp_path: Path, closed: tuple[int, ...]) -> None:
    code = (
        f"import os\nfor number in {closed}: os.close(number)\n"
        "from pipshunt.call import occupy_closed_descriptors\noccupy_closed_descriptors()\n"
        "with open('opened', 'w') as file:\n"
        "    print(file.fileno(), [number for number in range(3) if not os.get_inheritable(number)], file=file)\n"
    )
    run(code, tmp_path)
    assert (tmp_path / "opened").read_text() == f"3 {list(closed)}\n"


def test_a_full_stderr_stops_nothing(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "wb") as full:
        done = run("from pipshunt.call import say\nsay('one')\nprint('goes on')", tmp_path, stderr=full.fileno())
    assert (done.returncode, done.stdout) == (0, b"goes on\n")


@pytest.mark.parametrize(
    ("word", "typed"),
    [
        ("flask", "flask"),
        ("flask==3.0", "flask==3.0"),
        ("flask>=3", "'flask>=3'"),
        ("--index-url=https://h/a", "--index-url=https://h/a"),
        ("a b", "'a b'"),
        ("it's", "'it'\\''s'"),
        ("=ls", "'=ls'"),
        ("~ana", "'~ana'"),
        ("", "''"),
    ],
)
def test_words_are_shown_as_they_are_typed(word: str, typed: str) -> None:
    assert quoted(word) == typed
    done = subprocess.run(["sh", "-c", f"printf %s {typed}"], capture_output=True, text=True, check=True)
    assert done.stdout == word
