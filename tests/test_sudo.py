"""Whose a call under sudo is, and whose its folders are. Whole calls: tests/roots/test_becoming_user.py, test_sudo.py."""

import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from machine import USER, Machine

from pipshunt.call import Call
from pipshunt.sudo import (
    CannotBecome,
    Person,
    as_person,
    become,
    find_person,
    is_theirs_to_write,
    persons_environment,
    roots_changes,
    understand_under_sudo,
)

ANA = Person("ana", USER, USER, "/home/ana", "/bin/zsh")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose rights are given up")


@pytest.fixture
def home(folder: Path) -> Path:
    """A home folder that is not root's."""
    home = folder / "home"
    (home / ".cache").mkdir(parents=True)
    for path in (home, home / ".cache"):
        os.chown(path, USER, -1)
    return home


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="not said"),
        pytest.param({"SUDO_UID": "0", "SUDO_USER": "root"}, id="root"),
        pytest.param({"SUDO_UID": ""}, id="empty"),
        pytest.param({"SUDO_UID": "nobody"}, id="a name"),
        pytest.param({"SUDO_UID": "-1"}, id="negative"),
        pytest.param({"SUDO_UID": "\u0661"}, id="a digit of another script"),
        pytest.param({"SUDO_UID": "4294967295"}, id="the number that setuid takes for: unchanged"),
        pytest.param({"SUDO_UID": "4294967296"}, id="root, wrapped around"),
        pytest.param({"SUDO_UID": "9" * 40}, id="a number beyond all"),
        pytest.param({"SUDO_UID": "3999999999"}, id="no account"),
        pytest.param({"SUDO_UID": "3999999999", "SUDO_USER": "nobody"}, id="another's name"),
    ],
)
def test_who_called_sudo_is_nobody_where_it_names_no_ordinary_user(said: dict[str, str]) -> None:
    assert find_person(said) is None


@pytest.mark.parametrize("name", ["", "nobody", "root", "no such name"])
def test_who_called_sudo_is_told_by_the_number(name: str) -> None:
    nobody = pwd.getpwnam("nobody")
    person = find_person({"SUDO_UID": str(nobody.pw_uid), "SUDO_USER": name})
    assert person == Person("nobody", nobody.pw_uid, nobody.pw_gid, nobody.pw_dir, nobody.pw_shell)


def test_the_environment_is_the_password_databases_and_keeps_what_is_no_folder_of_roots(home: Path) -> None:
    env = {
        "HOME": "/root",
        "USER": "root",
        "LOGNAME": "root",
        "SHELL": "/bin/bash",
        "MAIL": "/var/mail/root",
        "PATH": "/usr/bin",
        "SUDO_UID": "1000",
        "PIP_INDEX_URL": "http://127.0.0.1",
        "XDG_CACHE_HOME": "/root/.cache",
        "UV_CACHE_DIR": "/var/cache/uv",
        "XDG_RUNTIME_DIR": "relative",
        "XDG_CONFIG_HOME": f"{home}/.config",
        "TMPDIR": "/tmp",
    }
    assert persons_environment(env, ANA) == {
        "HOME": "/home/ana",
        "USER": "ana",
        "LOGNAME": "ana",
        "SHELL": "/bin/zsh",
        "PATH": "/usr/bin",
        "SUDO_UID": "1000",
        "PIP_INDEX_URL": "http://127.0.0.1",
        "XDG_CONFIG_HOME": f"{home}/.config",
        "TMPDIR": "/tmp",
    }


def test_a_home_that_is_not_roots_is_not_roots_to_write(home: Path) -> None:
    env = {"HOME": str(home), "PIP_CACHE_DIR": f"{home}/pip", "UV_CACHE_DIR": "/tmp/uv", "PATH": "/usr/bin"}
    assert roots_changes(env) == {"HOME": "/root", "PIP_CACHE_DIR": None}


def test_settings_are_read_where_they_would_have_been(home: Path) -> None:
    for file in (".config/pip/pip.conf", ".netrc", ".pip/pip.conf"):
        (home / file).parent.mkdir(parents=True, exist_ok=True)
        (home / file).touch()
    changes = roots_changes({"HOME": str(home), "PIP_CONFIG_FILE": "/etc/other.conf"})
    assert changes == {"HOME": "/root", "XDG_CONFIG_HOME": f"{home}/.config", "NETRC": f"{home}/.netrc"}
    assert roots_changes({"HOME": str(home)})["PIP_CONFIG_FILE"] == f"{home}/.pip/pip.conf"


@pytest.mark.parametrize("home", ["", "relative"])
def test_root_without_a_home_has_its_own(home: str) -> None:
    assert roots_changes({"HOME": home}) == {"HOME": "/root"}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose home it is")
def test_roots_own_home_is_left_as_it_is() -> None:
    assert roots_changes({"HOME": "/root", "XDG_CACHE_HOME": "/root/.cache", "TMPDIR": "/var/tmp"}) == {}


def test_whose_a_folder_is_counts_all_the_way_up(home: Path) -> None:
    assert is_theirs_to_write(f"{home}/not/there/yet", USER)
    assert not is_theirs_to_write(f"{home}/not/there/yet", USER + 1)
    assert not is_theirs_to_write("/usr/share", USER)
    link = home.parent / "link"
    link.symlink_to(home)
    assert not is_theirs_to_write(f"{link}/.cache", USER + 1)


@needs_root
def test_what_root_has_in_a_users_folder_is_not_roots_alone(home: Path) -> None:
    (home / "of root").mkdir()
    assert not is_theirs_to_write(str(home / "of root"), 0)
    assert not is_theirs_to_write(str(home / "of root"), USER)


@needs_root
def test_all_three_ids_and_the_groups_are_given_up() -> None:
    nobody = find_person({"SUDO_UID": str(pwd.getpwnam("nobody").pw_uid)})
    assert nobody

    def tell() -> object:
        become(nobody)
        return os.getresuid(), os.getresgid(), os.getgroups()

    uid, gid = nobody.uid, nobody.gid
    assert in_a_process(tell) == repr(((uid, uid, uid), (gid, gid, gid), [gid]))


def test_who_cannot_become_another_says_so() -> None:
    def tell() -> object:
        if os.geteuid() == 0:
            os.setuid(pwd.getpwnam("nobody").pw_uid)
        with pytest.raises(CannotBecome) as caught:
            become(ANA)
        return str(caught.value)

    said = "this is ana's project, and root cannot become ana here (Operation not permitted)"
    assert in_a_process(tell) == repr(said)


@needs_root
def test_a_call_in_a_project_of_the_callers_is_understood_as_theirs(machine: Machine) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(machine.project, nobody, -1)
    env = {**machine.env(HOME="/root"), "SUDO_UID": str(nobody), "SUDO_USER": "nobody"}
    call = Call("pip", ("install", "six"), str(machine.bin / "pip"), env, str(machine.project), 0)

    def tell() -> object:
        flow, places = understand_under_sudo(call, "/nonexistent")
        track = flow.decision.track
        assert track
        told = flow.call.uid, flow.call.env["HOME"], os.environ["HOME"], os.geteuid(), places.state
        return *told, track.environment, track.note

    environment = str(machine.project / ".venv")
    home = "/nonexistent"
    told = (nobody, home, home, nobody, f"{home}/.local/state/pipshunt", environment)
    assert in_a_process(tell) == repr((*told, "run as nobody, whose project this is"))


def test_the_caller_has_the_call_as_it_was_but_for_the_environment() -> None:
    call = Call("pip", ("install",), "/usr/bin/pip", {"HOME": "/root"}, "/srv", 0)
    changed = as_person(call, ANA)
    assert (changed.uid, changed.env["HOME"], changed.args, changed.cwd) == (USER, "/home/ana", ("install",), "/srv")


def in_a_process(tell: Callable[[], object]) -> str:
    """Return what *tell* returns, in words, from a process of its own: it gives up rights for good."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, repr(tell()).encode())
        except BaseException as error:  # noqa: BLE001  (told to the parent)
            os.write(writing, repr(error).encode())
        finally:
            sys.stdout = sys.stderr
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as said:
        return said.read().decode()
