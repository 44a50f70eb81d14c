"""Ansible's own pip module, from PyPI, against /usr/bin/python3 with transparent mode on: as root on a server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roots.guests import HOME, lay_guest, need_full
from roots.throwaway import ROOT, Throwaway

pytestmark = [pytest.mark.roots, pytest.mark.parametrize("suite", ["bookworm", "forky"], scope="session")]

QUIET = {
    "ANSIBLE_LOCALHOST_WARNING": "0",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
    "ANSIBLE_DEPRECATION_WARNINGS": "0",
    "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline",
}


class Controller:
    """A machine that Ansible manages."""

    def __init__(self, machine: Throwaway) -> None:
        self.machine = machine

    def apply(self, arguments: str, *options: str) -> dict[str, Any]:
        """Run the module and return what it says; `changed` and `failed` above all."""
        interpreter = ("-e", "ansible_python_interpreter=/usr/bin/python3")  # localhost's would be Ansible's own
        words = ("localhost", *interpreter, *options, "-m", "ansible.builtin.pip", "-a", arguments)
        done = self.machine.run(ROOT, f"{HOME}/bin/ansible", *words, env=QUIET, cwd="/")
        head, _, text = done.out.partition(" => ")
        said: dict[str, Any] = json.loads(text)
        return {**said, "failed": "FAILED!" in head}

    def installed(self) -> str:
        return self.machine.run(ROOT, "/usr/bin/pip3", "freeze", cwd="/").out


@pytest.fixture(scope="session")
def managed(
    request: pytest.FixtureRequest,
    suite: str,
    base: tuple[Path, ...],
    offline: Path,
    scratch: Path,
    connection: dict[str, str],
) -> tuple[Path, ...]:
    """The layers of a machine with ansible-core and, by root, pipshunt with transparent mode on."""
    need_full(request)
    layers = lay_guest(base, scratch, connection, "ansible-core", "psutil")
    with Throwaway(*layers) as machine:
        done = machine.run(ROOT, "./install.sh", "pipshunt", "transparent", "on", cwd="/root/pipshunt", env=connection)
        assert done.status == 0, done
        layer = machine.save(scratch / f"managed-{suite}")
    return offline, layer, *layers


@pytest.fixture
def controller(managed: tuple[Path, ...]) -> Iterator[Controller]:
    with Throwaway(*managed) as machine:
        yield Controller(machine)


def test_a_package_is_installed_once_and_removed_once(controller: Controller) -> None:
    first = controller.apply("name=tender")
    assert first["changed"] is True, first
    assert "Successfully installed railcar-1.0 tender-2.0" in first["stdout"]
    assert first["cmd"][:3] == ["/usr/bin/python3", "-m", "pip"]
    assert controller.apply("name=tender")["changed"] is False
    assert controller.installed() == "railcar==1.0\ntender==2.0\n"
    assert controller.apply("name=tender state=absent")["changed"] is True
    assert controller.apply("name=tender state=absent")["changed"] is False
    assert controller.installed() == "railcar==1.0\n"


def test_a_version_is_held(controller: Controller) -> None:
    assert controller.apply("name=railcar version=1.0")["changed"] is True
    assert controller.apply("name=railcar version=1.0")["changed"] is False
    assert controller.apply("name=railcar state=latest")["changed"] is False
    missing = controller.apply("name=railcar version=9.0")
    assert missing["failed"] is True
    assert "No matching distribution found for railcar==9.0" in missing["msg"]


def test_a_requirements_file(controller: Controller) -> None:
    controller.machine.write(ROOT, "/srv/app/requirements.txt", "tender==2.0\n")
    assert controller.apply("requirements=/srv/app/requirements.txt")["changed"] is True
    assert controller.apply("requirements=/srv/app/requirements.txt")["changed"] is False
    assert controller.installed() == "railcar==1.0\ntender==2.0\n"
    assert controller.apply("requirements=requirements.txt chdir=/srv/app")["changed"] is True  # a project of its own
    assert controller.machine.list("/srv/app/.venv/bin")


def test_check_mode_tells_and_changes_nothing(controller: Controller) -> None:
    assert controller.apply("name=railcar", "--check")["changed"] is True
    assert (
        controller.installed() == controller.machine.run(ROOT, "/usr/bin/pip3", "freeze", env={"PIPSHUNT": "off"}).out
    )
    controller.apply("name=railcar")
    assert controller.apply("name=railcar", "--check")["changed"] is False


def test_its_own_virtual_environments_are_left_alone(controller: Controller) -> None:
    machine = controller.machine
    for command in (
        ("/usr/bin/python3", "-m", "venv", "--without-pip", "/srv/v"),
        ("/usr/bin/python3", "-m", "pip", "--python", "/srv/v/bin/python", "install", "-q", "tender"),
        ("cp", "-r", "/usr/lib/python3/dist-packages/pip", "/srv/v/lib/"),
    ):
        assert machine.run(ROOT, *command, cwd="/").status == 0
    site = machine.run(ROOT, "sh", "-c", "echo /srv/v/lib/python3*/site-packages").out.strip()
    assert machine.run(ROOT, "mv", "/srv/v/lib/pip", site).status == 0
    machine.write(ROOT, "/srv/v/bin/pip", '#!/bin/sh\nexec /srv/v/bin/python -m pip "$@"\n', 0o755)
    assert machine.run(ROOT, "/srv/v/bin/pip", "uninstall", "-q", "-y", "tender").status == 0
    assert controller.apply("name=tender virtualenv=/srv/v")["changed"] is True
    assert controller.apply("name=tender virtualenv=/srv/v")["changed"] is False
    assert "tender" not in controller.installed()
    assert machine.list("/opt/pipshunt/envs") == []


def test_without_transparent_mode_it_is_refused_as_ever(controller: Controller) -> None:
    assert controller.machine.run(ROOT, "/usr/local/bin/pipshunt", "transparent", "off").status == 0
    refused = controller.apply("name=railcar")
    assert refused["failed"] is True
    assert "externally-managed-environment" in refused["msg"]
