"""In an environment that the hook has entered, a change is the engine's to judge; all else is the environment's own."""

from pathlib import Path

import pytest

from shims.stage import PIP, QuickStage


@pytest.fixture
def entered(folder: Path) -> QuickStage:
    """A stage with an environment that has a pip, in the folder that the calls come from."""
    stage = QuickStage(folder / "stage")
    venv = stage.environment(stage.work / ".venv")
    stage.script(venv / "bin/pip", f"#!{venv}/bin/python {PIP}\n")
    stage.register(str(stage.work), venv)
    stage.register(str(stage.root / "blog"), stage.environment(stage.root / "blog/.venv"))
    return stage


ENGINE, OWN, REAL = "engine", "work/.venv/bin/python", "usr/bin/python3"  # the interpreters of their pips, too


@pytest.mark.parametrize(
    ("line", "changes", "reached"),
    [
        pytest.param("pip install x", {}, ENGINE, id="install"),
        pytest.param("pip uninstall x", {}, ENGINE, id="uninstall"),
        pytest.param("python -m pip install x", {}, ENGINE, id="by python"),
        pytest.param("pip list", {}, ENGINE, id="reading"),
        pytest.param("python -c pass", {}, OWN, id="not pip"),
        pytest.param("pip install x", {"PIPSHUNT": "off"}, REAL, id="off"),
        pytest.param("pip install x", {"PIPSHUNT_ENTERED": ""}, OWN, id="activated by hand"),
        pytest.param("pip install x", {"VIRTUAL_ENV": ""}, OWN, id="no longer active"),
        pytest.param("pip install x", {"PIPSHUNT_ENTERED": "/other"}, OWN, id="another was entered"),
        pytest.param(
            "pip install x", {"PIPSHUNT_ENTERED": "/other", "VIRTUAL_ENV": "/other"}, OWN, id="not the pip of that"
        ),
    ],
)
def test_what_the_shim_hands_to_the_engine_in_an_environment_that_was_entered(
    entered: QuickStage, shell: str, line: str, changes: dict[str, str], reached: str
) -> None:
    venv = str(entered.work / ".venv")
    path = f"{entered.shims}:{venv}/bin:{entered.bin}:/usr/bin:/bin"
    env = {"PATH": path, "VIRTUAL_ENV": venv, "PIPSHUNT_ENTERED": venv, **changes}
    assert entered.who(shell, *line.split(), **env) == reached


@pytest.mark.parametrize(
    ("place", "reached"),
    [("work", OWN), ("blog", "blog/.venv/bin/python"), ("usr", "usr/bin/python")],
    ids=["its own", "another project's", "no project's"],
)
def test_what_works_in_another_folder_goes_by_that_folder(
    entered: QuickStage, shell: str, place: str, reached: str
) -> None:
    venv = str(entered.work / ".venv")
    path = f"{entered.shims}:{venv}/bin:{entered.bin}:/usr/bin:/bin"
    env = entered.env(PATH=path, VIRTUAL_ENV=venv, PIPSHUNT_ENTERED=venv)
    done = entered.call(shell, "python", "-c", "pass", env=env, cwd=entered.root / place)
    assert done.out == f"{entered.root}/{reached}\0"


def test_a_name_that_only_the_environment_has_is_its_own(entered: QuickStage, shell: str) -> None:
    (entered.bin / "python").unlink()
    venv = str(entered.work / ".venv")
    path = f"{entered.shims}:{venv}/bin:{entered.bin}"
    env = {"PATH": path, "VIRTUAL_ENV": venv, "PIPSHUNT_ENTERED": venv}
    assert entered.who(shell, "python", "-c", "pass", **env) == OWN
