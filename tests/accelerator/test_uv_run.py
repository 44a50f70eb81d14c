"""Waiting for uv: a word to who watches, and no waiting for ever."""

import os
import time
from pathlib import Path

import pytest

from pipshunt.accelerator import uv_run
from pipshunt.accelerator.uv_run import Watch, run_uv

ENV = {"PATH": "/usr/bin:/bin"}


def script(folder: Path, text: str) -> list[str]:
    path = folder / "uv"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return [str(path)]


def test_only_its_stdout_is_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_uv(script(tmp_path, "echo out; echo err >&2; exit 3"), ENV, str(tmp_path / "log"), tell=True) == (
        3,
        "out\n",
    )
    assert capfd.readouterr() == ("", "")


def test_who_watches_is_told_once_what_takes_long(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uv_run, "_PATIENCE", 0.1)
    for tell, said in ((True, "pipshunt: uv is installing; if it fails, pip does it\n"), (False, "")):
        assert run_uv(script(tmp_path, "sleep 0.5; echo out"), ENV, str(tmp_path / "log"), tell=tell) == (0, "out\n")
        assert capfd.readouterr() == ("", said)


def test_one_that_stands_still_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv_run, "_PATIENCE", 0.1)
    monkeypatch.setattr(uv_run, "_STANDSTILL", 0.4)
    start = time.monotonic()
    assert run_uv(script(tmp_path, "exec sleep 60"), ENV, str(tmp_path / "log"), tell=False) == (137, "")
    assert time.monotonic() - start < 20


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="work is seen in /proc")
def test_one_that_works_or_has_others_work_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv_run, "_PATIENCE", 0.1)
    monkeypatch.setattr(uv_run, "_STANDSTILL", 0.4)
    assert run_uv(script(tmp_path, "sleep 1.5; echo built"), ENV, str(tmp_path / "log"), tell=False) == (0, "built\n")


def test_a_network_that_may_be_slow_is_given_its_time() -> None:
    assert uv_run._network_timeout({"UV_HTTP_TIMEOUT": "300"}) == 300
    assert uv_run._network_timeout({"UV_HTTP_TIMEOUT": "-1"}) == 0
    assert uv_run._network_timeout({}) == 0


def test_a_process_that_is_gone_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uv_run, "_WITHOUT_PROC", 3.0)
    watch = Watch(2**22 + 1, 1.0, tell=False)
    assert [watch.go_on(), watch.go_on()] == [True, False]
