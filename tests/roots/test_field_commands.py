"""Commands as people typed them when PEP 668 stopped them, from public issue threads, replayed through every door.

After each, what a reader of that thread wanted must hold: the command succeeds, and the next step finds the package,
and its console script by name, through the same door.
"""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import pytest
from wheels import build_wheel

from roots.conftest import OFFLINE, Installation
from roots.throwaway import Account, Throwaway

pytestmark = pytest.mark.roots


class Field(NamedTuple):
    """One command from the field, and a module that it is to bring."""

    thread: str
    command: str
    module: str = "requests"


IN_A_PROJECT = [
    Field("dmaasland/lastpass-authenticator-export#20", "pip3 install -r requirements.txt"),
    Field(
        "GoogleCloudPlatform/datastream-bigquery-migration-toolkit#14", "pip install -r ./migration/requirements.txt"
    ),
    Field("heroku/alpinehelloworld#28", "pip3 install --no-cache-dir -q -r requirements.txt"),
    Field("JustTemmie/steam-presence#83", "python3 -m pip install -r requirements.txt"),
    Field("sporkus/probe_accuracy_tests#28", 'pip3 install -r "$PWD/requirements.txt"'),
    Field("alpinelinux/docker-alpine#361", "pip3 install .", "project"),
    Field("solvcon/solvcon#199", "python3 -m pip install -v .", "project"),
]
ANYWHERE = [
    Field("troykinsella/concourse-ansible-playbook-resource#30", "pip3 install --upgrade pip cffi", "cffi"),
    Field(
        "markus-perl/ffmpeg-build-script#212",
        "pip3 install pip setuptools --quiet --upgrade --no-cache-dir --disable-pip-version-check",
        "setuptools",
    ),
    Field("nschloe/stressberry#135", "python3 -m pip install stressberry", "stressberry"),
    Field("b-ryan/powerline-shell#555", "pip install powerline-shell", "powerline_shell"),
    Field("jupyter/jupyter#727", "pip install jupyterlab", "jupyterlab"),
    Field("distcc/distcc#524", "python3 -m pip install --upgrade setuptools", "setuptools"),
    Field("jurplel/install-qt-action#239", "python3 -m pip install setuptools wheel py7zr==0.20.*", "py7zr"),
    Field("cmallwitz/Financials-Extension#153", "pip3 install curl_cffi --upgrade", "curl_cffi"),
    Field("Tecnativa/doodba-copier-template#582", "python3 -m pip install --user pipx", "pipx"),
    Field("friendlyarm/NanoHatOLED#16", "yes | pip3 install smbus", "smbus"),
    Field(
        "adafruit/Raspberry-Pi-Installer-Scripts#286",
        "pip install --upgrade adafruit-python-shell",
        "adafruit_python_shell",
    ),
]
# How a command reaches a shell; {} is the command as one word. Each is started from a login shell of the account.
DOORS = {
    "login shell": "eval {}",
    "sh -c": "sh -c {}",
    "bash -lc": "bash -lc {}",
    "as CI runs it": "printf '%s\\n' {} >step.sh && bash --noprofile --norc -eo pipefail step.sh",
    "a script": "printf '#!/bin/sh\\nset -e\\n%s\\n' {} >step.sh && chmod +x step.sh && ./step.sh",
    "subprocess": "python3 -c 'import subprocess, sys; sys.exit(subprocess.call(sys.argv[1], shell=True))' {}",
    "env -i": 'env -i HOME="$HOME" PATH="$PATH" sh -c {}',
    "find -exec": "find . -maxdepth 0 -exec sh -c {} ';'",
    "nohup": "nohup sh -c {}",
}
NAMES = {
    "requests": "2.32.0",
    "cffi": "1.17",
    "setuptools": "99.0",
    "wheel": "0.45",
    "stressberry": "0.3",
    "pipx": "1.7",
    "powerline-shell": "0.7",
    "jupyterlab": "4.0",
    "py7zr": "0.20.8",
    "curl-cffi": "0.7",
    "smbus": "1.1",
    "adafruit-python-shell": "1.8",
}
BACKEND = """
import zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(folder + "/project-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("project.py", "def main(): print('project')")
        archive.writestr("project-1.0.dist-info/entry_points.txt", "[console_scripts]\\nrun-project = project:main\\n")
        archive.writestr("project-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: project\\nVersion: 1.0\\n")
        wheel = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        archive.writestr("project-1.0.dist-info/WHEEL", wheel)
        archive.writestr("project-1.0.dist-info/RECORD", "")
    return "project-1.0-py3-none-any.whl"
"""
PROJECT = {
    "pyproject.toml": (
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "project"\nversion = "1.0"\n'
    ),
    "backend.py": BACKEND,
    "requirements.txt": "requests\n",
    "migration/requirements.txt": "requests\n",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each command goes through one door, another each time; by default a few of them, on one suite."""
    full = metafunc.config.getoption("--full")
    for name, cases in (("in_project", IN_A_PROJECT), ("anywhere", ANYWHERE)):
        if name in metafunc.fixturenames:
            doors = list(DOORS)
            chosen = [(case, doors[number % len(doors)]) for number, case in enumerate(cases)]
            metafunc.parametrize(
                f"{name}, door",
                [pytest.param(*pair, id=f"{pair[0].thread} {pair[1]}") for pair in (chosen if full else chosen[::7])],
            )


@pytest.fixture(scope="session")
def index(scratch: Path) -> Path:
    """A layer in which pip finds wheels of the names that the commands ask for; each has a console script."""
    layer = scratch / "field"
    (layer / "etc").mkdir(parents=True)
    (layer / "etc/pip.conf").write_text(OFFLINE)
    for name, version in NAMES.items():
        module = name.replace("-", "_")
        build_wheel(layer / "srv/wheels", name, version, scripts={f"run-{name}": f"{module}:main"})
    return layer


@pytest.fixture
def machine(installation: Installation, index: Path) -> Iterator[Throwaway]:
    """A machine on which pipshunt is set up; pip finds the field's names there."""
    assert installation.result.status == 0, installation.result
    with Throwaway(index, *installation.layers) as machine:
        yield machine


def test_what_people_typed_in_a_project_works(
    machine: Throwaway, account: Account, in_project: Field, door: str
) -> None:
    folder = f"{account.home}/field project"
    for name, text in PROJECT.items():
        machine.write(account, f"{folder}/{name}", text)
    replay(machine, account, folder, door, in_project)


def test_what_people_typed_outside_of_projects_works(
    machine: Throwaway, account: Account, anywhere: Field, door: str
) -> None:
    replay(machine, account, account.home, door, anywhere)


def replay(machine: Throwaway, account: Account, folder: str, door: str, case: Field) -> None:
    """Run the command through the door, then the next step through the same; the OS's Python must not have changed."""
    result = machine.log_in(account, DOORS[door].format(quote(case.command)), cwd=folder)
    assert result.status == 0, result
    script = f"run-{case.module.replace('_', '-')}"
    step = f"python3 -c 'import {case.module} as m; assert not m.__file__.startswith(\"/usr\")' && {script}"
    found = machine.log_in(account, DOORS[door].format(quote(step)), cwd=folder)
    assert found.status == 0, (result, found)
    assert {path for path in machine.written() if path.startswith(("/usr/lib/", "/usr/local/lib/"))} == set()
