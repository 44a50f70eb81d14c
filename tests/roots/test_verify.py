"""`pipshunt verify` on whole machines: what was asked for, and the OS's Python as dpkg knows it."""

import json
from typing import Any

import pytest

from roots.throwaway import ROOT, Account, Throwaway

pytestmark = pytest.mark.roots


def _verify(machine: Throwaway, account: Account, words: str = "") -> dict[str, Any]:
    done = machine.log_in(account, f"pipshunt verify --json {words}", cwd=account.home)
    said: dict[str, Any] = json.loads(done.out)
    assert done.status == (0 if said["well"] else 1), done
    assert done.err == "", done
    return said


def _told(said: dict[str, Any], level: str = "finding") -> list[str]:
    return [result["message"] for result in said["results"] if result["level"] == level]


@pytest.fixture
def tender(machine: Throwaway, account: Account) -> Throwaway:
    """A machine with a script and a dependency in the environment that python3 follows outside of projects."""
    done = machine.log_in(account, "pip install tender", cwd=account.home)
    assert done.status == 0, done
    return machine


def test_the_oss_python_is_well_until_it_is_changed_and_then_its_packages_are_named(
    tender: Throwaway, account: Account
) -> None:
    before = tender.written()
    said = _verify(tender, account)
    assert said["well"], said
    assert {"name": "tender", "version": "2.0"} in said["asked"]
    assert [result["subject"] for result in said["results"] if result["check"] == "scripts"] == ["tender"]
    assert tender.written() == before
    version = ".".join(said["python"]["version"].split(".")[:2])
    stdlib = f"/usr/lib/python{version}"
    local = f"/usr/local/lib/python{version}/dist-packages"
    spoil = (
        f"rm {stdlib}/EXTERNALLY-MANAGED; echo '# changed' >>{stdlib}/os.py; rm -rf /usr/share/doc/python3;"
        f"touch /usr/lib/python3/dist-packages/foreign.py; mkdir -p {local}/own"
    )
    assert tender.run(ROOT, "sh", "-ec", spoil).status == 0
    said = _verify(tender, account)
    marker_gone = " is gone, so that pip no longer knows whose Python this is"
    assert _told(said) == [
        f"{stdlib}/os.py was changed; it is of libpython{version}-minimal:amd64",
        f"{stdlib}/EXTERNALLY-MANAGED{marker_gone}; it is of libpython{version}-stdlib:amd64",
        "/usr/lib/python3/dist-packages holds foreign.py, which no package of the OS has brought",
    ]
    assert _told(said, "notice")[-1] == f"{local}, where the OS's Python looks too, holds own"
    sudo = "" if account.uid == 0 else "sudo "
    commands = [result["next"] for result in said["results"] if result["check"] == "os python" and result["next"]]
    assert commands == [f"{sudo}apt install --reinstall libpython{version}-{part}" for part in ("minimal", "stdlib")]
    assert tender.run(ROOT, "mv", "/usr/bin/dpkg-query", "/usr/bin/gone").status == 0  # as with busybox's dpkg alone
    unasked = f"/usr/bin/python{version} was not checked: no package manager that can be asked here has brought it"
    assert unasked in _told(_verify(tender, account), "notice")


def test_a_final_stage_is_verified_without_a_log_and_without_the_oss_pip(
    tender: Throwaway, account: Account, pytestconfig: pytest.Config
) -> None:
    """What COPY --from brings, with and without a pip in it; as long as there is one, it must agree."""
    if account.uid != 0 and not pytestconfig.getoption("--full"):
        pytest.skip("--full only: the same for an ordinary user")
    assert tender.log_in(account, "pip uninstall -y railcar", cwd=account.home).status == 0
    check = tender.log_in(account, "python3 -m pip check", cwd=account.home)
    assert check.out == "tender 2.0 requires railcar, which is not installed.\n"
    logs = f"/var/log/pipshunt {account.home}/.local/state/pipshunt/audit.jsonl"
    assert tender.run(ROOT, "sh", "-ec", f"rm -rf {logs}").status == 0
    said = _verify(tender, account, "'tender>=3' nowhere")
    assert _told(said) == [
        "tender>=3 was asked for by the command line, and tender 2.0 is installed",
        "nowhere is not installed; asked for by the command line",
        "tender 2.0 requires railcar, which is not installed",
    ]
    pips = f"/usr/lib/python3/dist-packages/pip* {said['python']['prefix']}/lib/python3*/site-packages/pip"
    assert tender.run(ROOT, "sh", "-ec", f"rm -rf {pips}").status == 0
    said = _verify(tender, account)
    assert {"name": "tender", "version": "2.0"} in said["asked"]
    unread = "not checked: neither pip nor packaging is here, which could read requirements" in _told(said, "notice")
    has_packaging = bool(tender.list("/usr/lib/python3/dist-packages/packaging"))  # Debian testing's pip brings it
    assert unread is not has_packaging
    assert ("tender 2.0 requires railcar, which is not installed" in _told(said)) is has_packaging


def test_a_python_without_anything_installed_is_a_finding(
    machine: Throwaway, account: Account, pytestconfig: pytest.Config
) -> None:
    if not pytestconfig.getoption("--full"):
        pytest.skip("--full only: the same on each machine")
    said = _verify(machine, account, "--python /usr/bin/python3")
    assert _told(said) == ["nothing was asked for in /usr, and nothing is installed there: there is nothing to verify"]
