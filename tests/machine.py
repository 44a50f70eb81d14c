"""A small machine for tests: a real interpreter, relocated, with real pip and a marker, and pipshunt's shims ahead of it.

No mock: the interpreter is a copy of the one that runs the tests over links to its own standard library, so its prefix,
its pip and its refusal are CPython's and pip's own. Nothing outside of the folder is touched. Tests that run as root
use it as an ordinary user, whose folders it then belongs to.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from pipshunt.setup.shim_folder import fill_template

USER = 64123 if os.geteuid() == 0 else os.geteuid()  # nobody's number
PROJECT = Path(__file__).resolve().parent.parent
MARKER = (
    "[externally-managed]\nError=This Python is the test machine's.\nError-de=Dieses Python gehoert der Testmaschine.\n"
)
SHELLS = {
    "dash": ["dash"],
    "bash": ["bash", "--posix"],
    "busybox": ["busybox", "sh"],
    "zsh": ["zsh", "--emulate", "sh"],
    "mksh": ["mksh"],
    "ksh": ["ksh"],
}


class Result:
    """What a command left: exit status as the shell shows it, stdout, stderr."""

    def __init__(self, done: "subprocess.CompletedProcess[bytes]") -> None:
        self.status = done.returncode if done.returncode >= 0 else 128 - done.returncode
        self.out = os.fsdecode(done.stdout)
        self.err = os.fsdecode(done.stderr)

    def __repr__(self) -> str:
        return f"exit {self.status}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Machine:
    """A folder that looks like a machine to those who run in it."""

    def __init__(self, root: Path, *, marked: bool = True) -> None:
        self.root = root
        self.version = "{}.{}".format(*sys.version_info)
        self.bin = root / "usr/bin"
        self.home = root / "home"
        self.project = self.home / "project"
        self.shims = root / "shims"
        self.machine_state = root / "var/lib/pipshunt"
        self.project.mkdir(parents=True)
        (self.project / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
        self._lay_interpreter(marked=marked)
        self._lay_engine()
        self.lay_shims(self.shims)
        self.give(root)

    @property
    def python(self) -> Path:
        return self.bin / f"python{self.version}"

    @property
    def stdlib(self) -> Path:
        return self.root / f"usr/lib/python{self.version}"

    @property
    def marker(self) -> Path:
        return self.stdlib / "EXTERNALLY-MANAGED"

    @property
    def state(self) -> Path:
        return self.home / ".local/state/pipshunt"

    @property
    def log(self) -> list[dict[str, Any]]:
        """The records of the audit log."""
        file = self.state / "audit.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def _lay_interpreter(self, *, marked: bool) -> None:
        self.bin.mkdir(parents=True)
        self.stdlib.mkdir(parents=True)
        shutil.copy(os.path.realpath(sys.executable), self.python)
        (self.bin / "python3").symlink_to(f"python{self.version}")
        for entry in os.scandir(os.path.dirname(os.__file__)):
            if entry.name not in ("EXTERNALLY-MANAGED", "site-packages", "sitecustomize.py"):
                (self.stdlib / entry.name).symlink_to(entry.path)
        packages = self.stdlib / "site-packages"
        if "dist-packages" in pip_folder():  # Debian's site.py looks there instead
            packages = self.root / "usr/lib/python3/dist-packages"
        packages.mkdir(parents=True)
        for entry in os.scandir(pip_folder()):
            if entry.name.startswith(("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-prec")):
                (packages / entry.name).symlink_to(entry.path)
        for name in ("pip", "pip3", f"pip{self.version}"):
            self.write_script(
                self.bin / name,
                f"#!{self.python}\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n",
            )
        if marked:
            self.marker.write_text(MARKER)

    def _lay_engine(self) -> None:
        self.engine = self.root / "engine"
        shutil.copytree(
            PROJECT / "src/pipshunt", self.engine / "pipshunt", ignore=shutil.ignore_patterns("__pycache__")
        )
        for module in (psutil,):
            shutil.copytree(os.path.dirname(str(module.__file__)), self.engine / module.__name__)

    def give(self, path: Path) -> None:
        """Make *path* and all below it the user's."""
        if os.geteuid() == USER:
            return
        os.lchown(path, USER, USER)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.lchown(os.path.join(folder, name), USER, USER)

    def lay_shims(self, folder: Path) -> None:
        """Lay the shims as an installation does, but with the state of the whole machine inside of the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        boot = str(self.engine / "pipshunt/boot.py")
        text = os.fsdecode(fill_template((PROJECT / "shims/shim").read_text(), os.path.realpath(sys.executable), boot))
        text = text.replace("machine_state='/var/lib/pipshunt'", f"machine_state='{self.machine_state}'")
        self.write_script(folder / "pipshunt-shim", text)
        for name in ("pip", "pip3", f"pip{self.version}", "python3", f"python{self.version}"):
            (folder / name).symlink_to("pipshunt-shim")

    def write_script(self, path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    def env(self, **changes: str) -> dict[str, str]:
        env = {
            "PATH": f"{self.shims}:{self.bin}:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PIP_NO_INDEX": "1",
            "PIP_CONFIG_FILE": os.devnull,
        }
        return {**env, **changes}

    def run(
        self,
        *argv: str | bytes,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        shell: str = "",
    ) -> Result:
        """Run *argv* in the project, found on this machine's PATH; *shell* runs the shim under that shell."""
        environment = dict(env if env is not None else self.env())
        program: Sequence[str | bytes] = argv
        if shell:
            program = [*SHELLS[shell], str(self.shims / os.fsdecode(argv[0])), *argv[1:]]
        else:
            found = shutil.which(os.fsdecode(argv[0]), path=environment.get("PATH", os.defpath))
            program = [found or argv[0], *argv[1:]]
        user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
        done = subprocess.run(
            program, cwd=cwd or self.project, env=environment, input=stdin, capture_output=True, check=False, **user
        )
        return Result(done)


@functools.cache
def pip_folder() -> str:
    """The folder of the pip that the interpreter behind the tests' environment has."""
    question = "import pip; print(pip.__path__[0])"
    argv = [os.path.realpath(sys.executable), "-I", "-c", question]
    return os.path.dirname(subprocess.run(argv, capture_output=True, check=True, text=True).stdout.strip())
