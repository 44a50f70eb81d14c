"""The target: which interpreter, pip and marker a call means."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from machine import Machine, pip_folder

from pipshunt.call import Call
from pipshunt.launch import read_launch
from pipshunt.places import Places
from pipshunt.search import find_tool
from pipshunt.target import Target, find_target, redirect_target

NOWHERE = Places("", "", "", "", "", "")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def call(machine: Machine, line: str, env: Mapping[str, str] | None = None) -> Call:
    tool, *args = line.split()
    full = machine.env() if env is None else env
    return Call(
        os.path.basename(tool), tuple(args), find_tool(tool, full, str(machine.project)), full, str(machine.project), 1
    )


def found(machine: Machine, line: str, env: Mapping[str, str] | None = None) -> Target | None:
    made = call(machine, line, env)
    return find_target(made, read_launch(made.tool, made.args), NOWHERE)


@pytest.mark.parametrize(
    "line", ["pip install x", "pip3 install x", "python3 -m pip install x", "python3 -I -m pip install x"]
)
def test_every_form_means_the_marked_interpreter(shared: Machine, line: str) -> None:
    target = found(shared, line)
    assert target is not None
    assert target.interpreter.real == str(shared.python)
    assert target.marker is not None
    assert target.marker.path == str(shared.marker)
    assert os.path.realpath(target.pip) == os.path.realpath(os.path.join(pip_folder(), "pip"))
    assert target.facts.version >= (22, 3)
    assert (target.facts.prefix, target.facts.in_environment) == (str(shared.root / "usr"), False)


def test_an_environment_has_no_marker_and_its_pip_is_not_looked_for(shared: Machine) -> None:
    venv = shared.root / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python3").symlink_to(shared.python)
    (venv / "pyvenv.cfg").write_text(f"home = {shared.bin}\n")
    target = found(shared, "python3 -m pip install x", {"PATH": str(venv / "bin")})
    assert target is not None
    assert (target.marker, target.pip, target.facts[:3]) == (None, "", ((), str(venv), True))
    base = found(shared, "pip install x")
    assert base is not None
    for name in (str(venv), str(venv / "bin/python3"), "../../venv/bin/python3"):
        redirected = redirect_target(base, name, call(shared, "pip install x"), NOWHERE)
        if name == str(venv):
            assert redirected is None  # it has no bin/python
            (venv / "bin/python").symlink_to("python3")
            redirected = redirect_target(base, name, call(shared, "pip install x"), NOWHERE)
        assert redirected is not None
        assert redirected.interpreter.in_environment
        assert (redirected.pip, redirected.facts.version) == (base.pip, base.facts.version)


def test_an_interpreter_that_is_named_but_is_not_there_is_no_target(shared: Machine) -> None:
    base = found(shared, "pip install x")
    assert base is not None
    assert redirect_target(base, "/nowhere/python", call(shared, "pip install x"), NOWHERE) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("#!/usr/bin/env bash\nexec pyenv exec pip\n", id="another manager's shim"),
        pytest.param("#!/bin/sh\nexec python3 -m pip\n", id="a wrapper"),
        pytest.param("", id="empty"),
    ],
)
def test_what_only_the_real_command_can_tell_has_no_target(shared: Machine, tmp_path: Path, text: str) -> None:
    shared.write_script(tmp_path / "pip", text)
    assert found(shared, "pip install x", {"PATH": str(tmp_path)}) is None


def test_no_real_tool_is_no_target(shared: Machine) -> None:
    assert found(shared, "pip install x", {"PATH": str(shared.shims)}) is None


def test_a_pip_without_a_version_counts_as_the_newest(shared: Machine, tmp_path: Path) -> None:
    own = tmp_path / ".local/lib" / f"python{shared.version}" / "site-packages/pip"
    own.mkdir(parents=True)
    (own / "__init__.py").touch()
    made = call(shared, "pip install x")
    target = find_target(made, read_launch("pip", ()), NOWHERE._replace(home=str(tmp_path)))
    assert target is not None
    assert (target.pip, target.facts.version) == (str(own), ())


@pytest.mark.parametrize(
    ("line", "file", "env", "known"),
    [
        pytest.param("python3 -m pip install x", "pip.py", {}, False, id="a module in the working directory"),
        pytest.param("python3 -m pip install x", "pip/__init__.py", {}, False, id="a package there"),
        pytest.param("python3 -m pip install x", "pip/x", {}, True, id="a folder is none"),
        pytest.param("python3 -Im pip install x", "pip.py", {}, True, id="-I does not look there"),
        pytest.param("python3 -P -m pip install x", "pip.py", {}, True, id="nor does -P"),
        pytest.param("python3 -m pip install x", "pip.py", {"PYTHONSAFEPATH": "1"}, True, id="nor with PYTHONSAFEPATH"),
        pytest.param("python3 -E -m pip install x", "pip.py", {"PYTHONSAFEPATH": "1"}, False, id="which -E ignores"),
        pytest.param("pip install x", "pip.py", {}, True, id="the script does not look there"),
        pytest.param("pip install x", "o/pip.py", {"PYTHONPATH": "/nope:o"}, False, id="a module on PYTHONPATH"),
        pytest.param("pip install x", "o/x.py", {"PYTHONPATH": "o"}, True, id="another one there"),
        pytest.param("python3 -E -m pip install x", "o/pip.py", {"PYTHONPATH": "o"}, True, id="-E ignores PYTHONPATH"),
        pytest.param("python3 -S -m pip install x", "x", {}, False, id="-S hides pip"),
    ],
)
def test_where_another_pip_comes_first_only_the_real_command_can_tell(
    machine: Machine, line: str, file: str, env: dict[str, str], known: bool
) -> None:
    (machine.project / file).parent.mkdir(exist_ok=True)
    (machine.project / file).touch()
    assert (found(machine, line, machine.env(**env)) is not None) is known
