"""What fails beside an install, on whole machines: ensurepip, get-pip.py, an upgrade of pip, a name from apt."""

import pytest
from test_bootstrap import GET_PIP

from roots.throwaway import Account, Throwaway

pytestmark = pytest.mark.roots


def sudo(account: Account) -> str:
    return "" if account.uid == 0 else "sudo "


def test_debians_ensurepip_and_get_pip_lead_to_the_pip_that_is_there(machine: Throwaway, account: Account) -> None:
    home = f"{account.home}/elsewhere"
    get_pip = GET_PIP.replace("@VERSION@", "26.1.1").replace("@LEAST@", "3, 10")
    machine.write(account, f"{home}/get-pip.py", get_pip)
    real = machine.log_in(account, "/usr/bin/python3 -m ensurepip", cwd=home)
    assert (real.status, real.err) == (1, "/usr/bin/python3: No module named ensurepip\n")
    real = machine.log_in(account, "/usr/bin/python3 get-pip.py", cwd=home)
    assert real.err.startswith("error: externally-managed-environment")
    machine.log_in(account, "rm -rf .local/state/pipshunt /var/lib/pipshunt/follow", cwd=account.home)
    for words, said, proposed in (
        ("-m ensurepip", "Debian manages /usr/bin/python3, and leaves ensurepip out of it", "NAME"),
        (
            "get-pip.py",
            "get-pip.py would install pip 26.1.1 into /usr/bin/python3, which Debian manages",
            "--upgrade pip",
        ),
    ):
        done = machine.log_in(account, f"python3 {words}", cwd=home)
        lines = done.err.splitlines()
        assert (done.status, done.out, lines[0]) == (1, "", f"pipshunt: refused: {said}"), done
        assert lines[-1] == f"next: python3 -m pip install {proposed}"
    assert machine.log_in(account, "python3 -m pip install railcar", cwd=home).status == 0


def test_an_upgrade_of_pip_names_apts_command_and_apt_knows_it(machine: Throwaway, account: Account) -> None:
    done = machine.log_in(account, "pip install --upgrade pip", cwd=account.home)
    assert done.status == 0, done
    told, _, command = done.err.splitlines()[-1].partition(", and is upgraded by: ")
    assert told.startswith("pipshunt: that was the environment's pip; Debian's own ")
    assert command == f"{sudo(account)}apt install --only-upgrade python3-pip"
    simulated = machine.log_in(account, f"{command.removeprefix('sudo ')} --simulate", cwd=account.home)
    assert "python3-pip is already the newest version" in simulated.out, simulated


def test_a_name_from_apt_is_told_the_projects(machine: Throwaway, account: Account) -> None:
    done = machine.log_in(account, "pip install python3-yaml", cwd=account.home)
    assert done.status == 1
    assert done.err.splitlines()[-1] == (
        "pipshunt: python3-yaml is an OS package's name; from the index it is: pip install pyyaml "
        f"(for the OS's Python: {sudo(account)}apt install python3-yaml)"
    )
