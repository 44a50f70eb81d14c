"""The two commands on a fresh machine: what `./install.sh pip install cowsay` does, and what it leaves alone."""

import os
import signal
import time
from pathlib import Path

import pytest

from roots.conftest import Installation
from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = pytest.mark.roots

# All that root's installation may write; an ordinary user's stays in the home folder.
MACHINE_PLACES = (
    *(
        "/opt/pipshunt/",
        "/usr/local/bin/",
        "/etc/profile.d/pipshunt.sh",
        "/etc/bash.bashrc",
        "/var/lib/pipshunt/",
        "/var/log/pipshunt/",
    ),
    *("/var/cache/pipshunt/", "/root/"),
)


def is_pythons_own(path: str) -> bool:
    return path.startswith(("/usr/lib/python3", "/usr/local/lib/python3"))


def test_the_command_succeeds_and_its_progress_is_shown(installation: Installation) -> None:
    result = installation.result
    assert result.status == 0, result
    assert "Successfully installed cowsay-" in result.out
    assert "pipshunt: 1/4 " in result.err
    assert "pipshunt: 3/4 " in result.err
    assert "externally-managed" not in result.err
    assert "Traceback" not in result.err


def test_what_was_installed_is_found_by_a_new_login_shell_in_that_folder(installation: Installation) -> None:
    with Throwaway(*installation.layers) as machine:
        found = machine.log_in(
            installation.account, "python3 -c 'import cowsay; print(cowsay.__file__)'", cwd=installation.checkout
        )
    assert found.out.startswith(f"{installation.checkout}/.venv/lib/python3"), found


def test_what_was_installed_is_found_by_a_new_interactive_shell(installation: Installation) -> None:
    account = installation.account
    with Throwaway(*installation.layers) as machine:
        argv = ("bash", "-ic", "python3 -c 'import cowsay; print(cowsay.__file__)'")
        found = machine.run(account, *argv, cwd=installation.checkout)
    assert found.out.startswith(f"{installation.checkout}/.venv/lib/python3"), found


def test_the_systems_python_does_not_have_it(installation: Installation) -> None:
    with Throwaway(*installation.layers) as machine:
        argv = ("/usr/bin/python3", "-c", "import cowsay")
        missing = machine.run(installation.account, *argv, cwd=installation.checkout)
    assert missing.status == 1
    assert "No module named 'cowsay'" in missing.err


def test_no_file_of_the_systems_python_was_added_changed_or_removed(installation: Installation) -> None:
    assert {path for path in installation.written if is_pythons_own(path)} == set()


def test_nothing_is_written_outside_of_its_own_places(installation: Installation) -> None:
    places = MACHINE_PLACES if installation.account == ROOT else (f"{ANA.home}/",)
    assert {path for path in installation.written if not path.startswith(places)} == set()


def test_the_package_manager_finds_the_python_packages_as_it_left_them(
    installation: Installation, base: tuple[Path, ...]
) -> None:
    verify = "dpkg -V $(dpkg-query -W -f '${Package}\\n' '*python*' '*pip*')"
    with Throwaway(*base) as fresh, Throwaway(*installation.layers) as machine:
        before, after = (m.run(ROOT, "sh", "-c", verify) for m in (fresh, machine))
    assert (after.status, after.out, after.err) == (before.status, before.out, before.err)
    assert "python3" not in after.out


def test_a_rerun_is_quick_and_changes_nothing(installation: Installation, machine: Throwaway, account: Account) -> None:
    started = time.monotonic()
    again = machine.run(account, "./install.sh", cwd=installation.checkout)
    seconds = time.monotonic() - started
    assert again.status == 0, again
    assert "there was nothing to build" in again.err
    assert {path for path in machine.written() if "__pycache__" not in path} == set()
    assert seconds < 3


def test_an_interrupted_run_leaves_nothing_half_done_and_the_next_succeeds(
    installation: Installation, base: tuple[Path, ...], connection: dict[str, str]
) -> None:
    account = installation.account
    with Throwaway(*base) as machine:
        with machine.start(account, "./install.sh", cwd=installation.checkout, env=connection) as process:
            time.sleep(1)
            for pid in machine.processes():
                os.kill(pid, signal.SIGKILL)
            process.communicate()
        python = machine.log_in(account, "pip --version && python3 -c 'print(1)'")
        assert python.out.endswith("1\n"), python
        again = machine.run(
            account, "./install.sh", "pip", "install", "cowsay", cwd=installation.checkout, env=connection
        )
        assert again.status == 0, again
        written = {path for path in machine.written() if not path.startswith(installation.checkout)}
    assert count_engines(written) == 1


def count_engines(written: set[str]) -> int:
    """Count the engines among the folders that were added."""
    return len(
        {
            path.split("/engines/")[1].split("/")[0]
            for path in written
            if "/engines/" in path and not path.endswith("/engines/")
        }
    )
