"""Files and links that are replaced as a whole."""

import os
import resource
from pathlib import Path

import pytest

from pipshunt.atomic_file import replace_file, replace_link


def test_a_file_is_made_once_and_then_left_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "f")
    assert replace_file(path, b"one", 0o755) is True
    before = os.stat(path)
    assert replace_file(path, b"one", 0o755) is False
    assert os.stat(path) == before
    assert replace_file(path, b"two", 0o755) is True
    assert (tmp_path / "f").read_bytes() == b"two"


def test_a_mode_that_is_not_right_is_put_right_in_place(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x")
    path.chmod(0o600)
    inode = path.stat().st_ino
    assert replace_file(str(path), b"x", 0o644) is True
    assert (path.stat().st_mode & 0o777, path.stat().st_ino) == (0o644, inode)


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"x")
    (tmp_path / "f").symlink_to("target")
    assert replace_file(str(tmp_path / "f"), b"x", 0o644) is True
    assert not (tmp_path / "f").is_symlink()
    assert replace_link(str(tmp_path / "f"), "target") is True
    assert replace_link(str(tmp_path / "f"), "target") is False
    assert (tmp_path / "target").read_bytes() == b"x"


def test_a_failure_leaves_the_old_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(str(tmp_path / "f"), b"x", 0o644)
    with pytest.raises(IsADirectoryError):
        replace_link(str(tmp_path / "f"), "x")
    assert os.listdir(tmp_path) == ["f"]


def test_a_disk_that_is_full_names_the_file_that_it_has_no_room_for(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        with pytest.raises(OSError, match="File too large") as error:
            replace_file(str(tmp_path / "f"), b"xyz", 0o644)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert error.value.filename == str(tmp_path / "f")
    assert os.listdir(tmp_path) == []


def test_what_a_killed_run_staged_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".f.pipshunt-new").write_bytes(b"half")
    replace_file(str(tmp_path / "f"), b"whole", 0o644)
    assert os.listdir(tmp_path) == ["f"]
