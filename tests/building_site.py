"""A place where install.sh runs from the first line to the last: real pip, a small machine, wheels of the tests' own."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from machine import PROJECT, USER, Machine, Result
from wheels import build_wheel

DEPENDENCIES = ("psutil", "tomlkit", "rich", "shellingham")
RICH = {f"rich/{name}.py": "" for name in ("__init__", "console", "table", "text")}


class Site:
    """A machine with a checkout of pipshunt, and the wheels that setting up needs."""

    first: Result  # what the first run of install.sh left, for tests that share it

    def __init__(self, root: Path) -> None:
        self.machine = Machine(root / "m")
        self.home = self.machine.home
        self.prefix = self.home / ".local/share/pipshunt"
        self.wheels = root / "wheels"
        for name in DEPENDENCIES:
            build_wheel(self.wheels, name, "99.0", contents=RICH if name == "rich" else None)
        self.checkout = root / "checkout"
        self.checkout.mkdir()
        for name in ("install.sh", "pyproject.toml"):
            shutil.copy(PROJECT / name, self.checkout)
        for name in ("shims", "src"):
            shutil.copytree(PROJECT / name, self.checkout / name, ignore=shutil.ignore_patterns("__pycache__"))

    def env(self, **changes: str) -> dict[str, str]:
        path = f"{self.machine.bin}:/usr/bin:/bin"
        return self.machine.env(**{"PATH": path, "PIP_FIND_LINKS": str(self.wheels), **changes})

    def install(self, *command: str, **changes: str) -> Result:
        return self.machine.run("sh", str(self.checkout / "install.sh"), *command, env=self.env(**changes))

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        return self.start_command("sh", str(self.checkout / "install.sh"), *command)

    def start_command(self, *argv: str) -> "subprocess.Popen[bytes]":
        user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
        return subprocess.Popen(
            argv,
            env=self.env(),
            cwd=self.machine.project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **user,
        )

    def pipshunt(self, *words: str, **changes: str) -> Result:
        """Run the command `pipshunt` of the installation."""
        return self.machine.run(str(self.prefix / "bin/pipshunt"), *words, env=self.env(**changes))

    @property
    def engine(self) -> str:
        return os.readlink(self.prefix / "engine")

    def works(self) -> bool:
        python = self.prefix / "engine/bin/python"
        return self.machine.run(str(python), "-I", "-c", "import pipshunt, rich, tomlkit").status == 0
