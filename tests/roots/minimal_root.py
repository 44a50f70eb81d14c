"""Minimal Debian roots with python3 and python3-pip alone, as a fresh image or a new server has them.

Built once by debootstrap from the mirror that apt is set up with here, and kept in PIPSHUNT_ROOTS (default:
pipshunt-roots in the cache folder) as SUITE-pip, or SUITE-pip-PACKAGE where a test needs that one too; roots that lie
there ready are used as they are. About 50 seconds and 300 MB a suite.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

SCRIPTS = Path("/usr/share/debootstrap/scripts")

# dpkg syncs each file that it unpacks: that costs nothing in memory.
BUILD = """
mkdir "$1/memory" "$1/root"
mount -t tmpfs -o mode=755 tests "$1/memory"
debootstrap --variant=minbase --include="$5" "$2" "$1/memory" "$3" "$4"
rm -f "$1"/memory/var/cache/apt/archives/*.deb
cp -a "$1/memory/." "$1/root"
"""


class Unavailable(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """A root cannot be had on this machine; the text says why."""


def provide_root(suite: str, *further: str) -> Path:
    """Return the folder of the root of *suite*, with *further* packages, built now if there is none.

    Raises Unavailable, CalledProcessError.
    """
    name = "-".join((suite, "pip", *further))
    cache = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(cache if cache.startswith("/") else Path.home() / ".cache") / "pipshunt-roots"
    base = Path(os.environ.get("PIPSHUNT_ROOTS") or base)
    root = base / name
    if root.is_dir():
        return root
    if not shutil.which("debootstrap"):
        raise Unavailable("debootstrap is not installed")
    mirror = find_mirror()
    base.mkdir(parents=True, exist_ok=True)
    with (base / f"{name.removesuffix('-pip')}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            partial = Path(tempfile.mkdtemp(prefix=f".{suite}-", dir=base))
            try:
                packages = ("python3", "python3-pip", *further)
                build_root(suite, partial, mirror, base / f"{name.removesuffix('-pip')}.log", packages).rename(root)
            finally:
                shutil.rmtree(partial)
    return root


def find_mirror() -> str:
    """Return the Debian mirror that apt is set up with. Raises Unavailable."""
    if shutil.which("apt-get"):
        argv = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
        for line in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines():
            if line.rstrip("/").endswith("/debian"):
                return line
    raise Unavailable("apt on this machine is set up with no Debian mirror")


def build_root(suite: str, partial: Path, mirror: str, log: Path, packages: Sequence[str]) -> Path:
    """Build the root in a folder in *partial*; the output goes to *log*. Raises CalledProcessError."""
    # Debian's suites share one script: that of sid does for those newer than this debootstrap.
    script = SCRIPTS / (suite if (SCRIPTS / suite).exists() else "sid")
    argv = ["unshare", "--mount", "--propagation=private", "sh", "-euc", BUILD, "build"]
    with log.open("w") as output:
        subprocess.run(
            [*argv, str(partial), suite, mirror, str(script), ",".join(packages)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=True,
        )
    return partial / "root"
