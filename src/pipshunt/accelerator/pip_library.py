"""The rules of the very pip that would have run, from its own copy of the packaging library.

What pip takes for a version, a specifier or a marker changed with its releases (legacy versions went with pip 24.1), so
the verdict comes from the same code. Nothing but this library is imported from it.
"""

import os
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from pipshunt.accelerator.plain_requirement import read_plain


class PipLibrary(NamedTuple):
    """What is used of packaging; its classes are as old as that pip, hence Any."""

    requirement: Callable[[str], Any]  # reads one: packaging.requirements.Requirement, or what is like it
    specifiers: Any  # packaging.specifiers.SpecifierSet
    version: Any  # packaging.version.Version
    pip: tuple[int, ...]  # pip's own version
    markers: Mapping[str, str]  # the environment that markers are evaluated in

    def applies(self, requirement: Any, extras: tuple[str, ...] = ()) -> bool:
        """Whether the marker of *requirement*, if it has one, holds with any of *extras* or with none."""
        if requirement.marker is None:
            return True
        wanted = extras or ("",)
        return any(requirement.marker.evaluate({**self.markers, "extra": extra}) for extra in wanted)


def load_pip_library(pip: str, python: str) -> PipLibrary:
    """Load it from the package folder *pip*, for markers of an interpreter of version *python* (3.11.2).

    Raises ImportError, and whatever else a damaged pip may raise.
    """
    version = _load(pip, "pip").__version__
    specifiers = _load(pip, "pip._vendor.packaging.specifiers").SpecifierSet

    def read(text: str) -> Any:
        return read_plain(text, specifiers) or _load(pip, "pip._vendor.packaging.requirements").Requirement(text)

    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
    markers = {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_version": python,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    return PipLibrary(read, specifiers, _load(pip, "pip._vendor.packaging.version").Version, numbers, markers)


def _load(pip: str, module: str) -> Any:
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # it may be another Python version's pip
    sys.path.insert(0, os.path.dirname(pip))
    try:
        return import_module(module)
    finally:
        sys.path.pop(0)
        sys.dont_write_bytecode = before
