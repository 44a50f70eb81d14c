"""What is not ours, on whole machines: everything goes as on a machine without pipshunt, and nothing of ours is said."""

from pathlib import Path

import pytest
from machine import Result

from roots.conftest import SUITES
from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = pytest.mark.roots

# As the python images have it: an interpreter and its pip under /usr/local, and no marker. Made of the root's own.
PYTHON_IMAGE = r"""
set -e
version=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
library=/usr/local/lib/python$version
mkdir -p "$library"
cp "/usr/bin/python$version" "/usr/local/bin/python$version"
for entry in "/usr/lib/python$version"/*; do
    case $entry in */EXTERNALLY-MANAGED) ;; *) ln -s "$entry" "$library/" ;; esac
done
mkdir -p /usr/local/lib/python3
cp -a /usr/lib/python3/dist-packages /usr/local/lib/python3/dist-packages
for name in python3 python; do ln -sf "python$version" "/usr/local/bin/$name"; done
for name in pip pip3 "pip$version"; do
    printf '#!/usr/local/bin/python%s\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n' "$version" >"/usr/local/bin/$name"
    chmod 755 "/usr/local/bin/$name"
done
"""
CALLS = [
    "pip install tender",
    "pip3 install --no-deps tender && pip uninstall -y tender",
    "python3 -m pip install tender && python3 -c 'import tender'",
    "pip list --format=json; pip freeze; pip check",
    "pip install nothing-of-that-name",
    "pip --version; python -V; pip; pip nonsense",
]


@pytest.fixture(scope="session")
def python_image(base: tuple[Path, ...], scratch: Path, suite: str) -> tuple[Path, ...]:
    """The layers of a machine with a Python of its own in /usr/local."""
    layer = scratch / f"{suite}-image"
    if not layer.exists():
        with Throwaway(*base) as machine:
            made = machine.run(ROOT, "sh", "-c", PYTHON_IMAGE)
            assert made.status == 0, made
            machine.save(layer)
    return (layer, *base)


@pytest.fixture(scope="session")
def shunted_image(
    python_image: tuple[Path, ...], scratch: Path, suite: str, connection: dict[str, str]
) -> tuple[Path, ...]:
    """The same, with pipshunt set up by root."""
    layer = scratch / f"{suite}-shunted-image"
    if not layer.exists():
        with Throwaway(*python_image) as machine:
            made = machine.run(ROOT, "./install.sh", cwd="/root/pipshunt", env=connection)
            assert made.status == 0, made
            machine.save(layer)
    return (layer, *python_image)


def run_bare(machine: Throwaway, account: Account, call: str) -> tuple[Result, set[str]]:
    """Run *call* in a project; returns the result and what files it wrote, compiled ones aside."""
    machine.write(account, f"{account.home}/app/requirements.txt", "tender\n")
    before = machine.written()
    result = machine.log_in(account, call, cwd=f"{account.home}/app")
    return result, {p for p in machine.written() - before if "__pycache__" not in p and not p.endswith("/")}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("account", [ROOT, ANA], ids=["root", "user"])
@pytest.mark.parametrize("suite", SUITES[:1], scope="session")
def test_a_python_image_is_as_without_us(
    python_image: tuple[Path, ...], shunted_image: tuple[Path, ...], offline: Path, account: Account, call: str
) -> None:
    with Throwaway(offline, *python_image) as bare, Throwaway(offline, *shunted_image) as shunted:
        expected, written = run_bare(bare, account, call)
        result, written_too = run_bare(shunted, account, call)
    assert (result.status, result.out, result.err) == (expected.status, expected.out, expected.err)
    assert written_too == written


@pytest.mark.parametrize(
    "call",
    [
        "pip install tender && tender && pip freeze",
        "python -m pip install tender && python3 -c 'import tender'",
        "pip uninstall -y railcar; pip list",
    ],
)
def test_an_active_environment_is_as_without_us(machine: Throwaway, account: Account, call: str) -> None:
    project = f"{account.home}/app"
    machine.write(account, f"{project}/requirements.txt", "tender\n")
    assert machine.log_in(account, "pip install railcar", cwd=project).status == 0
    log = read_log(machine, account)
    with_us = machine.log_in(account, f". .venv/bin/activate; {call}", cwd=project)
    assert with_us.status == 0, with_us
    assert with_us.err == ""
    assert read_log(machine, account) == log


@pytest.mark.parametrize(
    "call",
    [
        "pip install --break-system-packages tender && /usr/bin/python3 -c 'import tender'",
        "PIP_BREAK_SYSTEM_PACKAGES=1 pip install tender && /usr/bin/python3 -c 'import tender'",
        "pip install --target lib tender && ls lib",
        "pip install --dry-run --report report.json tender",
        "pip download -d wheels tender",
        "PIPSHUNT=off pip install tender",
        "pip --version; pip; pip nonsense; pip help install",
        "python3 -c 'import sys; print(sys.argv)' pip install tender",
        'python3 -c \'import os; print(sorted(set(os.environ) - {"PIPSHUNT_GUARD", "_", "PATH"}))\'',
    ],
)
def test_what_pip_would_not_refuse_or_is_told_to_do_is_as_without_us(
    base: tuple[Path, ...], machine: Throwaway, account: Account, offline: Path, call: str
) -> None:
    with Throwaway(offline, *base) as bare:
        expected, written = run_bare(bare, account, call)
    result, written_too = run_bare(machine, account, call)
    assert (result.status, result.out, result.err) == (expected.status, expected.out, expected.err)
    assert {path for path in written_too if not path.endswith("/audit.jsonl")} == written


def read_log(machine: Throwaway, account: Account) -> str:
    return machine.read(
        "/var/log/pipshunt/audit.jsonl" if account == ROOT else f"{account.home}/.local/state/pipshunt/audit.jsonl"
    )
