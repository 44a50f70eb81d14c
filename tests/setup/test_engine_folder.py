"""The engine's folder: what of the dependencies goes into it. (test_installation.py makes, damages and replaces engines.)"""

import ast
from pathlib import Path

import pytest
from building_site import RICH, Site
from machine import PROJECT
from wheels import build_wheel

from pipshunt.setup.engine_folder import USED_PARTS


@pytest.fixture
def site(folder: Path) -> Site:
    return Site(folder)


def installed(site: Site) -> set[str]:
    (packages,) = (site.prefix / "engine/lib").glob("*/site-packages")
    return {path.name for path in packages.glob("*.dist-info")}


@pytest.mark.parametrize(
    ("console", "comes"),
    [
        pytest.param("", False, id="what rich asks for without need stays away"),
        pytest.param("import pygments\n", True, id="what it needs comes along"),
    ],
)
def test_of_the_dependencies_own_only_what_is_needed_is_installed(site: Site, console: str, comes: bool) -> None:
    build_wheel(site.wheels, "pygments", "99.0")
    contents = {**RICH, "rich/console.py": console}
    build_wheel(site.wheels, "rich", "99.0", requires=("pygments",), contents=contents)
    done = site.install()
    assert done.status == 0, done
    assert ("pygments-99.0.dist-info" in installed(site)) is comes
    assert site.works()


def test_no_part_of_rich_is_imported_that_is_not_looked_for_when_the_engine_is_built() -> None:
    nodes = [node for path in (PROJECT / "src").rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    parts = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    parts |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert {part for part in parts if part.startswith("rich")} == set(USED_PARTS)
