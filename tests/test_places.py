"""Where a user's things and the machine's lie."""

import os
import pwd

import pytest

from pipshunt.places import Places, find_home, find_places

ANA = {"HOME": "/home/ana"}


def test_an_ordinary_user_s_things_lie_by_the_xdg_defaults() -> None:
    assert find_places(ANA, 1000) == Places(
        home="/home/ana",
        data="/home/ana/.local/share/pipshunt",
        state="/home/ana/.local/state/pipshunt",
        cache="/home/ana/.cache/pipshunt",
        policy="/home/ana/.config/pipshunt/policy.toml",
        log="/home/ana/.local/state/pipshunt/audit.jsonl",
    )


def test_xdg_variables_move_them_and_relative_ones_are_ignored() -> None:
    env = {**ANA, "XDG_DATA_HOME": "/d", "XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "c", "XDG_CONFIG_HOME": ""}
    assert find_places(env, 1000) == Places(
        home="/home/ana",
        data="/d/pipshunt",
        state="/s/pipshunt",
        cache="/home/ana/.cache/pipshunt",
        policy="/home/ana/.config/pipshunt/policy.toml",
        log="/s/pipshunt/audit.jsonl",
    )


@pytest.mark.parametrize("env", [{}, ANA, {"HOME": "/root", "XDG_DATA_HOME": "/d"}], ids=["no home", "sudo -E", "xdg"])
def test_root_s_things_are_the_machine_s_whatever_the_environment_says(env: dict[str, str]) -> None:
    places = find_places(env, 0)
    assert places[1:] == (
        "/opt/pipshunt",
        "/var/lib/pipshunt",
        "/var/cache/pipshunt",
        "",
        "/var/log/pipshunt/audit.jsonl",
    )


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_without_home_the_password_database_is_asked(home: str | None) -> None:
    env = {} if home is None else {"HOME": home}
    assert find_home(env, os.getuid()) == pwd.getpwuid(os.getuid()).pw_dir


def test_one_who_is_nowhere_has_no_places() -> None:
    assert find_places({}, 64999) == Places("", "", "", "", "", "")
    assert find_places({"XDG_STATE_HOME": "/s"}, 64999) == Places(
        "", "", "/s/pipshunt", "", "", "/s/pipshunt/audit.jsonl"
    )
