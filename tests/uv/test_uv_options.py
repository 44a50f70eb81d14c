"""The table of uv's options, against what the real uv says of itself."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from pipshunt.uv import uv_options as table

# Accepted besides what the completion lists, which knows no aliases.
ALIASES = {
    "run": "--trusted-host= --preview-feature= --no-exact --force-reinstall --compile --no-compile --no_workspace",
    "pip install": "--trusted-host= --preview-feature= --constraint= --override= --exclude= --build-constraint= "
    "--requirement= --no-exact --force-reinstall --compile --no-compile",
    "pip sync": "--constraint= --build-constraint= --force-reinstall --compile --no-compile",
    "pip uninstall": "--requirement=",
}


@pytest.fixture(scope="module")
def completion(uv: Path) -> str:
    argv = [str(uv), "generate-shell-completion", "bash"]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def options(completion: str, command: str) -> tuple[set[str], set[str]]:
    """The flags of *command* and its options with a value, hidden ones included."""
    found = re.search(rf"\n +{command}\)\n +opts=\"(.*?)\"\n(.*?)\n            return 0\n", completion, re.DOTALL)
    assert found, f"uv's completion has no {command} any more"
    values = set(re.findall(r"\n +(-\S+)\)\n", found[2]))
    return {word for word in found[1].split() if word.startswith("-")} - values, values


@pytest.mark.parametrize(
    ("command", "flags", "values"),
    [
        ("uv", table.GLOBAL_FLAGS, table.GLOBAL_VALUES),
        ("uv__run", table.RUN_FLAGS, table.RUN_VALUES),
        ("uv__pip", table.PIP_FLAGS, table.PIP_VALUES),
        ("uv__pip__install", table.PIP_FLAGS, table.PIP_VALUES),
        ("uv__pip__uninstall", table.PIP_FLAGS, table.PIP_VALUES),
        ("uv__pip__sync", table.PIP_FLAGS, table.PIP_VALUES),
    ],
)
def test_every_option_of_the_real_uv_is_known(
    completion: str, command: str, flags: frozenset[str], values: frozenset[str]
) -> None:
    real_flags, real_values = options(completion, command)
    assert real_flags - flags == set(), "flags that uv_options.py does not have"
    assert real_values - values == set(), "options with a value that uv_options.py does not have"


@pytest.mark.parametrize("command", ALIASES)
def test_aliases_are_the_real_uvs(uv: Path, command: str) -> None:
    known = (table.RUN_FLAGS, table.RUN_VALUES) if command == "run" else (table.PIP_FLAGS, table.PIP_VALUES)
    for alias in ALIASES[command].split():
        name, value, _ = alias.partition("=")
        assert name in known[bool(value)]
        argv = [str(uv), *command.split(), *([f"{name}=x"] if value else [name]), "--help"]
        done = subprocess.run(argv, capture_output=True, check=False, env={"HOME": os.devnull})
        assert done.returncode == 0, alias


def test_no_option_is_a_flag_here_and_takes_a_value_there() -> None:
    assert not table.RUN_FLAGS & table.RUN_VALUES
    assert not table.PIP_FLAGS & table.PIP_VALUES
