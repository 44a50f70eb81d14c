"""The way of pip's resolver to a result that is known; real pip's words are compared in test_staged_install.py."""

import os

import pytest
from machine import pip_folder

from pipshunt.accelerator.pip_library import load_pip_library
from pipshunt.accelerator.retrace import Met, Root, Way, retrace
from pipshunt.accelerator.snapshot import Project

LIBRARY = load_pip_library(os.path.join(pip_folder(), "pip"), "3.11.2")
OLD, NEW = LIBRARY._replace(pip=(23, 0, 1)), LIBRARY._replace(pip=(25, 1, 1))


def projects(**requires: str) -> dict[str, Project]:
    return {name: Project(name, "1.0", "", tuple(filter(None, said.split(" & ")))) for name, said in requires.items()}


def way(*texts: str, there: dict[str, Project], new: tuple[str, ...] = (), library: object = OLD) -> Way:
    before = {name: project for name, project in there.items() if name not in new}
    roots = [Root(text) for text in texts]
    return retrace(roots, (), before.get, there.get, frozenset(new), library)  # type: ignore[arg-type]


def test_what_serves_is_met_in_pips_order_and_says_who_asks() -> None:
    there = projects(app="Lib>=0.5 & zeta", lib="deep", zeta="", deep="")
    assert way("App", "zeta==1.0", there=there).met == (
        Met("app", "App", ""),
        Met("zeta", "zeta==1.0", ""),
        Met("lib", "Lib>=0.5", "App"),
        Met("deep", "deep", "Lib>=0.5->App"),
    )


def test_a_line_of_a_file_is_where_a_way_ends() -> None:
    there = projects(app="lib", lib="")
    roots = [Root("app", "-r r.txt (line 3)")]
    found = retrace(roots, (), there.get, there.get, frozenset(), OLD)
    assert [met.origin for met in found.met] == ["-r r.txt (line 3)", "app->-r r.txt (line 3)"]


@pytest.mark.parametrize(
    ("texts", "missing"),
    [
        (("app",), False),
        (("app>=1", "app<2"), False),
        (("app>1",), True),
        (("none",), True),
        (("none; python_version < '3'",), False),
        (("needy",), True),
        (("needy[more]", "app"), True),
    ],
)
def test_what_is_missing_is_noticed(texts: tuple[str, ...], missing: bool) -> None:
    assert way(*texts, there=projects(app="", needy="app & gone")).missing is missing


def test_what_is_not_for_this_environment_is_told() -> None:
    found = way("none ; python_version < '3'", there={})
    assert (found.ignored, found.met, found.missing) == ((("none", 'python_version < "3"'),), (), False)


def test_extras_bring_their_own() -> None:
    there = projects(app="plain & extra-one; extra == 'x' & old; python_version < '3'", plain="")
    there["extra-one"] = Project("extra-one", "1.0", "", ())
    found = way("app[X]", there=there, new=("app", "plain", "extra-one"))
    assert set(found.order) == {"app", "plain", "extra-one"}
    assert "extra-one" not in way("app", there=there, new=("app", "plain", "extra-one")).order


def test_names_are_as_the_first_who_asks_writes_them() -> None:
    there = projects(app="Li_b", lib="", other="LI-B")
    there["li-b"] = Project("li.b", "1.0", "", ())
    names = way("APP", "other", there=there, new=("app", "li-b", "other")).names
    assert names == {"app": "APP", "other": "other", "li-b": "Li_b"}


def test_what_comes_by_a_path_is_named_by_its_metadata() -> None:
    there = {"my-app": Project("My.App", "2", "", ("lib",)), "lib": Project("lib", "1", "", ())}
    roots = [Root("My.App==2", "", "my-app")]
    found = retrace(roots, (), {"lib": there["lib"]}.get, there.get, frozenset({"my-app"}), OLD)
    assert (found.names["my-app"], found.met[0].origin) == ("My.App", "My.App==2")


def test_the_deepest_is_installed_first_and_names_break_ties_backwards() -> None:
    there = projects(app="mid & leaf", mid="leaf", leaf="", alone="")
    assert way("app", "alone", there=there, new=tuple(there)).order == ("leaf", "alone", "mid", "app")


def test_one_with_requires_python_is_no_leaf_to_pip() -> None:
    there = projects(b="", a="")
    there["b"] = there["b"]._replace(requires_python=">=3.8")
    assert way("a", "b", there=there, new=("a", "b")).order == ("a", "b")


def test_circles_end() -> None:
    there = projects(a="b", b="c & leaf", c="a", leaf="")
    assert way("a", there=there, new=tuple(there)).order == ("leaf", "c", "b", "a")


def test_pip_25_goes_for_upper_bounds_before_it_keeps_the_order_of_depth() -> None:
    there = projects(a="z", b="y<2", z="deep", y="", deep="")
    assert [met.name for met in way("a", "b", there=there, library=OLD).met] == ["a", "b", "z", "y", "deep"]
    there = projects(a="c & z<9", c="deepc", z="deepz", deepc="", deepz="")
    assert [met.name for met in way("a", there=there, library=NEW).met] == ["a", "c", "z", "deepz", "deepc"]
    assert [met.name for met in way("a", there=there, library=OLD).met] == ["a", "c", "z", "deepz", "deepc"]


def test_a_constraint_forbids_what_is_there() -> None:
    there = projects(a="b", b="")
    found = retrace([Root("a")], ("b>1", "a<1; python_version < '3'"), there.get, there.get, frozenset(), OLD)
    assert [met.name for met in found.met] == ["a"]


def test_without_dependencies_nobody_else_is_asked() -> None:
    there = projects(a="gone")
    found = retrace([Root("a")], (), there.get, there.get, frozenset({"a"}), OLD, dependencies=False)
    assert (found.missing, found.order) == (False, ("a",))


def test_by_force_nothing_serves() -> None:
    there = projects(a="")
    found = retrace([Root("a")], (), there.get, there.get, frozenset({"a"}), OLD, reinstall=True)
    assert (found.met, found.order) == ((), ("a",))
