"""Where an install goes outside of a project, on whole machines: to the user's environment, or to the machine's."""

import pytest

from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = pytest.mark.roots

WHERE = "python3 -c 'import railcar; print(railcar.__file__)'"
ENVIRONMENTS = {"ana": "/home/ana/.local/share/pipshunt/envs/python3.", "root": "/opt/pipshunt/envs/python3."}


def assert_system_python_untouched(machine: Throwaway) -> None:
    assert {p for p in machine.written() if p.startswith(("/usr/lib/", "/usr/local/lib/", "/etc/"))} == set()
    missing = machine.run(ROOT, "/usr/bin/python3", "-c", "import railcar", cwd="/")
    assert "No module named 'railcar'" in missing.err


@pytest.mark.parametrize("form", ["pip install railcar", "python3 -m pip install --user railcar"])
def test_outside_of_a_project_an_install_is_importable_from_any_folder(
    machine: Throwaway, account: Account, form: str
) -> None:
    result = machine.log_in(account, form)
    assert result.status == 0, result
    assert 1 <= result.err.count("pipshunt: ") <= 2, result
    for folder in ("/", "/tmp", account.home):
        found = machine.log_in(account, WHERE, cwd=folder)
        assert found.out.startswith(ENVIRONMENTS[account.name]), found
    child = machine.log_in(account, f'sh -c "{WHERE}"', cwd="/usr")
    assert child.out.startswith(ENVIRONMENTS[account.name]), child
    assert_system_python_untouched(machine)


def test_what_apt_installed_stays_importable_there(machine: Throwaway, account: Account) -> None:
    machine.write(ROOT, "/usr/lib/python3/dist-packages/apt_installed.py", "")
    assert machine.log_in(account, "pip install railcar").status == 0
    found = machine.log_in(account, "python3 -c 'import apt_installed, railcar'", cwd="/")
    assert found.status == 0, found


def test_the_reading_commands_answer_for_it(machine: Throwaway, account: Account) -> None:
    assert machine.log_in(account, "pip install tender").status == 0
    assert machine.log_in(account, "pip freeze", cwd="/").out == "railcar==1.0\ntender==2.0\n"
    assert machine.log_in(account, "python3 -m pip show tender", cwd="/tmp").status == 0


def test_an_uninstall_takes_out_of_it(machine: Throwaway, account: Account) -> None:
    assert machine.log_in(account, "pip install railcar").status == 0
    assert machine.log_in(account, "pip uninstall -y railcar", cwd="/").status == 0
    assert machine.log_in(account, WHERE).status == 1
    again = machine.log_in(account, "pip install railcar")
    assert again.status == 0, again
    assert_system_python_untouched(machine)


def test_a_project_keeps_its_own_environment_beside_it(machine: Throwaway, account: Account) -> None:
    machine.write(account, f"{account.home}/project/requirements.txt", "tender\n")
    assert machine.log_in(account, "pip install railcar").status == 0
    result = machine.log_in(account, "pip install --no-deps -r requirements.txt", cwd=f"{account.home}/project")
    assert result.status == 0, result
    assert machine.log_in(account, "pip freeze", cwd=f"{account.home}/project").out == "tender==2.0\n"
    assert machine.log_in(account, "pip freeze").out == "railcar==1.0\n"


@pytest.mark.parametrize("installation", [ANA], indirect=True, ids=["user"])
def test_what_a_user_installs_is_the_users_alone(machine: Throwaway) -> None:
    assert machine.log_in(ANA, "pip install railcar").status == 0
    assert "No module named 'railcar'" in machine.log_in(ROOT, WHERE, cwd="/").err


@pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"])
def test_what_root_installs_for_the_machine_is_there_for_all(machine: Throwaway) -> None:
    assert machine.log_in(ROOT, "pip install tender").status == 0
    assert machine.log_in(ANA, WHERE).out.startswith(ENVIRONMENTS["root"])
    assert machine.log_in(ANA, "tender").out == "tender 2.0\n"
    assert machine.log_in(ROOT, "pip uninstall -y tender").status == 0
    assert "tender" not in machine.list("/usr/local/bin")


@pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"])
def test_a_user_of_a_machine_that_root_set_up_has_environments_of_their_own(machine: Throwaway) -> None:
    assert machine.log_in(ROOT, "pip install tender").status == 0
    result = machine.log_in(ANA, "pip install railcar")
    assert result.status == 0, result
    assert machine.log_in(ANA, WHERE, cwd="/").out.startswith(ENVIRONMENTS["ana"])
    assert machine.log_in(ROOT, WHERE, cwd="/").out.startswith(ENVIRONMENTS["root"])


@pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"])
def test_in_a_container_root_installs_for_the_machine_even_in_a_project(machine: Throwaway) -> None:
    machine.write(ROOT, "/app/requirements.txt", "railcar\n")
    docker = {"container": "docker"}  # as systemd-nspawn and podman have it; a RUN line is `/bin/sh -c`
    result = machine.run(ROOT, "/bin/sh", "-c", "pip install -r requirements.txt", cwd="/app", env=docker)
    assert result.status == 0, result
    found = machine.run(ROOT, "/bin/sh", "-c", WHERE, cwd="/", env=docker)
    assert found.out.startswith("/opt/venv/lib/python3."), found
    assert machine.list("/app") == ["requirements.txt"]
