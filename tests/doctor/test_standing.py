"""What holds where one stands: followed environments, policies, links, transparent mode."""

import os
import subprocess
from pathlib import Path

import pytest
from machine import USER

from doctor.doctor_tree import Tree
from pipshunt.doctor.diagnosis import Finding
from pipshunt.doctor.pythons import find_pythons
from pipshunt.doctor.standing import (
    find_stale,
    judge_here,
    judge_links,
    judge_policies,
    judge_registrations,
    judge_transparent,
    judge_uv,
)
from pipshunt.follow import register
from pipshunt.search import SHIM


def follow(tree: Tree, folder: Path, environment: Path) -> None:
    """Follow *environment*, which has a script `serve`."""
    tree.write(f"{environment.relative_to(tree.root)}/bin/serve", "#!/bin/sh\n", 0o755)
    tree.write(f"{environment.relative_to(tree.root)}/pyvenv.cfg")
    register(str(tree.state), str(folder), f"{tree.root}/usr/bin/python3.13", str(environment))
    tree.give()


def mend(tree: Tree, finding: Finding) -> None:
    subprocess.run(["/bin/sh", "-c", finding.fix], env={"HOME": str(tree.home), "PATH": "/usr/bin:/bin"}, check=True)


def test_what_is_followed_here_is_told(tree: Tree) -> None:
    world = tree.world()
    pythons = find_pythons(world)
    assert tree.facts(judge_here(world, pythons)) == {
        "here": "project ~/shop (pyproject.toml); no environment is followed"
    }
    follow(tree, tree.project, tree.project / ".venv")
    assert tree.facts(judge_here(world, pythons)) == {
        "here": "project ~/shop (followed); python3.13 means ~/shop/.venv"
    }
    assert tree.facts(judge_here(tree.world(cwd=tree.home), pythons)) == {
        "here": "no project; no environment is followed"
    }


@pytest.mark.parametrize(
    ("entered", "said"),
    [pytest.param("", "is activated", id="activated"), pytest.param("x", "is entered by the hook", id="by the hook")],
)
def test_an_active_environment_is_told(tree: Tree, entered: str, said: str) -> None:
    active = str(tree.project)
    world = tree.world({"VIRTUAL_ENV": active, "PIPSHUNT_ENTERED": active if entered else ""})
    assert tree.facts(judge_here(world, []))["here"].endswith(f"; ~/shop {said}")


def test_an_active_environment_that_is_gone_is_a_notice(tree: Tree) -> None:
    world = tree.world({"VIRTUAL_ENV": f"{tree.project}/.venv"})
    said = "VIRTUAL_ENV names ~/shop/.venv, which is not there"
    assert tree.told(judge_here(world, [])) == [("notice", "active-gone", said, "unset VIRTUAL_ENV")]


def test_a_working_directory_that_is_gone_is_a_notice(tree: Tree) -> None:
    world = tree.world()._replace(cwd="")
    said = "the working directory is gone or cannot be read: installs are refused here"
    assert tree.told(judge_here(world, [])) == [("notice", "no-cwd", said, "cd")]
    assert tree.told(judge_policies(world)) == []


def test_a_mistake_in_a_policy_is_a_problem_with_its_line(tree: Tree) -> None:
    tree.write("home/ana/shop/pipshunt.toml", '# ours\nacton = "venv"\n')
    tree.give()
    found = judge_policies(tree.world())
    said = '~/shop/pipshunt.toml line 2: unknown key "acton" (did you mean "action"?)'
    assert tree.told(found) == [("problem", "policy", said, "${EDITOR:-vi} +2 ~/shop/pipshunt.toml")]
    assert tree.facts(found) == {"policies": "~/shop/pipshunt.toml"}


def test_a_repository_that_asks_for_more_than_it_can_have_is_a_notice(tree: Tree) -> None:
    tree.write("home/ana/shop/pipshunt.toml", 'action = "override"\n')
    tree.give()
    (found,) = tree.told(judge_policies(tree.world()))
    assert found[:2] == ("notice", "policy-looser")
    assert found[2].startswith('action = "override" in /home/ana/shop/pipshunt.toml line 1 is looser than the default')


def test_a_policy_that_anyone_may_write_is_mended(tree: Tree) -> None:
    file = tree.write("home/ana/.config/pipshunt/policy.toml", 'action = "pass"\n', 0o666)
    tree.give()
    (found, _) = judge_policies(tree.world())
    assert (found.level, found.fix) == ("problem", f"chmod o-w {file}")
    mend(tree, found)
    assert tree.facts(judge_policies(tree.world())) == {"policies": "~/.config/pipshunt/policy.toml"}


def test_a_policy_that_is_no_file_is_a_problem(tree: Tree) -> None:
    (tree.project / "pipshunt.toml").mkdir()
    (found,) = tree.told(judge_policies(tree.world()))
    assert found[:2] == ("problem", "policy")
    assert found[3] == "ls -l ~/shop/pipshunt.toml"


def test_a_registration_whose_environment_is_gone_is_removed_by_the_fix(tree: Tree) -> None:
    kept, gone = tree.home / "kept", tree.home / "my gone"
    follow(tree, tree.project, kept)
    follow(tree, gone, gone / ".venv")
    os.rename(gone / ".venv", tree.root / "elsewhere")
    (found,) = judge_registrations(tree.world())
    assert (found.level, found.code) == ("notice", "stale-registration")
    assert tree.told([found])[0][2] == (
        "1 registration in ~/.local/state/pipshunt/follow names an environment that is gone; the next install there makes "
        "a new one"
    )
    mend(tree, found)
    assert judge_registrations(tree.world()) == []
    assert find_stale(str(tree.state), USER) == []


def test_a_folder_of_registrations_that_anyone_may_write_is_a_problem(tree: Tree) -> None:
    follow(tree, tree.project, tree.project / ".venv")
    (tree.state / "follow").chmod(0o777)
    (found,) = judge_registrations(tree.world())
    assert (found.level, found.code) == ("problem", "anyone-may-write")
    mend(tree, found)
    assert judge_registrations(tree.world()) == []


def test_links_of_scripts_that_are_gone_are_removed_by_the_fix(tree: Tree) -> None:
    tree.install()
    follow(tree, tree.project, tree.project / ".venv")
    for name in ("serve", "gone", "lost"):
        (tree.bin / name).symlink_to("pipshunt-script")
    (tree.bin / "mine").symlink_to("/nowhere")
    (found,) = judge_links(tree.world())
    said = "links to scripts that no followed environment has any more: "
    links = "~/.local/share/pipshunt/bin/gone, ~/.local/share/pipshunt/bin/lost"
    assert tree.told([found]) == [("notice", "link-idle", said + links, f"rm {links.replace(',', '')}")]
    mend(tree, found)
    assert judge_links(tree.world()) == []
    assert {"serve", "mine", SHIM} <= set(os.listdir(tree.bin))


def test_a_hook_of_transparent_mode_whose_engine_is_gone_is_a_problem(tree: Tree) -> None:
    from pipshunt.transparent.startup_hook import write_hook

    assert judge_transparent(tree.world()) == []
    startup = tree.write("engine/startup.py")
    write_hook(f"{tree.home}/site-packages", "/usr/bin/python3", str(startup), str(tree.state))
    assert tree.facts(judge_transparent(tree.world())) == {"transp.": "transparent mode is on for /usr/bin/python3"}
    startup.unlink()
    said = "transparent mode: what ~/site-packages/pipshunt-transparent.pth runs is gone, so pip is called without it"
    assert tree.told(judge_transparent(tree.world())) == [
        ("problem", "transparent-broken", said, "pipshunt transparent off")
    ]


def test_uv_is_optional_and_not_started(tree: Tree) -> None:
    world = tree.world()
    assert tree.facts(judge_uv(world, tree.path()))["uv"].startswith("none: pip installs by itself")
    uv = tree.write("usr/bin/uv", f"#!/bin/sh\ntouch {tree.root}/started\n", 0o755)
    assert tree.facts(judge_uv(world, tree.path())) == {"uv": "/usr/bin/uv"}
    assert uv.exists()
    assert not (tree.root / "started").exists()


def test_nothing_is_asked_of_another_users_registrations(tree: Tree) -> None:
    assert judge_registrations(tree.world(uid=USER)) == []
