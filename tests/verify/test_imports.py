"""Every top-level module of what was asked for is imported in a process of its own."""

import pytest

from pipshunt.verify.result import IMPORTS
from verify.stage import Stage, lines, well


def test_modules_that_import_are_well(stage: Stage) -> None:
    stage.unpack("railcar")
    stage.unpack("google-cloud-rail", contents={"google/cloud/rail/__init__.py": "", "google/cloud/track.py": ""})
    stage.unpack("types-railcar", contents={"railcar-stubs/__init__.pyi": ""})
    report = stage.verify()
    assert well(report, IMPORTS) == ["types-railcar", "google.cloud.rail", "google.cloud.track", "railcar"]
    assert lines(report, IMPORTS) == []
    assert report.findings == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("import nowhere", "ModuleNotFoundError: No module named 'nowhere'", id="missing module"),
        pytest.param("raise RuntimeError('\\n\\nno display\\nsee the manual')", "RuntimeError: no display", id="error"),
        pytest.param("raise ValueError", "ValueError", id="error without a word"),
        pytest.param(
            "try: import nowhere\nexcept ImportError as e: raise ImportError('no numpy here') from e",
            "ImportError: no numpy here (from ModuleNotFoundError: No module named 'nowhere')",
            id="error from another",
        ),
        pytest.param("def f(:", "SyntaxError: invalid syntax (wagon.py, line 1)", id="syntax"),
        pytest.param("import sys; sys.exit(0)", "it calls sys.exit(0) when it is imported", id="sys.exit"),
        pytest.param("import os; os._exit(0)", "it ends Python with exit status 0", id="os._exit"),
        pytest.param("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV", id="segmentation fault"),
        pytest.param("import os; os.kill(os.getpid(), 9)", "killed by SIGKILL", id="killed"),
        pytest.param("import time; time.sleep(60)", "not done after 1 s, so it was killed", id="hangs"),
        pytest.param("input()", "EOFError: EOF when reading a line", id="asks"),
        pytest.param("import os; os.execv('/bin/false', ['false'])", "it ends Python with exit status 1", id="execs"),
    ],
)
def test_a_module_that_does_not_import_says_why(stage: Stage, text: str, said: str) -> None:
    stage.unpack("wagon", contents={"wagon.py": text})
    report = stage.verify(seconds=1)
    assert lines(report, IMPORTS) == [f"finding: wagon does not import: {said}"]
    (result,) = [result for result in report.results if result.check == IMPORTS]
    assert result.next == f"{stage.environment}/bin/python3 -c 'import wagon'"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("print('hello')", id="prints"),
        pytest.param("import atexit, time; atexit.register(time.sleep, 60)", id="does something at its exit"),
        pytest.param("import threading, time; threading.Thread(target=time.sleep, args=[60]).start()", id="thread"),
        pytest.param("import sys; sys.argv[1:] and sys.exit('usage')", id="looks for words of its own"),
        pytest.param("import os; os.close(1), os.close(2)", id="closes its streams"),
        pytest.param("import subprocess; subprocess.Popen(['sleep', '60'])", id="leaves a process"),
    ],
)
def test_a_module_that_does_more_when_it_is_imported_is_well(stage: Stage, text: str) -> None:
    stage.unpack("wagon", contents={"wagon.py": text})
    report = stage.verify(seconds=5)
    assert well(report, IMPORTS) == ["wagon"]


def test_nothing_is_written_into_the_environment(stage: Stage) -> None:
    stage.unpack("railcar", scripts={"railcar": "railcar:main"})
    before = stage.tree(exact=True)
    stage.verify()
    assert stage.tree(exact=True) == before


def test_the_working_directory_hides_no_module_and_one_that_would_is_told(stage: Stage) -> None:
    stage.unpack("railcar")
    (stage.cwd / "railcar.py").write_text("raise SystemExit")
    report = stage.verify()
    assert well(report, IMPORTS) == ["railcar"]
    (told,) = lines(report, IMPORTS)
    assert told.startswith(f"notice: railcar: {stage.cwd}/railcar.py hides it")


def test_what_pythonpath_names_is_seen_as_from_the_working_directory(stage: Stage) -> None:
    stage.unpack("railcar", contents={"railcar.py": "import beside"})
    (stage.cwd / "src").mkdir()
    (stage.cwd / "src/beside.py").touch()
    stage.env["PYTHONPATH"] = "src"
    assert well(stage.verify(), IMPORTS) == ["railcar"]


def test_tests_at_the_top_are_left_out_and_that_is_told(stage: Stage) -> None:
    stage.unpack("railcar", contents={"railcar.py": "", "tests/__init__.py": "import pytest_nowhere"})
    report = stage.verify()
    assert well(report, IMPORTS) == ["railcar"]
    assert lines(report, IMPORTS) == ["notice: railcar also brings tests, by mistake as it seems; not imported"]


def test_a_distribution_that_tells_no_modules_is_told(stage: Stage) -> None:
    info = stage.unpack("railcar", contents={"wagon.py": ""})
    (info / "RECORD").unlink()
    (told,) = lines(stage.verify(), IMPORTS)
    assert told.endswith("railcar-1.0.dist-info does not say which modules it brings, so none is imported")


def test_a_module_for_an_extra_is_a_notice_where_the_others_import(stage: Stage) -> None:
    modules = {"railcar.py": "", "raild.py": "import tender_lib.web"}
    extra = ('tender-lib; extra == "d"',)
    info = stage.unpack("railcar", contents=modules, requires=extra, headers=("Provides-Extra: d",))
    said = "raild does not import: ModuleNotFoundError: No module named 'tender_lib'"
    assert lines(stage.verify(), IMPORTS) == [f"notice: {said}; it is for railcar[d]"]
    (stage.site / "railcar.py").write_text("import raild")
    assert lines(stage.verify(), IMPORTS)[1] == f"finding: {said}"
    (stage.site / "railcar.py").write_text("")
    metadata = (info / "METADATA").read_text()
    (info / "METADATA").write_text(metadata.replace('; extra == "d"', ""))
    assert lines(stage.verify(), IMPORTS) == [f"finding: {said}"]
