"""How pip is launched through an interpreter, against the interpreter itself."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipshunt.launch import NOT_PIP, Launch, read_launch


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("-m pip install x", Launch((), "", 2), id="module"),
        pytest.param("-mpip install x", Launch((), "", 1), id="module attached"),
        pytest.param("-m pip.__main__ install", Launch((), "", 2), id="main module"),
        pytest.param("-I -m pip install", Launch(("-I",), "", 3), id="isolated"),
        pytest.param("-Im pip install", Launch(("-I",), "", 2), id="cluster"),
        pytest.param("-Impip install", Launch(("-I",), "", 1), id="cluster, attached"),
        pytest.param("-W ignore -m pip list", Launch(("-W", "ignore"), "", 4), id="warning option"),
        pytest.param("-Wignore -sEmpip list", Launch(("-Wignore", "-sE"), "", 2), id="attached warning option"),
        pytest.param("-X utf8 -Xdev -OO -m pip", Launch(("-X", "utf8", "-Xdev", "-OO"), "", 6), id="implementation"),
        pytest.param("-BW ignore -m pip", Launch(("-BW", "ignore"), "", 4), id="cluster that takes a value"),
        pytest.param("--check-hash-based-pycs never -m pip", Launch(("--check-hash-based-pycs", "never"), "", 4), id="long"),
        pytest.param("/usr/bin/pip install", Launch((), "/usr/bin/pip", 1), id="script"),
        pytest.param("-I ./pip3.11 install", Launch(("-I",), "./pip3.11", 2), id="script with options"),
        pytest.param("/a/pip/__pip-runner__.py install", Launch((), "/a/pip/__pip-runner__.py", 1), id="runner"),
        pytest.param("-m ensurepip -U", Launch((), "", 2, "ensurepip"), id="ensurepip"),
        pytest.param("-Imensurepip", Launch(("-I",), "", 1, "ensurepip"), id="ensurepip attached"),
        pytest.param("get-pip.py --user", Launch((), "", 1, "get-pip.py"), id="get-pip.py"),
        pytest.param("-I /tmp/get_pip.py", Launch(("-I",), "", 2, "/tmp/get_pip.py"), id="get_pip.py by path"),
        pytest.param("forget-pip.py", NOT_PIP, id="no get-pip.py"),
        pytest.param("", NOT_PIP, id="nothing"),
        pytest.param("-m", NOT_PIP, id="no module"),
        pytest.param("-m pipx install", NOT_PIP, id="another module"),
        pytest.param("-c pass -m pip", NOT_PIP, id="code"),
        pytest.param("-V -m pip", NOT_PIP, id="version"),
        pytest.param("-- -m pip", NOT_PIP, id="end of options"),
        pytest.param("- -m pip", NOT_PIP, id="standard input"),
        pytest.param("script.py -m pip", NOT_PIP, id="another script"),
        pytest.param("-J -m pip", NOT_PIP, id="reserved option"),
        pytest.param("--check-hash-based-pycs maybe -m pip", NOT_PIP, id="bad value"),
        pytest.param("--check-hash-based-pycs", NOT_PIP, id="no value"),
        pytest.param("-W", NOT_PIP, id="no warning"),
    ],
)  # fmt: skip
def test_launches_through_an_interpreter(line: str, expected: Launch) -> None:
    assert read_launch("python3", line.split()) == expected


def test_pip_by_name_takes_every_word() -> None:
    assert read_launch("pip3", ["-m", "pip"]) == Launch((), "", 0)


@pytest.fixture(scope="module")
def environment() -> Iterator[Path]:
    """An environment whose pip only tells what it was given."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", root], check=True)
    packages = root / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages/pip"
    packages.mkdir()
    tell = "import json, sys\nprint('RAN', json.dumps(sys.argv[1:]), flush=True)\n"
    (packages / "__init__.py").touch()
    (packages / "__main__.py").write_text(tell)
    (root / "s").mkdir()
    (root / "s/pip").write_text(tell)
    (root / "s/pipx").write_text("")
    yield root
    shutil.rmtree(root)


WORDS = st.sampled_from(
    """
    -I -E -s -B -O -OO -q -u -b -d -x -P -v -R -i -IE -bsq -Im -ImB -m -mpip -Impip -sEmpip -mpip.__main__ -mpipx
    -c -cpass pass pip pip.__main__ s/pip s/pipx -W ignore -Wignore -X utf8 -Xutf8 -BW -sX -V -VV -h -? -J -z
    --version --help --help-all -- - --check-hash-based-pycs never always maybe --nonsense install flask -Iinstall
    """.split()  # noqa: SIM905  (a list of words is read more easily so)
)
LINES = st.one_of(
    st.lists(WORDS, max_size=6),
    st.builds(
        lambda before, after: [*before, "-m", "pip", *after], st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=2)
    ),
)


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(line=LINES)
def test_the_interpreter_starts_pip_with_the_same_words_or_not_at_all(environment: Path, line: list[str]) -> None:
    done = subprocess.run(
        [environment / "bin/python", *line],
        cwd=environment,
        env={"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    ran = [json.loads(text.removeprefix("RAN ")) for text in done.stdout.splitlines() if text.startswith("RAN ")]
    launch = read_launch("python3", line)
    assert ran == ([] if launch.start < 0 else [line[launch.start :]]), (line, done)
