"""Which command lines reach the engine, and which go straight to the real tool."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipshunt.launch import read_launch
from shims.stage import SAY, QuickStage


@pytest.fixture(scope="module")
def roots() -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="module")
def marked(roots: Path) -> QuickStage:
    return QuickStage(roots / "marked")


@pytest.fixture(scope="module")
def unmarked(roots: Path) -> QuickStage:
    return QuickStage(roots / "unmarked", marked=False)


# What would install a pip.
BOOTSTRAPS = [
    "python3 -m ensurepip",
    "python3 -m ensurepip install",
    "python3 -mensurepip --upgrade",
    "python3 -Im ensurepip",
    "python3 -W ignore -m ensurepip.__main__",
    "python3 get-pip.py",
    "python3 ./get-pip.py --user",
    "python3 -I /tmp/get_pip.py",
    "python3 get-pip-3.8.py",
]
ENGINE = [
    "pip install six",
    "pip uninstall -y six",
    "pip3 install six",
    "pip3.11 install six",
    "pip --quiet install six",
    "pip --proxy install install six",
    "pip -v --log x uninstall six",
    "pip list install",  # an install of nothing; the engine can tell
    "pip download install",  # the engine can tell
    "pip install",
    "pip -- install six",
    "python3 -m pip install six",
    "python -m pip install six",
    "python3.11 -m pip install six",
    "python3 -mpip install six",
    "python3 -Im pip install six",
    "python3 -Impip install six",
    "python3 -I -m pip install six",
    "python3 -IsSEm pip install six",
    "python3 -W ignore -m pip install six",
    "python3 -Wignore -mpip install six",
    "python3 -IWignore -m pip install six",
    "python3 -IW ignore -m pip install six",
    "python3 -X utf8 -m pip install six",
    "python3 -Xutf8 -m pip install six",
    "python3 -W -m -m pip install six",
    "python3 --check-hash-based-pycs default -m pip install six",
    "python3 -m pip.__main__ install six",
    "python3 -mpip.__main__ uninstall six",
    "python3 -u -m pip --quiet install six",
    "python3 /usr/bin/pip install six",
    "python3 -I ./pip3 install six",
    "python3 /usr/bin/pip3.11 install six",
    "python3 lib/pip/__pip-runner__.py install six",
    "python3 -m pip -- install",
    *BOOTSTRAPS,
]
TOOL = [
    "pip",
    "pip --version",
    "pip list",
    "pip freeze --all",
    "pip show six",
    "pip check",
    "pip inspect",
    "pip download six",
    "pip wheel .",
    "pip config set x install-y",
    "pip INSTALL six",
    "pip installs six",
    "pip instal six",
    "pip --install six",
    "python3",
    "python3 -",
    "python3 -c pass",
    "python3 -c import\tpip install",
    "python3 -cimport\tpip install",
    "python3 -Ic import\tpip -m pip install",
    "python3 -m pipx install six",
    "python3 -mpipx install six",
    "python3 -m pip3 install six",
    "python3 -m pip._internal install six",
    "python3 -m venv pip install",
    "python3 -m ensurepipx",
    "python3 -mensurepips",
    "python3 -c import\tensurepip",
    "python3 - get-pip.py",
    "python3 x.py get-pip.py",
    "python3 get-pip.py.txt",
    "python3 forget-pip.py",
    "python3 -m pip",
    "python3 -m pip list",
    "python3 -m pip download six",
    "python3 -m",
    "python3 -m  pip install",
    "python3 script.py -m pip install",
    "python3 pip install six",
    "python3 /x/pipx install six",
    "python3 /x/pip.py install six",
    "python3 /usr/bin/piping install six",
    "python3 -V -m pip install six",
    "python3 -VV -m pip install six",
    "python3 --version -m pip install six",
    "python3 -h -m pip install six",
    "python3 -Ih -m pip install six",
    "python3 -? -m pip install six",
    "python3 --help-all -m pip install six",
    "python3 -- -m pip install six",
    "python3 -W -m pip install six",  # the value of -W is -m; pip is a script here
    "python3 -X -mpip install six",
    "python3 --check-hash-based-pycs -m pip install six",
    "python3 --check-hash-based-pycs=always -m pip install six",
    "python3 -z -m pip install six",
    "python3 setup.py install pip",
]


def words(line: str) -> list[str]:
    """Split at each space (two in a row hold an empty word); a tab stands for a space within a word."""
    return [word.replace("\t", " ") for word in line.split(" ")]


@pytest.mark.parametrize("line", ENGINE)
def test_what_may_change_packages_reaches_the_engine(marked: QuickStage, shell: str, line: str) -> None:
    assert marked.who(shell, *words(line)) == "engine"


@pytest.mark.parametrize("line", TOOL)
def test_what_cannot_goes_straight_to_the_tool(marked: QuickStage, shell: str, line: str) -> None:
    assert marked.who(shell, *words(line)).startswith("usr/bin/p")


@pytest.mark.parametrize("line", [line for line in ENGINE if "--py" not in line])
def test_an_interpreter_without_a_marker_never_reaches_the_engine(unmarked: QuickStage, line: str) -> None:
    tool = words(line)[0]
    assert unmarked.who("dash", *words(line)).removesuffix(".11") in (
        f"usr/bin/{tool.removesuffix('.11')}",
        "usr/bin/python3",
    )


def test_an_environment_never_reaches_the_engine(marked: QuickStage, shell: str) -> None:
    folder = marked.root / f"venv-{shell}"
    marked.environment(folder)
    marked.script(folder / "bin/pip", f"#!{folder}/bin/python3\n")
    path = f"{marked.shims}:{folder}/bin:{marked.bin}"
    for line in ("pip install six", "python3 -m pip install six", "python -mpip uninstall six"):
        assert marked.who(shell, *words(line), PATH=path).startswith(f"venv-{shell}/bin/")


@pytest.mark.parametrize("variable", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_reading_is_the_engines_where_an_active_environment_has_no_pip(
    marked: QuickStage, unmarked: QuickStage, variable: str
) -> None:
    for line in ("pip list", "python3 -m pip freeze"):
        assert marked.who("dash", *words(line), **{variable: "/somewhere"}) == "engine"
        assert unmarked.who("dash", *words(line), **{variable: "/somewhere"}).startswith("usr/bin/p")
    assert marked.who("dash", "pip", "download", "six", **{variable: "/somewhere"}).startswith("usr/bin/p")


def test_a_link_to_a_marked_interpreter_reaches_the_engine(marked: QuickStage, shell: str) -> None:
    folder = marked.root / f"link-{shell}"
    folder.mkdir()
    (folder / "python3").symlink_to(marked.python)
    assert marked.who(shell, "python3", "-m", "pip", "install", "six", PATH=f"{marked.shims}:{folder}") == "engine"


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("#!/usr/bin/env python3\n", id="env"),
        pytest.param('#!/bin/sh\n\'\'\'exec\' "/a b/python3" "$0" "$@"\n', id="distlib"),
        pytest.param("#!/bin/bash\n", id="another program's"),
        pytest.param("", id="none"),
        pytest.param("#! {bin}/python3\n", id="space"),
        pytest.param("#!{bin}/python3 -sE\n", id="with options"),
        pytest.param("#!{bin}/../bin/python3\n", id="dots"),
        pytest.param("#!{bin}/python3", id="nothing more"),
    ],
)
def test_a_pip_whose_interpreter_may_be_marked_reaches_the_engine(marked: QuickStage, shell: str, first: str) -> None:
    folder = marked.root / "pips"
    marked.script(folder / "pip", first.replace("{bin}", str(marked.bin)))
    assert marked.who(shell, "pip", "install", "six", PATH=f"{marked.shims}:{folder}") == "engine"


@pytest.mark.parametrize(
    "line", ["pip install --break-system-packages six", "python3 -m pip uninstall -y six --break-system-packages"]
)
def test_whether_a_pip_is_too_old_for_an_option_is_the_engines_to_tell(
    unmarked: QuickStage, shell: str, line: str
) -> None:
    assert unmarked.who(shell, *words(line)) == "engine"
    assert unmarked.who(shell, *words(line.replace("packages", "package"))).startswith("usr/bin/p")


@pytest.mark.parametrize(
    ("line", "changes"),
    [
        ("pip --python /usr/bin/python3 install six", {}),
        ("pip install --python=/usr/bin/python3 six", {}),
        ("pip --pyth /usr/bin/python3 install six", {}),
        ("pip install six", {"PIP_PYTHON": "/usr/bin/python3"}),
        ("python3 -m pip install six", {"PYTHONHOME": "/usr"}),
    ],
)
def test_where_another_interpreter_may_be_meant_the_engine_is_asked(
    unmarked: QuickStage, shell: str, line: str, changes: dict[str, str]
) -> None:
    assert unmarked.who(shell, *words(line), **changes) == "engine"


def test_an_interpreter_that_the_first_line_leaves_open_is_the_engines_to_find(
    unmarked: QuickStage, shell: str
) -> None:
    unmarked.script(unmarked.bin / "env", SAY)  # beside an unmarked Python, but free to run another
    folder = unmarked.root / "open"
    unmarked.script(folder / "pip", f"#!{unmarked.bin}/env python3\n")
    assert unmarked.who(shell, "pip", "install", "six", PATH=f"{unmarked.shims}:{folder}") == "engine"


def test_a_link_beside_an_unmarked_interpreter_is_the_engines_to_follow(unmarked: QuickStage, shell: str) -> None:
    link = unmarked.bin / f"python3.{len(shell)}9"
    link.symlink_to(unmarked.root / "engine/python")
    pip = unmarked.script(unmarked.root / f"elsewhere-{shell}/pip", f"#!{link}\n")
    assert unmarked.who(shell, "pip", "install", "six", PATH=f"{unmarked.shims}:{pip.parent}") == "engine"
    link.unlink()


def test_a_library_that_cannot_be_seen_is_the_engines_to_find(unmarked: QuickStage, shell: str) -> None:
    folder = unmarked.root / "copied"
    unmarked.script(folder / "python3", SAY)  # a copied interpreter finds its library elsewhere
    assert unmarked.who(shell, "python3", "-m", "pip", "install", PATH=f"{unmarked.shims}:{folder}") == "engine"


def test_a_binary_is_looked_into_without_a_word(marked: QuickStage, shell: str) -> None:
    folder = marked.root / f"binary-{shell}"
    (folder / "bin").mkdir(parents=True)
    shutil.copy("/bin/true", folder / "bin/python3")
    (folder / "lib/python3.11").mkdir(parents=True)
    (folder / "lib/python3.11/os.py").write_text("")
    for locale in ("C", "C.UTF-8"):
        env = marked.env(PATH=f"{marked.shims}:{folder}/bin", LC_ALL=locale)
        done = marked.call(shell, "python3", "-m", "pip", "install", "six", env=env)
        assert (done.status, done.out, done.err) == (0, "", "")


TOOLS = ("pip", "pip3.11", "python3", "python3.11")
WORDS = (
    *(
        "-m",
        "pip",
        "-mpip",
        "-Im",
        "-Impip",
        "-I",
        "-u",
        "-W",
        "-X",
        "-Wignore",
        "-Xutf8",
        "ignore",
        "--",
        "-",
        "",
        "-c",
        "-V",
    ),
    *(
        "--check-hash-based-pycs",
        "always",
        "pip.__main__",
        "install",
        "uninstall",
        "/usr/bin/pip",
        "./pip3.11",
        "pip3",
        "x/pip2",
    ),
    *(
        "a/__pip-runner__.py",
        "__pip-runner__.py",
        "pipx",
        "six",
        "--user",
        "list",
        "-q",
        "-IW",
        "-EX",
        "-bbI",
        "script.py",
        "ensurepip",
        "-mensurepip",
        "get-pip.py",
    ),
)


@settings(max_examples=200, deadline=None)
@given(tool=st.sampled_from(TOOLS), args=st.lists(st.sampled_from(WORDS), max_size=7))
def test_whatever_the_engine_reads_as_an_install_reaches_it(marked: QuickStage, tool: str, args: list[str]) -> None:
    launch = read_launch(tool, args)
    verbs = {"install", "uninstall"}
    may_change = launch.start >= 0 and (launch.bootstrap or verbs & set(args[launch.start :]))
    reached = marked.who("dash", tool, *args) == "engine"
    if may_change:
        assert reached
    if reached and not launch.bootstrap:
        assert verbs & set(args)


@settings(max_examples=100, deadline=None)
@given(tool=st.sampled_from(TOOLS), args=st.lists(st.sampled_from(WORDS), max_size=7))
def test_whatever_is_asked_of_an_unmarked_interpreter_goes_to_it(
    unmarked: QuickStage, tool: str, args: list[str]
) -> None:
    assert unmarked.who("dash", tool, *args).startswith("usr/bin/p")
