"""The block in the shells' profiles: in once, out again byte for byte, and what it does in real shells."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipshunt.setup.shell_profile import (
    BEGIN,
    END,
    Profile,
    find_profiles,
    machine_profile,
    path_line,
    with_block,
    without_block,
    write_profile,
)

BLOCK = b"PATH=/x:$PATH\n"
contents = (
    st.lists(st.sampled_from([b"a", b"\n", b"\r\n", b"\xff", b"# ", BEGIN, b" ", b"fi"])).map(b"".join) | st.binary()
)


@given(contents, st.booleans())
def test_taking_the_block_out_restores_every_byte(content: bytes, at_top: bool) -> None:
    assume(END not in content)
    assert without_block(with_block(content, BLOCK, at_top=at_top)) == content


@given(contents, st.booleans())
def test_putting_the_block_in_twice_is_putting_it_in_once(content: bytes, at_top: bool) -> None:
    once = with_block(content, BLOCK, at_top=at_top)
    assert with_block(once, BLOCK, at_top=at_top) == once


@given(contents, st.booleans())
def test_a_newer_block_takes_the_place_of_the_older(content: bytes, at_top: bool) -> None:
    assume(END not in content)
    older = with_block(content, b"PATH=/older:$PATH\n", at_top=at_top)
    assert with_block(older, BLOCK, at_top=at_top) == with_block(content, BLOCK, at_top=at_top)


@pytest.mark.parametrize(
    ("content", "at_top", "expected"),
    [
        pytest.param(b"", False, b"# >>> pipshunt >>>\nB\n# <<< pipshunt <<<\n", id="empty"),
        pytest.param(b"x\n", False, b"x\n# >>> pipshunt >>>\nB\n# <<< pipshunt <<<\n", id="end"),
        pytest.param(b"x\n", True, b"# >>> pipshunt >>>\nB\n# <<< pipshunt <<<\nx\n", id="top"),
        pytest.param(
            b"x", False, b"x\n# >>> pipshunt >>> (the line above had no end)\nB\n# <<< pipshunt <<<\n", id="no newline"
        ),
        pytest.param(b"x", True, b"# >>> pipshunt >>>\nB\n# <<< pipshunt <<<\nx", id="no newline, top"),
    ],
)
def test_where_the_block_goes(content: bytes, at_top: bool, expected: bytes) -> None:
    assert with_block(content, b"B\n", at_top=at_top) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"a\n# >>> pipshunt >>>\nmine\n", b"a\n# >>> pipshunt >>>\nmine\n", id="no last line"),
        pytest.param(b"mine\n# <<< pipshunt <<<\n", b"mine\n# <<< pipshunt <<<\n", id="no first line"),
        pytest.param(
            b"# >>> pipshunt >>>\nmine\n# >>> pipshunt >>>\nB\n# <<< pipshunt <<<\n",
            b"# >>> pipshunt >>>\nmine\n",
            id="a stray first line above",
        ),
        pytest.param(b"a\n# >>> pipshunt >>>\nB\n# <<< pipshunt <<<", b"a\n", id="an editor took the last newline"),
        pytest.param(
            b"a\n# >>> pipshunt >>> (the line above had no end)\nB\n# <<< pipshunt <<<\nb\n",
            b"a\nb\n",
            id="a line was added",
        ),
    ],
)
def test_lines_that_are_not_ours_stay_when_the_block_was_edited(content: bytes, expected: bytes) -> None:
    assert without_block(content) == expected


def test_profiles_that_are_there_are_told_and_those_of_shells_that_are_there(tmp_path: Path) -> None:
    for name in (".bash_login", ".mkshrc"):
        (tmp_path / name).touch()
    env = {"PATH": "", "SHELL": "/bin/zsh", "ZDOTDIR": str(tmp_path / "z"), "XDG_CONFIG_HOME": str(tmp_path / "c")}
    (tmp_path / "c/fish").mkdir(parents=True)
    found = [os.path.relpath(profile.path, tmp_path) for profile in find_profiles(str(tmp_path), env, "/x")]
    expected = [
        ".profile",
        ".bash_login",
        ".bashrc",
        "z/.zprofile",
        "z/.zshrc",
        ".mkshrc",
        "c/fish/conf.d/pipshunt.fish",
    ]
    assert [name for name in found if name != ".bashrc"] == [name for name in expected if name != ".bashrc"]
    assert (".bashrc" in found) == (shutil.which("bash") is not None)


def test_a_link_stays_a_link_and_mode_and_bytes_stay(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles/profile"
    target.parent.mkdir()
    target.write_bytes(b"\xff\r\n")
    target.chmod(0o640)
    link = tmp_path / ".profile"
    link.symlink_to("dotfiles/profile")
    profile = Profile(str(link), BLOCK, at_top=False)
    assert write_profile(profile) is True
    assert write_profile(profile) is False
    assert link.is_symlink()
    assert target.read_bytes() == b"\xff\r\n" + BEGIN + b"\n" + BLOCK + END + b"\n"
    assert target.stat().st_mode & 0o7777 == 0o640
    assert sorted(os.listdir(tmp_path)) == [".profile", "dotfiles"]
    assert os.listdir(target.parent) == ["profile"]


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "named pipe"])
def test_a_profile_that_is_no_file_is_an_error_and_not_waited_for(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / ".profile")
    with pytest.raises(OSError, match="not a regular file"):
        write_profile(Profile(str(tmp_path / ".profile"), BLOCK, at_top=False))


FOLDERS = ["/shims", "/o'd d$HOME\"`\\x*"]


def _path_after(shell: list[str], file: Path, path: str, **env: str) -> str:
    script = f". '{file}'; /usr/bin/printf '%s\\n' \"$PATH\""
    done = subprocess.run(
        [*shell, "-c", script],
        env={"PATH": path, **env},
        capture_output=True,
        text=True,
        check=True,
        executable=shutil.which(shell[0]),
    )
    return done.stdout.removesuffix("\n")


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "zsh", "mksh", "ksh", "busybox sh"])
def test_the_block_puts_the_folder_first_in_every_shell(shell: str, folder: str, tmp_path: Path) -> None:
    if not shutil.which(shell.split(maxsplit=1)[0]):
        pytest.skip(f"{shell} is not installed")
    words = shell.split()
    started = tmp_path / "started"
    env = {"SHELL": "/bin/bash", "PATH": ""}
    (bashrc,) = [p for p in find_profiles("/h", env, folder) if p.path == "/h/.bashrc"]
    started.write_bytes(bashrc.block)
    login = tmp_path / "login"
    login.write_bytes(machine_profile(folder).block)
    for file in (started, login):
        assert _path_after(words, file, "/usr/bin:/bin") == f"{folder}:/usr/bin:/bin"
        assert _path_after(words, file, f"{folder}:/bin") == f"{folder}:/bin"
        assert _path_after(words, file, f"/v/bin:{folder}:/bin", VIRTUAL_ENV="/v") == f"/v/bin:{folder}:/bin"
    # A started shell leaves the place alone; a login shell starts a session, where what came before may not stay ahead.
    assert _path_after(words, started, f"/a:{folder}") == f"/a:{folder}"
    assert _path_after(words, login, f"/a:{folder}") == f"{folder}:/a:{folder}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_block_works_in_fish(folder: str, tmp_path: Path) -> None:
    fish = shutil.which("fish")
    if not fish:
        pytest.skip("fish is not installed")
    env = {"SHELL": "/bin/fish", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    (profile,) = [p for p in find_profiles(str(tmp_path), env, folder) if p.path.endswith(".fish")]
    write_profile(profile)
    done = subprocess.run([fish, "-c", "string join : $PATH"], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == f"{folder}:/usr/bin:/bin\n"


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("existing", [".cshrc", ".tcshrc"])
def test_the_block_works_in_tcsh(existing: str, folder: str, tmp_path: Path) -> None:
    tcsh = shutil.which("tcsh")
    if not tcsh:
        pytest.skip("tcsh is not installed")
    (tmp_path / existing).write_text("if (! $?prompt) exit\n")
    env = {"SHELL": "/bin/tcsh", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    for profile in find_profiles(str(tmp_path), env, folder):
        write_profile(profile)
    for path, expected in {"/usr/bin:/bin": f"{folder}:/usr/bin:/bin", f"/a:{folder}": f"/a:{folder}"}.items():
        argv = [tcsh, "-c", 'setenv OUT "$PATH"; /usr/bin/printenv OUT']
        done = subprocess.run(argv, env={**env, "PATH": path}, capture_output=True, text=True, check=True)
        assert done.stdout == f"{expected}\n"


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("shell", ["sh", "bash", "zsh", "fish", "tcsh"])
def test_the_line_for_this_shell_does_what_it_says(shell: str, folder: str, tmp_path: Path) -> None:
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"{shell} is not installed")
    line = path_line(folder, {"SHELL": program})
    show = "string join : $PATH" if shell == "fish" else "printenv PATH"
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run([program, "-c", f"{line}\n{show}"], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == f"{folder}:/usr/bin:/bin\n"
