"""pip's lines; real pip's are compared in test_staged_install.py."""

import os

from machine import pip_folder

from pipshunt.accelerator.pip_library import load_pip_library
from pipshunt.accelerator.retrace import Met, Way
from pipshunt.accelerator.snapshot import Project
from pipshunt.accelerator.voice import in_normal_form, tell_installed, tell_met

NOTHING = Way((), (), {}, (), (), missing=False)


def project(name: str, version: str) -> Project:
    return Project(name, version, "", ())


def nothing(_: str) -> None:
    return None


def test_what_was_there_is_told_with_its_place_from_here() -> None:
    way = NOTHING._replace(met=(Met("a-b", "A_b>=1", ""), Met("c", "c", "A_b>=1")), ignored=(("d", 'os_name == "nt"'),))
    before = {"a-b": project("a.b", "1.5"), "c": project("c", "2")}
    assert tell_met(way, before.get, "/home/ana/env/lib/site", "/home/ana") == [
        "Ignoring d: markers 'os_name == \"nt\"' don't match your environment",
        "Requirement already satisfied: A_b>=1 in ./env/lib/site (1.5)",
        "Requirement already satisfied: c in ./env/lib/site (from A_b>=1) (2)",
    ]
    for elsewhere in ("/home/an", "/srv", "/"):
        assert tell_met(way, before.get, "/home/ana/site", elsewhere)[1].split(" in ")[1] == "/home/ana/site (1.5)"


def test_what_was_installed_is_summed_up_with_capitals_first() -> None:
    way = NOTHING._replace(names={"b": "B", "a": "a", "c": "c"}, order=("c", "b", "a"))
    after = {name: project(name, "1") for name in "abc"}
    assert tell_installed(way, nothing, after.get) == [
        "Installing collected packages: c, B, a",
        "Successfully installed B-1 a-1 c-1",
    ]


def test_what_was_replaced_is_told_by_its_own_name() -> None:
    way = NOTHING._replace(names={"a-b": "a_b"}, order=("a-b",))
    before, after = {"a-b": project("A.B", "1")}, {"a-b": project("A.B", "2")}
    assert tell_installed(way, before.get, after.get) == [
        "Installing collected packages: a_b",
        "  Attempting uninstall: a_b",
        "    Found existing installation: A.B 1",
        "    Uninstalling A.B-1:",
        "      Successfully uninstalled A.B-1",
        "Successfully installed a_b-2",
    ]


def test_versions_are_told_in_their_normal_form() -> None:
    library = load_pip_library(os.path.join(pip_folder(), "pip"), "3.11.2")
    told = in_normal_form({"a": project("a", "2020.06.20"), "b": project("b", "1.0-beta2")}.get, library)
    assert [one and one.version for one in map(told, "abc")] == ["2020.6.20", "1.0b2", None]


def test_nothing_installed_is_nothing_told() -> None:
    assert tell_installed(NOTHING, nothing, nothing) == []
