"""The marked block: in once, out again byte for byte, whatever the file is."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipshunt.setup.marked_block import (
    BEGIN,
    END,
    look_for_block,
    needs_block,
    remove_block,
    with_block,
    without_block,
    write_block,
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


def test_a_link_stays_a_link_and_mode_and_bytes_stay(tmp_path: Path) -> None:
    target = tmp_path / "dotfiles/profile"
    target.parent.mkdir()
    target.write_bytes(b"\xff\r\n")
    target.chmod(0o640)
    link = tmp_path / ".profile"
    link.symlink_to("dotfiles/profile")
    assert needs_block(str(link), BLOCK, at_top=False) is True
    assert write_block(str(link), BLOCK, at_top=False) is True
    assert write_block(str(link), BLOCK, at_top=False) is False
    assert needs_block(str(link), BLOCK, at_top=False) is False
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
        write_block(str(tmp_path / ".profile"), BLOCK, at_top=False)


@pytest.mark.parametrize("at_top", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n", id="a newline"),
        pytest.param(b"export A=1", id="no newline at its end"),
        pytest.param(b"export A=1\r\nexport B=\xff\r\n", id="DOS line ends, not UTF-8"),
    ],
)
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o444])
def test_a_file_that_was_there_is_restored(tmp_path: Path, content: bytes, mode: int, at_top: bool) -> None:
    (tmp_path / "dotfiles").mkdir()
    target = tmp_path / "dotfiles/rc"
    target.write_bytes(content)
    target.chmod(mode)
    link = tmp_path / ".rc"
    link.symlink_to("dotfiles/rc")
    write_block(str(link), BLOCK, at_top=at_top)
    assert look_for_block(str(link)) == ("", False)
    assert remove_block(str(link)) is True
    assert (target.read_bytes(), target.stat().st_mode & 0o7777, os.readlink(link)) == (content, mode, "dotfiles/rc")
    assert remove_block(str(link)) is False


@pytest.mark.parametrize(
    ("there", "name", "first"),
    [
        pytest.param(".", "rc", b"# >>> pipshunt >>> (this file was made for it)", id="no folder"),
        pytest.param(
            "fish", "fish/c/rc", b"# >>> pipshunt >>> (this file and 1 folder around it were made for it)", id="one"
        ),
        pytest.param(
            ".", "a/b/c/rc", b"# >>> pipshunt >>> (this file and 3 folders around it were made for it)", id="three"
        ),
    ],
)
def test_a_file_that_was_made_goes_and_the_folders_that_were_made_for_it(
    tmp_path: Path, there: str, name: str, first: bytes
) -> None:
    (tmp_path / there).mkdir(exist_ok=True)
    file = tmp_path / name
    before = sorted(tmp_path.rglob("*"))
    for block in (BLOCK, b"newer\n", BLOCK):
        write_block(str(file), block, at_top=False)
        assert file.read_bytes() == first + b"\n" + block + END + b"\n"
    assert look_for_block(str(file)) == ("", True)
    assert remove_block(str(file)) is True
    assert sorted(tmp_path.rglob("*")) == before


def test_what_somebody_has_written_into_a_file_that_was_made_stays(tmp_path: Path) -> None:
    file = tmp_path / "a/b/rc"
    write_block(str(file), BLOCK, at_top=False)
    file.write_bytes(file.read_bytes() + b"mine\n")
    assert look_for_block(str(file)) == ("", False)
    assert remove_block(str(file)) is True
    assert file.read_bytes() == b"mine\n"


def test_a_folder_that_somebody_has_put_something_into_stays(tmp_path: Path) -> None:
    file = tmp_path / "a/b/rc"
    write_block(str(file), BLOCK, at_top=False)
    (tmp_path / "a/other").touch()
    assert remove_block(str(file)) is True
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "other"]


def test_a_block_that_an_editor_gave_other_line_ends_is_found(tmp_path: Path) -> None:
    file = tmp_path / "rc"
    file.write_bytes(with_block(b"a\n", BLOCK, at_top=False).replace(b"\n", b"\r\n") + b"b\r\n")
    assert remove_block(str(file)) is True
    assert file.read_bytes() == b"a\r\nb\r\n"


def test_a_file_that_cannot_be_read_or_is_none_has_no_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [look_for_block(str(tmp_path / name)) for name in ("pipe", "absent", ".")] == [None, None, None]
    assert remove_block(str(tmp_path / "absent")) is False


def test_a_block_that_is_there_twice_goes_twice(tmp_path: Path) -> None:
    file = tmp_path / "rc"
    file.write_bytes(with_block(b"a\n", BLOCK, at_top=True) * 2 + b"b")
    assert remove_block(str(file)) is True
    assert file.read_bytes() == b"a\na\nb"


@pytest.mark.parametrize(
    ("content", "damage"),
    [
        pytest.param(
            b"a\n# >>> pipshunt >>>\nB\nmine\n",
            "line 2 has '# >>> pipshunt >>>', and no '# <<< pipshunt <<<' below it; take our lines out by hand",
            id="the last line is lost",
        ),
        pytest.param(
            b"a\nB\n# <<< pipshunt <<<\nmine\n",
            "line 3 has '# <<< pipshunt <<<', and no '# >>> pipshunt >>>' above it; take our lines out by hand",
            id="the first line is lost",
        ),
        pytest.param(
            b"# >>> pipshunt >>>\nB\n# <<< pipshunt <<<\n\n# >>> pipshunt >>> (the line above had no end)\nB\n",
            "line 5 has '# >>> pipshunt >>>', and no '# <<< pipshunt <<<' below it; take our lines out by hand",
            id="one is whole, another is not",
        ),
    ],
)
def test_a_damaged_block_is_an_error_that_names_its_line_and_the_file_stays(
    tmp_path: Path, content: bytes, damage: str
) -> None:
    file = tmp_path / "rc"
    file.write_bytes(content)
    assert look_for_block(str(file)) == (damage, False)
    with pytest.raises(OSError, match=re.escape(damage)):
        remove_block(str(file))
    assert file.read_bytes() == content


def test_a_file_of_two_names_stays_one_file(tmp_path: Path) -> None:
    one, other = tmp_path / "rc", tmp_path / "dotfiles"
    one.write_bytes(b"a\n")
    one.chmod(0o640)
    other.hardlink_to(one)
    assert write_block(str(one), BLOCK, at_top=False) is True
    assert other.read_bytes() == b"a\n" + BEGIN + b"\n" + BLOCK + END + b"\n"
    assert remove_block(str(other)) is True
    assert one.read_bytes() == b"a\n"
    assert (one.stat().st_nlink, one.stat().st_mode & 0o777) == (2, 0o640)
