"""Going along with uv run: what is rewritten, and that the rest stays as it is."""

import pytest

from pipshunt.uv.uv_command import read_uv_command
from pipshunt.uv.uv_escort import _RELAY, accompany

PIP = ["/engine/python", "-I", "-S", _RELAY, "/engine/python", ""]
PYTHON = ["python", "-I", "-S", _RELAY, "/engine/python", "", "python"]


def escorted(line: str, **env: str) -> list[str]:
    return list(accompany(read_uv_command(line.split()), "/engine/python", env))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("run pip install x", ["run", *PIP, "pip", "install", "x"]),
        ("-q run --with a pip3 -q install x", ["-q", "run", "--with", "a", *PIP, "pip3", "-q", "install", "x"]),
        ("run -- pip3.12 list", ["run", "--", *PIP, "pip3.12", "list"]),
        ("run python3 -Im pip install x", ["run", *PIP, "python3", "-Im", "pip", "install", "x"]),
        ("run python -I -m pip install x", ["run", *PYTHON, "-I", "-m", "pip", "install", "x"]),
        ("run -m pip install x", ["run", *PYTHON, "-m", "pip", "install", "x"]),
        ("run -qnm --frozen pip freeze", ["run", "-qn", "--frozen", *PYTHON, "-m", "pip", "freeze"]),
        ("run --module -- pip install x", ["run", "--", *PYTHON, "-m", "pip", "install", "x"]),
        ("run -m pip.__main__ install x", ["run", *PYTHON, "-m", "pip.__main__", "install", "x"]),
    ],
)
def test_the_command_word_alone_is_rewritten(line: str, words: list[str]) -> None:
    assert escorted(line) == words


@pytest.mark.parametrize(
    "line",
    [
        *("run app", "run", "run pip", "run pip download x", "run pip.py install x", "run -s pip install x"),
        *("run --gui-script pip install x", "run /usr/bin/pip install x", "run python -m pipx install x"),
        *("run python script.py pip install", "run -m pipx install x", "run uv pip install x", "run bash -c pip"),
    ],
)
def test_what_is_no_call_of_pips_is_left_alone(line: str) -> None:
    assert escorted(line) == []


def test_the_locale_that_the_caller_has_goes_along() -> None:
    assert escorted("run pip install x", LC_CTYPE="C")[6] == "=C"
    assert escorted("run pip install x", LC_CTYPE="")[6] == "="
