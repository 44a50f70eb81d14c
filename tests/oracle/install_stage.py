"""Where a command line is run twice: in the same place, with the same files, by real pip and by what takes its place.

The place is a test machine's project. Its environment is copied from a template by hard links; so is, where a case asks
for it, one with packages in it. The home folder is new for each run, so that no cache of an earlier one serves.
"""

import compileall
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from email.parser import Parser
from pathlib import Path
from typing import NamedTuple

from install_cases import Case
from machine import Machine, Result
from package_index import PASSWORD, PackageIndex
from package_index import USER as INDEX_USER

from pipshunt import creation

TOKEN = re.compile(r"\./\.pipshunt-[0-9a-f]+")  # ours, of a followed environment
TOLD = re.compile(r"(Successfully installed|Requirement already satisfied: ).*", re.MULTILINE)


class State(NamedTuple):
    """What a run left behind, in an environment and on stdout."""

    status: int
    installed: tuple[str, ...]  # name==version
    told: tuple[str, ...]  # the lines that say what was installed and what was there, the latter sorted
    frozen: str  # what `pip freeze` says, where addresses are in it
    files: tuple[str, ...]  # the names of all that lies in the environment
    result: Result


class Stage:
    """A machine, indexes, and templates of environments."""

    def __init__(self, machine: Machine, index: PackageIndex, uv: str, pip: Path, *, public: bool = False) -> None:
        """*uv*: the program; *pip*: the folder that holds everyone's package pip; *public*: ask that index."""
        self.machine = machine
        self.index = index
        (machine.bin / "uv").symlink_to(uv)
        xdg = machine.root / "etc/xdg"
        (xdg / "pip").mkdir(parents=True)
        source = "" if public else f"index-url = {index.url}/simple\n"
        (xdg / "pip/pip.conf").write_text(f"[global]\n{source}disable-pip-version-check = 1\n")
        self.base = {
            "PATH": f"{machine.shims}:{machine.bin}:/usr/bin:/bin",
            "HOME": str(machine.home),
            "LANG": "C.UTF-8",
            "XDG_CONFIG_DIRS": str(xdg),
        }
        self.environment = machine.project / ".venv"
        self._lend(pip)
        self.templates: dict[tuple[str, ...], Path] = {}
        self._clear()
        creation.create(str(self.environment), str(machine.python), machine.python.name, str(pip / "pip"), False)
        compileall.compile_dir(str(self.environment), quiet=2)  # once, not in every copy
        self._keep(())

    def run_pip(self, case: Case) -> State:
        """Run the command line with the pip of the environment itself."""
        return self._run(case, self._real(case.pip_line or case.line))

    def run_ours(self, case: Case) -> State:
        """Run the command line as it stands, through the shims."""
        return self._run(case, shlex.split(self._fill(case.line)))

    def installer(self) -> tuple[str, str]:
        """Return who installed in the last run of ours, and why, as the log has it; nobody where nothing was shunted."""
        log = self.machine.log
        return (log[-1]["installer"], log[-1]["installer_reason"]) if log else ("", "")

    def lay(self, case: Case) -> None:
        """Lay the project, the home folder and the environment as they are before the command."""
        self._clear()
        if case.before and case.before not in self.templates and not _is_local(case):
            self._install(case)
            self._keep(case.before)
            self._clear()
        for name, text in case.files.items():
            self._write(name, text)
        self._take(self.templates.get(case.before, self.templates[()]))
        if _is_local(case):
            self._install(case)
        if any(name.startswith("~/repo/") for name in case.files):
            self._commit(self.machine.home / "repo")

    def environ(self, case: Case) -> dict[str, str]:
        """Return the environment variables of a case."""
        return {**self.base, **{name: self._fill(value) for name, value in case.env.items()}}

    def look(self, result: Result) -> State:
        """Look at what is there after a run."""
        return State(
            result.status,
            tuple(sorted(self._installed())),
            tuple(sorted(match[0] for match in TOLD.finditer(result.out))) if not result.status else (),
            self._freeze() if not result.status else "",
            tuple(sorted(self._files())),
            result,
        )

    def _freeze(self) -> str:
        """Ask `pip freeze`, where its answer is more than what is installed in which version."""
        if not list(self.environment.glob("lib/python*/site-packages/*.dist-info/direct_url.json")):
            return ""
        return self.machine.run(str(self.environment / "bin/pip"), "freeze", env=self.base).out

    def _run(self, case: Case, argv: Sequence[str]) -> State:
        self.lay(case)
        return self.look(self.machine.run(*argv, env=self.environ(case)))

    def _real(self, line: str) -> list[str]:
        words = shlex.split(self._fill(line))
        python = words[0].startswith("python")
        return [str(self.environment / "bin" / ("python" if python else "pip")), *words[1:]]

    def _fill(self, text: str) -> str:
        """Replace what stands in braces."""
        values = {
            "url": self.index.url,
            "host": self.index.host,
            "folder": str(self.index.folder),
            "private": f"http://{INDEX_USER}:{PASSWORD}@{self.index.host}/private",
            "project": str(self.machine.project),
            "home": str(self.machine.home),
        }
        text = re.sub(r"\{sha256:([^}]+)\}", lambda match: self.index.sha256(match[1]), text)
        return re.sub(r"\{([a-z]+)\}", lambda match: values.get(match[1], match[0]), text)

    def _write(self, name: str, text: str | bytes) -> None:
        path = self.machine.home / name[2:] if name.startswith("~/") else self.machine.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, str) and text.startswith("{file:"):
            text = (self.index.files("simple") / text[6:-1]).read_bytes()
        path.write_bytes(text if isinstance(text, bytes) else self._fill(text).encode())
        path.chmod(0o600 if name == "~/.netrc" else 0o644)
        self.machine.give(self.machine.home)

    def _lend(self, pip: Path) -> None:
        """Have the machine's Python use this pip: it is the one that a command names, and decides on its options."""
        (packages,) = {path.parent for path in self.machine.root.glob("usr/lib/python3*/*-packages/pip")}
        for entry in packages.glob("pip*"):
            entry.unlink()
        for entry in pip.glob("pip*"):
            (packages / entry.name).symlink_to(entry)

    def _commit(self, folder: Path) -> None:
        """Make *folder* a git repository whose one commit has the same name each time."""
        dates = {"GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
        git = ["git", "-c", "user.name=ana", "-c", "user.email=ana@localhost"]
        for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
            result = self.machine.run(*git, *words, cwd=folder, env={**self.base, **dates})
            assert result.status == 0, result

    def _install(self, case: Case) -> None:
        if not self.environment.exists():
            self._take(self.templates[()])
        result = self.machine.run(str(self.environment / "bin/pip"), "install", "-q", *case.before, env=self.base)
        assert result.status == 0, result

    def _clear(self) -> None:
        shutil.rmtree(self.machine.home)
        self.machine.project.mkdir(parents=True)
        (self.machine.project / "pyproject.toml").write_text('[project]\nname = "demo"\nversion = "1"\n')
        self.machine.give(self.machine.home)

    def _keep(self, before: tuple[str, ...]) -> None:
        template = self.machine.root / f"template-{len(self.templates)}"
        self.environment.rename(template)
        self.machine.give(template)
        self.templates[before] = template

    def _take(self, template: Path) -> None:
        """Copy a template into place; what a case has put there already stays."""
        subprocess.run(["cp", "-al", f"{template}/.", str(self.environment)], check=True)

    def _installed(self) -> list[str]:
        found = []
        site = next(self.environment.glob("lib/python*/site-packages"))
        for metadata in (*site.glob("*.dist-info/METADATA"), *site.glob("*.egg-info/PKG-INFO")):
            fields = Parser().parsestr(metadata.read_text("utf-8", "surrogateescape"), headersonly=True)
            found.append(f"{fields['Name']}=={fields['Version']}")
        return found

    def _files(self) -> list[str]:
        found = []
        for folder, folders, files in os.walk(self.environment):
            inner = os.path.relpath(folder, self.environment)
            found += [os.path.join(inner, name) for name in (*folders, *files)]
        return [path for path in found if not TOKEN.fullmatch(path)]


def _is_local(case: Case) -> bool:
    """Whether what is to be there before lies in the project."""
    return any("/" in word for word in case.before)
