"""An environment of the tests' own, in which real pip and uv in pip's place do the same."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from machine import PROJECT, pip_folder
from wheels import build_wheel

from pipshunt import creation
from pipshunt.accelerator.counterpart import Counterpart, find_counterpart
from pipshunt.accelerator.fast_install import Fast, install_fast
from pipshunt.command import PipFacts, read_command
from pipshunt.folder_tree import remove_tree
from pipshunt.target import read_pip_version

# What real pip prints of work that uv does elsewhere, or sooner.
_WORK = (
    *("Collecting", "Processing", "Downloading", "Using cached", "Looking in", "Obtaining", "Preparing", "Building"),
    *("Created wheel", "Stored in", "Successfully built", "Installing build", "Getting req", "Checking if"),
)
_DRIVER = f"""
import os, sys
sys.path[:0] = [{str(PROJECT / "src")!r}, {str(PROJECT / "tests")!r}]
from fast import Place
from pathlib import Path
place = Place(Path(sys.argv[1]))
place.env = dict(os.environ)
fast = place.install_fast(sys.argv[2], sys.argv[3:])
if fast.status is None:
    sys.exit("reason: " + fast.reason)
from pipshunt import process
sys.exit(process.end_as(fast.status))
"""


class Place:
    """A folder with an environment, wheels and nothing else to find packages in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = root / "env"
        self.wheels = root / "wheels"
        self.site = self.environment / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        self.env = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(root),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_CACHE_DIR": str(root / "uv-cache"),
        }

    def create(self, *, system: bool = False) -> None:
        """Make the environment, anew where there is one."""
        remove_tree(str(self.environment))
        interpreter = os.path.realpath(sys.executable)
        library = os.path.basename(os.path.dirname(os.__file__))
        path, cache = str(self.environment), str(self.root / "cache")
        creation.create(path, interpreter, library, self.pip, system, cache)

    @property
    def pip(self) -> str:
        return os.path.join(pip_folder(), "pip")

    def wheel(self, name: str, version: str, **more: object) -> Path:
        return build_wheel(self.wheels, name, version, **more)  # type: ignore[arg-type]

    def run_pip(self, *words: str) -> "subprocess.CompletedProcess[str]":
        argv = [str(self.environment / "bin/python"), "-m", "pip", "install", *words]
        return subprocess.run(argv, cwd=self.root, env=self.env, capture_output=True, text=True, check=False)

    def run_fast(self, uv: str | Path, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.fast_argv(uv, *words), cwd=self.root, env=self.env, capture_output=True, text=True, check=False
        )

    def fast_argv(self, uv: str | Path, *words: str) -> list[str]:
        return [sys.executable, "-c", _DRIVER, str(self.root), str(uv), *words]

    def counterpart(self, words: Sequence[str]) -> Counterpart:
        version = read_pip_version(str(self.site / "pip"))
        facts = PipFacts(version, str(self.environment), in_environment=True)
        command = read_command(["install", *words], self.env, str(self.root), facts)
        found = find_counterpart(command, self.env, str(self.root), str(self.environment))
        assert isinstance(found, Counterpart), found
        return found

    def install_fast(self, uv: str, words: Sequence[str]) -> Fast:
        return install_fast(uv, self.counterpart(words), str(self.environment), self.env, str(self.root), self.pip)

    def tree(self, *, exact: bool = False) -> dict[str, tuple[object, ...]]:
        """What lies in the environment: modes and contents; *exact*: times, links and pip itself as well."""
        found: dict[str, tuple[object, ...]] = {}
        for folder, folders, files in os.walk(self.environment):
            if not exact:
                folders[:] = [
                    name for name in folders if not name.startswith(("pip", "setuptools", "pkg_res", "_dist"))
                ]
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                key = os.path.relpath(path, self.environment)
                found[key] = (*_facts(path, exact=exact),)
        return found


def _facts(path: str, *, exact: bool) -> list[object]:
    stat = os.lstat(path)
    facts: list[object] = [oct(stat.st_mode)]
    if os.path.islink(path):
        facts.append(os.readlink(path))
    elif os.path.isfile(path):
        data = Path(path).read_bytes()
        if path.endswith(".pyc") and not exact:
            data = data[:8] + data[12:]  # between them the time of the source
        if not exact and ("/bin/" in path or path.endswith("/RECORD")):
            data = b""  # a script's text is each installer's own, and its hash with it
        facts.append(hashlib.sha256(data).hexdigest())
    if exact:
        facts += [stat.st_mtime_ns, stat.st_ino]
    return facts


def told(output: str) -> list[str]:
    """Return the lines that both say: without those of work that took another way."""
    return [line for line in output.splitlines() if line.strip() and not line.lstrip().startswith(_WORK)]
