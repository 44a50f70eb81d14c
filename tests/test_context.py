"""The context: which project a folder is in, and whether a CI runs us."""

import os
from pathlib import Path

import pytest

from pipshunt.context import find_project, is_ci
from pipshunt.places import Places


def places(home: Path) -> Places:
    return Places(str(home), "", str(home / "state"), "", "", "")


@pytest.fixture
def home(folder: Path) -> Path:
    for name in ("shop/src/deep", "bare"):
        (folder / "home" / name).mkdir(parents=True)
    return folder / "home"


@pytest.mark.parametrize(
    ("signs", "cwd", "found"),
    [
        pytest.param(["shop/pyproject.toml"], "shop/src/deep", ("shop", "pyproject.toml"), id="from below"),
        pytest.param(["shop/.git", "shop/src/setup.py"], "shop/src/deep", ("shop/src", "setup.py"), id="by kind"),
        pytest.param(["shop/.git", "shop/src/pipshunt.toml"], "shop/src", ("shop/src", "pipshunt.toml"), id="policy"),
        pytest.param(["bare/requirements-dev.txt"], "bare", ("bare", "requirements-dev.txt"), id="requirements here"),
        pytest.param(["shop/requirements.txt"], "shop/src", None, id="requirements above"),
        pytest.param(["pyproject.toml"], "bare", None, id="never the home folder"),
        pytest.param([], "bare", None, id="nothing"),
    ],
)
def test_a_project_is_found_by_its_files(home: Path, signs: list[str], cwd: str, found: tuple[str, str] | None) -> None:
    for sign in signs:
        (home / sign).touch()
    expected = (str(home / found[0]), found[1]) if found else ("", "")
    assert find_project(str(home / cwd), os.geteuid(), places(home)) == expected


def test_a_folder_that_others_may_write_or_that_is_another_s_is_no_project(home: Path) -> None:
    (home / "shop/pyproject.toml").touch()
    assert find_project(str(home / "shop"), os.geteuid() + 1, places(home)) == ("", "")
    (home / "shop").chmod(0o777)
    assert find_project(str(home / "shop"), os.geteuid(), places(home)) == ("", "")


def test_a_ci_is_one_that_says_so() -> None:
    assert is_ci({"GITHUB_ACTIONS": "true"})
    assert is_ci({"BUILD_TAG": "jenkins-shop-7"})
    assert not is_ci({"CI": "true", "HOME": "/root"})
