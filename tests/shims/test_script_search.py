"""What the shim of console scripts runs: any other command of its name, else what is followed from the folder."""

import os
import shutil
from pathlib import Path

import pytest
from machine import USER

from shims.script_stage import ScriptStage, lay_script_shim, link_script

HOSTILE = ("with space", "g*[x]?", "back\\slash\\n", "-x", "é", "$HOME", "~", "'\"", "#", "( )", "tab\t", "new\nline")
NOWHERE = "127 pipshunt: flask is in none of your environments; pip install the package that brings it\n"


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def quick(folder: Path) -> ScriptStage:
    return ScriptStage(folder / "stage")


@pytest.fixture
def followed(quick: ScriptStage) -> ScriptStage:
    """A stage whose folder `work` has an environment with flask in it."""
    quick.register(str(quick.work), quick.lay(quick.work / ".venv"))
    return quick


@needs_root
def test_each_project_has_its_own_then_comes_the_user_s_then_the_machine_s(quick: ScriptStage, shell: str) -> None:
    inner = quick.work / "inner"
    (inner / "deep").mkdir(parents=True)
    assert quick.flask(shell, inner) == NOWHERE
    quick.register("/", quick.lay(quick.root / "machine", owner=0), state=quick.machine_state)
    assert quick.flask(shell, inner) == "machine/bin/flask"
    quick.register("/", quick.lay(quick.root / "user"))
    assert quick.flask(shell, inner) == quick.flask(shell, Path("/")) == "user/bin/flask"
    quick.register(str(quick.work), quick.lay(quick.root / "outer"))
    assert quick.flask(shell, inner) == "outer/bin/flask"
    quick.register(str(inner), quick.lay(quick.root / "nearest"))
    assert quick.flask(shell, inner / "deep") == "nearest/bin/flask"
    assert quick.flask(shell, quick.work) == "outer/bin/flask"
    (quick.root / "nearest/bin/flask").unlink()
    assert quick.flask(shell, inner) == "outer/bin/flask"
    (quick.root / "outer/bin/flask").chmod(0o644)
    assert quick.flask(shell, inner) == "user/bin/flask"


def test_any_other_command_of_the_name_comes_first_wherever_it_is_on_path(followed: ScriptStage, shell: str) -> None:
    before, behind = followed.root / "before", followed.root / "behind"
    followed.recorder(behind / "flask")
    assert followed.flask(shell, PATH=f"{followed.shims}:{behind}") == "behind/flask"
    followed.recorder(before / "flask")
    assert followed.flask(shell, PATH=f"{before}:{followed.shims}:{behind}") == "before/flask"
    (before / "flask").chmod(0o644)
    assert followed.flask(shell, PATH=f"{before}:{followed.shims}:{behind}") == "behind/flask"
    (behind / "flask").unlink()
    (behind / "flask").mkdir()
    assert followed.flask(shell, PATH=f"{before}:{followed.shims}:{behind}") == "work/.venv/bin/flask"


def test_an_active_environment_s_script_is_run_without_a_guard(followed: ScriptStage, shell: str) -> None:
    active = followed.lay(followed.root / "active")
    followed.script(active / "bin/flask", '#!/bin/sh\necho "$0 ${PIPSHUNT_GUARD-none}"\n')
    done = followed.call(shell, "flask", env=followed.env(PATH=f"{followed.shims}:{active}/bin"))
    assert done.out == f"{active}/bin/flask none\n"


def test_our_own_are_never_taken_for_another_command(followed: ScriptStage, shell: str) -> None:
    other, copy, shims = followed.root / "other", followed.root / "copy", followed.root / "shims2"
    link_script(followed, folder=other)
    link_script(followed, "uv", folder=other)
    shutil.copy(lay_script_shim(followed, copy), copy / "flask")
    followed.script(shims / "flask", followed.shim_text())
    path = f"{other}:{copy}:{shims}:{followed.shims}:{followed.shims}/../shims"
    assert followed.flask(shell, PATH=path) == "work/.venv/bin/flask"
    assert followed.flask(shell, name=str(other / "flask"), PATH=path) == "work/.venv/bin/flask"
    assert followed.flask(shell, name=str(copy / "flask"), PATH=path) == "work/.venv/bin/flask"


@needs_root
def test_the_machine_s_link_to_its_script_comes_last_of_all(quick: ScriptStage, shell: str) -> None:
    local = quick.root / "usr/local/bin"
    machine = quick.lay(quick.root / "machine", owner=0)
    quick.register("/", machine, state=quick.machine_state)
    local.mkdir(parents=True)
    (local / "flask").symlink_to(machine / "bin/flask")
    path = f"{quick.shims}:{local}:{quick.bin}"
    assert quick.flask(shell, PATH=path) == "machine/bin/flask"
    quick.register(str(quick.work), quick.lay(quick.work / ".venv"))
    assert quick.flask(shell, PATH=path) == "work/.venv/bin/flask"
    assert quick.flask(shell, quick.home, PATH=path) == "machine/bin/flask"
    (machine / ".pipshunt-1").unlink()  # some environment, not one of ours
    assert quick.flask(shell, PATH=path) == "usr/local/bin/flask"


def test_the_interpreter_that_python3_is_does_not_matter(followed: ScriptStage) -> None:
    followed.register(str(followed.work), followed.work / ".venv", base=Path("/other/python3.99"))
    followed.python.unlink()
    assert followed.flask("dash") == "work/.venv/bin/flask"


def test_of_two_environments_of_one_folder_the_one_that_has_it_is_taken(followed: ScriptStage) -> None:
    second = followed.lay(followed.work / ".venv2", "black")
    followed.register(str(followed.work), second, base=followed.bin / "python3.0")
    link_script(followed, "black")
    assert followed.flask("dash") == "work/.venv/bin/flask"
    assert followed.flask("dash", name="black") == "work/.venv2/bin/black"


def test_an_environment_that_merely_lies_in_a_folder_is_never_run(quick: ScriptStage) -> None:
    quick.lay(quick.work / ".venv")
    quick.register(str(quick.work), quick.work / ".venv", state=quick.work / ".local/state/pipshunt")
    for changes in ({}, {"XDG_STATE_HOME": ".local/state"}, {"HOME": ""}, {"HOME": "."}):
        assert quick.flask("dash", quick.work, **changes) == NOWHERE


@needs_root
def test_what_another_user_registered_is_not_run(quick: ScriptStage, shell: str) -> None:
    quick.register(str(quick.work), quick.lay(quick.work / ".venv", owner=USER + 1))  # as with a HOME that sudo kept
    assert quick.flask(shell) == NOWHERE
    quick.register("/", quick.lay(quick.root / "user", owner=0))
    assert quick.flask(shell) == NOWHERE


@needs_root
@pytest.mark.parametrize("given", ["", "bin", ".pipshunt-1"])
def test_of_an_environment_that_was_given_away_no_script_is_run(quick: ScriptStage, shell: str, given: str) -> None:
    user, machine = quick.lay(quick.root / "user"), quick.lay(quick.root / "machine", owner=0)
    quick.register(str(quick.work), user)
    quick.register("/", machine, state=quick.machine_state)
    os.chown(user / given, USER + 1, -1)
    assert quick.flask(shell) == "machine/bin/flask"
    os.chown(machine / given, USER, -1)  # `chown -R app /opt/venv` in an image: for app itself it still is
    assert quick.flask(shell) == "machine/bin/flask"
    done = quick.call(shell, "flask", user=0, preexec_fn=lambda: None)
    assert (done.status, done.out) == (127, "")


@needs_root
def test_a_token_that_is_a_link_is_none(quick: ScriptStage, shell: str) -> None:
    user, machine = quick.lay(quick.root / "user"), quick.lay(quick.root / "machine", owner=0)
    quick.register(str(quick.work), user)
    quick.register("/", machine, state=quick.machine_state)
    quick.script(quick.root / "theirs", "")
    os.chown(quick.root / "theirs", USER, -1)
    for environment, target in ((user, str(quick.root / "theirs")), (machine, "/etc/passwd")):
        (environment / ".pipshunt-1").unlink()
        (environment / ".pipshunt-1").symlink_to(target)
    assert quick.flask(shell) == NOWHERE
    done = quick.call(shell, "flask", user=0, preexec_fn=lambda: None)
    assert (done.status, done.out) == (127, "")


@needs_root
def test_root_has_the_machine_s_registrations_alone(quick: ScriptStage, shell: str) -> None:
    user = quick.lay(quick.root / "user")
    quick.register(str(quick.work), user)
    quick.register("/", user)
    done = quick.call(shell, "flask", user=0, preexec_fn=lambda: None)
    assert (done.status, done.err) == (127, NOWHERE.removeprefix("127 "))
    quick.register(str(quick.work), quick.lay(quick.root / "project", owner=0), state=quick.machine_state)
    quick.register("/", quick.lay(quick.root / "machine", owner=0), state=quick.machine_state)
    for cwd, environment in ((quick.work, "project"), (quick.home, "machine")):
        done = quick.call(shell, "flask", cwd=cwd, user=0, preexec_fn=lambda: None)
        assert done.out == f"{quick.root}/{environment}/bin/flask\0"
    assert quick.flask(shell, quick.work) == "user/bin/flask"


def test_without_a_home_the_state_is_found_by_where_the_link_lies(quick: ScriptStage, shell: str) -> None:
    quick.register(str(quick.work), quick.lay(quick.work / ".venv"))
    for folder in (".local/share/pipshunt/bin", ".local/bin"):
        link = link_script(quick, folder=quick.home / folder)
        for changes in ({"HOME": ""}, {"HOME": "", "XDG_STATE_HOME": "relative"}):
            assert quick.flask(shell, quick.work, str(link), **changes) == "work/.venv/bin/flask"
    assert quick.flask(shell, HOME="").startswith("127 ")


def test_the_state_lies_where_the_base_directories_say(followed: ScriptStage) -> None:
    elsewhere = followed.root / "xdg state"
    assert followed.flask("dash", XDG_STATE_HOME=str(elsewhere)) == NOWHERE
    followed.register(str(followed.work), followed.work / ".venv", state=elsewhere / "pipshunt")
    assert followed.flask("dash", XDG_STATE_HOME=str(elsewhere), HOME="") == "work/.venv/bin/flask"


def test_any_name_of_a_folder_is_followed_as_it_is(quick: ScriptStage, shell: str) -> None:
    found = {}
    names = [name for name in HOSTILE if name != "new\nline"]
    for name in names:
        project = quick.work / name / "inner"
        project.mkdir(parents=True)
        quick.register(str(project.parent), quick.lay(project.parent / ".venv"))
        found[name] = quick.flask(shell, project)
    assert found == {name: f"work/{name}/.venv/bin/flask" for name in names}
    assert quick.flask(shell, quick.root).startswith("127 ")


def test_any_entry_of_path_is_looked_into_as_it_is(followed: ScriptStage, shell: str) -> None:
    found = {}
    for name in HOSTILE:
        followed.recorder(followed.root / name / "flask")
        path = f":{followed.root}/none/{name}:~:-:--:.:{followed.shims}:{followed.root / name}"
        found[name] = followed.flask(shell, PATH=path)
    assert found == {name: f"{name}/flask" for name in HOSTILE}


def test_an_empty_or_missing_path_leads_to_what_is_followed(followed: ScriptStage, shell: str) -> None:
    assert followed.flask(shell, PATH="") == "work/.venv/bin/flask"
    env = {name: value for name, value in followed.env().items() if name != "PATH"}
    assert followed.call(shell, "flask", env=env).out == f"{followed.work}/.venv/bin/flask\0"


def test_a_link_named_like_an_option_or_with_spaces_is_a_script_as_any(followed: ScriptStage, shell: str) -> None:
    for name in ("-x", "a b", "g*"):
        followed.recorder(followed.work / ".venv/bin" / name)
        assert followed.flask(shell, name=str(link_script(followed, name))) == f"work/.venv/bin/{name}"


def test_a_folder_reached_by_a_link_is_the_folder_that_it_is(followed: ScriptStage, shell: str) -> None:
    link = followed.root / "link"
    link.symlink_to(followed.work)
    assert followed.flask(shell, link, PWD=str(link)) == "work/.venv/bin/flask"


def test_in_a_folder_that_is_gone_the_user_s_is_run(quick: ScriptStage, shell: str, folder: Path) -> None:
    folder.chmod(0o777)
    gone = folder / "gone"
    quick.register("/", quick.lay(quick.root / "user"))
    script = f'mkdir "{gone}" && cd "{gone}" && rmdir "{gone}" && exec "$@"'
    done = quick.call(shell, "x", program=["/bin/sh", "-c", script, "sh", *quick.command(shell, "flask")])
    assert done.out == f"{quick.root}/user/bin/flask\0"


def test_a_registration_that_is_torn_or_unreadable_holds_nothing(followed: ScriptStage, shell: str) -> None:
    venv = followed.work / ".venv"
    file = followed.register(str(followed.work), venv)
    whole = file.read_text()
    for text in ("", "\n\n\n", whole[:-1], f"x\n{venv}\n\n", f"x\n{venv}\n.pipshunt-2\n"):
        file.write_text(text)
        assert followed.flask(shell) == NOWHERE
    file.unlink()
    file.mkdir()
    assert followed.flask(shell) == NOWHERE


def test_elsewhere_one_line_says_where_the_script_is(followed: ScriptStage, shell: str) -> None:
    expected = (
        "127 pipshunt: flask is installed for ROOT/work, not for ROOT/home; from here: ROOT/work/.venv/bin/flask\n"
    )
    assert followed.flask(shell, followed.home) == expected
    deep = followed.work / "a b" / "c"
    deep.mkdir(parents=True)
    (followed.work / ".venv/bin/flask").unlink()
    followed.register(str(deep), followed.lay(deep / ".venv"))
    said = followed.flask(shell, followed.work)
    assert said.startswith("127 pipshunt: flask is installed for ROOT/work/a b/c, not for ROOT/work; ")


def test_an_environment_whose_script_is_our_own_link_is_no_loop(quick: ScriptStage) -> None:
    venv = quick.lay(quick.work / ".venv", "black")
    (venv / "bin/flask").symlink_to(quick.shims / "flask")
    quick.register(str(quick.work), venv)
    assert quick.flask("dash") == NOWHERE
