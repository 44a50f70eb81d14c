"""Minimal Debian roots with python3 and python3-pip alone, as a fresh image or a new server has them.

Built once by debootstrap from the mirror that apt is set up with here, and kept in PIPSHUNT_ROOTS (default:
pipshunt-roots in the cache folder) as SUITE-pip; roots that lie there ready are used as they are. About 50 seconds
and 300 MB a suite.
"""

import fcntl
import glob
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SCRIPTS = Path("/usr/share/debootstrap/scripts")


class Unavailable(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """A root cannot be had on this machine; the text says why."""


def provide_root(suite: str) -> Path:
    """Return the folder of the root of *suite*, built now if there is none. Raises Unavailable, CalledProcessError."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(cache if cache.startswith("/") else Path.home() / ".cache") / "pipshunt-roots"
    base = Path(os.environ.get("PIPSHUNT_ROOTS") or base)
    root = base / f"{suite}-pip"
    if root.is_dir():
        return root
    if not shutil.which("debootstrap"):
        raise Unavailable("debootstrap is not installed")
    mirror = find_mirror()
    base.mkdir(parents=True, exist_ok=True)
    with (base / f"{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            partial = Path(tempfile.mkdtemp(prefix=f".{suite}-", dir=base))
            try:
                build_root(suite, partial, mirror, base / f"{suite}.log")
                partial.rename(root)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
    return root


def find_mirror() -> str:
    """Return the Debian mirror that apt is set up with. Raises Unavailable."""
    if shutil.which("apt-get"):
        argv = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
        for line in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines():
            if line.rstrip("/").endswith("/debian"):
                return line
    raise Unavailable("apt on this machine is set up with no Debian mirror")


def build_root(suite: str, folder: Path, mirror: str, log: Path) -> None:
    """Build the root in *folder*; the output goes to *log*. Raises CalledProcessError."""
    # Debian's suites share one script: that of sid does for those newer than this debootstrap.
    script = SCRIPTS / (suite if (SCRIPTS / suite).exists() else "sid")
    argv = [
        "debootstrap",
        "--variant=minbase",
        "--include=python3,python3-pip",
        suite,
        str(folder),
        mirror,
        str(script),
    ]
    with log.open("w") as output:
        subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=True)
    for package in glob.glob(f"{folder}/var/cache/apt/archives/*.deb"):
        os.unlink(package)
    folder.chmod(0o755)
