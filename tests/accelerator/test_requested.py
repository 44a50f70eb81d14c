"""All that an install asks for, from the command line and from files."""

import shlex
from pathlib import Path

import pytest

from pipshunt.accelerator.requested import Requested, read_requested
from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.command import PipFacts, read_command

HASH = "sha256:" + "0" * 64
FILES = {
    "r.txt": "flask>=2\n-r more.txt\n-c c.txt\n--pre\n",
    "more.txt": "django[argon2]\n-e ./project\n",
    "c.txt": "jinja2>=3.0b1 ; python_version >= '3.8'\n",
    "plain.txt": "click<9.0rc1\nclick!=8.0a1\n",
    "hashed.txt": f"six==1.0 \\\n    --hash={HASH}\n-c plain.txt\n",
    "odd.txt": f"--pre\nsix==1.0 --hash={HASH}\n",
    "folder.txt": "./project\n",
    "project/pyproject.toml": "[build-system]\n",
    "pyproject.toml": '[dependency-groups]\ntest = ["pytest", {include-group = "lint"}]\nlint = ["ruff>=1.0a1"]\n'
    'loop = [{include-group = "loop"}]\nodd = [{x = 1}]\n',
    "sub/pyproject.toml": '[dependency-groups]\ntest = ["tox"]\n',
    "sub/other.toml": "",
    "broken/pyproject.toml": "[",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def read(line: str, folder: Path, version: tuple[int, ...] = (26, 3), **env: str) -> Requested:
    facts = PipFacts(version, "/nowhere", in_environment=True)
    env = {"PIP_CONFIG_FILE": "/dev/null", **env}
    command = read_command(shlex.split(f"install {line}"), env, str(folder), facts)
    assert not command.ends_early
    return read_requested(command, env, str(folder))


def test_the_lines_of_files_are_given_as_words(folder: Path) -> None:
    found = read("six -e ./sub/../project/../project six -r plain.txt", folder)
    assert found.words == ("--editable", "./sub/../project/../project")
    assert found.requirements == ("six", "click<9.0rc1", "click!=8.0a1")
    assert found.texts == ("six", "six", "./sub/../project/../project", "click<9.0rc1", "click!=8.0a1")
    assert found.names == ("six", "six", "", "click", "click")
    assert found.named == ("six", "six", "")
    assert found.versions == (("six", ""), ("six", ""), ("", ""), ("click", "pre"), ("click", "final"))
    assert not found.hashed


def test_files_draw_in_files_constraints_editables_and_options(folder: Path) -> None:
    with pytest.raises(NoLikeness, match="names a pre-release under a condition"):
        read("-r r.txt", folder)
    (folder / "c.txt").write_text("jinja2>=3.0b1\n")
    found = read("-r r.txt -c plain.txt -c c.txt", folder)
    assert found.words == ("--editable", "./project", "--constraint", "plain.txt", "--constraint", "c.txt")
    assert found.requirements == ("flask>=2", "django[argon2]")
    assert found.texts == ("flask>=2", "django[argon2]", "./project")
    assert found.lines == (("pre", ""),)
    assert ("jinja2", "pre") in found.versions
    assert found.named == ()


def test_a_file_with_hashes_is_given_as_it_is(folder: Path) -> None:
    found = read("-r hashed.txt", folder)
    assert found.words == ("--requirement", "hashed.txt", "--constraint", "plain.txt")
    assert found.requirements == ()
    assert found.texts == ("six==1.0",)
    assert found.hashed


def test_a_group_is_flattened(folder: Path) -> None:
    found = read("--group test --group sub/pyproject.toml:test", folder)
    assert found.requirements == ("pytest", "ruff>=1.0a1", "tox")
    assert ("ruff", "pre") in found.versions


def test_a_configurations_constraints_hold_for_builds_too_until_26_2(folder: Path) -> None:
    (folder / "plain.txt").write_text("click<9\n")
    own, builds = ("--constraint", "plain.txt"), ("--build-constraint", "plain.txt")
    assert read("six", folder, PIP_CONSTRAINT="plain.txt").words == own
    assert read("six", folder, (26, 1), PIP_CONSTRAINT="plain.txt").words == (*own, *builds)
    assert read("six", folder, (23, 0, 1), PIP_CONSTRAINT="plain.txt").words == (*own, *builds)
    assert read("six -c plain.txt", folder, (23, 0, 1)).words == own
    switched = read("six --use-feature build-constraint", folder, (25, 3), PIP_CONSTRAINT="plain.txt")
    assert switched.words == own
    assert read("six --build-constraint plain.txt", folder).words == builds


@pytest.mark.parametrize(
    ("line", "env"),
    [
        pytest.param("six", {"PIP_NO_DEPS": "1"}, id="builds would be without dependencies"),
        pytest.param("six", {"PIP_REQUIREMENT": "plain.txt"}, id="builds would get these too"),
        pytest.param("six", {"PIP_REQUIRE_HASHES": "1"}, id="builds would need hashes"),
        pytest.param("-r odd.txt", {}, id="a line that uv passes over beside hashes"),
        pytest.param("-c folder.txt six", {}, id="a folder as a constraint"),
        pytest.param("-c hashed.txt six", {}, id="hashes as a constraint"),
        pytest.param("-c missing.txt six", {}, id="missing"),
        pytest.param("-r missing.txt", {}, id="missing requirements"),
        pytest.param("-c 'a b.txt' six", {}, id="blanks, where uv splits"),
        pytest.param("-c https://example.org/c.txt six", {}, id="remote"),
        pytest.param("--build-constraint plain.txt six", {}, id="pre-releases of what is built with"),
        pytest.param("--no-build-isolation --build-constraint empty.txt six", {}, id="no isolation"),
        pytest.param("./project -e project", {}, id="the same folder twice"),
        pytest.param("./project ./project[x]", {}, id="the same folder with extras"),
        pytest.param("-e git+https://example.org/x#egg=x", {}, id="version control"),
        pytest.param("git+https://example.org/x", {}, id="version control, not editable"),
        pytest.param("-e six", {}, id="editable without a folder"),
        pytest.param("--group missing", {}, id="missing group"),
        pytest.param("--group loop", {}, id="a group of itself"),
        pytest.param("--group odd", {}, id="a group of tables"),
        pytest.param("--group nowhere/pyproject.toml:x", {}, id="a group of nothing"),
        pytest.param("--group broken/pyproject.toml:x", {}, id="a group of no TOML"),
    ],
)
def test_what_has_no_counterpart_is_pips(line: str, env: dict[str, str], folder: Path) -> None:
    (folder / "empty.txt").touch()
    (folder / "a b.txt").touch()
    with pytest.raises(NoLikeness):
        read(line, folder, (26, 3), **env)
