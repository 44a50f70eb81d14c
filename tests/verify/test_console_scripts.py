"""Whether console scripts would start, without starting one."""

from pathlib import Path

import pytest

from pipshunt.verify.console_scripts import Script, judge_name, read_entry_points
from pipshunt.verify.result import OK, SCRIPTS
from verify.stage import Stage, lines, well


def _script(stage: Stage, name: str = "railcar", first: str = "") -> Path:
    path = stage.environment / "bin" / name
    path.write_text(f"{first or f'#!{stage.environment}/bin/python3'}\nraise SystemExit('it was run')\n")
    path.chmod(0o755)
    return path


def _railcar(stage: Stage, reference: str = "railcar:main") -> None:
    stage.unpack("railcar", scripts={"railcar": reference})


def test_a_script_that_would_start_is_well(stage: Stage) -> None:
    _railcar(stage)
    _script(stage)
    report = stage.verify()
    assert well(report, SCRIPTS) == ["railcar"]
    assert report.findings == 0


@pytest.mark.parametrize(
    ("first", "said"),
    [
        pytest.param(
            "#!/nowhere/python", "its interpreter /nowhere/python is not there (bin/railcar, line 1)", id="gone"
        ),
        pytest.param(
            "#!/bin/sh\n'''exec' \"/no where/python\" \"$0\" \"$@\"\n' '''",
            "its interpreter /no where/python is not there (bin/railcar, line 1)",
            id="gone, behind sh",
        ),
        pytest.param(
            "#!/usr/bin/python3",
            "its interpreter is /usr/bin/python3, which is not of {prefix} (bin/railcar, line 1)",
            id="another",
        ),
        pytest.param("import railcar", "bin/railcar has no first line with an interpreter", id="none"),
        pytest.param("#!", "its interpreter  is not there (bin/railcar, line 1)", id="empty"),
    ],
)
def test_a_script_with_another_interpreter_does_not_start(stage: Stage, first: str, said: str) -> None:
    _railcar(stage)
    _script(stage, first=first)
    prefix = str(stage.environment)
    assert lines(stage.verify(), SCRIPTS) == [f"finding: railcar does not start: {said.format(prefix=prefix)}"]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("#!/usr/bin/env python3", id="whatever is on PATH"),
        pytest.param("#!/bin/sh", id="another language"),
        pytest.param("#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''", id="behind sh"),
    ],
)
def test_a_script_started_in_another_way_is_well(stage: Stage, first: str) -> None:
    _railcar(stage)
    _script(stage, first=first.format(python=stage.environment / "bin/python3"))
    assert well(stage.verify(), SCRIPTS) == ["railcar"]


def test_a_script_that_is_gone_or_not_executable_does_not_start(stage: Stage) -> None:
    _railcar(stage)
    assert lines(stage.verify(), SCRIPTS) == ["finding: railcar does not start: bin/railcar is not there"]
    _script(stage).chmod(0o644)
    assert lines(stage.verify(), SCRIPTS) == ["finding: railcar does not start: bin/railcar is not executable"]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        pytest.param("nowhere:main", "ModuleNotFoundError: No module named 'nowhere'", id="module"),
        pytest.param("railcar:stop", "AttributeError: module 'railcar' has no attribute 'stop'", id="object"),
        pytest.param("railcar:__version__", "railcar:__version__ is nothing that can be called", id="no function"),
    ],
)
def test_an_entry_point_that_leads_nowhere_does_not_start(stage: Stage, reference: str, said: str) -> None:
    _railcar(stage, reference)
    _script(stage)
    assert lines(stage.verify(), SCRIPTS) == [f"finding: railcar does not start: {said}"]


def test_a_script_for_an_extra_is_a_notice(stage: Stage) -> None:
    stage.unpack(
        "railcar",
        contents={"railcar.py": "", "rail_cli.py": "import tender"},
        requires=('tender; extra == "cli"',),
        headers=("Provides-Extra: cli",),
        scripts={"railcar": "rail_cli:main"},
    )
    _script(stage)
    said = "railcar does not start: ModuleNotFoundError: No module named 'tender'; it is for railcar[cli]"
    assert lines(stage.verify(), SCRIPTS) == [f"notice: {said}"]


def test_a_name_that_another_command_has_is_told_with_that_command(stage: Stage) -> None:
    _railcar(stage)
    own = _script(stage)
    other = stage.root / "other"
    other.mkdir()
    (other / "railcar").write_text("#!/bin/sh\n")
    (other / "railcar").chmod(0o755)
    stage.env["PATH"] = f"{other}:{stage.env['PATH']}"
    said = f"railcar is not on PATH as bin/railcar: {other}/railcar is another"
    assert lines(stage.verify(), SCRIPTS) == [f"finding: {said}"]
    assert lines(stage.verify(python=str(stage.environment)), SCRIPTS) == [f"notice: {said}"]
    (other / "railcar").unlink()
    (other / "railcar").symlink_to(own)
    assert well(stage.verify(), SCRIPTS) == ["railcar"]


def test_a_python_that_is_followed_without_its_scripts_on_path_is_told(stage: Stage) -> None:
    _railcar(stage)
    _script(stage)
    shims = stage.root / "shims"
    shims.mkdir()
    (shims / "python3").write_text(f'#!/bin/sh\nexec {stage.environment}/bin/python3 "$@"\n')
    (shims / "python3").chmod(0o755)
    stage.env["PATH"] = f"{shims}:/usr/bin:/bin"
    assert lines(stage.verify(), SCRIPTS) == ["finding: railcar is not on PATH: it is bin/railcar"]
    (shims / "railcar").write_text("#!/bin/sh\n# pipshunt shim (scripts): gives way\n")
    (shims / "railcar").chmod(0o755)
    assert well(stage.verify(), SCRIPTS) == ["railcar"]


def test_a_pip_of_a_name_that_the_machine_has_not_is_well(stage: Stage) -> None:
    script = Script("pip3.13", f"{stage.environment}/bin/pip3.13", "", "")
    found = judge_name(script, {"PATH": "/nowhere"}, "/", on_path=True)
    assert (found.level, found.message) == (OK, f"pip3.13 starts ({script.path})")


def test_a_program_without_an_entry_point_is_looked_at_too(stage: Stage) -> None:
    info = stage.unpack("railcar")
    with (info / "RECORD").open("a") as record:
        record.write("../../../bin/railcar,,\n../../../bin/railcar-native,,\n../../../share/man/railcar.1,,\n")
    _script(stage)
    native = stage.environment / "bin/railcar-native"
    native.write_bytes(b"\x7fELF")
    native.chmod(0o755)
    assert well(stage.verify(), SCRIPTS) == ["railcar", "railcar-native"]


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        pytest.param("[console_scripts]\nA.b = c.d:e [extra]\n", [("A.b", "c.d:e [extra]")], id="case and extras"),
        pytest.param("[gui_scripts]\nx=y:z\n[other]\nq=r:s\n", [("x", "y:z")], id="groups"),
        pytest.param("[console_scripts]\nx=y:z\nx=y:z2\n", [("x", "y:z2")], id="twice"),
        pytest.param("no sections", [], id="none"),
        pytest.param("", [], id="empty"),
    ],
)
def test_entry_points_are_read(tmp_path: Path, text: str, scripts: list[tuple[str, str]]) -> None:
    (tmp_path / "entry_points.txt").write_text(text)
    assert read_entry_points(str(tmp_path / "entry_points.txt")) == scripts
