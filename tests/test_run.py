"""Shunted calls from the shell's side: real pip, real environments, what is said word for word, what is left behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from machine import USER, Machine, Result
from wheels import build_wheel

from pipshunt.run import _installed

VERSION = "python{}.{}".format(*sys.version_info)


@pytest.fixture
def wheels(machine: Machine) -> dict[str, str]:
    """The environment of calls that find two small wheels, and nothing else."""
    build_wheel(machine.root / "wheels", "demo-one", "1.0", scripts={"demo-one": "demo_one:main"})
    build_wheel(machine.root / "wheels", "demo-two", "2.0")
    machine.give(machine.root / "wheels")
    return machine.env(PIP_FIND_LINKS=str(machine.root / "wheels"), SHELL="/bin/bash")


@pytest.fixture
def bare(machine: Machine) -> Path:
    """The project's environment, without a pip: made at once, where a test is not about how it is made."""
    return make_environment(machine, machine.project / ".venv", "--without-pip")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("demo_one-1.0.dist-info", "demo_one==1.0"),
        ("typing-3.7.4.3-py3.11.egg-info", "typing==3.7.4.3"),
        ("old-1.0.egg-info", "old==1.0"),
    ],
)
def test_what_is_installed_is_read_off_the_names_of_its_metadata(tmp_path: Path, name: str, shown: str) -> None:
    site = tmp_path / "lib/python3.11/site-packages"
    (site / name).mkdir(parents=True)
    (site / "demo_one").mkdir()
    assert _installed(str(tmp_path)) == {shown}


def managed(machine: Machine, python: str = "") -> str:
    return f"pipshunt: the administrator manages {python or machine.python} ({machine.marker}), so this goes to"


def imports(machine: Machine, module: str, *, cwd: Path | None = None, python: str = "python3") -> bool:
    return machine.run(python, "-c", f"import {module}", cwd=cwd).status == 0


def own_lines(result: Result) -> list[str]:
    return [line for line in result.err.splitlines() if line.startswith("pipshunt:")]


def snapshot(folder: Path) -> set[str]:
    return {os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names}


def as_user(machine: Machine, folder: Path) -> Path:
    machine.give(folder)
    return folder


def make_environment(machine: Machine, path: Path, *options: str) -> Path:
    result = machine.run(str(machine.python), "-I", "-m", "venv", *options, str(path))
    assert result.status == 0, result
    return path


def test_in_a_project_an_install_goes_to_its_environment_and_python3_finds_it(
    machine: Machine, wheels: dict[str, str]
) -> None:
    before = snapshot(machine.root / "usr")
    first = machine.run("pip", "install", "demo-one", env=wheels)
    assert first.status == 0, first
    assert first.out.splitlines()[-1] == "Successfully installed demo-one-1.0"
    assert first.err.splitlines() == [
        f"{managed(machine)} the new environment .venv",
        f"pipshunt: python3 in {machine.project} uses it from now on; to activate it in this shell: . .venv/bin/activate",
    ]
    assert imports(machine, "demo_one")
    assert imports(machine, "demo_one", cwd=as_user(machine, make(machine.project / "src/deep")))
    assert not imports(machine, "demo_one", cwd=machine.home)
    assert not imports(machine, "demo_one", python=str(machine.python))
    second = machine.run("python3", "-m", "pip", "install", "-v", "demo-two", cwd=machine.project / "src", env=wheels)
    assert second.status == 0, second
    assert own_lines(second) == [
        f"{managed(machine, f'{machine.bin}/python3')} {machine.project}/.venv",
        (
            f"pipshunt: python3 in {machine.project} uses it from now on; "
            f"to activate it in this shell: . {machine.project}/.venv/bin/activate"
        ),
    ]
    freeze = machine.run("pip", "freeze")
    assert (freeze.out, freeze.err) == ("demo-one==1.0\ndemo-two==2.0\n", "")
    assert machine.run("pip", "list", "--format=freeze", cwd=machine.project / "src").out.startswith("demo-one==1.0\n")
    assert machine.run("pip3", "check").out == "No broken requirements found.\n"
    shown = machine.run("python3", "-m", "pip", "show", "demo-two")
    assert "Location: " + str(machine.project / f".venv/lib/{VERSION}/site-packages") in shown.out
    assert machine.run("pip", "freeze", cwd=machine.home).out == machine.run(str(machine.bin / "pip"), "freeze").out
    gone = machine.run("pip", "uninstall", "-y", "demo-one")
    assert gone.status == 0, gone
    assert "Successfully uninstalled demo-one-1.0" in gone.out
    assert own_lines(gone) == [f"{managed(machine)} .venv"]
    assert not imports(machine, "demo_one")
    assert {name for name in snapshot(machine.root / "usr") - before if "__pycache__" not in name} == set()
    assert [(r["decision"], r["status"], r["installed"], r["removed"]) for r in machine.log] == [
        ("venv", 0, ["demo_one==1.0"], []),
        ("venv", 0, ["demo_two==2.0"], []),
        ("venv", 0, [], ["demo_one==1.0"]),
    ]
    record = machine.log[0]
    assert record["before"] == ["pip", "install", "demo-one"]
    assert record["after"] == [
        f"{machine.project}/.venv/bin/python",
        f"{machine.project}/.venv/bin/pip",
        "install",
        "demo-one",
    ]
    assert (record["track"], record["environment"]) == ("project", f"{machine.project}/.venv")
    assert (record["cwd"], record["uid"], record["rule"], record["policy"]) == (
        str(machine.project),
        USER,
        "default",
        None,
    )
    assert (record["interpreter"], record["marker"]) == (str(machine.python), str(machine.marker))
    assert (machine.state / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def test_outside_of_a_project_it_goes_to_the_user_s_environment_which_sees_the_system(
    machine: Machine, wheels: dict[str, str]
) -> None:
    elsewhere = as_user(machine, make(machine.root / "elsewhere"))
    result = machine.run("pip", "install", "--user", "demo-one", cwd=elsewhere, env=wheels)
    environment = machine.home / ".local/share/pipshunt/envs" / VERSION
    assert result.status == 0, result
    assert result.err.splitlines() == [
        f"{managed(machine)} the new environment {environment}",
        f"pipshunt: python3 outside of projects uses it from now on; to activate it in this shell: . {environment}/bin/activate",
    ]
    assert machine.log[0]["after"][2:] == ["install", "demo-one"]
    for cwd in (elsewhere, machine.home, Path("/"), machine.root):
        assert imports(machine, "demo_one", cwd=cwd)
        assert imports(machine, "pip", cwd=cwd)
    assert machine.run("pip", "freeze", cwd=machine.home).out == "demo-one==1.0\n"
    assert "include-system-site-packages = true" in (environment / "pyvenv.cfg").read_text()
    again = machine.run("python3", "-m", "pip", "uninstall", "-y", "demo-one", cwd=Path("/"))
    assert again.status == 0, again
    assert not imports(machine, "demo_one", cwd=Path("/"))


def test_pip_user_in_the_environment_or_the_configuration_is_of_no_account(
    machine: Machine, wheels: dict[str, str]
) -> None:
    first = machine.run("pip", "install", "demo-one", env={**wheels, "PIP_USER": "1"})
    assert first.status == 0, first
    configuration = machine.home / ".config/pip/pip.conf"
    make(configuration.parent)
    configuration.write_text("[install]\nuser = true\n")
    machine.give(machine.home)
    second = machine.run("pip", "install", "demo-two", env={**wheels, "PIP_CONFIG_FILE": ""})
    assert second.status == 0, second
    assert machine.run("pip", "freeze").out == "demo-one==1.0\ndemo-two==2.0\n"
    assert not (machine.home / f".local/lib/{VERSION}").exists()


def test_the_user_s_own_environment_is_adopted_as_it_is(machine: Machine, wheels: dict[str, str]) -> None:
    environment = make_environment(machine, machine.project / ".venv", "--without-pip")
    before = (environment / "pyvenv.cfg").read_bytes()
    result = machine.run("pip", "install", "demo-one", env=wheels)
    assert result.status == 0, result
    assert own_lines(result)[0] == f"{managed(machine)} .venv"
    assert imports(machine, "demo_one")
    assert machine.run("pip", "freeze").out == "demo-one==1.0\n"
    assert machine.run("python3", "-m", "pip", "list", "--format=freeze").out == "demo-one==1.0\n"
    removed = machine.run("pip", "uninstall", "-y", "demo-one")
    assert removed.status == 0, removed
    assert (environment / "pyvenv.cfg").read_bytes() == before
    assert not (environment / "bin/pip").exists()


def test_an_environment_that_came_with_a_clone_is_never_executed(machine: Machine, wheels: dict[str, str]) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    environment = machine.project / ".venv"
    alarm = machine.home / "alarm"
    for name in ("python", "python3", VERSION, "pip"):
        machine.write_script(environment / "bin" / name, f"#!/bin/sh\necho ran >>{alarm}\n")
    (environment / "pyvenv.cfg").write_text(f"home = {machine.bin}\n")
    machine.give(machine.project)
    for words in (["init", "-q"], ["add", "-f", "."]):
        assert machine.run(git, *words).status == 0
    result = machine.run("pip", "install", "demo-one", env=wheels)
    assert result.status == 1
    assert result.out == ""
    assert result.err.splitlines() == [
        f"pipshunt: refused: {environment} came with the repository (git tracks it), so nothing in it is run",
        "",
        f"the administrator says in {machine.marker}:",
        "    This Python is the test machine's.",
        "",
        "next: PIPSHUNT_TRACK=user pip install demo-one",
    ]
    for call in (
        ["python3", "-c", ""],
        ["pip", "list"],
        ["python3", "-m", "pip", "freeze"],
        ["pip", "uninstall", "-y", "demo-one"],
    ):
        machine.run(*call)
    assert not alarm.exists()
    assert [record["decision"] for record in machine.log] == ["refuse", "refuse"]
    followed = machine.run("pip", "install", "demo-one", env={**wheels, "PIPSHUNT_TRACK": "user"})
    assert followed.status == 0, followed
    assert imports(machine, "demo_one")
    assert not alarm.exists()


@pytest.mark.parametrize(
    ("kind", "sentence", "remedy"),
    [
        ("file", "{venv} is not a folder", "mv {venv} {venv}.old && "),
        ("empty", "{venv} is no virtual environment: it has no pyvenv.cfg", "mv {venv} {venv}.old && "),
        ("dangling", "{venv} is broken: {venv}/bin/python leads to no interpreter", "mv {venv} {venv}.old && "),
        ("link", "{venv} is not a folder", "mv {venv} {venv}.old && "),
        ("another's", "{venv} belongs to another user", "PIPSHUNT_TRACK=user "),
        ("root's", "{venv} belongs to root", "mv {venv} {venv}.old && "),
    ],
)
def test_what_is_no_fit_environment_is_left_alone_and_said(
    machine: Machine, kind: str, sentence: str, remedy: str
) -> None:
    environment = machine.project / ".venv"
    if kind == "file":
        environment.write_text("mine")
    elif kind == "empty":
        environment.mkdir()
    elif kind == "link":
        environment.symlink_to("nowhere")
    else:
        (environment / "bin").mkdir(parents=True)
        (environment / "pyvenv.cfg").write_text("home = /nowhere\n")
        (environment / "bin/python").symlink_to("/nowhere/python3")
    machine.give(machine.project)
    if kind in ("another's", "root's"):
        if os.geteuid() != 0:
            pytest.skip("only root can make another user's folder")
        os.chown(environment, 0 if kind == "root's" else 64124, 0)
    result = machine.run("pip", "install", "demo-one")
    assert result.status == 1
    assert result.err.splitlines()[0] == "pipshunt: refused: " + sentence.format(venv=environment)
    assert result.err.splitlines()[-1] == "next: " + remedy.format(venv=environment) + "pip install demo-one"
    assert os.path.lexists(environment)


def test_the_remedy_that_is_named_works(machine: Machine, wheels: dict[str, str]) -> None:
    (machine.project / ".venv").write_text("mine")
    machine.give(machine.project)
    refused = machine.run("pip", "install", "demo-one>=1", env=wheels)
    command = refused.err.splitlines()[-1].removeprefix("next: ")
    done = machine.run("sh", "-c", command, env=wheels)
    assert done.status == 0, done
    assert imports(machine, "demo_one")
    assert (machine.project / ".venv.old").read_text() == "mine"


@pytest.mark.parametrize("words", [("-q",), ("--quiet",), ("-qq",), ("-qU",)], ids=" ".join)
def test_a_quiet_pip_is_quiet(machine: Machine, bare: Path, wheels: dict[str, str], words: tuple[str, ...]) -> None:
    result = machine.run("pip", "install", *words, "demo-one", env=wheels)
    assert (result.status, result.out, result.err) == (0, "", "")
    assert imports(machine, "demo_one")


def test_quiet_by_configuration_is_quiet_too(machine: Machine, bare: Path, wheels: dict[str, str]) -> None:
    result = machine.run("pip", "install", "demo-one", env={**wheels, "PIP_QUIET": "1"})
    assert (result.status, result.out, result.err) == (0, "", "")


def test_a_failing_install_has_pip_s_words_and_status_and_follows_nothing(
    machine: Machine, wheels: dict[str, str]
) -> None:
    result = machine.run("pip", "install", "nonsuch", env=wheels)
    assert result.status == 1
    assert own_lines(result) == [f"{managed(machine)} the new environment .venv"]
    assert "ERROR: No matching distribution found for nonsuch" in result.err
    assert not (machine.state / "follow").exists()
    assert machine.log[0]["status"] == 1
    usage = machine.run("pip", "install", "--nonsense", "demo-one", env=wheels)
    assert (usage.status, own_lines(usage)) == (2, [])


def test_an_uninstall_without_an_environment_is_refused(machine: Machine) -> None:
    result = machine.run("pip", "uninstall", "-y", "demo-one")
    assert result.status == 1
    assert result.err.splitlines() == [
        f"pipshunt: refused: there is no environment to uninstall from: {machine.project}/.venv does not exist",
        "",
        f"the administrator says in {machine.marker}:",
        "    This Python is the test machine's.",
        "",
        "next: pipshunt explain -- pip uninstall -y demo-one",
    ]
    assert os.listdir(machine.project) == ["pyproject.toml"]


def test_a_policy_that_refuses_shows_the_page(machine: Machine) -> None:
    (machine.project / "pipshunt.toml").write_text(
        'action = "venv"\n\n[[rule]]\npackages = ["torch*"]\naction = "refuse"\nmessage = "use the shared one: module load torch"\n'
    )
    machine.give(machine.project)
    result = machine.run("pip", "install", "torch>=2", "flask")
    assert result.status == 1
    assert result.out == ""
    assert result.err.splitlines() == [
        "pipshunt: refused: use the shared one: module load torch",
        f'by [[rule]] packages = ["torch*"] ({machine.project}/pipshunt.toml line 3), for torch',
        "",
        f"the administrator says in {machine.marker}:",
        "    This Python is the test machine's.",
        "",
        "next: pipshunt explain -- pip install 'torch>=2' flask",
    ]
    (record,) = machine.log
    assert (record["decision"], record["status"], record["after"]) == ("refuse", 1, [])
    assert record["policy"] == {"file": f"{machine.project}/pipshunt.toml", "line": 3}
    assert not (machine.project / ".venv").exists()


def user_policy(machine: Machine, text: str) -> Path:
    file = machine.home / ".config/pipshunt/policy.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    machine.give(machine.home)
    return file


def test_a_user_s_policy_that_overrides_adds_the_option(machine: Machine, wheels: dict[str, str]) -> None:
    file = user_policy(machine, 'action = "override"\n')
    result = machine.run("python3", "-m", "pip", "install", "demo-one", env=wheels)
    assert result.status == 0, result
    assert own_lines(result) == [
        (
            f"pipshunt: the administrator manages {machine.bin}/python3 ({machine.marker}); "
            f'action = "override" ({file} line 1) adds --break-system-packages'
        )
    ]
    assert machine.log[0]["after"] == [
        f"{machine.bin}/python3",
        "-m",
        "pip",
        "install",
        "--break-system-packages",
        "demo-one",
    ]
    assert imports(machine, "demo_one", python=str(machine.python), cwd=Path("/"))


def test_a_policy_that_passes_leaves_the_refusal_to_pip(machine: Machine) -> None:
    user_policy(machine, 'action = "pass"\n')
    direct = machine.run(str(machine.bin / "pip"), "install", "demo-one")
    result = machine.run("pip", "install", "demo-one")
    assert (result.status, result.out, result.err) == (direct.status, direct.out, direct.err)
    assert "externally-managed-environment" in result.err
    assert machine.log == []


def test_a_mistake_in_a_policy_is_told_and_the_rest_holds(machine: Machine, bare: Path, wheels: dict[str, str]) -> None:
    (machine.project / "pipshunt.toml").write_text('acton = "refuse"\n')
    machine.give(machine.project)
    result = machine.run("pip", "install", "demo-one", env=wheels)
    assert result.status == 0, result
    assert own_lines(result)[0].startswith(f"pipshunt: {machine.project}/pipshunt.toml line 1: ")
    assert "action" in own_lines(result)[0]
    assert own_lines(result)[1] == "pipshunt: the rest of the policy holds; `pipshunt policy check` shows all"


def test_the_user_s_own_override_is_passed_and_logged(machine: Machine, wheels: dict[str, str]) -> None:
    result = machine.run("pip", "install", "--break-system-packages", "demo-one", env=wheels)
    assert result.status == 0, result
    assert own_lines(result) == []
    (record,) = machine.log
    assert (record["decision"], record["reason"], record["status"]) == ("pass", "--break-system-packages", None)
    assert record["before"] == ["pip", "install", "--break-system-packages", "demo-one"]
    assert imports(machine, "demo_one", python=str(machine.python), cwd=Path("/"))
    gone = machine.run("pip", "uninstall", "-y", "demo-one", env={**wheels, "PIP_BREAK_SYSTEM_PACKAGES": "1"})
    assert gone.status == 0, gone
    assert machine.log[1]["reason"] == "--break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)"


def test_the_track_can_be_chosen(machine: Machine, wheels: dict[str, str]) -> None:
    result = machine.run("pip", "install", "demo-one", env={**wheels, "PIPSHUNT_TRACK": "user"})
    assert result.status == 0, result
    assert machine.log[0]["track"] == "user"
    assert not (machine.project / ".venv").exists()
    assert imports(machine, "demo_one", cwd=Path("/"))


@pytest.mark.parametrize(
    ("track", "cwd", "sentence", "command"),
    [
        (
            "bogus",
            "home/project",
            "PIPSHUNT_TRACK=bogus names no track; there are project, user, machine",
            "PIPSHUNT_TRACK=user",
        ),
        ("machine", "home/project", "the machine's environment is root's to change", "sudo"),
        ("project", "home", "this is no project of yours: PIPSHUNT_TRACK=project needs one", "PIPSHUNT_TRACK=user"),
    ],
)
def test_a_track_that_cannot_be_is_said(machine: Machine, track: str, cwd: str, sentence: str, command: str) -> None:
    result = machine.run("pip", "install", "demo-one", cwd=machine.root / cwd, env=machine.env(PIPSHUNT_TRACK=track))
    assert result.status == 1
    assert result.err.splitlines()[0] == f"pipshunt: refused: {sentence}"
    assert result.err.splitlines()[-1] == f"next: {command} pip install demo-one"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_standard_descriptor_is_closed_for_pip_too_and_nothing_else(
    machine: Machine, bare: Path, wheels: dict[str, str], closed: str
) -> None:
    result = machine.run("sh", "-c", f"exec pip install demo-one {closed}", env=wheels)
    assert result.status == 0, result
    assert "Fatal" not in result.err
    assert (bare / f"lib/{VERSION}/site-packages/demo_one.py").exists()
    assert [record["status"] for record in machine.log] == [0]


def test_a_working_directory_that_is_gone(machine: Machine) -> None:
    gone = as_user(machine, make(machine.home / "gone"))
    result = machine.run("sh", "-c", f"rmdir {gone}; exec pip install demo-one", cwd=gone)
    assert result.status == 1
    assert "pipshunt: refused: the working directory is gone or cannot be read" in result.err.splitlines()
    assert result.err.splitlines()[-1] == "next: cd && pip install demo-one"
    assert "Traceback" not in result.err


def test_a_working_directory_that_cannot_be_read(machine: Machine, wheels: dict[str, str]) -> None:
    closed = as_user(machine, make(machine.home / "closed"))
    result = machine.run("sh", "-c", f"chmod 0 {closed}; exec pip install demo-one", cwd=closed, env=wheels)
    closed.chmod(0o755)
    assert result.status == 0, result
    assert machine.log[0]["track"] == "user"


def test_no_home_at_all(machine: Machine, wheels: dict[str, str]) -> None:
    env = {name: value for name, value in wheels.items() if name != "HOME"}
    if os.geteuid() != 0:
        pytest.skip("the user of the tests has a home in the password database")
    outside = machine.run("pip", "install", "demo-one", cwd=as_user(machine, make(machine.root / "elsewhere")), env=env)
    assert outside.status == 1
    assert (
        outside.err.splitlines()[0]
        == "pipshunt: refused: there is no home folder for an environment of yours (HOME is not set)"
    )
    inside = machine.run("pip", "install", "demo-one", env=env)
    assert inside.status == 0, inside
    assert own_lines(inside)[1:] == [
        (
            f"pipshunt: installed into {machine.project}/.venv, but `python3` here will not find it by itself: "
            "there is no home folder to remember it in (HOME is not set)"
        )
    ]
    assert sorted(os.listdir(machine.project)) == [".venv", "pyproject.toml"]


def test_a_home_that_cannot_be_written(machine: Machine, wheels: dict[str, str]) -> None:
    home = make(machine.root / "closed-home")
    home.chmod(0o555)
    env = {**wheels, "HOME": str(home)}
    inside = machine.run("pip", "install", "demo-one", env=env)
    assert inside.status == 0, inside
    assert [line.partition(":")[2].split(" ")[1] for line in own_lines(inside)] == ["the", "installed", "the"]
    assert own_lines(inside)[2] == (
        f"pipshunt: the log {home}/.local/state/pipshunt/audit.jsonl cannot be written: Permission denied; this call is not in it"
    )
    outside = machine.run("pip", "install", "demo-one", cwd=home, env=env)
    assert outside.status == 1
    assert outside.err.splitlines()[0].startswith(
        f"pipshunt: refused: {home}/.local/share/pipshunt/envs/{VERSION} cannot be made: "
    )
    assert "Traceback" not in outside.err


def test_a_project_that_cannot_be_written_is_left_for_the_user_s_environment(
    machine: Machine, wheels: dict[str, str]
) -> None:
    machine.project.chmod(0o555)
    result = machine.run("pip", "install", "demo-one", env=wheels)
    machine.project.chmod(0o755)
    assert result.status == 0, result
    environment = machine.home / ".local/share/pipshunt/envs" / VERSION
    assert (
        own_lines(result)[0]
        == f"{managed(machine)} the new environment {environment} ({machine.project} cannot be written to)"
    )


def test_ten_thousand_arguments(machine: Machine, bare: Path, wheels: dict[str, str]) -> None:
    result = machine.run("pip", "install", *["--no-deps"] * 10_000, "demo-one", env=wheels)
    assert result.status == 0, result.err[-500:]
    assert len(machine.log[0]["before"]) == 10_003


def test_arguments_of_any_bytes(machine: Machine, bare: Path, wheels: dict[str, str]) -> None:
    result = machine.run("pip", "install", b"caf\xe9", "demo-one", env=wheels)
    direct = machine.run(str(machine.bin / "pip"), "--python", str(bare), "install", b"caf\xe9", "demo-one", env=wheels)
    assert result.status == direct.status == 1
    assert [line for line in result.err.splitlines() if not line.startswith("pipshunt:")] == direct.err.splitlines()
    assert machine.log[0]["before"] == ["pip", "install", "caf\udce9", "demo-one"]


def test_a_folder_of_any_bytes(machine: Machine, wheels: dict[str, str]) -> None:
    """The venv module itself cannot make an environment there: its pyvenv.cfg is UTF-8."""
    folder = make(Path(os.fsdecode(os.fsencode(machine.home) + b"/caf\xe9")))
    (folder / "setup.py").touch()
    machine.give(folder)
    refused = machine.run("pip", "install", "demo-one", cwd=folder, env=wheels)
    assert refused.status == 1
    assert refused.err.startswith(f"pipshunt: refused: {machine.python} -m venv failed: ")
    assert refused.err.splitlines()[-1] == "next: PIPSHUNT_TRACK=user pip install demo-one"
    assert os.listdir(folder) == ["setup.py"]
    done = machine.run("pip", "install", "demo-one", cwd=folder, env={**wheels, "PIPSHUNT_TRACK": "user"})
    assert done.status == 0, done
    assert imports(machine, "demo_one", cwd=folder)


def test_a_build_backend_that_calls_pip_itself_is_no_deadlock(machine: Machine, wheels: dict[str, str]) -> None:
    source = machine.root / "source"
    make(source)
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n[project]\nname = "nested"\nversion = "1"\n'
    )
    wheel = build_wheel(machine.root / "built", "nested", "1")
    (source / "backend.py").write_text(
        "import os, shutil, subprocess\n"
        "def build_wheel(folder, settings=None, metadata=None):\n"
        f"    subprocess.run(['pip', 'install', 'demo-two'], check=True, timeout=60, cwd={str(machine.project)!r})\n"
        f"    return os.path.basename(shutil.copy({str(wheel)!r}, folder))\n"
    )
    machine.give(machine.root)
    result = machine.run("pip", "install", "--no-build-isolation", str(source), env=wheels)
    assert result.status == 0, result
    assert imports(machine, "nested, demo_two")
    assert [record["before"][-1] for record in machine.log] == ["demo-two", str(source)]


@pytest.mark.parametrize(("name", "statuses"), [("SIGTERM", {143}), ("SIGHUP", {129}), ("SIGINT", {1, 2, 130})])
def test_a_signal_in_the_middle_of_an_install_ends_it_as_it_ends_pip(
    machine: Machine, bare: Path, name: str, statuses: set[int]
) -> None:
    source = make(machine.root / "slow")
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (source / "backend.py").write_text(
        f"import os, time\nopen('begun', 'w').close()\nwhile os.path.exists({str(source)!r}): time.sleep(0.05)\n"
    )
    machine.give(machine.root)
    user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
    argv = [str(machine.shims / "pip"), "install", "--no-build-isolation", str(source)]
    said = (machine.root / "said").open("w+")
    process = subprocess.Popen(argv, cwd=machine.project, env=machine.env(), stdout=said, stderr=said, **user)
    while not (source / "begun").exists():
        assert process.poll() is None, (machine.root / "said").read_text()
        time.sleep(0.01)
    process.send_signal(getattr(signal, name))
    status = process.wait(timeout=20)
    said.close()
    shutil.rmtree(source)  # the backend, which pip leaves behind when it is killed, ends
    assert (128 - status if status < 0 else status) in statuses, (machine.root / "said").read_text()
    assert [record["status"] for record in machine.log] == [128 - status if status < 0 else status]
    assert bare.exists()


def test_two_installs_at_once_in_a_fresh_project_both_succeed(machine: Machine, wheels: dict[str, str]) -> None:
    results: list[Result] = []
    threads = [
        threading.Thread(target=lambda name=name: results.append(machine.run("pip", "install", name, env=wheels)))
        for name in ("demo-one", "demo-two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.status for result in results] == [0, 0], results
    assert imports(machine, "demo_one, demo_two")
    assert machine.run("pip", "check").status == 0
    left = [name for name in os.listdir(machine.project) if name.startswith(".venv")]
    assert left == [".venv"]
    assert len(machine.log) == 2


def test_a_log_that_cannot_be_written_stops_nothing(machine: Machine, bare: Path, wheels: dict[str, str]) -> None:
    make(machine.state / "audit.jsonl")
    machine.give(machine.home)
    result = machine.run("pip", "install", "demo-one", env=wheels)
    assert result.status == 0, result
    assert own_lines(result)[2:] == [
        f"pipshunt: the log {machine.state}/audit.jsonl cannot be written: Is a directory; this call is not in it"
    ]


def test_secrets_do_not_reach_the_log(machine: Machine, bare: Path) -> None:
    index = "https://ana:secret@127.0.0.1:9/simple"
    call = [
        "pip",
        "install",
        "-i",
        index,
        f"--extra-index-url={index}",
        "--proxy",
        "ana:secret@127.0.0.1:9",
        "--retries=0",
        "demo-one",
    ]
    env = machine.env(API_TOKEN="secret")
    del env["PIP_NO_INDEX"]
    assert machine.run(*call, env=env).status == 1
    assert "secret" not in (machine.state / "audit.jsonl").read_text()
    assert machine.log[0]["before"][3] == "https://****@127.0.0.1:9/simple"


def test_switched_off_everything_is_pip_s(machine: Machine) -> None:
    direct = machine.run(str(machine.bin / "pip"), "install", "demo-one")
    result = machine.run("pip", "install", "demo-one", env=machine.env(PIPSHUNT="off"))
    assert (result.status, result.out, result.err) == (direct.status, direct.out, direct.err)
    assert machine.log == []


@pytest.mark.parametrize("damage", ["syntax error", "missing module", "unreadable"])
def test_a_broken_engine_leaves_a_working_pip(machine: Machine, damage: str) -> None:
    module = machine.engine / "pipshunt/decision.py"
    if damage == "syntax error":
        module.write_text("def broken(\n")
    elif damage == "missing module":
        module.unlink()
    else:
        module.chmod(0)
    direct = machine.run(str(machine.bin / "pip"), "install", "demo-one")
    result = machine.run("pip", "install", "demo-one")
    assert result.status == direct.status == 1
    first, rest = result.err.split("\n", 1)
    assert first.startswith("pipshunt: the engine failed (")
    assert first.endswith(f"), so {machine.bin}/pip runs as it is")
    assert (result.out, rest) == (direct.out, direct.err)


def test_an_unmarked_python_is_left_alone(unmarked: Machine) -> None:
    build_wheel(unmarked.root / "wheels", "demo-one", "1.0")
    unmarked.give(unmarked.root)
    env = unmarked.env(PIP_FIND_LINKS=str(unmarked.root / "wheels"))
    result = unmarked.run("pip", "install", "--no-warn-script-location", "demo-one", env=env)
    assert result.status == 0, result
    assert own_lines(result) == []
    assert unmarked.log == []
    assert not (unmarked.project / ".venv").exists()
    assert not unmarked.state.exists()


def test_a_new_environment_stays_out_of_git(machine: Machine, wheels: dict[str, str]) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    assert machine.run(git, "init", "-q").status == 0
    assert machine.run("pip", "install", "demo-one", env=wheels).status == 0
    status = machine.run(git, "status", "--porcelain", "--untracked-files=all")
    assert status.out == "?? pyproject.toml\n", status


def test_the_followed_environment_is_not_anyone_s_to_write(machine: Machine, wheels: dict[str, str]) -> None:
    machine.run("pip", "install", "demo-one", env=wheels)
    for parent, folders, files in os.walk(machine.project / ".venv"):
        for name in (*folders, *files):
            mode = os.lstat(os.path.join(parent, name)).st_mode
            assert stat.S_ISLNK(mode) or not mode & stat.S_IWOTH, name


def test_a_dry_run_where_nothing_is_yet_leaves_nothing(machine: Machine, wheels: dict[str, str]) -> None:
    dry = machine.run("pip", "install", "--dry-run", "demo-one", env=wheels)
    assert dry.status == 0, dry
    assert dry.out.splitlines()[-1] == "Would install demo-one-1.0"
    (line,) = own_lines(dry)
    assert line.startswith(f"{managed(machine)} the new environment .venv.pipshunt-")
    assert line.endswith(" (removed afterwards: this is a dry run)")
    assert os.listdir(machine.project) == ["pyproject.toml"]
    assert machine.run("pip", "install", "--dry-run", "nothing-of-that-name", env=wheels).status == 1
    assert os.listdir(machine.project) == ["pyproject.toml"]
    assert [entry["decision"] for entry in machine.log] == ["venv", "venv"]


def test_a_dry_run_looks_from_within_the_environment_that_is_there(machine: Machine, wheels: dict[str, str]) -> None:
    assert machine.run("pip", "install", "demo-one", env=wheels).status == 0
    dry = machine.run("pip", "install", "--dry-run", "demo-one", "demo-two", env=wheels)
    assert dry.out.splitlines()[-1] == "Would install demo-two-2.0"
    assert (machine.project / ".venv").exists()


@pytest.mark.parametrize(
    "line", ["pip install --upgrade pip", "pip install -U pip demo-two", "python3 -m pip install pip"]
)
def test_who_upgrades_pip_is_told_whose(machine: Machine, wheels: dict[str, str], line: str) -> None:
    build_wheel(machine.root / "wheels", "pip", "99.0", contents={"pip/__init__.py": ""})
    machine.give(machine.root / "wheels")
    result = machine.run(*line.split(), env=wheels)
    assert result.status == 0, result
    shown = ", which `pip --version` shows," if line.startswith("pip") else ""
    told = own_lines(result)[-1]
    assert told.startswith("pipshunt: that was the environment's pip; the administrator's own ")
    assert told.endswith(f"{shown} stays as it is")
    assert "environment's pip" not in machine.run("pip", "install", "demo-one", env=wheels).err


def test_an_upgrade_of_pip_that_is_quiet_or_dry_is_told_nothing_more(machine: Machine, wheels: dict[str, str]) -> None:
    for words in (("-q", "--upgrade", "pip"), ("--dry-run", "--upgrade", "pip")):
        assert "environment's pip" not in machine.run("pip", "install", *words, env=wheels).err
