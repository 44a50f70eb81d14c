"""A shim whose engine is gone, broken or switched off still leaves a working pip: real pip speaks, after one line of ours."""

import os
import shutil
from pathlib import Path

import pytest
from machine import Machine

from shims.stage import QuickStage, Stage

REFUSAL = "error: externally-managed-environment"


@pytest.fixture
def quick(folder: Path) -> QuickStage:
    return QuickStage(folder / "stage")


def break_engine(stage: Stage, how: str) -> None:
    if how == "boot gone":
        stage.boot.unlink()
    elif how == "boot empty":
        stage.boot.write_text("")  # python would make nothing of it, and call that success
    elif how == "boot unreadable":
        stage.boot.chmod(0)
    elif how == "python gone":
        stage.engine.unlink()
    elif how == "python dangling":
        stage.engine.unlink()
        stage.engine.symlink_to("/nonexistent/python3")
    elif how == "python not executable":
        stage.engine.chmod(0o644)
    elif how == "python a folder":
        stage.engine.unlink()
        stage.engine.mkdir()
    else:
        shutil.rmtree(stage.engine.parent)


BREAKAGES = (
    "boot gone",
    "boot empty",
    "boot unreadable",
    "python gone",
    "python dangling",
    "python not executable",
    "python a folder",
    "all gone",
)


@pytest.mark.parametrize("how", BREAKAGES)
def test_without_an_engine_the_tool_runs_after_one_line(stage: Stage, shell: str, how: str) -> None:
    break_engine(stage, how)
    done = stage.call(shell, "pip", "install", "a  b", "--exit=3")
    assert [record.words for record in done.records] == [[str(stage.bin / "pip"), "install", "a  b", "--exit=3"]]
    assert (done.status, done.out, done.records[0].pid) == (3, "", done.pid)
    assert done.err == (
        f"pipshunt: the engine is gone ({stage.boot}), so {stage.bin}/pip runs as it is; install.sh puts it back\n"
    )


def test_without_an_engine_what_needs_none_goes_on_silently(quick: QuickStage, shell: str) -> None:
    break_engine(quick, "all gone")
    quick.register(str(quick.work), quick.environment(quick.home / "venv"))
    assert quick.who(shell, "python3", "-c", "pass") == "home/venv/bin/python"
    assert quick.who(shell, "pip", "download", "six").startswith("usr/bin/")


def test_without_an_engine_and_with_stderr_closed_the_tool_runs(stage: Stage, shell: str) -> None:
    break_engine(stage, "all gone")
    done = stage.call(shell, "pip", "install", "six", "--exit=4", preexec_fn=lambda: os.close(2))
    assert (len(done.records), done.status, done.out) == (1, 4, "")


@pytest.mark.parametrize("line", ["pip install six", "python3 -m pip install six", "pip list", "python3 -c pass"])
def test_switched_off_the_tool_runs_and_nothing_is_said(stage: Stage, shell: str, line: str) -> None:
    stage.register(str(stage.work), stage.environment(stage.home / "venv"))
    record = stage.call(shell, *line.split(" "), env=stage.env(PIPSHUNT="off")).record
    tool, *words = line.split(" ")
    assert record.words == [str(stage.bin / tool), *words]
    assert record.env[b"PIPSHUNT"] == b"off"


@pytest.mark.parametrize("value", ["", "on", "OFF", "0", "off "])
def test_only_the_word_off_switches_off(quick: QuickStage, shell: str, value: str) -> None:
    assert quick.who(shell, "pip", "install", "six", PIPSHUNT=value) == "engine"


def test_switched_off_a_real_pip_refuses_as_it_does(machine: Machine) -> None:
    result = machine.run("pip", "install", "six", env=machine.env(PIPSHUNT="off"))
    assert result.status == 1
    assert result.err.startswith(REFUSAL)
    assert "pipshunt" not in result.err.replace(str(machine.root), "")


@pytest.mark.parametrize(
    ("module", "text"),
    [
        pytest.param("engine.py", "def main(:\n", id="syntax error"),
        pytest.param("engine.py", "raise RuntimeError('one\\ntwo')\n", id="exception at import"),
        pytest.param("policy.py", "import nothing_of_that_name\n", id="missing module"),
        pytest.param("engine.py", "def main(*_):\n    return 1 / 0\n", id="exception"),
        pytest.param("engine.py", "def main(*_):\n    raise ValueError\n", id="exception without words"),
        pytest.param("engine.py", "def main(*_):\n    raise ValueError('\\udcff')\n", id="words that are no UTF-8"),
        pytest.param("engine.py", "def main(*_):\n    raise RecursionError\n", id="recursion"),
        pytest.param("engine.py", "def main(*_):\n    raise MemoryError\n", id="memory"),
        pytest.param("engine.py", "", id="empty"),
        pytest.param("engine.py", "\0", id="zeros"),
        pytest.param("engine.py", None, id="gone"),
    ],
)
def test_with_a_broken_engine_a_real_pip_runs_after_one_line(machine: Machine, module: str, text: str | None) -> None:
    file = machine.engine / "pipshunt" / module
    file.unlink() if text is None else file.write_text(text)
    result = machine.run("pip", "install", "six")
    ours, _, theirs = result.err.partition("\n")
    assert ours.startswith("pipshunt: the engine failed (")
    assert ours.endswith(f"), so {machine.bin}/pip runs as it is")
    assert theirs.startswith(REFUSAL)
    assert (result.status, result.out) == (1, "")
    assert "Traceback" not in result.err


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_broken_engine_that_cannot_say_so_leaves_a_working_tool(machine: Machine, redirection: str) -> None:
    (machine.engine / "pipshunt/engine.py").write_text("1 / 0\n")
    tool = machine.write_script(machine.root / "tool/pip", "#!/bin/sh\necho tool\nexit 5\n")
    env = machine.env(PATH=f"{machine.shims}:{tool.parent}:/usr/bin:/bin")
    result = machine.run("sh", "-c", f"pip install six {redirection}; exit $?", env=env)
    assert (result.status, result.out) == (5, "tool\n")


def test_an_interrupt_while_the_engine_thinks_ends_the_call(machine: Machine) -> None:
    (machine.engine / "pipshunt/engine.py").write_text("raise KeyboardInterrupt\n")
    result = machine.run("pip", "install", "six")
    assert (result.status, result.out, result.err) == (130, "", "")


def test_a_tool_without_a_first_line_is_run_as_execvp_would(machine: Machine) -> None:
    tool = machine.write_script(machine.root / "tool/pip", 'echo "$0" "$@"\n')
    env = machine.env(PATH=f"{machine.shims}:{tool.parent}:/usr/bin:/bin")
    result = machine.run("pip", "install", "six", env=env)
    assert (result.status, result.out, result.err) == (0, f"{tool} install six\n", "")


def test_an_unmarked_machine_never_starts_the_engine(unmarked: Machine) -> None:
    shutil.rmtree(unmarked.engine)
    for argv in (["pip", "install", "six"], ["python3", "-m", "pip", "install", "six"]):
        result = unmarked.run(*argv)
        assert "No matching distribution found for six" in result.err
        assert "pipshunt:" not in result.err
