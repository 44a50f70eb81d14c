"""The hook's line, and the record of where hooks were put."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.places import Places
from pipshunt.transparent.startup_hook import (
    FILE_NAME,
    Hook,
    drop_remains,
    find_hooks,
    find_remains,
    find_startup,
    hook_text,
    read_record,
    refresh_hooks,
    remove_hook,
    write_hook,
)


@pytest.fixture
def state(tmp_path: Path) -> str:
    return str(tmp_path / "state")


@pytest.mark.parametrize(
    "name", ["startup.py", 'it\'s "a" {b} \\n %s.py', "größe.py", os.fsdecode(b"\xff.py"), "a\nb.py"]
)
def test_the_line_runs_a_file_of_any_name_and_only_for_a_pip(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("print('ran', __name__)\n")
    text = hook_text(str(tmp_path / name))
    assert text.isascii()
    assert text.startswith("import sys; ")
    assert text.count("\n") == 1
    code = f"import sys; sys.orig_argv = sys.argv[1:]; sys.argv = sys.argv[2:]; exec({text!r})"
    for words, out in (("python3 /usr/bin/pip3 list", "ran pipshunt-transparent\n"), ("python3 app.py pip", "")):
        done = subprocess.run([sys.executable, "-c", code, *words.split()], capture_output=True, text=True, check=True)
        assert done.stdout == out


def test_a_hook_is_put_remembered_and_removed_without_a_trace(tmp_path: Path, state: str) -> None:
    folder = tmp_path / "lib/python3.11/dist-packages"
    old = os.umask(0o077)
    try:
        assert write_hook(str(folder), "/usr/bin/python3", "/e/startup.py", state)
    finally:
        os.umask(old)
    assert (folder / FILE_NAME).read_text() == hook_text("/e/startup.py")
    assert (folder / FILE_NAME).stat().st_mode & 0o777 == 0o644
    assert folder.stat().st_mode & 0o777 == 0o755
    made = tuple(str(tmp_path / path) for path in ("lib", "lib/python3.11", "lib/python3.11/dist-packages"))
    hook = Hook(str(folder / FILE_NAME), "/usr/bin/python3", made)
    assert read_record(state) == find_hooks(state, "") == [hook]
    assert not write_hook(str(folder), "/usr/bin/python3", "/e/startup.py", state)
    assert read_record(state) == [hook]
    (folder / "__pycache__").mkdir()
    remove_hook(hook, state)
    assert os.listdir(tmp_path) == []


def test_folders_that_were_there_or_are_used_stay(tmp_path: Path, state: str) -> None:
    (tmp_path / "there").mkdir()
    write_hook(str(tmp_path / "there"), "", "/e/startup.py", state)
    write_hook(str(tmp_path / "made"), "", "/e/startup.py", state)
    (tmp_path / "made/others.pth").touch()
    for hook in find_hooks(state, ""):
        remove_hook(hook, state)
    assert sorted(os.listdir(tmp_path)) == ["made", "there"]
    assert os.listdir(tmp_path / "made") == ["others.pth"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"hooks": [{"file": 1}]}', '{"hooks": 5}', "\x00"])
def test_a_hook_is_found_when_the_record_is_lost(tmp_path: Path, state: str, damage: str) -> None:
    home = tmp_path / "home [1]"
    folder = home / ".local/lib/python3.10/site-packages"
    write_hook(str(folder), "/usr/bin/python3.10", "/e/startup.py", state)
    Path(state, "transparent.json").write_text(damage)
    found = Hook(str(folder / FILE_NAME), "", ())
    assert find_hooks(state, str(home)) == [found]
    assert find_hooks(state, "", [str(folder)]) == [found]
    remove_hook(found, state)
    assert find_hooks(state, str(home)) == []


def test_what_is_remembered_but_gone_is_no_hook(tmp_path: Path, state: str) -> None:
    write_hook(str(tmp_path), "", "/e/startup.py", state)
    (tmp_path / FILE_NAME).unlink()
    assert find_hooks(state, "") == []
    assert refresh_hooks(state, "/new/startup.py") == []


def test_what_a_kill_has_left_is_dropped_with_its_folders(tmp_path: Path, state: str) -> None:
    folder = tmp_path / "lib/python3.11/site-packages"
    write_hook(str(folder), "", "/e/startup.py", state)
    (folder / FILE_NAME).rename(folder / f".{FILE_NAME}.pipshunt-new")
    Path(state, ".transparent.json.pipshunt-new").touch()
    (hook,) = find_remains(state)
    assert hook.file == str(folder / FILE_NAME)
    drop_remains(state)
    assert os.listdir(tmp_path) == []


def test_the_record_may_lie_in_a_folder_that_was_made(tmp_path: Path) -> None:
    state = str(tmp_path / ".local/state/pipshunt")
    write_hook(str(tmp_path / ".local/lib"), "", "/e/startup.py", state)
    for hook in find_hooks(state, ""):
        remove_hook(hook, state)
    assert os.listdir(tmp_path) == []


def test_a_kill_between_the_folders_of_the_record_leaves_none(tmp_path: Path) -> None:
    (tmp_path / ".local/state").mkdir(parents=True)
    drop_remains(str(tmp_path / ".local/state/pipshunt"))
    assert os.listdir(tmp_path / ".local") == []


def test_a_relative_folder_ends(tmp_path: Path, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_hook("relative/lib", "", "/e/startup.py", state)
    assert read_record(state)[0].made == ("relative", "relative/lib")


def test_hooks_go_on_with_a_new_engine(tmp_path: Path, state: str) -> None:
    write_hook(str(tmp_path), "", "/e/startup.py", state)
    assert refresh_hooks(state, "/new/startup.py") == [str(tmp_path / FILE_NAME)]
    assert (tmp_path / FILE_NAME).read_text() == hook_text("/new/startup.py")
    assert refresh_hooks(state, "/new/startup.py") == []


def test_the_record_is_json_that_others_can_read(tmp_path: Path, state: str) -> None:
    write_hook(str(tmp_path), "/usr/bin/python3", "/e/startup.py", state)
    record = json.loads(Path(state, "transparent.json").read_text())
    hook = {"file": str(tmp_path / FILE_NAME), "interpreter": "/usr/bin/python3", "made": []}
    assert record == {"schema": 1, "hooks": [hook]}


def test_an_engine_that_is_installed_is_named_through_the_link_to_the_one_in_use(tmp_path: Path) -> None:
    import pipshunt.transparent.startup_hook as module

    own = os.path.join(os.path.dirname(os.path.realpath(module.__file__)), "startup.py")
    places = Places("", str(tmp_path), "", "", "", "")
    assert find_startup(places) == own
    (tmp_path / "engine").symlink_to(os.path.dirname(os.path.dirname(own)))
    assert find_startup(places) == str(tmp_path / "engine/transparent/startup.py")
