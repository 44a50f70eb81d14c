"""Compiling as pip does."""

import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.accelerator.compilation import CannotCompile, cache_tag, compile_files, compiled_path

TAG = cache_tag("python{}.{}".format(*sys.version_info))
ENV = {"PATH": "/usr/bin:/bin"}


def test_the_tag_and_the_place_are_cpythons_own() -> None:
    assert sys.implementation.cache_tag == TAG
    assert compiled_path("/a/b.py", "cpython-311") == "/a/__pycache__/b.cpython-311.pyc"


def test_it_is_compiled_for_the_place_it_will_stand_in(tmp_path: Path) -> None:
    prefix, final = tmp_path / "stage/new", tmp_path / "env"
    for folder in (prefix, final):
        (folder / "pkg").mkdir(parents=True)
        (folder / "pkg/a.py").write_text("def f():\n    return __file__\n")
        os.utime(folder / "pkg/a.py", (1_700_000_000, 1_700_000_000))
    (prefix / "pkg/bad.py").write_text("def (\n")
    sources = [str(prefix / "pkg/a.py"), str(prefix / "pkg/bad.py")]
    compile_files(sys.executable, str(prefix), str(final), sources, TAG, ENV)
    py_compile.compile(str(final / "pkg/a.py"))
    ours, theirs = (Path(compiled_path(str(folder / "pkg/a.py"), TAG)) for folder in (prefix, final))
    assert ours.read_bytes() == theirs.read_bytes()
    assert ours.stat().st_mode == theirs.stat().st_mode
    assert os.listdir(prefix / "pkg/__pycache__") == [ours.name]


def test_many_are_shared_out(tmp_path: Path) -> None:
    prefix = tmp_path / "stage/new"
    prefix.mkdir(parents=True)
    sources = [prefix / f"m{number}.py" for number in range(450)]
    for source in sources:
        source.write_text("x = 1\n")
    compile_files(sys.executable, str(prefix), "/env", [str(source) for source in sources], TAG, ENV)
    assert len(os.listdir(prefix / "__pycache__")) == 450


def test_nothing_to_compile_starts_nothing(tmp_path: Path) -> None:
    compile_files("/none/python", str(tmp_path / "new"), "/env", [], TAG, ENV)


def test_what_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(CannotCompile, match="FileNotFoundError"):
        compile_files(sys.executable, str(tmp_path / "new"), "/env", [str(tmp_path / "new/gone.py")], TAG, ENV)


def test_an_interpreter_of_another_version_compiles_its_own(tmp_path: Path) -> None:
    others = [path for path in ("/usr/bin/python3", "/usr/local/bin/python3") if os.path.exists(path)]
    if not others:
        pytest.skip("no other Python")
    question = "import sys; print('python%d.%d' % sys.version_info[:2])"
    version = subprocess.run([others[0], "-c", question], capture_output=True, text=True, check=True).stdout.strip()
    (tmp_path / "new").mkdir()
    (tmp_path / "new/a.py").write_text("x = 1\n")
    compile_files(others[0], str(tmp_path / "new"), "/env", [str(tmp_path / "new/a.py")], cache_tag(version), ENV)
    assert os.listdir(tmp_path / "new/__pycache__") == [f"a.{cache_tag(version)}.pyc"]
