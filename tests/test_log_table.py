"""`pipshunt log`, as it is shown."""

import json
from pathlib import Path

import pytest

from pipshunt.log_table import show_log

RECORDS = [
    {
        "time": "2026-01-02T03:04:05Z", "decision": "venv", "before": ["pip", "install", "flask"], "environment": "/home/ana/shop/.venv",
        "interpreter": "/usr/bin/python3", "status": 0, "installed": ["flask==3.0", "click==8.1"],
    },
    {
        "time": "2026-01-02T03:04:06Z", "decision": "pass", "before": ["pip", "install", "--break-system-packages", "x"], "environment": "",
        "interpreter": "/usr/bin/python3", "status": None, "installed": [],
    },
    {"time": "2026-01-02T03:04:07Z", "decision": "refuse", "before": ["pip", "install", "\x1b[31m[bold]x"], "status": 1},
]  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    return path


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_the_table(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_log(str(log), last=0, as_json=False) == 0
    assert shown(capsys) == [
        "time decision command into status installed",
        "2026-01-02 03:04:05 venv pip install flask /home/ana/shop/.venv 0 flask==3.0 click==8.1",
        "2026-01-02 03:04:06 pass pip install --break-system-packages x /usr/bin/python3 -",
        "2026-01-02 03:04:07 refuse pip install '\\x1b[31m[bold]x' 1",
    ]


def test_in_a_narrow_terminal_the_time_of_day_goes_below_and_home_is_a_tilde(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "dumb", "COLUMNS": "80"}.items():
        monkeypatch.setenv(name, value)
    log.write_text(json.dumps(RECORDS[0]) + "\n")
    assert show_log(str(log), last=0, as_json=False, home="/home/ana") == 0
    assert capsys.readouterr().out.splitlines() == [
        "time        decision  command            into          status  installed",
        "2026-01-02  venv      pip install flask  ~/shop/.venv  0       flask==3.0",
        "03:04:05                                                       click==8.1",
    ]


def test_the_last_ones(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_log(str(log), last=1, as_json=False) == 0
    assert len(shown(capsys)) == 2


def test_the_lines_as_they_are(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_log(str(log), last=0, as_json=True) == 0
    assert capsys.readouterr().out == log.read_text()
    assert show_log(str(log), last=2, as_json=True) == 0
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == RECORDS[1:]


def test_lines_that_others_damaged_are_left_out_of_the_table(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.write_bytes(b'{"half\n[1, 2]\n\xff\xfe\n' + b"[" * 100_000 + b"\n" + log.read_bytes())
    assert show_log(str(log), last=0, as_json=False) == 0
    assert len(shown(capsys)) == 4


def test_fields_that_others_damaged_are_shown_as_far_as_that_goes(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write_text('{"decision": "venv", "before": null, "installed": 5, "environment": {"a": 1}, "status": "x"}\n')
    assert show_log(str(log), last=0, as_json=False) == 0
    assert shown(capsys)[1:] == ["venv {'a': 1} x"]


def test_no_log_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_log(str(tmp_path / "none"), last=0, as_json=False) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"pipshunt: nothing was rewritten or refused yet ({tmp_path}/none does not exist)\n")


def test_a_log_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_log(str(tmp_path), last=0, as_json=False) == 1
    assert capsys.readouterr().err == f"pipshunt: {tmp_path} cannot be read: Is a directory\n"
