"""Which shell may be started: the user's own word, and nobody else's."""

import os
from pathlib import Path

import pytest
from machine import USER

from pipshunt.doctor.own_shell import find_shell, find_stranger

NOBODYS = 12345678


def test_only_a_shell_that_can_be_asked_is(tmp_path: Path) -> None:
    assert find_shell({"SHELL": "/bin/bash"}, USER) == ("/bin/bash", "")
    assert find_shell({"SHELL": "bash"}, NOBODYS) == ("/bin/sh", ""), (
        "a relative one could be a clone's; nobody's is sh"
    )
    assert find_shell({"SHELL": "/usr/sbin/nologin"}, NOBODYS) == ("/bin/sh", "")
    (tmp_path / "bash").write_text("")
    assert find_shell({"SHELL": f"{tmp_path}/bash"}, NOBODYS) == ("/bin/sh", ""), "no program"


@pytest.fixture
def bash(folder: Path) -> Path:
    """One of the user's own."""
    file = folder / "bin/bash"
    file.parent.mkdir()
    file.write_text("#!/bin/sh\n")
    for path, mode in ((folder, 0o755), (file.parent, 0o775), (file, 0o755)):
        path.chmod(mode)
        os.chown(path, USER, USER)
    return file


def test_a_users_own_shell_is_theirs_to_start_and_not_roots(bash: Path) -> None:
    assert find_shell({"SHELL": str(bash)}, USER) == (str(bash), "")
    assert find_shell({"SHELL": str(bash)}, 0)[0] in ("/bin/bash", "/bin/sh", "/bin/zsh"), "it is not listed"
    assert find_stranger([str(bash)], 0) in (str(bash.parent), str(bash.parents[1])), "nor only root's, were it"


def test_a_shell_that_root_lists_is_started_if_it_is_roots_alone(folder: Path) -> None:
    listing = folder / "shells"
    listing.write_text("# valid login shells\n/bin/sh\n/usr/bin/bash\n")
    assert find_shell({"SHELL": "/usr/bin/bash"}, 0, str(listing)) == ("/usr/bin/bash", "")
    assert find_shell({"SHELL": "/bin/sh"}, 0, str(listing)) == ("/bin/sh", "")


@pytest.mark.parametrize("of", ["bin/bash", "bin", ""])
def test_a_shell_that_others_may_write_or_put_another_in_its_place_is_not_started(bash: Path, of: str) -> None:
    path = bash.parents[1] / of
    path.chmod(0o757)
    assert find_stranger([str(bash)], USER) == str(path)
    assert find_shell({"SHELL": str(bash)}, NOBODYS)[0] == "/bin/sh"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make files another user's")
def test_a_shell_or_a_link_of_another_users_is_not_started(bash: Path, folder: Path) -> None:
    link = folder / "link"
    link.symlink_to("bin/../bin/bash")
    assert find_stranger([str(link)], USER) == ""
    os.lchown(link, NOBODYS, NOBODYS)
    assert find_stranger([str(link)], USER) == str(link)
    os.lchown(link, 0, 0)
    os.chown(bash, NOBODYS, NOBODYS)
    assert find_stranger([str(link)], USER) == str(bash)


def test_what_is_not_there_is_nobodys(folder: Path) -> None:
    (folder / "round").symlink_to("round")
    folder.chmod(0o755)
    os.chown(folder, USER, USER)
    assert find_stranger([f"{folder}/nowhere/.bashrc", f"{folder}/round", "/dev/null/x"], USER) == ""
