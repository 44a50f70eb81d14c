"""Asking an interpreter: what it says is kept, until what it says could change."""

import os
import sys
import time
from pathlib import Path

import pytest

from pipshunt.probe import ask

ENV = {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def counted(tmp_path: Path) -> Path:
    """An interpreter that counts how often it is asked."""
    script = tmp_path / "bin/python3"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\necho . >>{tmp_path}/count\nexec {os.path.realpath(sys.executable)} "$@"\n')
    script.chmod(0o755)
    return script


def count(folder: Path) -> int:
    file = folder / "count"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_an_interpreter_says_where_it_stands() -> None:
    real = os.path.realpath(sys.executable)
    stdlib = os.path.dirname(os.__file__)
    assert ask(real, (), ENV, "") == (sys.version_info[:2], sys.base_prefix, sys.base_prefix, stdlib)


def test_it_is_asked_once(tmp_path: Path, counted: Path) -> None:
    cache = tmp_path / "cache"
    first = ask(str(counted), (), ENV, str(cache))
    assert first is not None
    assert ask(str(counted), (), ENV, str(cache)) == first
    assert count(tmp_path) == 1
    assert [entry.stat().st_mode & 0o777 for entry in cache.iterdir()] == [0o700]


def test_without_a_cache_it_is_asked_again(tmp_path: Path, counted: Path) -> None:
    ask(str(counted), (), ENV, "")
    ask(str(counted), (), ENV, "")
    assert count(tmp_path) == 2


@pytest.mark.parametrize("change", ["options", "variable", "interpreter", "pyvenv.cfg", "replaced"])
def test_it_is_asked_again_when_the_answer_could_change(tmp_path: Path, counted: Path, change: str) -> None:
    cache = str(tmp_path / "cache")
    ask(str(counted), (), ENV, cache)
    env, options = ENV, ()
    if change == "options":
        options = ("-S",)  # type: ignore[assignment]
    elif change == "variable":
        env = {**ENV, "PYTHONPATH": "/x"}
    elif change == "interpreter":
        time.sleep(0.01)
        counted.write_text(counted.read_text() + "\n")
    elif change == "pyvenv.cfg":
        (tmp_path / "pyvenv.cfg").touch()
    else:
        other = tmp_path / "other"
        other.write_text(counted.read_text())
        other.chmod(0o755)
        os.utime(other, ns=(counted.stat().st_atime_ns, counted.stat().st_mtime_ns))
        other.rename(counted)
    ask(str(counted), options, env, cache)
    assert count(tmp_path) == 2


@pytest.mark.parametrize("damage", [b"", b"junk", b"\xff\x00\n", None], ids=["empty", "junk", "binary", "cut"])
def test_a_damaged_answer_is_asked_for_again(tmp_path: Path, counted: Path, damage: bytes | None) -> None:
    cache = tmp_path / "cache"
    first = ask(str(counted), (), ENV, str(cache))
    (kept,) = (cache / "interpreters").iterdir()
    kept.write_bytes(kept.read_bytes()[:-40] if damage is None else damage)
    assert ask(str(counted), (), ENV, str(cache)) == first
    assert first is not None


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("exit 3", id="fails"),
        pytest.param("echo hello", id="talks"),
        pytest.param("printf 'pipshunt\\0x.y\\0a\\0b\\0c\\0pipshunt'", id="no version"),
        pytest.param("printf 'pipshunt\\0003.11\\0a'", id="too little"),
        pytest.param("kill -9 $$", id="dies"),
        pytest.param("printf '\\377\\376'", id="binary"),
    ],
)
def test_one_that_says_nothing_sensible_has_not_answered(tmp_path: Path, script: str) -> None:
    program = tmp_path / "python3"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    assert ask(str(program), (), ENV, str(tmp_path / "cache")) is None
    assert not (tmp_path / "cache").exists()


def test_one_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipshunt.probe._SECONDS", 0.3)  # of five
    program = tmp_path / "python3"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    start = time.monotonic()
    assert ask(str(program), (), ENV, "") is None
    assert 0.3 <= time.monotonic() - start < 3


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path, counted: Path) -> None:
    (tmp_path / "cache").touch()
    assert ask(str(counted), (), ENV, str(tmp_path / "cache")) is not None


def test_what_it_prints_on_stderr_is_not_its_answer(tmp_path: Path) -> None:
    assert ask(os.path.realpath(sys.executable), ("-v",), ENV, "") is not None
