"""What uninstall looks at before the marker; the expectations were seen with pip 23.0.1."""

from pathlib import Path

import pytest

from pipshunt.pip_uninstall import why_nothing_to_remove

NOTHING = "names no requirement to uninstall"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "proj").mkdir()
    (tmp_path / "proj/setup.py").touch()
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "word",
    [
        "x",
        "X.y-z_0",
        "x==1",
        "x == 1, <2",
        "x (>=1)",
        "x[e]>=1",
        "x[e,f]",
        "x;python_version<'3'",
        "x @ https://e.invalid/x.whl",
        "x-1.0-py3-none-any.whl",
        "https://e.invalid/x-1.0-py3-none-any.whl",
        "git+https://e.invalid/x#egg=y",
        "proj",
        "x.gz",
    ],
)
def test_a_requirement_with_a_name_brings_pip_to_the_marker(folder: Path, word: str) -> None:
    assert why_nothing_to_remove((word,), (), {}, str(folder)) == ""


@pytest.mark.parametrize(
    "word", ["./proj", "x.tar.gz", "git+https://e.invalid/x", "https://e.invalid/x.tar.gz", "./proj[e]"]
)
def test_a_requirement_without_a_name_is_passed_over(folder: Path, word: str) -> None:
    assert why_nothing_to_remove((word,), (), {}, str(folder)) == NOTHING
    assert why_nothing_to_remove((word, "x"), (), {}, str(folder)) == ""


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("", "invalid requirement: ''"),
        ("-", "invalid requirement: '-'"),
        ("-y", "invalid requirement: '-y'"),
        ("x=1", "invalid requirement: 'x=1'"),
        ("bad name!!", "invalid requirement: 'bad name!!'"),
        ("no/such", "invalid requirement: 'no/such'"),
        ("x[e", "invalid requirement: 'x[e'"),
        ("x @", "invalid requirement: 'x @'"),
        (".", "directory '.' is not installable"),
        ("./empty", "directory './empty' is not installable"),
        ("x.whl", "invalid wheel file name: 'x.whl'"),
    ],
)
def test_an_invalid_requirement_ends_pip(folder: Path, word: str, why: str) -> None:
    assert why_nothing_to_remove(("x", word), (), {}, str(folder)) == why


def test_no_requirement_at_all(folder: Path) -> None:
    assert why_nothing_to_remove((), (), {}, str(folder)) == NOTHING


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x==1.0\n# c\ny>=2 ; python_version >= '3'\n", ""),
        ("\n# nothing\n  # at all", NOTHING),
        ("--index-url http://127.0.0.1:9/\n--pre\n-f dir", NOTHING),
        ("--break-system-packages\nx\n", "invalid line in a requirements file: '--break-system-packages'"),
        ("x --bogus\n", "invalid line in a requirements file: 'x --bogus'"),
        ("x --hash=sha256:00 --hash 'sha256:1'\n", ""),
        ("x --hash='open\n", 'invalid line in a requirements file: "x --hash=\'open"'),
        ("x \\\n  --hash=sha256:00\n", ""),
        ("# c \\\nx\n", ""),
        ("${NAME}\n", ""),
        ("${UNSET}\n", "invalid requirement: '${UNSET}'"),
        ("-c other.txt\n", ""),
        ("-rother.txt", ""),
        ("--requirement missing.txt", "cannot open requirements file missing.txt"),
        ("-r q.txt", NOTHING),
        ("-e git+https://e.invalid/x#egg=y", ""),
        ("-r http://e.invalid/r.txt", ""),
        ("x#y\n", "invalid requirement: 'x#y'"),
        ("x #y\\", ""),
    ],
)
def test_requirements_files_are_read_as_pip_reads_them(folder: Path, text: str, why: str) -> None:
    (folder / "q.txt").write_text(text)
    (folder / "other.txt").write_text("named\n")
    assert why_nothing_to_remove((), ("q.txt",), {"NAME": "x"}, str(folder)) == why


@pytest.mark.parametrize("path", ["missing.txt", "empty", "\ud800"])
def test_a_file_that_cannot_be_read(folder: Path, path: str) -> None:
    assert why_nothing_to_remove(("x",), (path,), {}, str(folder)) == f"cannot open requirements file {path}"


def test_what_only_pip_may_read_is_taken_to_name_something(folder: Path) -> None:
    assert why_nothing_to_remove((), ("https://e.invalid/r.txt",), {}, str(folder)) == ""
    assert why_nothing_to_remove((), ("/dev/null",), {}, str(folder)) == ""
