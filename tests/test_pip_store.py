"""The store of pips: environments share its files, and what is not as it was is not shared."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipshunt import pip_store
from pipshunt.seed import copy_pip

FINAL = "/home/ana/shop/.venv"
SITE = "lib/python3.11/site-packages"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A pip as a distribution lays it."""
    root = tmp_path / "dist-packages"
    for name in ("pip/__init__.py", "pip/_vendor/cacert.pem", "pip/__pycache__/__init__.cpython-311.pyc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"contents of {name}")
    (root / "pip-25.1.dist-info").mkdir()
    (root / "pip-25.1.dist-info/METADATA").write_text("Name: pip")
    (root / "setuptools").mkdir()
    (root / "setuptools/__init__.py").write_text("")
    (root / "setuptools-66.1.1.egg-info").mkdir()
    return root / "pip"


def environment(folder: Path) -> Path:
    (folder / SITE).mkdir(parents=True)
    (folder / "bin").mkdir()
    return folder


def placed(folder: Path, source: Path, cache: Path | str) -> Path:
    made = environment(folder)
    pip_store.place_pip(str(cache), str(source), str(made), "python3.11", FINAL)
    return made


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode) for path in files}


def inode(folder: Path) -> int:
    return (folder / SITE / "pip/__init__.py").stat().st_ino


def test_an_environment_from_the_store_is_the_same_as_a_copied_one(tmp_path: Path, source: Path) -> None:
    copied = environment(tmp_path / "copied")
    copy_pip(str(source), str(copied), "python3.11", FINAL)
    assert contents(placed(tmp_path / "first", source, tmp_path / "cache")) == contents(copied)
    assert contents(placed(tmp_path / "second", source, tmp_path / "cache")) == contents(copied)


def test_the_second_environment_shares_its_files_with_the_first_but_for_what_names_the_environment(
    tmp_path: Path, source: Path
) -> None:
    first, second = (placed(tmp_path / name, source, tmp_path / "cache") for name in ("first", "second"))
    shared = {name for name in contents(first) if (first / name).samefile(second / name)}
    assert set(contents(first)) - shared == {"bin/pip", "bin/pip3", "bin/pip3.11", f"{SITE}/pip-25.1.dist-info/RECORD"}


def test_without_a_cache_nothing_is_shared(tmp_path: Path, source: Path) -> None:
    first, second = (placed(tmp_path / name, source, "") for name in ("first", "second"))
    assert inode(first) != inode(second)


def grow(file: Path) -> None:
    file.write_text(file.read_text() + "# a print() for debugging\n")


def let_others_write(file: Path) -> None:
    file.chmod(0o666)


def take_away(file: Path) -> None:
    file.chmod(0)


def damage(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("change", [grow, let_others_write, take_away, damage])
def test_a_file_that_was_changed_in_place_does_not_reach_the_next_environment(
    tmp_path: Path, source: Path, change: Callable[[Path], None]
) -> None:
    first = placed(tmp_path / "first", source, tmp_path / "cache")
    (stored,) = (tmp_path / "cache").rglob("pip/__init__.py")
    assert stored.samefile(first / SITE / "pip/__init__.py")
    change(stored)
    fresh = placed(tmp_path / "fresh", source, "")
    assert contents(placed(tmp_path / "second", source, tmp_path / "cache")) == contents(fresh)


@pytest.mark.parametrize(
    "line",
    [pytest.param("", id="empty"), pytest.param("\0" * 80, id="zeros"), pytest.param("x\ny\n", id="short lines")],
)
def test_a_manifest_that_is_none_is_written_again(tmp_path: Path, source: Path, line: str) -> None:
    first = placed(tmp_path / "first", source, tmp_path / "cache")
    (manifest,) = (tmp_path / "cache").rglob("manifest")
    manifest.write_text(line)
    second, third = (placed(tmp_path / name, source, tmp_path / "cache") for name in ("second", "third"))
    assert inode(second) != inode(first)
    assert inode(third) == inode(second)


def test_a_pip_that_was_upgraded_is_stored_again(tmp_path: Path, source: Path) -> None:
    placed(tmp_path / "first", source, tmp_path / "cache")
    (source / "__init__.py").write_text("newer")
    second = placed(tmp_path / "second", source, tmp_path / "cache")
    assert (second / SITE / "pip/__init__.py").read_text() == "newer"
    assert len(list((tmp_path / "cache/pips").iterdir())) == 1


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EMLINK, errno.EPERM], ids=errno.errorcode.__getitem__)
def test_where_files_cannot_be_linked_they_are_copied(
    tmp_path: Path, source: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> None:
        raise OSError(number, "no link")

    cache = tmp_path / "cache"
    placed(tmp_path / "first", source, cache)
    monkeypatch.setattr(os, "link", refuse)
    fresh = placed(tmp_path / "fresh", source, "")
    assert contents(placed(tmp_path / "second", source, cache)) == contents(fresh)


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path, source: Path) -> None:
    (tmp_path / "file").write_text("")
    made = placed(tmp_path / "first", source, tmp_path / "file/cache")
    assert contents(made) == contents(placed(tmp_path / "fresh", source, ""))
