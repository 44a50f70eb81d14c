"""Images: set up by one RUN, and from then on installs, commands and the final CMD work as they stand."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import PROJECT
from pages import Block, read_blocks, read_rows

from roots.images import NOBODY, PATH, Image, build
from roots.throwaway import ROOT

pytestmark = pytest.mark.roots
ONLY_BOOKWORM = pytest.mark.parametrize("suite", ["bookworm"], scope="session")

SOURCE = "/usr/local/src/pipshunt"
APP = "import os, tender; print(tender.__version__, os.getuid())\n"
PAGE = PROJECT / "docs/containers.md"
DOCKERFILES = [block for block in read_blocks(PAGE) if block.note == "dockerfile"]
# All that is there afterwards and was not before: folders with all that is in them, files, links.
FOLDERS = {"/opt/pipshunt/", f"{SOURCE}/"}
VERSIONS = {"bookworm": "3.11", "trixie": "3.13", "forky": "3.14"}
PIPS = {"bookworm": ("pip3.11",), "trixie": (), "forky": ()}
FILES = {"/usr/local/bin/pipshunt", "/usr/local/bin/pipshunt-shim", "/etc/bash.bashrc", "/etc/profile.d/pipshunt.sh"}
CEILING = 8_000_000  # bytes in /opt/pipshunt
# Bytes in /opt/venv before anything is in it: a pip with its compiled modules, and setuptools where ensurepip has that.
ENVIRONMENT_CEILINGS = {"bookworm": 22_000_000, "trixie": 12_000_000, "forky": 12_000_000}


def find_written(layer: Path) -> set[str]:
    """Return what *layer* holds: folders of ours with all that is in them, else files and links."""
    found = {f"/{path.relative_to(layer)}" for path in layer.rglob("*") if not path.is_dir() or path.is_symlink()}
    return {next((folder for folder in {*FOLDERS, "/opt/venv/"} if path.startswith(folder)), path) for path in found}


def measure(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session", autouse=True)
def wanted(suite: str, full: bool) -> None:
    """Ahead of all else, so that no root is made for what is skipped."""
    if suite != "bookworm" and not full:
        pytest.skip("--full has the images of all suites")


@pytest.fixture(scope="module")
def image(
    suite: str, base: tuple[Path, ...], offline: Path, scratch: Path, connection: dict[str, str]
) -> tuple[Path, ...]:
    """The layers of an image with pipshunt: COPY, and one RUN."""
    with Image(*base) as building:
        building.copy_checkout(SOURCE)
        done = building.do(f"{SOURCE}/install.sh --system", connection)
        assert done.out == ""
        layer = building.save(scratch / f"image-{suite}")
    return offline, layer, *base


@pytest.fixture
def app(image: tuple[Path, ...]) -> Iterator[Image]:
    """The image, with an application in the folder that is worked in."""
    with Image(*image) as building:
        building.workdir = "/app"
        building.write(ROOT, "/app/requirements.txt", "tender\n")
        building.write(ROOT, "/app/app.py", APP)
        yield building


def written(layer: Path) -> set[str]:
    """Return what *layer* holds: the folders that it holds alone, else files and links."""
    found = {f"/{path.relative_to(layer)}" for path in layer.rglob("*") if not path.is_dir() or path.is_symlink()}
    return {next((folder for folder in FOLDERS if path.startswith(folder)), path) for path in found}


def size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))


def test_one_run_sets_it_up(image: tuple[Path, ...], suite: str) -> None:
    layer = image[1]
    links = {f"/usr/local/bin/{name}" for name in ("pip", "pip3", "python3", f"python{VERSIONS[suite]}", *PIPS[suite])}
    assert find_written(layer) == {*FOLDERS, *FILES, *links}
    if suite == "bookworm":
        assert {*read_rows(PAGE, "install.sh --system"), f"{SOURCE}/"} == find_written(layer)
    assert measure(layer / "opt/pipshunt") < CEILING


def test_what_an_install_adds(app: Image, suite: str) -> None:
    app.do("pip install --no-cache-dir -r requirements.txt")
    added = find_written(app.base / app.upper) - {"/app/app.py", "/app/requirements.txt"}
    interpreter = f"usr%bin%python{VERSIONS[suite]}"
    assert {path for path in added if not path.startswith("/tmp/")} == {
        "/opt/venv/",
        "/usr/local/bin/tender",
        f"/var/lib/pipshunt/follow/@%{interpreter}",
        "/var/log/pipshunt/audit.jsonl",
    }
    if suite == "bookworm":
        assert set(read_rows(PAGE, "The first install")) == added
    assert measure(app.base / app.upper / "opt/venv") < ENVIRONMENT_CEILINGS[suite]


@pytest.mark.parametrize("frozen", [False, True], ids=["as it is", "with a read-only root"])
def test_what_a_dockerfile_does_next_finds_what_was_installed(app: Image, frozen: bool) -> None:
    done = app.do("pip install --no-cache-dir -r requirements.txt")
    assert "so this goes to the new environment /opt/venv" in done.err
    app.do("python3 -c 'import tender' && tender")
    app.workdir = "/tmp"
    app.do("python3 -c 'import tender' && tender && pipshunt verify")
    app.workdir = "/app"
    if frozen:
        app.freeze()
    for account in (ROOT, NOBODY):
        done = app.execute("python3", "app.py", account=account)
        assert (done.status, done.out, done.err) == (0, f"2.0 {account.uid}\n", ""), done
        done = app.execute("tender", account=account)
        assert (done.status, done.out, done.err) == (0, "tender 2.0\n", ""), done


@ONLY_BOOKWORM
@pytest.mark.parametrize("block", [pytest.param(block, id=f"line {block.line}") for block in DOCKERFILES])
def test_a_dockerfile_of_the_page_works(
    base: tuple[Path, ...],
    offline: Path,
    block: Block,
    tmp_path: Path,
    connection: dict[str, str],
    full: bool,
) -> None:
    if not full:
        pytest.skip("--full has the Dockerfiles of the page")
    layer = tmp_path / "index"
    shutil.copytree(offline / "srv", layer / "srv")
    (layer / "etc").mkdir()
    (layer / "etc/pip.conf").write_text("[global]\nfind-links = /srv/wheels\n")
    (layer / "usr/local/sbin").mkdir(parents=True)
    (layer / "usr/local/sbin/apt-get").write_text("#!/bin/sh\nexit 0\n")  # all that is installed is there
    (layer / "usr/local/sbin/apt-get").chmod(0o755)
    context = {"requirements.txt": "tender\n", "app.py": APP}
    with build(block.text, (layer, *base), context, tmp_path, connection) as built:
        done = built.image.execute(*built.command, account=built.account)
        assert (done.status, done.out) == (
            0,
            f"2.0 {built.account.uid}\n" if len(built.command) > 1 else "tender 2.0\n",
        ), done
        if "AS build" in block.text:
            assert built.image.list("/opt/pipshunt") == []
            built.image.do("rm /opt/venv/lib/python3*/site-packages/tender.py")
            assert built.image.execute(*built.command, account=built.account).status == 1


def test_after_uninstalling_the_environment_is_one_like_any_other(app: Image) -> None:
    app.do("pip install --no-cache-dir -r requirements.txt")
    app.do("pipshunt uninstall")
    assert app.list("/opt/pipshunt") == []
    assert app.try_run("pip install railcar").err.startswith("error: externally-managed-environment")
    app.env["PATH"] = f"/opt/venv/bin:{PATH}"
    app.do("tender && python3 app.py && pip list")


@pytest.mark.parametrize(
    ("change", "manager"),
    [
        pytest.param("printf 'ID=ubuntu\\nID_LIKE=debian\\nNAME=Ubuntu\\n' >/etc/os-release", "Ubuntu", id="Ubuntu"),
        pytest.param("ln -sf busybox /bin/sh", "Debian", id="busybox's sh, as Alpine has it"),
    ],
)
def test_what_differs_from_image_to_image_makes_no_difference(
    app: Image, full: bool, change: str, manager: str
) -> None:
    if not full:
        pytest.skip("--full has Ubuntu and busybox")
    if "busybox" in change:
        busybox = shutil.which("busybox")
        if not busybox:
            pytest.skip("--full has busybox, where the tests' machine does")
        app.write(ROOT, "/usr/bin/busybox", Path(busybox).read_bytes(), 0o755)
    app.do(change)
    done = app.do("pip install --no-cache-dir -r requirements.txt")
    assert done.err.startswith(f"pipshunt: {manager} manages /usr/bin/python3")
    app.do("python3 app.py && tender && pip list && pipshunt verify")


def describe(image: Image, folder: str) -> dict[str, tuple[int, int]]:
    """Return what each name in *folder* is, so that another file under the same name is told from it."""
    found = {path.name: path.lstat() for path in (image.base / "root" / folder.lstrip("/")).iterdir()}
    return {name: (status.st_ino, status.st_mtime_ns) for name, status in found.items()}


# What the python images have: an interpreter of their own in /usr/local, without a marker, ahead of the OS's.
PYTHON_IMAGE = """
set -e
mkdir -p /usr/local/lib
cp -a /usr/lib/python3.* /usr/local/lib/
rm -f /usr/local/lib/python3.*/EXTERNALLY-MANAGED /usr/local/lib/python3.*/sitecustomize.py
mkdir -p /usr/local/lib/python3/dist-packages
cp -a /usr/lib/python3/dist-packages/pip* /usr/local/lib/python3/dist-packages/
version=$(cd /usr/bin && echo python3.?*)
cp /usr/bin/$version /usr/local/bin/
ln -s $version /usr/local/bin/python3
for name in pip pip3; do
    printf '#!/usr/local/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n' >/usr/local/bin/$name
    chmod 755 /usr/local/bin/$name
done
"""


def test_in_a_python_image_nothing_is_overwritten_and_pip_installs_as_ever(
    base: tuple[Path, ...], offline: Path, suite: str, connection: dict[str, str]
) -> None:
    with Image(*base) as building:
        building.do(PYTHON_IMAGE)
        own = describe(building, "/usr/local/bin")
        building.copy_checkout(SOURCE)
        done = building.do(f"{SOURCE}/install.sh --system", connection)
        after = describe(building, "/usr/local/bin")
        assert {name: after.get(name) for name in own} == own
        assert set(own) == {"pip", "pip3", "python3", f"python{VERSIONS[suite]}"}
        assert building.list("/opt") == ["pipshunt"]
        building.write(ROOT, "/etc/pip.conf", (offline / "etc/pip.conf").read_text())
        for wheel in (offline / "srv/wheels").iterdir():
            building.write(ROOT, f"/srv/wheels/{wheel.name}", wheel.read_bytes())
        for pip in ("pip install tender", "/opt/pipshunt/bin/pip install --upgrade railcar"):
            done = building.do(pip)
            assert "pipshunt" not in done.err, done
        assert building.do("python3 -c 'import tender; print(tender.__file__)'").out.startswith("/usr/local/")
        assert building.list("/opt") == ["pipshunt"]
