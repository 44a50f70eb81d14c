"""What a name leads to in each kind of shell, and where that is none of our shims."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from machine import USER

from doctor.doctor_tree import Tree
from pipshunt.doctor.diagnosis import notice
from pipshunt.doctor.pythons import find_pythons
from pipshunt.doctor.rc_files import read_lines
from pipshunt.doctor.shells import View
from pipshunt.doctor.sightings import Sighting, candidates, judge_views, sight

ANA = "~/.local/share/pipshunt/bin"
EXPORT = 'export PATH=/home/ana/.local/share/pipshunt/bin:"$PATH"'


def view(kind: str, path: str | None, words: Mapping[str, str] | None = None) -> View:
    return View(kind, kind, path, words or {}, "" if path is not None else "(did not answer)")


def judge(tree: Tree, *views: View, prefix: str = "home/ana/.local/share/pipshunt") -> list[tuple[str, ...]]:
    installation = tree.install(prefix)
    world = tree.world(uid=USER if "home" in prefix else 0)
    return tree.told(judge_views(world, views, [installation], find_pythons(world), read_lines(world)))


def test_a_name_leads_to_the_shim_and_what_is_behind_it(tree: Tree) -> None:
    tree.install()
    behind = f"{tree.root}/usr/bin/pip"
    found = sight("pip", view("here", tree.path(tree.bin)), "/")
    assert found == Sighting("pip", f"{tree.bin}/pip", is_ours=True, behind=behind, alias=None)
    assert sight("pip", view("here", tree.path()), "/") == Sighting("pip", behind, is_ours=False, behind="", alias=None)
    assert sight("uv", view("here", tree.path(), {"uv": ""}), "/") == Sighting(
        "uv", "", is_ours=False, behind="", alias=""
    )


def test_entries_of_path_may_be_anything(tree: Tree) -> None:
    (tree.project / "pip").write_text("")
    (tree.project / "pip").chmod(0o755)
    (tree.root / "file").write_text("")
    (tree.home / "pip").mkdir()
    path = f"/nowhere:{tree.root}/file:{tree.home}:{tree.root}/usr/bin::.:"
    assert list(candidates("pip", path, str(tree.project))) == [
        f"{tree.root}/usr/bin/pip",
        f"{tree.project}/pip",
        f"{tree.project}/./pip",
        f"{tree.project}/pip",
    ]
    assert list(candidates("pip", "", str(tree.project))) == []


def test_where_the_shims_come_first_there_is_nothing_to_say(tree: Tree) -> None:
    path = tree.path(tree.bin)
    assert judge(tree, view("here", path), view("interactive", path), view("sudo", path), view("cron", path)) == []


def test_a_shell_without_the_shims_is_a_problem_that_install_sh_mends(tree: Tree) -> None:
    here, other = view("here", tree.path(tree.bin)), tree.path()
    assert judge(tree, here, view("interactive", other), view("login", other)) == [
        (
            "problem",
            "shell-unreached",
            (
                f"interactive and login: {ANA} is not on PATH, so pip leads around pipshunt; in a checkout of pipshunt, "
                "this tells the shells"
            ),
            "./install.sh",
        )
    ]


def test_this_shell_alone_is_mended_by_a_line(tree: Tree) -> None:
    here, other = view("here", tree.path()), view("interactive", tree.path(tree.bin))
    assert judge(tree, here, other) == [
        (
            "problem",
            "here-unreached",
            f"this shell: {ANA} is not on PATH, so pip leads around pipshunt; new shells have it",
            EXPORT,
        )
    ]


def test_the_line_that_mends_this_shell_does(tree: Tree) -> None:
    import subprocess

    tree.install()
    line = EXPORT.replace("/home/ana", str(tree.home))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{line}; command -v pip"],
        env={"PATH": tree.path()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{tree.bin}/pip\n"


def test_jobs_without_the_shims_are_a_notice(tree: Tree) -> None:
    path = tree.path(tree.bin)
    assert judge(tree, view("here", path), view("cron", "/usr/bin:/bin"), view("systemd", "/usr/bin")) == [
        (
            "notice",
            "jobs-unreached",
            f"cron: {ANA} is not on PATH, so a job's pip leads around pipshunt",
            "(echo PATH=/home/ana/.local/share/pipshunt/bin:/usr/bin:/bin; crontab -l) | crontab -",
        )
    ]


@pytest.mark.parametrize("path", [pytest.param("/usr/bin", id="known to root"), pytest.param(None, id="not known")])
def test_sudo_finds_no_shim_of_an_ordinary_users(tree: Tree, path: str | None) -> None:
    assert judge(tree, view("here", tree.path(tree.bin)), view("sudo", path)) == [
        (
            "notice",
            "sudo-without-shims",
            "sudo finds no shim of an ordinary user's, so `sudo pip` is the system's own; in a checkout of pipshunt",
            "sudo ./install.sh --system --sudoers",
        )
    ]


def test_sudo_that_hides_the_machines_shims_is_a_problem(tree: Tree) -> None:
    path = tree.path(tree.root / "opt/pipshunt/bin")
    assert judge(tree, view("here", path), view("sudo", "/usr/bin"), prefix="opt/pipshunt") == [
        (
            "problem",
            "sudo-unreached",
            "sudo: secure_path leaves out /opt/pipshunt/bin, so `sudo pip` leads around pipshunt; in a checkout of pipshunt",
            "./install.sh --system --sudoers",
        )
    ]


def test_shells_that_did_not_answer_are_told_once(tree: Tree) -> None:
    assert judge(tree, view("here", tree.path(tree.bin)), view("interactive", None), view("login", None)) == [
        (
            "notice",
            "shell-silent",
            "interactive and login did not answer within 20 s: slow or broken rc files",
            "pipshunt doctor --wait 10",
        )
    ]


def test_shells_that_ended_are_told_with_what_shows_where(tree: Tree) -> None:
    installation = tree.install()
    world = tree.world()._replace(shell="/bin/bash")
    views = [View(kind, f"{kind} bash", None, {}, "", 3) for kind in ("interactive", "login")]
    assert tree.told(judge_views(world, views, [installation], [], [])) == [
        (
            "notice",
            "shell-ended",
            f"{kind} bash ended with status 3 and no answer: its rc files end it, or send elsewhere what it prints",
            f"/bin/bash {option} -x -c :",
        )
        for kind, option in (("interactive", "-i"), ("login", "-l"))
    ]


def test_what_keeps_the_shells_from_being_asked_is_told(tree: Tree) -> None:
    installation = tree.install()
    world = tree.world()._replace(stranger=str(tree.home / ".bashrc"))
    assert tree.told(judge_views(world, [view("here", tree.path(tree.bin))], [installation], [], [])) == [
        (
            "notice",
            "shell-untrusted",
            "your shells were not asked, for others may have written ~/.bashrc",
            "ls -ld ~/.bashrc",
        )
    ]


def test_a_marked_pythons_pip_before_the_shim_is_a_problem(tree: Tree) -> None:
    early = tree.write("early/pip", f"#!{tree.root}/usr/bin/python3\n", 0o755).parent
    path = tree.path(early, tree.bin)
    said = "before pipshunt's shims on PATH: /early/pip (here; login)"
    assert judge(tree, view("here", path), view("login", path)) == [("problem", "shadowed", said, EXPORT)]


def test_an_unmarked_pythons_pip_before_the_shim_is_a_notice(tree: Tree) -> None:
    tree.write("free/bin/python3.12", "\x7fELF", 0o755)
    early = tree.write("free/bin/pip", f"#!{tree.root}/free/bin/python3.12\n", 0o755).parent
    said = "before pipshunt's shims on PATH: /free/bin/pip (here), whose Python has no marker"
    assert judge(tree, view("here", tree.path(early, tree.bin))) == [("notice", "shadowed-harmless", said, EXPORT)]


def test_the_files_of_a_folder_are_told_together(tree: Tree) -> None:
    early, _ = (tree.write(f"early/{pip}", f"#!{tree.root}/usr/bin/python3\n", 0o755).parent for pip in ("pip", "pip3"))
    (early / "python3").symlink_to(tree.root / "usr/bin/python3.13")
    (found,) = judge(tree, view("here", tree.path(early, tree.bin)))
    assert found[1:3] == ("shadowed", "before pipshunt's shims on PATH: /early/pip and /early/pip3 … (here)")


def test_another_managers_programs_are_told_together(tree: Tree) -> None:
    for name in ("pip", "python3"):
        tree.write(f"home/ana/.pyenv/shims/{name}", "#!/bin/sh\nexec pyenv exec\n", 0o755)
    path = tree.path(tree.home / ".pyenv/shims", tree.bin)
    said = (
        "pyenv comes before pipshunt, which sees nothing of ~/.pyenv/shims/pip and ~/.pyenv/shims/python3 (interactive)"
    )
    assert judge(tree, view("interactive", path)) == [("notice", "foreign-shim", said, EXPORT)]


def test_an_activated_environment_before_the_shims_is_as_it_should_be(tree: Tree) -> None:
    tree.write("home/ana/shop/.venv/bin/pip", "#!x\n", 0o755)
    tree.write("home/ana/shop/.venv/pyvenv.cfg")
    assert judge(tree, view("here", tree.path(tree.project / ".venv/bin", tree.bin))) == []


def test_an_alias_of_a_path_is_a_problem_and_one_of_a_name_is_none(tree: Tree) -> None:
    tree.write("home/ana/.bashrc", "\nalias pip='/usr/bin/pip3 -v'\n")
    path = tree.path(tree.bin)
    words = {"pip": "/usr/bin/pip3 -v", "pip3": "noglob pip3", "python": f"{tree.bin}/python3"}
    assert judge(tree, view("interactive", path, words)) == [
        (
            "problem",
            "alias",
            "interactive: alias pip='/usr/bin/pip3 -v' leads around pipshunt (~/.bashrc line 2)",
            "${EDITOR:-vi} +2 ~/.bashrc",
        )
    ]


def test_a_function_is_a_notice(tree: Tree) -> None:
    path = tree.path(tree.bin)
    said = "interactive: a function called uv stands before pipshunt's shim"
    assert judge(tree, view("interactive", path, {"uv": ""})) == [("notice", "function", said, "unset -f uv")]


@pytest.mark.parametrize(
    ("shell", "fix"),
    [
        pytest.param("bash", """echo 'eval "$(pipshunt hook bash)"' >> ~/.bashrc""", id="bash"),
        pytest.param("fish", "echo 'pipshunt hook fish | source' >> ~/.config/fish/config.fish", id="fish"),
    ],
)
def test_a_shell_without_the_hook_is_a_notice(tree: Tree, shell: str, fix: str) -> None:
    installation = tree.install()
    world = tree.world()._replace(shell=f"/bin/{shell}")
    path = tree.path(tree.bin)
    bare, hooked = view("interactive", path), view("interactive", path, {"_pipshunt_prompt": ""})
    assert tree.told(judge_views(world, [bare], [installation], [], [])) == [], "before there was a hook to load"
    tree.write(f"home/ana/.local/share/pipshunt/hook.{shell}")
    said = "interactive: the hook is not loaded, so a project's environment is not entered at the prompt"
    assert notice("hook-missing", said, fix) in judge_views(world, [bare], [installation], [], [])
    assert tree.told(judge_views(world, [hooked], [installation], [], [])) == []


def test_links_to_the_shims_do_as_well_as_their_folder(tree: Tree) -> None:
    tree.install()
    links = tree.root / "links"
    links.mkdir()
    os.symlink(tree.bin / "pip", links / "pip")
    assert sight("pip", view("here", str(links)), "/").is_ours


def test_a_path_of_bytes_is_looked_through(tree: Tree, tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(odd)
    assert list(candidates("pip", os.fsdecode(odd), "/")) == []
    assert list(candidates("pip", "with\0zero", "/")) == []
