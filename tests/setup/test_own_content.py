"""What of a folder is ours: by name, at each depth."""

import errno
import os
from pathlib import Path

import pytest

from pipshunt.folder_tree import remove_tree
from pipshunt.setup import own_content
from pipshunt.setup.own_content import CACHE, ENGINES, ENVIRONMENTS, LOG, STATE, Content, remove, remove_own, sort_out


@pytest.mark.parametrize(
    ("content", "name", "is_ours"),
    [
        pytest.param(CACHE, "policy-0123abcd", True, id="a compiled policy"),
        pytest.param(CACHE, "policy-0123abcd.77", True, id="half of one"),
        pytest.param(CACHE, "policy.py", False, id="a file of a checkout"),
        pytest.param(CACHE, "uv-version", True, id="what uv answered"),
        pytest.param(CACHE, "interpreters/0f", True, id="what an interpreter answered"),
        pytest.param(CACHE, "pips/python3.13t-0123abcd/lib/python3.13t/site-packages/x", True, id="a pip"),
        pytest.param(CACHE, "pips/pypy3.10-0123abcd.77.old/manifest", True, id="half of one that was replaced"),
        pytest.param(CACHE, "pips/pip-26.0.tar.gz", False, id="somebody's pip"),
        pytest.param(STATE, "follow/@%usr%bin%python3.11", True, id="what the machine follows"),
        pytest.param(STATE, "follow/home/a\nb/@/.git/.77", True, id="half a registration of odd folders"),
        pytest.param(STATE, "follow/home/.git/config", False, id="a checkout there"),
        pytest.param(STATE, "audit.jsonl.1", True, id="a log that was rotated"),
        pytest.param(STATE, "transparent.json", True, id="the record of transparent mode"),
        pytest.param(STATE, ".transparent.json.pipshunt-new", True, id="half of it"),
        pytest.param(STATE, "src/pipshunt/follow.py", False, id="a checkout"),
        pytest.param(LOG, "audit.jsonl", True, id="the log"),
        pytest.param(LOG, "transparent.json", False, id="no log"),
        pytest.param(ENGINES, "0.1.0-0123abcd/bin/python", True, id="an engine"),
        pytest.param(ENGINES, "steam/train", False, id="another kind of engine"),
        pytest.param(ENVIRONMENTS, "python3.11/lib/x", True, id="an environment"),
        pytest.param(ENVIRONMENTS, "python3.11-opt-python/x", True, id="that of a second interpreter"),
        pytest.param(ENVIRONMENTS, "python3.11.pipshunt-77/x", True, id="half of one"),
        pytest.param(ENVIRONMENTS, "python3.11.old/x", False, id="one that was moved away"),
    ],
)
def test_ours_is_known_by_its_name(tmp_path: Path, content: Content, name: str, is_ours: bool) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    first = str(tmp_path / name.partition("/")[0])
    assert sort_out(str(tmp_path), content) == (([first], []) if is_ours else ([], [first]))


def test_in_a_folder_that_holds_both_each_is_told_apart(tmp_path: Path) -> None:
    for name in ("follow/home/@a", "follow/home/mine", "follow/opt/@b", "mine/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    parts = sort_out(str(tmp_path), STATE)
    ours, others = ([os.path.relpath(path, tmp_path) for path in paths] for paths in parts)
    assert (ours, others) == (["follow/home/@a", "follow/opt"], ["follow/home/mine", "mine"])


def test_a_link_to_a_folder_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "state").mkdir()
    (tmp_path / "state/follow").symlink_to("../theirs")
    assert sort_out(str(tmp_path / "state"), STATE) == ([], [str(tmp_path / "state/follow")])


def test_what_somebody_puts_in_meanwhile_is_an_error_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    (folder / "follow").mkdir(parents=True)
    (folder / "mine").touch()
    with pytest.raises(OSError, match="not empty"):
        remove_own(str(folder), STATE)
    assert os.listdir(folder) == ["mine"]


def test_a_folder_into_which_somebody_still_writes_goes_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_once(path: str) -> OSError | None:
        monkeypatch.setattr(own_content, "remove_tree", remove_tree)
        Path(path, "new.pyc").touch()
        return OSError(errno.ENOTEMPTY, "Directory not empty", path)

    monkeypatch.setattr(own_content, "remove_tree", write_once)
    (tmp_path / "engine").mkdir()
    remove(str(tmp_path / "engine"))
    assert os.listdir(tmp_path) == []
