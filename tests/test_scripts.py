"""Console scripts of the machine's environment in the folder where everyone finds them."""

import os
from pathlib import Path

from pipshunt.scripts import link_scripts


def environment(root: Path, *names: str) -> Path:
    (root / "venv/bin").mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / "venv/bin" / name).touch()
    (root / "local").mkdir(exist_ok=True)
    return root / "venv"


def links(root: Path) -> dict[str, str]:
    return {
        name: os.readlink(root / "local" / name)
        for name in os.listdir(root / "local")
        if os.path.islink(root / "local" / name)
    }


def test_scripts_are_linked_but_not_what_belongs_to_the_environment(tmp_path: Path) -> None:
    own = environment(
        tmp_path, "flask", "black", "activate", "activate.fish", "Activate.ps1", "python", "python3.11", "pip", "pip3"
    )
    link_scripts(str(own), str(tmp_path / "local"))
    assert links(tmp_path) == {"flask": f"{own}/bin/flask", "black": f"{own}/bin/black"}


def test_what_has_the_name_already_stays(tmp_path: Path) -> None:
    own = environment(tmp_path, "flask", "black")
    (tmp_path / "local/flask").write_text("someone's")
    (tmp_path / "local/black").symlink_to("/elsewhere/black")
    link_scripts(str(own), str(tmp_path / "local"))
    assert (tmp_path / "local/flask").read_text() == "someone's"
    assert links(tmp_path) == {"black": "/elsewhere/black"}


def test_links_of_scripts_that_are_gone_go_and_others_stay(tmp_path: Path) -> None:
    own = environment(tmp_path, "flask", "black")
    link_scripts(str(own), str(tmp_path / "local"))
    (tmp_path / "local/dangling").symlink_to("/nowhere")
    (own / "bin/flask").unlink()
    link_scripts(str(own), str(tmp_path / "local"))
    assert links(tmp_path) == {"black": f"{own}/bin/black", "dangling": "/nowhere"}


def test_a_folder_that_is_missing_or_closed_stops_nothing(tmp_path: Path) -> None:
    own = environment(tmp_path, "flask")
    link_scripts(str(own), str(tmp_path / "none"))
    link_scripts(str(tmp_path / "none"), str(tmp_path / "local"))
    assert links(tmp_path) == {}
