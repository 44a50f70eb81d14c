"""Programs that are run to see how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pipshunt.verify.trial import Ended, Trials, tell_end

PYTHON = [sys.executable, "-I", "-S", "-c"]


@pytest.fixture
def trials(tmp_path: Path) -> Trials:
    return Trials({"PATH": os.defpath}, str(tmp_path), 1.0, 2)


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param("import sys; sys.exit('a\\nlast line\\n')", "last line", id="error"),
        pytest.param("import os; os._exit(1)", "it ends Python with exit status 1", id="silent"),
        pytest.param("import os; os._exit(7)", "it ends Python with exit status 7", id="another status"),
        pytest.param("import os; os.kill(os.getpid(), 11)", "killed by SIGSEGV", id="signal"),
        pytest.param("import os; os.kill(os.getpid(), 40)", "killed by signal 40", id="signal without a name"),
        pytest.param("import os; os.write(2, b'oh\\n'); os.abort()", "killed by SIGABRT; it said: oh", id="last words"),
        pytest.param("import time; time.sleep(60)", "not done after 1 s, so it was killed", id="hangs"),
        pytest.param("while True: pass", "not done after 1 s, so it was killed", id="works for ever"),
    ],
)
def test_an_end_is_told(trials: Trials, code: str, said: str) -> None:
    assert tell_end(trials.run([*PYTHON, code]), 1.0) == said


def test_what_ignores_sigterm_and_forks_is_ended_with_all_of_its_children(trials: Trials, tmp_path: Path) -> None:
    code = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.fork();"
        f"open({str(tmp_path)!r} + '/' + str(os.getpid()), 'w'); time.sleep(60)"
    )
    assert trials.run([*PYTHON, code]).status is None
    pids = [int(name) for name in os.listdir(tmp_path)]
    assert len(pids) == 2
    time.sleep(0.05)
    assert not [pid for pid in pids if _alive(pid)]


def test_a_daemon_that_holds_stderr_keeps_nobody_waiting_and_is_ended(trials: Trials, tmp_path: Path) -> None:
    code = (
        "import os, time\nif os.fork(): time.sleep(0.2); os._exit(86)\nos.setsid()\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    )
    ended = trials.run([*PYTHON, code])
    assert ended.status == 86
    assert ended.seconds < 1
    pid = int((tmp_path / "pid").read_text())
    assert _alive(pid)
    trials.end_strays()
    time.sleep(0.05)
    assert not _alive(pid)


def test_what_asks_gets_no_answer_and_no_terminal(trials: Trials) -> None:
    assert tell_end(trials.run([*PYTHON, "input()"]), 1.0) == "EOFError: EOF when reading a line"
    tty = trials.run([*PYTHON, "open('/dev/tty')"])
    assert tty.error == "OSError: [Errno 6] No such device or address: '/dev/tty'"


def test_what_prints_without_end_does_not_fill_the_memory(trials: Trials) -> None:
    ended = trials.run([*PYTHON, "import os\nwhile True: os.write(2, b'x' * 65536 + b'\\n')"])
    assert ended.status is None
    assert len(ended.error) == 500


def test_several_run_at_once_and_come_in_order(trials: Trials) -> None:
    started = time.monotonic()
    codes = [f"import time, sys; time.sleep(0.5); sys.exit('{number}')" for number in range(2)]
    assert [ended.error for ended in trials.run_all([[*PYTHON, code] for code in codes])] == ["0", "1"]
    assert time.monotonic() - started < 0.95


def test_a_program_that_is_not_there_is_told(trials: Trials) -> None:
    assert trials.run(["/nowhere/python"]) == Ended(
        127, "/nowhere/python cannot be run: No such file or directory", 0.0
    )


def test_a_termination_of_ours_ends_the_trials(tmp_path: Path) -> None:
    code = (
        "import sys; from pipshunt.verify.trial import Trials, heeding_ends\n"
        f"trials = Trials({{}}, {str(tmp_path)!r}, 60, 2)\n"
        "with heeding_ends():\n"
        '    try: trials.run_all([[sys.executable, \'-c\', \'open("pid", "w").write(str(__import__("os").getpid()));'
        ' __import__("time").sleep(60)\']])\n'
        "    finally: trials.end_strays()\n"
    )
    ours = subprocess.Popen([sys.executable, "-c", code], env={"PYTHONPATH": os.pathsep.join(sys.path)})
    file = tmp_path / "pid"
    while not file.exists() or not file.read_text():
        time.sleep(0.02)
    ours.send_signal(signal.SIGTERM)
    assert ours.wait(10) == 143
    assert not _alive(int(file.read_text()))
