"""A stage for the shim: tools that write down how they were called, behind the shim as it is installed.

The interpreter `usr/bin/python3.11` is a script that records its own argv, environment, descriptors and the like; `pip`
is a script run by that interpreter, with a standard library and a marker beside it as on a managed machine. The engine
is a recorder too. What pip, CPython and the engine then really do is tested with the machine fixture.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from machine import PROJECT, SHELLS, USER

from pipshunt.setup.shim_folder import fill_template

# Written in Python, but nothing that it says of itself comes from Python, which changes its own environment (PEP 538).
RECORDER = f"""#!{os.path.realpath(sys.executable)} -IS
import os, sys
from _signal import SIG_DFL, signal
fds = [fd for fd in range(64) if os.path.exists(f"/proc/self/fd/{{fd}}")]
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
words = open("/proc/self/cmdline", "rb").read().split(b"\\0")[2:-1]
if words[1:2] == [b"-pip"]:
    words = words[2:]
try:
    cwd = os.getcwd()
except OSError:
    cwd = ""
asks = sys.argv[-1].partition("=")
record = {{
    "argv": words,
    "environ": open("/proc/self/environ", "rb").read().split(b"\\0")[:-1],
    "cwd": cwd,
    "pid": os.getpid(),
    "umask": os.umask(0),
    "fds": fds,
    "nice": os.nice(0),
    "ignored": status["SigIgn"].strip(),
    "blocked": status["SigBlk"].strip(),
    "stdin": os.read(0, 1000) if asks[0] == "--read" else b"",
}}
with open("@RECORDS@", "ab") as file:
    file.write(repr(record).encode() + b"\\n")
if asks[0] == "--die":
    if asks[2] != "9":
        signal(int(asks[2]), SIG_DFL)  # CPython ignores SIGPIPE
    os.kill(os.getpid(), int(asks[2]))
os._exit(int(asks[2]) if asks[0] == "--exit" else 0)
"""


SAY = "#!/bin/sh\nprintf '%s\\0' \"$0\"\n"  # a tool that only says who it is
SETPRIV = shutil.which("setpriv")
PIP = "-pip"  # an option in the first line of our pips, by which the recorder knows that it runs one


class Record(NamedTuple):
    """How a tool found itself called."""

    argv: list[bytes]  # the tool's own path first
    environ: list[bytes]
    cwd: str
    pid: int
    umask: int
    fds: list[int]
    nice: int
    ignored: str
    blocked: str
    stdin: bytes

    @property
    def env(self) -> dict[bytes, bytes]:
        """The environment but for our guard."""
        pairs = (entry.partition(b"=") for entry in self.environ)
        return {name: value for name, _, value in pairs if name != b"PIPSHUNT_GUARD"}

    @property
    def words(self) -> list[str]:
        return [os.fsdecode(word) for word in self.argv]


class Done(NamedTuple):
    """What a call left behind."""

    records: list[Record]  # of the tools and engines that ran
    status: int  # negative: died of that signal
    out: str
    err: str
    pid: int
    cwd: Path  # where it was called from

    @property
    def record(self) -> Record:
        (record,) = self.records
        assert self.err == ""
        assert self.out == ""
        return record


class Stage:
    """A folder with recording tools in usr/bin and the shims in shims."""

    def __init__(self, root: Path, *, marked: bool = True) -> None:
        self.root = root
        self.bin = root / "usr/bin"
        self.shims = root / "shims"
        self.home = root / "home"
        self.work = root / "work"
        self.records = root / "records"
        self.machine_state = root / "var/lib/pipshunt"
        self.engine = self.recorder(root / "engine/python")
        self.boot = root / "engine/boot.py"
        self.boot.write_text("pass\n")
        for folder in (self.home, self.work):
            folder.mkdir()
            os.chown(folder, USER, USER)
        self.records.write_text("")
        self.records.chmod(0o666)
        self.lay_prefix(root / "usr", marked=marked)
        self.lay_shims(self.shims)

    @property
    def python(self) -> Path:
        return self.bin / "python3.11"

    @property
    def state(self) -> Path:
        return self.home / ".local/state/pipshunt"

    def lay_prefix(self, prefix: Path, *, marked: bool) -> Path:
        """Lay a Python with its library and pip; return its folder of programs."""
        self.recorder(prefix / "bin/python3.11")
        for name in ("python3", "python"):
            (prefix / "bin" / name).symlink_to("python3.11")
        for name in ("pip", "pip3", "pip3.11"):
            self.script(prefix / "bin" / name, f"#!{prefix}/bin/python3 {PIP}\n")
        library = prefix / "lib/python3.11"
        library.mkdir(parents=True)
        (library / "os.py").write_text("")
        if marked:
            (library / "EXTERNALLY-MANAGED").write_text("")
        return prefix / "bin"

    def recorder(self, path: Path) -> Path:
        return self.script(path, RECORDER.replace("@RECORDS@", str(self.records)))

    def script(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def shim_text(self) -> str:
        """The shim's text as an installation fills it in, but for the machine's state, which lies in the stage."""
        template = (PROJECT / "shims/shim").read_text()
        text = os.fsdecode(fill_template(template, str(self.engine), str(self.boot)))
        at_home = text.replace("machine_state='/var/lib/pipshunt'", f"machine_state='{self.machine_state}'")
        assert at_home != text
        return at_home

    def lay_shims(self, folder: Path) -> Path:
        self.script(folder / "pipshunt-shim", self.shim_text())
        for name in ("pip", "pip3", "pip3.11", "python", "python3", "python3.11"):
            (folder / name).symlink_to("pipshunt-shim")
        return folder

    def env(self, **changes: str) -> dict[str, str]:
        return {"PATH": f"{self.shims}:{self.bin}:/usr/bin:/bin", "HOME": str(self.home), "LANG": "C.UTF-8", **changes}

    def call(
        self,
        shell: str,
        *argv: str | bytes,
        env: Mapping[Any, Any] | None = None,
        cwd: Path | None = None,
        stdin: bytes = b"",
        program: Sequence[str | bytes] = (),
        **options: Any,
    ) -> Done:
        """Call the shim that argv[0] names (a name in the shims' folder, or a path) under *shell*, as an ordinary user.

        *program* is called instead where it is given.
        """
        command = [*program] or self.command(shell, os.fsdecode(argv[0]))
        if os.geteuid() != USER:
            if SETPRIV and "preexec_fn" not in options:  # no copy of this process is made then: ten times as fast
                command = [SETPRIV, f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]
            else:
                options = {"user": USER, "group": USER, "extra_groups": [], **options}
        self.records.write_text("")
        with subprocess.Popen(
            [*command, *argv[1:]],
            cwd=cwd or self.work,
            env=dict(env if env is not None else self.env()),
            **{"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        ) as process:
            try:
                out, err = process.communicate(stdin if process.stdin else None, timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()  # a shim that loops shall not go on doing so
                raise
        records = [Record(**ast.literal_eval(line)) for line in self.records.read_text().splitlines()]
        return Done(
            records, process.returncode, os.fsdecode(out or b""), os.fsdecode(err or b""), process.pid, cwd or self.work
        )

    def command(self, shell: str, name: str) -> list[str | bytes]:
        """Return how *shell* runs the shim of that name, or at that path."""
        return [*shell_command(shell), name if "/" in name else str(self.shims / name)]

    def reaches(self, done: Done) -> str:
        """Say what a call came to: `engine`, or the path of the tool that ran, from the stage's root."""
        record = done.record
        if record.words[0] == str(self.engine):
            return "engine"
        return os.path.relpath(record.words[0], self.root)

    def register(
        self,
        folder: str,
        environment: Path,
        *,
        base: Path | None = None,
        state: Path | None = None,
        token: str = ".pipshunt-1",
    ) -> Path:
        """Follow *environment* from *folder* on, with the lines that pipshunt.follow writes; return the file."""
        base = base or self.python
        file = (state or self.state) / f"follow{folder.rstrip('/')}" / ("@" + str(base).replace("/", "%"))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(os.fsencode(f"{base}\n{environment}\n{token}\n"))
        return file

    def environment(self, path: Path, token: str = ".pipshunt-1", owner: int = USER) -> Path:
        """Lay an environment of *owner*'s whose interpreter records."""
        self.recorder(path / "bin/python")
        for name in ("python3", "python3.11"):
            (path / "bin" / name).symlink_to("python")
        (path / "pyvenv.cfg").write_text("")
        (path / token).write_text("")
        for own in (path, path / "bin", path / token):
            os.chown(own, owner, -1)
        return path


class QuickStage(Stage):
    """A stage whose tools only say who they are: a tenth of the time."""

    def recorder(self, path: Path) -> Path:
        return self.script(path, SAY)

    def who(self, shell: str, *argv: str, **changes: str) -> str:
        """Say who runs in the end: `engine`, or the tool's path from the stage's root."""
        done = self.call(shell, *argv, env=self.env(**changes))
        assert done.err == ""
        said = os.path.relpath(done.out.removesuffix("\0"), self.root)
        return "engine" if said == "engine/python" else said


def shell_command(shell: str) -> list[str]:
    """Return how *shell* runs a script; skips the test where there is no such shell."""
    name, *options = SHELLS[shell]
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return [found, *options]
