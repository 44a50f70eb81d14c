"""Every way in which people call pip, on whole machines: each ends in the project's environment, none in the system's."""

import json
import shutil
from pathlib import Path

import pytest
from machine import Result

from roots.projects import PROJECT
from roots.throwaway import ROOT, Account, Throwaway

pytestmark = pytest.mark.roots

LINK = "/usr/local/bin/tender"  # of root's, to the console script of a wheel that the tests build
FORMS = [
    pytest.param("pip install railcar", id="pip"),
    pytest.param("pip3 install railcar", id="pip3"),
    pytest.param("python3 -m pip install railcar", id="module"),
    pytest.param("python3 -I -m pip install railcar", id="isolated"),
    pytest.param("python3 -mpip install railcar", id="attached"),
    pytest.param("python3 -Im pip install railcar", id="cluster"),
    pytest.param("pip install --user railcar", id="user"),
    pytest.param("pip --no-input install -U railcar", id="options"),
    pytest.param("pip install -r requirements.txt", id="requirements"),
    pytest.param("sh script.sh", id="script"),
    pytest.param("env pip install railcar", id="env"),
    pytest.param('env -i PATH="$PATH" HOME="$HOME" pip install railcar', id="bare-environment"),
    pytest.param("echo railcar | xargs pip install", id="xargs"),
    pytest.param(
        'python3 -c \'import subprocess; subprocess.run(["pip", "install", "railcar"], check=True)\'', id="subprocess"
    ),
    pytest.param("nohup pip install railcar", id="nohup"),
]


@pytest.fixture
def project(machine: Throwaway, account: Account) -> str:
    """A fresh project in the home folder."""
    folder = f"{account.home}/project"
    files = {**PROJECT, "requirements.txt": "railcar\n", "script.sh": "set -e\npip install railcar\n"}
    for name, text in files.items():
        machine.write(account, f"{folder}/{name}", text)
    return folder


def assert_installed(machine: Throwaway, account: Account, project: str, module: str = "railcar") -> None:
    """The next `python3` finds *module* in the project, no other Python does, and the system is as it was."""
    found = machine.log_in(account, f"python3 -c 'import {module}; print({module}.__file__)'", cwd=project)
    assert found.out.startswith(project), found
    missing = machine.log_in(account, f"/usr/bin/python3 -c 'import {module}'", cwd="/")
    assert f"No module named '{module}'" in missing.err
    assert_system_untouched(machine)


def assert_system_untouched(machine: Throwaway) -> None:
    """But for the link of a console script, which root's are laid in /usr/local/bin."""
    written = {path for path in machine.written() if path.startswith(("/usr/", "/bin/", "/lib/", "/etc/"))}
    assert written - {LINK} == set()


def assert_said(result: Result) -> None:
    """Success, told in pip's words on stdout and in one or two lines of ours on stderr."""
    assert result.status == 0, result
    assert "pipshunt" not in result.out
    assert 1 <= result.err.count("pipshunt: ") <= 2, result
    assert len(result.err.splitlines()) <= 3, result


@pytest.mark.parametrize("form", FORMS)
def test_an_install_is_importable_in_the_project(machine: Throwaway, account: Account, project: str, form: str) -> None:
    result = machine.log_in(account, form, cwd=project)
    assert_said(result)
    assert_installed(machine, account, project)


def test_a_quiet_install_is_quiet(machine: Throwaway, account: Account, project: str) -> None:
    result = machine.log_in(account, "pip -q install railcar", cwd=project)
    assert (result.status, result.out, result.err) == (0, "", "")
    assert_installed(machine, account, project)


def test_every_versioned_name_on_path_is_led_the_same_way(machine: Throwaway, account: Account, project: str) -> None:
    names = [
        n for n in machine.list("/usr/bin") if n.startswith(("pip3.", "python3.")) and n.rpartition(".")[2].isdigit()
    ]
    assert any(name.startswith("python3.") for name in names)
    for name in names:
        folder = f"{project}-{name}"
        machine.write(account, f"{folder}/pyproject.toml", PROJECT["pyproject.toml"])
        result = machine.log_in(account, f"{name}{' -m pip' if 'python' in name else ''} install railcar", cwd=folder)
        assert_said(result)
        assert_installed(machine, account, folder)


@pytest.mark.parametrize("form", ["pip install .", "pip install -e .", "python3 -m pip install --editable=."])
def test_a_project_installs_itself(machine: Throwaway, account: Account, project: str, form: str) -> None:
    result = machine.log_in(account, form, cwd=project)
    assert_said(result)
    found = machine.log_in(account, "cd docs && python3 -c 'import engine_shed; print(engine_shed.SHED)'", cwd=project)
    assert found.status != 0  # there is no docs yet
    machine.write(account, f"{project}/docs/index.md", "")
    found = machine.log_in(account, "python3 -c 'import engine_shed; print(engine_shed.SHED)'", cwd=f"{project}/docs")
    assert found.out == "3\n", found
    assert_system_untouched(machine)


def test_an_uninstall_takes_out_of_the_project_what_was_installed_there(
    machine: Throwaway, account: Account, project: str
) -> None:
    assert machine.log_in(account, "pip install tender", cwd=project).status == 0
    result = machine.log_in(account, "pip uninstall -y railcar", cwd=project)
    assert result.status == 0, result
    assert "Successfully uninstalled railcar-1.0" in result.out
    gone = machine.log_in(account, "python3 -c 'import tender; import railcar'", cwd=project)
    assert "No module named 'railcar'" in gone.err
    assert_system_untouched(machine)


def test_the_reading_commands_answer_for_the_followed_environment(
    machine: Throwaway, account: Account, project: str
) -> None:
    assert machine.log_in(account, "pip install tender", cwd=project).status == 0
    for pip in ("pip", "python3 -m pip"):
        assert machine.log_in(account, f"{pip} freeze > requirements.lock", cwd=project).err == ""
        assert machine.read(f"{project}/requirements.lock") == "railcar==1.0\ntender==2.0\n"
        listed = machine.log_in(account, f"{pip} list --format=json", cwd=project)
        assert {row["name"] for row in json.loads(listed.out)} >= {"pip", "railcar", "tender"}
        shown = machine.log_in(account, f"{pip} show tender", cwd=project)
        assert f"Location: {project}/.venv/lib/" in shown.out
        assert machine.log_in(account, f"{pip} check", cwd=project).out == "No broken requirements found.\n"
        inspected = machine.log_in(account, f"{pip} inspect", cwd=project)
        assert "tender" in {row["metadata"]["name"] for row in json.loads(inspected.out)["installed"]}
    elsewhere = machine.log_in(account, "pip list --format=json", cwd="/")
    assert "tender" not in elsewhere.out


def test_an_interactive_shell_is_led_the_same_way(machine: Throwaway, account: Account, project: str) -> None:
    terminal = "import pty, sys; sys.exit(pty.spawn(['bash', '-i']) >> 8)"
    argv = ("/usr/bin/python3", "-c", terminal)
    typed = b"pip install railcar\npython3 -c 'import railcar; print(railcar.__file__)'\nexit 7\n"
    result = machine.run(account, *argv, cwd=project, stdin=typed)
    assert result.status == 7, result
    assert "Successfully installed railcar-1.0" in result.out
    assert f"\n{project}/.venv/lib/" in result.out.replace("\r", "")
    assert_installed(machine, account, project)


def test_make_is_led_the_same_way(machine: Throwaway, account: Account, project: str) -> None:
    make = shutil.which("make")
    if make:  # a minimal root has none: that of this machine, if it runs there
        machine.write(ROOT, "/usr/local/bin/make", Path(make).read_bytes(), 0o755)
    if machine.run(account, "make", "--version").status != 0:
        pytest.skip("no make that runs on this root")
    machine.write(account, f"{project}/Makefile", "deps:\n\tpip install railcar\n\tpython3 -m pip install tender\n")
    result = machine.log_in(account, "make deps", cwd=project)
    assert result.status == 0, result
    assert {p for p in machine.written() if p.startswith("/usr/")} - {LINK} == {"/usr/local/bin/make"}
    assert machine.log_in(account, "python3 -c 'import tender, railcar'", cwd=project).status == 0


def test_the_environment_is_a_normal_one(machine: Throwaway, account: Account, project: str) -> None:
    assert machine.log_in(account, "pip install railcar", cwd=project).status == 0
    own = machine.log_in(
        account, ".venv/bin/python -m pip install tender && . .venv/bin/activate && tender && pip freeze", cwd=project
    )
    assert own.status == 0, own
    assert own.err == ""
    assert own.out.endswith("tender 2.0\nrailcar==1.0\ntender==2.0\n")
    assert machine.list(f"{project}/.venv")[:1] == [".gitignore"]
    cold = machine.run(account, ".venv/bin/pip", "--version", cwd=project)
    assert f"from {project}/.venv/lib/" in cold.out
