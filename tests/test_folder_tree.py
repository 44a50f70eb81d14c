"""Removing a folder: all of it, nothing beside it; holding one while it is worked in."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from machine import PROJECT

from pipshunt.folder_tree import hold_folder, is_held, list_folder, remove_tree

SOURCE = PROJECT / "src"


def test_a_folder_goes_with_all_below_it_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("kept")
    (tmp_path / "tree/inner/empty").mkdir(parents=True)
    (tmp_path / "tree/inner/file").write_text("gone")
    (tmp_path / "tree/link").symlink_to(tmp_path / "kept")
    (tmp_path / "tree/dangling").symlink_to("nowhere")
    remove_tree(str(tmp_path / "tree"))
    assert [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))] == ["kept", "kept/file"]


def test_what_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    assert remove_tree(str(tmp_path / "nothing")) is None


def test_what_stands_in_the_way_is_told_and_all_else_goes(tmp_path: Path) -> None:
    (tmp_path / "tree").write_text("no folder")
    obstacle = remove_tree(str(tmp_path / "tree"))
    assert (type(obstacle), obstacle and obstacle.filename) == (NotADirectoryError, str(tmp_path / "tree"))


def test_a_folder_that_is_held_is_held_by_one(tmp_path: Path) -> None:
    held = hold_folder(str(tmp_path))
    assert os.get_inheritable(held)
    assert hold_folder(str(tmp_path)) == -1
    os.close(held)
    again = hold_folder(str(tmp_path))
    assert again >= 0
    os.close(again)
    assert hold_folder(str(tmp_path / "nowhere")) == -1


def test_a_folder_that_a_process_shares_is_held_until_it_ends_but_not_by_what_it_starts(tmp_path: Path) -> None:
    code = "from pipshunt.folder_tree import share_folder; share_folder(sys.argv[2]); share_folder(sys.argv[2])\n"
    code += "os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '60'); print('shared', flush=True); input()"
    argv = [
        sys.executable,
        "-I",
        "-c",
        f"import os, sys; sys.path.insert(0, sys.argv[1]); {code}",
        str(SOURCE),
        str(tmp_path),
    ]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == b"shared\n"
        assert is_held(str(tmp_path))
        assert hold_folder(str(tmp_path)) == -1
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.wait()
        assert not is_held(str(tmp_path))
        os.killpg(process.pid, signal.SIGKILL)


def test_a_folder_that_is_not_there_is_held_by_nobody(tmp_path: Path) -> None:
    assert not is_held(str(tmp_path / "nowhere"))


def test_the_names_in_a_folder_are_sorted_and_none_where_it_cannot_be_read(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).touch()
    assert list_folder(str(tmp_path)) == ["a", "b"]
    assert list_folder(str(tmp_path / "none")) == []
    assert list_folder("with\0zero") == []
