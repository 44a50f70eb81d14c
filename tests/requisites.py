"""What the tests need and a fresh machine lacks: run by tests/run and .ci/run before anything is installed, so with the
standard library alone.

    python3 requisites.py GROUP…    prints the environment that holds these dependency groups, made if need be
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parent.parent
STAMP = "requisites.json"  # written last: an environment without one is half made

# Each is in the Debian package of its name. The shells are for the shim's tests, debootstrap for whole machines.
PROGRAMS = ("dash", "bash", "busybox", "zsh", "mksh", "ksh", "fish", "tcsh", "git", "make", "debootstrap")
FURTHER_PROGRAMS = {"lint": ("shellcheck",)}  # by group


def main() -> int:
    """Make what is missing and print where the environment is; all else goes to stderr."""
    groups = sys.argv[1:]
    place = find_place(CHECKOUT)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with locked(place.parent):
            provide_environment(place, read_requirements(CHECKOUT / "pyproject.toml", groups))
            provide_programs(place, [*PROGRAMS, *(p for group in groups for p in FURTHER_PROGRAMS.get(group, ()))])
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"what the tests need cannot be set up in {place}: {error}")
        return 1
    print(place)
    return 0


def find_place(checkout: Path) -> Path:
    """Return where the environment goes: into the checkout, or the cache folder where that is not ours to write."""
    place = checkout / ".tests-env"
    if os.access(place if place.exists() else checkout, os.W_OK):
        return place
    cache = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(cache if cache.startswith("/") else Path.home() / ".cache")
    return base / "pipshunt-tests" / hashlib.sha256(os.fsencode(checkout)).hexdigest()[:12]


def read_requirements(project: Path, groups: Sequence[str]) -> list[str]:
    """Return the project's dependencies and those of *groups* (PEP 735)."""
    table = tomllib.loads(project.read_text(encoding="utf-8"))
    requirements: list[str] = list(table["project"]["dependencies"])
    for group in groups:
        requirements += table["dependency-groups"][group]
    return requirements


def provide_environment(place: Path, requirements: Sequence[str]) -> None:
    """Make *place* an environment of this interpreter that holds *requirements*; at once if it does already."""
    python = f"{os.path.realpath(sys.executable)} {sys.version}"
    stamp = read_stamp(place)
    if stamp.get("python") != python:
        stamp = {}
        shutil.rmtree(place, ignore_errors=True)
        say(f"making an environment for the tests in {place}")
        run([sys.executable, "-I", "-m", "venv", "--without-pip", str(place)])
    missing = sorted({*requirements} - {*stamp.get("requirements", ())})
    if missing:
        say(f"fetching {', '.join(missing)}")
        pip = [sys.executable, "-m", "pip", "--python", str(place / "bin/python"), "install", "-qq"]
        run([*pip, "--disable-pip-version-check", *missing])
        held = [*stamp.get("requirements", ()), *missing]
        write_stamp(place, {**stamp, "python": python, "requirements": held})


def provide_programs(place: Path, programs: Sequence[str]) -> None:
    """Let apt install the programs that are missing, once, where that is ours to do; tests skip what stays missing."""
    missing = [program for program in programs if not shutil.which(program)]
    stamp = read_stamp(place)
    if not missing or missing == stamp.get("asked") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"fetching {', '.join(missing)} with apt-get")
    ask_apt("update")
    if not ask_apt("install", "-y", "--no-install-recommends", *missing):
        for package in missing:  # one that is unknown here must not keep the others away
            ask_apt("install", "-y", "--no-install-recommends", package)
    left = [program for program in programs if not shutil.which(program)]
    if left:
        say(f"{', '.join(left)} cannot be had: tests that need them are skipped")
    write_stamp(place, {**stamp, "asked": left})


def read_stamp(place: Path) -> dict[str, Any]:
    """Return what is known to be in *place*, nothing if it is not whole."""
    try:
        stamp: dict[str, Any] = json.loads((place / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if os.access(place / "bin/python", os.X_OK) else {}


def write_stamp(place: Path, stamp: dict[str, Any]) -> None:
    """Write down what is in *place*."""
    (place / STAMP).write_text(json.dumps(stamp), encoding="utf-8")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold *folder* against another run of the tests."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def ask_apt(*words: str) -> bool:
    """Run apt-get with *words*, in silence unless it fails; return whether it succeeded."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PIPSHUNT": "off"}
    argv = ["apt-get", "-q", *words]
    done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(f"{' '.join(argv)}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return done.returncode == 0


def run(argv: Sequence[str]) -> None:
    """Run *argv* without input, its output on stderr; raises CalledProcessError. A shim of ours stands aside."""
    env = {**os.environ, "PIPSHUNT": "off"}
    subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)


def say(line: str) -> None:
    """Tell who runs the tests."""
    print(f"tests: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
