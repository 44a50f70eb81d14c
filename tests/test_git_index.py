"""Reading git's index, against git itself."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from pipshunt.git_index import is_tracked

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None, reason="git is not installed: its index has no oracle here"
)


def git(folder: Path, *words: str, stdin: str = "") -> str:
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.org",
    }
    argv = ["git", "-c", "protocol.file.allow=always", *words]
    done = subprocess.run(argv, cwd=folder, env=env, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write(*files: Path) -> None:
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(file.name)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "-q")
    write(root / "README", root / "src/a.py", root / "src/deep/er/b.py", root / "zz/link.py", root / ".venvs/x")
    git(root, "add", "-A")
    return root


def track_environment(repository: Path) -> Path:
    write(repository / ".venv/bin/python", repository / ".venv/pyvenv.cfg")
    git(repository, "add", "-f", ".venv/bin/python")
    return repository / ".venv"


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_a_tracked_file_in_the_folder_is_seen_in_every_version_of_the_index(repository: Path, version: str) -> None:
    track_environment(repository)
    if version == "3":  # only an extended flag makes git write it
        write(repository / "later")
        git(repository, "add", "--intent-to-add", "later")
    else:
        git(repository, "update-index", "--index-version", version)
    assert (repository / ".git/index").read_bytes()[7] == int(version)
    assert is_tracked(str(repository / ".venv"))
    assert is_tracked(str(repository / "src/deep"))
    assert not is_tracked(str(repository / "src/dee"))
    git(repository, "rm", "-q", "--cached", ".venv/bin/python")
    assert not is_tracked(str(repository / ".venv"))


@pytest.mark.parametrize("version", ["2", "4"])
def test_file_names_that_look_like_a_split_index_do_not_count(repository: Path, version: str) -> None:
    write(repository / "zz/link", repository / "zz/symlinks.md", repository / "DIRC")
    git(repository, "add", "-A")
    git(repository, "update-index", "--index-version", version)
    write(repository / ".venv/pyvenv.cfg")
    assert not is_tracked(str(repository / ".venv"))


def test_no_repository_and_an_empty_one_track_nothing(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    assert not is_tracked(str(tmp_path / ".venv"))
    git(tmp_path, "init", "-q")
    assert not is_tracked(str(tmp_path / ".venv"))


def test_a_tracked_link_in_the_place_of_the_folder_counts(repository: Path) -> None:
    write(repository / "env/bin/python")
    (repository / ".venv").symlink_to("env")
    git(repository, "add", "-A")
    assert is_tracked(str(repository / ".venv"))
    assert is_tracked(str(repository / ".venv/inner"))
    assert not is_tracked(str(repository / "env/bin/python.old"))


def test_a_submodule_in_the_place_of_the_folder_counts(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    write(other / "bin/python")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "x")
    git(repository, "submodule", "--quiet", "add", str(other), ".venv")
    assert (repository / ".venv/bin/python").exists()
    assert is_tracked(str(repository / ".venv"))


def test_inside_a_submodule_its_own_index_counts(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    write(other / ".venv/bin/python")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "x")
    git(repository, "submodule", "--quiet", "add", str(other), "sub")
    assert (repository / "sub/.git").is_file()
    assert is_tracked(str(repository / "sub/.venv"))
    assert not is_tracked(str(repository / "sub/.venv2"))


def test_a_worktree_has_an_index_of_its_own(repository: Path, tmp_path: Path) -> None:
    track_environment(repository)
    git(repository, "commit", "-qm", "x")
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"), "-b", "tree")
    assert is_tracked(str(tmp_path / "tree/.venv"))
    git(tmp_path / "tree", "rm", "-rq", "--cached", ".venv")
    assert not is_tracked(str(tmp_path / "tree/.venv"))
    assert is_tracked(str(repository / ".venv"))


def test_a_split_index_counts_as_tracked_because_its_entries_stand_elsewhere(repository: Path) -> None:
    git(repository, "update-index", "--split-index")
    assert is_tracked(str(repository / ".venv"))


def test_a_sha256_repository_is_read_too(tmp_path: Path) -> None:
    try:
        git(tmp_path, "init", "-q", "--object-format=sha256")
    except AssertionError as error:
        pytest.skip(f"this git knows no sha256: {error}")
    write(tmp_path / "a", tmp_path / "b/c")
    git(tmp_path, "add", "-A")
    assert not is_tracked(str(tmp_path / ".venv"))
    track_environment(tmp_path)
    assert is_tracked(str(tmp_path / ".venv"))
    git(tmp_path, "update-index", "--index-version", "4")
    assert is_tracked(str(tmp_path / ".venv"))
    assert not is_tracked(str(tmp_path / ".ven"))


def test_case_does_not_matter_for_there_are_file_systems_without(repository: Path) -> None:
    write(repository / ".VENV/bin/python")
    git(repository, "add", "-A")
    assert is_tracked(str(repository / ".venv"))


def test_names_of_any_bytes_and_any_length_are_read(repository: Path) -> None:
    long = repository / "/".join(["d" * 200] * 15)
    write(long / "f", repository / os.fsdecode(b"caf\xe9/x"), repository / "new\nline/x")
    git(repository, "add", "-A")
    for version in ("2", "4"):
        git(repository, "update-index", "--index-version", version)
        assert is_tracked(str(long))
        assert is_tracked(os.fsdecode(os.fsencode(repository) + b"/caf\xe9"))
        assert is_tracked(str(repository / "new\nline"))
        assert not is_tracked(str(repository / ".venv"))


def test_three_thousand_files_are_read_as_git_lists_them_and_in_no_time(repository: Path) -> None:
    blob = git(repository, "rev-parse", ":README").strip()
    rows = "".join(f"100644 {blob}\tp{n % 30}/q{n % 7}/file{n}.txt\n" for n in range(3000))
    git(repository, "update-index", "--index-info", stdin=rows)
    listed = git(repository, "ls-files", "-z").split("\0")[:-1]
    assert len(listed) == 3005
    for version in ("2", "4"):
        git(repository, "update-index", "--index-version", version)
        for folder in ("p0", "p29/q6", "p3/q3", "p30", "p1/q", "src", ".venv", ".venvs"):
            expected = any(name.startswith(folder + "/") for name in listed)
            assert is_tracked(str(repository / folder)) is expected, folder
        start = time.process_time()
        is_tracked(str(repository / ".venv"))
        assert time.process_time() - start < 0.1


def test_what_is_no_index_counts_as_tracked(repository: Path) -> None:
    whole = (repository / ".git/index").read_bytes()
    for data in (b"", b"junk", whole[:-1], whole[:100], b"DIRC\0\0\0\5" + whole[8:], whole + b"x"):
        (repository / ".git/index").write_bytes(data)
        assert is_tracked(str(repository / ".venv")), data[:20]


def test_an_index_that_cannot_be_read_counts_as_tracked(repository: Path) -> None:
    (repository / ".git/index").unlink()
    (repository / ".git/index").mkdir()
    assert is_tracked(str(repository / ".venv"))


def test_a_git_file_that_leads_nowhere_tracks_nothing(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    assert not is_tracked(str(tmp_path / ".venv"))


def test_pipes_in_the_place_of_git_s_files_are_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "one/.git").mkdir(parents=True)
    os.mkfifo(tmp_path / "one/.git/index")
    assert is_tracked(str(tmp_path / "one/.venv"))
    (tmp_path / "two").mkdir()
    os.mkfifo(tmp_path / "two/.git")
    assert not is_tracked(str(tmp_path / "two/.venv"))
