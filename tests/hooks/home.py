"""A home with an installation of pipshunt, as far as the hook sees it, and with projects that are followed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from machine import PROJECT, USER

from hooks.terminal import Terminal
from pipshunt.follow import register
from pipshunt.hook import fill_hook, hook_path

# Prompts that say nothing of a machine's own, and none of the questions that a new user of a shell is asked.
PROMPTS = {
    "bash": ["PS1='\\$ '"],
    "zsh": ["PS1='%# '", "unsetopt prompt_sp"],
    "fish": ["function fish_prompt; echo -n '> '; end", "set -g fish_greeting"],
}
RC_FILES = (".bashrc", ".zshrc", "fish/config.fish")
BASE = os.path.realpath(sys.executable)


class Home:
    """A user's home; `bin` is the folder of the shims."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.prefix = self.home / ".local/share/pipshunt"
        self.bin = self.prefix / "bin"
        self.state = self.home / ".local/state/pipshunt"
        self.machine_state = root / "var/lib/pipshunt"
        self.bin.mkdir(parents=True)
        (self.bin / "pipshunt-shim").touch()
        self.terminals: list[Terminal] = []
        for shell in ("bash", "zsh", "fish"):
            self.lay_hook(shell)
        self.give()

    def lay_hook(self, shell: str) -> Path:
        """Lay the hook, which takes a folder below the root for the machine's."""
        text = Path(hook_path(str(PROJECT / "shims"), shell)).read_bytes()
        text = text.replace(b"/var/lib/pipshunt", os.fsencode(self.machine_state))
        path = Path(hook_path(str(self.prefix), shell))
        path.write_bytes(fill_hook(text, str(self.prefix), shell))
        return path

    def give(self) -> None:
        """Give everything to the user that the shells run as."""
        if os.geteuid() != USER:
            subprocess.run(["chown", "-hR", f"{USER}:{USER}", str(self.root)], check=True)

    def project(self, name: str, *, activate: bool = False) -> Path:
        """Make a project whose environment is followed; with activate's own files in it if asked for."""
        project = self.home / name
        made = project / ".venv"
        (made / "bin").mkdir(parents=True)
        if activate:
            subprocess.run([BASE, "-Im", "venv", "--without-pip", made], check=True)
        register(str(self.state), str(project), BASE, str(made))
        self.give()
        return project

    def env(self) -> dict[str, str]:
        return {"HOME": str(self.home), "PATH": f"{self.bin}:/usr/bin:/bin", "LANG": "C.UTF-8"}

    def start(
        self,
        shell: str,
        env: Mapping[str, str] | None = None,
        *,
        cwd: Path | None = None,
        rc: str = "",
        hook: bool = True,
    ) -> Terminal:
        """Start *shell* at a terminal; it reads *rc* and then sources the hook, as from its own file."""
        files = self.root / f"files-{len(self.terminals)}"
        lines = "\n".join([*PROMPTS[shell], rc, self.source(shell) if hook else "", ""])
        for name in RC_FILES:
            (files / name).parent.mkdir(parents=True, exist_ok=True)
            (files / name).write_bytes(os.fsencode(lines))
        options = ("--rcfile", str(files / ".bashrc")) if shell == "bash" else ()
        places = {"ZDOTDIR": str(files), "XDG_CONFIG_HOME": str(files)}
        return self.open(shell, *options, cwd=cwd, env={**self.env(), **(env or {}), **places})

    def open(self, shell: str, *options: str, cwd: Path | None, env: Mapping[str, str]) -> Terminal:
        """Start *shell* at a terminal as it is; it reads what is in the home."""
        program = shutil.which(shell)
        if not program:
            pytest.skip(f"{shell} is not installed")
        answers = self.root / f"terminal-{len(self.terminals)}"
        answers.mkdir()
        self.give()
        found = Terminal((program, *options), env, cwd or self.home, answers / "answers")
        self.terminals.append(found)
        return found

    def source(self, shell: str) -> str:
        """Return the line that sources the hook."""
        return f"source {hook_path(str(self.prefix), shell)}"
