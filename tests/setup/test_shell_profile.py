"""The files that shells read as they start: which are told, and what the block does in real shells."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from machine import USER

from pipshunt.setup.marked_block import write_block
from pipshunt.setup.shell_profile import (
    find_machine_hooks,
    find_profiles,
    hook_lines,
    machine_profile,
    machine_profile_paths,
    path_line,
    profile_paths,
    remember_profiles,
    remembered_profiles,
)


@pytest.mark.parametrize(
    ("shell", "there", "told"),
    [
        pytest.param("/bin/bash", (), ".profile .bashrc", id="bash"),
        pytest.param("/bin/zsh", (), ".profile .zshenv .zprofile .zshrc", id="zsh"),
        pytest.param("/usr/bin/fish", (), ".profile .config/fish/conf.d/pipshunt.fish", id="fish"),
        pytest.param("/bin/tcsh", (), ".profile .cshrc", id="tcsh"),
        pytest.param("/bin/mksh", (".mkshrc",), ".profile .mkshrc", id="mksh"),
        pytest.param("/bin/bash", (".zshrc",), ".profile .bashrc .zshrc", id="bash, and zsh's file is there"),
        pytest.param("/bin/zsh", (".bashrc",), ".profile .bashrc .zshenv .zprofile .zshrc", id="zsh, and bash's"),
        pytest.param(
            "/bin/bash", (".config/fish",), ".profile .bashrc .config/fish/conf.d/pipshunt.fish", id="fish is set up"
        ),
        pytest.param("/bin/bash", (".bash_login",), ".profile .bash_login .bashrc", id="what bash reads instead"),
    ],
)
def test_the_profiles_of_the_users_shells_are_told_and_no_others(
    tmp_path: Path, shell: str, there: tuple[str, ...], told: str
) -> None:
    for name in there:
        (tmp_path / name).mkdir(parents=True)
    found = [
        os.path.relpath(profile.path, tmp_path) for profile in find_profiles(str(tmp_path), {"SHELL": shell}, "/x")
    ]
    assert found == told.split()


def test_who_has_a_plain_sh_types_in_bash_where_there_is_one(tmp_path: Path) -> None:
    found = [os.path.relpath(profile.path, tmp_path) for profile in find_profiles(str(tmp_path), {}, "/x")]
    assert found == ([".profile", ".bashrc"] if shutil.which("bash") else [".profile"])


def test_variables_lead_to_profiles_elsewhere(tmp_path: Path) -> None:
    env = {"SHELL": "/bin/zsh", "ZDOTDIR": str(tmp_path / "z"), "XDG_CONFIG_HOME": str(tmp_path / "c")}
    (tmp_path / "c/fish").mkdir(parents=True)
    (tmp_path / ".zshenv").touch()
    found = [os.path.relpath(profile.path, tmp_path) for profile in find_profiles(str(tmp_path), env, "/x")]
    assert found == [".profile", ".zshenv", "z/.zprofile", "z/.zshrc", "c/fish/conf.d/pipshunt.fish"]
    assert set(found) <= {os.path.relpath(path, tmp_path) for path in profile_paths(str(tmp_path), env)}
    assert str(tmp_path / ".config/fish/conf.d/pipshunt.fish") in profile_paths(str(tmp_path), env)


def test_of_the_machines_files_those_get_the_hook_that_are_there(tmp_path: Path) -> None:
    def found() -> list[str]:
        return [os.path.relpath(profile.path, tmp_path) for profile in find_machine_hooks("/x/bin", str(tmp_path))]

    assert found() == []
    (tmp_path / "etc/bash/bashrc.d").mkdir(parents=True)
    (tmp_path / "etc/fish/conf.d").mkdir(parents=True)
    assert found() == ["etc/bash/bashrc.d/pipshunt.sh", "etc/fish/conf.d/pipshunt.fish"]
    for name in ("etc/bash.bashrc", "etc/bashrc", "etc/zshrc"):
        (tmp_path / name).touch()
    assert found() == ["etc/bash.bashrc", "etc/zshrc", "etc/fish/conf.d/pipshunt.fish"]
    assert set(found()) < {os.path.relpath(path, tmp_path) for path in machine_profile_paths(str(tmp_path))}


def test_the_hook_is_sourced_where_someone_types_and_only_by_its_shell() -> None:
    assert hook_lines("bash", "/o'd/bin") == (
        b"case \"${BASH_VERSION-}:$-\" in ?*:*i*) if [ -r '/o'\\''d/hook.bash' ]; then . '/o'\\''d/hook.bash'; fi ;; esac\n"
    )
    assert hook_lines("zsh", "/x/bin") == b"case $- in *i*) if [ -r '/x/hook.zsh' ]; then . '/x/hook.zsh'; fi ;; esac\n"
    assert hook_lines("fish", "/x/bin") == (
        b"if status is-interactive; and test -r '/x/hook.fish'\n    source '/x/hook.fish'\nend\n"
    )


FOLDERS = ["/shims", "/o'd d$HOME\"`\\x*"]


def _path_after(shell: list[str], file: Path, path: str, uid: int | None = None, **env: str) -> str:
    script = f". '{file}'; /usr/bin/printf '%s\\n' \"$PATH\""
    done = subprocess.run(
        [*shell, "-c", script],
        env={"PATH": path, **env},
        capture_output=True,
        text=True,
        check=True,
        executable=shutil.which(shell[0]),
        user=uid if uid != os.geteuid() else None,
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
    login.write_bytes(machine_profile(folder, unreached=True).block)
    for file in (started, login):
        assert _path_after(words, file, "/usr/bin:/bin") == f"{folder}:/usr/bin:/bin"
        assert _path_after(words, file, f"{folder}:/bin") == f"{folder}:/bin"
        assert _path_after(words, file, f"/v/bin:{folder}:/bin", VIRTUAL_ENV="/v") == f"/v/bin:{folder}:/bin"
    # A started shell leaves the place alone; a login shell starts a session, where what came before may not stay ahead.
    assert _path_after(words, started, f"/a:{folder}") == f"/a:{folder}"
    assert _path_after(words, login, f"/a:{folder}") == f"{folder}:/a:{folder}"


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "zsh", "mksh", "ksh", "busybox sh"])
def test_the_machine_s_block_puts_a_user_s_scripts_last(shell: str, folder: Path) -> None:
    if not shutil.which(shell.split(maxsplit=1)[0]):
        pytest.skip(f"{shell} is not installed")
    file = folder / "login"
    file.write_bytes(machine_profile("/x/bin", unreached=False).block)
    home, own = "/home/a b", "/home/a b/.local/share/pipshunt/bin"
    words = shell.split()
    assert _path_after(words, file, "/usr/bin:/bin", USER, HOME=home) == f"/usr/bin:/bin:{own}"
    assert _path_after(words, file, f"{own}:/bin", USER, HOME=home) == f"{own}:/bin"
    assert _path_after(words, file, "/bin", USER, HOME=home, XDG_DATA_HOME="/d") == "/bin:/d/pipshunt/bin"
    assert _path_after(words, file, "/usr/bin:/bin", USER) == "/usr/bin:/bin"
    if os.geteuid() == 0:
        assert _path_after(words, file, "/bin", HOME=home) == "/bin"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_block_works_in_fish(folder: str, tmp_path: Path) -> None:
    fish = shutil.which("fish")
    if not fish:
        pytest.skip("fish is not installed")
    env = {"SHELL": "/bin/fish", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    (profile,) = [p for p in find_profiles(str(tmp_path), env, folder) if p.path.endswith(".fish")]
    write_block(profile.path, profile.block, at_top=profile.at_top)
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
        write_block(profile.path, profile.block, at_top=profile.at_top)
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


def test_the_files_that_blocks_were_put_into_are_remembered_once_each(tmp_path: Path) -> None:
    assert remembered_profiles(str(tmp_path)) == []
    remember_profiles(str(tmp_path), ["/home/ana/.zshrc", "/home/ana/od\ndity"])
    remember_profiles(str(tmp_path), ["/home/ana/caf\udce9/.zshrc", "/home/ana/.zshrc"])
    assert remembered_profiles(str(tmp_path)) == ["/home/ana/.zshrc", "/home/ana/caf\udce9/.zshrc"]
