"""The way out on a whole machine: what is left after it, file by file, and that pip and python3 are the system's again."""

import json

import pytest

from roots.conftest import Installation
from roots.footprint import find_differences
from roots.throwaway import ROOT, Account, Throwaway

pytestmark = pytest.mark.roots


def use_everything(machine: Throwaway, account: Account) -> None:
    """Leave what can be left: environments of each track, console scripts, transparent mode, a shell with the hook."""
    machine.write(account, f"{account.home}/work/pyproject.toml", "")
    for cwd in ("/", f"{account.home}/work"):
        done = machine.log_in(account, "pip install tender && python3 -c 'import tender'", cwd=cwd)
        assert done.status == 0, done
    user = "" if account == ROOT else " --user"
    done = machine.log_in(account, f"pipshunt transparent on{user} /usr/bin/python3")
    assert done.status == 0, done
    assert machine.log_in(account, "bash -ic 'cd ~/work && cd / && pip list' </dev/null").status == 0
    if account == ROOT:
        done = machine.log_in(account, "container=docker pip install tender && test -d /opt/venv", cwd="/")
        assert done.status == 0, done


def is_elses(path: str, account: Account, projects: tuple[str, ...]) -> bool:
    """Whether *path* is a project's environment, or in the cache that pip itself keeps: neither is ours to remove."""
    kept = [f"{project}/.venv" for project in projects] + [f"{account.home}/.cache/pip"]
    return any(path == folder or path.startswith(f"{folder}/") for folder in kept) or path in (
        f"{account.home}/.cache",
        f"{account.home}/work",
        f"{account.home}/work/pyproject.toml",
    )


def assert_pip_is_the_systems(machine: Throwaway, account: Account) -> None:
    for shell in ("sh -c", "bash -lc", "bash -ic", "bash -c"):
        argv = (*shell.split(), "command -v pip; command -v python3; pip --version >/dev/null")
        done = machine.run(account, *argv, cwd=account.home)
        assert (done.status, done.out) == (0, "/usr/bin/pip\n/usr/bin/python3\n"), done
        assert "pipshunt" not in done.err


def test_with_all_nothing_of_ours_is_left(
    installation: Installation, base: tuple[object, ...], machine: Throwaway, account: Account
) -> None:
    use_everything(machine, account)
    done = machine.log_in(account, "pipshunt uninstall --all")
    assert (done.status, done.err) == (0, ""), done
    projects = (installation.checkout, f"{account.home}/work")
    offline = machine.lower[0]
    differences = {
        path
        for path in find_differences(machine, installation.layers[1:])
        if not is_elses(path, account, projects) and not (offline / path.lstrip("/")).exists()
    }
    assert differences == set()
    assert not [name for name in machine.list(f"{account.home}/work/.venv") if name.startswith(".pipshunt")]
    assert_pip_is_the_systems(machine, account)
    again = machine.run(account, "./install.sh", "--uninstall", cwd=installation.checkout)
    assert (again.status, again.out) == (0, "pipshunt: there is nothing to take away\n"), again


def test_what_is_kept_is_what_is_told(installation: Installation, machine: Throwaway, account: Account) -> None:
    use_everything(machine, account)
    done = machine.log_in(account, "pipshunt uninstall --json")
    assert (done.status, done.err) == (0, ""), done
    told = json.loads(done.out)
    left = [thing["path"] for thing in told["left"]]
    offline = machine.lower[0]
    differences = {
        path
        for path in find_differences(machine, installation.layers[1:])
        if not (offline / path.lstrip("/")).exists() and not is_elses(path, account, ())
    }
    untold = {path for path in differences if not any(f"{path}/".startswith(f"{folder}/") for folder in left)}
    assert {path for path in untold if not any(folder.startswith(f"{path}/") for folder in left)} == set()
    assert_pip_is_the_systems(machine, account)
    removed = machine.run(account, "sh", "-c", told["command"])
    assert removed.status == 0, removed
    assert not [path for path in told["command"].split() if path.startswith("/") and machine.list(path)]
