"""The pip that an environment without one is lent."""

from pathlib import Path

import pytest

from pipshunt.lent_pip import RUNNER, find_runner, has_pip


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment of Python 3.13 as uv makes it, with a base that has a pip."""
    packages = tmp_path / "env/lib/python3.13/site-packages"
    packages.mkdir(parents=True)
    (tmp_path / "env/pyvenv.cfg").write_text(f"home = {tmp_path}/base/bin\nimplementation = CPython\nuv = 0.9\n")
    (tmp_path / "env/bin").mkdir()
    lay_pip(tmp_path / "base/lib/python3.13/site-packages")
    return tmp_path / "env"


def lay_pip(packages: Path) -> None:
    (packages / "pip").mkdir(parents=True)
    (packages / "pip/__init__.py").touch()
    (packages / "pip" / RUNNER).touch()


def test_the_bases_pip_comes_before_the_calls(environment: Path) -> None:
    base = environment.parent / "base/lib/python3.13/site-packages/pip"
    assert find_runner(str(environment), "/usr/lib/python3/dist-packages/pip") == str(base / RUNNER)


@pytest.mark.parametrize("text", ["home = /nowhere/bin\n", "home =\n", "", "\x80 = \n"])
def test_where_the_base_has_none_it_is_the_calls(environment: Path, text: str) -> None:
    (environment / "pyvenv.cfg").write_text(text)
    assert find_runner(str(environment), "/the/calls/pip") == f"/the/calls/pip/{RUNNER}"
    (environment / "pyvenv.cfg").unlink()
    assert find_runner(str(environment), "/the/calls/pip") == f"/the/calls/pip/{RUNNER}"


def test_what_is_left_of_its_own_comes_first(environment: Path) -> None:
    lay_pip(environment / "lib/python3.13/site-packages")
    own = environment / "lib/python3.13/site-packages/pip"
    assert find_runner(str(environment), "/the/calls/pip") == str(own / RUNNER)
    assert not has_pip(str(environment)), "there is no script for it"
    (environment / "bin/pip").touch()
    assert has_pip(str(environment))
