"""Environments as they are found."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.environment import Found, extended_by, look_at, sees_system_packages, site_packages, version_of

UID = os.geteuid()
VERSION = "python{}.{}".format(*sys.version_info)


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    path = tmp_path / "a b/.venv"
    subprocess.run([os.path.realpath(sys.executable), "-I", "-m", "venv", "--without-pip", path], check=True)
    return path


def test_one_s_own_environment_is_fit(environment: Path) -> None:
    assert look_at(str(environment), UID) == Found(True, "", "")


def test_nothing_is_no_problem(tmp_path: Path) -> None:
    assert look_at(str(tmp_path / ".venv"), UID) == Found(False, "", "")


def test_another_user_s_is_not_used(environment: Path) -> None:
    if UID == 0:
        os.chown(environment, 64123, 64123)
    assert look_at(str(environment), 64124) == Found(False, f"{environment} belongs to another user", "")


def test_what_sudo_has_left_in_one_s_own_folder_is_moved_away(environment: Path) -> None:
    if UID != 0:
        pytest.skip("only root can make another user's folder")
    said = f"{environment} belongs to root"
    assert look_at(str(environment), 64123) == Found(False, said, f"mv '{environment}' '{environment}.old'")


def test_a_link_to_one_s_own_is_used_and_one_to_another_s_is_not(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(environment)
    assert look_at(str(tmp_path / "link"), UID).fit
    if UID != 0:
        pytest.skip("only root can make another user's folder")
    os.chown(environment, 64123, 64123)
    assert look_at(str(tmp_path / "link"), UID).problem == f"{tmp_path}/link belongs to another user"


def test_what_is_no_environment_is_named_with_a_command_that_can_be_copied(environment: Path) -> None:
    (environment / "pyvenv.cfg").unlink()
    said = f"{environment} is no virtual environment: it has no pyvenv.cfg"
    assert look_at(str(environment), UID) == Found(False, said, f"mv '{environment}' '{environment}.old'")
    file = environment.parent / "file"
    file.touch()
    assert look_at(str(file), UID) == Found(False, f"{file} is not a folder", f"mv '{file}' '{file}.old'")
    assert look_at(str(file / ".venv"), UID).problem == f"{file}/.venv cannot be looked at: Not a directory"


def test_one_without_a_python_is_broken(environment: Path) -> None:
    python = environment / "bin/python"
    python.unlink()
    python.symlink_to("/nowhere")
    said = f"{environment} is broken: {python} leads to no interpreter"
    assert look_at(str(environment), UID) == Found(False, said, f"mv '{environment}' '{environment}.old'")


def test_its_version_and_folder(environment: Path, tmp_path: Path) -> None:
    assert version_of(str(environment)) == VERSION
    assert site_packages(str(environment)) == f"{environment}/lib/{VERSION}/site-packages"
    assert version_of(str(tmp_path / "none")) == ""
    assert site_packages("/none") == "/none/lib/python3/site-packages"


@pytest.mark.parametrize(
    "text",
    [
        "include-system-site-packages = true\n",
        "include-system-site-packages=TRUE\n",
        "Include-System-Site-Packages = true\n",
        "include-system-site-packages = false\n",
        "include-system-site-packages = yes\n",
        "include-system-site-packages = true\ninclude-system-site-packages = false\n",
        "include-system-site-packages = false\ninclude-system-site-packages = true\n",
        "",
    ],
)
def test_whether_it_sees_the_system_is_read_as_site_reads_it(environment: Path, text: str) -> None:
    file = environment / "pyvenv.cfg"
    file.write_text(f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n{text}")
    code = "import sys; print(any(p.startswith((sys.base_prefix + '/lib', sys.base_prefix + '/local')) and p.endswith('-packages') for p in sys.path))"
    done = subprocess.run([environment / "bin/python", "-I", "-c", code], capture_output=True, text=True, check=True)
    assert sees_system_packages(str(environment)) is (done.stdout == "True\n")


def test_what_it_lies_over_is_said_in_its_configuration(environment: Path) -> None:
    assert extended_by(str(environment)) == ""
    with (environment / "pyvenv.cfg").open("a") as file:
        file.write("Extends-Environment = /a = b\n")
    assert extended_by(str(environment)) == "/a = b"
    assert extended_by("/nowhere") == ""


def test_without_a_configuration_it_sees_nothing(tmp_path: Path) -> None:
    assert not sees_system_packages(str(tmp_path))
