"""The store: a pip as environments hold it, kept in the user's cache, so that a new environment links its files.

Creating a thousand files costs a second on many a disk, linking them 20 ms. A file with several names is changed in all
of them by whoever writes into it, so an entry is used only while every file of it is as it was written and its user's
alone; pip itself and editors that replace files are no harm.
"""

import os
from collections.abc import Iterator

from pipshunt import seed
from pipshunt.folder_tree import remove_tree

_MANIFEST = "manifest"  # written last: `size mtime path` of each file, below a line that tells what it was copied from
_OTHERS_MAY_WRITE = 0o022
_OWNER_MAY_READ = 0o400


def place_pip(cache: str, pip: str, environment: str, version: str, final: str) -> None:
    """Give *environment* of `pythonX.Y` *version* the package folder *pip*, by links where that goes; raises OSError.

    *cache*: the folder for the store, "" for none. *final*: where the environment will stand.
    """
    if not cache:
        seed.copy_pip(pip, environment, version, final)
        return
    entry = _entry_folder(cache, pip, version)
    source = _describe_source(pip)
    try:
        if not _is_whole(entry, source, version):
            _store(entry, source, pip, version)
        _link(entry, source, environment, version, final)
    except OSError:  # another file system, a full one, a file with too many names: what was linked makes way
        seed.remove_pip(environment, version)
        seed.copy_pip(pip, environment, version, final)


def _entry_folder(cache: str, pip: str, version: str) -> str:
    import zlib

    return os.path.join(cache, "pips", f"{version}-{zlib.crc32(os.fsencode(pip)):08x}")


def _describe_source(pip: str) -> str:
    """Return what changes when the packages that are copied change."""
    source = os.path.dirname(pip)
    parts = [pip]
    for project in ("pip", "setuptools"):
        try:
            status = os.stat(os.path.join(source, project, "__init__.py"))
        except FileNotFoundError:
            continue
        parts.append(f"{seed.find_metadata(source, project)} {status.st_size} {status.st_mtime_ns} {status.st_ino}")
    return " ".join(parts).replace("\n", " ")


def _is_whole(entry: str, source: str, version: str) -> bool:
    """Whether *entry* was copied from *source*, and each file is as it was then and its user's alone to write."""
    stored = os.path.join(entry, "lib", version, "site-packages")
    uid = os.geteuid()
    try:
        for path, size, mtime in _read_manifest(entry, source):
            status = os.lstat(os.path.join(stored, path))
            if (status.st_size, status.st_mtime_ns, status.st_uid) != (size, mtime, uid):
                return False
            if status.st_mode & _OTHERS_MAY_WRITE or not status.st_mode & _OWNER_MAY_READ:
                return False
    except (OSError, ValueError):
        return False
    return True


def _link(entry: str, source: str, environment: str, version: str, final: str) -> None:
    stored = os.path.join(entry, "lib", version, "site-packages")
    target = os.path.join(environment, "lib", version, "site-packages")
    made = {""}
    for path, _, _ in _read_manifest(entry, source):
        folder = os.path.dirname(path)
        if folder not in made:
            os.makedirs(os.path.join(target, folder), exist_ok=True)
            made.add(folder)
        os.link(os.path.join(stored, path), os.path.join(target, path))
    seed.rewrite_scripts(stored, target, final, environment, version)


def _read_manifest(entry: str, source: str) -> list[tuple[str, int, int]]:
    """Return path, size and time of each file; raises OSError, or ValueError for what is no manifest of *source*'s."""
    with open(os.path.join(entry, _MANIFEST), encoding="utf-8", errors="surrogateescape") as file:
        first, *lines = file.read().split("\n")[:-1]
    if first != source:
        raise ValueError(first)
    rows = [line.split(" ", 2) for line in lines]
    return [(path, int(size), int(mtime)) for size, mtime, path in rows]


def _store(entry: str, source: str, pip: str, version: str) -> None:
    """Put a copy of *pip* into the store, in one step; raises OSError."""
    half = f"{entry}.{os.getpid()}"
    site = os.path.join(half, "lib", version, "site-packages")
    try:
        os.makedirs(site, 0o700)
        os.mkdir(os.path.join(half, "bin"))
        seed.copy_pip(pip, half, version, half)
        rows = [f"{status.st_size} {status.st_mtime_ns} {path}\n" for path, status in _list_files(site)]
        with open(os.path.join(half, _MANIFEST), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines([source + "\n", *rows])
        if os.path.isdir(entry):
            os.rename(entry, f"{half}.old")
        os.rename(half, entry)
    finally:
        remove_tree(half)
        remove_tree(f"{half}.old")


def _list_files(site: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the files below *site* that every environment has the same: all but pip's RECORD, which names scripts."""
    for folder, _, names in os.walk(site):
        inner = os.path.relpath(folder, site)
        for name in sorted(names):
            path = os.path.normpath(os.path.join(inner, name))
            if not (inner.startswith("pip-") and name == "RECORD"):
                yield path, os.stat(os.path.join(folder, name))
