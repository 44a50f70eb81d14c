"""Removing a folder: all of it, nothing beside it; holding one while it is worked in."""

import os
from pathlib import Path

from pipshunt.folder_tree import hold_folder, remove_tree


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
