import os
import tomllib
from pathlib import Path

import pytest

from pipshunt.policy import judge, load_policy
from pipshunt.policy_commands import check_policy, init_policy

UID = os.getuid()


@pytest.mark.parametrize(
    ("where", "name", "layers"),
    [
        pytest.param("repository", "pipshunt.toml", {"action": "venv", "venv": {"path": ".venv"}}, id="repository"),
        pytest.param("user", "policy.toml", {"action": "venv"}, id="user"),
        pytest.param("machine", "policy.toml", {"action": "venv"}, id="machine"),
    ],
)
def test_init_writes_a_file_without_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str, name: str, layers: dict[str, object]
) -> None:
    assert init_policy(str(tmp_path), where) == 0
    file = tmp_path / name
    assert capsys.readouterr().out == f"Wrote {file}\nEdit it, then run: pipshunt policy check\n"
    assert tomllib.loads(file.read_text()) == layers
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert check_policy([str(file)], "", "", "", UID) == 0


def test_every_example_in_the_starter_file_is_right(tmp_path: Path) -> None:
    init_policy(str(tmp_path), "repository")
    file = tmp_path / "pipshunt.toml"
    examples = ("# [", "# packages", "# action", "# message", "# system")
    lines = [line.removeprefix("# ") if line.startswith(examples) else line for line in file.read_text().split("\n")]
    file.write_text("\n".join(lines))
    policy = load_policy(str(tmp_path), "", "", "", UID)
    assert policy.problems == ()
    assert policy.layers[0].system_site_packages is True
    assert judge(policy, ["torchvision"]).message == "Take them from apt: apt install python3-torch"


def test_init_makes_the_users_folder(tmp_path: Path) -> None:
    assert init_policy(str(tmp_path / "config" / "pipshunt"), "user") == 0
    assert (tmp_path / "config" / "pipshunt" / "policy.toml").exists()


def test_init_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipshunt.toml").write_text("# mine\n")
    assert init_policy(str(tmp_path), "repository") == 1
    assert (tmp_path / "pipshunt.toml").read_text() == "# mine\n"
    assert os.listdir(tmp_path) == ["pipshunt.toml"]
    assert capsys.readouterr().err == (
        f"pipshunt: {tmp_path}/pipshunt.toml is there already, and stays as it is\n"
        "pipshunt: check it: pipshunt policy check\n"
    )


def test_init_leaves_a_policy_in_pyproject_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pipshunt]\naction = "pass"\n')
    assert init_policy(str(tmp_path), "repository") == 1
    assert os.listdir(tmp_path) == ["pyproject.toml"]
    assert capsys.readouterr().err == (
        f"pipshunt: {tmp_path}/pyproject.toml speaks about pipshunt already, so pipshunt.toml is not written\n"
    )


def test_init_says_when_it_cannot_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init_policy(str(tmp_path / "missing"), "repository") == 1
    message = f"pipshunt: {tmp_path}/missing/pipshunt.toml cannot be written: No such file or directory\n"
    assert capsys.readouterr().err == message


def test_init_says_when_there_is_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert init_policy("", "user") == 1
    message = "pipshunt: there is no folder for a policy: HOME is not set, or the working directory is gone\n"
    assert capsys.readouterr().err == message


def test_check_shows_the_layers_in_effect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipshunt.toml").write_text('action = "refuse"\n[venv]\npath = "e"\nsystem-site-packages = false\n')
    (tmp_path / "policy.toml").write_text('[[rule]]\npackages = "a"\naction = "pass"\n')
    assert check_policy([], str(tmp_path), f"{tmp_path}/policy.toml", f"{tmp_path}/none.toml", UID) == 0
    assert capsys.readouterr().out == (
        f"machine     none ({tmp_path}/none.toml)\n"
        f"user        {tmp_path}/policy.toml: 1 rule\n"
        f'repository  {tmp_path}/pipshunt.toml: action = "refuse", [venv] path = "e", '
        "[venv] system-site-packages = false\n"
        "No mistakes.\n"
    )


def test_check_prints_every_mistake_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipshunt.toml").write_text('acton = "refuse"\naction = 1\n')
    (tmp_path / "policy.toml").write_text('action = "pas"\n')
    assert check_policy([], str(tmp_path), f"{tmp_path}/policy.toml", "", UID) == 1
    assert capsys.readouterr().out == (
        "machine     none\n"
        f"user        {tmp_path}/policy.toml: says nothing\n"
        f"repository  {tmp_path}/pipshunt.toml: says nothing\n"
        f'{tmp_path}/policy.toml line 1: unknown action "pas" (did you mean "pass"?)\n'
        f'{tmp_path}/pipshunt.toml line 1: unknown key "acton" (did you mean "action"?)\n'
        f"{tmp_path}/pipshunt.toml line 2: action must be one of "
        '"refuse", "pass", "venv", "uv-system", "override", not a number\n'
        "3 mistakes in 2 files.\n"
    )


def test_check_notes_what_a_repository_cannot_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pipshunt.toml").write_text('[[rule]]\npackages = ["six", "t?x*"]\naction = "override"\n')
    assert check_policy([], str(tmp_path), "", "", UID) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f'note: [[rule]] packages = ["six", "t?x*"] action = "override" in {tmp_path}/pipshunt.toml line 1 is looser than the default "venv"; only your policy.toml or /etc/pipshunt/policy.toml can grant it',
        "No mistakes.",
    ]


def test_check_reads_the_files_it_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "policy.toml").write_text('[venv]\npath = "/opt/x"\n')
    (tmp_path / "other.toml").write_text('[venv]\npath = "/opt/x"\n')
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    files = [str(tmp_path / name) for name in ("policy.toml", "other.toml", "pyproject.toml", "none.toml")]
    assert check_policy(files, "", "", "", UID) == 1
    assert capsys.readouterr().out == (
        f'{tmp_path}/other.toml line 2: path = "/opt/x" cannot be used: '
        'a repository\'s environment is inside the repository (as in path = ".venv")\n'
        f"{tmp_path}/pyproject.toml: has no [tool.pipshunt] (pipshunt policy init writes one)\n"
        f"{tmp_path}/none.toml: there is no such file (pipshunt policy init writes one)\n"
        "3 mistakes in 3 files.\n"
    )
