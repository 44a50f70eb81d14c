"""Every way to start pip: our prediction against whole runs, in worlds that bend what an interpreter finds."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from machine import Machine

from pipshunt.explain import explain_call

FAKE = "print('no pip at all')\n"
OLD_LOCALE = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
USAGE = ("install", "no-such-pkg")


@pytest.fixture(scope="module")
def shared() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="pipshunt-") as folder:
        os.chmod(folder, 0o755)  # so that the machine's ordinary user can enter
        yield laid(Machine(Path(os.path.realpath(folder)) / "machine"))


def laid(machine: Machine) -> Machine:
    """Lay what the calls find in their way."""
    venv = machine.root / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python3").symlink_to(machine.python)
    (venv / "pyvenv.cfg").write_text(f"home = {machine.bin}\n")
    for folder, name in (("module", "pip.py"), ("package", "pip/__init__.py"), ("bare", "pip/x"), ("other", "x.py")):
        (machine.home / folder / name).parent.mkdir(parents=True)
        (machine.home / folder / name).write_text(FAKE)
    (machine.home / "cafe.conf").write_text("[global]\nfoo = caf\u00e9\n", encoding="utf-8")
    machine.give(machine.root)
    return machine


def call(*argv: str, cwd: str = "", **env: str) -> tuple[tuple[str, ...], str, Mapping[str, str]]:
    return argv, cwd, env


# What is run in full by default, and what --full runs as well.
SOME = {
    "pip by name": call("pip", *USAGE),
    "-Im": call("python3", "-Im", "pip", *USAGE),
    "-S finds no pip": call("python3", "-S", "-m", "pip", *USAGE),
    "a pip.py here": call("python3", "-m", "pip", *USAGE, cwd="module"),
    "another pip on PYTHONPATH": call("pip", *USAGE, PYTHONPATH="{home}/package"),
    "an old locale": call("pip", *USAGE, PIP_CONFIG_FILE="{home}/cafe.conf", **OLD_LOCALE),
    "-m pip._internal": call("python3", "-m", "pip._internal", *USAGE),
    "PYTHONHOME to nowhere": call("pip", *USAGE, PYTHONHOME="/nope"),
}
ALL = SOME | {
    "-mpip": call("python3", "-mpip", *USAGE),
    "-sEmpip": call("python3", "-sEmpip", *USAGE),
    "-W ignore": call("python3", "-W", "ignore", "-m", "pip", *USAGE),
    "-X utf8": call("python3", "-X", "utf8", "-m", "pip", *USAGE),
    "-OO": call("python3", "-OO", "-m", "pip", *USAGE),
    "-m pip.__main__": call("python3", "-m", "pip.__main__", *USAGE),
    "-V before": call("python3", "-V", "-m", "pip", *USAGE),
    "-- before": call("python3", "--", "-m", "pip", *USAGE),
    "the script by its path": call("python3", "{bin}/pip", *USAGE),
    "a pip.py here, and -I": call("python3", "-Im", "pip", *USAGE, cwd="module"),
    "a pip.py here, and -E": call("python3", "-Em", "pip", *USAGE, cwd="module"),
    "a pip.py here, and pip by name": call("pip", *USAGE, cwd="module"),
    "a pip.py here, and PYTHONSAFEPATH": call("python3", "-m", "pip", *USAGE, cwd="module", PYTHONSAFEPATH="1"),
    "a pip package here": call("python3", "-m", "pip", *USAGE, cwd="package"),
    "a folder called pip here": call("python3", "-m", "pip", *USAGE, cwd="bare"),
    "PYTHONPATH with no pip": call("pip", *USAGE, PYTHONPATH="{home}/other"),
    "PYTHONPATH, and -I": call("python3", "-Im", "pip", *USAGE, PYTHONPATH="{home}/package"),
    "PYTHONHOME to itself": call("pip", *USAGE, PYTHONHOME="{usr}"),
    "PYTHONPLATLIBDIR": call("pip", *USAGE, PYTHONPLATLIBDIR="lib64"),
    "PYTHONNOUSERSITE": call("pip", *USAGE, PYTHONNOUSERSITE="1"),
    "VIRTUAL_ENV alone": call("pip", *USAGE, VIRTUAL_ENV="{root}/venv"),
    "an environment's python": call("{root}/venv/bin/python3", "-m", "pip", *USAGE),
    "UTF-8 in pip.conf": call("pip", *USAGE, PIP_CONFIG_FILE="{home}/cafe.conf"),
    "PIP_ variables under -I": call("python3", "-Im", "pip", *USAGE, PIP_BREAK_SYSTEM_PACKAGES="1"),
    "PIP_ variables under -E": call("python3", "-E", "-m", "pip", *USAGE, PIP_TARGET="t"),
    "pip's runner": call("python3", "{pip}/__pip-runner__.py", *USAGE),
    "runpy": call("python3", "-c", "import runpy; runpy.run_module('pip')", *USAGE, PIP_TARGET="t"),
}


@pytest.mark.parametrize("name", ALL)
def test_we_say_what_pip_does_however_it_is_started(shared: Machine, name: str, request: pytest.FixtureRequest) -> None:
    if name not in SOME and not request.config.getoption("--full"):
        pytest.skip("--full starts pip in every way")
    argv, cwd, env = ALL[name]
    folder = shared.home / (cwd or "project")
    packages = next(path for path in shared.root.glob("usr/lib/python3*/*-packages/pip"))
    places = {"home": shared.home, "bin": shared.bin, "root": shared.root, "usr": shared.root / "usr", "pip": packages}
    full = shared.env(**{key: placed(value, places) for key, value in env.items()})
    full["PATH"] = f"{shared.bin}:/usr/bin:/bin"
    words = [placed(word, places) for word in argv]
    done = shared.run(*words, cwd=folder, env=full)
    flow = explain_call(words, full, str(folder), os.geteuid())
    assert flow.decision.refused_by_pip is ("externally-managed-environment" in done.err), done


def placed(text: str, places: Mapping[str, Path]) -> str:
    for name, path in places.items():
        text = text.replace(f"{{{name}}}", str(path))
    return text
