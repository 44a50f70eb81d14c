"""The whole examination: with half of everything missing it still says what it can, and breaks nothing."""

import os
import shutil
import time

import pytest
from machine import USER

from doctor.doctor_tree import Tree
from pipshunt.doctor import examination
from pipshunt.doctor.diagnosis import World
from pipshunt.doctor.examination import examine, fixed_views, read_world
from pipshunt.doctor.shells import View


def codes(world: World) -> list[str]:
    return [finding.code for finding in examine(world).findings if finding.level != "fine"]


def test_a_whole_installation_is_well(tree: Tree) -> None:
    tree.install()
    assert codes(tree.world()) == []


def test_everything_at_once(tree: Tree) -> None:
    tree.install()
    tree.write("home/ana/.bashrc", "export PIP_BREAK_SYSTEM_PACKAGES=1\n")
    tree.write("usr/bin/python3.14", "", 0o755)
    tree.write("home/ana/shop/pipshunt.toml", "x = 1\n")
    tree.give()
    world = tree.world({"PATH": tree.path(), "PIPSHUNT": "off", "PIP_USER": "1"})
    assert codes(world) == [
        *("override-line", "override-variable", "policy", "here-unreached", "shim-missing", "setting-variable"),
    ]


@pytest.mark.parametrize(
    "path", ["", "::", ".", "/nowhere:/dev/null:relative", "/\udcff", ":".join(["/usr/bin"] * 2000)], ids=range(6)
)
def test_any_path_is_survived(tree: Tree, path: str) -> None:
    tree.install()
    assert "failed" not in codes(tree.world({"PATH": path}))


@pytest.mark.parametrize("gone", ["home/ana", "usr/lib", "usr/bin", "etc", "home/ana/.local/share/pipshunt/engines"])
def test_any_missing_folder_is_survived(tree: Tree, gone: str) -> None:
    tree.install()
    shutil.rmtree(tree.root / gone)
    assert "failed" not in codes(tree.world())


@pytest.mark.parametrize(
    "name",
    [
        *("home/ana/.local/share/pipshunt/bin/pipshunt-shim", "home/ana/.local/share/pipshunt/bin/pip"),
        *("home/ana/.local/share/pipshunt/engine", "home/ana/.local/state/pipshunt/audit.jsonl", "etc/crontab"),
        *("home/ana/.local/state/pipshunt/follow/@x", "home/ana/.bashrc", "home/ana/shop/pipshunt.toml"),
        *("usr/lib/python3.13/EXTERNALLY-MANAGED", "home/ana/.local/state/pipshunt/transparent.json"),
        "var/lib/dpkg/info/libpython3.13-stdlib.list",
    ],
)
@pytest.mark.parametrize("content", [b"\xff\x00\xfe\n" * 9, b"", None], ids=["bytes", "empty", "folder"])
def test_any_damaged_file_is_survived(tree: Tree, name: str, content: bytes | None) -> None:
    tree.install()
    file = tree.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.is_symlink() or file.exists():
        file.unlink()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    tree.give()
    assert "failed" not in codes(tree.world())


def test_without_a_home_it_says_what_it_can(tree: Tree) -> None:
    world = tree.world()
    nowhere = world.places._replace(home="", data="", state="", cache="", policy="", log="")
    assert codes(world._replace(places=nowhere)) == ["not-set-up", "no-log"]


def test_a_look_that_fails_is_a_finding_and_the_others_are_made(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(world: World) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(examination, "judge_policies", fail)
    found = {finding.code: finding.sentence for finding in examine(tree.world()).findings}
    assert found["failed"] == "a part of this examination failed: RuntimeError: two lines"
    assert "log" in found


def test_services_have_the_paths_of_their_files(tree: Tree) -> None:
    tree.write("etc/crontab", "PATH=/a\n")
    tree.write("usr/lib/systemd/systemd")
    assert fixed_views(tree.world()) == [
        View("cron", "cron", f"{tree.root}/usr/bin:{tree.root}/bin", {}),
        View("crontab", "/etc/crontab", "/a", {}),
        View("systemd", "systemd", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", {}),
    ]


def test_root_has_its_own_home_whatever_home_says(tree: Tree) -> None:
    assert read_world({"HOME": str(tree.home), "SHELL": "/bin/bash"}, "/", 0).places.home == "/root"
    assert read_world({"HOME": "/"}, "/", 0).places.home == "/root"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make files another user's")
def test_no_shell_is_asked_that_would_run_an_rc_file_of_somebody_elses(tree: Tree) -> None:
    rc = tree.write("home/ana/.bashrc", "touch ~/run\n")
    os.chown(rc, 4711, 4711)
    world = read_world({"HOME": str(tree.home), "SHELL": "/bin/bash"}, "/", USER)
    assert (world.shell, world.stranger) == ("", str(rc))
    assert not [view for view in examine(world).views if view.kind in ("interactive", "login")]
    assert not (tree.home / "run").exists()
    tree.give()
    world = read_world({"HOME": str(tree.home), "SHELL": "/bin/bash"}, "/", USER)
    assert (world.shell, world.stranger) == ("/bin/bash", "")


@pytest.mark.parametrize(("wait", "patience"), [(2.0, 2.0), (0.0, 0.3), (-1.0, 0.3), (float("nan"), 0.3), (1e9, 0.3)])
def test_a_patience_that_is_none_is_the_usual(tree: Tree, wait: float, patience: float) -> None:
    assert read_world({"HOME": str(tree.home)}, "/", USER, wait).patience == patience


def test_ctrl_c_ends_the_shells_as_well(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(world: World) -> None:
        end = time.monotonic() + 20
        while not (tree.home / "pid").exists() and time.monotonic() < end:
            time.sleep(0.02)
        raise KeyboardInterrupt

    monkeypatch.setattr(examination, "judge_policies", interrupt)
    tree.write("home/ana/.bashrc", "echo $$ >~/.pid; mv ~/.pid ~/pid; sleep 60\n")
    with pytest.raises(KeyboardInterrupt):
        examine(tree.world()._replace(shell="/bin/bash"))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tree.home / "pid").read_text()), 0)


def test_nothing_is_read_of_the_working_directory_where_there_is_no_home(tree: Tree) -> None:
    tree.write("home/ana/shop/transparent.json", '{"hooks": [{"file": "/etc/passwd", "interpreter": "x", "made": []}]}')
    world = tree.world()
    nowhere = world.places._replace(home="", data="", state="", cache="", policy="", log="")
    before = os.getcwd()
    os.chdir(tree.project)
    try:
        report = examine(world._replace(places=nowhere))
    finally:
        os.chdir(before)
    assert not [finding for finding in report.findings if "transparent" in finding.sentence]
