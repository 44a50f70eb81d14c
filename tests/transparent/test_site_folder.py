"""Which site directory is whose: real interpreters, and the layouts of distributions."""

import os
from pathlib import Path
from typing import Any

import pytest
from machine import Machine

from pipshunt.transparent.site_folder import NoFolder, Site, ask_site, choose_folder, find_owner, find_sites


@pytest.fixture
def stdlib(tmp_path: Path) -> str:
    """A standard library with a marker."""
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    return str(tmp_path)


def site(stdlib: str, *folders: str, prefix: str = "/usr", version: tuple[int, int] = (3, 13)) -> Site:
    user = "/home/ana/.local/lib/python3.13/site-packages"
    return Site("/usr/bin/python3", "/usr/bin/python3.13", version, prefix, "/usr", stdlib, user, folders)


@pytest.mark.parametrize(
    ("folders", "chosen"),
    [
        pytest.param(
            ["/usr/local/lib/python3.99/dist-packages", "/usr/lib/python3/dist-packages"],
            "/usr/local/lib/python3.99/dist-packages",
            id="Debian",
        ),
        pytest.param(
            ["/usr/local/lib64/python3.99/site-packages", "/usr/lib64/python3.99/site-packages"],
            "/usr/local/lib64/python3.99/site-packages",
            id="Fedora",
        ),
    ],
)
def test_the_administrators_directory_is_chosen(stdlib: str, folders: list[str], chosen: str) -> None:
    assert choose_folder(site(stdlib, *folders), user=False) == chosen


def test_where_all_is_the_distributions_it_is_refused_and_said_what_helps(stdlib: str) -> None:
    arch = site(stdlib, "/usr/lib/python3.13/site-packages")
    with pytest.raises(NoFolder) as refused:
        choose_folder(arch, user=False)
    assert refused.value.args == (
        (
            "/usr/bin/python3 has no site directory for administrators (what it reads is the distribution's:"
            " /usr/lib/python3.13/site-packages), and that one is not ours to change"
        ),
        "for yourself alone, through your own site directory: pipshunt transparent on --user",
        "without it: call pip and python3 by name, so that they lead through the shims",
    )
    assert choose_folder(arch, user=True) == "/home/ana/.local/lib/python3.13/site-packages"


def test_a_directory_that_a_package_owns_is_not_ours(stdlib: str) -> None:
    if not os.access("/usr/bin/dpkg-query", os.X_OK):
        pytest.skip("no whole machines here: no dpkg that could own a directory")
    assert find_owner("/usr/share/doc")
    assert find_owner("/usr/local/lib/python3.99/dist-packages") == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"prefix": "/home/ana/v"}, "is a virtual environment's", id="an environment"),
        pytest.param({"version": (3, 9)}, "is 3.9, which does not tell how it was started", id="too old"),
    ],
)
@pytest.mark.parametrize("user", [False, True])
def test_some_interpreters_cannot_be_served(stdlib: str, change: dict[str, Any], said: str, user: bool) -> None:
    with pytest.raises(NoFolder, match=said):
        choose_folder(site(stdlib, "/usr/local/lib/python3.13/dist-packages")._replace(**change), user=user)


def test_one_without_a_marker_needs_none(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match="is not externally managed: pip works there as it is"):
        choose_folder(site(str(tmp_path / "none"), "/usr/local/lib/python3.13/site-packages"), user=False)


def test_an_interpreter_says_where_it_looks_whatever_the_users_variables_say(machine: Machine) -> None:
    env = {**machine.env(), "PYTHONUSERBASE": "/elsewhere", "PYTHONHOME": "/nowhere", "PYTHONPATH": "/x"}
    found = ask_site(str(machine.bin / "python3"), env)
    assert found
    assert found.version == tuple(map(int, machine.version.split(".")))
    assert found.real == str(machine.python)
    assert found.prefix == found.base_prefix == str(machine.root / "usr")
    assert found.marker == str(machine.marker)
    assert found.user_folder == f"{machine.home}/.local/lib/python{machine.version}/site-packages"
    assert all(folder.startswith(str(machine.root)) for folder in found.folders)


@pytest.mark.parametrize("program", ["true", "false", "none"])
def test_what_is_no_interpreter_says_nothing(program: str) -> None:
    assert ask_site(f"/bin/{program}", {}) is None


def test_marked_interpreters_are_found_once_and_no_shims(machine: Machine) -> None:
    found = find_sites({"PATH": f"{machine.shims}:{machine.bin}:relative", "HOME": str(machine.home)})
    ours = [one.executable for one in found if one.real.startswith(str(machine.root))]
    assert ours == [str(machine.bin / "python3")]
