"""The stage with the shim of console scripts: its links lie beside the other shims, as an ordinary user's do."""

import os
from pathlib import Path

from machine import PROJECT, USER

from shims.stage import QuickStage, Stage


def lay_script_shim(stage: Stage, folder: Path | None = None) -> Path:
    """Lay shims/script in *folder* (the shims' own), with the machine's state in the stage; return it."""
    text = (PROJECT / "shims/script").read_text()
    at_home = text.replace("machine_state='/var/lib/pipshunt'", f"machine_state='{stage.machine_state}'")
    assert at_home != text
    return stage.script((folder or stage.shims) / "pipshunt-script", at_home)


def link_script(stage: Stage, name: str = "flask", folder: Path | None = None) -> Path:
    """Lay the link of a script, and the shim if it is not there; return the link."""
    folder = folder or stage.shims
    if not (folder / "pipshunt-script").exists():
        lay_script_shim(stage, folder)
    link = folder / name
    link.symlink_to("pipshunt-script")
    return link


def own_environment(stage: Stage, path: Path, *scripts: str, owner: int = USER) -> Path:
    """Lay an environment of *owner*'s with *scripts* that record."""
    stage.environment(path, owner=owner)
    for name in scripts:
        stage.recorder(path / "bin" / name)
    return path


class ScriptStage(QuickStage):
    """A stage whose scripts only say who they are, with `flask` linked."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        link_script(self)

    def lay(self, path: Path, *scripts: str, owner: int = USER) -> Path:
        return own_environment(self, path, *(scripts or ("flask",)), owner=owner)

    def flask(self, shell: str, cwd: Path | None = None, name: str = "flask", **changes: str) -> str:
        """Say what `flask run` came to: a path from the stage's root, or its exit status and what it said."""
        done = self.call(shell, name, "run", cwd=cwd, env=self.env(**changes))
        if done.status:
            assert done.out == ""
            return f"{done.status} {done.err.replace(str(self.root), 'ROOT')}"
        assert done.err == ""
        return os.path.relpath(done.out.removesuffix("\0"), self.root)
