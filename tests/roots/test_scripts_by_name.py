"""Console scripts run by their names in the next command, on whole machines: nothing is activated, no profile read again."""

import os

import pytest

from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = pytest.mark.roots

# What the next command may be: none of these reads a profile, all have the PATH of who starts them.
STEPS = {
    "sh -c": "sh -c 'pip install tender && tender'",
    "two processes": "pip install tender && sh -c tender",
    "a step of a CI": "printf 'pip install tender\\n' >one.sh; printf 'tender\\n' >two.sh; bash -e one.sh && bash -e two.sh",
    "an empty environment": 'pip install tender && env -i PATH="$PATH" sh -c tender',
    "exec": "pip install tender && exec tender",
    "another language's exec": 'pip install tender && /usr/bin/python3 -c \'import os; os.execvp("tender", ["tender"])\'',
}
DEFAULT = ("sh -c",)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("where", ["project", "home"])
def test_a_script_runs_in_the_next_command(
    machine: Throwaway, account: Account, step: str, where: str, request: pytest.FixtureRequest
) -> None:
    if (where == "home" or step not in DEFAULT) and not request.config.getoption("--full"):
        pytest.skip("--full only: the other ways to start a command")
    cwd = account.home
    if where == "project":
        cwd = f"{account.home}/shop"
        machine.write(account, f"{cwd}/requirements.txt", "tender\n")
    result = machine.log_in(account, STEPS[step], cwd=cwd)
    assert (result.status, result.out.splitlines()[-1]) == (0, "tender 2.0"), result
    assert 1 <= result.err.count("pipshunt: ") <= 2, result


@pytest.mark.parametrize("suite", ["forky"], scope="session")
def test_each_project_runs_its_own_and_an_uninstall_takes_the_name_away(machine: Throwaway, account: Account) -> None:
    shop, blog = f"{account.home}/shop", f"{account.home}/blog"
    for folder in (shop, blog):
        machine.write(account, f"{folder}/requirements.txt", "tender\n")
        assert machine.log_in(account, "pip install -r requirements.txt", cwd=folder).status == 0
    said = "tender() { printf 'mine\\n'; }"
    for folder in (shop, blog):
        machine.write(account, f"{folder}/.venv/bin/tender", f"#!/bin/sh\n{said}\ntender; echo {folder}\n", 0o755)
        assert machine.log_in(account, "tender", cwd=folder).out == f"mine\n{folder}\n"
    assert machine.log_in(account, ".venv/bin/pip uninstall -y tender", cwd=shop).status == 0
    missing = machine.log_in(account, "tender", cwd=shop)
    assert missing.status == 127
    assert missing.err == (
        f"pipshunt: tender is installed for {blog}, not for {shop}; from here: {blog}/.venv/bin/tender\n"
    )
    assert machine.log_in(account, "pip uninstall -y tender", cwd=blog).status == 0
    assert "tender" not in machine.list("/usr/local/bin") + machine.list(f"{ANA.home}/.local/share/pipshunt/bin")


@pytest.mark.parametrize("suite", ["bookworm"], scope="session")
def test_a_command_of_the_distribution_s_is_never_hidden(machine: Throwaway, account: Account) -> None:
    machine.write(ROOT, "/usr/bin/tender", "#!/bin/sh\necho the distribution\n", 0o755)
    first = machine.log_in(account, "pip install tender && tender")
    assert (first.status, first.out.splitlines()[-1]) == (0, "the distribution"), first
    assert "pipshunt: tender still is /usr/bin/tender; the one that was installed: " in first.err
    machine.run(ROOT, "rm", "/usr/bin/tender")
    assert machine.log_in(account, "pip install railcar && tender").out.splitlines()[-1] == "tender 2.0"


@pytest.mark.parametrize("suite", ["bookworm"], scope="session")
@pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"])
def test_a_user_of_root_s_installation_has_scripts_in_a_login_shell(machine: Throwaway) -> None:
    machine.write(ANA, "/home/ana/shop/requirements.txt", "tender\n")
    result = machine.log_in(ANA, "pip install -r requirements.txt && tender", cwd="/home/ana/shop")
    assert (result.status, result.out.splitlines()[-1]) == (0, "tender 2.0"), result
    assert result.err.count("pipshunt: ") == 2, result
    links = "/home/ana/.local/share/pipshunt/bin"
    assert machine.list(links) == ["tender"]
    path = "/usr/local/bin:/usr/bin:/bin"  # a service's, cron's
    result = machine.run(
        ANA, "sh", "-c", "pip install --force-reinstall tender", cwd="/home/ana/shop", env={"PATH": path}
    )
    assert result.status == 0, result
    machine.run(ANA, "rm", "-r", "/home/ana/shop/.venv")
    result = machine.run(ANA, "sh", "-c", "pip install tender", cwd="/home/ana/shop", env={"PATH": path})
    line = f'pipshunt: tender is in {links}, which is not on PATH: export PATH={links}:"$PATH"\n'
    assert result.err.endswith(line), result


@pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"])
def test_in_a_container_everyone_has_the_scripts_of_a_run_line(machine: Throwaway) -> None:
    docker = {"container": "docker"}
    result = machine.run(ROOT, "/bin/sh", "-c", "pip install tender && tender", cwd="/", env=docker)
    assert (result.status, result.out.splitlines()[-1]) == (0, "tender 2.0"), result
    assert os.readlink(machine.base / "root/usr/local/bin/tender") == "/opt/venv/bin/tender"
    for account in (ROOT, ANA):
        assert machine.run(account, "tender", cwd="/", env=docker).out == "tender 2.0\n"
    assert machine.run(ROOT, "/bin/sh", "-c", "pip uninstall -y tender", cwd="/", env=docker).status == 0
    assert "tender" not in machine.list("/usr/local/bin")
