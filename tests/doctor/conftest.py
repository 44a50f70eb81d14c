"""What the tests of the doctor share."""

import os
from pathlib import Path

import pytest

from doctor.doctor_tree import Tree
from pipshunt.setup import shim_folder


@pytest.fixture
def tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A fresh machine; the folders of the one that runs the tests are not looked into."""
    monkeypatch.setattr(shim_folder, "STANDARD_FOLDERS", ())
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)  # a busy disk takes longer for it than all the rest
    return Tree(folder)
