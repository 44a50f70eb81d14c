"""A stage for verify: an environment of the tests' own, wheels installed into it, and what verify then says."""

import os
import sys
import zipfile
from pathlib import Path

from fast import Place
from machine import USER

from pipshunt.verify.asked import read_named
from pipshunt.verify.report import Report
from pipshunt.verify.result import OK
from pipshunt.verify.subject import Subject, examine, find_python
from pipshunt.verify.verification import Request, verify

VERSION = "{}.{}".format(*sys.version_info)


class Stage(Place):
    """An environment on PATH (bare: pip is its base's), an empty folder to work in, and a home of its own."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.cwd = root / "cwd"
        self.neutral = root / "neutral"
        for folder in (self.cwd, self.neutral, self.site, self.environment / "bin"):
            folder.mkdir(parents=True)
        base = os.path.realpath(sys.executable)
        (self.environment / "pyvenv.cfg").write_text(
            f"home = {os.path.dirname(base)}\ninclude-system-site-packages = false\n"
        )
        for name in ("python", "python3"):
            (self.environment / "bin" / name).symlink_to(base)
        self.env["PATH"] = f"{self.environment}/bin:/usr/bin:/bin"

    @property
    def python(self) -> Path:
        return self.environment / "bin/python3"

    def unpack(self, name: str, version: str = "1.0", *, requested: bool = True, **more: object) -> Path:
        """Build a wheel and unpack it into the environment, which is all that an installer does for modules."""
        wheel = self.wheel(name, version, **more)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)
        info = self.site / f"{name.replace('-', '_').replace('.', '_')}-{version}.dist-info"
        if requested:
            (info / "REQUESTED").touch()
        return info

    def verify(self, *words: str, files: tuple[str, ...] = (), python: str = "", seconds: float = 30) -> Report:
        request = Request(words, files, python, seconds)
        named = read_named(words, files, str(self.cwd))
        return verify(request, named, self.env, str(self.cwd), USER, str(self.neutral), lambda _: ())

    def examine(self, *words: str) -> Subject:
        named = read_named(words, (), str(self.cwd))
        found = find_python("", self.env, str(self.cwd))
        return examine(found, "", named, "", self.env, str(self.neutral))


def lines(report: Report, check: str) -> list[str]:
    """What the report says of one check but for what is well, without this stage's paths."""
    prefix = f"{report.subject.prefix}/" if report.subject else os.devnull
    return [
        f"{result.level}: {result.message.replace(prefix, '').replace(VERSION, '3.X')}"
        for result in report.results
        if result.check == check and result.level != OK
    ]


def well(report: Report, check: str) -> list[str]:
    """What of one check is well."""
    return [result.subject for result in report.results if result.check == check and result.level == OK]
