"""Machines for the tests of this folder: each Debian suite, with pipshunt set up on it by root and by an ordinary user."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from building_site import DEPENDENCIES
from machine import PROJECT, Result
from wheels import build_wheel

from roots.minimal_root import Unavailable, provide_root
from roots.throwaway import ANA, ROOT, Account, Throwaway, find_obstacle

SUITES = ("bookworm", "forky")
FURTHER_SUITES = ("trixie",)  # under --full
# How this machine reaches pip's index: files, and variables that say so (some of them name a file).
CONNECTION_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
CONNECTION_VARIABLES = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_PROXY", "PIP_CERT", "REQUESTS_CA_BUNDLE"),
    *(
        "SSL_CERT_FILE",
        "CURL_CA_BUNDLE",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    ),
)
STAND_INS = {"PIP_FIND_LINKS": "/srv/engine"}  # for an install.sh whose engine only has to start
CHECKOUT = ("action.yml", "install.sh", "pyproject.toml", "shims", "src")  # what install.sh needs of it
OFFLINE = "[global]\nno-index = true\nfind-links = /srv/wheels\ndisable-pip-version-check = true\n"


class Installation(NamedTuple):
    """A machine on which *account* has run `./install.sh pip install cowsay` in its checkout of pipshunt."""

    account: Account
    result: Result
    written: frozenset[str]
    layers: tuple[Path, ...]  # to start another machine from there

    @property
    def checkout(self) -> str:
        return f"{self.account.home}/pipshunt"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    chosen = any("suite" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "suite" in metafunc.fixturenames and not chosen:
        count = 1 if metafunc.definition.get_closest_marker("one_suite") else len(SUITES)
        suites = SUITES + FURTHER_SUITES if metafunc.config.getoption("--full") else SUITES[:count]
        metafunc.parametrize("suite", suites, scope="session")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for layers, removed at the end: pytest would keep those of three runs."""
    folder = tmp_path_factory.mktemp("layers")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def connection() -> dict[str, str]:
    """The environment variables with which pip reaches its index on this machine."""
    return {name: os.environ[name] for name in CONNECTION_VARIABLES if os.environ.get(name)}


@pytest.fixture(scope="session")
def base(suite: str, scratch: Path, connection: dict[str, str]) -> tuple[Path, ...]:
    """The layers of a fresh minimal Debian with one ordinary user, who has a checkout of pipshunt, as root has."""
    obstacle = find_obstacle()
    if obstacle:
        pytest.skip(f"no whole machines here: {obstacle}")
    try:
        root = provide_root(suite)
    except Unavailable as error:
        pytest.skip(f"no whole machines here: {error}")
    layer = scratch / suite
    if layer.exists():  # pytest sets up anew what another parameter has come between
        return layer, root
    with Throwaway(root) as machine:
        lay_account(machine, connection)
        return machine.save(layer), root


@pytest.fixture(scope="session")
def offline(scratch: Path) -> Path:
    """A layer in which pip finds small wheels of our own and asks no index; beside them what an engine can be built of."""
    layer = scratch / "offline"
    (layer / "etc").mkdir(parents=True)
    (layer / "etc/pip.conf").write_text(OFFLINE)
    for name in DEPENDENCIES:
        build_wheel(layer / "srv/engine", name, "99.0")  # they stand in for what no command is run with
    build_wheel(layer / "srv/wheels", "railcar", "1.0")
    build_wheel(layer / "srv/wheels", "tender", "2.0", requires=("railcar",), scripts={"tender": "tender:main"})
    return layer


@pytest.fixture(scope="session", params=[ANA, ROOT], ids=["user", "root"])
def installation(
    request: pytest.FixtureRequest, suite: str, base: tuple[Path, ...], scratch: Path, connection: dict[str, str]
) -> Installation:
    """What `./install.sh pip install cowsay` made of a fresh machine, with the index that pip has."""
    account: Account = request.param
    with Throwaway(*base) as machine:
        command = ("./install.sh", "pip", "install", "cowsay")
        result = machine.run(account, *command, cwd=f"{account.home}/pipshunt", env=connection)
        layer = machine.save(Path(tempfile.mkdtemp(dir=scratch)))
        return Installation(account, result, frozenset(machine.written()), (layer, *base))


@pytest.fixture
def machine(installation: Installation, offline: Path) -> Iterator[Throwaway]:
    """A machine on which pipshunt is set up; pip finds our own wheels there, and no index."""
    assert installation.result.status == 0, installation.result
    with Throwaway(offline, *installation.layers) as machine:
        yield machine


@pytest.fixture
def account(installation: Installation) -> Account:
    """Whose installation is on the machine."""
    return installation.account


def lay_account(machine: Throwaway, connection: dict[str, str]) -> None:
    """Make ana's account, give her and root a checkout of pipshunt, and lead pip to its index."""
    made = machine.run(ROOT, "useradd", "--create-home", "--uid", str(ANA.uid), "--shell", "/bin/bash", ANA.name)
    assert made.status == 0, made
    for path in {*CONNECTION_FILES, *connection.values()}:
        if os.path.isfile(path):
            machine.write(ROOT, path, Path(path).read_bytes())
    for account in (ANA, ROOT):
        lay_checkout(machine, account)


def lay_checkout(machine: Throwaway, account: Account) -> None:
    """Give *account* a checkout of pipshunt in the home folder."""
    for name in CHECKOUT:
        origin = PROJECT / name
        files = [path for path in origin.rglob("*") if path.is_file()] if origin.is_dir() else [origin]
        for file in files:
            if "__pycache__" not in file.parts:
                target = f"{account.home}/pipshunt/{file.relative_to(PROJECT)}"
                machine.write(account, target, file.read_bytes(), file.stat().st_mode & 0o777)
