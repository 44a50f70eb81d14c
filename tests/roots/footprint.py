"""Footprints: in what a whole machine differs from the layers that it was started from."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from roots.throwaway import Throwaway


def find_differences(machine: Throwaway, base: Sequence[Path]) -> set[str]:
    """Return every path at which *machine* and *base*, the topmost layer first, are not the same.

    Compared are kind, mode, owner, content and target; not times.
    """
    layers = [machine.base / machine.upper, *machine.lower[: len(machine.lower) - len(base)]]
    paths = {path for layer in layers for path in _walk(layer, "")}
    return {path for path in paths if _describe(f"{machine.base}/root{path}") != _describe_base(path, base)}


def _walk(layer: Path, folder: str) -> Iterator[str]:
    for entry in os.scandir(f"{layer}{folder}"):
        yield f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(layer, f"{folder}/{entry.name}")


def _describe_base(path: str, base: Sequence[Path]) -> tuple[object, ...]:
    return next((found for layer in base if (found := _describe(f"{layer}{path}"))), ())


def _describe(path: str) -> tuple[object, ...]:
    try:
        status = os.lstat(path)
    except OSError:
        return ()
    content = ""
    if stat.S_ISREG(status.st_mode):
        content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    elif stat.S_ISLNK(status.st_mode):
        content = os.readlink(path)
    return stat.filemode(status.st_mode), status.st_uid, status.st_gid, content
