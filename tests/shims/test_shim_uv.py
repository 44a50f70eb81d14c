"""Which calls of uv reach the engine, and which go straight to the real uv."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipshunt.uv_command import read_uv_command
from pipshunt.uv_escort import accompany
from shims.stage import SAY, QuickStage, Stage

ENGINE = [
    "uv pip install six",
    "uv pip install",
    "uv pip uninstall six",
    "uv pip sync requirements.txt",
    "uv -q --project run pip -n install six",
    "uv --color always --directory x --cache-dir y pip install six",
    "uv --config-file=x pip --cert y install six",
    "uv run pip install six",
    "uv run pip list",
    "uv run --with pip pip3.12 install six",
    "uv run -- pip uninstall six",
    "uv run -p 3.12 python -m pip install six",
    "uv run python3 -Impip install six",
    "uv run -m pip.__main__ freeze",
    "uv run --with pip app install",  # the value of an option, or the command: the engine can tell
]
TOOL = [
    "uv",
    "uv --version",
    "uv sync",
    "uv add pip",
    "uv tool run pip install six",
    "uv tool install pip",
    "uv python install 3.12",
    "uv --project pip sync install",
    "uv pip",
    "uv pip list",
    "uv pip compile requirements.in",
    "uv pip i six",
    "uv run app",
    "uv run app install",
    "uv run pip",
    "uv run pip download six",
    "uv run pytest install",
    "uv run python -m pipx install six",
    "uv help pip install",
    "uv --project run app pip install",
]


def prepare(stage: Stage) -> None:
    (stage.shims / "uv").symlink_to("pipshunt-shim")


@pytest.fixture(scope="module")
def quick() -> Iterator[QuickStage]:
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    stage = QuickStage(root / "stage")
    prepare(stage)
    stage.script(stage.bin / "uv", SAY)
    yield stage
    shutil.rmtree(root)


@pytest.mark.parametrize("line", ENGINE)
def test_what_may_change_packages_reaches_the_engine(quick: QuickStage, shell: str, line: str) -> None:
    assert quick.who(shell, *line.split()) == "engine"


@pytest.mark.parametrize("line", TOOL)
def test_everything_else_goes_straight_to_uv(quick: QuickStage, shell: str, line: str) -> None:
    assert quick.who(shell, *line.split()) == "usr/bin/uv"


def test_with_pipshunt_off_the_real_uv_runs(quick: QuickStage, shell: str) -> None:
    assert quick.who(shell, "uv", "pip", "install", "six", PIPSHUNT="off") == "usr/bin/uv"


WORDS = ("pip", "run", "install", "sync", "list", "-m", "-p", "--with", "--project", "--color=x", "-q", "--", "python")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from((*WORDS, "python3", "-mpip", "six", "--cache-dir", "pip3")), max_size=7))
def test_nothing_that_concerns_the_engine_passes_it_by(quick: QuickStage, args: list[str]) -> None:
    command = read_uv_command(args)
    concerns = not command.ends_early and (command.verb != "run" or bool(accompany(command, "/python", {})))
    reached = quick.who("dash", "uv", *args)
    assert reached == "engine" or not concerns


def test_uv_gets_the_words_as_they_are(stage: Stage, shell: str) -> None:
    prepare(stage)
    stage.recorder(stage.bin / "uv")
    words = ["sync", "--extra", "a b", "", "*", "\\", "-"]
    record = stage.call(shell, "uv", *words).record
    assert record.words == [str(stage.bin / "uv"), *words]
