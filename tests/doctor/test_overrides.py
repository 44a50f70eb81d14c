"""Settings that lead installs past pipshunt are found, each once, with what takes them away."""

import os
import subprocess
import sys

import pytest

from doctor.doctor_tree import Tree
from pipshunt.doctor.overrides import SETTINGS, is_on, judge_overrides
from pipshunt.doctor.pythons import find_pythons
from pipshunt.doctor.rc_files import read_lines

BREAKS = "installs go straight into the system's Python, which pipshunt lets pass"
USER = "pip installs into ~/.local wherever it is not shunted"


def judge(tree: Tree, **env: str) -> list[tuple[str, ...]]:
    world = tree.world(env)
    return tree.told(judge_overrides(world, find_pythons(world), read_lines(world)))


def test_nothing_is_set(tree: Tree) -> None:
    assert judge(tree, PIP_INDEX_URL="https://index.example/", PIPSHUNT_TRACK="user") == []


@pytest.mark.parametrize("name", list(SETTINGS))
def test_a_variable_is_told_and_unset(tree: Tree, name: str) -> None:
    value = "off" if name == "PIPSHUNT" else "1"
    harmful = name in ("PIPSHUNT", "PIP_BREAK_SYSTEM_PACKAGES", "UV_BREAK_SYSTEM_PACKAGES")
    level, code = ("problem", "override-variable") if harmful else ("notice", "setting-variable")
    assert judge(tree, **{name: value}) == [(level, code, f"{name} is set: {SETTINGS[name].meaning}", f"unset {name}")]


def test_a_track_that_there_is_not_is_a_problem(tree: Tree) -> None:
    said = "PIPSHUNT_TRACK=machin names no track, so installs that would be shunted are refused"
    assert judge(tree, PIPSHUNT_TRACK="machin") == [("problem", "track-unknown", said, "unset PIPSHUNT_TRACK")]


@pytest.mark.parametrize(
    ("name", "value", "on"),
    [
        pytest.param("PIP_USER", "1", True, id="1"),
        pytest.param("PIP_USER", "false", False, id="false"),
        pytest.param("PIP_USER", '"0"', False, id="0, in quotes"),
        pytest.param("PIP_USER", "", False, id="empty"),
        pytest.param("PIP_TARGET", "/opt/x", True, id="a folder"),
        pytest.param("PIPSHUNT", "off", True, id="ours"),
        pytest.param("PIPSHUNT", "1", False, id="ours, but not off"),
    ],
)
def test_which_values_count(name: str, value: str, on: bool) -> None:
    assert is_on(name, value) is on


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        pytest.param("home/ana/.bashrc", "x\nexport PIP_BREAK_SYSTEM_PACKAGES=1 # yes\n", 2, id="bash"),
        pytest.param("home/ana/.config/fish/config.fish", "set -gx PIP_BREAK_SYSTEM_PACKAGES 1\n", 1, id="fish"),
        pytest.param(
            "home/ana/.profile", "if true; then export A=1 PIP_BREAK_SYSTEM_PACKAGES='true'; fi\n", 1, id="inner"
        ),
        pytest.param("home/ana/.tcshrc", "setenv PIP_BREAK_SYSTEM_PACKAGES 1\n", 1, id="tcsh"),
    ],
)
def test_a_line_of_an_rc_file_is_told_with_its_number_even_where_it_is_not_in_effect(
    tree: Tree, file: str, text: str, line: int
) -> None:
    tree.write(file, text)
    shown = file.replace("home/ana", "~")
    said = f"{shown} line {line} sets PIP_BREAK_SYSTEM_PACKAGES: {BREAKS}"
    expected = [("problem", "override-line", said, f"${{EDITOR:-vi}} +{line} {shown}")]
    assert judge(tree) == expected
    assert judge(tree, PIP_BREAK_SYSTEM_PACKAGES="1") == expected, "the variable is the line's"


def test_a_line_of_the_machines_is_roots_to_change(tree: Tree) -> None:
    tree.write("etc/environment", "PIP_USER=1\n")
    fix = "sudo ${EDITOR:-vi} +1 /etc/environment"
    assert judge(tree) == [("notice", "setting-line", f"/etc/environment line 1 sets PIP_USER: {USER}", fix)]


@pytest.mark.parametrize(
    "line", ["# export PIP_USER=1", "export PIP_USER=0", "MY_PIP_USER=1", "export PIP_USER=", "unset PIP_USER; x=1"]
)
def test_a_line_that_sets_nothing_is_passed_over(tree: Tree, line: str) -> None:
    tree.write("home/ana/.bashrc", f"{line}\n")
    assert judge(tree) == []


def test_a_users_pip_conf_is_told_with_its_line_and_mended_by_pip(tree: Tree) -> None:
    file = tree.write("home/ana/.config/pip/pip.conf", "[install]\nbreak_system_packages = yes\n")
    env = {"PIP_CONFIG_FILE": ""}
    where = "~/.config/pip/pip.conf line"
    (found,) = judge(tree, **env)
    assert found[3] == "${EDITOR:-vi} +2 ~/.config/pip/pip.conf", "pip config knows no underscores"
    file.write_text("[global]\ntimeout = 9\n[install]\nbreak-system-packages = yes\n")
    (found,) = judge(tree, **env)
    fix = "pip config --user unset install.break-system-packages"
    assert found == ("problem", "override-pip-conf", f"{where} 4 sets break-system-packages: {BREAKS}", fix)
    argv = [os.path.realpath(sys.executable), "-m", *fix.split()]
    subprocess.run(argv, env={"HOME": str(tree.home), "PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
    assert judge(tree, **env) == []
    assert "timeout = 9" in file.read_text()


def test_a_file_that_pip_would_not_change_is_opened_in_the_editor(tree: Tree) -> None:
    tree.write("home/ana/.pip/pip.conf", "[global]\nuser = 1\n")
    assert judge(tree, PIP_CONFIG_FILE="") == [
        ("notice", "setting-pip-conf", f"~/.pip/pip.conf line 2 sets user: {USER}", "${EDITOR:-vi} +2 ~/.pip/pip.conf")
    ]
    named = tree.write("ci.conf", "[global]\nuser = 1\n")
    found = judge(tree, PIP_CONFIG_FILE=str(named), HOME=str(tree.root))
    assert found[-1][2:] == (f"~/ci.conf line 2 sets user: {USER}", "${EDITOR:-vi} +2 ~/ci.conf")


def test_uvs_own_settings_are_told(tree: Tree) -> None:
    tree.write("home/ana/.config/uv/uv.toml", "[pip]\nbreak-system-packages = true\n# system = true\n")
    tree.write("etc/uv/uv.toml", "pip.system = true\n")
    uv = "uv pip installs straight into the system's Python, which pipshunt lets pass"
    takes = "uv pip passes over environments, and takes the first Python on PATH"
    assert [found[1:3] for found in judge(tree)] == [
        ("override-uv-toml", f"~/.config/uv/uv.toml line 2 sets break-system-packages: {uv}"),
        ("setting-uv-toml", f"/etc/uv/uv.toml line 1 sets system: {takes}"),
    ]


def test_a_pip_conf_that_pip_ends_with_is_told(tree: Tree) -> None:
    tree.write("home/ana/.config/pip/pip.conf", "nonsense\n")
    (found,) = judge(tree, PIP_CONFIG_FILE="")
    assert found[:2] == ("problem", "pip-conf-unreadable")
    assert found[2].startswith(
        "pip ends at once: configuration file /home/ana/.config/pip/pip.conf cannot be loaded: line 1"
    )
