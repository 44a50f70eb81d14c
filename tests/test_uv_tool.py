"""Finding uv: fit, or none."""

import os
import time
from pathlib import Path

import pytest

from pipshunt.uv_tool import find_uv, read_version


def lay(folder: Path, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "uv"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def environment(*folders: Path) -> dict[str, str]:
    return {"PATH": ":".join([*map(str, folders), "/usr/bin", "/bin"])}


@pytest.mark.parametrize(
    ("script", "version"),
    [
        pytest.param("echo 'uv 0.13.9 (x86_64-unknown-linux-gnu)'", (0, 13, 9), id="as released"),
        pytest.param("echo uv 1.0.0", (1, 0, 0), id="without a platform"),
        pytest.param("echo uv 0.13.0rc1", (), id="a pre-release"),
        pytest.param("echo uv self 0.13.9", (), id="other words"),
        pytest.param("echo micro 0.13.9", (), id="another tool"),
        pytest.param("echo uv 0.13.9; exit 1", (), id="failing"),
        pytest.param("kill -SEGV $$", (), id="crashing"),
        pytest.param("printf '\\377'", (), id="binary"),
        pytest.param("", (), id="silent"),
    ],
)
def test_a_uv_says_its_version(tmp_path: Path, script: str, version: tuple[int, ...]) -> None:
    assert read_version(str(lay(tmp_path, script)), environment(), "") == version


def test_one_that_hangs_is_given_up(tmp_path: Path) -> None:
    start = time.monotonic()
    assert read_version(str(lay(tmp_path, "echo uv 0.13.9; exec sleep 30")), environment(), "") == ()
    assert 1.5 < time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("version", "fit"),
    [("0.12.9", False), ("0.13.0", True), ("0.14.0", True), ("1.0.0", True)],
)
def test_it_must_know_the_options_that_we_use(tmp_path: Path, version: str, fit: bool) -> None:
    uv = lay(tmp_path / "bin", f"echo uv {version}")
    assert find_uv(environment(uv.parent), "/", "") == (str(uv) if fit else "")


def test_the_first_one_on_path_counts(tmp_path: Path) -> None:
    old, new = lay(tmp_path / "old", "echo uv 0.4.0"), lay(tmp_path / "new", "echo uv 0.13.9")
    assert find_uv(environment(old.parent, new.parent), "/", "") == ""
    assert find_uv(environment(new.parent, old.parent), "/", "") == str(new)
    assert find_uv({"PATH": str(tmp_path)}, "/", "") == ""


@pytest.mark.parametrize("path", ["", ".", ":", "bin", "/nowhere:", "./bin"])
def test_one_that_a_relative_entry_of_the_path_leads_to_may_have_come_with_a_clone(tmp_path: Path, path: str) -> None:
    lay(tmp_path, f"touch {tmp_path}/started")
    lay(tmp_path / "bin", f"touch {tmp_path}/started")
    assert find_uv({"PATH": path}, str(tmp_path), "") == ""
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize(
    "script", ["while :; do printf x; sleep 0.2; done", "exec cat /dev/zero"], ids=["for ever", "without end"]
)
def test_one_that_never_ends_its_version_is_none(tmp_path: Path, script: str) -> None:
    uv = lay(tmp_path / "bin", script)
    assert find_uv(environment(uv.parent), "/", "") == ""


def test_it_is_asked_once(tmp_path: Path) -> None:
    uv = lay(tmp_path / "bin", f"echo asked >>{tmp_path}/asked; echo uv 0.13.9")
    cache = str(tmp_path / "cache")
    for _ in range(3):
        assert find_uv(environment(uv.parent), "/", cache) == str(uv)
    assert (tmp_path / "asked").read_text() == "asked\n"
    lay(tmp_path / "bin", "echo uv 0.2.0")
    assert find_uv(environment(uv.parent), "/", cache) == ""


def test_what_failed_is_asked_again(tmp_path: Path) -> None:
    uv = lay(tmp_path / "bin", f"test -e {tmp_path}/well || exit 1; echo uv 0.13.9")
    cache = str(tmp_path / "cache")
    assert read_version(str(uv), environment(), cache) == ()
    (tmp_path / "well").touch()
    assert read_version(str(uv), environment(), cache) == (0, 13, 9)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"other\nuv 9.9.9"])
def test_a_damaged_cache_is_no_answer(tmp_path: Path, content: bytes) -> None:
    uv = lay(tmp_path / "bin", "echo uv 0.13.9")
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "uv-version").write_bytes(content)
    assert read_version(str(uv), environment(), str(cache)) == (0, 13, 9)


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    uv = lay(tmp_path / "bin", "echo uv 0.13.9")
    assert read_version(str(uv), environment(), os.devnull) == (0, 13, 9)


def test_the_real_one_is_fit(uv: Path) -> None:
    assert find_uv({"PATH": os.path.dirname(uv)}, "/", "") == str(uv)
