"""The pip of a new environment: which files are copied, how they are recorded, what its scripts look like."""

import base64
import csv
import hashlib
import os
from pathlib import Path

import pytest

from pipshunt.seed import copy_pip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The packages of an imaginary Python 3.11 as a distribution lays them."""
    root = tmp_path / "dist-packages"
    for name in (
        *(
            "pip/__init__.py",
            "pip/_vendor/cacert.pem",
            "pip/py.typed",
            "setuptools/__init__.py",
            "pkg_resources/__init__.py",
        ),
        *("_distutils_hack/__init__.py", "distutils-precedence.pth", "flask/__init__.py"),
        *("pip/__pycache__/__init__.cpython-311.pyc", "pip/__pycache__/__init__.cpython-312.pyc"),
        *(
            "pip/__pycache__/__init__.cpython-311.opt-1.pyc",
            "pip-25.1.dist-info/METADATA",
            "pip-25.1.dist-info/entry_points.txt",
        ),
        *("setuptools-66.1.1.egg-info/PKG-INFO", "pipdeptree-2.dist-info/METADATA"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"contents of {name}")
        os.utime(root / name, (1_600_000_000, 1_600_000_000.25))
    return root


def copied(tmp_path: Path, source: Path, version: str = "python3.11", final: str = "/home/ana/shop/.venv") -> Path:
    environment = tmp_path / "staging"
    packages = environment / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (environment / "bin").mkdir()
    copy_pip(str(source / "pip"), str(environment), version, final)
    return environment


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_copied_for_311(tmp_path: Path, source: Path) -> None:
    environment = copied(tmp_path, source)
    assert files(environment / "bin") == ["pip", "pip3", "pip3.11"]
    assert files(environment / "lib/python3.11/site-packages") == [
        "_distutils_hack/__init__.py",
        "distutils-precedence.pth",
        "pip-25.1.dist-info/INSTALLER",
        "pip-25.1.dist-info/METADATA",
        "pip-25.1.dist-info/RECORD",
        "pip-25.1.dist-info/REQUESTED",
        "pip-25.1.dist-info/WHEEL",
        "pip-25.1.dist-info/entry_points.txt",
        "pip/__init__.py",
        "pip/__pycache__/__init__.cpython-311.opt-1.pyc",
        "pip/__pycache__/__init__.cpython-311.pyc",
        "pip/_vendor/cacert.pem",
        "pip/py.typed",
        "pkg_resources/__init__.py",
        "setuptools-66.1.1.dist-info/INSTALLER",
        "setuptools-66.1.1.dist-info/METADATA",
        "setuptools-66.1.1.dist-info/RECORD",
        "setuptools-66.1.1.dist-info/REQUESTED",
        "setuptools-66.1.1.dist-info/WHEEL",
        "setuptools/__init__.py",
    ]


def test_from_312_on_setuptools_stays_behind(tmp_path: Path, source: Path) -> None:
    environment = copied(tmp_path, source, "python3.12")
    names = files(environment / "lib/python3.12/site-packages")
    assert not [name for name in names if "setuptools" in name or "distutils" in name]
    assert [name for name in names if name.endswith(".pyc")] == ["pip/__pycache__/__init__.cpython-312.pyc"]
    assert files(environment / "bin") == ["pip", "pip3", "pip3.12"]


def test_contents_and_times_are_kept(tmp_path: Path, source: Path) -> None:
    environment = copied(tmp_path, source)
    for name in ("pip/__init__.py", "pip/__pycache__/__init__.cpython-311.pyc"):
        copy = environment / "lib/python3.11/site-packages" / name
        assert copy.read_bytes() == (source / name).read_bytes()
        assert copy.stat().st_mtime_ns == (source / name).stat().st_mtime_ns


@pytest.mark.parametrize("project", ["pip-25.1", "setuptools-66.1.1"])
def test_everything_is_recorded_with_its_hash(tmp_path: Path, source: Path, project: str) -> None:
    packages = copied(tmp_path, source) / "lib/python3.11/site-packages"
    rows = list(csv.reader((packages / f"{project}.dist-info/RECORD").read_text().splitlines()))
    assert len({path for path, _, _ in rows}) == len(rows)
    for path, digest, size in rows:
        data = (packages / path).read_bytes()
        if path.endswith((".pyc", "RECORD")):
            assert (digest, size) == ("", "")
        else:
            expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(data)))
    recorded = {os.path.normpath(path) for path, _, _ in rows}
    own = {"pip-25.1": ("pip/", "pip-25.1."), "setuptools-66.1.1": ("setuptools", "pkg_", "_dist", "dist")}[project]
    assert {path for path in recorded if not path.startswith("..")} == {n for n in files(packages) if n.startswith(own)}
    scripts = {f"../../../bin/{name}" for name in ("pip", "pip3", "pip3.11")} if project == "pip-25.1" else set()
    assert {path for path in recorded if path.startswith("..")} == scripts


@pytest.mark.parametrize(
    ("final", "first_lines"),
    [
        ("/home/ana/shop/.venv", ["#!/home/ana/shop/.venv/bin/python3.11", "# -*- coding: utf-8 -*-"]),
        ("/home/ana/my shop/.venv", ["#!/bin/sh", '\'\'\'exec\' "/home/ana/my shop/.venv/bin/python3.11" "$0" "$@"']),
        ("/" + "x" * 120, ["#!/bin/sh", f'\'\'\'exec\' "/{"x" * 120}/bin/python3.11" "$0" "$@"']),
    ],
    ids=["plain", "space", "long"],
)
def test_scripts_are_those_of_pip_s_own_installer(
    tmp_path: Path, source: Path, final: str, first_lines: list[str]
) -> None:
    environment = copied(tmp_path, source, final=final)
    for name in ("pip", "pip3", "pip3.11"):
        script = environment / "bin" / name
        assert script.read_text().splitlines()[:2] == first_lines
        assert script.stat().st_mode & 0o777 == 0o755


def test_without_metadata_there_is_a_record_all_the_same(tmp_path: Path, source: Path) -> None:
    for file in (source / "pip-25.1.dist-info").iterdir():
        file.unlink()
    (source / "pip-25.1.dist-info").rmdir()
    packages = copied(tmp_path, source) / "lib/python3.11/site-packages"
    assert (packages / "pip-0.dist-info/RECORD").exists()


def test_a_source_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        copied(tmp_path, tmp_path / "nowhere")
