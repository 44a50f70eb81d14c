"""Answers that are kept: for the very question, and only our own."""

import os
from pathlib import Path

import pytest

from pipshunt.kept_answer import identity, recall, remember


def test_an_answer_is_kept_for_its_question_alone(tmp_path: Path) -> None:
    file = str(tmp_path / "folder/answer")
    remember(file, "what\0python", "3.11\nand more")
    assert recall(file, "what\0python") == "3.11\nand more"
    assert recall(file, "what") == ""
    assert os.listdir(tmp_path / "folder") == ["answer"]


@pytest.mark.parametrize("file", ["", "/dev/null/answer"])
def test_where_nothing_can_be_kept_nothing_is_lost_but_time(file: str) -> None:
    remember(file, "what", "text")
    assert recall(file, "what") == ""


def test_what_a_file_is_known_by_changes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "tool"
    file.write_text("one")
    before = identity(file.stat())
    assert identity(file.stat()) == before
    file.write_text("other")
    assert identity(file.stat()) != before
