"""The way out on a whole machine: what is left after it, file by file, and that pip and python3 are the system's again."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from roots.conftest import STAND_INS, Installation
from roots.footprint import find_differences
from roots.throwaway import ROOT, Account, Throwaway

pytestmark = [pytest.mark.roots, pytest.mark.one_suite]


class Used(NamedTuple):
    """A machine on which all of pipshunt was in use, and what it had been before install.sh."""

    machine: Throwaway
    account: Account
    checkout: str
    fresh: tuple[Path, ...]

    @property
    def prefix(self) -> str:
        return "/opt/pipshunt" if self.account == ROOT else f"{self.account.home}/.local/share/pipshunt"

    def differences(self) -> set[str]:
        """Return in what it is not as before; but not the cache that pip itself keeps, nor what the test has written."""
        home, offline = self.account.home, self.machine.lower[1]
        others = (f"{home}/.cache/pip", f"{home}/work/pyproject.toml")
        return {
            path
            for path in find_differences(self.machine, self.fresh)
            if not (offline / path.lstrip("/")).exists()
            and path not in (f"{home}/.cache", f"{home}/work")
            and not path.startswith(others)
        }


@pytest.fixture(scope="session")
def used_layers(installation: Installation, offline: Path, scratch: Path) -> tuple[Path, ...]:
    assert installation.result.status == 0, installation.result
    with Throwaway(offline, *installation.layers) as machine:
        use_everything(machine, installation.account)
        return machine.save(Path(tempfile.mkdtemp(dir=scratch))), offline, *installation.layers


@pytest.fixture
def used(installation: Installation, used_layers: tuple[Path, ...]) -> Iterator[Used]:
    with Throwaway(*used_layers) as machine:
        yield Used(machine, installation.account, installation.checkout, installation.layers[1:])


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


def assert_pip_is_the_systems(used: Used) -> None:
    for shell in ("sh -c", "bash -lc", "bash -ic", "bash -c"):
        argv = (*shell.split(), "command -v pip; command -v python3; pip --version >/dev/null")
        done = used.machine.run(used.account, *argv, cwd=used.account.home)
        assert (done.status, done.out) == (0, "/usr/bin/pip\n/usr/bin/python3\n"), done
        assert "pipshunt" not in done.err


def is_within(path: str, folders: list[str]) -> bool:
    """Whether *path* is one of *folders*, below it, or a folder above it."""
    return any(f"{path}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{path}/") for folder in folders)


def test_with_all_the_machine_is_as_it_was_but_for_the_environments_of_projects(used: Used) -> None:
    done = used.machine.log_in(used.account, "pipshunt uninstall --all")
    assert (done.status, done.err) == (0, ""), done
    projects = tuple(f"{folder}/.venv" for folder in (used.checkout, f"{used.account.home}/work"))
    assert {path for path in used.differences() if not path.startswith(projects)} == set()
    for project in projects:
        assert not [name for name in used.machine.list(project) if name.startswith(".pipshunt")]
    assert_pip_is_the_systems(used)
    again = used.machine.run(used.account, "./install.sh", "--uninstall", cwd=used.checkout)
    assert (again.status, again.out) == (0, "pipshunt: there is nothing to take away\n"), again


def test_what_is_kept_is_what_is_told_and_goes_with_the_command_that_is_told(used: Used) -> None:
    done = used.machine.log_in(used.account, "pipshunt uninstall --json")
    assert (done.status, done.err) == (0, ""), done
    told = json.loads(done.out)
    left = [thing["path"] for thing in told["left"]]
    assert {path for path in used.differences() if not is_within(path, left)} == set()
    assert_pip_is_the_systems(used)
    assert used.machine.run(used.account, "sh", "-c", told["command"]).status == 0
    projects = [path for path in left if path.endswith("/.venv")]
    empty = [used.prefix, "/var/lib/pipshunt", "/var/log/pipshunt", f"{used.account.home}/.local/state"]
    assert {path for path in used.differences() if not is_within(path, projects + empty)} == set()


# What is typed, and whether a shim that has lost its engine says so.
LINES = {
    "pip --version": False,
    "python3 -c 'print(1)'": False,
    "/usr/bin/python3 -m pip --version": False,
    "pip list": True,
}
REMOVED = ("{prefix}/engines", "{prefix}")
REMOVED_IN_FULL = ("{state}", "{cache}", "{prefix}/engine/bin/python", "{prefix}/bin/pipshunt-shim")


def test_whatever_is_removed_by_hand_python_and_pip_go_on_and_install_sh_repairs(
    request: pytest.FixtureRequest, installation: Installation, used_layers: tuple[Path, ...]
) -> None:
    account, home = installation.account, installation.account.home
    is_root = account == ROOT
    places = {
        "prefix": "/opt/pipshunt" if is_root else f"{home}/.local/share/pipshunt",
        "state": "/var/lib/pipshunt" if is_root else f"{home}/.local/state/pipshunt",
        "cache": "/var/cache/pipshunt" if is_root else f"{home}/.cache/pipshunt",
    }
    for what in REMOVED + (REMOVED_IN_FULL if request.config.getoption("--full") else ()):
        with Throwaway(*used_layers) as machine:
            assert machine.run(account, "rm", "-rf", what.format(**places)).status == 0
            for line, is_told in LINES.items():
                told = is_told and what == "{prefix}/engines"
                assert_it_goes_on(machine, account, line, told=told)
            repaired = machine.run(account, "./install.sh", cwd=installation.checkout, env=STAND_INS)
            assert repaired.status == 0, repaired
            done = machine.log_in(account, "pip install tender && python3 -c 'import tender'", cwd=f"{home}/work")
            assert done.status == 0, done


def assert_it_goes_on(machine: Throwaway, account: Account, line: str, *, told: bool) -> None:
    for shell in ("sh -c", "bash -lc", "bash -ic"):
        done = machine.run(account, *shell.split(), line, cwd=f"{account.home}/work")
        said = [words for words in done.err.splitlines() if "job control" not in words and "process group" not in words]
        assert done.status == 0, (shell, line, done)
        assert all(told and words.startswith("pipshunt: the engine is gone (") for words in said), (shell, line, done)
