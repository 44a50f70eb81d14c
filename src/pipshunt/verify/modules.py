"""The modules that a distribution brings, told from its files: what `import` should find of it.

A folder with an `__init__` is a package. One without is a namespace, of which the packages and modules in it are
meant: google/cloud/storage/__init__.py is google.cloud.storage. Names that begin with _ are for the distribution's own
use, of which it may have no need here, so they only count where there are no others.
"""

import ast
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_SOURCES = (".py", ".so", ".pyd", ".pyc")
# What ends up at the top by mistake (Python packaging's "flat layout"), and what does something when it is imported.
_JUNK = frozenset(("tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "scripts", "tools"))
_NO_MODULES = frozenset(("setup", "conftest"))


class Modules(NamedTuple):
    """What a distribution brings to be imported."""

    names: tuple[str, ...]
    left_out: tuple[str, ...] = ()  # tests, docs and the like beside them
    unknown: str = ""  # why they cannot be told


def find_modules(info: str, name: str) -> Modules:
    """Return the modules of the distribution *name*, normalised, that the folder *info* describes."""
    paths = read_paths(info)
    if paths is not None:
        found = modules_of(paths)
        if found.names or not any(path.endswith((".pth", ".egg-link")) for path in paths):
            return found
    names = _top_level(info) or _editable_modules(info, paths or []) or _by_its_name(os.path.dirname(info), name)
    if names:
        return Modules(names)
    if paths is None:
        return Modules((), unknown=f"{info} does not say which modules it brings")
    return Modules((), unknown="it is installed from its sources (editable), and does not say which modules it brings")


def read_paths(info: str) -> list[str] | None:
    """Return the files of the distribution, relative to its site folder; None if it does not say."""
    import csv

    try:
        with open(os.path.join(info, "RECORD"), encoding="utf-8", errors="replace", newline="") as file:
            return [row[0] for row in csv.reader(file) if row]
    except (OSError, csv.Error):
        pass
    lines = _lines(os.path.join(info, "installed-files.txt"))  # of setup.py install; relative to the .egg-info
    return [os.path.normpath(os.path.join(os.path.basename(info), line)) for line in lines] or None


def modules_of(paths: Iterable[str]) -> Modules:
    """Return the modules among *paths*, which are relative to a folder of sys.path."""
    tree: dict[str, object] = {}
    for path in paths:
        parts = path.split("/")
        if ".." not in parts and "__pycache__" not in parts and not path.startswith("/"):
            folder = tree
            for part in parts[:-1]:
                inner = folder.setdefault(part, {})
                folder = inner if isinstance(inner, dict) else {}
            folder[parts[-1]] = None
    names = tuple(dict.fromkeys(_modules_in(tree, "")))
    public = tuple(name for name in names if not name.rpartition(".")[2].startswith("_")) or names
    junk = tuple(name for name in public if name.partition(".")[0] in _JUNK)
    kept = tuple(name for name in public if name not in junk)
    return Modules(kept, junk) if kept else Modules(public)


def _modules_in(tree: dict[str, object], prefix: str) -> Iterable[str]:
    for entry, inner in sorted(tree.items()):
        if isinstance(inner, dict):
            if not entry.isidentifier():
                continue
            if any(_module_name(name) == "__init__" for name in inner):
                yield prefix + entry
            else:
                yield from _modules_in(inner, f"{prefix}{entry}.")
        elif (name := _module_name(entry)) and not (name in _NO_MODULES and not prefix):
            yield prefix + name


def _module_name(file: str) -> str:
    """Return the module that *file* is, "" if it is none: x.py, x.abi3.so, x.cpython-311-x86_64-linux-gnu.so."""
    stem = file.partition(".")[0]
    is_module = file.endswith(_SOURCES) and (file.count(".") == 1 or file.endswith((".so", ".pyd")))
    return stem if is_module and stem.isidentifier() and not stem.startswith("__editable__") else ""


def _top_level(info: str) -> tuple[str, ...]:
    """Return what setuptools wrote down; of an .egg-info that is a file, nothing."""
    names = [line.replace("/", ".") for line in _lines(os.path.join(info, "top_level.txt"))]
    kept = [name for name in names if all(part.isidentifier() for part in name.split("."))]
    return tuple(name for name in kept if name not in _JUNK) or tuple(kept)


def _editable_modules(info: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the modules that an editable install maps to their sources (setuptools' __editable___*_finder.py)."""
    site = os.path.dirname(info)
    for path in paths:
        if os.path.basename(path).startswith("__editable__") and path.endswith("_finder.py"):
            try:
                with open(os.path.join(site, path), encoding="utf-8") as file:
                    tree = ast.parse(file.read())
                mapping = next(node.value for node in tree.body if _is_mapping(node))  # type: ignore[attr-defined]
                return tuple(ast.literal_eval(mapping))
            except (OSError, ValueError, SyntaxError, StopIteration):
                return ()
    stem = os.path.basename(info).partition("-")[0].lower()
    for path in (path for path in paths if path.endswith(".pth")):
        for folder in _lines(os.path.join(site, path)):
            if _brings(folder, stem):
                return (stem,)
    return ()


def _is_mapping(node: ast.stmt) -> bool:
    targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "MAPPING" for target in targets)


def _by_its_name(site: str, name: str) -> tuple[str, ...]:
    """Return the module named as the distribution is, if there is one: Debian's packages need not say more."""
    stem = name.replace("-", "_")
    return (stem,) if _brings(site, stem) else ()


def _brings(folder: str, stem: str) -> bool:
    return os.path.isfile(os.path.join(folder, f"{stem}.py")) or os.path.isfile(
        os.path.join(folder, stem, "__init__.py")
    )


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return [line.strip() for line in file if line.strip()]
    except OSError:
        return []
