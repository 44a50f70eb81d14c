"""Throwaway machines: a root, an overlay that takes all that is written, namespaces of their own. A start costs 50 ms.

Needs root and util-linux. Nothing of the machine that runs the tests is changed: the mounts live in a namespace of
their own and end with it, and the folder of a root is only ever read.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Self

from machine import Result

BASE = "/run/pipshunt-tests"  # where the mounts stand, in the machine's own namespace
# The first process of the machine. It says its process id (as seen from outside), and takes in orphans by waiting.
INIT = r"""
set -e
read -r pid rest </proc/self/stat
base=$1 lower=$2 upper=$1/$3 root=$1/root
mkdir -p "$base"
mount -t tmpfs -o mode=755 tests "$base"
mkdir "$upper" "$base/work" "$root"
mount -t overlay -o "lowerdir=$lower,upperdir=$upper,workdir=$base/work" tests "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tests "$root/dev"
for device in null zero full random urandom tty; do cp -a "/dev/$device" "$root/dev/"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 tests "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 tests "$root/dev/shm"
mount -t tmpfs -o mode=755 tests "$root/run"
mount -t tmpfs -o mode=1777 tests "$root/tmp"
echo "$pid"
exec >/dev/null
while :; do sleep 1000; done
"""
NAMESPACES = ("--mount", "--pid", "--cgroup")


def find_obstacle() -> str:
    """Return what keeps throwaway machines from being made here, "" if nothing does."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [program for program in ("unshare", "nsenter", "mount", "setpriv") if not shutil.which(program)]
    if missing:
        return f"{', '.join(missing)} not installed"
    trial = subprocess.run(
        ["unshare", *NAMESPACES, "--fork", "--propagation=private", "mount", "-t", "tmpfs", "tests", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return trial.stderr.strip()


class Account(NamedTuple):
    """Whoever works on a machine."""

    name: str
    uid: int
    home: str
    path: str


ROOT = Account("root", 0, "/root", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
ANA = Account("ana", 1000, "/home/ana", "/usr/local/bin:/usr/bin:/bin")


class Throwaway:
    """A machine on the layers *lower*, the topmost first. All that is written in it ends with the `with`."""

    upper = "upper"  # the name of the folder that takes what is written

    def __init__(self, *lower: Path) -> None:
        self.lower = lower

    def __enter__(self) -> Self:
        argv = ["unshare", *NAMESPACES, "--fork", "--kill-child", "--propagation=private", "sh", "-c", INIT, "init"]
        self.process = subprocess.Popen(
            [*argv, BASE, ":".join(map(str, self.lower)), self.upper],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        with self.process.stdout as said:
            self.init = said.readline().strip()
        assert self.init, "the machine does not start"
        self.base = Path(f"/proc/{self.init}/root{BASE}")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def start(
        self, account: Account, *argv: str, cwd: str = "", env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start *argv* as *account*, with a plain environment and what *env* adds to it."""
        environment = {"PATH": account.path, "HOME": account.home, "USER": account.name, "LOGNAME": account.name}
        environment |= {"SHELL": "/bin/bash", "LANG": "C.UTF-8", "TERM": "dumb", **(env or {})}
        # --root: where the tests themselves run in a chroot, the namespace's own root is another one.
        enter = [shutil.which("nsenter") or "", "--target", self.init, "--mount", "--pid", "--cgroup", "--root"]
        change = [shutil.which("chroot") or "", f"--userspec={account.uid}:{account.uid}", "--groups=", f"{BASE}/root"]
        go = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd or account.home]
        pipe = subprocess.PIPE
        return subprocess.Popen([*enter, *change, *go, *argv], env=environment, stdin=pipe, stdout=pipe, stderr=pipe)

    def run(
        self, account: Account, *argv: str, cwd: str = "", env: Mapping[str, str] | None = None, stdin: bytes = b""
    ) -> Result:
        """Run *argv* as *account* and wait for it."""
        with self.start(account, *argv, cwd=cwd, env=env) as process:
            out, err = process.communicate(stdin, timeout=300)
        return Result(subprocess.CompletedProcess(argv, process.returncode, out, err))

    def log_in(self, account: Account, script: str, *, cwd: str = "") -> Result:
        """Run *script* in a new login shell of *account*, which knows nothing but what its profiles say."""
        return self.run(ROOT, "su", "-", account.name, "-c", f"cd '{cwd or account.home}' && {{ {script}\n}}")

    def write(self, account: Account, path: str, text: str | bytes, mode: int = 0o644) -> None:
        """Write a file of *account*'s, and the folders above it where they are missing."""
        file = self._inside(path)
        for folder in reversed(file.parents):
            if not folder.exists():
                folder.mkdir()
                os.chown(folder, account.uid, account.uid)
        file.unlink(missing_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        file.chmod(mode)
        os.chown(file, account.uid, account.uid)

    def read(self, path: str) -> str:
        """Return the text of a file, "" if there is none."""
        file = self._inside(path)
        return file.read_text() if file.exists() else ""

    def list(self, path: str) -> list[str]:
        """Return the names in a folder, sorted; none if there is no such folder."""
        folder = self._inside(path)
        return sorted(os.listdir(folder)) if folder.is_dir() else []

    def written(self) -> set[str]:
        """Return every file that was added, changed or removed, and every folder added (with a / at its end)."""
        return set(self._walk(self.base / self.upper, ""))

    def save(self, folder: Path) -> Path:
        """Copy what was written to *folder*, which then can be a layer of another machine."""
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", f"{self.base}/{self.upper}/.", str(folder)], check=True)
        return folder

    def processes(self) -> dict[int, str]:
        """Return the command lines of all processes by their ids as seen from outside, without the machine's own."""
        namespace = os.readlink(f"/proc/{self.init}/ns/pid")
        found = {}
        for entry in os.listdir("/proc"):
            try:
                if entry.isdecimal() and os.readlink(f"/proc/{entry}/ns/pid") == namespace:
                    found[int(entry)] = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
        return {pid: line for pid, line in found.items() if line and pid != int(self.init) and line != "sleep 1000 "}

    def _inside(self, path: str) -> Path:
        return self.base / "root" / path.lstrip("/")

    def _walk(self, upper: Path, folder: str) -> Iterator[str]:
        for entry in os.scandir(f"{upper}{folder}"):
            path = f"{folder}/{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                yield path
                continue
            if not any(os.path.isdir(f"{layer}{path}") for layer in self.lower):
                yield f"{path}/"
            yield from self._walk(upper, path)
