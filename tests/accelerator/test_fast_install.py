"""uv in pip's place leaves an environment alone whenever pip is to decide, or whatever goes wrong."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fast import Place
from machine import PROJECT


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("fast"))
    place.wheel("lib", "1.0")
    place.wheel("lib", "2.0", contents={"lib.py/inner.txt": "a folder where a file was"})
    place.wheel("upper", "1.0", headers=("Requires-Python: >=3.6",))
    place.wheel("upper", "2.0", headers=("Requires-Python: >=3.6,<3.10",))
    place.wheel("one", "1", contents={"shared/x.py": "1"})
    place.wheel("two", "1", requires=("one",), contents={"shared/x.py": "2"})
    place.wheel("breaks", "1", requires=("lib==1.0",))
    place.wheel("in-the-way", "1", contents={"taken": "a file where a folder is"})
    place.create()
    assert place.run_pip("breaks").returncode == 0
    (place.site / "taken").mkdir()
    (place.site / "taken/note.txt").write_text("the user's own")
    return place


def fake_uv(place: Place, script: str) -> Path:
    path = place.root / "fake-uv"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        pytest.param(("upper",), "upper 2.0 is for Python >=3.6,<3.10", id="for older Pythons"),
        pytest.param(("two",), "one and two both have shared/x.py", id="two with one file"),
        pytest.param(("-U", "lib"), "breaks 1 requires lib==1.0", id="would break another"),
        pytest.param(("none-such",), "uv failed (exit status 1)", id="not to be found"),
        pytest.param(("in-the-way",), "is a folder", id="a folder in a file's place"),
        pytest.param(("--no-build-isolation", "upper"), "without build isolation", id="built with what is there"),
    ],
)
def test_pip_decides_on_an_environment_that_is_as_it_was(
    place: Place, uv: Path, words: tuple[str, ...], reason: str
) -> None:
    before = place.tree(exact=True)
    times = os.stat(place.environment).st_mtime_ns
    done = place.run_fast(uv, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert place.tree(exact=True) == before
    assert os.stat(place.environment).st_mtime_ns == times


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param("exit 3", "uv failed (exit status 3)", id="fails"),
        pytest.param("kill -SEGV $$", "uv failed (exit status 139)", id="crashes"),
        pytest.param("kill -KILL $$", "uv failed (exit status 137)", id="is killed"),
        pytest.param("echo done", "JSONDecodeError", id="says something else"),
        pytest.param("echo '{}'", "KeyError", id="says nothing"),
        pytest.param(
            """echo '{"changes": [{"name": "upper", "version": "1.0", "action": "installed"}]}'""",
            "uv has not installed what it says",
            id="lies",
        ),
        pytest.param("""echo '{"changes": []}'""", "not all of it", id="does nothing"),
    ],
)
def test_an_odd_uv_harms_nothing(place: Place, script: str, reason: str) -> None:
    before = place.tree(exact=True)
    done = place.run_fast(fake_uv(place, script), "upper")
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert place.tree(exact=True) == before


def test_a_uv_that_is_gone_is_a_reason(place: Place) -> None:
    assert "No such file" in place.run_fast(place.root / "gone", "upper").stderr


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [
        (signal.SIGINT, 1, "ERROR: Operation cancelled by user\n"),
        (signal.SIGTERM, -signal.SIGTERM, ""),
        (signal.SIGHUP, -signal.SIGHUP, ""),
    ],
)
def test_a_signal_ends_it_as_it_ends_pip(place: Place, number: int, status: int, said: str) -> None:
    before = place.tree(exact=True)
    ready = place.root / "ready"
    ready.unlink(missing_ok=True)
    uv = fake_uv(place, f"touch {ready}; exec sleep 60")
    argv = place.fast_argv(uv, "upper")
    process = subprocess.Popen(argv, cwd=place.root, env=place.env, stdout=-1, stderr=-1, text=True)
    end = time.monotonic() + 20
    while not ready.exists() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (status, "", said)
    assert place.tree(exact=True) == before


def test_what_was_killed_outright_is_cleared_away_by_the_next(place: Place, uv: Path) -> None:
    before = place.tree(exact=True)
    ready = place.root / "ready"
    ready.unlink(missing_ok=True)
    slow = fake_uv(place, f"touch {ready}; exec sleep 60")
    process = subprocess.Popen(place.fast_argv(slow, "upper"), cwd=place.root, env=place.env, start_new_session=True)
    end = time.monotonic() + 20
    while not ready.exists() and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert place.tree(exact=True) != before
    place.run_fast(uv, "upper")
    assert place.tree(exact=True) == before


def test_what_the_system_has_is_pips_to_judge(tmp_path: Path, uv: Path) -> None:
    place = Place(tmp_path)
    place.create(system=True)
    seen = tmp_path / "seen"
    place.env["PYTHONUSERBASE"] = str(seen)
    user_site = seen / "lib" / place.site.parent.name / "site-packages"
    for name, requires in (("alpha", ""), ("beta", "Requires-Dist: Gamma>=3\n")):
        info = user_site / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}")
    place.wheel("alpha", "2.0")
    place.wheel("gamma", "1.0")
    place.wheel("delta", "1.0", requires=("epsilon",))
    place.wheel("epsilon", "1.0")
    assert "alpha is among the system's packages" in place.run_fast(uv, "alpha").stderr
    assert "a package of the system's depends on gamma" in place.run_fast(uv, "gamma").stderr
    done = place.run_fast(uv, "delta")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Successfully installed delta-1.0 epsilon-1.0")


def test_a_broken_stdout_ends_as_with_pip(place: Place, uv: Path) -> None:
    with open("/dev/full", "w") as full:
        argv = place.fast_argv(uv, "breaks")
        done = subprocess.run(argv, cwd=place.root, env=place.env, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (120, b"ERROR: Pipe to stdout was broken\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root can write everywhere")
def test_what_cannot_be_written_is_a_reason(place: Place, uv: Path) -> None:
    place.environment.chmod(0o555)
    try:
        assert "Permission denied" in place.run_fast(uv, "upper==1.0").stderr
    finally:
        place.environment.chmod(0o755)


def test_nothing_heavy_is_imported_by_what_is_satisfied(place: Place) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(PROJECT / 'src')!r}]\n"
        "import pipshunt.accelerator.fast_install\n"
        "print(sorted({'json', 'csv', 'subprocess', 'packaging', 'email', 'tempfile', 'shutil'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("wheels", "words", "reason"),
    [
        pytest.param(
            (("six", "1.0", ()), ("six", "2.0", ()), ("w", "1.0", ("six>1",)), ("w", "2.0", ("six<2",))),
            ("six", "w"),
            "uv tried w 2.0, then 1.0, where pip may go another way",
            id="two that contradict each other",
        ),
        pytest.param(
            (
                *(("dj", "3.2", ()), ("dj", "4.2", ()), ("djd", "1.0", ("dj<4",)), ("djd", "2.0", ("dj>=4",))),
                *(("djx", "1.0", ("dj<4", "djd")), ("djx", "0.9", ("djd",))),
            ),
            ("dj", "djx"),
            "uv tried djx 1.0, then 0.9, where pip may go another way",
            id="a plugin with an upper bound",
        ),
        pytest.param(
            (("b", "1.0", ()), ("b", "2.5b1", ()), ("a", "1.0", ("b",)), ("a", "2.0", ("b>=2",))),
            ("a",),
            "b 2.5b1 is a pre-release that nobody named",
            id="a pre-release as the last resort",
        ),
    ],
)
def test_a_search_in_which_pip_may_go_another_way_is_pips(
    place: Place, uv: Path, wheels: tuple[tuple[str, str, tuple[str, ...]], ...], words: tuple[str, ...], reason: str
) -> None:
    for name, version, requires in wheels:
        place.wheel(name, version, requires=requires)
    before = place.tree(exact=True)
    assert place.run_fast(uv, *words).stderr == f"reason: {reason}\n"
    assert place.tree(exact=True) == before
