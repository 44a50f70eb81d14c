"""pipshunt uninstall, on what install.sh has really laid: all of ours goes, nothing else does, and what is left is told."""

import argparse
import errno
import fcntl
import json
import os
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from building_site import Site
from machine import USER
from wheels import build_wheel

from pipshunt import cli
from pipshunt.folder_tree import share_folder
from pipshunt.setup import traces, uninstallation
from pipshunt.setup.marked_block import remove_block
from pipshunt.setup.traces import Trace
from pipshunt.setup.uninstallation import Report, removal_command, uninstall

RC_FILES = {  # content and mode, before there was a pipshunt
    ".bashrc": (b"case $- in *i*) ;; *) return ;; esac\nalias ll='ls -l'", 0o644),  # the last line has no end
    ".profile": (b"umask 022\r\n", 0o600),
    "dotfiles/zshrc": (b"setopt autocd\n", 0o640),
    ".config/fish/config.fish": (b"", 0o644),
}


class Place:
    """A home in which pipshunt is set up and used, as it was before that and as it is now."""

    def __init__(self, root: Path) -> None:
        self.site = Site(root)
        self.home = self.site.home
        for name, (content, mode) in RC_FILES.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(mode)
        (self.home / ".zshrc").symlink_to("dotfiles/zshrc")
        build_wheel(self.site.wheels, "demo-one", "1.0", scripts={"demo-one": "demo_one:main"})
        self.site.machine.give(self.home)
        self.before = snapshot(self.home)
        done = self.site.install("pip", "install", "--no-cache-dir", "demo-one", SHELL="/bin/zsh")
        assert done.status == 0, done
        done = self.run("pip", "install", "--no-cache-dir", "demo-one", cwd=Path("/"))
        assert done.status == 0, done
        self.after = root / "after"
        shutil.copytree(self.home, self.after, symlinks=True, copy_function=link_or_copy)

    def restore(self) -> None:
        """Make the home what it was when pipshunt was set up and used. Most files are links: to be replaced, not changed."""
        shutil.rmtree(self.home)
        shutil.copytree(self.after, self.home, symlinks=True, copy_function=link_or_copy)
        self.site.machine.give(self.home)

    def run(self, *argv: str, cwd: Path | None = None, **changes: str):  # type: ignore[no-untyped-def]
        env = self.site.env(**changes)
        env["PATH"] = f"{self.site.prefix}/bin:{env['PATH']}"
        return self.site.machine.run(*argv, cwd=cwd, env=env)

    def left(self) -> set[str]:
        """What is in the home that was not there before, or not so, but for the project's own environment."""
        now = snapshot(self.home)
        differs = {path for path in {*now, *self.before} if now.get(path) != self.before.get(path)}
        return {path for path in differs if not path.startswith("project/.venv")}


def link_or_copy(source: str, target: str) -> None:
    """Copy what shells read: that is changed in place where it has two names."""
    (os.link if "/site-packages/" in source else shutil.copy2)(source, target)


def snapshot(folder: Path) -> dict[str, tuple[str, bytes]]:
    found = {}
    for path in folder.rglob("*"):
        status = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
        if path.is_symlink():
            content = os.fsencode(os.readlink(path))
        found[str(path.relative_to(folder))] = (stat.filemode(status.st_mode), content)
    return found


@pytest.fixture(scope="module")
def built() -> Iterator[Place]:
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    yield Place(root)
    shutil.rmtree(root)


@pytest.fixture
def place(built: Place) -> Place:
    built.restore()
    return built


def test_with_all_the_home_is_as_it_was_byte_for_byte(place: Place) -> None:
    assert len(place.left()) > 100
    done = place.run("pipshunt", "uninstall", "--all")
    assert (done.status, done.err) == (0, ""), done
    assert place.left() == set()
    assert not [name for name in os.listdir(place.home / "project/.venv") if name.startswith(".pipshunt")]
    restored = [line for line in done.out.splitlines() if line.startswith("restored")]
    assert restored[0].startswith(f"restored  {place.home}: .profile, ")
    last = done.out.splitlines()[-1]
    assert last == "pipshunt: uninstalled; pip and python3 are the system's own again, in this shell after: hash -r"


def test_without_all_what_installs_have_made_is_left_and_told_with_the_command_that_removes_it(place: Place) -> None:
    done = place.run("pipshunt", "uninstall", "--json")
    assert (done.status, done.err) == (0, ""), done
    told = json.loads(done.out)
    data, state = place.site.prefix, place.home / ".local/state/pipshunt"
    assert told["left"] == [
        {"what": "your environments", "path": f"{data}/envs"},
        {"what": "the log", "path": f"{state}/audit.jsonl"},
        {"what": "the notes of what is followed from where", "path": f"{state}"},
        {"what": "a project's environment", "path": f"{place.home}/project/.venv"},
    ]
    assert told["command"] == f"rm -rf {data}/envs {state}"
    assert os.listdir(data) == ["envs"]
    assert sorted(os.listdir(state)) == ["audit.jsonl", "follow"]
    os.chmod(state, 0o700)
    assert place.site.machine.run("sh", "-c", told["command"]).status == 0
    kept = {".local", ".local/share", ".local/share/pipshunt", ".local/state"}  # empty folders
    assert place.left() == kept


def test_after_a_new_install_what_was_kept_is_found_again(place: Place) -> None:
    assert place.run("pipshunt", "uninstall").status == 0
    assert place.run("python3", "-c", "import demo_one").status == 1
    assert place.site.install(SHELL="/bin/zsh").status == 0
    for cwd in (None, Path("/")):
        assert place.run("python3", "-c", "import demo_one", cwd=cwd).status == 0


def test_a_dry_run_changes_nothing_and_names_what_would_go(place: Place) -> None:
    before = snapshot(place.home)
    done = place.run("pipshunt", "uninstall", "--dry-run")
    assert done.status == 0
    assert snapshot(place.home) == before
    assert f"remove    {place.site.prefix}/engines (the engine)" in done.out.splitlines()
    assert done.out.endswith("pipshunt: this was a dry run; nothing was changed\n")


def test_it_is_idempotent_by_the_checkout_too(place: Place) -> None:
    assert place.site.install("--uninstall", "--all").status == 0
    done = place.site.install("--uninstall", "--all")
    assert done.status == 0, done
    assert done.out == "pipshunt: there is nothing to take away\n"
    assert place.left() == set()


def test_where_the_engine_is_broken_its_command_says_how_and_the_checkout_does_it(place: Place) -> None:
    os.unlink(place.site.prefix / "engine/bin/python")
    done = place.run("pipshunt", "uninstall")
    assert done.status == 1
    assert done.err.startswith(f"pipshunt: the engine is gone ({place.site.prefix}/engine/bin/python); ./install.sh")
    done = place.site.install("--uninstall", "--all")
    assert done.status == 0, done
    assert place.left() == set()


def test_what_was_written_into_rc_files_since_stays(place: Place) -> None:
    for name in (".bashrc", ".profile", ".zshrc"):
        path = (place.home / name).resolve()
        content, mode = path.read_bytes(), path.stat().st_mode
        path.unlink()
        path.write_bytes(b"# above\n" + content + b"# below\n")
        path.chmod(mode)
    place.site.machine.give(place.home)
    assert place.run("pipshunt", "uninstall", "--all").status == 0
    for name in (".profile", "dotfiles/zshrc"):
        content, mode = RC_FILES[name]
        assert (place.home / name).read_bytes() == b"# above\n" + content + b"# below\n"
        assert (place.home / name).stat().st_mode & 0o777 == mode
    assert (place.home / ".zshrc").is_symlink()


def test_a_block_where_zdotdir_led_once_is_taken_out_without_it(place: Place) -> None:
    zsh = place.home / "zsh"
    zsh.mkdir()
    (zsh / ".zshrc").write_bytes(b"setopt autocd\n")
    place.site.machine.give(zsh)
    assert place.site.install(SHELL="/bin/zsh", ZDOTDIR=str(zsh)).status == 0
    assert b"pipshunt" in (zsh / ".zshrc").read_bytes()
    assert place.run("pipshunt", "uninstall", "--all").status == 0
    assert place.left() == {"zsh", "zsh/.zshrc"}
    assert (zsh / ".zshrc").read_bytes() == b"setopt autocd\n"


def test_files_of_others_under_our_names_are_not_touched(place: Place) -> None:
    local = place.home / ".local/bin"
    local.mkdir(exist_ok=True)
    theirs = {place.site.prefix / "bin/black": "#!/bin/sh\necho black\n", local / "pip": "#!/bin/sh\necho pip\n"}
    for path, text in theirs.items():
        place.site.machine.write_script(path, text)
    (local / "python3").symlink_to("/usr/bin/python3")
    (local / "flask").symlink_to("/opt/elsewhere/bin/flask")
    place.site.machine.give(place.home)
    done = place.run("pipshunt", "uninstall", "--all")
    assert done.status == 0, done
    assert [path.read_text() for path in theirs] == list(theirs.values())
    assert sorted(os.listdir(local)) == ["flask", "pip", "python3"]
    assert f"left      {place.site.prefix}/bin/black (not pipshunt's)" in done.out.splitlines()
    assert os.listdir(place.site.prefix / "bin") == ["black"]


def test_leftovers_of_killed_runs_and_of_other_layouts_go_too(place: Place) -> None:
    local = place.home / ".local/bin"
    local.mkdir(exist_ok=True)
    (local / "http").symlink_to("/opt/pipshunt/bin/pipshunt-script")
    (local / "pip3.9").symlink_to(f"{place.site.prefix}/bin/pip3.9")
    (local / ".http.pipshunt-new").symlink_to(f"{place.site.prefix}/bin/pipshunt-script")
    (place.site.prefix / "bin/.pip.pipshunt-new").write_text("#!/bin/sh\n")
    (place.site.prefix / "bin/pip3.8").symlink_to("pipshunt-shim")
    (place.site.prefix / "engines/0.0.1-0123abcd").mkdir()
    (place.home / "..profile.pipshunt-new").write_bytes(b"half")
    (place.site.prefix / ".hook.bash.pipshunt-new").write_bytes(b"half")
    place.site.machine.give(place.home)
    assert place.run("pipshunt", "uninstall", "--all").status == 0
    assert place.left() == set()


def test_while_a_file_of_a_shell_cannot_be_mended_what_does_it_stays_and_can_be_run_again(place: Place) -> None:
    place.home.chmod(0o555)
    done = place.run("pipshunt", "uninstall", "--all")
    place.home.chmod(0o755)
    assert done.status == 1
    failed = [line for line in done.out.splitlines() if line.startswith("FAILED")]
    assert f"FAILED    {place.home}/.profile (what a shell reads as it starts)" in failed[0]
    assert failed[0].endswith("Permission denied")
    again = f"{place.site.prefix}/bin/pipshunt uninstall --all"
    last = done.out.splitlines()[-1]
    assert last == f"pipshunt: not all is taken away; mend what failed, then run again: {again}"
    assert sorted(os.listdir(place.site.prefix / "bin")) == ["pipshunt"]
    assert place.run("sh", "-c", again).status == 0
    assert place.left() == set()


def test_what_fails_on_a_full_disk_is_tried_again_when_there_is_room(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(path: str) -> bool:
        if (place.site.prefix / "bin/pip3").is_symlink():
            raise OSError(errno.ENOSPC, "No space left on device", path)
        return remove_block(path)

    monkeypatch.setattr(traces, "remove_block", fail)
    assert uninstall(place.site.env(), USER, everything=True, dry=False, as_json=True) == 0
    assert json.loads(capfd.readouterr().out)["failed"] == []
    assert place.left() == set()


def test_a_damaged_block_is_told_with_its_line_and_the_file_stays(place: Place) -> None:
    path = place.home / ".profile"
    damaged = path.read_bytes().replace(b"# <<< pipshunt <<<\n", b"")
    path.unlink()
    path.write_bytes(damaged)
    place.site.machine.give(place.home)
    for option in ("--dry-run", "--all"):
        done = place.run("pipshunt", "uninstall", option)
        (line,) = [line for line in done.out.splitlines() if line.startswith("FAILED")]
        assert (done.status, path.read_bytes()) == (1, damaged)
        assert line == (
            f"FAILED    {path} (what a shell reads as it starts): line 2 has '# >>> pipshunt >>>', "
            "and no '# <<< pipshunt <<<' below it; take our lines out by hand"
        )
    path.write_bytes(RC_FILES[".profile"][0])
    path.chmod(RC_FILES[".profile"][1])
    assert place.run(f"{place.site.prefix}/bin/pipshunt", "uninstall", "--all").status == 0
    assert place.left() == set()


def test_what_ended_while_it_waited_goes_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    state = place.home / ".local/state/pipshunt"
    shutil.rmtree(state)

    def end_an_install(_: object) -> None:
        (state / "follow").mkdir(parents=True)
        (state / "follow/@%usr%bin%python3").touch()
        (state / "audit.jsonl").touch()

    monkeypatch.setattr(uninstallation, "_wait_for_calls", end_an_install)
    assert uninstall(place.site.env(), USER, everything=True, dry=False, as_json=True) == 0
    assert place.left() == set()


@pytest.mark.parametrize(
    ("step", "again"),
    [
        pytest.param("_wait_for_calls", "{prefix}/bin/pipshunt uninstall --all", id="the command is there"),
        pytest.param("_drop_empty_folders", "./install.sh --uninstall --all, in a checkout", id="it is gone"),
    ],
)
def test_interrupted_it_says_how_to_go_on(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], step: str, again: str
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(uninstallation, step, interrupt)
    assert uninstall(place.site.env(), USER, everything=True, dry=False, as_json=False) == 130
    said = again.format(prefix=place.site.prefix)
    assert capsys.readouterr().err == f"pipshunt: interrupted; run it again to go on: {said}\n"


class Killed(BaseException):
    pass


def test_killed_after_each_step_it_goes_on_from_there_and_pip_works_throughout(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uninstallation, "_print", lambda _: None)
    take_away = uninstallation._take_away

    def die_after_one(traces: Sequence[Trace], report: Report, *, dry: bool) -> None:
        if traces:
            take_away(traces[:1], report, dry=dry)
            raise Killed

    for number in range(100):
        with monkeypatch.context() as patch:
            patch.setattr(uninstallation, "_take_away", die_after_one)
            try:
                uninstall(place.site.env(), USER, everything=True, dry=False, as_json=False)
            except Killed:
                assert place.run("python3", "-I", "-c", "print(1)").out == "1\n", number
                assert number % 5 or place.run("pip3", "--version").status == 0, number
            else:
                break
    assert number > 15
    assert place.left() == {".local", ".local/share", ".local/state", ".cache"} & place.left()
    assert uninstall(place.site.env(), USER, everything=True, dry=False, as_json=False) == 0
    assert place.left() == set()


def test_a_real_kill_is_survived(request: pytest.FixtureRequest, place: Place) -> None:
    for seconds in [0.02 * number for number in range(1, 20)] if request.config.getoption("--full") else [0.1]:
        place.restore()
        run = place.site.start_command(f"{place.site.prefix}/bin/pipshunt", "uninstall", "--all")
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        assert place.run("pip3", "--version").status == 0
        assert place.site.install("--uninstall", "--all").status == 0
        assert place.left() == set(), seconds


def test_two_at_once_both_succeed(place: Place) -> None:
    runs = [place.site.start_command(f"{place.site.prefix}/bin/pipshunt", "uninstall", "--all") for _ in range(2)]
    ends = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ends
    assert place.left() == set()


def test_one_that_has_waited_for_another_needs_nothing_of_the_engine_that_is_gone(place: Place) -> None:
    lock = os.open(place.site.prefix, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    run = place.site.start_command(f"{place.site.prefix}/bin/pipshunt", "uninstall", "--all")
    assert run.stderr
    assert run.stderr.readline().startswith(b"pipshunt: waiting for another install or uninstall")
    shutil.rmtree(place.site.prefix / "engines")
    os.close(lock)
    ends = run.communicate(timeout=60)
    assert (run.returncode, ends[1]) == (0, b""), ends
    assert place.left() == set()


def test_one_that_finds_the_engine_gone_as_it_starts_has_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pipshunt.setup.uninstallation", None)
    with pytest.raises(ImportError):
        cli._uninstall(argparse.Namespace())
    monkeypatch.setattr(sys, "prefix", "/nonexistent/engine")
    assert cli._uninstall(argparse.Namespace()) == 0
    assert capsys.readouterr().err == "pipshunt: another uninstall has just taken it away\n"


def test_it_waits_for_an_install_that_is_under_way(place: Place) -> None:
    library = next((place.site.prefix / "engine/lib").iterdir())
    package = str(library / "site-packages/pipshunt")
    child = os.fork()
    if child == 0:
        share_folder(package)
        time.sleep(1)
        os._exit(0 if os.path.isdir(package) else 1)
    time.sleep(0.2)
    done = place.run("pipshunt", "uninstall")
    assert os.waitpid(child, 0)[1] == 0
    assert done.status == 0
    assert done.err == "pipshunt: waiting for a pip install that is under way, for 60 seconds at most\n"


def test_without_an_installation_of_their_own_a_user_is_told_whose_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(uninstallation, "MACHINE_DATA", str(tmp_path))
    assert uninstall({"HOME": str(tmp_path)}, 64123, everything=False, dry=False, as_json=False) == 1
    first = capsys.readouterr().err.splitlines()[0]
    said = f"there is no installation of yours; the machine's goes with: sudo {tmp_path}/bin/pipshunt uninstall"
    assert first.endswith(said)


def test_without_a_home_it_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert uninstall({}, 4_000_000_001, everything=True, dry=False, as_json=False) == 1
    assert capsys.readouterr().err == (
        "pipshunt: there is no home folder, so nothing of pipshunt's is in one; HOME=FOLDER names yours\n"
    )


def test_with_stdout_closed_it_does_its_work(place: Place) -> None:
    done = place.run("sh", "-c", "exec pipshunt uninstall --all >&-")
    assert (done.status, done.err) == (0, "")
    assert place.left() == set()


def test_an_option_that_there_is_not_is_a_usage_error(place: Place) -> None:
    done = place.site.install("--uninstall", "--everything")
    assert (done.status, done.out) == (2, "")
    assert done.err == "pipshunt: install.sh --uninstall takes --all, --dry-run, --json, nothing else\n"


@pytest.mark.parametrize(
    ("paths", "command"),
    [
        pytest.param([], "", id="nothing"),
        pytest.param(["/s/log", "/s", "/d/it's"], "rm -rf '/d/it'\"'\"'s' /s", id="the outer alone, quoted"),
        pytest.param(["/s-2", "/s", "/s/a"], "rm -rf /s /s-2", id="a name that begins alike"),
    ],
)
def test_the_command_that_removes_what_is_left(paths: list[str], command: str) -> None:
    assert removal_command([Trace("", path, int) for path in paths]) == command
