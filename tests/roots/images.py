"""Imitations of images: a Dockerfile as a list of steps, each in a shell of its own that knows nothing but ENV.

The file system at / is an overlay whose upper folder has the name that it has in a snapshot of containerd's, which is
all that shows a RUN of BuildKit to be in a container.
"""

from collections.abc import Mapping
from pathlib import Path

from machine import PROJECT, Result

from roots.throwaway import ROOT, Account, Throwaway

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# `USER 1001`: no name, no home.
NOBODY = Account("", 1001, "/", PATH)
CHECKOUT = ("install.sh", "pyproject.toml", "shims", "src")


class Image(Throwaway):
    """An image that is being built on the layers *lower*."""

    upper = "fs"

    def __init__(self, *lower: Path) -> None:
        super().__init__(*lower)
        self.env: dict[str, str] = {}
        self.workdir = "/"

    def copy_checkout(self, folder: str) -> None:
        """COPY pipshunt *folder*."""
        for name in CHECKOUT:
            origin = PROJECT / name
            files = [path for path in origin.rglob("*") if path.is_file()] if origin.is_dir() else [origin]
            for file in files:
                if "__pycache__" not in file.parts:
                    text, mode = file.read_bytes(), file.stat().st_mode & 0o777
                    self.write(ROOT, f"{folder}/{file.relative_to(PROJECT)}", text, mode)

    def try_run(self, line: str, env: Mapping[str, str] | None = None) -> Result:
        """RUN *line*; *env* is what ARG adds."""
        return self.execute("/bin/sh", "-c", line, env=env)

    def do(self, line: str, env: Mapping[str, str] | None = None) -> Result:
        """RUN *line*, which has to succeed."""
        done = self.try_run(line, env)
        assert done.status == 0, (line, done)
        return done

    def execute(self, *argv: str, account: Account = ROOT, env: Mapping[str, str] | None = None) -> Result:
        """CMD *argv*, in its exec form: found on the PATH of the image, without a shell."""
        known = {"PATH": PATH, "HOME": account.home, "HOSTNAME": "0123456789ab", **self.env, **(env or {})}
        words = [f"{name}={value}" for name, value in known.items()]
        return self.run(account, "/usr/bin/env", "-i", *words, *argv, cwd=self.workdir)

    def freeze(self) -> None:
        """Make the root read-only, as `docker run --read-only` does."""
        frozen = self.run(ROOT, "mount", "-o", "remount,bind,ro", "/")
        assert frozen.status == 0, frozen
