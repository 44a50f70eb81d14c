"""What uv says when it is asked: read from the real uv, and from ones that are old, odd, or do not answer."""

import time
from pathlib import Path

import pytest
from machine import USER, Machine

from pipshunt.call import Call
from pipshunt.uv.uv_answer import Answer, ask_base, ask_itself, ask_target
from pipshunt.uv.uv_command import read_uv_command

NOTHING = Answer("", "", "")


def lay_uv(folder: Path, script: str) -> str:
    path = folder / "uv"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def ask(uv: str, line: str, **env: str) -> Answer:
    call = Call("uv", tuple(line.split()), uv, {"PATH": "/usr/bin:/bin", **env}, "/here", USER)
    return ask_target(call, read_uv_command(call.args))


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        pytest.param(
            "echo 'Using Python 3.11.2 environment at: /usr' >&2\n"
            "echo 'error: The interpreter at `/usr` is externally managed, and indicates the following:' >&2; exit 2",
            Answer("managed", "/usr", "3.11"),
            id="0.13",
        ),
        pytest.param(
            "echo 'Using Python 3.11.2 environment at /usr' >&2\n"
            "echo 'error: The interpreter at /usr is externally managed. Instead, create a virtual' >&2; exit 2",
            Answer("managed", "/usr", "3.11"),
            id="0.4",
        ),
        pytest.param(
            "echo 'The interpreter at python is externally managed' >&2; exit 2",
            Answer("managed", "/here/python", ""),
            id="below the working directory",
        ),
        pytest.param(
            "echo 'error: No virtual environment found for Python 3.12; run' >&2; exit 2",
            Answer("missing", "", ""),
            id="no environment",
        ),
        pytest.param(
            "echo 'Using Python 3.12.2 environment at: venv' >&2",
            Answer("free", "/here/venv", "3.12"),
            id="environment",
        ),
        pytest.param("exit 0", Answer("free", "", ""), id="says nothing"),
        pytest.param("echo \"error: unexpected argument '--dry-run' found\" >&2; exit 2", NOTHING, id="too old"),
        pytest.param("echo 'error: No virtual environment found' >&2; exit 1", NOTHING, id="another exit status"),
        pytest.param("kill -SEGV $$", NOTHING, id="crashes"),
        pytest.param("printf '\\377\\n'; exit 2", NOTHING, id="binary"),
    ],
)
def test_what_uv_says_is_read(tmp_path: Path, script: str, answer: Answer) -> None:
    assert ask(lay_uv(tmp_path, script), "pip install --system six") == answer


def test_a_uv_that_cannot_be_started_says_nothing(tmp_path: Path) -> None:
    assert ask(str(tmp_path / "none"), "pip install six") == NOTHING


def test_a_uv_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipshunt.uv.uv_answer._SECONDS", 0.2)
    start = time.monotonic()
    assert ask(lay_uv(tmp_path, "exec sleep 30"), "pip install six") == NOTHING
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("-v pip install -q --system -U six", "pip install --dry-run --system -r /dev/null"),
        ("--directory x pip sync -p 3.12 a.txt", "pip install --dry-run --directory=x --python=3.12 -r /dev/null"),
        ("pip uninstall -y --no-config six", "pip uninstall --dry-run --no-config pipshunt-asks-for-nothing"),
        ("pip install --color always --cert x six", "pip install --dry-run -r /dev/null"),
    ],
)
def test_uv_is_asked_with_what_chooses_the_interpreter_alone(tmp_path: Path, line: str, asked: str) -> None:
    uv = lay_uv(tmp_path, 'echo "error: No virtual environment found $*" >"$OUT"; env >>"$OUT"')
    ask(uv, line, OUT=str(tmp_path / "out"), FORCE_COLOR="1", RUST_LOG="trace", UV_SYSTEM_PYTHON="1")
    said = (tmp_path / "out").read_text().splitlines()
    assert said[0].removeprefix("error: No virtual environment found ") == asked
    assert {"NO_COLOR=1", "UV_SYSTEM_PYTHON=1"} <= {*said}
    assert not [line for line in said if line.startswith(("FORCE_COLOR", "RUST_LOG"))]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def call_of(machine: Machine, uv: Path, line: str, **env: str) -> Call:
    full = machine.env(PATH=f"{machine.bin}:/usr/bin:/bin", UV_PYTHON_DOWNLOADS="never", **env)
    return Call("uv", tuple(line.split()), str(uv), full, str(machine.project), USER)


def real(machine: Machine, uv: Path, line: str, **env: str) -> Answer:
    call = call_of(machine, uv, line, **env)
    return ask_target(call, read_uv_command(call.args))


def test_the_real_uv_tells(shared: Machine, uv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shared.project)
    managed = Answer("managed", str(shared.root / "usr"), shared.version)
    assert real(shared, uv, "pip install six").verdict == "missing"
    assert real(shared, uv, "pip uninstall six").verdict == "missing"
    assert real(shared, uv, "pip install --system six") == managed
    assert real(shared, uv, "pip uninstall --system six") == managed
    assert real(shared, uv, "pip sync x.txt", UV_SYSTEM_PYTHON="true") == managed
    assert real(shared, uv, f"pip install --python {shared.python} six") == managed
    assert real(shared, uv, "pip install --system --break-system-packages six") == managed._replace(verdict="free")
    assert real(shared, uv, "pip install --python /nowhere six").verdict in ("", "missing")
    assert real(shared, uv, "pip install six", UV_SYSTEM_PYTHON="junk") == NOTHING
    (shared.project / "uv.toml").write_text("[pip]\nsystem = true\n")
    assert real(shared, uv, "pip install six") == managed
    assert real(shared, uv, "pip install --no-config six").verdict == "missing"
    (shared.project / "uv.toml").unlink()


def test_the_command_itself_comes_to_its_own_mistake_first(shared: Machine, uv: Path) -> None:
    for line, verdict in (("pip install --system -r none.txt", ""), ("pip install --system --user six", "")):
        call = call_of(shared, uv, line)
        assert ask_itself(call, read_uv_command(call.args)).verdict == verdict
    call = call_of(shared, uv, "pip install --dry-run --system six")
    assert ask_itself(call, read_uv_command(call.args)).verdict == "managed"


def test_the_base_is_the_python_on_path_that_fits(shared: Machine, uv: Path) -> None:
    for line in ("pip install six", f"pip install -p {shared.version} six"):
        call = call_of(shared, uv, line)
        found = ask_base(call, read_uv_command(call.args))
        assert Path(found).resolve() == shared.python.resolve()
    call = call_of(shared, uv, "pip install -p 3.1 six")
    assert ask_base(call, read_uv_command(call.args)) == ""
