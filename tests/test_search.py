"""Finding the real tool behind the shims, and the interpreter behind a script."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pipshunt.search import find_tool, path_folders, read_shebang

SHIM = "#!/bin/sh\n# pipshunt shim (https://example.org)\nexit 9\n"


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_shims_are_skipped_wherever_and_under_whatever_name_they_stand(tmp_path: Path) -> None:
    program(tmp_path / "one/pip", SHIM)
    program(tmp_path / "two/pipshunt-shim", SHIM)
    (tmp_path / "two/pip").symlink_to("pipshunt-shim")
    real = program(tmp_path / "three/pip")
    program(tmp_path / "four/pip")
    env = {"PATH": ":".join(str(tmp_path / name) for name in ("none", "one", "two", "three", "four"))}
    assert find_tool("pip", env, "/") == str(real)


def test_folders_and_plain_files_are_no_tools(tmp_path: Path) -> None:
    (tmp_path / "a/pip").mkdir(parents=True)
    program(tmp_path / "b/pip").chmod(0o644)
    (tmp_path / "c").mkdir()
    (tmp_path / "c/pip").symlink_to("nowhere")
    env = {"PATH": ":".join(str(tmp_path / name) for name in "abc")}
    assert find_tool("pip", env, "/") == ""


def test_another_manager_s_shim_is_a_tool(tmp_path: Path) -> None:
    shim = program(tmp_path / "pyenv/pip", "#!/usr/bin/env bash\nset -e\nexec pyenv exec pip\n")
    assert find_tool("pip", {"PATH": str(shim.parent)}, "/") == str(shim)


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("/a:/b c:", ["/a", "/b c", "."]),
        (":/a", [".", "/a"]),
        ("/a::/b", ["/a", ".", "/b"]),
        ("rel/bin", ["rel/bin"]),
        ("/new\nline", ["/new\nline"]),
        ("", ["."]),
        (None, ["/usr/local/bin", "/usr/bin", "/bin"]),
    ],
)
def test_path_is_taken_apart_as_execvp_does(path: str | None, folders: list[str]) -> None:
    assert list(path_folders({} if path is None else {"PATH": path})) == folders


def test_relative_entries_are_seen_from_the_working_directory(tmp_path: Path) -> None:
    program(tmp_path / "bin/pip")
    assert find_tool("pip", {"PATH": "bin"}, str(tmp_path)) == "bin/pip"
    assert find_tool("pip", {"PATH": ""}, str(tmp_path / "bin")) == "./pip"
    assert find_tool("./pip", {"PATH": ""}, str(tmp_path / "bin")) == "./pip"
    assert find_tool("./nopip", {"PATH": ""}, str(tmp_path / "bin")) == ""


@pytest.mark.parametrize(
    ("text", "interpreter"),
    [
        pytest.param("#!/usr/bin/python3\n", "/usr/bin/python3", id="plain"),
        pytest.param("#! /usr/bin/python3.11 -I\n", "/usr/bin/python3.11", id="space and option"),
        pytest.param("#!/opt/pypy/bin/pypy3\n", "/opt/pypy/bin/pypy3", id="pypy"),
        pytest.param("#!/bin/sh\n'''exec' /a/bin/python3 \"$0\" \"$@\"\n' '''\n", "/a/bin/python3", id="distlib"),
        pytest.param('#!/bin/sh\n\'\'\'exec\' "/a b/bin/python3" "$0" "$@"\n\' \'\'\'\n', "/a b/bin/python3", id="distlib, space"),
        pytest.param("#!/bin/sh\nexec python3 -m pip\n", "", id="sh script"),
        pytest.param("#!/usr/bin/env -S python3 -I\n", "", id="env with options"),
        pytest.param("#!/usr/bin/env A=1 python3\n", "", id="env with an assignment"),
        pytest.param("#!/usr/bin/env\n", "", id="env alone"),
        pytest.param("#!\n", "", id="empty"),
        pytest.param("\x7fELF", "", id="binary"),
        pytest.param("", "", id="nothing"),
    ],
)  # fmt: skip
def test_the_interpreter_of_a_script(tmp_path: Path, text: str, interpreter: str) -> None:
    program(tmp_path / "pip", text)
    assert read_shebang(str(tmp_path / "pip"), {"PATH": "/nowhere"}, "/") == interpreter


@pytest.mark.parametrize(
    "named",
    [
        pytest.param('"$(dirname -- "$(realpath -- "$0")")/python3.12"', id="python-build-standalone"),
        pytest.param('"$(dirname -- "$(realpath -- "$0")")"/\'python3.12\'', id="uv venv --relocatable"),
    ],
)
def test_the_interpreter_of_a_script_that_may_be_moved_is_beside_it(tmp_path: Path, named: str) -> None:
    program(tmp_path / "python/bin/pip", f"#!/bin/sh\n'''exec' {named} \"$0\" \"$@\"\n' '''\n")
    (tmp_path / "pip").symlink_to("python/bin/pip")
    assert read_shebang("pip", {}, str(tmp_path)) == str(tmp_path / "python/bin/python3.12")


def test_env_looks_the_interpreter_up_behind_the_shims(tmp_path: Path) -> None:
    program(tmp_path / "shims/python3", SHIM)
    python = program(tmp_path / "bin/python3")
    program(tmp_path / "pip", "#!/usr/bin/env python3\n")
    env = {"PATH": f"{tmp_path}/shims:{tmp_path}/bin"}
    assert read_shebang("pip", env, str(tmp_path)) == str(python)


def test_a_script_that_cannot_be_read_names_none(tmp_path: Path) -> None:
    assert read_shebang(str(tmp_path / "none"), {}, "/") == ""
    assert read_shebang(str(tmp_path), {}, "/") == ""


def test_the_walk_finds_what_the_shell_finds(tmp_path: Path) -> None:
    program(tmp_path / "b c/pip")
    program(tmp_path / "d/pip")
    (tmp_path / "a/pip").mkdir(parents=True)
    for path in (f"{tmp_path}/a:{tmp_path}/b c:{tmp_path}/d", f":{tmp_path}/d", f"{tmp_path}/nowhere:{tmp_path}/d/"):
        shell = shutil.which("sh") or "/bin/sh"
        found = subprocess.run(
            [shell, "-c", "command -v pip"], env={"PATH": path}, cwd=tmp_path, capture_output=True, check=False
        )
        ours = find_tool("pip", {"PATH": path}, str(tmp_path))
        assert os.path.realpath(ours) == os.path.realpath(os.fsdecode(found.stdout.strip()))
