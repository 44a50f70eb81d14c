"""A machine for transparent mode: the hook in a site directory of its Python, and an engine that records or is real."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from machine import PROJECT, Machine, Result

from pipshunt.transparent.startup_hook import FILE_NAME, hook_text

# Says what it was given, one word a line, then what the environment holds that we add or that CPython changes.
RECORDER = r"""#!/bin/sh
printf '%s\n' "$@"
echo "GUARD $PIPSHUNT_GUARD"
echo "PID $$"
"""


class Record(NamedTuple):
    """What the engine was started with."""

    options: list[str]
    boot: str
    locale: str
    shim: str
    real: str
    args: list[str]
    guard: str
    pid: str


class Hooked:
    """A machine whose Python has the hook."""

    def __init__(self, machine: Machine, *, real: bool = False) -> None:
        self.machine = machine
        self.python = str(machine.bin / "python3")
        self.pip = str(machine.bin / "pip3")
        self.engine = machine.root / "prefix/engine"
        library = self.engine / f"lib/python{machine.version}/site-packages"
        self.package = library / "pipshunt"
        (self.engine / "bin").mkdir(parents=True)
        if real:
            shutil.copytree(machine.engine, library)
            (self.engine / "bin/python").symlink_to(os.path.realpath(sys.executable))
        else:
            (self.package / "transparent").mkdir(parents=True)
            for name in ("boot.py", "transparent/startup.py"):
                shutil.copy(PROJECT / "src/pipshunt" / name, self.package / name)
            machine.write_script(self.engine / "bin/python", RECORDER)
        self.startup = self.package / "transparent/startup.py"
        text = self.startup.read_text()
        self.startup.write_text(text.replace('"/var/lib/pipshunt"', repr(str(machine.machine_state))))
        folder = machine.run(self.python, "-I", "-c", "import site; print(site.getsitepackages()[0])").out.strip()
        self.file = Path(folder) / FILE_NAME
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(hook_text(str(self.startup)))
        machine.give(machine.root)

    def run(self, *argv: str, cwd: Path | None = None, **changes: str) -> Result:
        return self.machine.run(*argv, cwd=cwd, env=self.machine.env(**changes))

    def lay_scripts(self) -> None:
        """Lay programs that say that they ran, and are no pip."""
        project, text = self.machine.project, "import sys\nprint('ran', *sys.argv[1:])\n"
        for name in ("app.py", "pip/app.py", "pip.py", "pip3x", "pipx.py", "__pip-runner__.py"):
            (project / name).parent.mkdir(exist_ok=True)
            (project / name).write_text(text)
        (project / "z").mkdir()
        (project / "z/__main__.py").write_text(text)
        subprocess.run([sys.executable, "-m", "zipapp", project / "z", "-o", project / "pip.pyz"], check=True)
        self.machine.give(project)


def read_record(done: Result) -> Record | None:
    """Return what the recorder said, None if it was not started."""
    lines = done.out.splitlines()
    if not lines or not lines[-1].startswith("PID "):
        return None
    words, guard, pid = lines[:-2], lines[-2].removeprefix("GUARD "), lines[-1].removeprefix("PID ")
    return Record(words[:2], words[2], words[3], words[4], words[5], words[6:], guard, pid)
