"""The shape of the sources: what a reader can rely on."""

import ast
from pathlib import Path

import pytest
from machine import PROJECT

PACKAGE = PROJECT / "src/pipshunt"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent == PACKAGE)
# Modules without a test file of their own, and why.
TESTED_ELSEWHERE = {
    "__init__": "it holds the version",
    "flow": "a value without a function",
    "result": "a value without a function",
    "policy_cache": "test_policy_file.py reads every file through it",
}
LONGEST_MODULE = 300
LONGER = {"pip_options": 330}  # a table, most of it
LONGEST_FUNCTION = 45


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_module_is_read_in_one_go(source: Path) -> None:
    assert len(source.read_text().splitlines()) <= LONGER.get(source.stem, LONGEST_MODULE)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_function_needs_scrolling(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno + 1 <= LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_module_has_a_test_file(source: Path) -> None:
    own = PROJECT / "tests" / source.parent.relative_to(PACKAGE) / f"test_{source.stem}.py"
    assert own.exists() is (source.stem not in TESTED_ELSEWHERE)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_module_says_what_it_is_and_leaves_nothing_to_do(source: Path) -> None:
    text = source.read_text()
    assert ast.get_docstring(ast.parse(text))
    assert not [word for word in ("TODO", "FIXME", "XXX", "HACK") if word in text]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_modules_are_nouns_of_the_subject(source: Path) -> None:
    assert source.stem not in ("utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core")
