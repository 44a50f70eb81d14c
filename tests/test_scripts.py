"""Console scripts: which there are, the links that are laid for them, and how they are found."""

import concurrent.futures
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest
from machine import PROJECT, Result
from machine import Machine as RealMachine
from wheels import build_wheel

from pipshunt import scripts
from pipshunt.call import Call
from pipshunt.follow import register
from pipshunt.places import Places
from pipshunt.scripts import Machine, Ways, find_links, find_ways, link_folders, list_scripts, update_links

SHIM = "#!/bin/sh\n# pipshunt shim (scripts): for the tests\n"


class World(NamedTuple):
    """A home with an installation of its own on PATH, and a machine with one of root's."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def own(self) -> Path:
        return self.home / ".local/share/pipshunt/bin"

    @property
    def links(self) -> Path:
        return self.root / "usr/local/bin"

    @property
    def machine(self) -> Machine:
        return Machine(f"{self.root}/opt/pipshunt", f"{self.root}/var/lib/pipshunt", str(self.links))

    def places(self, uid: int) -> Places:
        data, state = f"{self.home}/.local/share/pipshunt", f"{self.home}/.local/state/pipshunt"
        if uid == 0:
            data, state, _ = self.machine
        return Places(str(self.home), data, state, "", "", "")

    def call(self, uid: int = 1000, path: str = "") -> Call:
        path = path or f"{self.own}:{self.links}:{self.root}/usr/bin"
        return Call("pip", (), "", {"PATH": path}, str(self.root), uid)

    def environment(self, name: str, *scripts: str, folder: str = "", uid: int = 1000) -> str:
        """Lay an environment with *scripts*, followed from *folder* (its own, if none is said)."""
        path = self.root / name
        for script in ("python", "pip", *scripts):
            program(path / "bin" / script)
        (path / "pyvenv.cfg").touch()
        register(self.places(uid).state, folder or str(path.parent), "/usr/bin/python3", str(path))
        return str(path)

    def update(self, environment: str = "", uid: int = 1000, path: str = "") -> None:
        update_links(environment, self.call(uid, path), self.places(uid), self.machine)

    def ways(self, environment: str, *names: str, uid: int = 1000, path: str = "") -> Ways:
        return find_ways(environment, names, self.call(uid, path), self.places(uid), self.machine)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with both installations."""
    world = World(tmp_path)
    for folder in (world.own, tmp_path / "opt/pipshunt/bin"):
        program(folder / "pipshunt-script", SHIM)
    world.links.mkdir(parents=True)
    return world


@pytest.fixture
def machines(world: World) -> World:
    """A world with root's installation alone."""
    (world.own / "pipshunt-script").unlink()
    world.own.rmdir()
    return world


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def links(folder: Path) -> dict[str, str]:
    names = os.listdir(folder) if folder.is_dir() else []
    return {name: os.readlink(folder / name) for name in names if os.path.islink(folder / name)}


def test_scripts_are_what_packages_bring_and_not_what_an_environment_is_made_with(tmp_path: Path) -> None:
    made = ["activate", "activate.fish", "activate_this.py", "Activate.ps1", "deactivate.bat", "pydoc.bat", "𝜋thon"]
    made += ["python", "python3", "python3.13", "python3.13t", "python3.13d", "pip", "pip3", "pip3.13", ".hidden"]
    brought = [
        "flask",
        "uv",
        "uvx",
        "pip-compile",
        "pipx",
        "pipdeptree",
        "activate-global-python-argcomplete",
        "pythonz",
        "a b",
    ]
    for name in (*made, *brought):
        program(tmp_path / "bin" / name)
    (tmp_path / "bin/data.txt").touch()
    (tmp_path / "bin/__pycache__").mkdir()
    (tmp_path / "bin/broken").symlink_to("nowhere")
    assert list_scripts(str(tmp_path)) == set(brought)
    assert list_scripts(str(tmp_path / "none")) == set()


def test_the_scripts_of_all_followed_environments_are_linked_to_the_shim_beside(world: World) -> None:
    world.environment("home/shop/.venv", "flask", "black")
    world.environment("home/envs/python3.11", "black", "http", folder="/")
    world.update()
    assert links(world.own) == dict.fromkeys(("flask", "black", "http"), "pipshunt-script")
    assert links(world.links) == {}


def test_an_environment_that_is_not_followed_has_no_links(world: World) -> None:
    path = world.environment("home/shop/.venv", "flask")
    (token,) = Path(path).glob(".pipshunt-*")
    token.unlink()  # as after a clone, or a new .venv in its place
    world.update()
    assert links(world.own) == {}


def test_links_go_with_the_last_environment_that_has_the_script(world: World) -> None:
    shop = Path(world.environment("home/shop/.venv", "flask", "black"))
    blog = Path(world.environment("home/blog/.venv", "flask"))
    world.update()
    (shop / "bin/flask").unlink()
    (shop / "bin/black").unlink()
    world.update()
    assert links(world.own) == {"flask": "pipshunt-script"}
    (blog / "bin/flask").chmod(0o644)
    world.update()
    assert links(world.own) == {}


def test_what_is_not_ours_is_never_touched(world: World) -> None:
    world.environment("home/shop/.venv", "flask", "black", "http")
    program(world.own / "flask", "someone's")
    (world.own / "black").symlink_to("/elsewhere/black")
    (world.own / "pip").symlink_to("pipshunt-shim")
    world.update()
    assert links(world.own) == {"black": "/elsewhere/black", "http": "pipshunt-script", "pip": "pipshunt-shim"}
    assert (world.own / "flask").read_text() == "someone's"
    assert (world.own / "pipshunt-script").is_file()


def test_a_name_that_another_command_has_gets_no_link(world: World) -> None:
    world.environment("home/shop/.venv", "flask", "black")
    program(world.root / "usr/bin/flask")
    program(world.root / "usr/bin/black").chmod(0o644)
    world.update()
    assert links(world.own) == {"black": "pipshunt-script"}


@pytest.mark.parametrize("case", ["an environment", "a manager's shim", "ours", "the machine's script"])
def test_commands_that_do_not_count(world: World, case: str) -> None:
    world.environment("home/shop/.venv", "flask")
    folder = world.root / "other/bin"
    flask = program(folder / "flask", SHIM if case == "ours" else "#!/bin/sh\n")
    if case == "an environment":
        (folder.parent / "pyvenv.cfg").touch()
    elif case == "a manager's shim":
        for name in ("pip", "python"):
            program(folder / name)
    elif case == "the machine's script":
        world.environment("opt/venv", "flask", folder="/", uid=0)
        flask.unlink()
        flask.symlink_to(world.root / "opt/venv/bin/flask")
    world.update(path=f"{world.own}:{folder}")
    assert links(world.own) == {"flask": "pipshunt-script"}


@pytest.mark.parametrize(
    ("on_path", "expected"),
    [
        pytest.param([".local/bin", ".local/share/pipshunt/bin"], ".local/share/pipshunt/bin", id="both"),
        pytest.param([".local/bin/"], ".local/bin", id="the home's"),
        pytest.param([], ".local/share/pipshunt/bin", id="none"),
    ],
)
def test_without_an_installation_of_ones_own_links_lead_to_the_machine_s(
    machines: World, on_path: list[str], expected: str
) -> None:
    machines.environment("home/shop/.venv", "flask")
    machines.update(path=":".join([*(f"{machines.home}/{folder}" for folder in on_path), str(machines.links)]))
    assert links(machines.home / expected) == {"flask": f"{machines.root}/opt/pipshunt/bin/pipshunt-script"}
    assert links(machines.links) == {}


def test_under_sudo_path_is_not_that_of_whose_the_install_is(world: World) -> None:
    shop = world.environment("home/shop/.venv", "flask")
    call, places = world.call(path="/usr/sbin:/sbin"), world.places(1000)
    for sudo, ways in (("1000", (("flask",), ())), ("1001", ((), ("flask",)))):
        under = call._replace(env={**call.env, "SUDO_UID": sudo})
        update_links("", under, places, world.machine)
        found = find_ways(shop, ["flask"], under, places, world.machine)
        assert (found.named, found.unreached) == ways
    assert links(world.own) == {"flask": "pipshunt-script"}


def test_an_installation_of_ones_own_has_its_links_beside_its_shims_even_before_that_is_on_path(world: World) -> None:
    world.environment("home/shop/.venv", "flask")
    world.update(path=f"{world.home}/.local/bin:{world.links}")
    assert links(world.own) == {"flask": "pipshunt-script"}
    assert links(world.home / ".local/bin") == {}


def test_links_are_swept_in_a_folder_that_was_used_before(machines: World) -> None:
    shop = machines.environment("home/shop/.venv", "flask", "black")
    machines.update(path=f"{machines.home}/.local/bin")
    (Path(shop) / "bin/black").unlink()
    machines.update(path=str(machines.own))
    assert set(links(machines.home / ".local/bin")) == {"flask"}
    assert set(links(machines.own)) == {"flask"}


def test_where_no_shim_is_installed_nothing_is_laid_and_nothing_taken(machines: World) -> None:
    machines.environment("home/shop/.venv", "flask")
    machines.update()
    (machines.root / "opt/pipshunt/bin/pipshunt-script").unlink()
    machines.environment("home/shop/.venv", "black")
    (machines.root / "home/shop/.venv/bin/flask").unlink()
    machines.update()
    assert set(links(machines.own)) == {"flask"}


def test_the_machine_s_scripts_are_linked_to_themselves(world: World) -> None:
    path = world.environment("opt/venv", "gunicorn", folder="/", uid=0)
    world.update(path, uid=0)
    assert links(world.links) == {"gunicorn": f"{path}/bin/gunicorn"}
    program(world.root / "opt/venv/bin/flask")
    (world.root / "opt/venv/bin/gunicorn").unlink()
    (world.links / "dangling").symlink_to("/nowhere")
    world.update(path, uid=0)
    assert links(world.links) == {"flask": f"{path}/bin/flask", "dangling": "/nowhere"}


def test_a_script_of_a_project_of_root_s_and_the_machine_s_is_found_by_folder(world: World) -> None:
    path = world.environment("opt/venv", "flask", folder="/", uid=0)
    world.update(path, uid=0)
    project = world.environment("srv/app/.venv", "flask", "black", uid=0)
    world.update(uid=0)
    shim = f"{world.root}/opt/pipshunt/bin/pipshunt-script"
    assert links(world.links) == {"flask": shim, "black": shim}
    for name in ("flask", "black"):
        (Path(project) / "bin" / name).unlink()
    world.update(path, uid=0)
    assert links(world.links) == {"flask": f"{path}/bin/flask"}


def test_the_machine_s_links_hide_no_command_of_the_standard_folders(world: World) -> None:
    path = world.environment("opt/venv", "env", "flask", folder="/", uid=0)
    world.update(path, uid=0, path=str(world.links))
    assert set(links(world.links)) == {"flask"}


def test_of_two_environments_of_the_machine_s_the_one_at_hand_has_the_name(world: World) -> None:
    world.environment("opt/one", "flask", folder="/", uid=0)
    register(world.machine.state, "/", "/usr/bin/python3.13", world.environment("opt/two", "flask", "black", uid=0))
    world.update(f"{world.root}/opt/one", uid=0)
    assert links(world.links) == {
        "flask": f"{world.root}/opt/one/bin/flask",
        "black": f"{world.root}/opt/two/bin/black",
    }


def test_outside_of_images_the_machine_s_scripts_are_found_by_folder_too_and_older_links_are_led_there(
    world: World,
) -> None:
    env = world.environment("opt/pipshunt/envs/python3.13", "http", "idna", folder="/", uid=0)
    (world.links / "http").symlink_to(f"{env}/bin/http")
    world.update(env, uid=0)
    shim = f"{world.root}/opt/pipshunt/bin/pipshunt-script"
    assert links(world.links) == {"http": shim, "idna": shim}
    (world.root / "opt/pipshunt/envs/python3.13/bin/idna").unlink()
    world.update(env, uid=0)
    assert links(world.links) == {"http": shim}


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_a_folder_that_cannot_be_written_stops_nothing(world: World) -> None:
    world.environment("home/shop/.venv", "flask")
    world.own.chmod(0o555)
    world.update()
    world.own.chmod(0o755)
    assert links(world.own) == {}


def test_installs_at_once_take_away_no_link_of_one_another_s(world: World) -> None:
    done = threading.Event()

    def install(number: int) -> None:
        for turn in range(10):
            world.environment(f"home/{number}/{turn}/.venv", f"tool-{number}-{turn}")
            world.update()

    def go_on() -> None:
        while not done.is_set():
            world.update()

    with concurrent.futures.ThreadPoolExecutor() as pool:
        others = [pool.submit(go_on) for _ in range(2)]
        installs = [pool.submit(install, number) for number in range(3)]
        concurrent.futures.wait(installs)
        done.set()
    assert [future.exception() for future in (*installs, *others)] == [None] * 5
    assert set(links(world.own)) == {f"tool-{number}-{turn}" for number in range(3) for turn in range(10)}


def test_a_script_that_pip_is_just_replacing_keeps_its_link(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Path(world.environment("home/shop/.venv", "flask"))
    world.update()
    (shop / "bin/flask").rename(shop / "aside")  # as in an upgrade
    find = scripts.find_links

    def find_links_then_upgrade_ends(*words: Iterable[str]) -> list[str]:
        found = find(*words)
        monkeypatch.setattr(
            scripts, "list_scripts", lambda path: [(shop / "aside").rename(shop / "bin/flask"), set()][1]
        )
        return found

    monkeypatch.setattr(scripts, "find_links", find_links_then_upgrade_ends)
    world.update()
    assert links(world.own) == {"flask": "pipshunt-script"}


def test_what_is_in_the_folder_s_place_stops_nothing(machines: World) -> None:
    machines.environment("home/shop/.venv", "flask")
    machines.own.parent.mkdir(parents=True, exist_ok=True)
    machines.own.write_text("")
    machines.update()
    update_links("", machines.call(), machines.places(1000)._replace(home="", data="", state=""), machines.machine)
    assert machines.own.read_text() == ""


def test_all_links_of_ours_are_found_for_who_takes_them_away(world: World) -> None:
    path = world.environment("opt/venv", "gunicorn", folder="/", uid=0)
    world.update(path, uid=0)
    world.environment("home/shop/.venv", "flask")
    world.update()
    (world.own / "mine").symlink_to("/usr/bin/env")
    (world.own / "other").symlink_to(world.root / "x/pipshunt-script")
    folders = (*link_folders(world.places(1000), 1000, world.machine), str(world.links), "/no/such/folder")
    assert find_links(folders) == [f"{world.own}/flask"]
    assert find_links(folders, [path]) == [f"{world.own}/flask", f"{world.links}/gunicorn"]


def test_how_a_script_is_found_is_what_the_shell_that_called_would_find(world: World) -> None:
    shop = world.environment("home/shop/.venv", "flask", "black", "http", "pytest", "uv", "nothing")
    program(world.root / "usr/bin/black")
    world.update()
    program(world.root / "usr/bin/http")  # came after the link, which gives way
    (world.own / "nothing").unlink()
    expected = Ways(shop, ("flask", "pytest", "uv"), (("black", "B/black"), ("http", "B/http")), (), str(world.own))
    found = world.ways(shop, "flask", "black", "http", "pytest", "uv", "nothing")
    hidden = tuple((name, path.replace(f"{world.root}/usr/bin", "B")) for name, path in found.hidden)
    assert found._replace(hidden=hidden) == expected
    assert world.ways(shop, "flask", path="/nowhere") == Ways(shop, (), (), ("flask",), str(world.own))
    assert world.ways(shop, "flask", path=f"{shop}/bin").named == ("flask",)
    machine = world.environment("opt/venv", "flask", folder="/", uid=0)
    world.update(machine, uid=0)
    assert world.ways(shop, "flask").named == ("flask",)
    assert world.ways(shop, "flask", path=f"{world.links}:{world.own}").hidden == (("flask", f"{world.links}/flask"),)


def test_what_was_asked_for_is_told_first_and_user_installs_have_their_links_in_the_usual_place(
    machines: World,
) -> None:
    shop = machines.environment("home/shop/.venv", "identify-cli", "pre-commit")
    call = machines.call(path="/nowhere")._replace(args=("install", "--user", "pre-commit==4"))
    places = machines.places(1000)
    update_links("", call, places, machines.machine)
    usual = f"{machines.home}/.local/bin"
    found = find_ways(shop, ["identify-cli", "pre-commit"], call, places, machines.machine)
    assert found == Ways(shop, (), (), ("pre-commit", "identify-cli"), usual)


class Tools(NamedTuple):
    """A machine with an installation in the home, and wheels of `tender`, whose script says its version."""

    machine: RealMachine

    @property
    def bin(self) -> Path:
        return self.machine.home / ".local/share/pipshunt/bin"

    def env(self, **changes: str) -> dict[str, str]:
        path = f"{self.bin}:{self.machine.bin}:/usr/bin:/bin"
        return self.machine.env(PATH=path, PIP_FIND_LINKS=str(self.machine.root / "wheels"), **changes)

    def sh(self, script: str, cwd: Path | None = None, **changes: str) -> Result:
        return self.machine.run("sh", "-c", script, cwd=cwd, env=self.env(**changes))


@pytest.fixture
def tools(machine: RealMachine) -> Tools:
    """Two versions of tender can be installed."""
    tools = Tools(machine)
    machine.lay_shims(tools.bin)
    machine.write_script(tools.bin / "pipshunt-script", (PROJECT / "shims/script").read_text())
    for version in ("1.0", "2.0"):
        scripts = {"tender": "tender:main", **({"tender-old": "tender:main"} if version == "1.0" else {})}
        build_wheel(machine.root / "wheels", "tender", version, scripts=scripts)
    other = machine.home / "other"
    other.mkdir()
    (other / "requirements.txt").touch()
    machine.give(machine.root)
    return tools


def test_what_is_installed_runs_by_its_name_in_the_next_command_and_goes_with_it(tools: Tools) -> None:
    project, other = tools.machine.project, tools.machine.home / "other"
    result = tools.sh("pip install tender==1.0 && tender")
    assert (result.status, result.out.splitlines()[-1]) == (0, "tender 1.0")
    assert "uses it from now on, and tender and tender-old run by their names; to activate" in result.err
    result = tools.sh("pip install -q tender && tender", other)
    assert (result.out, result.err) == ("tender 2.0\n", "")
    assert tools.sh("tender").out == "tender 1.0\n"
    assert tools.sh("pip install -U tender && tender && command -v tender-old").status == 127
    assert tools.sh("tender").out == "tender 2.0\n"
    assert not os.path.lexists(tools.bin / "tender-old")
    assert tools.sh("pip uninstall -y tender && command -v tender").out.endswith(f"{tools.bin}/tender\n")
    result = tools.sh("tender")
    assert (result.status, result.err) == (
        127,
        f"pipshunt: tender is installed for {other}, not for {project}; from here: {other}/.venv/bin/tender\n",
    )
    tools.machine.run(str(other / ".venv/bin/pip"), "uninstall", "-y", "tender", cwd=other, env=tools.env())
    assert tools.sh("pip install -q 'pip>1'").status == 0  # any install at all
    assert sorted(os.listdir(tools.bin))[-3:] == ["pipshunt-shim", "python3", f"python{tools.machine.version}"]


def test_a_command_that_is_there_already_stays_and_is_named(tools: Tools) -> None:
    there = tools.machine.write_script(tools.machine.bin / "tender", "#!/bin/sh\necho the first\n")
    result = tools.sh("pip install tender && tender")
    assert (result.status, result.out.splitlines()[-1]) == (0, "the first")
    assert f"pipshunt: tender still is {there}; the one that was installed: .venv/bin/tender\n" in result.err
    assert not os.path.lexists(tools.bin / "tender")
    there.unlink()
    assert tools.sh("pip install -q tender && tender").out == "tender 2.0\n"
    tools.machine.write_script(there, "#!/bin/sh\necho the second\n")  # the link gives way
    assert tools.sh("tender").out == "the second\n"


def test_links_that_cannot_be_laid_keep_no_install_from_succeeding(tools: Tools) -> None:
    tools.bin.chmod(0o555)
    result = tools.sh("pip install tender")
    tools.bin.chmod(0o755)
    assert (result.status, result.err.count("pipshunt: ")) == (0, 2)
    assert tools.machine.run(str(tools.machine.project / ".venv/bin/tender")).out == "tender 2.0\n"
