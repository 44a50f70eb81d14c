"""The engine: a virtual environment of pipshunt's own, built beside the one in use and put in its place by one link.

`engines/<version>-<random>/` are the environments, `engine` links to the one in use. Who changes them holds the lock.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from pipshunt import __version__
from pipshunt.atomic_file import replace_link
from pipshunt.folder_tree import is_held, list_folder
from pipshunt.setup.engine_pip import SetupError, install_dependencies, run_quietly

USED_PARTS = ("rich.console", "rich.table", "rich.text")  # of the dependencies, the submodules that we import
STAMP = "stamp"  # written last: an environment without one is what a killed run left


class Source(NamedTuple):
    """The checkout that is installed from."""

    package: str  # the folder src/pipshunt
    shims: str  # the folder shims
    dependencies: tuple[str, ...]


def read_source(package: str) -> Source:
    """Find the checkout that *package* lies in, and what pipshunt depends on. Raises OSError."""
    import tomllib

    checkout = os.path.dirname(os.path.dirname(package))
    with open(os.path.join(checkout, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    return Source(package, os.path.join(checkout, "shims"), tuple(project["dependencies"]))


def compute_stamp(source: Source, python: str, version: str) -> str:
    """Return a digest of all that an engine is built from: with the same, there is nothing to build. Raises OSError."""
    import hashlib

    digest = hashlib.sha256()
    words = [python, version, str(os.stat(python).st_mtime_ns), *source.dependencies]
    for word in words:
        digest.update(os.fsencode(word) + b"\0")
    for folder in (source.package, source.shims):
        for name in _list_files(folder):
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
            digest.update(os.fsencode(name) + b"\0%d\0" % len(content) + content)
    return digest.hexdigest()


def find_engine(engines: str, stamp: str) -> str:
    """Return the environment in *engines* that has *stamp* and all its files, or ""."""
    for name in list_folder(engines):
        engine = os.path.join(engines, name)
        if _read_stamp(engine) == stamp and _is_whole(engine):
            return engine
    return ""


def build_engine(
    engines: str, source: Source, stamp: str, python: str, env: Mapping[str, str], say: Callable[[str], None]
) -> str:
    """Build an environment with *python* and return it; what goes wrong leaves nothing. Raises SetupError, OSError."""
    import shutil

    engine = os.path.join(engines, f"{__version__}-{os.urandom(4).hex()}")
    try:
        os.mkdir(engine)
        say(f"1/4 making an environment of pipshunt's own in {engine} with {python}")
        run_quietly([python, "-I", "-m", "venv", "--without-pip", engine], env, "the environment could not be made")
        say(f"2/4 fetching {', '.join(_project_names(source.dependencies))} with pip")
        _install_dependencies(python, engine, source, env)
        _copy_package(source, site_packages(engine))
        _check_imports(engine, ["pipshunt", *_project_names(source.dependencies)], env)
        with open(os.path.join(engine, STAMP), "w", encoding="ascii") as file:
            file.write(stamp)
    except BaseException:
        shutil.rmtree(engine, ignore_errors=True)
        raise
    return engine


def use_engine(link: str, engine: str) -> None:
    """Make *engine* the one in use, and drop all others but the newest and those at work. Raises OSError."""
    import shutil

    replace_link(link, os.path.join("engines", os.path.basename(engine)))
    engines = os.path.dirname(engine)
    others = [os.path.join(engines, name) for name in list_folder(engines) if name != os.path.basename(engine)]
    others.sort(key=lambda other: os.lstat(other).st_mtime_ns)
    for other in others[:-1]:  # a call that has just begun in the newest holds nothing yet
        if not is_at_work(other):
            shutil.rmtree(other, ignore_errors=True)


def is_at_work(engine: str) -> bool:
    """Whether a call is waiting in *engine* for what it runs: see `pipshunt.engine.carry_out`."""
    try:
        return is_held(os.path.join(site_packages(engine), "pipshunt"))
    except (OSError, ValueError):  # what killed runs left
        return False


def drop_leftovers(engines: str, link: str) -> None:
    """Drop what killed runs left in *engines*; what *link* leads to stays, whatever state it is in."""
    import shutil

    for name in list_folder(engines):
        engine = os.path.join(engines, name)
        if not _read_stamp(engine) and os.path.realpath(link) != os.path.realpath(engine):
            shutil.rmtree(engine, ignore_errors=True)


def site_packages(engine: str) -> str:
    """Return the site-packages folder of *engine*. Raises OSError."""
    library = os.path.join(engine, "lib")
    (python,) = [name for name in os.listdir(library) if name.startswith("python")]
    return os.path.join(library, python, "site-packages")


def _install_dependencies(python: str, engine: str, source: Source, env: Mapping[str, str]) -> None:
    """Install what pipshunt depends on, as small as it works: raises SetupError, OSError.

    Of rich's own dependencies, pygments and markdown-it are for what we do not use: nine of fifteen megabytes. Should a
    rich to come need them all the same, they are installed.
    """
    install_dependencies(python, engine, source.dependencies, env, alone=True)
    try:
        _check_imports(engine, [*_project_names(source.dependencies), *USED_PARTS], env)
    except SetupError:
        install_dependencies(python, engine, source.dependencies, env, alone=False)


def _check_imports(engine: str, modules: Sequence[str], env: Mapping[str, str]) -> None:
    """Let the engine's interpreter import *modules*. Raises SetupError, OSError."""
    argv = [os.path.join(engine, "bin", "python"), "-I", "-c", f"import {', '.join(modules)}"]
    try:
        run_quietly(argv, env, "the engine does not work")
    except SetupError as error:
        last = error.output.rpartition("\n")[2]
        raise SetupError(f"the engine that pip installed does not work ({last})") from error


def _copy_package(source: Source, site: str) -> None:
    """Put the package where pip would, compiled and recorded, without a build backend: none need be fetched."""
    import compileall

    package = os.path.join(site, "pipshunt")
    for origin, target in ((source.package, package), (source.shims, os.path.join(package, "shims"))):
        for name in _list_files(origin):
            _copy_file(os.path.join(origin, name), os.path.join(target, name))
    compileall.compile_dir(package, quiet=2)
    _write_metadata(source, site)


def _copy_file(origin: str, target: str) -> None:
    """Copy content and time. The mode is as the umask has it: a private checkout may be installed for all."""
    import shutil

    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(origin, target)
    status = os.stat(origin)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def _write_metadata(source: Source, site: str) -> None:
    """Write what `pip list` and `pip show` read (Recording installed projects, packaging.python.org)."""
    info = f"pipshunt-{__version__}.dist-info"
    os.mkdir(os.path.join(site, info))
    metadata = ["Metadata-Version: 2.1", "Name: pipshunt", f"Version: {__version__}"]
    metadata += [f"Requires-Dist: {dependency}" for dependency in source.dependencies]
    for name, text in (("METADATA", "\n".join(metadata) + "\n"), ("INSTALLER", "pipshunt-install.sh\n")):
        with open(os.path.join(site, info, name), "w", encoding="utf-8") as file:
            file.write(text)
    paths = [f"{folder}/{name}" for folder in ("pipshunt", info) for name in _list_files(os.path.join(site, folder))]
    rows = [f"{path},,{os.stat(os.path.join(site, path)).st_size}\n" for path in paths]
    with open(os.path.join(site, info, "RECORD"), "w", encoding="utf-8") as file:
        file.writelines([*rows, f"{info}/RECORD,,\n"])


def _is_whole(engine: str) -> bool:
    """Whether all files that the records of *engine* name are there, at their sizes."""
    import csv

    try:
        site = site_packages(engine)
        infos = [name for name in os.listdir(site) if name.endswith(".dist-info")]
        for info in infos:
            with open(os.path.join(site, info, "RECORD"), encoding="utf-8", newline="") as file:
                for path, _, size in csv.reader(file):
                    found = os.stat(os.path.join(site, path)).st_size
                    if size and found != int(size):
                        return False
    except (OSError, ValueError):
        return False
    return f"pipshunt-{__version__}.dist-info" in infos and os.access(os.path.join(engine, "bin", "python"), os.X_OK)


def _project_names(dependencies: Sequence[str]) -> list[str]:
    """Return the names before the version specifiers; each is also the name of its module."""
    return [dependency.partition(">")[0].strip() for dependency in dependencies]


def _read_stamp(engine: str) -> str:
    try:
        with open(os.path.join(engine, STAMP), encoding="ascii") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def _list_files(folder: str) -> list[str]:
    """Return the files under *folder*, as sorted relative paths, but for compiled ones."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [os.path.relpath(os.path.join(parent, name), folder) for name in files]
    return sorted(found)
