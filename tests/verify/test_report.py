"""What verify prints."""

import json

import pytest

from pipshunt.verify.report import Report, rows, summarise, table, to_json
from pipshunt.verify.result import FINDING, IMPORTS, NOTICE, OK, OS_PYTHON, PYTHON, SCRIPTS, Result
from verify.stage import Stage

WELL = [Result(IMPORTS, OK, name, f"{name} imports") for name in "abcdefghij"]
BAD = Result(IMPORTS, FINDING, "x", "x does not import: \x1b[31mred", "python3 -c 'import x'")
ODD = Result(SCRIPTS, NOTICE, "y", "y is not on PATH")


def test_what_is_well_is_one_line_and_the_rest_one_each() -> None:
    single = Result(OS_PYTHON, OK, "/usr", "unchanged")
    assert [row.message for row in rows([ODD, BAD, single, *WELL])] == [
        "10 well: a, b, c, d, e, f, g, h and 2 more",
        "x does not import: \x1b[31mred",
        "y is not on PATH",
        "unchanged",
    ]


def test_the_table_ends_with_a_line_that_is_complete_in_itself(stage: Stage) -> None:
    report = Report(stage.examine(), (("x", "1.0"),), (BAD, ODD))
    version = report.subject.version if report.subject else ""
    assert table(report).splitlines() == [
        "finding  imports  x does not import: \\x1b[31mred",
        "                  next: python3 -c 'import x'",
        "notice   scripts  y is not on PATH",
        f"pipshunt verify: 1 finding; python3 is {stage.python} (Python {version}), 1 distribution asked for",
    ]


def test_all_well_is_said_so(stage: Stage) -> None:
    report = Report(stage.examine(), (), (ODD,))
    assert summarise(report).startswith("pipshunt verify: all well; python3 is ")
    assert summarise(Report(None, (), (BAD, BAD))) == "pipshunt verify: 2 findings"


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        pytest.param({"COLUMNS": "20"}, ["finding: there is no python3 on PATH"], id="narrow"),
        pytest.param({"COLUMNS": "70"}, ["\x1b[1;31mfinding\x1b[0m  python  there is no python3 on PATH"], id="wide"),
        pytest.param({"NO_COLOR": "1"}, ["\x1b[1mfinding\x1b[0m  python  there is no python3 on PATH"], id="NO_COLOR"),
    ],
)
def test_a_terminal_is_heeded(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], shown: list[str]) -> None:
    for name, value in {"FORCE_COLOR": "1", "COLUMNS": "80", "TERM": "xterm", **variables}.items():
        monkeypatch.setenv(name, value)
    report = Report(None, (), (Result(PYTHON, FINDING, "x", "there is no python3 on PATH"),))
    assert table(report).splitlines() == [*shown, "pipshunt verify: 1 finding"]


def test_json_is_one_object_of_schema_1(stage: Stage) -> None:
    said = json.loads(to_json(Report(stage.examine(), (("x", "1.0"),), (BAD,))))
    assert list(said) == ["schema", "well", "summary", "python", "asked", "results"]
    assert said["schema"] == 1
    assert said["well"] is False
    assert said["asked"] == [{"name": "x", "version": "1.0"}]
    assert said["results"] == [
        {
            "check": "imports",
            "level": "finding",
            "subject": "x",
            "message": "x does not import: \x1b[31mred",
            "next": "python3 -c 'import x'",
            "seconds": 0.0,
        }
    ]
    assert json.loads(to_json(Report(None, (), ())))["python"] is None
