"""Who called, as the processes themselves tell."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.callers import describe_callers, find_callers, find_shell

SOURCE = str(Path(__file__).resolve().parent.parent / "src")
TELL = (
    f"import sys, json; sys.path.insert(0, {SOURCE!r})\nfrom pipshunt.callers import *\nfrom pipshunt import callers\n"
)


def test_the_nearest_ancestor_comes_first(tmp_path: Path) -> None:
    script = tmp_path / "deploy.sh"
    script.write_text('"$@"\nexit\n')
    code = TELL + "print(json.dumps(find_callers()))"
    done = subprocess.run(["sh", script, sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    callers = json.loads(done.stdout)
    assert callers[0] == ["sh", str(script), sys.executable, "-I", "-c", code]
    assert callers[1][1:] == list(sys.orig_argv[1:])


def test_without_proc_psutil_tells_the_same() -> None:
    pytest.importorskip("psutil")
    code = TELL + "print(json.dumps([list(find_callers()), list(callers._from_psutil())]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    one, other = json.loads(done.stdout)
    assert one[:2] == other[:2]


def test_odd_names_of_processes_are_read(tmp_path: Path) -> None:
    program = tmp_path / "a) S 1 1"
    program.symlink_to(os.path.realpath(sys.executable))
    code = "import subprocess, sys; subprocess.run(sys.argv[1:], check=True)"
    inner = TELL + "print(json.dumps(find_callers()))"
    argv = [str(program), "-I", "-c", code, sys.executable, "-I", "-c", inner]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[:2] == [argv, list(sys.orig_argv)]


def test_up_to_ten_are_told() -> None:
    assert len(find_callers()) <= 10  # none at all where we are a container's first process


def test_three_words_of_each_are_kept_without_secrets() -> None:
    callers = [("make", "-j", "all", "SECRET=1"), ("sh", "-c", "pip install -i https://u:p@h x"), ("x" * 200,)]
    assert describe_callers(callers) == ["make -j all", "sh -c pip install -i https://****@h x", "x" * 80]


@pytest.mark.parametrize(
    ("callers", "env", "shell"),
    [
        ((("make",), ("-zsh",), ("bash",)), {}, "zsh"),
        ((("/usr/bin/fish", "-l"),), {"SHELL": "/bin/bash"}, "fish"),
        ((("make",), ("sshd",)), {"SHELL": "/usr/bin/bash"}, "bash"),
        ((("bashful",),), {}, ""),
        ((), {"SHELL": ""}, ""),
        ((("",),), {}, ""),
    ],
)
def test_the_shell_is_the_nearest_one(callers: tuple[tuple[str, ...], ...], env: dict[str, str], shell: str) -> None:
    assert find_shell(callers, env) == shell
