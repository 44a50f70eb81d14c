"""The folder of the shims, and the links to it that root's installation lays in /usr/local/bin."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipshunt.setup.shim_folder import fill_template, find_tools, find_unreached, is_tool_name, lay_shims, link_shims

SHIM = b"#!/bin/sh\n# pipshunt shim (for the tests)\n"
SCRIPT = b"#!/bin/sh\n# pipshunt shim (scripts, for the tests)\n"


def program(path: Path, text: bytes = b"#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    path.chmod(0o755)
    return path


def on_test_path(names: list[str]) -> list[str]:
    """The names that a test made: the machine's own /usr/bin is looked into as well."""
    return [name for name in names if name.endswith("99") or name == "pip3.98"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("pip", "pip3", "pip3.8", "pip3.13", "python", "python3", "python3.15", "uv")),
        *(
            (name, False)
            for name in ("pip2", "pip3.7", "pip3.", "pip3.1x", "pip3.13t", "pipx", "pip-3.11", "python3-config")
        ),
        *((name, False) for name in ("python2.7", "python3.11-config", "python3.²", "ipython3", "uvx", "")),
    ],
)
def test_which_names_are_tools(name: str, expected: bool) -> None:
    assert is_tool_name(name) is expected


def test_tools_are_found_on_path_but_not_our_own_nor_an_environment_s(tmp_path: Path) -> None:
    program(tmp_path / "a/pip3.99")
    program(tmp_path / "a/python3.99").chmod(0o644)
    program(tmp_path / "ours/pip3.199", SHIM)
    program(tmp_path / "venv/bin/python3.299")
    (tmp_path / "venv/pyvenv.cfg").touch()
    (tmp_path / "a/pip3.399").mkdir()
    (tmp_path / "a/pip3.499").symlink_to("nowhere")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/pip3.98").symlink_to("../a/pip3.99")
    path = f"{tmp_path}/ours::{tmp_path}/venv/bin:{tmp_path}/a:relative:/no/such:{tmp_path}/b:{tmp_path}/a"
    assert on_test_path(find_tools(path)) == ["pip3.98", "pip3.99"]


def test_a_template_is_filled_with_values_that_sh_reads_as_they_are() -> None:
    template = "engine_python='@ENGINE_PYTHON@'\nengine_boot='@ENGINE_BOOT@'\n"
    text = fill_template(template, "/a b/$x", "/o'clock/boot.py")
    assert text == b"engine_python='/a b/$x'\nengine_boot='/o'\\''clock/boot.py'\n"


def test_laying_again_adds_new_names_drops_old_ones_and_leaves_what_is_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    lay_shims(str(folder), SHIM, SCRIPT, ["pip", "pip3.11"], "/e/bin/python")
    program(folder / "mine")
    (folder / "link").symlink_to("mine")
    before = (folder / "pipshunt-shim").stat()
    lay_shims(str(folder), SHIM, SCRIPT, ["pip", "pip3.13"], "/e/bin/python")
    ours = ["pip", "pip3.13", "pipshunt", "pipshunt-script", "pipshunt-shim"]
    assert sorted(os.listdir(folder)) == ["link", "mine", *ours]
    assert (folder / "pipshunt-shim").stat() == before
    lay_shims(str(folder), SHIM + b"# newer\n", SCRIPT, ["pip"], "/e/bin/python")
    assert (folder / "pip").read_bytes() == SHIM + b"# newer\n"


def test_the_umask_does_not_show_in_the_shim(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        lay_shims(str(tmp_path), SHIM, SCRIPT, [], "/e/bin/python")
    finally:
        os.umask(before)
    for name in ("pipshunt-shim", "pipshunt-script", "pipshunt"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o755


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """An environment whose pipshunt.cli the test writes, and the command laid for it."""
    python = tmp_path / "engine's/bin/python"
    package = tmp_path / "engine's/lib" / "python{}.{}".format(*sys.version_info) / "site-packages/pipshunt"
    for folder in (python.parent, package):
        folder.mkdir(parents=True)
    base = os.path.realpath(sys.executable)
    python.symlink_to(base)
    (tmp_path / "engine's/pyvenv.cfg").write_text(f"home = {os.path.dirname(base)}\n")
    (package / "__init__.py").touch()
    lay_shims(str(tmp_path), SHIM, SCRIPT, [], str(python))
    return package


def run_command(engine: Path, code: str, *words: str) -> "subprocess.CompletedProcess[str]":
    (engine / "cli.py").write_text(code)
    argv = [str(engine.parents[4] / "pipshunt"), *words]
    return subprocess.run(argv, cwd=engine, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)


def test_the_command_runs_in_the_engines_environment_alone(engine: Path) -> None:
    (engine / "site.py").write_text("raise SystemExit('hijacked')\n")
    done = run_command(
        engine, "import sys\ndef main():\n    print(sys.argv[1:], sys.prefix)\n    return 7\n", "a b", ""
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, f"['a b', ''] {engine.parents[3]}\n", "")


def test_ctrl_c_while_the_command_is_imported_ends_it_without_a_word(engine: Path) -> None:
    done = run_command(engine, "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_a_damaged_engine_is_told_by_the_command(engine: Path) -> None:
    done = run_command(engine, "import nothing_of_the_kind\n")
    said = "pipshunt: the engine is damaged (No module named 'nothing_of_the_kind'); ./install.sh, from a checkout, "
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{said}puts it back\n")


def test_links_are_laid_where_the_name_is_free_and_go_with_their_shim(tmp_path: Path) -> None:
    folder, links = tmp_path / "opt/bin", tmp_path / "local"
    program(links / "pip", b"#!/usr/bin/env python3\n")
    (links / "pip3").symlink_to("/no/such/file")
    lay_shims(str(folder), SHIM, SCRIPT, ["pip", "pip3", "pip3.11"], "/e/bin/python")
    link_shims(str(links), str(folder), ["pip", "pip3", "pip3.11"])
    assert (links / "pip").read_bytes() == b"#!/usr/bin/env python3\n"
    assert os.readlink(links / "pip3") == "/no/such/file"
    assert os.readlink(links / "pip3.11") == f"{folder}/pip3.11"
    assert os.readlink(links / "pipshunt-shim") == f"{folder}/pipshunt-shim"
    lay_shims(str(folder), SHIM, SCRIPT, ["pip"], "/e/bin/python")
    link_shims(str(links), str(folder), ["pip"])
    assert sorted(os.listdir(links)) == ["pip", "pip3", "pipshunt", "pipshunt-shim"]


def test_links_of_console_scripts_stay_until_a_tool_of_their_name_is_there(tmp_path: Path) -> None:
    folder, links = tmp_path / "opt/bin", tmp_path / "local"
    lay_shims(str(folder), SHIM, SCRIPT, ["pip"], "/e/bin/python")
    (folder / "flask").symlink_to("pipshunt-script")
    (folder / "uv").symlink_to("pipshunt-script")
    links.mkdir()
    for name in ("flask", "uv"):
        (links / name).symlink_to(folder / "pipshunt-script")
    lay_shims(str(folder), SHIM, SCRIPT, ["pip"], "/e/bin/python")
    link_shims(str(links), str(folder), ["pip"])
    assert [os.readlink(folder / name) for name in ("flask", "uv")] == ["pipshunt-script", "pipshunt-script"]
    lay_shims(str(folder), SHIM, SCRIPT, ["pip", "uv"], "/e/bin/python")
    link_shims(str(links), str(folder), ["pip", "uv"])
    assert [os.readlink(folder / name) for name in ("flask", "uv")] == ["pipshunt-script", "pipshunt-shim"]
    assert os.readlink(links / "flask") == f"{folder}/pipshunt-script"
    assert os.readlink(links / "uv") == f"{folder}/uv"


def test_a_console_script_s_link_is_no_tool(tmp_path: Path) -> None:
    program(tmp_path / "ours/pipshunt-script", SCRIPT)
    (tmp_path / "ours/pip3.99").symlink_to("pipshunt-script")
    assert on_test_path(find_tools(f"{tmp_path}/ours")) == []


def test_a_name_is_reached_if_the_first_on_path_is_ours(tmp_path: Path) -> None:
    program(tmp_path / "ours/pip", SHIM)
    program(tmp_path / "ours/pip3", SHIM)
    program(tmp_path / "other/pip")
    path = f"{tmp_path}/other:{tmp_path}/ours"
    assert find_unreached(["pip", "pip3", "pip3.99"], path) == ["pip", "pip3.99"]
