"""Package indexes of the tests' own, made from packages.txt: on disk, and served from 127.0.0.1 by a thread.

simple/ (JSON and HTML, with metadata files)   cpu/ second/ (HTML)   private/ (asks for ana's password)   links/ (flat)
"""

import base64
import functools
import hashlib
import html
import http.server
import io
import json
import platform
import re
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple, Self

from machine import pip_folder
from odd_wheels import build_odd_wheels
from wheels import build_wheel

HERE = Path(__file__).parent
BACKEND = (HERE / "mini_backend.py").read_text()
USER, PASSWORD = "ana", "s3cret"
JSON = "application/vnd.pypi.simple.v1+json"
# where the backends that projects name have their functions
BACKENDS = {
    "setuptools": "setuptools/build_meta.py",
    "hatchling": "hatchling/build.py",
    "flit_core": "flit_core/buildapi.py",
    "poetry-core": "poetry/core/masonry/api.py",
}
CPYTHON = "cp{}{}".format(*sys.version_info)
LINUX = f"manylinux_2_17_{platform.machine()}.manylinux2014_{platform.machine()}"
FOREIGN_TAGS = ("cp39-cp39-win_amd64", f"{CPYTHON}-{CPYTHON}-macosx_11_0_universal2", f"cp38-cp38-{LINUX}")


class Release(NamedTuple):
    """One version of a project, as packages.txt has it."""

    name: str
    version: str
    words: dict[str, str]
    requires: tuple[str, ...]

    @property
    def place(self) -> str:
        """The index that has it."""
        return self.words.get("index", "simple")

    @property
    def python(self) -> str:
        return self.words.get("python", "")


def read_releases(text: str) -> Iterator[Release]:
    """Read packages.txt."""
    for block in re.findall(r"^[^#\s].*(?:\n[ ]+.*)*", text, re.MULTILINE):
        head, *requires = block.split("\n")
        name, version, *words = head.split()
        yield Release(
            name, version, dict(word.partition("=")[::2] for word in words), tuple(line.strip() for line in requires)
        )


class PackageIndex:
    """The indexes below *folder*, served while the context lasts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        handler = functools.partial(Handler, directory=str(folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.host = "{}:{}".format(*self.server.server_address)
        self.url = f"http://{self.host}"
        self.releases = tuple(read_releases((HERE / "packages.txt").read_text()))
        for release in self.releases:
            self._build(release)
        build_odd_wheels(self.files("simple"))
        build_pip(self.files("simple"), "30.0")
        for index in ("simple", "cpu", "second", "private"):
            self._write_index(index)
        (folder / "requirements.txt").write_text("flask\nrequests>=2\n")
        (folder / "constraints.txt").write_text("flask==2.3.3\nurllib3<2\n")
        (folder / "links").symlink_to(self.files("links"))
        (folder / "links.html").write_text(
            "".join(f'<a href="files/links/{file.name}">{file.name}</a>' for file in self.files("links").iterdir())
        )

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def files(self, index: str) -> Path:
        """Return the folder where the files of *index* lie; the private one's are as private as it is."""
        return self.folder / ("private/files" if index == "private" else f"files/{index}")

    def sha256(self, name: str) -> str:
        """Return the hash of a file of the index `simple`."""
        return digest(self.files("simple") / name)

    def _build(self, release: Release) -> None:
        folder = self.files(release.place)
        if "sdist" in release.words or "both" in release.words:
            build_sdist(folder, release)
        if "sdist" in release.words:
            return
        tags = ["py3-none-any"]
        if "platform" in release.words:
            tags = [f"{CPYTHON}-{CPYTHON}-{LINUX}", f"{CPYTHON}-{CPYTHON}-musllinux_1_2_{platform.machine()}"]
        if "platform" in release.words or "foreign" in release.words:
            tags = [*FOREIGN_TAGS, *(tags if "platform" in release.words else [])]
        if "build" in release.words:
            tags = [f"{release.words['build']}-{tag}" for tag in tags]
        for tag in tags:
            build_wheel(
                folder,
                release.name,
                release.version,
                requires=tuple(line.replace("FILES", f"{self.url}/files/simple") for line in release.requires),
                headers=headers_of(release),
                scripts={release.words["script"]: f"{module_of(release.name)}:main"}
                if "script" in release.words
                else {},
                tag=tag,
                contents=contents_of(release),
            )

    def _write_index(self, index: str) -> None:
        known = {(module_of(r.name).lower(), r.version): r for r in self.releases if r.place == index}
        projects: dict[str, list[dict[str, object]]] = {}
        for file in sorted(self.files(index).iterdir()):
            name, version = file.name.removesuffix(".tar.gz").split("-")[:2]
            release = known.get((name.lower(), version))
            about: dict[str, object] = {"filename": file.name, "hashes": {"sha256": digest(file)}}
            if release and release.python:
                about["requires-python"] = release.python
            if release and "yanked" in release.words:
                about["yanked"] = "it was a mistake"
            if index == "simple" and release and file.suffix == ".whl":
                about["core-metadata"] = {"sha256": self._write_metadata(file)}
            projects.setdefault(normalise(name), []).append(about)
        for name, rows in projects.items():
            self._write_project(index, name, rows)
        (self.folder / index / "index.html").write_text("".join(f'<a href="{n}/">{n}</a>' for n in projects))

    def _write_metadata(self, wheel: Path) -> str:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            data = archive.read(name)
        (self.folder / "metadata").mkdir(exist_ok=True)
        (self.folder / "metadata" / f"{wheel.name}.metadata").write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    def _write_project(self, index: str, name: str, rows: list[dict[str, object]]) -> None:
        folder = self.folder / index / name
        folder.mkdir(parents=True, exist_ok=True)
        base = "../files" if index == "private" else f"../../files/{index}"
        links = []
        for row in rows:
            row["url"] = f"{base}/{row['filename']}"
            attributes = {"href": f"{row['url']}#sha256={row['hashes']['sha256']}"}  # type: ignore[index]
            if "requires-python" in row:
                attributes["data-requires-python"] = str(row["requires-python"])
            if "yanked" in row:
                attributes["data-yanked"] = str(row["yanked"])
            words = " ".join(f'{key}="{html.escape(value)}"' for key, value in attributes.items())
            links.append(f"<a {words}>{row['filename']}</a><br/>\n")
        (folder / "index.html").write_text(f"<!DOCTYPE html>\n<html><body>\n{''.join(links)}</body></html>\n")
        if index == "simple":
            page = {"meta": {"api-version": "1.0"}, "name": name, "files": rows}
            (folder / "index.json").write_text(json.dumps(page))


class Handler(http.server.SimpleHTTPRequestHandler):
    """A static index that knows what the caller accepts, and asks for a password below private/."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        wanted = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.path.startswith("/private/") and self.headers["Authorization"] != f"Basic {wanted}":
            self.send_response(HTTPStatus.UNAUTHORIZED)
            self.send_header("WWW-Authenticate", 'Basic realm="private"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        page = Path(self.translate_path(self.path)) / "index.json"
        if self.path.endswith(".metadata"):
            self.path = f"/metadata/{self.path.rpartition('/')[2]}"
        elif JSON in self.headers.get("Accept", "") and self.path.endswith("/") and page.exists():
            data = page.read_bytes()
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", JSON)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def headers_of(release: Release) -> tuple[str, ...]:
    """Return what METADATA says beside name, version and requirements."""
    extras = dict.fromkeys(re.findall(r'extra == "([^"]+)"', "\n".join(release.requires)))
    lines = [f"Provides-Extra: {extra}" for extra in extras]
    return (*([f"Requires-Python: {release.python}"] if release.python else []), *lines)


def contents_of(release: Release) -> dict[str, str | bytes] | None:
    """Return a wheel's files where it is more than a module: a backend, a namespace package."""
    module = module_of(release.name)
    if release.name in BACKENDS:
        path = BACKENDS[release.name]
        return {path: BACKEND + "\n\n__legacy__ = sys.modules[__name__]\n", **empty_packages(path, release)}
    if release.name.startswith(("zope.", "azure-", "google-cloud-", "backports.")):
        parts = re.split(r"[.-]", release.name)
        return {f"{'/'.join(parts)}/__init__.py": f'__version__ = "{release.version}"\n'}
    if release.name == "Babel":
        data = f"{module}-{release.version}.data"
        return {
            "babel/__init__.py": "",
            f"{data}/data/share/babel/readme.txt": "data\n",
            f"{data}/scripts/pybabel": "#!python\nprint('babel')\n",
        }
    return None


def build_pip(folder: Path, version: str) -> None:
    """Build a pip that is newer than any: our own, under another number."""
    package = Path(pip_folder()) / "pip"
    files = [path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    contents: dict[str, str | bytes] = {f"pip/{path.relative_to(package)}": path.read_bytes() for path in files}
    contents["pip/__init__.py"] = re.sub(
        r'(__version__ = ")[^"]+', rf"\g<1>{version}", (package / "__init__.py").read_text()
    )
    scripts = {"pip": "pip._internal.cli.main:main", "pip3": "pip._internal.cli.main:main"}
    build_wheel(folder, "pip", version, scripts=scripts, contents=contents)


def empty_packages(path: str, release: Release) -> dict[str, str | bytes]:
    """Return the __init__.py of the packages that *path* lies in, but of the namespace poetry."""
    folders = path.split("/")[:-1]
    names = ["/".join(folders[: count + 1]) for count in range(len(folders))]
    return {f"{name}/__init__.py": f'__version__ = "{release.version}"\n' for name in names if name != "poetry"}


def build_sdist(folder: Path, release: Release) -> None:
    """Build a source distribution that carries its backend, or docopt's way: one that needs setuptools."""
    legacy = release.name == "docopt"
    requires = ["setuptools"] if legacy else ["buildhelper"] if release.name == "stamped" else []
    pyproject = [
        "[build-system]",
        f"requires = {json.dumps(requires)}",
        *(
            ['build-backend = "setuptools.build_meta"']
            if legacy
            else ['build-backend = "backend"', 'backend-path = ["."]']
        ),
    ]
    if not legacy:
        pyproject += ["[project]", f'name = "{release.name}"', f'version = "{release.version}"']
        pyproject += [f'requires-python = "{release.python}"'] if release.python else []
        pyproject += ['dynamic = ["dependencies"]'] if release.name == "stamped" else []
    pyproject += ["[tool.mini]"]
    pyproject += ['stamp = "buildhelper"'] if release.name == "stamped" else []
    pyproject += [f'fail = "{release.words["fail"].replace("_", " ")}"'] if "fail" in release.words else []
    setup = f"[metadata]\nname = {release.name}\nversion = {release.version}\n"
    info = f"Metadata-Version: 2.1\nName: {release.name}\nVersion: {release.version}\n"
    files = {"pyproject.toml": "\n".join(pyproject) + "\n", "PKG-INFO": info, "backend.py": BACKEND}
    if legacy:
        files |= {"setup.cfg": setup, "setup.py": "from setuptools import setup\nsetup()\n"}
    stem = f"{module_of(release.name)}-{release.version}"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / f"{stem}.tar.gz", "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"{stem}/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


def module_of(name: str) -> str:
    """Return the name as files have it."""
    return re.sub(r"[-.]", "_", name)


def normalise(name: str) -> str:
    """Return the name as addresses have it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def digest(file: Path) -> str:
    """Return the file's hash."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
