"""Imitations of images: a Dockerfile as a list of steps, each in a shell of its own that knows nothing but ENV.

The file system at / is an overlay whose upper folder has the name that it has in a snapshot of containerd's, which is
all that shows a RUN of BuildKit to be in a container.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

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
        self.arguments: Mapping[str, str] = {}
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
        return self.execute("/bin/sh", "-c", line, env={**self.arguments, **(env or {})})

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


class Built(NamedTuple):
    """What a Dockerfile has come to."""

    image: Image
    account: Account
    command: tuple[str, ...]


@contextmanager
def build(
    text: str, base: tuple[Path, ...], context: Mapping[str, str], scratch: Path, arguments: Mapping[str, str]
) -> Iterator[Built]:
    """Build the Dockerfile *text*; whatever it starts FROM is *base*. *context*: the files besides the checkout.

    *arguments* are what `--build-arg` gives to each RUN.
    """
    stages = [stage for stage in re.split(r"^(?=FROM )", text.replace("\\\n", ""), flags=re.MULTILINE) if stage]
    layers: dict[str, Path] = {}
    for stage in stages[:-1]:
        with Image(*base) as image:
            image.arguments = arguments
            name = stage.splitlines()[0].split(" AS ")[1]
            _build_stage(image, stage, context, layers)
            layers[name] = image.save(scratch / name)
    with Image(*base) as image:
        image.arguments = arguments
        yield _build_stage(image, stages[-1], context, layers)


def _build_stage(image: Image, stage: str, context: Mapping[str, str], layers: Mapping[str, Path]) -> Built:
    account, command = ROOT, ()
    for line in stage.splitlines()[1:]:
        instruction, _, rest = line.partition(" ")
        if instruction == "RUN":
            _run(image, rest, layers)
        elif instruction == "COPY":
            _copy(image, rest, context, layers)
        elif instruction == "ENV":
            name, _, value = rest.partition("=")
            image.env[name] = value.replace(f"${name}", image.env.get(name, PATH if name == "PATH" else ""))
        elif instruction == "WORKDIR":
            image.do(f"mkdir -p {rest}")
            image.workdir = rest
        elif instruction == "USER":
            account = NOBODY
        elif instruction == "CMD":
            command = tuple(json.loads(rest))
        else:
            assert not line, line
    return Built(image, account, command)


def _run(image: Image, rest: str, layers: Mapping[str, Path]) -> None:
    """RUN, with what it mounts there for as long as it takes."""
    mounts = re.findall(r"--mount=(\S+) +", rest)
    options = [dict(option.partition("=")[::2] for option in mount.split(",")) for mount in mounts]
    bound = [option for option in options if option["type"] == "bind"]
    for option in bound:
        if "from" in option:
            _take(image, layers[option["from"]], option["source"], option["target"])
        else:
            image.copy_checkout(option["target"])
    image.do(re.sub(r"--mount=\S+ +", "", rest))
    for option in bound:
        image.do(f"rm -rf {option['target']}")


def _copy(image: Image, rest: str, context: Mapping[str, str], layers: Mapping[str, Path]) -> None:
    origin, target = rest.rpartition(" ")[::2]
    if origin.startswith("--from="):
        name, _, path = origin.removeprefix("--from=").partition(" ")
        _take(image, layers[name], path, target)
    elif origin == "pipshunt":
        image.copy_checkout(target)
    else:
        image.write(ROOT, f"{image.workdir}/{origin}", context[origin])


def _take(image: Image, layer: Path, source: str, target: str) -> None:
    """Copy a folder of another stage, owners and links and all."""
    image.do(f"mkdir -p {target}")
    subprocess.run(["cp", "-a", f"{layer}{source}/.", f"{image.base}/root{target}"], check=True)
