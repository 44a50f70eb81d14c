"""uv's descriptions, rewritten to pip's."""

import json
import os
from pathlib import Path

import pytest

from pipshunt.accelerator.install_record import rewrite_description
from pipshunt.accelerator.snapshot import Unclear, read_record

EMPTY = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"


@pytest.fixture
def info(tmp_path: Path) -> Path:
    info = tmp_path / "a-1.dist-info"
    info.mkdir()
    for name, text in (("INSTALLER", "uv"), ("REQUESTED", ""), ("uv_cache.json", "{}"), ("METADATA", "")):
        (info / name).write_text(text)
    return info


def rows(info: Path) -> list[list[str]]:
    return [["a.py", "sha256=x", "1"], *([f"{info.name}/{name}", "", ""] for name in sorted(os.listdir(info)))]


def test_a_requested_one(info: Path) -> None:
    rewrite_description(str(info), rows(info), ["__pycache__/a.cpython-311.pyc"], requested=True)
    assert sorted(os.listdir(info)) == ["INSTALLER", "METADATA", "RECORD", "REQUESTED"]
    assert (info / "INSTALLER").read_bytes() == b"pip\n"
    assert read_record(str(info)) == [
        ["__pycache__/a.cpython-311.pyc", "", ""],
        ["a-1.dist-info/INSTALLER", "sha256=zuuue4knoyJ-UwPPXg8fezS7VCrXJQrAP7zeNuwvFQg", "4"],
        ["a-1.dist-info/METADATA", "", ""],
        ["a-1.dist-info/REQUESTED", EMPTY, "0"],
        ["a.py", "sha256=x", "1"],
    ]


def test_a_dependency(info: Path) -> None:
    rewrite_description(str(info), rows(info), [], requested=False)
    assert sorted(os.listdir(info)) == ["INSTALLER", "METADATA", "RECORD"]
    assert not any("REQUESTED" in row[0] or "uv_cache" in row[0] for row in read_record(str(info)))


@pytest.mark.parametrize(
    ("uvs", "pips"),
    [
        ({"url": "file:///a", "dir_info": {"editable": False}}, {"url": "file:///a", "dir_info": {}}),
        ({"url": "file:///a", "dir_info": {"editable": True}}, {"url": "file:///a", "dir_info": {"editable": True}}),
        (
            {"url": "https://x/a.whl", "archive_info": {"hashes": {"sha256": "ab"}}},
            {"url": "https://x/a.whl", "archive_info": {"hash": "sha256=ab", "hashes": {"sha256": "ab"}}},
        ),
    ],
)
def test_where_it_came_from(info: Path, uvs: object, pips: object) -> None:
    (info / "direct_url.json").write_text(json.dumps(uvs))
    rewrite_description(str(info), rows(info), [], requested=True)
    written = (info / "direct_url.json").read_text()
    assert written == json.dumps(pips, sort_keys=True)
    assert f"{len(written)}" in {row[2] for row in read_record(str(info)) if row[0].endswith("direct_url.json")}


def test_the_hash_of_a_local_archive_is_added(info: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a b.whl"
    archive.write_bytes(b"content")
    digest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    (info / "direct_url.json").write_text(json.dumps({"url": archive.as_uri(), "archive_info": {}}))
    rewrite_description(str(info), rows(info), [], requested=True)
    said = json.loads((info / "direct_url.json").read_text())
    assert said["archive_info"] == {"hash": f"sha256={digest}", "hashes": {"sha256": digest}}


@pytest.mark.parametrize("text", ['{"url": "https://x/a.whl", "archive_info": {}}', "{"])
def test_what_uv_has_not_kept_is_pips(info: Path, text: str) -> None:
    (info / "direct_url.json").write_text(text)
    with pytest.raises(Unclear):
        rewrite_description(str(info), rows(info), [], requested=True)
