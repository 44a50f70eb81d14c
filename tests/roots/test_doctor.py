"""The doctor on whole machines: before and after an installation, where something is taken away, and with real sudo."""

import json
from pathlib import Path
from typing import Any

import pytest
from machine import Result

from roots.conftest import Installation, lay_account
from roots.minimal_root import Unavailable, provide_root
from roots.throwaway import ANA, ROOT, Account, Throwaway, find_obstacle

pytestmark = pytest.mark.roots

FROM_CHECKOUT = "PYTHONPATH=pipshunt/src python3 -B -m pipshunt.cli doctor --wait 20"
DOCTOR = "pipshunt doctor --wait 20"


def findings(result: Result) -> dict[str, str]:
    """What is to be done, and by which command."""
    told: dict[str, Any] = json.loads(result.out)
    return {found["code"]: found["fix"] for found in told["findings"] if found["level"] != "fine"}


@pytest.mark.parametrize("account", [ANA, ROOT], ids=["user", "root"])
def test_on_a_fresh_machine_it_says_what_sets_pipshunt_up(base: tuple[Path, ...], account: Account) -> None:
    with Throwaway(*base) as fresh:
        done = fresh.log_in(account, FROM_CHECKOUT)
        told = fresh.log_in(account, f"{FROM_CHECKOUT} --json")
        assert {path for path in fresh.written() if "__pycache__" not in path} == set()
    assert (done.status, done.err) == (1, "")
    assert done.out.startswith("pipshunt doctor: 1 problem\n\nproblem  pipshunt is not set up for you")
    assert findings(told) == {"not-set-up": "./install.sh"}


def test_after_the_installation_all_is_well(installation: Installation, machine: Throwaway, account: Account) -> None:
    done = machine.log_in(account, DOCTOR, cwd=installation.checkout)
    assert (done.status, done.err) == (0, ""), done
    lines = done.out.splitlines()
    assert lines[0] == "pipshunt doctor: all is well"
    assert [line.split()[-5:] for line in lines if line.startswith(("interactive bash ", "login bash "))] == [
        ["shim", "/usr/bin/pip", "shim", "/usr/bin/python3", "-"]
    ] * 2
    here = " ".join(done.out.partition("\nhere ")[2].partition("\npolicies")[0].split())
    assert here.startswith(f"project {installation.checkout.replace(account.home, '~')} (followed); python3.")
    assert here.endswith("/.venv")
    assert {path for path in machine.written() if "__pycache__" not in path} == set()


def test_what_people_do_to_a_machine_is_found_and_mended(machine: Throwaway, account: Account) -> None:
    machine.run(ROOT, "sh", "-c", "rm /usr/lib/python3.*/EXTERNALLY-MANAGED; printf '#!/bin/sh\n' >/usr/bin/python3.15")
    machine.run(ROOT, "chmod", "755", "/usr/bin/python3.15")
    machine.write(account, f"{account.home}/.config/pip/pip.conf", "[global]\nbreak-system-packages = true\n")
    machine.run(account, "sh", "-c", "echo \"alias pip='/usr/bin/pip'\" >>~/.bashrc")
    done = machine.log_in(account, f"{DOCTOR} --json")
    assert done.status == 1
    found = findings(done)
    assert set(found) == {"marker-removed", "shim-missing-harmless", "override-pip-conf", "alias"}
    assert " apt install --reinstall libpython3." in f" {found['marker-removed']}"
    for code in ("shim-missing-harmless", "override-pip-conf"):
        mended = machine.log_in(account, found[code])
        assert mended.status == 0, mended
    assert set(findings(machine.log_in(account, f"{DOCTOR} --json"))) == {"marker-removed", "alias"}


def test_an_engine_that_lost_its_python_is_mended_by_the_checkout(
    installation: Installation, machine: Throwaway, account: Account
) -> None:
    engine = "~/.local/share/pipshunt/engine" if account == ANA else "/opt/pipshunt/engine"
    machine.log_in(account, f"rm {engine}/lib/python3.*/site-packages/pipshunt/engine.py")
    assert findings(machine.log_in(account, f"{DOCTOR} --json")) == {"engine-broken": "./install.sh"}


def test_root_runs_nothing_that_others_may_have_written(base: tuple[Path, ...]) -> None:
    with Throwaway(*base) as machine:
        machine.write(ANA, f"{ANA.home}/bin/bash", '#!/bin/sh\ntouch /run/shell\nexec /bin/bash "$@"\n')
        machine.run(ANA, "chmod", "755", f"{ANA.home}/bin/bash")
        machine.write(ANA, "/tmp/.bashrc", "touch /run/rc\n")
        asked = f"SHELL={ANA.home}/bin/bash HOME=/tmp {FROM_CHECKOUT} --json"
        views = {view["label"] for view in json.loads(machine.log_in(ROOT, asked).out)["views"]}
        assert {"interactive bash", "login bash"} <= views, "root's own"
        assert machine.run(ROOT, "sh", "-c", "ls -d /run/shell /run/rc 2>/dev/null").out == ""
        machine.run(ROOT, "sh", "-c", "touch ~/.bashrc; chmod 666 ~/.bashrc")
        views = {view["label"] for view in json.loads(machine.log_in(ROOT, asked).out)["views"]}
        assert not {"interactive bash", "login bash"} & views


@pytest.mark.parametrize("suite", ["forky"], scope="session")
def test_real_sudo_that_hides_the_shims_is_led_to_them_by_the_fix(
    request: pytest.FixtureRequest, suite: str, connection: dict[str, str]
) -> None:
    if not request.config.getoption("--full"):
        pytest.skip("--full builds a root with sudo")
    obstacle = find_obstacle()
    if obstacle:
        pytest.skip(f"no whole machines here: {obstacle}")
    try:
        root = provide_root(suite, "sudo")
    except Unavailable as error:
        pytest.skip(f"no whole machines here: {error}")
    with Throwaway(root) as machine:
        lay_account(machine, connection)
        assert machine.run(ROOT, "./install.sh", cwd="/root/pipshunt", env=connection).status == 0
        found = findings(machine.log_in(ROOT, f"{DOCTOR} --json"))
        assert found == {"sudo-unreached": "./install.sh --system --sudoers"}
        mended = machine.log_in(ROOT, found["sudo-unreached"], cwd="/root/pipshunt")
        assert mended.status == 0, mended
        assert findings(machine.log_in(ROOT, f"{DOCTOR} --json")) == {}
        assert findings(machine.log_in(ANA, f"{DOCTOR} --json")) == {}
