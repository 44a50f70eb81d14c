"""`pipshunt transparent on` and `off`, as an installation's own command, with real Python and pip."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from building_site import Site
from wheels import build_wheel

from pipshunt.setup.installation import open_locked
from pipshunt.transparent.startup_hook import FILE_NAME, Hook
from pipshunt.transparent.switch import Person, is_own, is_roots_alone, read_person


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A machine where install.sh has run once, as an ordinary user; the tests leave transparent mode off."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    site = Site(root)
    site.first = site.install()
    build_wheel(site.wheels, "railcar", "1.0")
    yield site
    shutil.rmtree(root)


@pytest.fixture
def file(site: Site) -> Iterator[Path]:
    """Where the user's hook goes to."""
    yield site.home / f".local/lib/python{site.machine.version}/site-packages" / FILE_NAME
    site.pipshunt("transparent", "off")


def python(site: Site) -> str:
    return str(site.machine.bin / "python3")


def test_the_machines_is_roots_to_switch_on(site: Site) -> None:
    done = site.pipshunt("transparent", "on", python(site))
    assert done.status == 1
    assert done.err == (
        "pipshunt: transparent mode for this machine is root's to switch on: sudo pipshunt transparent on\n"
        "pipshunt: for yourself alone, through your own site directory: pipshunt transparent on --user\n"
    )


def test_on_and_off_leave_no_trace(site: Site, file: Path) -> None:
    before = sorted(str(path) for path in site.home.rglob("*"))
    done = site.pipshunt("transparent", "on", "--user", python(site))
    assert done.status == 0
    assert done.err.splitlines()[0] == (f"pipshunt: on for {python(site)} ({site.machine.version}), in {file.parent}")
    assert file.exists()
    again = site.pipshunt("transparent", "on", "--user", python(site))
    assert again.err.startswith(f"pipshunt: on already for {python(site)}")
    off = site.pipshunt("transparent", "off")
    assert (off.status, off.err) == (0, f"pipshunt: removed {file}\n")
    assert site.pipshunt("transparent", "off").err == "pipshunt: transparent mode is off; there was nothing to remove\n"
    assert sorted(str(path) for path in site.home.rglob("*")) == before


def test_pip_by_its_path_follows_and_a_rerun_of_the_installation_keeps_it(site: Site, file: Path) -> None:
    site.pipshunt("transparent", "on", "--user", python(site))
    pip, env = str(site.machine.bin / "pip3"), site.env(PATH="/usr/bin:/bin")
    done = site.machine.run(pip, "install", "-q", "railcar", env=env)
    assert done.status == 0, done
    file.write_text(file.read_text().replace("/engine/", "/gone/"))
    assert "railcar" not in site.machine.run(pip, "list", env=env).out
    rerun = site.install()
    assert f"pipshunt: transparent mode goes on with the new engine, by {file}\n" in rerun.err
    assert "railcar" in site.machine.run(pip, "list", env=env).out


def test_an_interpreter_that_is_none_is_said(site: Site) -> None:
    done = site.pipshunt("transparent", "on", "--user", "/bin/true", "nothing-of-that-name")
    assert done.status == 1
    assert done.err == (
        "pipshunt: /bin/true is no Python that runs here\npipshunt: nothing-of-that-name is no Python that runs here\n"
    )


def test_a_record_that_was_lost_hinders_nothing(site: Site, file: Path) -> None:
    site.pipshunt("transparent", "on", "--user", python(site))
    (site.machine.state / "transparent.json").unlink()
    assert "on already" in site.pipshunt("transparent", "on", "--user", python(site)).err or file.exists()
    (site.machine.state / "transparent.json").unlink()
    assert site.pipshunt("transparent", "off", python(site)).err == f"pipshunt: removed {file}\n"
    assert not file.exists()


def test_a_home_that_is_relative_is_none(site: Site, file: Path) -> None:
    changes = {"HOME": "relative", "XDG_STATE_HOME": str(site.home / ".local/state")}
    done = site.pipshunt("transparent", "on", "--user", python(site), **changes)
    assert done.status == 1
    assert done.err == f"pipshunt: {python(site)} has no site directory of yours: there is no home folder for it\n"
    assert not (site.machine.project / "relative").exists()
    assert read_person({"HOME": "relative", "PATH": "/bin"}, 64123).env == {"PATH": "/bin"}


def test_at_once_each_does_its_part_and_nothing_is_left(site: Site, file: Path) -> None:
    before = sorted(str(path) for path in site.home.rglob("*"))
    command = str(site.prefix / "bin/pipshunt")
    for words, there in ((("on", "--user", python(site)), True), (("off",), False)):
        runs = [site.start_command(command, "transparent", *words) for _ in range(3)]
        said = [run.communicate(timeout=60)[1].decode() for run in runs]
        assert [run.returncode for run in runs] == [0, 0, 0], said
        assert file.exists() is there
    assert sorted(str(path) for path in site.home.rglob("*")) == before


def test_it_waits_for_an_uninstallation_and_puts_nothing_there_then(site: Site, file: Path) -> None:
    before = sorted(str(path) for path in site.home.rglob("*"))
    engine, aside = site.prefix / "engine", site.prefix / "aside"
    lock = open_locked(str(site.prefix))
    with site.start_command(str(site.prefix / "bin/pipshunt"), "transparent", "on", "--user", python(site)) as run:
        assert run.stderr
        first = run.stderr.readline().decode()
        engine.rename(aside)
        os.close(lock)
        rest = run.communicate(timeout=60)[1].decode()
    aside.rename(engine)
    assert first == f"pipshunt: waiting for another install or uninstall that is at work in {site.prefix}\n"
    assert run.returncode == 1
    assert rest.startswith("pipshunt: pipshunt has been uninstalled meanwhile (")
    assert sorted(str(path) for path in site.home.rglob("*")) == before


def test_off_and_uninstall_go_on_where_a_kill_ended_it(site: Site, file: Path) -> None:
    before = sorted(str(path) for path in site.home.rglob("*"))
    site.pipshunt("transparent", "on", "--user", python(site))
    file.rename(file.parent / f".{FILE_NAME}.pipshunt-new")
    record = site.machine.state / "transparent.json"
    planned = json.loads(site.pipshunt("uninstall", "--dry-run", "--json").out)["removed"]
    assert {"what": "what a killed run has left", "path": str(record)} in planned
    assert site.pipshunt("transparent", "off").status == 0
    assert sorted(str(path) for path in site.home.rglob("*")) == before


def test_a_user_removes_only_what_is_below_their_home() -> None:
    ana = Person({}, 1000, "/home/ana", "")
    assert is_own(Hook("/home/ana/.local/lib/x.pth", "", ()), ana)
    assert not is_own(Hook("/home/anabel/.local/lib/x.pth", "", ()), ana)
    assert not is_own(Hook("/usr/local/lib/x.pth", "", ()), ana._replace(home=""))
    assert is_own(Hook("/usr/local/lib/x.pth", "", ()), ana._replace(uid=0))


def test_roots_home_is_roots_whatever_sudo_kept() -> None:
    person = read_person({"HOME": "/home/ana", "XDG_STATE_HOME": "/home/ana/s", "PATH": "/bin"}, 0)
    assert person == Person({"HOME": "/root", "PATH": "/bin"}, 0, "/root", "/var/lib/pipshunt")
    assert read_person({"HOME": "/home/ana"}, os.getuid() or 1000).home == "/home/ana"


def test_what_everyone_runs_must_be_roots_alone(tmp_path: Path) -> None:
    assert is_roots_alone("/usr/bin/env")
    (tmp_path / "startup.py").symlink_to("/usr/bin/env")
    assert not is_roots_alone(str(tmp_path / "startup.py"))  # below /tmp, or below a user's home
    assert not is_roots_alone("/tmp")
