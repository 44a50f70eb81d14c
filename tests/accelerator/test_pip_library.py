"""The rules of the pip that would have run."""

import os
import sys

import pytest
from machine import pip_folder

from pipshunt.accelerator.pip_library import load_pip_library


def test_it_is_that_pips_own() -> None:
    library = load_pip_library(os.path.join(pip_folder(), "pip"), "3.9.1")
    import pip

    assert library.specifiers.__module__ == "pip._vendor.packaging.specifiers"
    assert type(library.requirement("a @ file:///b")).__module__ == "pip._vendor.packaging.requirements"
    assert ".".join(map(str, library.pip)) == pip.__version__
    assert pip_folder() not in sys.path


@pytest.mark.parametrize(
    ("text", "extras", "applies"),
    [
        ("a", (), True),
        ("a; python_version < '3.10'", (), True),
        ("a; python_version >= '3.10'", (), False),
        ("a; python_full_version == '3.9.1'", (), True),
        ("a; implementation_name == 'pypy'", (), False),
        ("a; extra == 'x'", (), False),
        ("a; extra == 'x'", ("y", "x"), True),
        ("a; extra == 'x' and python_version > '3.10'", ("x",), False),
    ],
)
def test_markers_are_those_of_the_environment(text: str, extras: tuple[str, ...], applies: bool) -> None:
    library = load_pip_library(os.path.join(pip_folder(), "pip"), "3.9.1")
    assert library.applies(library.requirement(text), extras) is applies
