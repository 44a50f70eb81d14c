"""Whether pip would refuse: our prediction against what real pips do with random command lines.

For each line a fork of a long-lived process becomes pip and runs it up to its check; whole runs confirm that. A line that
differs is made as small as it can be while it differs, and printed with its world and both answers.
"""

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from lines import Line, Lines, smallest
from machine import Machine, pip_folder
from real_pip import Answer, RealPip, asked_release, lay_pip

from pipshunt import rehearsal
from pipshunt.call import Call
from pipshunt.engine import understand
from pipshunt.places import find_places

SEED = 668
VERSIONS = (
    *(
        "20.0.2",
        "20.3.4",
        "21.3.1",
        "22.0.4",
        "22.3.1",
        "23.0",
        "23.0.1",
        "23.1.2",
        "23.2.1",
        "23.3.2",
        "24.0",
        "24.1.2",
    ),
    *("24.2", "24.3.1", "25.0.1", "25.1.1", "25.2", "25.3", "26.0.1", "26.1.2", "26.2.1", "26.3", ""),
)


class Stage:
    """A machine with some pip, and the files that the command lines speak of."""

    def __init__(self, folder: Path, package: Path | None) -> None:
        self.machine = Machine(folder)
        if package:
            lay_pip(self.machine, package)
        self.pip = RealPip(self.machine, package or Path(pip_folder()))
        self.cwd = self.machine.home / "cwd"
        self.written: list[Path] = []
        if not self.pip.knows["version"]:
            return
        for name in ("proj", "plain", "dir.zip"):
            (self.cwd / name).mkdir(parents=True)
        (self.cwd / "proj/pyproject.toml").touch()
        self._lay_environment(folder / "venv")

    def _lay_environment(self, venv: Path) -> None:
        (venv / "bin").mkdir(parents=True)
        (venv / "bin/python").symlink_to(self.machine.python)
        (venv / "pyvenv.cfg").write_text(f"home = {self.machine.bin}\n")

    def ours(self, line: Line) -> bool:
        """Whether we say that pip would refuse."""
        env = self.env(line)
        call = Call("pip", line.args, str(self.machine.bin / "pip"), env, str(self.cwd), os.geteuid())
        return understand(call, find_places(env, os.geteuid())).decision.refused_by_pip

    def theirs(self, line: Line) -> Answer:
        """What the real pip does."""
        return self.pip.ask(line.args, self.env(line), self.cwd)

    def differs(self, line: Line) -> bool:
        with self.world(line):
            return self.ours(line) is not self.theirs(line).refused

    def env(self, line: Line) -> dict[str, str]:
        base = {"HOME": str(self.machine.home), "LANG": "C.UTF-8", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        return {**base, "PATH": str(self.machine.bin), **line.env}

    def world(self, line: Line) -> "World":
        return World(self.machine.root, line)

    def close(self) -> None:
        self.pip.close()


class World:
    """The files of one line, for as long as it lasts."""

    def __init__(self, root: Path, line: Line) -> None:
        self.files = {root / name: content for name, content in line.files.items()}

    def __enter__(self) -> None:
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def __exit__(self, *_: object) -> None:
        for path in self.files:
            path.unlink()


class Understudy:
    """Answers for the rehearsal: mostly by a fork, which takes a tenth of the time; every tenth is a real one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.asked = 0
        self.rehearse = rehearsal.reaches_check

    def __call__(
        self, start: Sequence[str], package: str, args: Sequence[str], env: Mapping[str, str], cwd: str
    ) -> bool | None:
        self.asked += 1
        if self.asked % 10 == 1:
            return self.rehearse(start, package, args, env, cwd)
        return self.stage.pip.ask(args, env, Path(cwd), start[0]).refused


@pytest.fixture
def stage(request: pytest.FixtureRequest, folder: Path) -> Iterator[Stage]:
    package = None
    if request.param != "own":
        package = asked_release(request, folder)
    stage = Stage(folder / "machine", package)
    if not stage.pip.knows["version"]:
        stage.close()
        pytest.skip(f"pip {request.param} does not run under this Python: {stage.pip.knows['error']}")
    stage.machine.give(stage.machine.root)
    yield stage
    stage.close()


@pytest.mark.parametrize("stage", ["own", *VERSIONS], indirect=True, ids=lambda version: version or "newest")
def test_we_say_of_every_line_what_real_pip_does(
    stage: Stage, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = request.config.getoption("--full")
    lines = Lines(stage.pip.knows, stage.machine.root, SEED)
    monkeypatch.setattr(rehearsal, "reaches_check", Understudy(stage))
    refused = 0
    for line in itertools.islice(lines, 10_000 if full else 200):
        with stage.world(line):
            theirs = stage.theirs(line)
            ours = stage.ours(line)
        refused += theirs.refused
        if ours is not theirs.refused:
            report(stage, smallest(line, stage.differs))
    assert refused or stage.pip.knows["version"] < "23"


def report(stage: Stage, line: Line) -> None:
    with stage.world(line):
        theirs = stage.theirs(line)
        pytest.fail(
            f"pip {stage.pip.knows['version']}: {'refuses' if theirs.refused else 'does not refuse'}, we say the opposite\n"
            f"{line}\nstatus {theirs.status}: {theirs.said}",
            pytrace=False,
        )


@pytest.mark.parametrize("stage", ["own", "23.0", "24.0", "25.3", "26.2.1", ""], indirect=True, ids=str)
def test_whole_runs_agree_with_the_forks(stage: Stage, request: pytest.FixtureRequest) -> None:
    wanted = 120 if request.config.getoption("--full") else 6
    lines = Lines(stage.pip.knows, stage.machine.root, SEED + 1)
    for line in itertools.islice(filter(is_harmless, lines), wanted):
        with stage.world(line):
            forked = stage.theirs(line).refused
            whole = run_whole(stage, line)
        assert whole is forked, str(line)


def is_harmless(line: Line) -> bool:
    """Whether a line may run to its end: nothing of it is built, asked of a network, or taken off this machine."""
    said = " ".join([*line.args, *map(str, line.env.items()), *map(str, line.files.values())])
    strange = ("isol", "://", "-i", "/usr", "root", "log", "-e", "proj", ".", "quiet", "-q", "PIP_Q", "/t")
    return not any(word in said for word in strange)


def run_whole(stage: Stage, line: Line) -> bool:
    """Whether pip, run as people run it, refuses: by its words and its status."""
    env = {**stage.env(line), "PIP_NO_INDEX": "1"}
    done = stage.machine.run(str(stage.machine.python), "-m", "pip", *line.args, cwd=stage.cwd, env=env)
    refused = "externally-managed-environment" in done.err
    assert not refused or done.status == 1, done
    return refused
