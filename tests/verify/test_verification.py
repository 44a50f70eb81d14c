"""`pipshunt verify` as it is called."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from machine import PROJECT, Result

from verify.stage import Stage


def _run(stage: Stage, *words: str, **changes: str) -> Result:
    argv = [sys.executable, "-m", "pipshunt.cli", "verify", *words]
    env = {**stage.env, "PYTHONDONTWRITEBYTECODE": "1", **changes}
    code = f"import sys; sys.path.insert(0, {str(PROJECT / 'src')!r}); from pipshunt.cli import main; sys.exit(main())"
    argv[1:3] = ["-c", code]
    return Result(subprocess.run(argv, cwd=stage.cwd, env=env, capture_output=True, check=False, timeout=120))


def test_real_pip_installed_it_and_verify_says_so(stage: Stage) -> None:
    stage.create()
    stage.wheel("tender", "1.0")
    stage.wheel("railcar", "1.0", requires=("tender",), scripts={"railcar": "railcar:main"})
    assert stage.run_pip("railcar").returncode == 0
    report = stage.verify()
    assert report.asked == (("railcar", "1.0"),)
    assert [(result.check, result.level) for result in report.results] == [
        ("imports", "ok"),
        ("requirements", "ok"),
        ("scripts", "ok"),
    ]
    (stage.site / "tender.py").unlink()
    (stage.site / "railcar.py").write_text("import tender\n")
    report = stage.verify()
    assert [result.message for result in report.results if result.level == "finding"] == [
        "railcar does not import: ModuleNotFoundError: No module named 'tender'",
        "railcar does not start: ModuleNotFoundError: No module named 'tender'",
    ]


def test_the_exit_status_and_the_last_line_say_it(stage: Stage) -> None:
    stage.unpack("railcar", contents={"railcar.py": "import nowhere"})
    done = _run(stage)
    assert done.status == 1, done
    assert done.err == ""
    assert "railcar does not import: ModuleNotFoundError: No module named 'nowhere'" in done.out
    assert done.out.splitlines()[-1].startswith("pipshunt verify: ")
    said = json.loads(_run(stage, "--json", "railcar>=2").out)
    assert said["schema"] == 1
    assert not said["well"]


def test_wrong_use_has_status_2(stage: Stage) -> None:
    done = _run(stage, "-r", "nowhere.txt")
    assert (done.status, done.out) == (2, "")
    assert done.err == f"pipshunt: {stage.cwd}/nowhere.txt cannot be read: No such file or directory\n"
    assert _run(stage, "--timeout", "0").status == 2
    assert _run(stage, "--timeout", "soon").status == 2


def test_without_a_home_or_a_place_for_folders_it_works_and_leaves_nothing(stage: Stage) -> None:
    stage.unpack("railcar")
    scratch = stage.root / "scratch"
    scratch.mkdir()
    done = _run(stage, "--json", HOME="", TMPDIR=str(scratch))
    assert json.loads(done.out)["asked"] == [{"name": "railcar", "version": "1.0"}]
    assert os.listdir(scratch) == []


def test_no_python_is_a_finding(stage: Stage) -> None:
    done = _run(stage, "--python", "/nowhere")
    assert done.status == 1
    assert done.out.splitlines() == [
        "finding  python  /nowhere does not run: No such file or directory",
        "pipshunt verify: 1 finding",
    ]


def test_ctrl_c_ends_it_and_all_that_it_has_started(stage: Stage) -> None:
    stage.unpack(
        "wagon", contents={"wagon.py": "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"}
    )
    code = f"import sys; sys.path.insert(0, {str(PROJECT / 'src')!r}); from pipshunt.cli import main; sys.exit(main())"
    env = {**stage.env, "TMPDIR": str(stage.neutral)}
    argv = [sys.executable, "-B", "-c", code, "verify"]
    with subprocess.Popen(argv, cwd=stage.cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ours:
        while not (found := [path for path in stage.neutral.glob("*/pid") if path.read_text()]):
            assert ours.poll() is None
            time.sleep(0.02)
        pid = int(found[0].read_text())
        ours.send_signal(signal.SIGINT)
        assert ours.communicate(timeout=20) == (b"", b"")
    assert ours.returncode == 130
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert list(stage.neutral.iterdir()) == []


@pytest.mark.network
def test_well_known_projects_are_well_and_their_odd_files_are_no_modules(
    stage: Stage, pytestconfig: pytest.Config
) -> None:
    if not (pytestconfig.getoption("--network") or pytestconfig.getoption("--full")):
        pytest.skip("--network not given: this asks the public index")
    names = ["flask", "httpie", "numpy", "pyyaml", "python-dateutil", "types-requests", "google-cloud-storage", "cffi"]
    stage.create()
    stage.env = {**os.environ, "PATH": stage.env["PATH"], "HOME": str(stage.root), "PIP_REQUIRE_VIRTUALENV": ""}
    done = stage.run_pip("-q", *names, "requests[socks]", "black")
    assert done.returncode == 0, done
    report = stage.verify()
    assert {name.lower() for name, _ in report.asked} == {*names, "requests", "black"}
    assert report.findings == 0, [result for result in report.results if result.level != "ok"]
    imported = {result.subject for result in report.results if result.check == "imports"}
    assert imported >= {"flask", "httpie", "numpy", "yaml", "dateutil", "google.cloud.storage", "cffi", "requests"}
    scripts = {result.subject for result in report.results if result.check == "scripts"}
    assert scripts >= {"flask", "http", "https", "httpie", "f2py", "black"}
