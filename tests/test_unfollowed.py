from pathlib import Path
from typing import Any

import pytest
from machine import Machine

from pipshunt.call import Call
from pipshunt.launch import read_launch
from pipshunt.places import find_places
from pipshunt.target import Target, find_target
from pipshunt.track import Track
from pipshunt.unfollowed import find_kernel, tell_by_path, tell_kernel

KERNEL = ("-m", "ipykernel_launcher", "-f", "/run/user/1000/kernel-1.json")


class Place:
    """A project of a machine with an environment as an install leaves it."""

    def __init__(self, machine: Machine) -> None:
        self.python = str(machine.bin / "python3")
        self.project = str(machine.project)
        self.site = machine.project / f".venv/lib/python{machine.version}/site-packages"
        self.site.mkdir(parents=True)
        (machine.project / ".venv/pyvenv.cfg").write_text("include-system-site-packages = false\n")
        self.track = Track("project", self.project, f"{self.project}/.venv", True, False, "", "")
        env = machine.env()
        call = Call("python3", ("-m", "pip", "install", "six"), self.python, env, self.project, 0)
        target = find_target(call, read_launch(call.tool, call.args), find_places(env, 1))
        assert isinstance(target, Target)
        self.target = target

    def told(self, kernel: str, **changes: Any) -> list[str]:
        return tell_kernel(kernel, self.track._replace(**changes), self.target, self.project)


@pytest.fixture
def place(machine: Machine) -> Place:
    return Place(machine)


@pytest.mark.parametrize(
    ("callers", "kernel"),
    [
        pytest.param([("sh", "-c", "pip install six"), ("/usr/bin/python3", *KERNEL)], "/usr/bin/python3", id="launcher"),
        pytest.param([("/v/bin/python", "-Xfrozen_modules=off", *KERNEL)], "/v/bin/python", id="with an option"),
        pytest.param([("/usr/bin/python3", "/usr/lib/python3/dist-packages/ipykernel_launcher.py")], "/usr/bin/python3", id="by path"),
        pytest.param([("bash",), ("/usr/bin/python3", "app.py", "--in", "a", "b", "ipykernel")], "", id="some word"),
        pytest.param([], "", id="nobody known"),
    ],
)  # fmt: skip
def test_a_notebooks_kernel_is_found_among_the_callers(callers: list[tuple[str, ...]], kernel: str) -> None:
    assert find_kernel(callers) == kernel


def test_in_a_kernel_of_the_environment_an_import_simply_works(place: Place) -> None:
    assert place.told(f"{place.project}/.venv/bin/python") == [
        "this notebook's kernel uses it; for a module that it has imported already, restart the kernel"
    ]


def test_the_systems_kernel_is_told_how_to_import_now_and_for_good(place: Place) -> None:
    assert place.told(place.python) == [
        f"this notebook's kernel runs in {place.python}, which goes on without .venv",
        f"to import from there now, in a cell: import site; site.addsitedir('{place.site}')",
        (
            f"for good: %pip install ipykernel, then !{place.project}/.venv/bin/python -m ipykernel install --user"
            " --name project, and choose the kernel project"
        ),
    ]


def test_another_pythons_kernel_cannot_import_from_there(place: Place) -> None:
    (place.site / "ipykernel").mkdir()
    assert place.told("/opt/conda/bin/python") == [
        "this notebook's kernel runs in /opt/conda/bin/python, which goes on without .venv",
        (
            f"for good: !{place.project}/.venv/bin/python -m ipykernel install --user --name project,"
            " and choose the kernel project"
        ),
    ]


def test_an_environment_that_sees_the_systems_packages_has_their_ipykernel(place: Place) -> None:
    assert place.told(place.python, system_site_packages=True, folder="/")[-1] == (
        f"for good: !{place.project}/.venv/bin/python -m ipykernel install --user --name pipshunt,"
        " and choose the kernel pipshunt"
    )


@pytest.mark.parametrize(
    ("guard", "lines"),
    [
        pytest.param(
            "1::7:/opt/pipshunt/engine/lib/python3.11/site-packages/pipshunt/transparent/startup.py", 1, id="by path"
        ),
        pytest.param("1::7:/usr/local/bin/pip", 0, id="by name"),
        pytest.param("", 0, id="unguarded"),
    ],
)
def test_who_calls_pip_by_its_path_is_told_what_that_python_does_not_see(place: Place, guard: str, lines: int) -> None:
    told = tell_by_path({"PIPSHUNT_GUARD": guard}, place.track, place.target, place.project)
    assert told == [f"{place.python} by its path goes on without it; .venv/bin/python has it"][:lines]


def test_a_path_is_a_path_whatever_is_in_it(place: Place, folder: Path) -> None:
    track = place.track._replace(environment=f"{folder}/it's/.venv", folder=f"{folder}/it's")
    told = tell_kernel(place.python, track, place.target, "/")
    assert 'addsitedir("' in told[1]
    assert "'\\''s/.venv/bin/python'" in told[2]
