"""Real sudo on Debian 12, 13 and testing: whose an install is, whose its files are, and where secure_path hides the shims."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Result

from roots.conftest import FURTHER_SUITES, SUITES, lay_account
from roots.minimal_root import Unavailable, provide_root
from roots.test_becoming_user import SHOP, WHERE, owned_by_root
from roots.throwaway import ANA, ROOT, Throwaway, find_obstacle

pytestmark = [
    pytest.mark.roots,
    pytest.mark.parametrize("suite", [*SUITES, *FURTHER_SUITES, "forky with sudo-rs"], scope="session"),
]

HIDING = ("forky", "forky with sudo-rs")  # from sudo 1.9.17p2-6 on, Debian's secure_path leaves /usr/local/bin out
DROP_IN = "/etc/sudoers.d/pipshunt"
WRITTEN = """\
# Written by pipshunt: leads sudo to its shims, by the secure_path that was in effect, with one folder ahead.
Defaults secure_path="/opt/pipshunt/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""


SUDOERS = 'Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"\nroot ALL=(ALL:ALL) ALL\n'


@pytest.fixture(scope="session")
def layers(
    request: pytest.FixtureRequest, suite: str, scratch: Path, connection: dict[str, str], uv: Path
) -> tuple[Path, ...]:
    """The layers of a machine with sudo, on which root has run `install.sh --system`; ana may do all by sudo."""
    release, _, package = suite.partition(" with ")
    if not request.config.getoption("--full"):
        pytest.skip("--full builds roots with sudo")
    obstacle = find_obstacle()
    if obstacle:
        pytest.skip(f"no whole machines here: {obstacle}")
    try:
        root = provide_root(release, package or "sudo")
    except Unavailable as error:
        pytest.skip(f"no whole machines here: {error}")
    with Throwaway(root) as machine:
        lay_account(machine, connection)
        if package == "sudo-rs":  # Debian's is installed beside a sudo, and has no sudoers of its own
            machine.write(ROOT, "/etc/sudoers", f"{SUDOERS}@includedir /etc/sudoers.d\n", 0o440)
            machine.run(ROOT, "sh", "-c", "cd /usr/bin && ln -s sudo-rs sudo && ln -s ../bin/visudo-rs ../sbin/visudo")
        machine.write(ROOT, "/etc/sudoers.d/ana", "ana ALL=(ALL:ALL) NOPASSWD: ALL\n", 0o440)
        machine.write(ROOT, "/usr/bin/uv", uv.resolve().read_bytes(), 0o755)
        done = machine.run(ROOT, "./install.sh", "--system", cwd="/root/pipshunt", env=connection)
        assert done.status == 0, done
        machine.write(ROOT, "/root/said", done.err)
        return machine.save(Path(tempfile.mkdtemp(dir=scratch))), root


@pytest.fixture
def server(layers: tuple[Path, ...], offline: Path) -> Iterator[Throwaway]:
    """That machine, with a project of ana's."""
    with Throwaway(offline, *layers) as machine:
        machine.write(ANA, f"{SHOP}/requirements.txt", "railcar\n")
        yield machine


@pytest.fixture
def led(server: Throwaway, suite: str) -> Throwaway:
    """That machine, where sudo finds the shims."""
    if suite in HIDING:
        done = server.run(ROOT, "./install.sh", "--system", "--sudoers", cwd="/root/pipshunt")
        assert done.status == 0, done
    return server


def by_ana(machine: Throwaway, line: str, cwd: str = SHOP) -> Result:
    return machine.run(ANA, "sh", "-c", line, cwd=cwd)


UV = "UV_OFFLINE=1 UV_FIND_LINKS=/srv/wheels uv"


@pytest.mark.parametrize(
    "line",
    [
        "sudo pip install railcar",
        "sudo -H pip install -r requirements.txt",
        "sudo -E pip3 install railcar",
        "sudo python3 -m pip install railcar",
        f"sudo {UV} pip install railcar",
        f"sudo -E {UV} pip install --system railcar",
        'sudo env PATH="$PATH" pip install railcar',
        "sudo sh -c 'pip install railcar'",
        "sudo -s pip install railcar",
    ],
)
def test_in_the_callers_project_the_call_is_the_callers(led: Throwaway, line: str) -> None:
    result = by_ana(led, line)
    assert result.status == 0, result
    assert "(run as ana, whose project this is)" in result.err
    assert by_ana(led, "python3 -c 'import railcar; print(railcar.__file__)'").out.startswith(
        f"{SHOP}/.venv/lib/python3."
    )
    assert owned_by_root(led) == []
    removed = by_ana(led, "sudo pip uninstall -y railcar")
    assert removed.status == 0, removed
    assert owned_by_root(led) == []


@pytest.mark.parametrize(
    "line",
    [
        "sudo pip install railcar",
        "sudo -E pip install railcar",
        "sudo -H python3 -m pip install railcar",
        f"sudo -E {UV} pip install railcar",
        f"sudo -E {UV} pip install --system railcar",
    ],
)
def test_elsewhere_it_is_the_machines(led: Throwaway, line: str) -> None:
    result = by_ana(led, line, cwd="/home/ana")
    assert result.status == 0, result
    assert led.run(ANA, *WHERE, cwd="/").out.startswith("/opt/pipshunt/envs/python3.")
    assert owned_by_root(led) == []
    assert led.list("/home/ana/.cache") == []


def test_another_user_is_another_user(led: Throwaway) -> None:
    led.run(ROOT, "useradd", "--create-home", "--uid", "1001", "bob")
    result = by_ana(led, "sudo -u bob pip install railcar", cwd="/")
    assert result.status == 0, result
    assert "/home/bob/.local/share/pipshunt/envs/python3." in result.err
    assert owned_by_root(led) == []
    assert owned_by_root(led, "/home/bob") == []


def test_a_signal_to_sudo_ends_it_and_leaves_no_half_of_it(led: Throwaway) -> None:
    lines = '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
    led.write(ANA, f"{SHOP}/pyproject.toml", lines)
    led.write(ANA, f"{SHOP}/b.py", "import time\nopen('started', 'w').close()\ntime.sleep(60)\n")
    with led.start(ANA, "sudo", "pip", "install", ".", cwd=SHOP) as process:
        end = time.monotonic() + 30
        while not led.list(SHOP).count("started") and time.monotonic() < end:
            time.sleep(0.05)
        (sudo, *_) = sorted(pid for pid, line in led.processes().items() if line.startswith("sudo pip"))
        os.kill(sudo, signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode != 0
    assert owned_by_root(led) == []
    assert [line for line in led.processes().values() if "pip" in line] == []


def test_explain_under_sudo_tells_the_same(led: Throwaway) -> None:
    result = by_ana(led, "sudo /opt/pipshunt/bin/pipshunt explain pip install railcar")
    assert f"track        project: {SHOP}/.venv (new)" in result.out, result
    assert owned_by_root(led) == []


def test_where_secure_path_hides_the_shims_the_remedy_is_offered_and_nothing_is_done(
    server: Throwaway, suite: str
) -> None:
    said = server.read("/root/said")
    assert server.list("/etc/sudoers.d") in (["ana"], ["README", "ana"])
    if suite not in HIDING:
        assert "sudo" not in said
        return
    assert said.splitlines()[-1] == (
        "pipshunt: sudo looks for commands in /usr/sbin:/usr/bin:/sbin:/bin alone, so `sudo pip` leads around pipshunt; "
        "to change that: /root/pipshunt/install.sh --system --sudoers"
    )
    refused = by_ana(server, "sudo pip install railcar")
    assert "error: externally-managed-environment" in refused.err
    assert "pipshunt" not in refused.err


def test_what_stands_ahead_of_our_link_is_named(server: Throwaway, suite: str) -> None:
    server.write(ROOT, "/usr/local/bin/uv", "#!/bin/sh\n", 0o755)
    done = server.run(ROOT, "./install.sh", "--system", cwd="/root/pipshunt")
    hidden = "pip" if suite in HIDING else "uv"
    assert f"alone, so `sudo {hidden}` leads around pipshunt; to change that: " in done.err, done


def test_the_drop_in_is_sound_and_is_taken_away_without_a_trace(led: Throwaway, suite: str) -> None:
    if suite not in HIDING:
        again = led.run(ROOT, "./install.sh", "--system", "--sudoers", cwd="/root/pipshunt")
        assert "sudo finds the shims already" in again.err
        assert DROP_IN not in led.written()
        return
    assert led.read(DROP_IN) == WRITTEN
    status = os.stat(f"{led.base}/root{DROP_IN}")
    assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (0o440, 0, 0)
    assert led.run(ROOT, "visudo", "-c").status == 0
    again = led.run(ROOT, "./install.sh", "--system", "--sudoers", cwd="/root/pipshunt")
    assert (again.status, led.read(DROP_IN)) == (0, WRITTEN)
    script = (
        "from pipshunt.setup.sudo_path import *; print(is_led(), stop_leading_sudo(), is_led(), find_secure_path())"
    )
    done = led.run(ROOT, "/opt/pipshunt/engine/bin/python", "-I", "-c", script)
    assert done.out == "True True False /usr/sbin:/usr/bin:/sbin:/bin\n", done
    assert [path for path in led.written() if path.startswith("/etc/sudoers")] == []


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("", False), ("n", False)])
def test_at_a_terminal_it_is_asked(server: Throwaway, suite: str, answer: str, written: bool) -> None:
    line = ["script", "--quiet", "--return", "--command", "./install.sh --system", "/dev/null"]
    done = server.run(ROOT, *line, cwd="/root/pipshunt", stdin=f"{answer}\n".encode())
    assert done.status == 0, done
    assert ("[y/N]" in done.out) is (suite in HIDING)
    assert (server.read(DROP_IN) == WRITTEN) is (written and suite in HIDING)


def test_a_drop_in_that_has_no_effect_is_taken_back(server: Throwaway) -> None:
    server.write(ROOT, "/etc/sudoers.d/zz-local", 'Defaults secure_path="/usr/bin:/bin"\n', 0o440)
    done = server.run(ROOT, "./install.sh", "--system", "--sudoers", cwd="/root/pipshunt")
    assert done.status == 1, done
    assert "/etc/sudoers.d/pipshunt had no effect (secure_path is /usr/bin:/bin), and is taken back" in done.err
    assert server.list("/etc/sudoers.d")[-2:] == ["ana", "zz-local"]


def test_a_foreign_file_that_visudo_complains_of_is_no_reason_to_take_it_back(server: Throwaway, suite: str) -> None:
    server.write(ROOT, "/etc/sudoers.d/foreign", "Defaults !lecture\n", 0o644)
    done = server.run(ROOT, "./install.sh", "--system", "--sudoers", cwd="/root/pipshunt")
    assert done.status == 0, done
    assert (server.read(DROP_IN) == WRITTEN) is (suite in HIDING)


def test_system_is_not_for_an_ordinary_user(server: Throwaway) -> None:
    done = server.run(ANA, "./install.sh", "--system", "--sudoers", "echo", "never", cwd="/home/ana/pipshunt")
    assert (done.status, done.out, done.err) == (
        1,
        "",
        (
            "pipshunt: --system sets pipshunt up for the whole machine, which is root's to do; "
            "next: sudo ./install.sh --system --sudoers\n"
        ),
    )


def test_a_command_after_sudo_install_is_the_callers_in_the_callers_checkout(server: Throwaway) -> None:
    result = by_ana(server, "sudo ./install.sh --system pip install railcar", cwd="/home/ana/pipshunt")
    assert result.status == 0, result
    assert server.list("/home/ana/pipshunt/.venv")
    assert owned_by_root(server) == []
