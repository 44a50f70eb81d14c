"""Real pips to compare with: any release, run under a machine's marked interpreter or under an environment of it."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from machine import Machine

HELPER = Path(__file__).with_name("pip_process.py")
RERUN = "_PIP_RUNNING_IN_SUBPROCESS"


class Answer(NamedTuple):
    """What became of a call."""

    refused: bool
    status: int
    said: str


class RealPip:
    """The pip of a machine, imported once for each interpreter and asked many times."""

    def __init__(self, machine: Machine, package: Path) -> None:
        """*package*: the folder that holds this `pip`."""
        self.machine = machine
        self.package = package
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.knows: dict[str, Any] = {}
        self._process(str(machine.python))

    def ask(self, args: Sequence[str], env: Mapping[str, str], cwd: Path, under: str = "") -> Answer:
        """Ask what this pip does with the words *args*; `--python` is followed as pip follows it."""
        answer = self._ask(under or str(self.machine.python), args, env, cwd)
        if answer["again"]:
            python = os.path.join(cwd, answer["again"])
            if os.path.realpath(python) != str(self.machine.python):
                return Answer(refused=False, status=1, said=f"{python} is no Python")
            answer = self._ask(python, args, {**env, RERUN: "1"}, cwd)
        return Answer(answer["refused"], answer["status"], answer["said"])

    def close(self) -> None:
        for process in self.processes.values():
            process.communicate()

    def _ask(self, python: str, args: Sequence[str], env: Mapping[str, str], cwd: Path) -> dict[str, Any]:
        process = self._process(python)
        assert process.stdin
        assert process.stdout
        print(json.dumps({"args": args, "env": dict(env), "cwd": str(cwd)}), file=process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer

    def _process(self, python: str) -> "subprocess.Popen[str]":
        python = os.path.normpath(python)
        if python not in self.processes:
            env = {"PYTHONPATH": str(self.package), "LANG": "C.UTF-8", "HOME": str(self.machine.home)}
            argv = [python, "-B", str(HELPER)]
            process = subprocess.Popen(argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            assert process.stdout
            self.knows = json.loads(process.stdout.readline())
            self.processes[python] = process
        return self.processes[python]


def release(version: str, folder: Path) -> Path:
    """Have the index's pip of *version* ("": the newest), unpacked below *folder*. Raises CalledProcessError."""
    python = os.path.realpath(sys.executable)
    wheels = folder / (version or "newest")
    ask = [python, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(wheels)]
    subprocess.run([*ask, f"pip=={version}" if version else "pip"], check=True, capture_output=True, cwd=folder)
    (wheel,) = wheels.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(wheels / "unpacked")
    return wheels / "unpacked"


def asked_release(request: pytest.FixtureRequest, folder: Path) -> Path:
    """Have the pip that a fixture is asked for, with --full; skips, and says why, where that cannot be."""
    if not request.config.getoption("--full"):
        pytest.skip("--full compares with every pip")
    try:
        return release(request.param, folder)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network: pip {request.param} cannot be had: {os.fsdecode(error.stderr)[-200:]}")


def lay_pip(machine: Machine, package: Path) -> None:
    """Give *machine* this pip in the place of its own."""
    for path in machine.root.glob("usr/lib/python3*/*-packages/pip"):
        path.unlink()
        path.symlink_to(package / "pip")
