"""pipshunt's own installations: whole or broken, of one version, and whose they are."""

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest
from machine import USER

from doctor.doctor_tree import Tree
from pipshunt import __version__
from pipshunt.doctor.installations import (
    Installation,
    find_breakage,
    find_installations,
    judge_installations,
    judge_owner,
)

PREFIX = "~/.local/share/pipshunt"


def judge(tree: Tree) -> list[tuple[str, ...]]:
    world = tree.world()
    findings = judge_installations(world, find_installations(world))
    return [found for found in tree.told(findings) if "/opt" not in found[2] or found[1] != "foreign-owner"]


def test_a_whole_installation_is_told_with_its_version_and_python(tree: Tree) -> None:
    tree.install()
    world = tree.world()
    facts = tree.facts(judge_installations(world, find_installations(world)))
    assert judge(tree) == []
    assert facts == {"set up": f"{PREFIX}: version {__version__}, run by /usr/bin/python3.13"}


def test_before_an_installation_the_next_command_sets_one_up(tree: Tree) -> None:
    said = "pipshunt is not set up for you: pip leads to the system's own; in a checkout of pipshunt"
    assert judge(tree) == [("problem", "not-set-up", said, "./install.sh")]
    (tree.prefix / "envs").mkdir(parents=True)
    assert judge(tree)[0][1] == "not-set-up", "environments are what an uninstall keeps"


def drop(path: str) -> Callable[[Tree], None]:
    def act(tree: Tree) -> None:
        target = tree.root / path.format(engine=f"home/ana/.local/share/pipshunt/engines/{__version__}-0badcafe")
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()

    return act


def upgrade_python(tree: Tree) -> None:
    tree.write("usr/bin/python3.14", "\x7fELF", 0o755)
    python = tree.prefix / "engine/bin/python"
    python.unlink()
    python.symlink_to(tree.root / "usr/bin/python3.14")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        pytest.param(
            drop("home/ana/.local/share/pipshunt/bin/pipshunt-shim"),
            "the shim is gone, so its links lead nowhere",
            id="no shim",
        ),
        pytest.param(drop("{engine}"), "the engine is gone, so every call goes to the real pip", id="no engine"),
        pytest.param(
            drop("usr/bin/python3.13"),
            "the engine's Python (/usr/bin/python3.13) is gone, so every call goes to the real pip",
            id="no Python",
        ),
        pytest.param(drop("{engine}/stamp"), "the engine was never finished", id="no stamp"),
        pytest.param(
            drop("{engine}/lib/python3.13/site-packages/pipshunt/boot.py"),
            "files of the engine are gone, or were changed",
            id="no file",
        ),
        pytest.param(
            upgrade_python, "the engine was made for python3.13, but its Python is python3.14 now", id="another Python"
        ),
        pytest.param(
            drop("{engine}/bin/python"), "the engine's environment has lost its Python", id="no link to Python"
        ),
    ],
)
def test_a_broken_installation_is_a_problem(tree: Tree, act: Callable[[Tree], None], said: str) -> None:
    tree.install()
    act(tree)
    text = f"{PREFIX}: {said}; in a checkout of pipshunt, this puts it right"
    assert judge(tree) == [("problem", "engine-broken", text, "./install.sh")]


def test_two_installations_of_different_versions_are_a_notice(tree: Tree) -> None:
    tree.install()
    tree.install("opt/pipshunt", version="0.0.9")
    assert [found for found in judge(tree) if found[1] == "two-versions"] == [
        (
            "notice",
            "two-versions",
            (
                f"two installations of different versions: {__version__} in {PREFIX}, 0.0.9 in /opt/pipshunt; the first on PATH "
                "counts; in the newer's checkout"
            ),
            "./install.sh && sudo ./install.sh",
        )
    ]


def test_root_has_the_machines_alone(tree: Tree) -> None:
    tree.install()
    machine = tree.install("opt/pipshunt")
    assert find_installations(tree.world({"PATH": tree.path()}, uid=0)) == [machine]
    assert machine == Installation(
        f"{tree.root}/opt/pipshunt",
        is_machine=True,
        version=__version__,
        names=("pip", "pip3", "python3", "python3.13"),
        python=f"{tree.root}/usr/bin/python3.13",
    )
    assert find_breakage(machine) == ""


def test_a_file_that_others_may_change_is_a_problem(tree: Tree) -> None:
    tree.install()
    tree.bin.chmod(0o777)
    fix = f"chmod o-w {PREFIX}/bin"
    said = f"anyone may write {PREFIX}/bin, and so have you run anything"
    assert judge(tree) == [("problem", "anyone-may-write", said, fix)]
    subprocess.run(["sh", "-c", fix], env={"HOME": str(tree.home), "PATH": "/usr/bin:/bin"}, check=True)
    assert judge(tree) == []


def test_a_file_of_somebody_elses_is_a_problem(tree: Tree) -> None:
    tree.install()
    world = tree.world()
    theirs = os.stat(tree.bin).st_uid
    found = judge_owner(world, str(tree.bin), theirs + 1)
    said = f"{PREFIX}/bin belongs to user {theirs}, who can have you run anything"
    assert found
    assert tree.told([found]) == [("problem", "foreign-owner", said, f"sudo chown -R {theirs + 1} {PREFIX}/bin")]
    assert judge_owner(world, "/usr", USER) is None, "root's is as good as one's own"
    assert judge_owner(world, "/nowhere", USER) is None


def test_an_installation_that_lies_elsewhere_is_found_by_its_shims_on_path(tree: Tree) -> None:
    tree.install()
    world = tree.world({"XDG_DATA_HOME": str(tree.root / "data")})
    assert [one.prefix for one in find_installations(world)] == [str(tree.prefix)]
    assert find_installations(tree.world({"XDG_DATA_HOME": str(tree.root / "data"), "PATH": "bin:/usr/bin"})) == []
