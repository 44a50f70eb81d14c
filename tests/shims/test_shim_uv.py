"""Which calls of uv reach the engine, and which go straight to the real uv."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipshunt.uv.uv_command import read_uv_command
from pipshunt.uv.uv_escort import accompany
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


@pytest.fixture
def project(quick: QuickStage) -> Iterator[Path]:
    """A project whose environment uv will find by itself, and a folder within it."""
    folder = quick.root / "project"
    quick.environment(folder / ".venv")
    (folder / "src").mkdir()
    (folder / "pyproject.toml").write_text('[project]\nname = "x"\n[tool.uv]\ndev-dependencies = []\n')
    yield folder
    shutil.rmtree(folder)


def who(quick: QuickStage, shell: str, line: str, cwd: Path, **env: str) -> str:
    done = quick.call(shell, *line.split(), cwd=cwd, env=quick.env(**env))
    assert done.err == ""
    return "engine" if done.out.startswith(str(quick.engine)) else "uv"


@pytest.mark.parametrize("line", ["uv pip install six", "uv -q pip uninstall -y six", "uv pip sync -nq x.txt"])
def test_what_plainly_goes_into_an_environment_goes_straight_to_uv(
    quick: QuickStage, project: Path, shell: str, line: str
) -> None:
    assert who(quick, shell, line, project) == "uv"
    assert who(quick, shell, line, project / "src") == "uv"
    assert who(quick, shell, line, quick.work, VIRTUAL_ENV=f"{project}/.venv") == "uv"


@pytest.mark.parametrize(
    ("line", "env"),
    [
        *((f"uv pip install {option} six", {}) for option in ("--system", "-p 3.12", "-Up3.12", "--python=x", "-tx")),
        *((f"uv {option} pip install six", {}) for option in ("--directory=/", "--project x", "--config-file x")),
        *(("uv pip install six", {name: "1"}) for name in ("UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_CONFIG_FILE")),
        ("uv pip install six", {"CONDA_PREFIX": "/opt/conda"}),
        ("uv pip install six", {"VIRTUAL_ENV": "/usr"}),
        ("uv run pip install six", {}),
    ],
)
def test_where_another_interpreter_may_be_chosen_the_engine_asks(
    quick: QuickStage, project: Path, line: str, env: dict[str, str]
) -> None:
    assert who(quick, "dash", line, project, **env) == "engine"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("uv.toml", ""),
        ("pyproject.toml", "[tool.uv.pip]\nsystem = true\n"),
        ("pyproject.toml", "[tool.uv]\npip = { system = true }"),
        ("pyproject.toml", "[tool.uv]\npip.system = true\n"),
    ],
)
def test_settings_of_uv_are_uvs_to_read(quick: QuickStage, project: Path, shell: str, file: str, text: str) -> None:
    (project / file).write_text(text)
    assert who(quick, shell, "uv pip install six", project / "src") == "engine"


def test_the_users_settings_of_uv_are_uvs_to_read(quick: QuickStage, project: Path) -> None:
    settings = quick.home / ".config/uv/uv.toml"
    settings.parent.mkdir(parents=True)
    settings.touch()
    assert who(quick, "dash", "uv pip install six", project) == "engine"
    assert who(quick, "dash", "uv pip install six", project, XDG_CONFIG_HOME="/nowhere") == "uv"
    settings.unlink()


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
