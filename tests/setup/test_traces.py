"""What is taken for ours, and what is not, where a name alone does not tell."""

import os
from pathlib import Path

import pytest

from pipshunt.follow import register
from pipshunt.places import Places
from pipshunt.setup import traces
from pipshunt.setup.installation import Site
from pipshunt.setup.traces import find_belongings, find_cache, find_engine, find_front, find_strangers


class Machine:
    """Root's installation, in a folder that stands for the machine."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root, self.links, self.venv = root, root / "usr/local/bin", root / "opt/venv"
        self.links.mkdir(parents=True)
        self.prefix, self.state = root / "opt/pipshunt", str(root / "var/lib/pipshunt")
        (self.prefix / "bin").mkdir(parents=True)
        self.site = Site(str(self.prefix), "", is_machine=True)
        self.places = Places("", str(self.prefix), self.state, "", "", str(root / "var/log/pipshunt/audit.jsonl"))
        patch.setattr(traces, "MACHINE_LINKS", str(self.links))
        patch.setattr(traces, "MACHINE_STATE", self.state)
        patch.setattr(traces, "MACHINE_POLICY", str(root / "etc/pipshunt/policy.toml"))
        patch.setattr(traces, "_CONTAINER_ENVIRONMENT", str(self.venv))
        patch.setattr(traces, "machine_profile_paths", list)
        patch.setattr(traces, "find_hooks", lambda *_: [])
        patch.setattr(traces, "is_led", lambda: False)

    def make_environment(self, *, by_us: bool) -> None:
        (self.venv / "bin").mkdir(parents=True)
        (self.venv / "pyvenv.cfg").write_text("home = /usr/bin\n" + ("pipshunt = 0.1\n" if by_us else ""))
        (self.links / "flask").symlink_to(self.venv / "bin/flask")

    def follow(self) -> None:
        register(self.state, "/", "/usr/bin/python3", str(self.venv))

    def front(self) -> list[str]:
        return [os.path.relpath(trace.path, self.root) for trace in find_front(self.site, {})]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("name", "target", "is_ours"),
    [
        pytest.param("pip", "{prefix}/bin/pip", True, id="a shim"),
        pytest.param("pip2", "{prefix}/bin/pip", False, id="a person's, to a shim"),
        pytest.param("flask", "{prefix}/envs/python3.9/bin/flask", True, id="a script of the machine's"),
        pytest.param("web", "{prefix}/envs/python3.9/bin/flask", False, id="a person's, to such a script"),
        pytest.param("flask", "{prefix}/envs/lib/python3.9/flask", False, id="a person's, to something else"),
        pytest.param("flask", "{prefix}/bin/pipshunt-script", True, id="the shim of scripts"),
        pytest.param("flask", "/opt/pipshunt/bin/pipshunt-script", True, id="that of the machine"),
        pytest.param("other", "/home/ana/x/pipshunt-script", False, id="a file that has its name"),
        pytest.param("pip", "{prefix}-2/bin/pip", False, id="a folder that begins alike"),
        pytest.param("python3", "/usr/bin/python3", False, id="another's"),
        pytest.param("pip", "../../opt/pipshunt/bin/pip", False, id="a relative one, which we never make"),
    ],
)
def test_a_link_is_ours_if_it_is_exactly_one_that_we_lay(
    machine: Machine, name: str, target: str, is_ours: bool
) -> None:
    (machine.links / name).symlink_to(target.format(prefix=machine.prefix))
    assert (machine.front() == [f"usr/local/bin/{name}"]) is is_ours


def test_a_user_s_own_link_into_a_kept_environment_stays(tmp_path: Path) -> None:
    site = Site(str(tmp_path / ".local/share/pipshunt"), str(tmp_path), is_machine=False)
    (tmp_path / ".local/bin").mkdir(parents=True)
    for name, target in (("flask", "envs/python3.9/bin/flask"), ("black", "bin/pipshunt-script")):
        (tmp_path / ".local/bin" / name).symlink_to(f"{site.prefix}/{target}")
    assert [trace.path for trace in find_front(site, {"HOME": str(tmp_path)})] == [f"{tmp_path}/.local/bin/black"]


def test_a_checkout_under_each_of_our_names_stays_and_is_told(tmp_path: Path) -> None:
    data, state, cache = (tmp_path / name for name in ("data", "state", "cache"))
    site = Site(str(data), str(tmp_path), is_machine=False)
    places = Places(str(tmp_path), str(data), str(state), str(cache), "", str(state / "audit.jsonl"))
    ours = {
        "cache": ("policy-0123abcd", "uv-version", "interpreters/00ff", "pips/python3.9-0123abcd/manifest"),
        "state": ("audit.jsonl", "transparent.json", "follow/home/ana/@%usr%bin%python3.9"),
        "data": ("engines/0.1.0-0123abcd/stamp", "envs/python3.9/pyvenv.cfg"),
    }
    theirs = (".git/config", "README.md", "src/x.py", "envs/mine/pyvenv.cfg", "pips/mine", "follow/home/ana/mine")
    for folder in ("cache", "state", "data"):
        for name in (*ours[folder], *theirs):
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).touch()
    told = {trace.path: trace.what for trace in find_strangers(site, places)}
    for trace in (*find_cache(places), *find_belongings(site, places), *find_engine(site)):
        trace.undo()
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {f"{folder}/{name}" for folder in ("cache", "state", "data") for name in theirs}
    assert set(told.values()) == {"not pipshunt's"}
    assert not [file for file in files if not any(f"{tmp_path}/{file}/".startswith(f"{path}/") for path in told)]


def test_a_container_s_environment_of_ours_goes_with_its_links(machine: Machine) -> None:
    machine.make_environment(by_us=True)
    assert machine.front() == ["usr/local/bin/flask"]
    assert [trace.path for trace in find_belongings(machine.site, machine.places)] == [str(machine.venv)]


def test_one_that_was_there_before_stays_and_with_it_the_links_of_others(machine: Machine) -> None:
    machine.make_environment(by_us=False)
    assert machine.front() == []
    assert find_belongings(machine.site, machine.places) == []


def test_one_that_was_there_before_and_is_followed_stays_without_our_links(machine: Machine) -> None:
    machine.make_environment(by_us=False)
    machine.follow()
    assert machine.front() == ["usr/local/bin/flask"]
    assert [trace.path for trace in find_belongings(machine.site, machine.places)] == [machine.state]
    (left,) = find_strangers(machine.site, machine.places)
    assert (left.path, left.what) == (str(machine.venv), "an environment that was there before pipshunt")


def test_links_into_one_that_was_removed_by_hand_are_leftovers(machine: Machine) -> None:
    (machine.links / "flask").symlink_to(machine.venv / "bin/flask")
    (machine.links / "http").symlink_to(machine.venv / "bin/other-name")
    assert machine.front() == ["usr/local/bin/flask"]


def test_the_shim_goes_first_and_the_command_last(machine: Machine) -> None:
    folder = machine.prefix / "bin"
    for name in ("pipshunt-shim", "pipshunt", "pipshunt-script"):
        (folder / name).write_text("#!/bin/sh\n# pipshunt shim\n")
        (machine.links / name).symlink_to(folder / name)
    (folder / "pip").symlink_to("pipshunt-shim")
    (machine.prefix / "engines").mkdir()
    (machine.prefix / "engine").symlink_to("engines/0.1")
    assert machine.front() == [
        "opt/pipshunt/bin/pipshunt-shim",
        "opt/pipshunt/bin/pip",
        "opt/pipshunt/bin/pipshunt-script",
        "usr/local/bin/pipshunt-script",
        "usr/local/bin/pipshunt-shim",
    ]
    engine = [os.path.relpath(trace.path, machine.root) for trace in find_engine(machine.site)]
    assert engine == [
        "opt/pipshunt/engine",
        "opt/pipshunt/engines",
        "usr/local/bin/pipshunt",
        "opt/pipshunt/bin/pipshunt",
    ]


def test_the_policy_stays_in_any_case(machine: Machine) -> None:
    policy = machine.root / "etc/pipshunt/policy.toml"
    policy.parent.mkdir(parents=True)
    policy.touch()
    assert [trace.path for trace in find_strangers(machine.site, machine.places)] == [str(policy)]


def test_a_folder_that_somebody_has_moved_and_linked_loses_its_link(machine: Machine) -> None:
    (machine.root / "elsewhere").mkdir()
    (machine.prefix / "engines").symlink_to(machine.root / "elsewhere")
    for trace in find_engine(machine.site):
        trace.undo()
    assert not os.path.lexists(machine.prefix / "engines")
    assert (machine.root / "elsewhere").is_dir()
