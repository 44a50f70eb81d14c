"""Which Pythons are here, whose markers are there, and which were removed."""

from pathlib import Path

import pytest

from doctor.doctor_tree import Tree
from pipshunt.doctor.pythons import Python, at_hand, find_pythons, judge_pythons, uv_folder


def judge(tree: Tree, uid: int = 1000, **env: str) -> list[tuple[str, ...]]:
    world = tree.world(env, uid=uid)
    return tree.told(judge_pythons(world, find_pythons(world)))


def test_the_systems_python_is_found_with_its_marker(tree: Tree) -> None:
    (found,) = find_pythons(tree.world())
    assert found == Python(str(tree.stdlib), (3, 13), str(tree.root / "usr"), str(tree.marker), "")
    assert at_hand(found).executable == f"{tree.root}/usr/bin/python3.13"
    assert judge(tree) == []


def test_uvs_and_homebrews_are_found_once_each(tree: Tree) -> None:
    managed = "home/ana/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu"
    for stdlib in (f"{managed}/lib/python3.12", "home/linuxbrew/.linuxbrew/Cellar/python@3.14/3.14.0/lib/python3.14"):
        tree.write(f"{stdlib}/os.py")
        tree.write(f"{stdlib}/EXTERNALLY-MANAGED", "managed by uv" if "uv" in stdlib else "[externally-managed]\n")
    (tree.home / ".local/share/uv/python/cpython-3.12-linux-x86_64-gnu").symlink_to(tree.root / managed)
    tree.write("usr/lib/python3.11/dist-packages/left.py")
    world = tree.world()
    facts = tree.facts(judge_pythons(world, find_pythons(world)))
    assert facts == {"markers": "Debian's Python 3.13; Homebrew's Python 3.14; uv's Python 3.12"}


@pytest.mark.parametrize(
    ("env", "place"),
    [
        pytest.param({}, "{home}/.local/share/uv/python", id="at home"),
        pytest.param({"XDG_DATA_HOME": "/data"}, "/data/uv/python", id="XDG_DATA_HOME"),
        pytest.param({"XDG_DATA_HOME": "data"}, "{home}/.local/share/uv/python", id="a relative XDG_DATA_HOME"),
        pytest.param({"UV_PYTHON_INSTALL_DIR": "/pythons"}, "/pythons", id="said"),
    ],
)
def test_where_uv_keeps_its_pythons(tree: Tree, env: dict[str, str], place: str) -> None:
    assert uv_folder(tree.world(env)) == place.format(home=tree.home)


@pytest.mark.parametrize(
    ("files", "fix"),
    [
        pytest.param(
            {"var/lib/dpkg/info/libpython3.13-stdlib:amd64.list": "/usr/lib\n/usr/lib/python3.13/EXTERNALLY-MANAGED\n"},
            "sudo apt install --reinstall libpython3.13-stdlib",
            id="dpkg",
        ),
        pytest.param(
            {"var/lib/pacman/local/python-3.13.1-1/files": "%FILES%\nusr/\nusr/lib/python3.13/EXTERNALLY-MANAGED\n\n"},
            "sudo pacman -S python",
            id="pacman",
        ),
        pytest.param(
            {
                "lib/apk/db/installed": "P:other\nF:usr/lib\nR:x\n\nP:python3\nF:usr/lib/python3.13\nR:a.py\n"
                "R:EXTERNALLY-MANAGED\nZ:x\nF:usr/lib/python3.13/json\nR:b.py\n\n"
            },
            "sudo apk fix --reinstall python3",
            id="apk",
        ),
    ],
)
def test_a_marker_that_the_system_shipped_and_is_gone_is_a_problem(tree: Tree, files: dict[str, str], fix: str) -> None:
    tree.marker.unlink()
    for name, text in files.items():
        tree.write(name, text)
    said = (
        "somebody removed /usr/lib/python3.13/EXTERNALLY-MANAGED: pip installs into the system's Python 3.13 unhindered, "
        "and so unshunted"
    )
    assert judge(tree) == [("problem", "marker-removed", said, fix)]
    assert judge(tree, uid=0) == [("problem", "marker-removed", said, fix.removeprefix("sudo "))]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="no package manager"),
        pytest.param({"var/lib/dpkg/info/libpython3.13-stdlib.list": "/usr/lib/python3.13/os.py\n"}, id="dpkg"),
        pytest.param(
            {"var/lib/dpkg/info/libpython3.11-stdlib.list": "/usr/lib/python3.11/EXTERNALLY-MANAGED\n"}, id="old"
        ),
        pytest.param(
            {"lib/apk/db/installed": "P:x\nF:etc\nR:EXTERNALLY-MANAGED\n\nP:y\nF:usr/lib/python3.13\nR:z\n"}, id="apk"
        ),
    ],
)
def test_a_python_that_never_had_a_marker_is_as_it_should_be(tree: Tree, files: dict[str, str]) -> None:
    tree.marker.unlink()
    for name, text in files.items():
        tree.write(name, text)
    world = tree.world()
    found = judge_pythons(world, find_pythons(world))
    assert tree.told(found) == []
    assert tree.facts(found) == {"markers": "none in Python 3.13 (pip installs there by itself)"}


def test_a_marker_of_uvs_that_is_gone_is_a_notice(tree: Tree) -> None:
    tree.write("pythons/cpython-3.12.3-linux/lib/python3.12/os.py")
    assert judge(tree, UV_PYTHON_INSTALL_DIR=str(tree.root / "pythons")) == [
        (
            "notice",
            "marker-removed-uv",
            (
                "uv's Python 3.12 has no marker (/pythons/cpython-3.12.3-linux/lib/python3.12/EXTERNALLY-MANAGED): pip installs "
                "into it, and uv may remove that again"
            ),
            "uv python install --reinstall 3.12",
        )
    ]


def test_without_the_venv_module_no_environment_can_be_made(tree: Tree) -> None:
    (tree.stdlib / "venv/__init__.py").unlink()
    said = "Python 3.13 has no venv module, so no environment can be made with it"
    assert judge(tree) == [("problem", "no-venv", said, "sudo apt install python3.13-venv")]


def test_without_pip_there_is_none_to_run(tree: Tree) -> None:
    (tree.root / "usr/lib/python3/dist-packages/pip/__init__.py").unlink()
    said = "Python 3.13 has no pip, so there is none to run in its environments"
    assert judge(tree) == [("notice", "no-pip", said, "sudo apt install python3-pip")]


def test_a_machine_without_python_is_told_so(tree: Tree, tmp_path: Path) -> None:
    world = tree.world()._replace(root=str(tmp_path))
    assert tree.facts(judge_pythons(world, find_pythons(world))) == {
        "markers": "no Python of an operating system or of uv is here"
    }
