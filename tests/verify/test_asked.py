"""What was asked for: named, in files, in the log."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pipshunt.verify.asked import Asked, ask_for, read_log, read_named

LATER = "2099-01-01T10:00:00Z"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        pytest.param("Flask[async]>=3", Asked("Flask[async]>=3", "x", "flask", "", ()), id="name"),
        pytest.param("./lib", Asked("./lib", "x", "", "file:///w/lib", ()), id="folder"),
        pytest.param(".[dev, test]", Asked(".[dev, test]", "x", "", "file:///w", ("dev", "test")), id="extras"),
        pytest.param("../a b", Asked("../a b", "x", "", "file:///a%20b", ()), id="space"),
        pytest.param("./\udcff", Asked("./\udcff", "x", "", "file:///w/%FF", ()), id="any bytes"),
        pytest.param("\udcff", Asked("\udcff", "x", "", "file:///w/%FF", ()), id="any bytes, as a name"),
        pytest.param(
            "git+https://example.org/a/b.git@feature/x#subdirectory=c",
            Asked(
                "git+https://example.org/a/b.git@feature/x#subdirectory=c", "x", "", "https://example.org/a/b.git", ()
            ),
            id="git",
        ),
        pytest.param(
            "git+ssh://git@example.org/a/b@v1",
            Asked("git+ssh://git@example.org/a/b@v1", "x", "", "ssh://git@example.org/a/b", ()),
            id="ssh",
        ),
        pytest.param(
            "https://example.org/x.zip#sha256=1",
            Asked("https://example.org/x.zip#sha256=1", "x", "", "https://example.org/x.zip", ()),
            id="archive",
        ),
        pytest.param("./a-1.0-py3-none-any.whl", Asked("./a-1.0-py3-none-any.whl", "x", "a", "", ()), id="wheel"),
    ],
)
def test_a_requirement_is_known_by_name_or_origin(text: str, asked: Asked) -> None:
    assert ask_for(text, "x", "/w") == asked


def test_files_are_read_with_those_they_name(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "# web\nflask>=3 \\\n  --hash=sha256:1\n-r more.txt\n-c limits.txt\n--pre\n"
    )
    (tmp_path / "more.txt").write_text('pywin32; sys_platform == "win32"\n-e ./lib\n')
    named = read_named(["httpie"], ["requirements.txt"], str(tmp_path))
    assert [(asked.text, asked.by) for asked in named] == [
        ("httpie", "the command line"),
        ("flask>=3", "requirements.txt"),
        ('pywin32; sys_platform == "win32"', "requirements.txt"),
        ("./lib", "requirements.txt"),
    ]


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_named([], ["nowhere.txt"], str(tmp_path))


class Log:
    """An environment, and a log of what was done with it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "audit.jsonl"
        self.environment = folder / "env"
        self.environment.mkdir()
        (self.environment / "pyvenv.cfg").touch()

    def add(self, *words: str, **more: Any) -> None:
        record = {
            "schema": 1,
            "time": LATER,
            "environment": str(self.environment),
            "seconds": 1.0,
            "status": 0,
            "before": words,
            "installed": [],
            "removed": [],
            **more,
        }
        with self.file.open("a") as file:
            file.write(json.dumps(record) + "\n")

    def texts(self) -> list[str]:
        return [
            asked.text for asked in read_log(str(self.file), str(self.environment), {"PIP_REQUIRE_VIRTUALENV": "1"})
        ]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def test_what_was_typed_after_install_is_asked_for_without_versions(log: Log) -> None:
    log.add(
        "pip", "install", "-q", "--index-url", "https://x/", "Flask[async]>=3", "cowsay==6", "-r", "requirements.txt"
    )
    log.add("python3", "-m", "pip", "install", "./sources", "httpie")
    log.add("pip3", "uninstall", "-y", "nothing")
    log.add("uv", "pip", "install", "numpy")
    assert log.texts() == ["flask[async]", "cowsay", "httpie"]


def test_what_failed_went_elsewhere_or_is_damaged_does_not_count(log: Log) -> None:
    log.add("pip", "install", "failed", status=1)
    log.add("pip", "install", "elsewhere", environment="/nowhere")
    log.add("pip", "install", "half", installed=None)
    with log.file.open("a") as file:
        file.write('{"torn\n[]\n\udcff\n'.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    log.add("pip", "install", "good")
    assert log.texts() == ["good"]


def test_what_was_uninstalled_since_is_not_asked_for_but_what_was_upgraded_is(log: Log) -> None:
    log.add("pip", "install", "flask", "cowsay", installed=["flask==2", "cowsay==6"])
    log.add("pip", "install", "-r", "x", installed=["flask==3"], removed=["flask==2"])
    log.add("pip", "uninstall", "-y", "cowsay", removed=["cowsay==6"])
    assert log.texts() == ["flask"]


def test_an_environment_that_was_here_before_does_not_count(log: Log) -> None:
    log.add("pip", "install", "flask", time="2020-01-01T10:00:00Z")
    assert log.texts() == []
    os.utime(log.environment / "pyvenv.cfg", (0, 0))
    assert log.texts() == ["flask"]


def test_a_dry_run_asks_for_nothing(log: Log) -> None:
    log.add("pip", "install", "--dry-run", "flask")
    assert log.texts() == []


def test_an_environment_that_was_made_anew_at_once_does_not_hold_what_the_one_before_did(log: Log) -> None:
    log.add("pip", "install", "flask", time="2030-01-01T10:00:00Z")
    log.add("pip", "install", "cowsay", time="2030-01-01T10:00:01Z", seconds=0.4)
    os.utime(log.environment / "pyvenv.cfg", (0, 1893492001.2))  # 10:00:01.2
    assert log.texts() == ["cowsay"]


def test_no_log_says_nothing(tmp_path: Path) -> None:
    assert read_log("", str(tmp_path), {}) == []
    assert read_log(str(tmp_path / "nowhere"), str(tmp_path), {}) == []
