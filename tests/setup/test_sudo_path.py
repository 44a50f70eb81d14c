"""sudo's secure_path, as far as no sudo is needed; with real ones of three releases: tests/roots/test_sudo.py."""

import os
from pathlib import Path

import pytest

from pipshunt.setup import sudo_path
from pipshunt.setup.engine_pip import SetupError
from pipshunt.setup.sudo_path import (
    find_hidden,
    find_new_complaints,
    find_secure_path,
    is_led,
    lead_sudo,
    offer_to_lead,
    stop_leading_sudo,
)

SHIM = "#!/bin/sh\n# pipshunt shim (…)\n"


@pytest.fixture
def drop_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the drop-in is to stand, which is not /etc."""
    file = tmp_path / "sudoers.d/pipshunt"
    file.parent.mkdir()
    monkeypatch.setattr(sudo_path, "DROP_IN", str(file))
    monkeypatch.setattr(sudo_path, "SUDOERS", str(tmp_path / "sudoers"))
    (tmp_path / "sudoers").write_text(f"@includedir {file.parent}\n")
    return file


def test_hidden_is_what_sudo_finds_elsewhere_first(tmp_path: Path) -> None:
    for path, text in (("local/pip", SHIM), ("local/pip3", SHIM), ("bin/pip", "#!/bin/sh\n")):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o755)
    local, system = str(tmp_path / "local"), str(tmp_path / "bin")
    assert find_hidden(["pip", "pip3"], f"{local}:{system}") == []
    assert find_hidden(["pip", "pip3"], f"{system}:{local}") == ["pip"]
    assert find_hidden(["pip", "pip3"], system) == ["pip", "pip3"]
    assert find_hidden(["pip"], "") == []  # sudo leaves the caller's PATH
    assert find_hidden(["pip"], None) == []


def test_who_is_not_root_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert find_secure_path() is None


def test_what_is_anothers_is_neither_replaced_nor_taken_away(drop_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sudo_path, "_find", lambda program: f"/usr/sbin/{program}")
    drop_in.write_text("Defaults lecture=never\n")
    assert not is_led()
    assert not stop_leading_sudo()
    with pytest.raises(SetupError, match="is there, and not pipshunt's"):
        lead_sudo("/opt/pipshunt/bin", "/usr/bin:/bin")
    assert drop_in.read_text() == "Defaults lecture=never\n"


def test_a_link_in_its_place_is_not_ours(drop_in: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("# Written by pipshunt: …\n")
    drop_in.symlink_to(tmp_path / "elsewhere")
    assert not is_led()


def test_ours_is_taken_away(drop_in: Path) -> None:
    drop_in.write_text("# Written by pipshunt: leads sudo to its shims\n")
    assert is_led()
    assert stop_leading_sudo()
    assert not drop_in.exists()
    assert not stop_leading_sudo()


def test_without_visudo_nothing_is_written(drop_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sudo_path, "_TOOLS", "/nonexistent")
    with pytest.raises(SetupError, match="visudo is not there to check sudoers"):
        lead_sudo("/opt/pipshunt/bin", "/usr/bin:/bin")
    assert not drop_in.exists()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Defaults env_reset\n", id="none"),
        pytest.param("@includedir /etc/sudoers.local.d\n", id="another"),
        pytest.param("# @includedir {}\n", id="commented out"),
        pytest.param("@include {}\n", id="a file"),
    ],
)
def test_where_sudoers_does_not_read_the_folder_the_line_to_add_is_said(
    text: str, drop_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sudo_path, "_find", lambda program: f"/usr/sbin/{program}")
    (tmp_path / "sudoers").write_text(text.format(drop_in.parent))
    with pytest.raises(SetupError, match='with visudo: Defaults secure_path="/opt/pipshunt/bin:/usr/bin:/bin"'):
        lead_sudo("/opt/pipshunt/bin", "/usr/bin:/opt/pipshunt/bin:/bin")
    assert not drop_in.exists()


def test_without_a_sudo_there_is_nothing_to_offer(drop_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sudo_path, "_TOOLS", "/nonexistent")
    said: list[str] = []
    assert offer_to_lead("/opt/pipshunt/bin", ["pip"], "./install.sh", said.append, wanted=False)
    assert said == []
    assert offer_to_lead("/opt/pipshunt/bin", ["pip"], "./install.sh", said.append, wanted=True)
    assert said == ["there is no sudo here that could be told of the shims"]


MODE = "/etc/sudoers.d/foreign: bad permissions, should be mode 0440"
OURS = "/etc/sudoers.d/pipshunt: bad permissions, should be mode 0440"
SYNTAX = "/etc/sudoers.d/zz:1:5: syntax error\nx y z(\n    ^"
OK = "/etc/sudoers: parsed OK"


@pytest.mark.parametrize(
    ("before", "after", "complaints"),
    [
        pytest.param((0, OK), (0, f"{OK}\n/etc/sudoers.d/pipshunt: parsed OK"), "", id="none"),
        pytest.param(
            (1, f"{MODE}\n{OK}"), (1, f"{MODE}\n{OK}\n/etc/sudoers.d/pipshunt: parsed OK"), "", id="another's"
        ),
        pytest.param((1, SYNTAX), (1, SYNTAX), "", id="another's, of several lines"),
        pytest.param((1, MODE), (1, f"{MODE}\n{OURS}"), OURS, id="of ours"),
        pytest.param((1, OURS), (1, OURS), OURS, id="of ours, as before"),
        pytest.param((1, MODE), (1, f"{MODE}\n{SYNTAX}"), SYNTAX, id="new"),
        pytest.param((0, OK), (1, OK), OK, id="a failure that says nothing new"),
        pytest.param((0, OK), (127, ""), "visudo -c ended with 127", id="no answer"),
    ],
)
def test_only_what_visudo_says_of_ours_or_anew_counts(
    before: tuple[int, str], after: tuple[int, str], complaints: str
) -> None:
    assert find_new_complaints(before, after) == complaints
