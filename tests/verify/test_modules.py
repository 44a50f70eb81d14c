"""The modules that a distribution brings, told from its files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.verify.modules import Modules, find_modules, modules_of


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        pytest.param(["flask/__init__.py", "flask/app.py", "flask/json/__init__.py"], ("flask",), id="package"),
        pytest.param(["six.py"], ("six",), id="module"),
        pytest.param(["fast.cpython-311-x86_64-linux-gnu.so"], ("fast",), id="extension module"),
        pytest.param(["fast.abi3.so"], ("fast",), id="extension module for all versions"),
        pytest.param(["fast/__init__.cpython-311-x86_64-linux-gnu.so"], ("fast",), id="compiled package"),
        pytest.param(["plain.pyc"], ("plain",), id="without its source"),
        pytest.param(["__pycache__/six.cpython-311.pyc", "six.py"], ("six",), id="cache"),
        pytest.param(
            ["google/cloud/storage/__init__.py", "google/cloud/storage/blob.py", "google/cloud/version.py"],
            ("google.cloud.storage", "google.cloud.version"),
            id="namespace",
        ),
        pytest.param(
            ["google/cloud/_v2/__init__.py", "google/cloud/v2/__init__.py"], ("google.cloud.v2",), id="private"
        ),
        pytest.param(["_cffi_backend.abi3.so"], ("_cffi_backend",), id="nothing but private"),
        pytest.param(["yaml-stubs/__init__.pyi"], (), id="stubs"),
        pytest.param(["numpy.libs/libblas.so", "numpy/__init__.py"], ("numpy",), id="bundled libraries"),
        pytest.param(["30fcd__mypyc.cpython-311-x86_64-linux-gnu.so", "black/__init__.py"], ("black",), id="mypyc"),
        pytest.param(["../../../bin/cowsay", "/etc/x.py"], (), id="outside of the folder"),
        pytest.param(["data/readme.txt", "share/x/y.json"], (), id="data"),
        pytest.param(["setup.py", "conftest.py", "x.py"], ("x",), id="what does something when it is imported"),
        pytest.param(["x-1.0.dist-info/RECORD", "x-1.0.data/x.py"], (), id="metadata"),
        pytest.param(["__editable___x_finder.py", "__editable__.x-1.pth"], (), id="editable"),
    ],
)
def test_modules_are_told_from_files(paths: list[str], names: tuple[str, ...]) -> None:
    assert modules_of(paths).names == names


def test_tests_and_docs_beside_modules_are_left_out() -> None:
    assert modules_of(["x.py", "tests/__init__.py", "docs/conf.py"]) == Modules(("x",), ("docs.conf", "tests"))


def test_tests_that_are_all_there_is_are_meant() -> None:
    assert modules_of(["tests/__init__.py"]) == Modules(("tests",))


@given(st.lists(st.text("ab./_-", max_size=12)))
def test_any_record_is_read(paths: list[str]) -> None:
    assert all(part.isidentifier() for name in modules_of(paths).names for part in name.split("."))


def _write(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder / "demo-1.0.dist-info")


@pytest.mark.parametrize(
    ("files", "names"),
    [
        pytest.param({"demo-1.0.dist-info/RECORD": "wagon.py,,\n"}, ("wagon",), id="RECORD"),
        pytest.param({"demo-1.0.dist-info/top_level.txt": "wagon\n_wagon\n"}, ("wagon", "_wagon"), id="top_level.txt"),
        pytest.param(
            {"demo-1.0.dist-info/installed-files.txt": "../wagon.py\nPKG-INFO\n"}, ("wagon",), id="installed-files.txt"
        ),
        pytest.param(
            {
                "demo-1.0.dist-info/RECORD": "__editable__.demo-1.0.pth,,\n__editable___demo_1_0_finder.py,,\n",
                "__editable___demo_1_0_finder.py": "from __future__ import annotations\nMAPPING: dict[str, str] = {'wagon': '/src/wagon'}\n",
            },
            ("wagon",),
            id="editable, by a finder",
        ),
        pytest.param(
            {
                "demo-1.0.dist-info/RECORD": "_demo.pth,,\n",
                "_demo.pth": "{folder}/src\n",
                "src/demo/__init__.py": "",
                "src/other/__init__.py": "",
            },
            ("demo",),
            id="editable, by a folder",
        ),
        pytest.param({"demo-1.0.dist-info/METADATA": "", "demo/__init__.py": ""}, ("demo",), id="by its name"),
    ],
)
def test_what_a_distribution_says_is_read(tmp_path: Path, files: dict[str, str], names: tuple[str, ...]) -> None:
    info = _write(tmp_path, {name: text.replace("{folder}", str(tmp_path)) for name, text in files.items()})
    assert find_modules(info, "demo") == Modules(names)


def test_a_distribution_that_does_not_say_is_told(tmp_path: Path) -> None:
    info = _write(tmp_path, {"demo-1.0.dist-info/METADATA": ""})
    assert find_modules(info, "demo").unknown == f"{info} does not say which modules it brings"
