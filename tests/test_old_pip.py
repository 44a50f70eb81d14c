"""An option that came with pip 23.0.1, given to older ones."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from machine import Machine

Make = Callable[..., Machine]
# What records how it was called; real old pips are had from the index by tests/oracle with --full.
RECORDER = "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ.get('PIP_BREAK_SYSTEM_PACKAGES')]))\n"


@pytest.fixture
def make(folder: Path) -> Make:
    """Make a machine whose pip says that it is this version, and tells how it was called."""

    def machine(version: str, marked: bool = False) -> Machine:
        made = Machine(folder / "machine", marked=marked)
        package = next(made.root.glob("usr/lib/python3*/*-packages/pip"))
        package.unlink()
        package.mkdir()
        (package / "__init__.py").write_text(f'__version__ = "{version}"\n')
        (package / "__main__.py").write_text(RECORDER)
        made.write_script(made.bin / "pip", f"#!{made.python}\n{RECORDER}")
        made.give(made.root)
        return made

    return machine


def told(machine: Machine, *argv: str, **env: str) -> tuple[list[str], str | None]:
    result = machine.run(*argv, env=machine.env(**env))
    assert result.status == 0, result
    args, variable = json.loads(result.out)
    return args, variable


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pip install --break-system-packages x", "install x"),
        ("pip install x --break-system-packages", "install x"),
        ("pip install --break-sys --break-system-packages x", "install x"),
        ("pip -q install -r r.txt --break-system-packages", "-q install -r r.txt"),
        ("pip uninstall -y --break-system-packages x", "uninstall -y x"),
        ("python3 -m pip install --break-system-packages x", "install x"),
    ],
)
def test_an_old_pip_gets_it_as_a_variable(make: Make, before: str, after: str) -> None:
    machine = make("22.3.1")
    assert told(machine, *before.split()) == (after.split(), "1")
    (record,) = machine.log
    assert record["decision"] == "pass"
    assert record["reason"] == (
        "--break-system-packages as PIP_BREAK_SYSTEM_PACKAGES=1: pip 22.3.1 does not know the option"
    )


@pytest.mark.parametrize("version", ["20.0.2", "22.3.1", "23.0"])
def test_so_do_all_before_the_first_that_knows_it(make: Make, version: str) -> None:
    assert told(make(version), "pip", "install", "--break-system-packages", "x") == (["install", "x"], "1")


@pytest.mark.parametrize("version", ["23.0.1", "25.1", "26.3", "strange"])
def test_a_pip_that_knows_the_option_gets_it_as_it_is(make: Make, version: str) -> None:
    words = ["install", "--break-system-packages", "x"]
    machine = make(version)
    assert told(machine, "pip", *words) == (words, None)
    assert machine.log == []


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("install --target --break-system-packages x", id="an option's value"),
        pytest.param("install -- --break-system-packages", id="a requirement"),
        pytest.param("--break-system-packages install x", id="before the command"),
        pytest.param("download --break-system-packages x", id="another command"),
        pytest.param("install --break-system-packages=1 x", id="with a value"),
        pytest.param("install --break-system-packages --nonsense x", id="beside another mistake"),
        pytest.param("install --break-system-packagesx x", id="a longer word"),
        pytest.param("install x", id="not given"),
    ],
)
def test_what_is_not_the_option_stays(make: Make, words: str) -> None:
    assert told(make("22.3.1"), "pip", *words.split()) == (words.split(), None)


def test_an_environment_with_an_old_pip_gets_it_too(make: Make) -> None:
    machine = make("26.3")
    venv = machine.root / "venv"
    package = venv / f"lib/python{machine.version}/site-packages/pip"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "21.2.4"\n')
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(machine.python)
    (venv / "pyvenv.cfg").write_text(f"home = {machine.bin}\n")
    machine.write_script(venv / "bin/pip", f"#!{venv}/bin/python\n{RECORDER}")
    machine.give(machine.root)
    path = f"{machine.shims}:{venv}/bin:/usr/bin:/bin"
    words = ["install", "--break-system-packages", "x"]
    assert told(machine, "pip", *words, PATH=path) == (["install", "x"], "1")


def test_where_pip_knows_the_marker_but_not_the_option_it_says_so_itself(make: Make) -> None:
    words = ["install", "--break-system-packages", "x"]
    assert told(make("23.0", marked=True), "pip", *words) == (words, None)


def test_where_pip_knows_neither_it_is_served(make: Make) -> None:
    words = ["install", "--break-system-packages", "x"]
    assert told(make("22.3.1", marked=True), "pip", *words) == (["install", "x"], "1")


def test_the_variable_of_the_callers_own_stays_where_the_option_is_not_given(make: Make) -> None:
    machine = make("22.3.1")
    assert told(machine, "pip", "install", "x", PIP_BREAK_SYSTEM_PACKAGES="0") == (["install", "x"], "0")
