"""The marker: its owner, and its message as pip itself prints it."""

import os
import subprocess
from pathlib import Path

import pytest
from machine import Machine

from pipshunt.marker import Marker, describe_marker, find_marker, read_message

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nID=debian\n'


@pytest.mark.parametrize(
    ("path", "text", "os_release", "owner", "package"),
    [
        pytest.param("/usr/lib/python3.11", "", DEBIAN, "Debian", "apt install python3-{}", id="debian"),
        pytest.param("/usr/lib/python3.12", "", 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', "Ubuntu", "apt install python3-{}", id="ubuntu"),
        pytest.param("/usr/lib/python3.11", "", 'ID=raspbian\nID_LIKE=debian\nNAME="Raspbian GNU/Linux"\n', "Raspberry Pi OS", "apt install python3-{}", id="raspbian"),
        pytest.param("/usr/lib/python3.12", "", 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', "Linux Mint", "apt install python3-{}", id="a derivative, by its own name"),
        pytest.param("/usr/lib/python3.12", "", "ID=alpine\n", "Alpine Linux", "apk add py3-{}", id="alpine"),
        pytest.param("/usr/lib/python3.12", "", "NAME='Arch Linux'\nID='arch'\n", "Arch Linux", "pacman -S python-{}", id="arch, single quotes"),
        pytest.param("/usr/lib64/python3.13", "", "ID=fedora\n", "Fedora", "dnf install python3-{}", id="fedora"),
        pytest.param("/usr/lib/python3.13", "", 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\nNAME="openSUSE Tumbleweed"\n', "openSUSE Tumbleweed", "zypper install python3-{}", id="tumbleweed"),
        pytest.param("/usr/lib/python3.13", "", "ID=plan9\n", "the administrator", "", id="unknown system"),
        pytest.param("/usr/lib/python3.13", "", "", "the administrator", "", id="no os-release"),
        pytest.param("/opt/homebrew/Cellar/python@3.12/3.12.1/Frameworks/x", "", "", "Homebrew", "brew install {}", id="homebrew"),
        pytest.param("/home/linuxbrew/.linuxbrew/Cellar/python@3.12/lib/python3.12", "", DEBIAN, "Homebrew", "brew install {}", id="linuxbrew"),
        pytest.param("/root/.local/share/uv/python/cpython-3.12/lib/python3.12", "Error=This Python installation is managed by uv and should not be modified.", DEBIAN, "uv", "", id="uv"),
        pytest.param("/opt/python/lib/python3.12", "", DEBIAN, "the administrator", "", id="elsewhere"),
    ],
)  # fmt: skip
def test_the_owner_is_told_from_text_place_and_system(
    tmp_path: Path, path: str, text: str, os_release: str, owner: str, package: str
) -> None:
    release = tmp_path / "os-release"
    release.write_text(os_release)
    marker = f"{path}/EXTERNALLY-MANAGED"
    if text:
        marker = str(tmp_path / "EXTERNALLY-MANAGED")
        Path(marker).write_text(text)
    assert describe_marker(marker, str(release)) == Marker(marker, owner, package)


def test_only_a_regular_file_is_a_marker(tmp_path: Path) -> None:
    marker = tmp_path / "EXTERNALLY-MANAGED"
    assert find_marker(str(tmp_path)) == ""
    marker.symlink_to("nowhere")
    assert find_marker(str(tmp_path)) == ""
    marker.unlink()
    marker.mkdir()
    assert find_marker(str(tmp_path)) == ""
    marker.rmdir()
    os.mkfifo(marker)
    assert find_marker(str(tmp_path)) == ""
    marker.unlink()
    (tmp_path / "other").touch()
    marker.symlink_to("other")
    assert find_marker(str(tmp_path)) == str(marker)


GENERIC = "The Python environment under {prefix} is managed externally, and may not be manipulated by the user."
SECTION = "[externally-managed]\n"
CONTENTS = {
    "debian's": (SECTION + "Error=To install Python packages system-wide, try apt install\n python3-xyz.\n \n See /usr/share/doc.\n").encode(),
    "one line": (SECTION + "Error=Ask the administrator.\n").encode(),
    "empty": b"",
    "another section": b"[other]\nError=x\n",
    "a capital section": b"[Externally-Managed]\nError=x\n",
    "no Error": (SECTION + "Note=x\n").encode(),
    "an empty Error": (SECTION + "Error=\n").encode(),
    "lower case": (SECTION + "error=lower\n").encode(),
    "upper case": (SECTION + "ERROR=upper\n").encode(),
    "defaults": b"[DEFAULT]\nError=from the default section\n[externally-managed]\n",
    "no section": b"Error=x\n",
    "a key without value": (SECTION + "Error\n").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + (SECTION + "Error=x\n").encode(),
    "not UTF-8": SECTION.encode() + b"Error=caf\xe9\n",
    "UTF-8": (SECTION + "Error=café, 日本\n").encode(),
    "percent and markup": (SECTION + "Error=100% %(x)s [bold]not bold[/bold] ${HOME}\n").encode(),
    "languages": (SECTION + "Error=plain\nError-de=deutsch\nError-de_DE=de_DE\nError-en=english\nError-en_US=en_US\n").encode(),
    "German only": (SECTION + "Error-de=deutsch\n").encode(),
    "a language of US English only": (SECTION + "Error=plain\nError-en=english\n").encode(),
    "indented lines": (SECTION + "Error=first\n    deep\n  less deep\n\n after a blank\n").encode(),
    "carriage returns": b"[externally-managed]\r\nError=one\r\n two\r\n",
}  # fmt: skip
LOCALES = {
    "C": {"LC_ALL": "C"},
    "C.UTF-8": {"LC_ALL": "C.UTF-8"},
    "LANG": {"LANG": "C.UTF-8"},
    "not installed": {"LC_ALL": "xx_YY.UTF-8"},
    "de_DE": {"LC_ALL": "de_DE.UTF-8"},
    "LC_MESSAGES": {"LANG": "C", "LC_MESSAGES": "C.UTF-8"},
    "nothing": {},
}
CASES = [pytest.param(content, "C.UTF-8", id=content) for content in CONTENTS]
CASES += [pytest.param("languages", place, id=f"languages, {place}") for place in LOCALES if place != "C.UTF-8"]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("marked"))


@pytest.mark.parametrize(("content", "place"), CASES)
def test_the_message_is_the_one_that_pip_prints(marked: Machine, content: str, place: str) -> None:
    marked.marker.write_bytes(CONTENTS[content])
    env = {"HOME": str(marked.home), "PATH": "/usr/bin:/bin", "PIP_CONFIG_FILE": os.devnull, **LOCALES[place]}
    done = subprocess.run(
        [marked.python, "-X", "utf8", "-m", "pip", "install", "nothing"],
        cwd=marked.root,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1, done
    ours = read_message(str(marked.marker), str(marked.root / "usr"), env)
    shown = [line.removeprefix("╰─>").strip() for line in done.stderr.decode().splitlines()]
    start = (
        next(number for number, line in enumerate(shown) if line.endswith("This environment is externally managed")) + 1
    )
    end = next(number for number, line in enumerate(shown) if line.startswith("note: If you believe this is a mistake"))
    said = _without_empty_ends(shown[start:end])
    if ours == GENERIC.format(prefix=marked.root / "usr"):
        assert " ".join(said).startswith(ours)  # and pip goes on
    else:
        assert [line.strip() for line in ours.rstrip().splitlines()] == said


def _without_empty_ends(lines: list[str]) -> list[str]:
    return "\n".join(lines).strip("\n").splitlines()


@pytest.mark.parametrize(
    "content", [SECTION + "Error=a\nError=b\n", SECTION + "Error=a\n" + SECTION + "Error=b\n"], ids=["key", "section"]
)
def test_where_pip_itself_breaks_the_message_is_the_generic_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").write_text(content)
    assert read_message(str(tmp_path / "EXTERNALLY-MANAGED"), "/usr", {}) == GENERIC.format(prefix="/usr")


def test_a_marker_that_cannot_be_read_gives_the_generic_message(tmp_path: Path) -> None:
    assert read_message(str(tmp_path / "none"), "/usr", {}) == GENERIC.format(prefix="/usr")
    assert read_message(str(tmp_path), "/usr", {}) == GENERIC.format(prefix="/usr")


def test_the_process_keeps_its_locale(tmp_path: Path) -> None:
    import locale

    before = locale.setlocale(locale.LC_ALL)
    read_message(str(tmp_path / "none"), "/usr", {"LC_ALL": "C.UTF-8"})
    (tmp_path / "EXTERNALLY-MANAGED").write_text(SECTION + "Error=a\n")
    read_message(str(tmp_path / "EXTERNALLY-MANAGED"), "/usr", {"LC_ALL": "C.UTF-8"})
    assert locale.setlocale(locale.LC_ALL) == before
