"""install.sh from the first line to the last, with real pip, on a small machine and with wheels of the tests' own."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from building_site import Site

from pipshunt.follow import register
from pipshunt.setup.engine_pip import SetupError
from pipshunt.setup.installation import find_lasting, find_site, summarise


@pytest.fixture(scope="module")
def installed() -> Iterator[Site]:
    """A machine where install.sh has run once; for tests that leave it as it is."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    site = Site(root)
    site.first = site.install("sh", "-c", "command -v pip3; pip3 --version; exit 7")
    yield site
    shutil.rmtree(root)


@pytest.fixture
def site(folder: Path) -> Site:
    return Site(folder)


def test_install_sh_sets_up_and_runs_the_command_through_the_shims(installed: Site) -> None:
    first = installed.first
    assert first.status == 7, first
    shim, version = first.out.splitlines()
    assert shim == f"{installed.prefix}/bin/pip3"
    assert version.startswith("pip ")
    said: list[str] = []
    shown: list[str] = []
    for line in first.err.splitlines():
        (said if line.startswith("pipshunt: ") else shown).append(line)
    assert [line.split()[1] for line in said] == ["1/4", "2/4", "3/4", "4/4", "ready"]
    assert shown[0] == f"    {installed.home}/.profile (new)"  # before it is written
    for line in (installed.home / ".profile").read_text().splitlines()[1:-1]:
        assert f"        {line}" in shown
    assert installed.works()


def test_with_stderr_closed_only_the_folder_of_the_shims_is_printed(installed: Site) -> None:
    line = f"exec sh {installed.checkout}/install.sh sh -c 'echo \"$PATH\"' 2>&-"
    done = installed.machine.run("sh", "-c", line, env=installed.env())
    assert done.out == f"{installed.prefix}/bin:{installed.env()['PATH']}\n"


def test_the_shim_knows_the_engine_and_each_tool_of_the_machine_has_one(installed: Site) -> None:
    folder = installed.prefix / "bin"
    version = installed.machine.version
    for name in ("pip", "pip3", f"pip{version}", "python3", f"python{version}"):
        assert os.readlink(folder / name) == "pipshunt-shim"
    text = (folder / "pipshunt-shim").read_text()
    assert f"\n_ps_engine_python='{installed.machine.python}'\n" in text
    assert f"\n_ps_engine_boot='{installed.prefix}/engine/lib/python{version}/site-packages/pipshunt/boot.py'\n" in text
    assert (folder / "pipshunt-shim").stat().st_mode & 0o7777 == 0o755


def test_the_hook_is_laid_and_printed(installed: Site) -> None:
    laid = (installed.prefix / "hook.zsh").read_text()
    assert f"\ntypeset -g _pipshunt_prefix='{installed.prefix}'\n" in laid
    done = installed.machine.run(str(installed.prefix / "bin/pipshunt"), "hook", "zsh", env=installed.env())
    assert (done.status, done.out, done.err) == (0, laid, "")


def test_a_new_login_shell_and_a_new_script_find_the_shims(installed: Site) -> None:
    env = {"HOME": str(installed.home), "PATH": "/usr/bin:/bin"}
    for shell in ("sh", "bash"):
        done = installed.machine.run(shell, "-lc", "command -v pip3; exec sh -c 'command -v pip3'", env=env)
        assert done.out == f"{installed.prefix}/bin/pip3\n" * 2


def test_the_engine_lists_itself_and_keeps_compiled_modules(installed: Site) -> None:
    python = str(installed.prefix / "engine/bin/python")
    question = "import importlib.metadata as m; print(m.version('pipshunt'), m.requires('pipshunt'))"
    done = installed.machine.run(python, "-I", "-c", question)
    assert done.out.startswith("0."), done
    assert "psutil" in done.out
    package = installed.prefix / f"engine/lib/python{installed.machine.version}/site-packages/pipshunt"
    sources = {path.stem for path in package.glob("*.py")}
    assert {path.name.partition(".")[0] for path in (package / "__pycache__").glob("*.pyc")} == sources
    assert (package / "shims/shim").read_bytes() == (installed.checkout / "shims/shim").read_bytes()


def test_nothing_is_left_in_the_checkout_nor_staged(installed: Site) -> None:
    assert not list(installed.checkout.rglob("__pycache__"))
    assert not list(installed.home.rglob("*pipshunt-new*"))


def test_a_rerun_builds_nothing_and_follows_the_tools_of_the_machine(site: Site) -> None:
    site.install()
    engine, profile = site.engine, (site.home / ".profile").read_bytes()
    tool = site.machine.write_script(site.machine.bin / "pip3.99", "#!/bin/sh\n")
    script = site.machine.write_script(site.home / "shop/.venv/bin/a-script", "#!/bin/sh\n")
    register(f"{site.home}/.local/state/pipshunt", "/shop", "/usr/bin/python3", str(script.parent.parent))
    site.machine.give(site.home)
    done = site.install()
    assert os.readlink(site.prefix / "bin/a-script") == "pipshunt-script"
    assert (done.status, site.engine, (site.home / ".profile").read_bytes()) == (0, engine, profile)
    assert "there was nothing to build" in done.err
    assert os.readlink(site.prefix / "bin/pip3.99") == "pipshunt-shim"
    tool.unlink()
    site.install()
    assert not os.path.lexists(site.prefix / "bin/pip3.99")
    assert os.listdir(site.prefix / "engines") == [os.path.basename(engine)]


def test_a_changed_checkout_and_a_damaged_engine_are_built_anew_and_one_older_is_kept(site: Site) -> None:
    site.install()
    engines = [site.engine]
    with (site.checkout / "src/pipshunt/__init__.py").open("a") as file:
        file.write("# changed\n")
    site.install()
    engines.append(site.engine)
    (site.prefix / f"engine/lib/python{site.machine.version}/site-packages/tomlkit.py").unlink()
    done = site.install()
    engines.append(site.engine)
    assert len(set(engines)) == 3, done
    assert sorted(os.listdir(site.prefix / "engines")) == sorted(os.path.basename(engine) for engine in engines[1:])
    assert site.works()


def test_what_pip_is_told_elsewhere_does_not_lead_it_astray(site: Site) -> None:
    config = site.home / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True)
    astray = site.machine.root / "astray"
    astray.mkdir()
    site.machine.give(site.home)
    site.machine.give(astray)
    lines = ["[global]", *(f"{option} = {astray}/conf" for option in ("target", "prefix", "root"))]
    config.write_text(
        "\n".join([*lines, "require-virtualenv = true", "no-deps = true", "[install]", "user = true", ""])
    )
    changes = {
        f"PIP_{name}": f"{astray}/env" for name in ("TARGET", "PREFIX", "ROOT", "PYTHON", "LOG", "REQUIREMENT", "SRC")
    }
    changes |= {f"PIP_{name}": "1" for name in ("USER", "DRY_RUN", "REQUIRE_VIRTUALENV", "BREAK_SYSTEM_PACKAGES")}
    changes |= {"PYTHONPATH": "/nope", "PYTHONHOME": "/nope", "PIP_CONFIG_FILE": "", "PIP___TARGET": f"{astray}/odd"}
    done = site.install(**changes)
    assert done.status == 0, done
    assert site.works()
    assert os.listdir(astray) == []


def test_a_pip_conf_that_names_the_wheels_is_read(site: Site) -> None:
    config = site.home / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(f"[global]\nno-index = true\nfind-links = {site.wheels}\n")
    site.machine.give(site.home)
    env = {"PATH": f"{site.machine.bin}:/usr/bin:/bin", "HOME": str(site.home)}
    done = site.machine.run("sh", str(site.checkout / "install.sh"), env=env)
    assert done.status == 0, done


def test_without_what_pip_needs_one_sentence_says_why_and_nothing_is_left(site: Site) -> None:
    done = site.install("echo", "never", PIP_FIND_LINKS="/nope")
    assert (done.status, done.out) == (1, "")
    last = done.err.splitlines()[-1]
    assert last.startswith(
        "pipshunt: pip could not install what pipshunt needs: the package index does not have them (PIP_"
    )
    assert "Traceback" not in done.err
    assert not site.prefix.exists()
    assert not (site.home / ".profile").exists()


def test_an_engine_in_use_survives_a_failed_update(site: Site) -> None:
    site.install()
    engine = site.engine
    (site.checkout / "src/pipshunt/new.py").touch()
    assert site.install(PIP_FIND_LINKS="/nope").status == 1
    assert (site.engine, os.listdir(site.prefix / "engines")) == (engine, [os.path.basename(engine)])
    assert site.works()


def test_profiles_that_cannot_be_written_are_named_and_the_command_runs(site: Site) -> None:
    data = site.machine.root / "data"
    data.mkdir()
    site.machine.give(data)
    site.home.chmod(0o555)
    done = site.install("sh", "-c", "command -v pip3", XDG_DATA_HOME=str(data))
    site.home.chmod(0o755)
    assert (done.status, done.out) == (0, f"{data}/pipshunt/bin/pip3\n")
    assert ".profile (Permission denied)" in done.err
    assert f'add this line to what your shell reads: export PATH={data}/pipshunt/bin:"$PATH"\n' in done.err


def test_a_home_that_cannot_be_written_is_one_sentence(site: Site) -> None:
    site.home.chmod(0o555)
    done = site.install("echo", "never")
    site.home.chmod(0o755)
    assert (done.status, done.out) == (1, "")
    assert done.err == (
        f"pipshunt: {site.home}/.local cannot be made (Permission denied): set XDG_DATA_HOME to a folder that you may"
        " write; nothing was changed\n"
    )


def test_two_runs_at_once_both_succeed(site: Site) -> None:
    runs = [site.start("sh", "-c", "command -v pip3") for _ in range(2)]
    ends = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], ends
    assert [out for out, _ in ends] == [f"{site.prefix}/bin/pip3\n".encode()] * 2
    assert len(os.listdir(site.prefix / "engines")) == 1
    assert (site.home / ".profile").read_text().count("# >>> pipshunt >>>") == 1


def _read_until(stream: "IO[bytes] | None", mark: bytes) -> None:
    assert stream
    for line in stream:
        if mark in line:
            return


@pytest.mark.parametrize("mark", [b"1/4", b"2/4", b"3/4", b"4/4"])
def test_a_run_that_is_killed_leaves_nothing_half_done(mark: bytes, site: Site) -> None:
    run = site.start()
    _read_until(run.stderr, mark)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    if (site.prefix / "engine").exists():
        assert site.works()
    assert site.install().status == 0
    assert site.works()
    assert len(os.listdir(site.prefix / "engines")) == 1
    assert not list(site.home.rglob("*pipshunt-new*"))


def test_an_interrupted_run_says_so_and_leaves_nothing(site: Site) -> None:
    run = site.start("echo", "never")
    _read_until(run.stderr, b"2/4")
    time.sleep(0.1)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=30)
    assert out == b""
    assert err.startswith(b"pipshunt: interrupted; what was there before is as it was")
    assert b"Traceback" not in err
    assert not site.prefix.exists()


@pytest.mark.parametrize(
    ("env", "prefix"),
    [
        pytest.param({"HOME": "/home/ana"}, "/home/ana/.local/share/pipshunt", id="home"),
        pytest.param({"HOME": "/home/ana", "XDG_DATA_HOME": "/data"}, "/data/pipshunt", id="xdg"),
        pytest.param({"HOME": "/home/ana", "XDG_DATA_HOME": "data"}, "/home/ana/.local/share/pipshunt", id="relative"),
    ],
)
def test_an_ordinary_user_s_goes_to_the_data_folder(env: dict[str, str], prefix: str) -> None:
    assert find_site(env, 1000).prefix == prefix


def test_root_s_goes_to_opt_whatever_home_sudo_kept() -> None:
    site = find_site({"HOME": "/home/ana", "XDG_DATA_HOME": "/home/ana/data"}, 0)
    assert (site.prefix, site.home, site.is_machine) == ("/opt/pipshunt", "/root", True)


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        pytest.param({}, "there is no home folder to install into", id="no home"),
        pytest.param({"HOME": "/a:b"}, "cannot stand on PATH, for it has a colon", id="colon"),
    ],
)
def test_a_place_that_will_not_do_is_one_sentence(env: dict[str, str], sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        find_site(env, 4_000_000_001)


def test_homebrew_s_path_that_outlives_an_upgrade_is_taken(tmp_path: Path) -> None:
    python = tmp_path / "Cellar/python@3.13/3.13.2/bin/python3.13"
    python.parent.mkdir(parents=True)
    python.touch()
    assert find_lasting(str(python)) == str(python)
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/python@3.13").symlink_to("../Cellar/python@3.13/3.13.2")
    assert find_lasting(str(python)) == f"{tmp_path}/opt/python@3.13/bin/python3.13"
    assert find_lasting("/usr/bin/python3.11") == "/usr/bin/python3.11"


@pytest.mark.parametrize(
    ("names", "unreached", "told", "sentence"),
    [
        pytest.param(
            ["pip"],
            [],
            True,
            "ready: pip and python lead through pipshunt now; in a shell that has run them before: hash -r",
        ),
        pytest.param(["pip", "pip3"], ["pip", "pip3"], True, "ready in new shells; for this shell: LINE"),
        pytest.param(["pip", "pip3"], ["pip3"], True, "ready in new shells; for this shell for pip3: LINE"),
        pytest.param(["pip"], ["pip"], False, "ready; for this shell: LINE"),
        pytest.param([], [], True, "there is no pip on PATH to stand ahead of yet; run install.sh again when there is"),
    ],
)
def test_the_summary(names: list[str], unreached: list[str], told: bool, sentence: str) -> None:
    assert summarise(names, unreached, "LINE", told=told) == sentence
