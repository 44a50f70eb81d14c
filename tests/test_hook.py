"""The hook as it is laid and printed; what it does in shells is tested in tests/hooks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from machine import PROJECT

from pipshunt.hook import HOOKS, NoHook, fill_hook, hook_path, lay_hooks, read_hook


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        pytest.param("bash", b"x='/o'\\''d\\ $p'\n", id="bash"),
        pytest.param("fish", b"x='/o\\'d\\\\ $p'\n", id="fish"),
    ],
)
def test_the_prefix_is_quoted_for_the_shell(shell: str, line: bytes) -> None:
    assert fill_hook(b"x='@PREFIX@'\n", "/o'd\\ $p", shell) == line


@pytest.mark.parametrize("shell", HOOKS)
def test_a_prefix_with_odd_letters_is_what_the_shell_reads(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"{shell} is not installed")
    prefix = os.fsdecode(b"/o'd \\$x`\"\n\xff*")
    text = fill_hook(Path(PROJECT / f"shims/hook.{shell}").read_bytes(), prefix, shell)
    script = tmp_path / "hook"
    script.write_bytes(text + b'\nprintf %s "$_pipshunt_prefix"\n')
    done = subprocess.run([program, script], capture_output=True, check=True, env={"HOME": "/", "LANG": "C.UTF-8"})
    assert (done.stdout, done.stderr) == (os.fsencode(prefix), b"")


def test_each_hook_is_laid_and_read_from_the_first_prefix_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    lay_hooks(str(tmp_path / "p"), str(PROJECT / "shims"))
    assert sorted(os.listdir(tmp_path / "p")) == ["entered", "hook.bash", "hook.fish", "hook.zsh"]
    assert sorted(os.listdir(tmp_path / "p/entered")) == ["pip", "pip3", "python", "python3"]
    assert os.readlink(tmp_path / "p/entered/python") == "../bin/pipshunt-shim"
    for shell in HOOKS:
        text = Path(hook_path(str(tmp_path / "p"), shell)).read_bytes()
        assert text.count(b"'%s'" % os.fsencode(tmp_path / "p")) == 1
        assert read_hook(shell, ["", str(tmp_path / "none"), str(tmp_path / "p")]) == text


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        pytest.param("dash", "there is no hook for dash, only for bash, zsh and fish; here, enter", id="another shell"),
        pytest.param("bash", "it is not set up here; run install.sh", id="not set up"),
    ],
)
def test_where_there_is_no_hook_it_is_said_what_to_do(shell: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(NoHook, match=said):
        read_hook(shell, [str(tmp_path)])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash"])
def test_without_a_word_it_is_the_shell_that_asks(shell: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"{shell} is not installed")
    script = "import sys; from pipshunt.hook import find_shell; print(find_shell())"
    env = {"PYTHONPATH": str(PROJECT / "src"), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    line = f"{sys.executable} -c '{script}'; true"
    done = subprocess.run([program, "-c", line], capture_output=True, check=True, env=env)
    assert (done.stdout.decode(), done.stderr) == (f"{shell}\n", b"")
