"""What uninstall looks at before the marker, as far as it can be told without asking pip."""

from pathlib import Path

import pytest

from pipshunt.pip_uninstall import missing_file, names_requirement


@pytest.mark.parametrize("word", ["x", "X.y-z_0", "x==1", "x == 1, <2", "x>=1.20.3", "x!=1"])
def test_a_plain_name_is_a_requirement_to_every_pip(word: str) -> None:
    assert names_requirement((word,), (), "/") is True


@pytest.mark.parametrize(
    "word",
    [
        *("", "-", "x=1", "x==", "bad name!!", "no/such", "./proj", "x[e]", "x_", "x.", "x.tar.gz", "x.zip", "x;python_version<'3'"),
        *("x @ https://e.invalid/x.whl", "git+https://e.invalid/x#egg=y", "x<>1", "x==1.*", "x~=1", "x (>=1)", "é", "x==٣"),
    ],
)  # fmt: skip
def test_of_anything_else_only_pip_can_tell(word: str) -> None:
    assert names_requirement(("x", word), (), "/") is None


def test_no_word_and_no_file_is_no_requirement() -> None:
    assert names_requirement((), (), "/") is False


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(b"x\ny==1\n", True, id="names"),
        pytest.param(b"# a\n\nx # b\r\n", True, id="comments"),
        pytest.param(b"", False, id="empty"),
        pytest.param(b"# x\n  \n", False, id="nothing but comments"),
        pytest.param(b"-r other.txt\n", None, id="another file"),
        pytest.param(b"--pre\nx\n", None, id="an option"),
        pytest.param(b"x \\\n==1\n", None, id="a joined line"),
        pytest.param(b"# c \\\nx\n", None, id="a joined comment"),
        pytest.param(b"x#c\n", None, id="no comment"),
        pytest.param(b"x\xff\n", None, id="binary"),
        pytest.param(b"\xff\xfex\x00", None, id="UTF-16"),
        pytest.param(b"x\x0cy", None, id="a form feed"),
        pytest.param(b"x\ry", None, id="an old line end"),
        pytest.param(b"${NAME}\n", None, id="a variable"),
    ],
)
def test_a_file_of_plain_lines_is_read(tmp_path: Path, content: bytes, named: bool | None) -> None:
    (tmp_path / "r.txt").write_bytes(content)
    assert names_requirement((), ("r.txt",), str(tmp_path)) is named


def test_one_name_is_enough(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    assert names_requirement(("x",), ("empty.txt",), str(tmp_path)) is True


@pytest.mark.parametrize("path", ["https://e.invalid/r.txt", "file:///r.txt", "/dev/null", ".", ""])
def test_a_file_that_is_no_ordinary_one_is_left_to_pip(tmp_path: Path, path: str) -> None:
    assert names_requirement((), (path,), str(tmp_path)) is None
    assert missing_file((path,), str(tmp_path)) == ""


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.txt").touch()
    assert missing_file(("r.txt", "none.txt"), str(tmp_path)) == "none.txt"
    assert missing_file(("r.txt",), str(tmp_path)) == ""
