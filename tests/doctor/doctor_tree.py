"""A machine as a folder, for what a doctor looks at: a Debian with a marked Python 3.13, and ana with an installation."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from machine import PROJECT, USER

from pipshunt import __version__
from pipshunt.doctor.diagnosis import Finding, World
from pipshunt.doctor.installations import Installation, find_installations
from pipshunt.places import find_places
from pipshunt.setup.shim_folder import fill_template, lay_shims

NAMES = ("pip", "pip3", "python3", "python3.13")


class Tree:
    """The folder, and ana's view of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home/ana"
        self.project = self.home / "shop"
        self.prefix = self.home / ".local/share/pipshunt"
        self.state = self.home / ".local/state/pipshunt"
        self.bin = self.prefix / "bin"
        self.stdlib = root / "usr/lib/python3.13"
        self.marker = self.stdlib / "EXTERNALLY-MANAGED"
        self.write("usr/lib/python3.13/os.py")
        self.write("usr/lib/python3.13/EXTERNALLY-MANAGED", "[externally-managed]\nError=Debian's.\n")
        self.write("usr/lib/python3.13/venv/__init__.py")
        self.write("usr/lib/python3/dist-packages/pip/__init__.py", '__version__ = "25.1.1"\n')
        self.write("etc/os-release", "ID=debian\nNAME=Debian\n")
        self.write("usr/bin/python3.13", "\x7fELF", 0o755)
        (root / "usr/bin/python3").symlink_to("python3.13")
        for name in ("pip", "pip3"):
            self.write(f"usr/bin/{name}", f"#!{root}/usr/bin/python3\n", 0o755)
        self.write("home/ana/shop/pyproject.toml", "[project]\n")
        self.give()

    def write(self, path: str, text: str = "", mode: int = 0o644) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def give(self) -> None:
        """Make all of the home ana's."""
        if os.geteuid() != USER:
            for folder, folders, files in os.walk(self.home):
                for path in (folder, *(os.path.join(folder, name) for name in (*folders, *files))):
                    os.lchown(path, USER, USER)

    def install(self, prefix: str = "home/ana/.local/share/pipshunt", version: str = __version__) -> Installation:
        """Set pipshunt up below *prefix*, by the functions of the setup."""
        engine = f"{prefix}/engines/{version}-0badcafe"
        site = f"{engine}/lib/python3.13/site-packages"
        self.write(f"{site}/pipshunt/boot.py")
        self.write(f"{site}/pipshunt-{__version__}.dist-info/RECORD", "pipshunt/boot.py,,0\n")
        self.write(f"{engine}/stamp", "abc")
        (self.root / engine / "bin").mkdir()
        (self.root / engine / "bin/python").symlink_to(self.root / "usr/bin/python3.13")
        (self.root / prefix / "engine").symlink_to(os.path.join("engines", os.path.basename(engine)))
        folder = self.root / prefix
        python = str(self.root / "usr/bin/python3.13")
        text = fill_template((PROJECT / "shims/shim").read_text(), python, str(folder / "engine/boot.py"))
        script = (PROJECT / "shims/script").read_bytes()
        lay_shims(str(folder / "bin"), text, script, NAMES, python)
        self.give()
        (found,) = [one for one in find_installations(self.world()) if one.prefix == str(folder)]
        return found

    def path(self, *before: Path) -> str:
        return ":".join(map(str, (*before, self.root / "usr/bin")))

    def world(self, env: Mapping[str, str] | None = None, *, uid: int = USER, cwd: Path | None = None) -> World:
        env = {"HOME": str(self.home), "PATH": self.path(self.bin), "PIP_CONFIG_FILE": os.devnull, **(env or {})}
        places = find_places(env, uid)
        return World(env, str(cwd or self.project), uid, places, "", 20.0, str(self.root))

    def told(self, findings: Sequence[Finding]) -> list[tuple[str, ...]]:
        """Return what is to be done, without the folder that the machine is."""
        return [
            tuple(field.replace(str(self.root), "") for field in finding)
            for finding in findings
            if finding.level != "fine"
        ]

    def facts(self, findings: Sequence[Finding]) -> dict[str, str]:
        return {
            finding.code: finding.sentence.replace(str(self.root), "")
            for finding in findings
            if finding.level == "fine"
        }
