"""The pip that an environment without one is lent."""

import os
import shutil
import sys
from pathlib import Path

import pytest
from machine import Machine
from wheels import build_wheel

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


def test_nothing_is_lent_from_where_the_call_stands(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_pip(environment.parent / "lib/python3.13/site-packages")
    monkeypatch.chdir(environment.parent)
    for text in ("", "home =\n", "home = bin\n"):
        (environment / "pyvenv.cfg").write_text(text)
        assert find_runner(str(environment), "/the/calls/pip") == f"/the/calls/pip/{RUNNER}"


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


def make_environment(machine: Machine, *options: str) -> Path:
    """Have uv make an environment in the project; returns where."""
    uv = shutil.which("uv", path=f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', '')}")
    if uv is None:
        pytest.skip("uv is not installed")
    shutil.copy(uv, machine.bin / "uv")
    (machine.bin / "uv").chmod(0o755)
    made = machine.run("uv", "venv", "--quiet", "--offline", "--python", str(machine.python), *options, "plain")
    assert made.status == 0, made
    return machine.project / "plain"


def make_condas(machine: Machine) -> Path:
    """Make an environment as conda does, without pip: an interpreter with its own library, and a history."""
    prefix = machine.home / "conda"
    library = prefix / "lib" / f"python{machine.version}"
    (library / "site-packages").mkdir(parents=True)
    for entry in machine.stdlib.iterdir():
        if entry.name not in ("EXTERNALLY-MANAGED", "site-packages"):
            (library / entry.name).symlink_to(entry.resolve())
    (prefix / "bin").mkdir()
    shutil.copy(machine.python, prefix / "bin/python")
    (prefix / "bin/python3").symlink_to("python")
    (prefix / "conda-meta").mkdir()
    (prefix / "conda-meta/history").touch()
    machine.give(prefix)
    return prefix


@pytest.fixture
def wheels(machine: Machine) -> str:
    build_wheel(machine.home / "wheels", "railcar", "1.0")
    machine.give(machine.home)
    return str(machine.home / "wheels")


@pytest.mark.parametrize("maker", ["uv", "conda"])
def test_every_command_acts_on_the_active_environment(machine: Machine, wheels: str, maker: str) -> None:
    venv = make_environment(machine) if maker == "uv" else make_condas(machine)
    variable = "VIRTUAL_ENV" if maker == "uv" else "CONDA_PREFIX"
    path = f"{venv}/bin:{machine.env()['PATH']}"
    env = machine.env(PIP_FIND_LINKS=wheels, PATH=path, **{variable: str(venv)})

    def pip(line: str) -> str:
        done = machine.run("pip", *line.split(), env=env)
        assert done.status == 0, done
        return done.out

    assert pip("install railcar").endswith("Successfully installed railcar-1.0\n")
    assert machine.run("python3", "-c", "import railcar; print(railcar.__file__)", env=env).out.startswith(str(venv))
    assert "railcar==1.0" in pip("list --format=freeze")
    assert "railcar 1.0" in pip("list --verbose -v").replace("    ", " ")
    assert pip("freeze") == "railcar==1.0\n"
    assert f"Location: {venv}" in pip("show railcar")
    assert "No broken requirements" in pip("check")
    assert "Requirement already satisfied: railcar" in pip("install --user railcar")
    assert "Successfully uninstalled railcar-1.0" in pip("uninstall -y railcar")
    assert pip("freeze") == ""
    assert not (machine.project / ".venv").exists()


def test_one_with_a_pip_has_its_own_way(machine: Machine) -> None:
    venv = make_environment(machine)
    env = machine.env(PATH=f"{venv}/bin:{machine.env()['PATH']}", VIRTUAL_ENV=str(venv))
    machine.write_script(venv / "bin/pip", f"#!{venv}/bin/python\nprint('own')\n")
    for line in ("install six", "list", "freeze"):
        done = machine.run("pip", *line.split(), env=env)
        assert (done.out, done.err) == ("own\n", "")


def test_without_its_bin_on_path_it_is_not_active(machine: Machine, wheels: str) -> None:
    venv = make_environment(machine)
    done = machine.run("pip", "install", "railcar", env=machine.env(PIP_FIND_LINKS=wheels, VIRTUAL_ENV=str(venv)))
    assert done.status == 0, done
    assert "goes to the new environment .venv" in done.err
    assert "railcar" in machine.run("pip", "list", env=machine.env(VIRTUAL_ENV=str(venv))).out, "as python3 has it"


def test_what_pip_itself_is_called_by_in_one_gives_it_a_pip(machine: Machine) -> None:
    venv = make_environment(machine)
    contents = {"pip/__init__.py": "", "pip/__main__.py": "print('its own')\n"}
    build_wheel(machine.home / "wheels", "pip", "99.0", contents=contents)
    machine.give(machine.home)
    env = machine.env(
        PATH=f"{venv}/bin:{machine.env()['PATH']}", VIRTUAL_ENV=str(venv), PIP_FIND_LINKS=str(machine.home / "wheels")
    )
    assert machine.run("python", "-m", "pip", "list", env=env).err.endswith("No module named pip\n")
    assert machine.run("pip", "install", "pip", env=env).status == 0
    assert machine.run("python", "-m", "pip", "list", env=env).out == "its own\n"
