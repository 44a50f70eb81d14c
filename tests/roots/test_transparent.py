"""Transparent mode on whole machines: pip by its path, by sys.executable; footprint of on and off; old and new Pythons."""

import json

import pytest

from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = pytest.mark.roots

HOOK = "pipshunt-transparent.pth"
ENVIRONMENTS = {"ana": "/home/ana/.local/share/pipshunt/envs/python3.", "root": "/opt/pipshunt/envs/python3."}


@pytest.fixture(autouse=True)
def _chosen(request: pytest.FixtureRequest, suite: str, account: Account) -> None:
    if not request.config.getoption("--full") and (suite != "bookworm" or account is not ROOT):
        pytest.skip("--full has the other suites, and users (tests/transparent has one of these)")


def turn_on(machine: Throwaway, account: Account) -> None:
    done = machine.log_in(account, f"pipshunt transparent on{'' if account is ROOT else ' --user'}")
    assert done.status == 0, done


def test_every_way_to_pip_leads_to_one_environment_and_off_leaves_no_trace(
    machine: Throwaway, account: Account
) -> None:
    assert machine.log_in(account, "/usr/bin/pip3 install railcar").status == 1
    before = machine.written()
    turn_on(machine, account)
    done = machine.log_in(account, "/usr/bin/pip3 install railcar", cwd="/")
    assert done.status == 0, done
    assert "/usr/bin/python3 by its path goes on without it; " + ENVIRONMENTS[account.name] in done.err
    script = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-m', 'pip', 'install', 'tender']))"
    done = machine.log_in(account, f'/usr/bin/python3 -c "{script}"', cwd="/tmp")
    assert done.status == 0, done
    for pip in ("/usr/bin/pip3", "/usr/bin/python3 -m pip", "/usr/bin/python3 -m pip.__main__", "pip"):
        assert machine.log_in(account, f"{pip} freeze", cwd="/").out == "railcar==1.0\ntender==2.0\n"
    assert machine.log_in(account, "/usr/bin/pip3 uninstall -y railcar tender").status == 0
    status = json.loads(machine.log_in(account, "pipshunt transparent status --json").out)
    (line,) = [line for line in status["interpreters"] if line["interpreter"] == "/usr/bin/python3"]
    assert line["state"] == "on"
    assert line["place"].endswith(f"/{HOOK}")
    assert machine.log_in(account, "pipshunt transparent off").status == 0
    added = {path for path in machine.written() - before if HOOK in path or path.endswith("transparent.json")}
    assert added == set()
    assert machine.log_in(account, "/usr/bin/pip3 install railcar").status == 1


def test_nobody_but_root_is_changed_by_a_users_and_everyone_by_roots(machine: Throwaway, account: Account) -> None:
    turn_on(machine, account)
    other = ANA if account is ROOT else ROOT
    done = machine.run(other, "/usr/bin/pip3", "install", "railcar", cwd="/")
    assert (done.status == 0) is (account is ROOT), done
    if account is ROOT:
        place = "/home/ana/.local/share/pipshunt/envs/python3."
        assert place in done.err
        refused = machine.run(ANA, "/usr/local/bin/pipshunt", "transparent", "off")
        assert refused.status == 1
        assert refused.err == (
            "pipshunt: the machine's stays on, for it is root's to switch off: sudo pipshunt transparent off\n"
        )


def test_a_hook_for_a_python_that_an_upgrade_removed_is_stale_and_goes(machine: Throwaway, account: Account) -> None:
    if account is not ROOT:
        pytest.skip("--full has no more than root's here: tests/transparent has a user's")
    turn_on(machine, account)
    version = machine.run(
        ROOT, "/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"
    ).out.strip()
    old = f"/usr/local/lib/python3.7/dist-packages/{HOOK}"
    machine.write(ROOT, old, machine.read(f"/usr/local/lib/python{version}/dist-packages/{HOOK}"))
    status = machine.log_in(ROOT, "pipshunt transparent status")
    assert status.status == 1
    assert f"{old}: no Python on PATH reads it any more; next: pipshunt transparent off" in status.out
    assert machine.log_in(ROOT, "pipshunt transparent off").status == 0
    assert machine.read(old) == ""


def test_an_upgrade_of_pipshunt_keeps_it_and_an_uninstallation_takes_it_away(
    machine: Throwaway, account: Account
) -> None:
    turn_on(machine, account)
    assert machine.log_in(account, "/usr/bin/pip3 install railcar", cwd="/").status == 0
    again = machine.run(account, "./install.sh", cwd=f"{account.home}/pipshunt")
    assert again.status == 0, again
    assert machine.log_in(account, "/usr/bin/pip3 freeze", cwd="/").out == "railcar==1.0\n"
    gone = machine.log_in(account, "pipshunt uninstall")
    assert gone.status == 0, gone
    assert not [path for path in machine.written() if HOOK in path]
    refused = machine.log_in(account, "/usr/bin/pip3 install tender", cwd="/")
    assert refused.err.startswith("error: externally-managed-environment"), refused


def test_deleting_the_engine_by_hand_leaves_a_working_pip(machine: Throwaway, account: Account) -> None:
    turn_on(machine, account)
    prefix = "/opt/pipshunt" if account is ROOT else "/home/ana/.local/share/pipshunt"
    assert machine.run(ROOT, "rm", "-r", prefix).status == 0
    done = machine.run(account, "/usr/bin/python3", "-m", "pip", "install", "railcar")
    assert done.err.startswith("error: externally-managed-environment"), done
    assert machine.run(account, "/usr/bin/pip3", "list").status == 0
