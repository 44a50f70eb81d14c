"""What uv has chosen, questioned."""

import os
import sys
from pathlib import Path

import pytest
from machine import pip_folder

from pipshunt.accelerator import install_audit
from pipshunt.accelerator.install_audit import Visible
from pipshunt.accelerator.pip_library import load_pip_library
from pipshunt.accelerator.retrace import Root, retrace
from pipshunt.accelerator.snapshot import Distribution, Project, Snapshot

LIBRARY = load_pip_library(os.path.join(pip_folder(), "pip"), "3.11.2")
NONE = Visible(frozenset(), frozenset())


@pytest.mark.parametrize(
    ("requires_python", "fits"),
    [
        ("", True),
        (">=3.8", True),
        (">=2.7, !=3.0.*, !=3.1.*", True),
        (">=3.6,<4", True),
        (">=3.6,<3.11", False),
        ("!=3.11.*", False),
        (">=3.8,<3.11.2", False),
        ("<3.11.3", True),
    ],
)
def test_one_that_is_not_for_this_python_is_pips(requires_python: str, fits: bool) -> None:
    new = {"a": Project("a", "1", requires_python, ())}
    said = install_audit.question_metadata(new, LIBRARY, "3.11.2")
    assert said == ("" if fits else f"a 1 is for Python {requires_python}")


@pytest.mark.parametrize(
    "project",
    [
        Project("a", "1", "", ("b @@1",)),
        Project("a", "1", "", ("",)),
        Project("a", "1", "three", ()),
        Project("a", "one", "", ()),
    ],
)
def test_metadata_that_pip_may_refuse_is_pips(project: Project) -> None:
    assert "is not valid" in install_audit.question_metadata({"a": project}, LIBRARY, "3.11.2")


def test_where_uv_had_to_go_back_pip_may_go_elsewhere() -> None:
    straight = [
        "DEBUG Selecting: a==2.0 [compatible] (a-2.0-py3-none-any.whl)\n",
        "DEBUG Selecting: b==1 [installed]\n",
    ]
    assert install_audit.question_choices(straight) == ""
    again = [*straight, "DEBUG Searching for a compatible version of a (<2)\n", straight[0]]
    assert install_audit.question_choices(again) == ""
    back = [*straight, "DEBUG Selecting: a==1.0 [compatible] (a-1.0-py3-none-any.whl)\n"]
    assert install_audit.question_choices(back) == "uv tried a 2.0, then 1.0, where pip may go another way"


@pytest.mark.parametrize(
    ("version", "named", "fits"), [("1.0", (), True), ("1.0b1", (), False), ("1.0.dev3", ("a",), True)]
)
def test_a_pre_release_that_nobody_named_is_pips(version: str, named: tuple[str, ...], fits: bool) -> None:
    new = {"a": Project("a", version, "", ())}
    said = install_audit.question_prereleases(new, frozenset(named), LIBRARY)
    assert said == ("" if fits else f"a {version} is a pre-release that nobody named")


def test_two_with_one_file_are_pips() -> None:
    rows = {"a": [["x/y.py", "", ""], ["a.py", "", ""]], "b": [["x/./y.py", "", ""]]}
    assert install_audit.question_files(rows) == "a and b both have x/./y.py"
    assert install_audit.question_files({"a": rows["a"]}) == ""


def test_a_pre_release_that_is_named_counts_for_what_is_new() -> None:
    there = {
        "a": Project("a", "1", "", ("b>=1.0a1", "c!=1.0a1", "d>=1.0rc1")),
        **{name: Project(name, "1.0", "", ()) for name in "bcd"},
    }
    way = retrace([Root("a")], (), there.get, there.get, frozenset({"a", "b", "c"}), LIBRARY)
    assert install_audit.find_prereleases(way, ("a", "b", "c")) == {"b"}


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        ("[console_scripts]\nx = m:f\ny=m.n:C.f [extra]\n", True),
        ("[gui_scripts]\n# x = m\n\nx = m : f\n", False),
        ("[console_scripts]\nx = m\n", False),
        ("[pytest11]\nx = m\n", True),
    ],
)
def test_a_script_that_pip_may_not_make_is_pips(tmp_path: Path, entry: str, fits: bool) -> None:
    (tmp_path / "entry_points.txt").write_text(entry)
    said = install_audit.question_scripts([str(tmp_path / "none"), str(tmp_path)])
    assert (said == "") is fits


@pytest.mark.parametrize(
    ("asked", "pip", "said"),
    [
        ("a", (23, 0), ""),
        ("a[x_y]", (23, 0), ""),
        ("a[X_Y]", (23, 0), ""),
        ("a[x-y]", (23, 0), "a 1 names no extra x-y"),
        ("a[X-y]", (25, 0), ""),
        ("a[z]", (25, 0), "a 1 names no extra z"),
    ],
)
def test_an_extra_that_is_not_named_is_pips(asked: str, pip: tuple[int, int], said: str) -> None:
    there = {"a": Project("a", "1", "", (), ("x_y",))}
    way = retrace([Root(asked)], (), there.get, there.get, frozenset({"a"}), LIBRARY)
    assert install_audit.question_extras(way, there.get, LIBRARY._replace(pip=pip)) == said


def test_what_only_pip_counts_as_installed_is_pips() -> None:
    snapshot = Snapshot("/site", {}, frozenset({"old"}))
    new = {"old": Project("old", "1", "", ())}
    assert "in a form that only pip removes" in install_audit.question_neighbours(snapshot, new, NONE)
    snapshot = snapshot._replace(foreign=frozenset())
    assert install_audit.question_neighbours(snapshot, new, NONE) == ""
    seen = Visible(frozenset({"old"}), frozenset())
    assert "among the system's packages" in install_audit.question_neighbours(snapshot, new, seen)
    seen = Visible(frozenset(), frozenset({"old"}))
    assert "depends on old" in install_audit.question_neighbours(snapshot, new, seen)


def installed(site: Path, name: str, version: str, *requires: str) -> Distribution:
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = "".join(f"Requires-Dist: {text}\n" for text in requires)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n{lines}")
    return Distribution(name, version, str(info))


@pytest.mark.parametrize(
    ("requires", "new", "said"),
    [
        (("B==1",), Project("b", "2", "", ()), "user 1 requires B==1"),
        (("b>=1",), Project("b", "2", "", ()), ""),
        (("b>=1", "gone"), Project("b", "2", "", ()), "user 1 requires gone"),
        (("b>=1", "gone; extra == 'x'", "gone; python_version < '3'"), Project("b", "2", "", ()), ""),
        (("gone",), Project("b", "2", "", ()), ""),
        ((), Project("b", "2", "", ("user>1",)), "b 2 requires user>1"),
        ((), Project("b", "2", "", ("user", "system-s")), ""),
    ],
)
def test_what_pip_would_complain_of_is_pips(tmp_path: Path, requires: tuple[str, ...], new: Project, said: str) -> None:
    snapshot = Snapshot(str(tmp_path), {"user": installed(tmp_path, "user", "1", *requires)}, frozenset())
    seen = Visible(frozenset({"system-s"}), frozenset())
    assert install_audit.question_consistency(snapshot, {"b": new}, seen, LIBRARY) == said


def test_all_forms_of_the_systems_packages_are_seen(tmp_path: Path) -> None:
    installed(tmp_path, "Seen_One", "1", "Need.One>=2")
    info = tmp_path / "seen_two-1-py3.11.egg-info"
    info.mkdir()
    (info / "requires.txt").write_text("need-two>=1\n\n[extra]\nneed-three\n")
    (tmp_path / "seen_three-1.egg-info").write_text("")
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path)}
    seen = install_audit.look_around(sys.executable, "/site", env)
    assert {"seen-one", "seen-two", "seen-three"} <= seen.names
    assert {"need-one", "need-two", "need-three"} <= seen.needed
    assert "seen-one" not in install_audit.look_around(sys.executable, str(tmp_path), env).names


def test_an_interpreter_that_does_not_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="does not run"):
        install_audit.look_around("/bin/false", "/site", {})
