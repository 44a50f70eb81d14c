"""What is taken for ours, and what is not, where a name alone does not tell."""

import os
from pathlib import Path

import pytest

from pipshunt.follow import register
from pipshunt.places import Places
from pipshunt.setup import traces
from pipshunt.setup.installation import Site
from pipshunt.setup.traces import find_belongings, find_engine, find_front, find_strangers


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
    ("target", "is_ours"),
    [
        pytest.param("{prefix}/bin/pip", True, id="a shim"),
        pytest.param("{prefix}/envs/python3.9/bin/flask", True, id="a script of the machine's"),
        pytest.param("{prefix}/bin/pipshunt-script", True, id="the shim of scripts"),
        pytest.param("/home/ana/.local/share/pipshunt/bin/pipshunt-script", True, id="that of another installation"),
        pytest.param("{prefix}-2/bin/pip", False, id="a folder that begins alike"),
        pytest.param("/usr/bin/python3", False, id="another's"),
        pytest.param("../../opt/pipshunt/bin/pip", False, id="a relative one, which we never make"),
    ],
)
def test_a_link_is_ours_by_where_it_leads(machine: Machine, target: str, is_ours: bool) -> None:
    (machine.links / "link").symlink_to(target.format(prefix=machine.prefix))
    assert (machine.front() == ["usr/local/bin/link"]) is is_ours


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
    engine = [os.path.relpath(trace.path, machine.root) for trace in find_engine(machine.site, "")]
    assert engine == [
        "opt/pipshunt/engines",
        "opt/pipshunt/engine",
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
    for trace in find_engine(machine.site, ""):
        trace.undo()
    assert not os.path.lexists(machine.prefix / "engines")
    assert (machine.root / "elsewhere").is_dir()
