"""A stage beside an environment, and moving in from it: all, or nothing."""

import contextlib
import os
from pathlib import Path

import pytest

from pipshunt.accelerator.snapshot import Snapshot, take_snapshot
from pipshunt.accelerator.staging import Moves, Stage, clear_placed, lay_stage, move_in, remove_leftovers, remove_stage

SITE = "lib/python3.11/site-packages"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    environment = tmp_path / "env"
    info = environment / SITE / "old-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Name: old\nVersion: 1\n")
    (info / "RECORD").write_text("old/a.py,,\nold-1.dist-info/METADATA,,\nold-1.dist-info/RECORD,,\n")
    (info / "INSTALLER").write_text("pip\n")
    (environment / SITE / "old/data").mkdir(parents=True)
    (environment / SITE / "old/a.py").write_text("1")
    (environment / SITE / "old/data/note").write_text("2")
    (environment / "bin").mkdir()
    (environment / "bin/tool").write_text("3")
    return environment


def lay(environment: Path) -> tuple[Stage, Snapshot]:
    snapshot = take_snapshot(str(environment / SITE))
    return lay_stage(str(environment), snapshot), snapshot


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        stat = path.lstat()
        found[str(path.relative_to(folder))] = (
            stat.st_ino,
            stat.st_mtime_ns,
            b"" if path.is_dir() else path.read_bytes(),
        )
    return found


def test_a_stage_shows_what_is_installed_and_nothing_else(environment: Path) -> None:
    stage, _ = lay(environment)
    assert sorted(os.listdir(stage.site)) == ["old-1.dist-info"]
    shown = Path(stage.site, "old-1.dist-info")
    assert sorted(os.listdir(shown)) == ["METADATA", "RECORD"]
    assert (shown / "RECORD").read_text() == "old-1.dist-info/METADATA,,\nold-1.dist-info/RECORD,,\n"
    assert (shown / "METADATA").stat().st_ino != (environment / SITE / "old-1.dist-info/METADATA").stat().st_ino
    clear_placed(stage, frozenset())
    assert os.listdir(stage.site) == []
    remove_stage(stage.folder, stage.held)
    assert sorted(os.listdir(environment)) == ["bin", "lib"]


def test_the_next_stage_clears_away_what_nobody_holds(environment: Path) -> None:
    first, _ = lay(environment)
    second, _ = lay(environment)
    assert os.path.isdir(first.folder)
    os.close(first.held)  # as when its process is killed
    third, _ = lay(environment)
    assert not os.path.exists(first.folder)
    assert os.path.isdir(second.folder)
    for stage in (second, third):
        remove_stage(stage.folder, stage.held)


def fill(stage: Stage, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = Path(stage.prefix, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_moving_in_takes_the_place_of_what_is_replaced(environment: Path) -> None:
    stage, _ = lay(environment)
    clear_placed(stage, frozenset())
    fill(stage, {f"{SITE}/old/b.py": "new", f"{SITE}/new.py": "new", "bin/tool": "new", "share/man/x": "new"})
    move_in(stage, str(environment), [str(environment / SITE / "old/a.py")], str(environment / SITE))
    remove_stage(stage.folder, stage.held)
    found = {str(p.relative_to(environment)): p.read_text() for p in environment.rglob("*") if p.is_file()}
    assert {name: text for name, text in found.items() if ".dist-info" not in name} == {
        f"{SITE}/old/b.py": "new",
        f"{SITE}/old/data/note": "2",
        f"{SITE}/new.py": "new",
        "bin/tool": "new",
        "share/man/x": "new",
    }


def test_what_cannot_be_moved_in_leaves_everything_as_it_was(environment: Path) -> None:
    (environment / "zz").mkdir()
    stage, _ = lay(environment)
    clear_placed(stage, frozenset())
    remove_stage(stage.folder, -1)
    before = tree(environment)
    stage, _ = lay(environment)
    clear_placed(stage, frozenset())
    fill(stage, {f"{SITE}/old/b.py": "new", f"{SITE}/new.py": "new", "bin/tool": "new", "zz": "a folder stands there"})
    owned = [str(environment / SITE / "old/a.py"), str(environment / SITE / "old/data/note")]
    with pytest.raises(IsADirectoryError):
        move_in(stage, str(environment), owned, str(environment / SITE))
    remove_stage(stage.folder, stage.held)
    after = tree(environment)
    assert {name: facts for name, facts in after.items() if name != "."} == {
        name: facts for name, facts in before.items() if name != "."
    }


def test_folders_that_an_uninstall_has_emptied_go_whole(tmp_path: Path) -> None:
    for name in ("trash", "pkg/empty/deep", "shared/own"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "shared/other").write_text("")
    moves = Moves(str(tmp_path / "trash"))
    moves.drop_empty({str(tmp_path / name) for name in ("pkg", "pkg/empty/deep", "shared", "shared/own", "gone")})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["moves", "shared", "trash"]
    assert os.listdir(tmp_path / "shared") == ["other"]
    moves.undo()
    assert (tmp_path / "pkg/empty/deep").is_dir()
    assert (tmp_path / "shared/own").is_dir()


def test_links_are_moved_as_links(tmp_path: Path) -> None:
    (tmp_path / "trash").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "there").symlink_to("real")
    (tmp_path / "new").write_text("file")
    moves = Moves(str(tmp_path / "trash"))
    moves.put(str(tmp_path / "new"), str(tmp_path / "there"))
    assert (tmp_path / "there").read_text() == "file"
    moves.undo()
    assert os.readlink(tmp_path / "there") == "real"


@pytest.mark.parametrize("renames", range(1, 8))
def test_what_a_kill_cut_short_is_taken_back(environment: Path, monkeypatch: pytest.MonkeyPatch, renames: int) -> None:
    before = tree(environment / "lib")
    stage, snapshot = lay(environment)
    clear_placed(stage, frozenset())
    Path(stage.site, "old").mkdir()
    Path(stage.site, "old/a.py").write_text("newer")
    Path(stage.site, "old-2.dist-info").mkdir()
    left, rename = [renames], os.rename

    def rename_until_killed(source: str, target: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt  # nothing of ours runs any more
        rename(source, target)

    monkeypatch.setattr(os, "rename", rename_until_killed)
    replaced = [str(environment / SITE / name) for name in ("old/a.py", "old/data/note", "old-1.dist-info/RECORD")]
    with contextlib.suppress(KeyboardInterrupt):
        move_in(stage, str(environment), replaced, snapshot.site)
    cut_short = left[0] < 0
    monkeypatch.undo()
    os.close(stage.held)
    remove_leftovers(str(environment))
    assert [path.name for path in environment.iterdir() if path.name.startswith(".")] == []
    after = tree(environment / "lib")
    assert ({name: facts[2] for name, facts in after.items()} == {n: f[2] for n, f in before.items()}) is cut_short
