"""The audit log: whole lines only, whatever happens to those who write them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.audit import Outcome, append, describe_flow, record
from pipshunt.call import Call
from pipshunt.command import PipFacts
from pipshunt.decision import Decision
from pipshunt.interpreter import Interpreter
from pipshunt.marker import Marker
from pipshunt.places import Places
from pipshunt.plan import Plan
from pipshunt.policy import Place, Verdict
from pipshunt.target import Target
from pipshunt.track import Track

SOURCE = str(Path(__file__).resolve().parent.parent / "src")
CALL = Call(
    "pip",
    ("install", "-i", "https://ana:secret@h/simple", "--proxy", "ana:secret@p:1", "flask"),
    "/usr/bin/pip",
    {"SUDO_USER": "ana"},
    "/home/ana/shop",
    64123,
)
TARGET = Target(
    Interpreter(
        "/usr/bin/python3", "/usr/bin/python3.11", (3, 11), "/usr", "/usr/lib/python3.11", in_environment=False
    ),
    Marker("/usr/lib/python3.11/EXTERNALLY-MANAGED", "Debian", "apt install python3-{}"),
    "/usr/lib/python3/dist-packages/pip",
    PipFacts((23, 0, 1), "/usr", in_environment=False),
)
DECISION = Decision(
    "venv",
    "pip would refuse it",
    True,
    Verdict("venv", 'action = "venv"', Place("/etc/pipshunt/policy.toml", 3), "", "", ()),
    Track("project", "/home/ana/shop", "/home/ana/shop/.venv", True, False, "", ""),
)
PLAN = Plan("run", ("/home/ana/shop/.venv/bin/python", "-m", "pip", "install", "-i", "https://ana:secret@h/simple"), {})


def test_a_record_word_for_word() -> None:
    outcome = Outcome()
    outcome.started = 1_700_000_000.0
    outcome.status = 0
    outcome.installed = ["flask==3.0"]
    outcome.callers = ["make all"]
    outcome.installer, outcome.installer_reason = "pip", "no counterpart of -i https://ana:secret@h/simple"
    described = describe_flow(CALL, TARGET, DECISION, PLAN, outcome)
    assert described.pop("seconds") > 0
    assert len(described.pop("id").split("-")) == 2
    assert described == {
        "schema": 1,
        "time": "2023-11-14T22:13:20Z",
        "user": "64123",
        "uid": 64123,
        "sudo_user": "ana",
        "cwd": "/home/ana/shop",
        "callers": ["make all"],
        "before": ["pip", "install", "-i", "https://****@h/simple", "--proxy", "****@p:1", "flask"],
        "after": ["/home/ana/shop/.venv/bin/python", "-m", "pip", "install", "-i", "https://****@h/simple"],
        "interpreter": "/usr/bin/python3",
        "marker": "/usr/lib/python3.11/EXTERNALLY-MANAGED",
        "marker_owner": "Debian",
        "decision": "venv",
        "reason": "pip would refuse it",
        "rule": 'action = "venv"',
        "policy": {"file": "/etc/pipshunt/policy.toml", "line": 3},
        "track": "project",
        "environment": "/home/ana/shop/.venv",
        "installer": "pip",
        "installer_reason": "no counterpart of -i https://****@h/simple",
        "status": 0,
        "installed": ["flask==3.0"],
        "removed": [],
    }


def test_a_record_of_a_call_that_was_let_through() -> None:
    decision = Decision("pass", "pip does not look for the marker", False, override="--break-system-packages")
    described = describe_flow(CALL, None, decision, PLAN, Outcome())
    absent = ("interpreter", "marker", "marker_owner", "rule", "policy", "track", "environment", "status")
    assert {name: described[name] for name in absent} == {
        "interpreter": "",
        "marker": "",
        "marker_owner": "",
        "rule": "",
        "policy": None,
        "track": "",
        "environment": "",
        "status": None,
    }
    assert described["reason"] == "--break-system-packages"


def test_ids_differ() -> None:
    assert len({describe_flow(CALL, None, DECISION, PLAN, Outcome())["id"] for _ in range(200)}) == 200


def test_any_bytes_make_a_line_of_json(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/audit.jsonl"
    append(str(path), {"cwd": "caf\udce9", "word": "line\nbreak\u2028\x1b[31m\0"})
    data = path.read_bytes()
    assert data.isascii()
    assert data.count(b"\n") == 1
    assert json.loads(data) == {"cwd": "caf\udce9", "word": "line\nbreak\u2028\x1b[31m\0"}
    assert path.stat().st_mode & 0o777 == 0o600


WRITER = f"""
import sys; sys.path.insert(0, {SOURCE!r})
from pipshunt.audit import append
for number in range(50):
    append(sys.argv[1], {{"writer": sys.argv[2], "number": number, "text": "x" * (number * 300)}})
"""


def test_twenty_writers_at_once_write_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    writers = [subprocess.Popen([sys.executable, "-I", "-S", "-c", WRITER, path, str(n)]) for n in range(20)]
    assert [writer.wait() for writer in writers] == [0] * 20
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted((int(line["writer"]), line["number"]) for line in lines) == [
        (w, n) for w in range(20) for n in range(50)
    ]


@pytest.mark.parametrize(
    "torn",
    [b'{"half', b'{"a": 1}\n{"half', b'{"a": 1}\n' + b"x" * 2_000_000, b"\0" * 5000],
    ids=["alone", "after a line", "long", "zeros"],
)
def test_a_torn_line_is_taken_back_by_the_next(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(torn)
    append(str(path), {"next": 1})
    lines = path.read_bytes().splitlines()
    assert lines == ([b'{"a": 1}'] if torn.startswith(b'{"a": 1}\n') else []) + [b'{"next": 1}']


def test_a_limit_in_the_middle_of_a_line_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    append(str(path), {"first": 1})
    before = path.read_bytes()
    code = (
        f"import resource, signal, sys; sys.path.insert(0, {SOURCE!r})\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\nfrom pipshunt.audit import append\n"
        "try:\n    append(sys.argv[1], {'second': 'x' * 500})\nexcept OSError as error:\n    print(error.strerror)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code, path], capture_output=True, text=True, check=True)
    assert done.stdout in ("no space left for a whole line\n", "File too large\n")
    assert path.read_bytes() == before


def test_killed_writers_leave_no_torn_line_behind_the_next(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    endless = WRITER.replace("range(50)", "range(10**9)").replace("number * 300", "50000")
    for delay in (0.05, 0.07, 0.1, 0.15):
        writer = subprocess.Popen([sys.executable, "-I", "-S", "-c", endless, path, "0"])
        try:
            writer.wait(delay)
        except subprocess.TimeoutExpired:
            writer.kill()
            writer.wait()
        append(str(path), {"next": 1})
    for line in path.read_text().splitlines():
        json.loads(line)


def test_a_log_that_cannot_be_written_is_said_in_one_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    places = Places("", "", "", "", "", str(tmp_path / "file/audit.jsonl"))
    record(CALL, TARGET, DECISION, PLAN, Outcome(), places)
    out, err = capfd.readouterr()
    assert out == ""
    assert (
        err == f"pipshunt: the log {tmp_path}/file/audit.jsonl cannot be written: File exists; this call is not in it\n"
    )


def test_without_a_place_for_it_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    record(CALL, TARGET, DECISION, PLAN, Outcome(), Places("", "", "", "", "", ""))
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    record(CALL, TARGET, DECISION, PLAN, Outcome(), Places("", "", "", "", "", "/dev/full"))
    assert capfd.readouterr().err == (
        "pipshunt: the log /dev/full cannot be written: No space left on device; this call is not in it\n"
    )
