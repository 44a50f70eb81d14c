"""The pip of a new environment: copied from one that is on the machine, with its .pyc, and recorded as ensurepip would.

Up to Python 3.11 ensurepip brings setuptools too (PEP 632 and the 3.12 release ended that), so it is copied where
it lies beside pip.
"""

import os
from base64 import b64encode

from pipshunt.folder_tree import remove_tree

_SETUPTOOLS = ("setuptools", "pkg_resources", "_distutils_hack")
_SCRIPT = """\
# -*- coding: utf-8 -*-
import re
import sys
from pip._internal.cli.main import main
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit(main())
"""
_SHEBANG_LIMIT = 127  # Linux before 5.1 cut longer ones (BINPRM_BUF_SIZE), and macOS still does beyond 512
_WHEEL = b"Wheel-Version: 1.0\nGenerator: pipshunt\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
_METADATA_FILES = (
    "METADATA",
    "PKG-INFO",
    "entry_points.txt",
    "top_level.txt",
    "WHEEL",
    "LICENSE.txt",
    "LICENSE",
    "AUTHORS.txt",
)

Row = tuple[str, str, str]  # a line of RECORD: path, hash, size


def copy_pip(pip: str, environment: str, version: str, final: str) -> None:
    """Copy the package folder *pip* into *environment* of `pythonX.Y` *version*, with scripts; raises OSError.

    *final*: where the environment will stand; the scripts name it.
    """
    source = os.path.dirname(pip)
    target = os.path.join(environment, "lib", version, "site-packages")
    tag = f".cpython-{version.removeprefix('python').replace('.', '')}."
    rows = _copy_package(source, target, "pip", tag)
    rows += _write_scripts(final, environment, version)
    _write_dist_info(source, target, "pip", rows)
    minor = version.removeprefix("python").split(".")[1]
    if int(minor) < 12 and os.path.isdir(os.path.join(source, "setuptools")):
        rows = [row for name in _SETUPTOOLS for row in _copy_package(source, target, name, tag)]
        rows += _copy_files(source, target, "", ["distutils-precedence.pth"])
        _write_dist_info(source, target, "setuptools", rows)


def rewrite_scripts(stored: str, target: str, final: str, environment: str, version: str) -> None:
    """Write the scripts of a pip whose other files were linked from *stored*, and its RECORD; raises OSError."""
    record = os.path.join(find_metadata(stored, "pip"), "RECORD")
    with open(os.path.join(stored, record), encoding="utf-8", errors="surrogateescape") as file:
        lines = [line for line in file if not line.startswith("../")]
    lines += [",".join(row) + "\n" for row in _write_scripts(final, environment, version)]
    _write(os.path.join(target, record), "".join(sorted(lines)).encode("utf-8", "surrogateescape"))


def remove_pip(environment: str, version: str) -> None:
    """Remove what stands in the site-packages of an *environment* that nothing but pip was put into yet."""
    site = os.path.join(environment, "lib", version, "site-packages")
    for name in os.listdir(site):
        path = os.path.join(site, name)
        if os.path.isdir(path):
            remove_tree(path)
        else:
            os.unlink(path)


def _copy_package(source: str, target: str, package: str, tag: str) -> list[Row]:
    """Copy a package's files; of compiled ones only those of the version *tag* names, for whom they are valid."""
    rows: list[Row] = []
    for folder, folders, files in os.walk(os.path.join(source, package)):
        inner = os.path.relpath(folder, source)
        folders.sort()
        if os.path.basename(folder) == "__pycache__":
            files[:] = [name for name in files if tag in name]
        os.makedirs(os.path.join(target, inner), exist_ok=True)
        rows += _copy_files(source, target, inner, sorted(files))
    return rows


def _copy_files(source: str, target: str, folder: str, names: list[str]) -> list[Row]:
    """Copy files with their times: a .pyc is valid for the time of its source."""
    rows: list[Row] = []
    for name in names:
        path = os.path.join(folder, name)
        try:
            with open(os.path.join(source, path), "rb") as file:
                data = file.read()
                times = os.fstat(file.fileno())
        except FileNotFoundError:
            continue
        destination = os.path.join(target, path)
        _write(destination, data)
        os.utime(destination, ns=(times.st_atime_ns, times.st_mtime_ns))
        rows.append((path, "", "") if name.endswith(".pyc") else (path, record_digest(data), str(len(data))))
    return rows


def _write_scripts(final: str, environment: str, version: str) -> list[Row]:
    """Write bin/pip, pip3 and pipX.Y as pip's own installer (distlib) writes them."""
    python = os.path.join(final, "bin", version)
    shebang = f"#!{python}\n"
    if len(os.fsencode(shebang)) > _SHEBANG_LIMIT or any(letter.isspace() for letter in python):
        shebang = f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"
    data = os.fsencode(shebang + _SCRIPT)
    rows: list[Row] = []
    for name in ("pip", "pip3", "pip" + version.removeprefix("python")):
        _write(os.path.join(environment, "bin", name), data, 0o755)
        rows.append((f"../../../bin/{name}", record_digest(data), str(len(data))))
    return rows


def _write_dist_info(source: str, target: str, project: str, rows: list[Row]) -> None:
    """Write the .dist-info of *project*: its metadata as found (egg-info too), INSTALLER, REQUESTED and RECORD."""
    found = find_metadata(source, project)
    folder = found.removesuffix(".egg-info").removesuffix(".dist-info") + ".dist-info"
    os.makedirs(os.path.join(target, folder), exist_ok=True)
    files = {"INSTALLER": b"pip\n", "REQUESTED": b"", "WHEEL": _WHEEL}
    for name in _METADATA_FILES:
        try:
            with open(os.path.join(source, found, name), "rb") as file:
                files["METADATA" if name == "PKG-INFO" else name] = file.read()
        except (FileNotFoundError, NotADirectoryError):
            continue
    for name, data in sorted(files.items()):
        _write(os.path.join(target, folder, name), data)
        rows.append((f"{folder}/{name}", record_digest(data), str(len(data))))
    rows.append((f"{folder}/RECORD", "", ""))
    text = "".join(f"{path},{digest},{size}\n" for path, digest, size in sorted(rows))
    _write(os.path.join(target, folder, "RECORD"), text.encode())


def find_metadata(source: str, project: str) -> str:
    """Return the name of the metadata folder (or egg-info file) of *project* in *source*; raises OSError."""
    for name in sorted(os.listdir(source)):
        if name.startswith(project + "-") and name.endswith((".dist-info", ".egg-info")):
            return name
    return f"{project}-0.dist-info"


def record_digest(data: bytes) -> str:
    """Return the digest of *data* as RECORD has it (Recording installed projects, packaging.python.org)."""
    import hashlib

    digest = hashlib.sha256(data).digest()
    return "sha256=" + b64encode(digest, b"-_").rstrip(b"=").decode()


def _write(path: str, data: bytes, mode: int = 0o644) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)
