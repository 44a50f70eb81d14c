"""Whether the log can be written and read."""

import os

import pytest
from machine import USER

from doctor.doctor_tree import Tree
from pipshunt.doctor.diagnosis import Finding
from pipshunt.doctor.log_health import judge_log

LOG = "~/.local/state/pipshunt/audit.jsonl"


def judge(tree: Tree, uid: int = USER) -> list[Finding]:
    world = tree.world(uid=uid)
    return judge_log(world._replace(places=world.places._replace(log=f"{tree.state}/audit.jsonl")))


def write(tree: Tree, text: str = '{"schema": 1}\n', mode: int = 0o600) -> None:
    tree.write("home/ana/.local/state/pipshunt/audit.jsonl", text, mode)
    tree.give()


def test_a_log_that_is_well_is_told_with_its_size(tree: Tree) -> None:
    write(tree)
    assert tree.facts(judge(tree)) == {"log": f"{LOG}, 14 bytes"}
    write(tree, '{"schema": 1}\n' * 2000)
    assert tree.facts(judge(tree)) == {"log": f"{LOG}, 27 kB"}


def test_before_the_first_call_there_is_none(tree: Tree) -> None:
    assert tree.facts(judge(tree)) == {"log": f"{LOG}: nothing was rewritten or refused yet"}


@pytest.mark.parametrize(
    "text", ['{"schema": 1}\n{"sch', '{"schema": 1}\nnonsense\n', "[]\n", "\xff\n", "[" * 9000 + "\n"]
)
def test_a_last_line_that_cannot_be_read_is_told(tree: Tree, text: str) -> None:
    write(tree, text)
    said = f"the last line of {LOG} is damaged; it is passed over, and cut off if it was torn"
    assert tree.told(judge(tree)) == [("notice", "log-damaged", said, "pipshunt log -n 3")]


def test_a_log_that_others_may_read_is_told_and_mended(tree: Tree) -> None:
    write(tree, mode=0o644)
    (found,) = judge(tree)
    assert tuple(found) == (
        "notice", "log-open", f"others may read {LOG}, which has your command lines", f"chmod 600 {LOG}",
    )  # fmt: skip
    assert os.waitstatus_to_exitcode(os.system(found.fix.replace("~", str(tree.home)))) == 0
    assert tree.told(judge(tree)) == []


def test_a_large_log_is_told(tree: Tree) -> None:
    write(tree, "")
    os.truncate(tree.state / "audit.jsonl", 100 << 20)
    assert ("notice", "log-large", f"{LOG} has 100 MB, and nothing rotates it", f"mv {LOG} {LOG}.old") in tree.told(
        judge(tree)
    )


def test_somebody_elses_log_is_a_problem(tree: Tree) -> None:
    write(tree)
    owner = os.stat(tree.state / "audit.jsonl").st_uid
    assert tree.told(judge(tree, uid=owner + 1)) == [
        (
            "problem",
            "log-foreign",
            f"{LOG} belongs to user {owner}: your calls cannot be logged",
            f"sudo chown {owner + 1} {LOG}",
        )
    ]


def test_a_folder_in_the_place_of_the_log_is_a_problem(tree: Tree) -> None:
    (tree.state / "audit.jsonl").mkdir(parents=True)
    assert tree.told(judge(tree)) == [("problem", "log-unreadable", f"{LOG} is not a regular file", f"rm -r {LOG}")]


def test_a_log_below_a_file_cannot_be_reached(tree: Tree) -> None:
    tree.write("home/ana/.local/state", "a file")
    (found,) = tree.told(judge(tree))
    assert found[:3] == ("problem", "log-unreadable", f"{LOG} cannot be reached: Not a directory")


def test_without_a_home_there_is_no_log(tree: Tree) -> None:
    world = tree.world()
    (found,) = judge_log(world._replace(places=world.places._replace(log="")))
    assert found.code == "no-log"


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_a_log_that_cannot_be_written_is_a_problem(tree: Tree) -> None:
    write(tree, mode=0o400)
    (found,) = tree.told(judge(tree))
    assert found == (
        "problem", "log-unwritable", f"{LOG} cannot be written: calls go on, and are not logged", f"chmod u+rw {LOG}",
    )  # fmt: skip


def test_a_full_disk_is_a_problem(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tree)
    real = os.statvfs(tree.state)
    full = os.statvfs_result((*real[:4], 0, *real[5:]))  # f_bavail
    monkeypatch.setattr(os, "statvfs", lambda path: full)
    said = f"the disk of {LOG} is full: calls go on, and are not logged"
    assert tree.told(judge(tree)) == [("problem", "disk-full", said, f"df -h {LOG}")]
