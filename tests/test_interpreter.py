"""What an interpreter is, told from its files, against what it says of itself."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from machine import Machine

from pipshunt.interpreter import Interpreter, examine_interpreter, find_pip

VERSION = "python{}.{}".format(*sys.version_info)
QUESTION = (
    "import sys, sysconfig; print(*sys.version_info[:2], sys.prefix, sysconfig.get_path('stdlib'), "
    "sys.prefix != sys.base_prefix, sep='\\n')"
)
ENV = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def answer(executable: Path, options: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Interpreter:
    argv = [str(executable), *options, "-c", QUESTION]
    done = subprocess.run(argv, cwd="/", env={**ENV, **(env or {})}, capture_output=True, text=True, check=True)
    major, minor, prefix, stdlib, environment = done.stdout.splitlines()
    real = os.path.realpath(executable)
    return Interpreter(str(executable), real, (int(major), int(minor)), prefix, stdlib, environment == "True")


class Place:
    """A relocated Python, an environment of it, and room for more."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.machine = Machine(root)
        self.python = self.machine.python
        self.usr = root / "usr"
        self.venv = self.environment("venv")

    def environment(self, name: str, *options: str) -> Path:
        path = self.root / name
        subprocess.run([self.python, "-I", "-m", "venv", "--without-pip", *options, path], check=True)
        return path

    def link(self, name: str, target: Path) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)
        return path

    def configured(self, name: str, text: str, where: str = "pyvenv.cfg") -> Path:
        path = self.link(f"{name}/bin/{VERSION}", self.python)
        (self.root / name / where).write_text(text)
        return path


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("place"))
    (place.root / "moved/lib").mkdir(parents=True)
    (place.root / "moved/lib" / VERSION).symlink_to(place.machine.stdlib)
    (place.usr / "lib32").mkdir()
    (place.usr / "lib32" / VERSION).symlink_to(place.machine.stdlib)
    (place.root / "custom").mkdir()
    (place.root / "custom/sitecustomize.py").write_text("import sys\nsys.prefix = '/somewhere/else'\n")
    return place


def plain_tree(place: Place) -> Path:
    """An interpreter over a tree that is one's own, to be changed."""
    tree = Path(tempfile.mkdtemp(dir=place.root))
    (tree / "bin").mkdir(parents=True)
    (tree / "lib").mkdir()
    shutil.copy(place.python, tree / "bin" / VERSION)
    (tree / "lib" / VERSION).symlink_to(place.machine.stdlib)
    return tree


def copied_elsewhere(place: Place) -> Path:
    return Path(shutil.copy(place.python, place.root / VERSION))


def with_zip(place: Place) -> Path:
    tree = plain_tree(place)
    (tree / "lib" / "python{}{}.zip".format(*sys.version_info)).touch()
    return tree / "bin" / VERSION


def lib64(place: Place) -> Path:
    tree = plain_tree(place)
    (tree / "lib").rename(tree / "lib64")
    (tree / "lib").mkdir()
    return tree / "bin" / VERSION


def lib64_as_a_link(place: Place) -> Path:
    tree = plain_tree(place)
    (tree / "lib64").symlink_to("lib")
    return tree / "bin" / VERSION


def configuration_folder(place: Place) -> Path:
    path = place.link(f"odd/bin/{VERSION}", place.python)
    (place.root / "odd/pyvenv.cfg").mkdir()
    return path


def in_the_base(place: Place) -> Path:
    tree = plain_tree(place)
    (tree / "pyvenv.cfg").write_text("home = /nowhere\n")
    return tree / "bin" / VERSION


def minor_version_link(place: Place) -> Path:
    place.link("cpython-3.x", place.usr)
    venv = place.root / "uv-venv"
    (venv / f"lib/{VERSION}/site-packages").mkdir(parents=True)
    place.link("uv-venv/bin/python", place.root / "cpython-3.x/bin" / VERSION)
    (venv / "pyvenv.cfg").write_text(f"home = {place.root}/cpython-3.x/bin\n")
    return venv / "bin/python"


def chain_of_links(place: Place) -> Path:
    place.link("one/python3", place.python)
    place.link("two/python3", place.root / "one/python3")
    return place.link("three/python", place.root / "two/python3")


HOME = f"home = {{0}}/usr/bin\nversion_info = {VERSION[6:]}\n"
ARRANGEMENTS: dict[str, Callable[[Place], Path]] = {
    "by its version": lambda place: place.python,
    "python3": lambda place: place.usr / "bin/python3",
    "a link from elsewhere": lambda place: place.link("links/python3", place.python),
    "a chain of links": chain_of_links,
    "a link with another version's name": lambda place: place.link("others/python3.6", place.python),
    "a linked folder": lambda place: place.link("alias", place.usr) / "bin" / VERSION,
    "a linked bin": lambda place: place.link("other/bin", place.usr / "bin") / "python3",
    "an environment": lambda place: place.venv / "bin/python",
    "an environment's version": lambda place: place.venv / "bin" / VERSION,
    "a link to an environment": lambda place: place.link("link", place.venv) / "bin/python3",
    "a link to an environment's python": lambda place: place.link("tools/python3", place.venv / "bin/python3"),
    "an environment of copies": lambda place: place.environment("copies", "--copies") / "bin" / VERSION,
    "an environment that sees the system": lambda place: (
        place.environment("seeing", "--system-site-packages") / "bin/python"
    ),
    "an environment of an environment": lambda place: place.link("venv2/bin/python", place.venv / "bin/python"),
    "configuration beside it": lambda place: place.configured("beside", HOME.format(place.root), "bin/pyvenv.cfg"),
    "configuration two levels up": lambda place: place.configured("deep/er", HOME.format(place.root), "../pyvenv.cfg"),
    "an empty configuration": lambda place: place.configured("empty", ""),
    "a configuration without home": lambda place: place.configured("homeless", "include-system-site-packages = true\n"),
    "a configuration with a wrong home": lambda place: place.configured("astray", "home = /nowhere\n"),
    "a configuration that is a folder": configuration_folder,
    "a configuration in the base": in_the_base,
    "uv's links by minor version": minor_version_link,
    "lib64": lib64,
    "lib64 as a link": lib64_as_a_link,
    "a zipped library": with_zip,
    "a copy without library": copied_elsewhere,
}


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_the_files_tell_what_the_interpreter_says(place: Place, name: str) -> None:
    executable = ARRANGEMENTS[name](place)
    expected = answer(executable)
    found = examine_interpreter(str(executable), (), ENV, "/", "")
    assert found is not None
    assert found.in_environment is expected.in_environment
    if found.in_environment:  # where an environment's own library folder is said to be does not matter to pip
        assert found[:4] == expected[:4]
    else:
        assert found == expected


@pytest.mark.parametrize(
    "name", ["by its version", "python3", "a chain of links", "an environment", "uv's links by minor version"]
)
def test_the_plain_cases_are_told_without_asking(place: Place, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    executable = ARRANGEMENTS[name](place) if name not in ("a chain of links", "uv's links by minor version") else None
    executable = executable or {"a chain of links": place.root / "three/python"}.get(
        name, place.root / "uv-venv/bin/python"
    )
    monkeypatch.setattr("pipshunt.probe.ask", None)
    assert examine_interpreter(str(executable), (), ENV, "/", "") is not None


@pytest.mark.parametrize(
    "options", [(), ("-I",), ("-E",), ("-sE",), ("-S",), ("-IS",), ("-W", "ignore", "-B")], ids=" ".join
)
@pytest.mark.parametrize("which", ["base", "venv"])
@pytest.mark.parametrize(
    "env",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"PYTHONHOME": "{}/moved"}, id="PYTHONHOME"),
        pytest.param({"PYTHONPLATLIBDIR": "lib32"}, id="PYTHONPLATLIBDIR"),
        pytest.param({"PYTHONEXECUTABLE": "{}/venv/bin/python"}, id="PYTHONEXECUTABLE"),
        pytest.param({"__PYVENV_LAUNCHER__": "{}/venv/bin/python"}, id="launcher"),
        pytest.param({"PYTHONPATH": "{}/custom"}, id="sitecustomize"),
    ],
)
def test_what_moves_an_interpreter_is_heeded(
    place: Place, options: tuple[str, ...], which: str, env: dict[str, str]
) -> None:
    full = {name: value.format(place.root) for name, value in env.items()}
    executable = place.python if which == "base" else place.venv / "bin/python"
    expected = answer(executable, options, full)
    found = examine_interpreter(str(executable), options, {**ENV, **full}, "/", "")
    assert found is not None
    assert (found.in_environment, found.prefix) == (expected.in_environment, expected.prefix)
    if not found.in_environment:
        assert found.stdlib == expected.stdlib


def test_a_wrapper_speaks_for_itself(place: Place) -> None:
    script = place.machine.write_script(place.root / "wrap/python3", f'#!/bin/sh\nexec {place.python} "$@"\n')
    assert examine_interpreter(str(script), (), ENV, "/", "") is None


@pytest.mark.parametrize("name", ["absent", "folder", "broken"])
def test_what_does_not_run_is_no_interpreter(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken").symlink_to("nowhere")
    assert examine_interpreter(str(tmp_path / name), (), ENV, "/", "") is None


def test_a_relative_path_is_seen_from_the_working_directory(place: Place) -> None:
    found = examine_interpreter("usr/bin/../bin/python3", (), ENV, str(place.root), "")
    assert found == answer(place.usr / "bin/python3")


@pytest.mark.parametrize("options", [(), ("-I",), ("-s",)], ids=["plain", "isolated", "no user site"])
@pytest.mark.parametrize("user_site", [False, True], ids=["system's pip", "user's pip"])
def test_the_pip_found_is_the_one_that_is_imported(place: Place, options: tuple[str, ...], user_site: bool) -> None:
    home = place.root / ("other home" if user_site else "empty home")
    if user_site:
        own = home / f".local/lib/{VERSION}/site-packages/pip"
        own.mkdir(parents=True, exist_ok=True)
        (own / "__init__.py").write_text("__version__ = '99.1'\n")
    env = {**ENV, "HOME": str(home)}
    code = "import importlib.util; print(importlib.util.find_spec('pip').submodule_search_locations[0])"
    done = subprocess.run([place.python, *options, "-c", code], env=env, capture_output=True, text=True, check=True)
    interpreter = answer(place.python)
    found = find_pip(interpreter, options, env, str(home))
    assert found == done.stdout.strip()


def test_no_pip_is_no_folder(place: Place) -> None:
    assert find_pip(answer(place.venv / "bin/python"), (), ENV, "") == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file another user's")
def test_a_pip_in_another_user_s_home_is_passed_over(place: Place, tmp_path: Path) -> None:
    interpreter = answer(place.python)
    own = find_pip(interpreter, (), ENV, "")
    pip = tmp_path / f".local/lib/{VERSION}/site-packages/pip"
    pip.mkdir(parents=True)
    (pip / "__init__.py").touch()
    assert find_pip(interpreter, (), ENV, str(tmp_path)) == str(pip)
    os.chown(pip, 64123, 64123)
    assert find_pip(interpreter, (), ENV, str(tmp_path)) == own
