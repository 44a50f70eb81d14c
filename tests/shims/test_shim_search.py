"""Finding the real tool: the first on PATH that is not ours, by identity and not by folder."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipshunt.search import find_tool
from shims.stage import SAY, Done, Stage

PLAIN = (
    "a",
    "b",
    "with space",
    "g*[x]?",
    "new\nline",
    "back\\slash\\n",
    "100%",
    "~",
    "$HOME",
    "-x",
    "-",
    "!",
    "(",
    "=",
    "é\x7f",
)


@pytest.fixture(scope="module")
def folders() -> Iterator[Stage]:
    """A stage with folders of every kind in `work`: tools that say who they are, shims, and what is neither."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    stage = Stage(root / "stage")
    work = stage.work
    for name in PLAIN:
        stage.script(work / name / "pip", SAY)
    (work / "not-executable").mkdir()
    (work / "not-executable/pip").write_text(SAY)
    (work / "folder/pip").mkdir(parents=True)
    (work / "empty").mkdir()
    (work / "file").write_text("")
    (work / "dangling").mkdir()
    (work / "dangling/pip").symlink_to("nowhere")
    (work / "linked").mkdir()
    (work / "linked/pip").symlink_to("../a/pip")
    (work / "shims-link").symlink_to(stage.shims)
    (work / "single-link").mkdir()
    (work / "single-link/pip").symlink_to(stage.shims / "pip")
    (work / "hard-link").mkdir()
    os.link(stage.shims / "pipshunt-shim", work / "hard-link/pip")
    stage.lay_shims(work / "prefix")
    (work / "copy").mkdir()
    shutil.copy(stage.shims / "pipshunt-shim", work / "copy/pip")
    shutil.copytree(work / "copy", work / "copy-of-copy")
    (work / "prefix-link").mkdir()
    (work / "prefix-link/pip").symlink_to(work / "prefix/pip")
    (work / "unreadable").mkdir()
    shutil.copy("/bin/true", work / "unreadable/pip")
    (work / "unreadable/pip").chmod(0o111)
    yield stage
    shutil.rmtree(root)


OURS = ("SHIMS", "shims-link", "single-link", "hard-link", "prefix", "copy", "copy-of-copy", "prefix-link")
NEITHER = ("not-executable", "folder", "empty", "file", "dangling", "nowhere")


def said(stage: Stage, done: Done) -> str:
    """Return the path that the tool was run by, from `work`; bash's exec makes a path absolute."""
    return os.path.relpath(os.path.join(done.cwd, done.out.removesuffix("\0")), stage.work)


def path_of(stage: Stage, entries: list[str]) -> str:
    """Return a PATH of *entries*: SHIMS, ABS:x for an absolute x, else relative to `work` as it stands."""
    known = {"SHIMS": str(stage.shims)}
    return ":".join(known.get(entry) or entry.replace("ABS", str(stage.work)) for entry in entries)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param(["SHIMS", "ABS/a", "ABS/b"], "a/pip", id="ours first"),
        pytest.param(["ABS/a", "ABS/b", "SHIMS"], "a/pip", id="ours last"),
        pytest.param(["ABS/b", "SHIMS", "ABS/a"], "b/pip", id="ours in the middle"),
        pytest.param(["SHIMS", "SHIMS", "ABS/a", "SHIMS", "ABS/b"], "a/pip", id="ours twice"),
        pytest.param(["ABS/b", "ABS/a"], "b/pip", id="ours not on it"),
        pytest.param(["SHIMS", "ABS/a", ""], "a/pip", id="trailing colon"),
        pytest.param(["SHIMS", "", "", "ABS/b"], "b/pip", id="empty entries, nothing here"),
        pytest.param(["", "SHIMS", "b"], "b/pip", id="relative"),
        pytest.param(["SHIMS", "./b/../a"], "a/pip", id="relative with dots"),
        pytest.param(["SHIMS", "ABS/a/"], "a/pip", id="trailing slash"),
        pytest.param(["SHIMS", "with space"], "with space/pip", id="space"),
        pytest.param(["SHIMS", "ABS/new\nline"], "new\nline/pip", id="newline"),
        pytest.param(["SHIMS", "ABS/g*[x]?"], "g*[x]?/pip", id="globs"),
        pytest.param(["SHIMS", "~", "a"], "~/pip", id="tilde is a name"),
        pytest.param(["SHIMS", "$HOME"], "$HOME/pip", id="dollar is a name"),
        pytest.param(["SHIMS", "-x"], "-x/pip", id="like an option"),
        pytest.param(["SHIMS", "-"], "-/pip", id="dash"),
        pytest.param(["SHIMS", "!"], "!/pip", id="exclamation mark"),
        pytest.param(["SHIMS", "("], "(/pip", id="parenthesis"),
        pytest.param(["SHIMS", "="], "=/pip", id="equals sign"),
        pytest.param(["SHIMS", *NEITHER, "a"], "a/pip", id="candidates that are none"),
        pytest.param(["SHIMS", "ABS/linked"], "linked/pip", id="a link to a tool"),
        pytest.param(["SHIMS", "shims-link", "ABS/shims-link", "a"], "a/pip", id="our folder linked"),
        pytest.param(["single-link", "SHIMS", "a"], "a/pip", id="one shim linked"),
        pytest.param(["SHIMS", "ABS/prefix", "a"], "a/pip", id="another prefix"),
        pytest.param(["prefix-link", "SHIMS", "single-link", "prefix", "a"], "a/pip", id="links to two prefixes"),
        pytest.param(["SHIMS", "copy", "copy-of-copy", "a"], "a/pip", id="copies"),
        pytest.param(["copy", "prefix-link", "single-link", "copy-of-copy", "prefix", "b"], "b/pip", id="all of ours"),
    ],
)
def test_the_tool_is_the_first_on_the_path_that_is_not_ours(
    folders: Stage, shell: str, entries: list[str], expected: str
) -> None:
    done = folders.call(shell, "pip", "download", env=folders.env(PATH=path_of(folders, entries)))
    assert (said(folders, done), done.err, done.status) == (expected, "", 0)


@pytest.mark.parametrize("path", ["", ":", "a::b", ":a"])
def test_an_empty_entry_is_the_working_directory(folders: Stage, shell: str, path: str) -> None:
    done = folders.call(shell, "pip", "download", env=folders.env(PATH=path), cwd=folders.work / "b")
    assert said(folders, done) == "b/pip"


@pytest.mark.parametrize(
    "entries", [["SHIMS"], ["empty", "nowhere"], ["SHIMS", "prefix", "SHIMS"], list(OURS)], ids=str
)
def test_where_only_ours_are_on_the_path_one_sentence_says_so(folders: Stage, shell: str, entries: list[str]) -> None:
    done = folders.call(shell, "pip", "install", "six", env=folders.env(PATH=path_of(folders, entries)))
    assert (done.status, done.out, done.records) == (127, "", [])
    assert done.err.startswith("pipshunt: pip: not found on PATH, but for pipshunt's own shim (")
    assert done.err.count("\n") == 1


def test_without_a_path_the_tool_is_in_the_standard_folders(stage: Stage, shell: str) -> None:
    (stage.shims / "env").symlink_to("pipshunt-shim")
    assert "PIPSHUNT_GUARD=1:" in stage.call(shell, "env", env={}).out


def test_a_tool_that_can_be_run_but_not_read_is_run(folders: Stage, shell: str) -> None:
    env = folders.env(PATH=path_of(folders, ["SHIMS", "unreadable", "a"]))
    for verb in ("download", "list"):
        done = folders.call(shell, "pip", verb, env=env)
        assert (done.status, done.out, done.err) == (0, "", "")


@pytest.mark.parametrize(
    "called", ["single-link/pip", "hard-link/pip", "prefix/pip", "copy/pip", "./copy/pip", "shims-link/pip"]
)
def test_a_shim_called_by_a_path_of_its_own_finds_the_same_tool(folders: Stage, shell: str, called: str) -> None:
    env = folders.env(PATH=path_of(folders, ["SHIMS", "prefix", "a", "b"]))
    assert said(folders, folders.call(shell, called, "download", env=env)) == "a/pip"


def test_another_prefix_and_links_are_told_without_running_them(stage: Stage, shell: str) -> None:
    other = stage.lay_shims(stage.root / "other")
    (stage.root / "link").symlink_to(stage.shims)
    env = stage.env(PATH=f"{stage.shims}:{stage.root}/link:{other}:{stage.bin}:/usr/bin:/bin")
    environ = stage.call(shell, "pip", "list", env=env).record.environ
    assert any(entry.startswith(b"PIPSHUNT_GUARD=1:") for entry in environ)


def test_a_tool_of_a_kind_without_a_first_line_is_run_as_execvp_would(stage: Stage, shell: str) -> None:
    stage.script(stage.work / "bare/pip", 'echo "$1"\n')
    assert stage.call(shell, "pip", "download", env=stage.env(PATH="bare:/usr/bin:/bin")).out == "download\n"


@settings(max_examples=120, deadline=None)
@given(
    entries=st.lists(
        st.sampled_from([*PLAIN, *OURS, *OURS, *NEITHER, "", ".", "ABS/a", "ABS/prefix", "linked"]), max_size=7
    )
)
def test_the_shim_finds_what_search_finds_and_what_anyone_would(folders: Stage, entries: list[str]) -> None:
    path = path_of(folders, entries)
    naive = next((entry for entry in entries if entry not in (*OURS, *NEITHER, "", ".", "ABS/prefix")), None)
    env = folders.env(PATH=path)
    done = folders.call("dash", "pip", "download", env=env)
    found = find_tool("pip", env, str(folders.work))
    assert done.status == (0 if naive else 127)
    assert bool(found) == bool(naive)
    if naive:
        wanted = naive.removeprefix("ABS/") + "/pip"
        assert said(folders, done) == wanted
        assert os.path.relpath(os.path.join(folders.work, found), folders.work) == wanted


def test_nothing_is_written_by_looking_for_the_tool(folders: Stage) -> None:
    before = sorted(path for path in folders.root.rglob("*"))
    folders.call("dash", "pip", "download", env=folders.env(PATH=path_of(folders, ["SHIMS", "g*[x]?"])))
    assert sorted(path for path in Path(folders.root).rglob("*")) == before
