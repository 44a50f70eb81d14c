"""An install that uv may take ends as with pip: the same packages, the same verdict, the same words for those who read them."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from install_cases import CASES, PUBLIC, Case
from install_stage import Stage
from machine import Machine, pip_folder
from package_index import PackageIndex
from real_pip import release

RELEASES = ("25.1.1", "")  # with --full, these pips too; "" is the newest
TAKEN: dict[str, tuple[str, str]] = {}  # of what people type: who installed, and why


def find_uv() -> str:
    """Find a real uv: on PATH, or in the environment that runs the tests."""
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    return shutil.which("uv") or (beside if os.access(beside, os.X_OK) else "")


def as_param(case: Case) -> ParameterSet:
    marks = [pytest.mark.xfail(reason=case.differs)] if case.differs else []
    return pytest.param(case, id=case.name, marks=marks)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    full = metafunc.config.getoption("--full")
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", [as_param(case) for case in CASES if full or case.quick])
        pips = {"own": None, **({version or "newest": version for version in RELEASES} if full else {})}
        metafunc.parametrize("stage", pips.values(), ids=pips.keys(), indirect=True, scope="module")
    if "public_case" in metafunc.fixturenames:
        asked = PUBLIC if metafunc.config.getoption("--network") else PUBLIC[:1]  # one that says why it is skipped
        metafunc.parametrize("public_case", [pytest.param(case, id=case.name) for case in asked])


@contextlib.contextmanager
def laid_stage(version: str | None = None, *, public: bool = False) -> Iterator[Stage]:
    """Lay a stage whose environments have the pip of *version*, None for that of the tests' Python."""
    uv = find_uv()
    if not uv:
        pytest.skip("there is no uv to compare with pip")
    folder = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    folder.chmod(0o755)
    (folder / "index").mkdir()
    try:
        pip = Path(pip_folder()) if version is None else release(version, folder)
        with PackageIndex(folder / "index") as index:
            yield Stage(Machine(folder / "m"), index, uv, pip, public=public)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network: pip {version} cannot be had: {os.fsdecode(error.stderr)[-200:]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with laid_stage(request.param) as stage:
        yield stage


@pytest.fixture(scope="module")
def public_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if not request.config.getoption("--network"):
        pytest.skip("--network compares with what the public index has")
    with laid_stage(public=True) as stage:
        yield stage


def compare(stage: Stage, case: Case, fold: Callable[[str], str] = str) -> tuple[str, str]:
    """Run a case by pip and by us, and return who installed and why; *fold*: what lines are compared by."""
    pip = stage.run_pip(case)
    ours = stage.run_ours(case)
    taken = stage.installer()
    said = f"{case.line}\n{taken}\n--- pip {pip.result}\n--- ours {ours.result}"
    assert ours.status == pip.status, said
    assert ours.installed == pip.installed, said
    assert sorted(map(fold, ours.told)) == sorted(map(fold, pip.told)), said
    assert ours.frozen == pip.frozen, said
    if not any(".egg-info" in name for name in pip.files):  # pip before 25.3 has setuptools install by itself
        assert ours.files == pip.files, said
    return taken


def sort_words(line: str) -> str:
    """Fold names: pip writes them as whom it asked first, which may be a release that it then gave up."""
    return " ".join(sorted(line.casefold().split()))


def test_it_ends_as_with_pip(stage: Stage, case: Case) -> None:
    taken = compare(stage, case)
    if case.usual:
        TAKEN[case.name] = taken


def test_uv_takes_four_of_five_that_people_type() -> None:
    if not TAKEN:
        pytest.skip("nothing was installed")
    others = [f"{name}: {why}" for name, (who, why) in TAKEN.items() if who != "uv"]
    assert len(others) <= 0.2 * len(TAKEN), f"{len(others)} of {len(TAKEN)}:\n" + "\n".join(others)


@pytest.mark.network
def test_it_ends_as_with_pip_on_the_public_index(public_stage: Stage, public_case: Case) -> None:
    compare(public_stage, public_case, sort_words)
