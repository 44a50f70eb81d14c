"""Entering and leaving, in real shells at a terminal: what each command finds, and that all is put back."""

from pathlib import Path

import pytest

from hooks.home import Home

OURS = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PIPSHUNT_ENTERED", "PYTHONHOME", "PATH")


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def entered(home: Home, project: Path) -> dict[str, str]:
    """What a command finds in a project that was entered."""
    venv = f"{project}/.venv"
    return {
        "VIRTUAL_ENV": venv,
        "VIRTUAL_ENV_PROMPT": project.name,
        "PIPSHUNT_ENTERED": venv,
        "PATH": f"{home.bin}:{venv}/bin:/usr/bin:/bin",
    }


def test_a_project_is_entered_and_left_and_all_is_as_before(home: Home, shell: str) -> None:
    shop = home.project("shop")
    terminal = home.start(shell)
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    assert terminal.environment() == {**before, **entered(home, shop)}
    assert terminal.prompt().startswith("(shop) ")
    terminal.type("cd .venv/bin")
    assert terminal.environment()["PIPSHUNT_ENTERED"] == f"{shop}/.venv"
    terminal.type("cd ../../..")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)
