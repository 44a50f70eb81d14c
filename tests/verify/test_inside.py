"""What is asked within the Python that is verified."""

import ast
import json
import subprocess

import pytest

from pipshunt.verify import inside, trial_import
from verify.stage import Stage


@pytest.mark.parametrize("module", [inside, trial_import], ids=lambda module: module.__name__)
def test_it_is_written_for_old_pythons_and_stands_alone(module: object) -> None:
    with open(str(getattr(module, "__file__", "")), encoding="utf-8") as file:
        tree = ast.parse(file.read(), feature_version=(3, 8))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "typing"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("print('hello from sitecustomize')", id="prints"),
        pytest.param("import threading, time; threading.Thread(target=time.sleep, args=[60]).start()", id="thread"),
    ],
)
def test_what_runs_at_every_start_does_not_disturb_the_answer(stage: Stage, text: str) -> None:
    (stage.site / "usercustomize.py").touch()
    (stage.site / "sitecustomize_demo.py").write_text(text)
    (stage.site / "demo.pth").write_text("import sitecustomize_demo\n")
    stage.unpack("railcar")
    assert set(stage.examine().distributions) == {"railcar"}


def test_the_first_of_a_name_counts(stage: Stage) -> None:
    first = stage.root / "first"
    stage.unpack("railcar")
    stage.unpack("Rail_Car", "2.0")
    (first / "Rail_Car-3.0.dist-info").mkdir(parents=True)
    (first / "Rail_Car-3.0.dist-info/METADATA").write_text("Name: Rail.Car\nVersion: 3.0\n")
    stage.env["PYTHONPATH"] = str(first)
    found = stage.examine().distributions
    assert {key: one.version for key, one in found.items()} == {"railcar": "1.0", "rail-car": "3.0"}


def test_a_name_is_normalised_as_pep_503_has_it() -> None:
    assert inside.normalised("Zope._-Interface") == "zope-interface"


def test_packaging_serves_where_there_is_no_pip(stage: Stage) -> None:
    package = stage.site / "packaging"
    package.mkdir()
    (package / "__init__.py").write_text("__version__ = '99'\n")
    (package / "requirements.py").write_text("class Requirement:\n    def __init__(self, text): raise ValueError\n")
    (package / "specifiers.py").write_text("class SpecifierSet: pass\n")
    (package / "tags.py").write_text("def parse_tag(text): return []\ndef sys_tags(): return []\n")
    subject = stage.examine("railcar")
    assert subject.rules == "packaging 99"
    assert subject.asked == ({"key": "railcar", "applies": True, "fits": True},)


def test_a_damaged_pip_is_passed_over(stage: Stage) -> None:
    (stage.site / "pip").mkdir()
    (stage.site / "pip/__init__.py").write_text("raise RuntimeError\n")
    assert stage.examine().rules == ""


def test_the_answer_is_json_between_marks(stage: Stage) -> None:
    done = subprocess.run(
        [stage.python, "-I", inside.__file__],
        input='{"requirements": [], "pip": ""}',
        capture_output=True,
        text=True,
        check=True,
    )
    before, answer, after = done.stdout.split(inside.MARK)
    assert (before, after) == ("", "")
    assert json.loads(answer)["prefix"] == str(stage.environment)
