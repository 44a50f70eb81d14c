"""What stands in uv's way where it is to install."""

import os
from pathlib import Path

import pytest
from machine import USER

from pipshunt.accelerator.distributions import check_environment, check_interpreter
from pipshunt.accelerator.requirement_text import NoLikeness


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "venv/lib/python3.11/site-packages"
    (folder / "six-1.0.dist-info").mkdir(parents=True)
    (folder / "six-1.0.dist-info/RECORD").touch()
    (folder / "__pycache__").mkdir()
    return folder


def test_an_environment_of_wheels_is_uvs_too(packages: Path, tmp_path: Path) -> None:
    check_environment(str(tmp_path / "venv"))


def test_one_that_is_still_to_be_made_is_too(tmp_path: Path) -> None:
    check_environment(str(tmp_path / "venv"))


@pytest.mark.parametrize("name", ["python3.7", "python2.7", "pypy3.10", "python3.13t", "python3"])
def test_an_interpreter_that_uv_may_not_know_is_pips(name: str, tmp_path: Path) -> None:
    (tmp_path / "venv/lib" / name / "site-packages").mkdir(parents=True)
    with pytest.raises(NoLikeness, match=r"no environment of CPython 3\.8 or later"):
        check_environment(str(tmp_path / "venv"))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("demo.egg-link", "installed by setup.py"),
        ("demo-1.0-py3.11.egg", "installed by setup.py"),
        ("demo-1.0.egg-info", "installed by setup.py"),
        ("demo-1.0.dist-info", "no RECORD"),
    ],
)
def test_what_the_two_replace_otherwise_is_pips(entry: str, why: str, packages: Path, tmp_path: Path) -> None:
    (packages / entry).mkdir()
    with pytest.raises(NoLikeness, match=why):
        check_environment(str(tmp_path / "venv"))


def test_a_distribution_that_is_there_twice_is_pips(packages: Path, tmp_path: Path) -> None:
    lay(packages, "Six-1.1.dist-info", record=True)
    with pytest.raises(NoLikeness, match="six is there twice"):
        check_environment(str(tmp_path / "venv"))


@pytest.mark.skipif(os.geteuid() != USER, reason="root can write everywhere")
def test_an_environment_that_cannot_be_written_to_is_pips(packages: Path, tmp_path: Path) -> None:
    packages.chmod(0o555)
    with pytest.raises(NoLikeness, match="cannot be written to"):
        check_environment(str(tmp_path / "venv"))


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter as Debian lays it out, with a name that leads to it."""
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/python3.11").touch()
    (tmp_path / "usr/bin/python3").symlink_to("python3.11")
    for place in ("usr/lib/python3/dist-packages", "usr/local/lib/python3.11/dist-packages"):
        (tmp_path / place).mkdir(parents=True)
    return tmp_path / "usr/bin/python3"


def lay(folder: Path, entry: str, *, record: bool) -> None:
    (folder / entry).mkdir(parents=True)
    if record:
        (folder / entry / "RECORD").touch()


@pytest.mark.parametrize(
    ("place", "entry", "record", "why"),
    [
        ("usr/lib/python3/dist-packages", "PyYAML-6.0.dist-info", True, "uv does not see"),
        ("usr/lib/python3/dist-packages", "PyYAML-6.0.egg-info", False, "not pip's to replace"),
        ("usr/local/lib/python3.11/dist-packages", "pyyaml-6.0.dist-info", False, "not pip's to replace"),
        ("home/.local/lib/python3.11/site-packages", "pyyaml-6.0.dist-info", True, "uv does not see"),
    ],
)
def test_what_uv_cannot_see_or_pip_not_replace_is_pips(
    place: str, entry: str, record: bool, why: str, python: Path, tmp_path: Path
) -> None:
    lay(tmp_path / place, entry, record=record)
    check_interpreter(str(python), ["six"], {"HOME": str(tmp_path / "home")})
    with pytest.raises(NoLikeness, match=why):
        check_interpreter(str(python), ["six", "pyyaml"], {"HOME": str(tmp_path / "home")})


def test_what_lies_where_uv_installs_is_uvs_too(python: Path, tmp_path: Path) -> None:
    lay(tmp_path / "usr/local/lib/python3.11/dist-packages", "six-1.0.dist-info", record=True)
    lay(tmp_path / "home/.local/lib/python3.11/site-packages", "six-1.0.dist-info", record=True)
    lay(tmp_path / "home/.local/lib/python3.12/site-packages", "six-1.0.dist-info", record=True)
    check_interpreter(str(python), ["six"], {"HOME": str(tmp_path / "home"), "PYTHONNOUSERSITE": "1"})
