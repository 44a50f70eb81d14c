"""`pipshunt transparent status`."""

import json
import os
from pathlib import Path

import pytest
from machine import Machine

from pipshunt.transparent.startup_hook import FILE_NAME, hook_text, write_hook
from pipshunt.transparent.status import Line, find_engine, find_lines, show_status
from pipshunt.transparent.switch import Person


class Place:
    """A machine, seen by its user; without what this machine has itself."""

    def __init__(self, machine: Machine) -> None:
        self.python = str(machine.bin / "python3")
        self.version = machine.version
        self.person = Person(
            {"PATH": str(machine.bin), "HOME": str(machine.home)}, 1000, str(machine.home), str(machine.state)
        )
        self.user_folder = f"{machine.home}/.local/lib/python{machine.version}/site-packages"

    def lines(self) -> list[Line]:
        return [line for line in find_lines(self.person) if line.interpreter in (self.python, "/usr/bin/python3.7")]


@pytest.fixture
def place(machine: Machine) -> Place:
    return Place(machine)


def test_off_is_off_and_says_where_it_would_be(place: Place) -> None:
    (line,) = place.lines()
    assert (line.interpreter, line.version, line.note) == (place.python, place.version, "") or line.state == "none"
    assert line.state in ("off", "none")  # none where the tests' Python is not Debian's


def test_on_says_where(place: Place, tmp_path: Path) -> None:
    (startup := tmp_path / "startup.py").touch()
    write_hook(place.user_folder, place.python, str(startup), place.person.state)
    file = f"{place.user_folder}/{FILE_NAME}"
    assert place.lines() == [Line(place.python, place.version, "on", file, "")]


def test_a_hook_whose_engine_is_gone_is_stale(place: Place) -> None:
    write_hook(place.user_folder, place.python, "/gone/startup.py", place.person.state)
    (line,) = place.lines()
    assert line.state == "stale"
    assert line.note == (f"its engine is gone (/gone/startup.py); next: pipshunt transparent on --user {place.python}")


def test_what_an_upgrade_of_python_left_is_stale(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (startup := tmp_path / "startup.py").touch()
    folder = f"{place.person.home}/.local/lib/python3.7/site-packages"
    write_hook(folder, "/usr/bin/python3.7", str(startup), place.person.state)
    line = place.lines()[-1]
    said = "no Python on PATH reads it any more; next: pipshunt transparent off, then pipshunt transparent on"
    assert line == Line("/usr/bin/python3.7", "", "stale", f"{folder}/{FILE_NAME}", said)
    assert show_status(place.person, as_json=False) == 1
    assert f"/usr/bin/python3.7: {said}\n" in capsys.readouterr().out


def test_for_programs_it_is_one_object(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    status = show_status(place.person, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert status == 0
    assert told["schema"] == 1
    assert list(told["interpreters"][0]) == ["interpreter", "version", "state", "place", "note"]


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        pytest.param(hook_text("/opt/it's/startup.py"), "/opt/it's/startup.py", id="ours"),
        pytest.param(hook_text(os.fsdecode(b"/\xff/startup.py")), os.fsdecode(b"/\xff/startup.py"), id="no text"),
        pytest.param("", "", id="empty"),
        pytest.param("import (", "", id="damaged"),
        pytest.param("import sys; exec('import (')\n", "", id="damaged within"),
        pytest.param("/some/folder\n", "", id="another's"),
    ],
)
def test_the_engine_is_read_from_the_hook(tmp_path: Path, text: str, engine: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert find_engine(str(tmp_path / FILE_NAME)) == engine
