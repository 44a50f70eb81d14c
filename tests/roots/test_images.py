"""Images: set up by one RUN, and from then on installs, commands and the final CMD work as they stand."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from roots.images import NOBODY, PATH, Image
from roots.throwaway import ROOT

SUITES = ("bookworm", "trixie", "forky")
pytestmark = [pytest.mark.roots, pytest.mark.parametrize("suite", SUITES, scope="session")]

SOURCE = "/usr/local/src/pipshunt"
APP = "import os, tender; print(tender.__version__, os.getuid())\n"
# All that is there afterwards and was not before: folders with all that is in them, files, links.
FOLDERS = {"/opt/pipshunt/", f"{SOURCE}/"}
VERSIONS = {"bookworm": "3.11", "trixie": "3.13", "forky": "3.14"}
PIPS = {"bookworm": ("pip3.11",), "trixie": (), "forky": ()}
FILES = {"/usr/local/bin/pipshunt", "/usr/local/bin/pipshunt-shim", "/etc/bash.bashrc", "/etc/profile.d/pipshunt.sh"}
CEILING = 8_000_000  # bytes in /opt/pipshunt


def find_written(layer: Path) -> set[str]:
    """Return what *layer* holds: folders of ours with all that is in them, else files and links."""
    found = {f"/{path.relative_to(layer)}" for path in layer.rglob("*") if not path.is_dir() or path.is_symlink()}
    return {next((folder for folder in {*FOLDERS, "/opt/venv/"} if path.startswith(folder)), path) for path in found}


@pytest.fixture(scope="module")
def full(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="module")
def image(
    full: bool, suite: str, base: tuple[Path, ...], offline: Path, scratch: Path, connection: dict[str, str]
) -> tuple[Path, ...]:
    """The layers of an image with pipshunt: COPY, and one RUN."""
    if suite != "bookworm" and not full:
        pytest.skip("--full has the images of all suites")
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
    assert sum(path.lstat().st_size for path in (layer / "opt/pipshunt").rglob("*")) < CEILING


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
    print(added)


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


def test_a_final_stage_without_pipshunt_has_the_environment_copied(
    app: Image, base: tuple[Path, ...], tmp_path: Path
) -> None:
    app.do("pip install --no-cache-dir -r requirements.txt")
    shutil.copytree(app.base / app.upper / "opt/venv", tmp_path / "opt/venv", symlinks=True)
    with Image(tmp_path, *base) as final:
        final.env["PATH"] = f"/opt/venv/bin:{PATH}"
        final.write(ROOT, "/app/app.py", APP)
        final.workdir = "/app"
        for account in (ROOT, NOBODY):
            assert final.execute("python3", "app.py", account=account).out == f"2.0 {account.uid}\n"
            assert final.execute("tender", account=account).out == "tender 2.0\n"
        final.do("pip list && ! command -v pipshunt")


def test_the_final_stage_is_checked_by_the_pipshunt_of_the_first(
    app: Image, image: tuple[Path, ...], base: tuple[Path, ...], tmp_path: Path, full: bool
) -> None:
    if not full:
        pytest.skip("--full has the check of a final stage")
    app.do("pip install --no-cache-dir -r requirements.txt")
    shutil.copytree(app.base / app.upper / "opt/venv", tmp_path / "opt/venv", symlinks=True)
    shutil.copytree(image[1] / "opt/pipshunt", tmp_path / "opt/pipshunt", symlinks=True)  # RUN --mount=from=build
    with Image(tmp_path, *base) as final:
        final.env["PATH"] = f"/opt/venv/bin:{PATH}"
        final.write(ROOT, "/app/requirements.txt", "tender\n")
        final.workdir = "/app"
        final.do("/opt/pipshunt/bin/pipshunt verify -r requirements.txt")
        final.do("rm /opt/venv/lib/python3*/site-packages/tender.py")
        done = final.try_run("/opt/pipshunt/bin/pipshunt verify -r requirements.txt")
        assert done.status == 1, done
        assert "No module named 'tender'" in done.out


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
    base: tuple[Path, ...], offline: Path, suite: str, connection: dict[str, str], full: bool
) -> None:
    if suite != "bookworm" and not full:
        pytest.skip("--full has the images of all suites")
    with Image(*base) as building:
        building.do(PYTHON_IMAGE)
        own = {name: building.read(f"/usr/local/bin/{name}") for name in ("pip", "pip3")}
        building.copy_checkout(SOURCE)
        done = building.do(f"{SOURCE}/install.sh --system", connection)
        assert {name: building.read(f"/usr/local/bin/{name}") for name in own} == own
        assert building.list("/opt") == ["pipshunt"]
        building.write(ROOT, "/etc/pip.conf", (offline / "etc/pip.conf").read_text())
        for wheel in (offline / "srv/wheels").iterdir():
            building.write(ROOT, f"/srv/wheels/{wheel.name}", wheel.read_bytes())
        for pip in ("pip install tender", "/opt/pipshunt/bin/pip install --upgrade railcar"):
            done = building.do(pip)
            assert "pipshunt" not in done.err, done
        assert building.do("python3 -c 'import tender; print(tender.__file__)'").out.startswith("/usr/local/")
        assert building.list("/opt") == ["pipshunt"]
