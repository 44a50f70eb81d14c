"""Names of OS packages given to pip, and the right ones."""

import pytest
from machine import Machine
from wheels import build_wheel

from pipshunt.marker import Marker
from pipshunt.os_packages import hints, package_word

DEBIAN = Marker("/usr/lib/python3.11/EXTERNALLY-MANAGED", "Debian", "apt install python3-{}")
ALPINE = Marker("/usr/lib/python3.12/EXTERNALLY-MANAGED", "Alpine Linux", "apk add py3-{}")
BREW = Marker("/opt/homebrew/Cellar/x", "Homebrew", "brew install {}")
UV = Marker("/x", "uv", "")


@pytest.mark.parametrize(
    ("name", "marker", "line"),
    [
        ("python3-yaml", DEBIAN, "python3-yaml is an OS package's name; from the index it is: pip install pyyaml (for the OS's Python: sudo apt install python3-yaml)"),
        ("python3-requests", DEBIAN, "python3-requests is an OS package's name; from the index it is: pip install requests (for the OS's Python: sudo apt install python3-requests)"),
        ("python-yaml", UV, "python-yaml is an OS package's name; from the index it is: pip install pyyaml"),
        ("py3-pillow", ALPINE, "py3-pillow is an OS package's name; from the index it is: pip install pillow (for the OS's Python: sudo apk add py3-pillow)"),
        ("py3-yaml", DEBIAN, "py3-yaml is an OS package's name; from the index it is: pip install pyyaml (for the OS's Python: sudo apt install python3-yaml)"),
        ("python3-yaml", None, "python3-yaml is an OS package's name; from the index it is: pip install pyyaml"),
        ("python3-dev", DEBIAN, "python3-dev comes with the OS, not from the index: sudo apt install python3-dev"),
        ("python3-11-venv", DEBIAN, "python3.11-venv comes with the OS, not from the index: sudo apt install python3.11-venv"),
        ("python3-pip", ALPINE, "python3-pip comes with the OS, not from the index: sudo apk add python3-pip"),
        ("python3-tk", BREW, "python3-tk comes with the OS, not from the index"),
        ("tkinter", DEBIAN, "tkinter comes with the OS, not from the index: sudo apt install python3-tk"),
        ("libpq-dev", DEBIAN, "libpq-dev comes with the OS, not from the index: sudo apt install libpq-dev"),
        ("build-essential", None, "build-essential comes with the OS, not from the index"),
        ("yaml", DEBIAN, "yaml is not the name of the project; what is meant may be: pip install pyyaml"),
        ("pip3", DEBIAN, "pip3 is not the name of the project; what is meant may be: pip install pip"),
    ],
)  # fmt: skip
def test_a_line_for_a_name_that_is_an_os_packages(name: str, marker: Marker | None, line: str) -> None:
    assert list(hints([name], marker, 1000)) == [line]


@pytest.mark.parametrize(
    "name",
    ["requests", "python-dateutil", "python-docx", "python3-saml", "python3-xlib", "py3-tts", "python-jwt", "lib"],
)
def test_nothing_is_said_of_a_projects_own_name(name: str) -> None:
    assert list(hints([name], DEBIAN, 1000)) == []


def test_root_needs_no_sudo() -> None:
    (line,) = hints(["python3-yaml"], DEBIAN, 0)
    assert line.endswith("(for the OS's Python: apt install python3-yaml)")


@pytest.mark.parametrize(
    ("project", "word"), [("pyyaml", "yaml"), ("python3-yaml", "yaml"), ("py3-yaml", "yaml"), ("six", "six")]
)
def test_the_word_by_which_the_os_knows_a_project(project: str, word: str) -> None:
    assert package_word(project) == word


def test_the_hint_comes_after_pip_has_failed(machine: Machine) -> None:
    done = machine.run("pip", "install", "python3-yaml")
    assert done.status == 1
    assert done.err.splitlines()[-1] == (
        "pipshunt: python3-yaml is an OS package's name; from the index it is: pip install pyyaml"
    )
    (machine.project / "requirements.txt").write_text("six\nPIL==1\n")
    done = machine.run("pip", "install", "-r", "requirements.txt")
    assert done.err.splitlines()[-1].endswith("what is meant may be: pip install pillow")
    assert "pipshunt" not in machine.run("pip", "install", "-q", "yaml").err


def test_a_name_that_the_index_has_is_installed_without_a_word(machine: Machine) -> None:
    build_wheel(machine.home / "wheels", "python3-yaml", "1.0")
    machine.give(machine.home)
    done = machine.run("pip", "install", "--find-links", str(machine.home / "wheels"), "python3-yaml")
    assert done.status == 0, done
    assert "OS package" not in done.err
