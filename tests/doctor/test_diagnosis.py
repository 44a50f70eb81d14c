"""How findings are summed up, and that each kind is told on the page of the doctor."""

import ast
import re
from pathlib import Path

import pytest
from machine import PROJECT

from doctor.doctor_tree import Tree
from pipshunt.doctor.diagnosis import (
    Finding,
    exit_status,
    fine,
    notice,
    problem,
    read_text,
    sort_findings,
    summarise,
)

BAD, ODD, GOOD = problem("bad", "It is bad.", "mend it"), notice("odd", "It is odd."), fine("good", "It is good.")


@pytest.mark.parametrize(
    ("findings", "summary", "status"),
    [
        pytest.param([], "all is well", 0, id="nothing"),
        pytest.param([GOOD], "all is well", 0, id="fine"),
        pytest.param([ODD, GOOD], "1 notice", 0, id="a notice"),
        pytest.param([BAD, ODD, ODD], "1 problem, 2 notices", 1, id="both"),
        pytest.param([BAD, BAD], "2 problems", 1, id="problems"),
    ],
)
def test_a_summary_is_complete_in_itself(findings: list[Finding], summary: str, status: int) -> None:
    assert (summarise(findings), exit_status(findings)) == (summary, status)


def test_problems_come_first_and_nothing_is_told_twice() -> None:
    assert sort_findings([GOOD, ODD, BAD, ODD]) == [BAD, ODD, GOOD]


@pytest.mark.parametrize(
    ("path", "typed", "shown"),
    [
        pytest.param("{home}/.bashrc", "~/.bashrc", "~/.bashrc", id="at home"),
        pytest.param("{home}/my files/x", "~/'my files/x'", "~/my files/x", id="with a space"),
        pytest.param("{home}", "{home}", "~", id="home itself"),
        pytest.param("{home}2/x", "{home}2/x", "{home}2/x", id="another's home"),
        pytest.param("/etc/pip.conf", "/etc/pip.conf", "/etc/pip.conf", id="the machine's"),
    ],
)
def test_a_path_is_shown_and_typed_from_home_on(tree: Tree, path: str, typed: str, shown: str) -> None:
    world, home = tree.world(), str(tree.home)
    path = path.format(home=home)
    assert (world.typed(path), world.shown(path)) == (typed.format(home=home), shown.format(home=home))


def test_what_cannot_be_read_is_empty(tmp_path: Path) -> None:
    assert read_text(str(tmp_path)) == ""
    assert read_text(str(tmp_path / "none")) == ""
    assert read_text("with\0zero") == ""


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    assert read_text(str(tmp_path / "pipe")) == ""


def test_bytes_that_are_no_text_are_kept(tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"\xff\n")
    assert read_text(str(tmp_path / "odd")) == "\udcff\n"


def test_every_kind_of_finding_is_told_on_the_page_with_its_level() -> None:
    """As calls `problem("code", …)` in the sources; the page has a row `code` | level | … for each."""
    found = set()
    for source in (PROJECT / "src/pipshunt/doctor").glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id in ("problem", "notice"):  # type: ignore[attr-defined]
                code = node.args[0]  # type: ignore[attr-defined]
                assert isinstance(code, ast.Constant), f"{source.name}: {ast.unparse(node)}"
                found.add((str(code.value), node.func.id))  # type: ignore[attr-defined]
    page = (PROJECT / "docs/doctor.md").read_text()
    assert set(re.findall(r"^\| `([\w-]+)` \| (problem|notice) \|", page, flags=re.MULTILINE)) == found
