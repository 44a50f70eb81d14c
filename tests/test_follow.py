"""Registrations: written by us alone, found again nearest first, void when the environment is another."""

import os
from pathlib import Path

import pytest
from machine import USER

from pipshunt.follow import (
    NotRegistered,
    Registration,
    all_registrations,
    find_followed_folder,
    find_registration,
    forget,
    register,
)


class State:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = str(root / "state")
        self.base = self.file("usr/bin/python3.11")
        self.other = self.file("opt/bin/python3.11")

    def file(self, name: str) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return str(path)

    def environment(self, name: str) -> str:
        (self.root / name / "bin").mkdir(parents=True)
        return str(self.root / name)

    def found(self, cwd: str, base: str = "") -> str:
        registration = find_registration(self.path, cwd, base or self.base, str(self.root / "machine"))
        return registration.environment if registration else ""


def tokens_in(environment: str) -> list[str]:
    return [name for name in os.listdir(environment) if name.startswith(".pipshunt-")]


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def test_a_registration_holds_in_its_folder_and_below(state: State) -> None:
    environment = state.environment("p/.venv")
    register(state.path, "/home/ana/p", state.base, environment)
    assert state.found("/home/ana/p") == environment
    assert state.found("/home/ana/p/src/deep") == environment
    assert state.found("/home/ana") == ""
    assert state.found("/home/ana/pp") == ""
    assert state.found("") == ""


def test_the_nearest_folder_counts_and_the_root_last(state: State) -> None:
    one, two, user, machine = (state.environment(name) for name in ("1", "2", "user", "machine-venv"))
    register(state.path, "/", state.base, user)
    register(state.path, "/p", state.base, one)
    register(state.path, "/p/q", state.base, two)
    register(str(state.root / "machine"), "/", state.base, machine)
    assert [state.found(cwd) for cwd in ("/p/q/r", "/p/q", "/p", "/", "/elsewhere")] == [two, two, one, user, user]
    forget(state.path, "/", state.base)
    assert state.found("/elsewhere") == machine
    assert state.found("/p") == one
    forget(state.path, "/", state.base)
    assert state.found("/elsewhere") == machine


def test_it_holds_for_the_interpreter_it_was_made_for_however_that_is_called(state: State) -> None:
    environment = state.environment("v")
    register(state.path, "/p", state.base, environment)
    assert state.found("/p", state.other) == ""
    link = state.root / "link"
    link.symlink_to(state.base)
    assert state.found("/p", str(link)) == environment
    assert state.found("/p", str(state.root / "gone")) == ""


def test_two_interpreters_are_followed_from_one_folder(state: State) -> None:
    one, two = state.environment("1"), state.environment("2")
    register(state.path, "/p", state.base, one)
    register(state.path, "/p", state.other, two)
    assert (state.found("/p"), state.found("/p", state.other)) == (one, two)
    assert {found.environment for found in all_registrations(state.path)} == {one, two}


def test_an_environment_in_the_same_place_without_our_token_is_not_the_one(state: State) -> None:
    environment = state.environment("p/.venv")
    register(state.path, "/p", state.base, environment)
    (token,) = tokens_in(environment)
    os.unlink(os.path.join(environment, token))
    assert state.found("/p") == ""
    (Path(environment) / ".pipshunt-0123456789abcdef").touch()
    assert state.found("/p") == ""
    register(state.path, "/p", state.base, environment)
    assert state.found("/p") == environment
    assert tokens_in(environment) == [".pipshunt-0123456789abcdef"]


def test_tokens_are_random(state: State) -> None:
    tokens = set()
    for number in range(20):
        environment = state.environment(str(number))
        register(state.path, f"/p{number}", state.base, environment)
        tokens |= set(tokens_in(environment))
    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {len(".pipshunt-") + 16}


def test_registering_again_replaces(state: State) -> None:
    one, two = state.environment("1"), state.environment("2")
    register(state.path, "/p", state.base, one)
    register(state.path, "/p", state.base, two)
    assert [found.environment for found in all_registrations(state.path)] == [two]
    assert len(os.listdir(state.root / "state/follow/p")) == 1


@pytest.mark.parametrize("name", ["with space", "per%cent", "quo'te", "caf\udce9", "@at", ".hidden", "ünï"])
def test_any_name_of_a_folder_is_found_again(state: State, name: str) -> None:
    environment = state.environment(f"{name}/.venv")
    register(state.path, f"/home/{name}", state.base, environment)
    assert state.found(f"/home/{name}/src") == environment
    (found,) = all_registrations(state.path)
    assert found[:3] == Registration(f"/home/{name}", state.base, environment, "")[:3]


def test_what_cannot_be_followed_is_said(state: State) -> None:
    environment = state.environment("v")
    with pytest.raises(NotRegistered, match="a folder whose name holds a newline cannot be followed"):
        register(state.path, "/new\nline", state.base, environment)
    with pytest.raises(NotRegistered, match="there is no home folder to remember it in"):
        register("", "/p", state.base, environment)
    with pytest.raises(FileNotFoundError):
        register(state.path, "/p", state.base, str(state.root / "gone"))
    assert state.found("/p") == ""


@pytest.mark.parametrize(
    "text",
    [b"", b"one\n", b"one\ntwo\n", b"\n\n\n", b"\xff\xfe\n\0\n\n", b"a" * 20000],
    ids=["empty", "one", "two", "blank", "binary", "long"],
)
def test_damaged_registrations_count_for_nothing(state: State, text: bytes) -> None:
    folder = state.root / "state/follow/p"
    folder.mkdir(parents=True)
    (folder / "@x").write_bytes(text)
    (folder / "@folder").mkdir()
    os.mkfifo(folder / "@pipe")
    assert state.found("/p") == ""
    assert list(all_registrations(state.path)) == []


def test_the_followed_folder_is_the_nearest_but_never_the_root(state: State) -> None:
    assert find_followed_folder(state.path, "/p/q", os.geteuid()) == ""
    register(state.path, "/", state.base, state.environment("user"))
    assert find_followed_folder(state.path, "/p/q", os.geteuid()) == ""
    register(state.path, "/p", state.base, state.environment("1"))
    assert find_followed_folder(state.path, "/p/q", os.geteuid()) == "/p"
    assert find_followed_folder("", "/p/q", os.geteuid()) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("given", ["", "bin", "token"])
def test_what_was_given_to_another_user_is_not_followed_any_more(state: State, given: str) -> None:
    environment = state.environment("p/.venv")
    register(state.path, "/p", state.base, environment)
    (token,) = tokens_in(environment)
    os.chown(os.path.join(environment, token if given == "token" else given), USER, -1)
    assert state.found("/p") == ""
    assert find_followed_folder(state.path, "/p", 0) == find_followed_folder(state.path, "/p", USER) == ""
    assert list(all_registrations(state.path)) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_who_asks_follows_their_own_and_of_the_machines_what_is_roots_or_their_own(state: State) -> None:
    machine, theirs = state.environment("machine-venv"), state.environment("p/.venv")
    register(str(state.root / "machine"), "/", state.base, machine)
    register(state.path, "/p", state.base, theirs)
    assert state.found("/p") == theirs
    for name in ("", "bin", *tokens_in(theirs)):
        os.chown(os.path.join(theirs, name), USER, -1)
    assert state.found("/p") == machine  # root, with a HOME that sudo kept
    assert find_followed_folder(state.path, "/p", USER) == "/p"
    for folder in (state.root, *state.root.parents[:2]):
        folder.chmod(0o755)
    try:
        os.seteuid(USER)
        assert (state.found("/p"), state.found("/")) == (theirs, machine)
        os.seteuid(0)
        os.chown(machine, USER, -1)  # `chown app /opt/venv` in an image: for app itself it still is
        os.seteuid(USER)
        assert state.found("/") == str(machine)
        os.seteuid(0)
        assert state.found("/") == ""
    finally:
        os.seteuid(0)


def test_a_token_that_is_no_file_of_ones_own_is_none(state: State) -> None:
    environment = state.environment("p/.venv")
    os.mkdir(os.path.join(environment, ".pipshunt-stage-1"))
    os.symlink("pyvenv.cfg", os.path.join(environment, ".pipshunt-link"))
    Path(environment, "pyvenv.cfg").touch()
    register(state.path, "/p", state.base, environment)
    (found,) = all_registrations(state.path)
    assert found.token not in {".pipshunt-stage-1", ".pipshunt-link"}
    token = Path(environment, found.token)
    token.unlink()
    token.symlink_to("pyvenv.cfg")
    assert state.found("/p") == ""
    token.unlink()
    token.mkdir()
    assert state.found("/p") == ""
