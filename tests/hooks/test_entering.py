"""Entering and leaving, in real shells at a terminal: what each command finds, and that all is put back."""

import os
import shutil
from pathlib import Path

import pytest
from machine import USER

from hooks.home import BASE, Home
from pipshunt.follow import forget, register


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
    assert terminal.prompt().removesuffix(prompt) in ("(shop) ", "(shop) \033(B\033[m")  # fish: and no colour
    terminal.type("cd .venv/bin")
    assert terminal.environment()["PIPSHUNT_ENTERED"] == f"{shop}/.venv"
    terminal.type("cd ../../..")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)


def test_what_an_install_has_followed_is_entered_at_the_next_prompt_in_the_same_folder(home: Home, shell: str) -> None:
    shop = home.project("shop")
    forget(str(home.state), str(shop), BASE)
    terminal = home.start(shell, cwd=shop)
    assert "VIRTUAL_ENV" not in terminal.environment()
    register(str(home.state), str(shop), BASE, f"{shop}/.venv")
    home.give()
    terminal.type("")
    assert terminal.environment()["VIRTUAL_ENV"] == f"{shop}/.venv"


def test_a_command_can_tell_whether_its_shell_will_enter_what_it_makes(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell)
    own = str(terminal.process.pid)
    for line, value in (("", own), ("cd shop", ""), ("deactivate", ""), ("cd ..", own)):
        terminal.type(line)
        assert terminal.value('"$PIPSHUNT_HOOK"') == [value]


def test_from_one_project_to_another_nothing_of_the_first_stays(home: Home, shell: str) -> None:
    home.project("shop")
    other = home.project("shop/inner")
    terminal = home.start(shell, cwd=home.home / "shop")
    prompt = terminal.prompt()
    terminal.type("cd inner")
    found = terminal.environment()
    assert {name: found[name] for name in entered(home, other)} == entered(home, other)
    assert terminal.prompt() == prompt.replace("(shop)", "(inner)")


def test_an_environment_that_is_deleted_is_left(home: Home, shell: str) -> None:
    shop = home.project("shop")
    terminal = home.start(shell)
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    shutil.rmtree(shop / ".venv")
    terminal.type("")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)


def test_who_deactivates_stays_out_until_the_folder_is_left(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell)
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    terminal.type("deactivate")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)
    terminal.type("cd .venv")
    assert terminal.environment() == before
    terminal.type("cd ../..")
    terminal.type("cd shop")
    assert "VIRTUAL_ENV" in terminal.environment()
    terminal.type("cd ..")
    assert "deactivate" in terminal.type("deactivate").partition("deactivate")[2]  # it is not found


@pytest.mark.parametrize("which", ["shop", "other"])
def test_what_the_person_activates_counts_and_ends_as_it_would_without_us(home: Home, shell: str, which: str) -> None:
    shop = home.project("shop", activate=True)
    other = shop if which == "shop" else home.project("other", activate=True)
    terminal = home.start(shell, {"PYTHONHOME": "/nowhere"})
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    terminal.type(f"source {other}/.venv/bin/activate{'.fish' if shell == 'fish' else ''}")
    found = terminal.environment()
    assert (found["VIRTUAL_ENV"], found["PATH"]) == (f"{other}/.venv", f"{other}/.venv/bin:{before['PATH']}")
    assert "PIPSHUNT_ENTERED" not in found
    assert "PYTHONHOME" not in found
    assert "(.venv) " in terminal.prompt()
    assert "(shop) " not in terminal.prompt()
    terminal.type("cd ..")
    assert terminal.environment()["VIRTUAL_ENV"] == f"{other}/.venv"
    terminal.type("cd shop")
    terminal.type("deactivate")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)


def test_activated_and_deactivated_in_one_line_nothing_of_ours_stays(home: Home, shell: str) -> None:
    home.project("shop", activate=True)
    terminal = home.start(shell)
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    terminal.type(f"source .venv/bin/activate{'.fish' if shell == 'fish' else ''}; deactivate")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_an_environment_that_is_active_already_is_respected(home: Home, shell: str, name: str) -> None:
    home.project("shop")
    terminal = home.start(shell, {name: "/opt/of-mine"})
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)


@pytest.mark.parametrize("child", ["bash", "zsh", "fish"])
def test_a_child_shell_goes_on_in_it_and_leaves_it(home: Home, shell: str, child: str) -> None:
    shop = home.project("shop")
    terminal = home.start(shell, cwd=shop)
    first = terminal.environment()
    assert first["VIRTUAL_ENV"] == f"{shop}/.venv"
    inner = home.start(child, first, cwd=shop)
    prompt = inner.prompt()
    assert inner.environment()["PATH"] == first["PATH"]
    assert prompt.startswith("(shop) ")
    inner.type("cd ..")
    after = inner.environment()
    assert after["PATH"] == f"{home.bin}:/usr/bin:/bin"
    assert not {"VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PIPSHUNT_ENTERED"} & set(after)
    assert "(shop)" not in inner.prompt()


def test_a_login_shell_that_sets_path_anew_is_in_it_all_the_same(home: Home, shell: str) -> None:
    shop = home.project("shop")
    found = {**entered(home, shop), "_PIPSHUNT_AHEAD": "yes"}
    line = f"set -gx PATH {home.bin} /bin" if shell == "fish" else f"PATH={home.bin}:/bin"
    terminal = home.start(shell, found, cwd=shop, rc=line)
    assert terminal.environment()["PATH"] == f"{home.bin}:{shop}/.venv/bin:/bin"
    terminal.type("cd ..")
    assert terminal.environment()["PATH"] == f"{home.bin}:/bin"


def test_what_the_person_does_to_path_and_prompt_in_between_stays(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell, cwd=home.home / "shop")
    fish = shell == "fish"
    terminal.type("set -gx PATH /mine $PATH /last" if fish else "PATH=/mine:$PATH:/last")
    terminal.type("function fish_prompt; echo -n 'new '; end" if fish else "PS1='new '$PS1")
    terminal.type("cd ..")
    assert terminal.environment()["PATH"] == f"/mine:{home.bin}:/usr/bin:/bin:/last"
    assert terminal.prompt() == {"bash": "new \\$ ", "zsh": "new %# ", "fish": "new "}[shell]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/usr/bin:/bin", id="not on PATH"),
        pytest.param("/usr/bin:{bin}:/bin", id="behind others"),
        pytest.param("{bin}:/usr/bin:{venv}/bin:/bin:/usr/bin", id="the environment's folder is on PATH, one twice"),
        pytest.param("/usr/bin:/bin:{bin}", id="last"),
    ],
)
def test_the_shims_are_ahead_wherever_they_were_and_path_is_put_back(home: Home, shell: str, path: str) -> None:
    shop = home.project("shop")
    path = path.format(bin=home.bin, venv=shop / ".venv")
    terminal = home.start(shell, {"PATH": path})
    before = terminal.environment()
    assert before["PATH"] == path
    terminal.type("cd shop")
    assert terminal.environment()["PATH"] == f"{home.bin}:{shop}/.venv/bin:{path.removeprefix(f'{home.bin}:')}"
    terminal.type("cd ..")
    assert terminal.environment() == before


def test_shims_for_an_environments_own_names_are_on_path_only_in_it(home: Home, shell: str) -> None:
    shop = home.project("shop")
    (home.prefix / "entered").mkdir()
    terminal = home.start(shell)
    before = terminal.environment()
    terminal.type("cd shop")
    path = f"{home.bin}:{home.prefix}/entered:{shop}/.venv/bin:/usr/bin:/bin"
    assert terminal.environment()["PATH"] == path
    terminal.type("cd ..")
    assert terminal.environment() == before


def test_variables_that_were_set_are_put_back(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell, {"PYTHONHOME": "/a b", "VIRTUAL_ENV": "", "VIRTUAL_ENV_PROMPT": "mine"})
    before = terminal.environment()
    terminal.type("cd shop")
    found = terminal.environment()
    assert found["VIRTUAL_ENV_PROMPT"] == "shop"
    assert "PYTHONHOME" not in found
    terminal.type("cd ..")
    assert terminal.environment() == before


def test_no_hint_where_the_person_wants_none(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell, {"VIRTUAL_ENV_DISABLE_PROMPT": "1"})
    prompt = terminal.prompt()
    terminal.type("cd shop")
    assert "VIRTUAL_ENV" in terminal.environment()
    assert terminal.prompt() == prompt


def test_a_project_is_entered_through_a_symbolic_link_and_no_name_changes(home: Home, shell: str) -> None:
    shop = home.project("shop")
    (home.home / "link").symlink_to("shop")
    terminal = home.start(shell)
    terminal.type("cd link")
    assert terminal.environment()["VIRTUAL_ENV"] == f"{shop}/.venv"
    assert terminal.value('"$PWD"') == [f"{home.home}/link"]
    terminal.type("cd .venv")
    terminal.type("cd ..")
    assert terminal.value('"$PWD"') == [f"{home.home}/link"]


NAMES = (
    "two words",
    'o\'dd "one"',
    "*[x]?",
    "$(touch boo)`touch boo`\\$HOME %F{red} !1",
    "-n",
    os.fsdecode(b"not UTF-8 caf\xe9"),
    "größe",
)


def test_what_a_folder_is_called_does_no_harm(home: Home, shell: str) -> None:
    projects = [home.project(name) for name in NAMES]
    terminal = home.start(shell, rc="setopt prompt_subst" if shell == "zsh" else "")
    before, prompt = terminal.environment(), terminal.prompt()
    for index, project in enumerate(projects):
        (home.home / f"link{index}").symlink_to(project.name)  # so that the name need not be typed
        terminal.type(f"cd link{index}/.venv")
        assert terminal.environment()["VIRTUAL_ENV"] == f"{project}/.venv"
        assert not list(home.root.rglob("boo"))
        terminal.type("cd")
        assert (terminal.environment(), terminal.prompt()) == (before, prompt)


def test_an_environment_that_cannot_stand_on_path_is_not_entered(home: Home, shell: str) -> None:
    home.project("a:b")
    terminal = home.start(shell)
    before = terminal.environment()
    terminal.type("cd a:b")
    assert terminal.environment() == before


def test_a_folder_below_whose_name_holds_a_newline_is_in_the_project(home: Home, shell: str) -> None:
    shop = home.project("shop")
    (shop / "a\nb").mkdir()
    (home.home / "link").symlink_to("shop/a\nb")
    home.give()
    terminal = home.start(shell)
    terminal.type("cd link")
    assert terminal.environment()["VIRTUAL_ENV"] == f"{shop}/.venv"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        pytest.param({"XDG_STATE_HOME": ".local/state"}, True, id="a relative state folder, which is to be ignored"),
        pytest.param({"XDG_STATE_HOME": "{home}/.local/state", "HOME": "/"}, True, id="an absolute one"),
        pytest.param({"HOME": "home"}, False, id="a relative home"),
        pytest.param({"PIPSHUNT": "off"}, False, id="off"),
    ],
)
def test_where_registrations_are_looked_for(home: Home, shell: str, changes: dict[str, str], found: bool) -> None:
    shop = home.project("shop")
    changes = {name: value.format(home=home.home) for name, value in changes.items()}
    terminal = home.start(shell, changes)
    terminal.type(f"cd {shop}")
    found = changes in (
        {"XDG_STATE_HOME": f"{home.home}/.local/state", "HOME": "/"},
        {"XDG_STATE_HOME": ".local/state"},
    )
    assert ("VIRTUAL_ENV" in terminal.environment()) is found


def test_what_is_followed_everywhere_is_not_entered(home: Home, shell: str) -> None:
    shop = home.project("shop")
    register(str(home.state), "/", BASE, f"{shop}/.venv")
    forget(str(home.state), str(shop), BASE)
    home.give()
    terminal = home.start(shell, cwd=shop)
    for folder in ("/", "//", "/usr"):
        terminal.type(f"cd {folder}")
        assert "VIRTUAL_ENV" not in terminal.environment()


def test_an_environment_that_came_with_a_clone_is_not_entered(home: Home, shell: str) -> None:
    shop = home.project("shop")
    for token in (shop / ".venv").glob(".pipshunt-*"):
        token.rename(token.with_name(".pipshunt-another"))
    assert "VIRTUAL_ENV" not in home.start(shell, cwd=shop).environment()


def test_an_environment_that_somebody_else_has_put_there_is_not_entered(home: Home, shell: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    venv = home.project("shop") / ".venv"
    (token,) = venv.glob(".pipshunt-*")
    terminal = home.start(shell)
    for given in (token, venv / "bin", venv):
        os.chown(given, 0, 0)
        terminal.type("cd ~/shop")
        assert "VIRTUAL_ENV" not in terminal.environment()
        terminal.type("cd")
        os.chown(given, USER, USER)
    terminal.type("cd ~/shop")
    assert terminal.environment()["VIRTUAL_ENV"] == str(venv)


def test_a_token_that_is_a_link_to_a_file_of_ones_own_is_none(home: Home, shell: str) -> None:
    venv = home.project("shop") / ".venv"
    (token,) = venv.glob(".pipshunt-*")
    token.rename(venv / "token")
    token.symlink_to("token")
    assert "VIRTUAL_ENV" not in home.start(shell, cwd=venv).environment()


def test_no_control_character_of_a_folders_name_reaches_the_prompt(home: Home, shell: str) -> None:
    shop = home.project("sh\x9b31mo\x1b[1mp\x85")
    found = home.start(shell, cwd=shop).environment()
    assert found["VIRTUAL_ENV_PROMPT"] == "sh_31mo_[1mp_"


def test_once_pipshunt_is_gone_the_hook_leaves_and_is_silent(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell)
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    shutil.rmtree(home.prefix)
    said = terminal.type("cd .")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)
    assert "pipshunt" not in said.replace("pipshunt-", "")


def test_evaluated_twice_it_is_as_evaluated_once(home: Home, shell: str) -> None:
    home.project("shop")
    terminal = home.start(shell)
    before, prompt = terminal.environment(), terminal.prompt()
    terminal.type("cd shop")
    hook = f"{home.prefix}/hook.{shell}"
    terminal.type(f"eval (cat {hook} | string collect)" if shell == "fish" else f'eval "$(cat {hook})"')
    assert terminal.prompt().count("(shop) ") == 1
    terminal.type("cd ..")
    assert (terminal.environment(), terminal.prompt()) == (before, prompt)


def test_it_starts_no_process(home: Home, shell: str) -> None:
    shop = home.project("shop")
    terminal = home.start(shell)
    terminal.type("")  # it has read its files
    before = terminal.children()
    for line in ("cd shop", "", "cd .venv", "cd ../..", "cd shop"):
        terminal.type(line)
    assert terminal.value('"$VIRTUAL_ENV"') == [f"{shop}/.venv"]
    for line in ("deactivate", "cd .."):
        terminal.type(line)
    assert terminal.children() == before
    terminal.type("/bin/true")
    assert terminal.children() > before
