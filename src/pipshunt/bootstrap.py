"""What would install a pip into a marked Python: `python3 -m ensurepip` and get-pip.py, read as pip installs.

ensurepip is the standard library's (Lib/ensurepip): it takes pip from a wheel that lies beside it, and sets pip's
configuration aside. get-pip.py (pypa/get-pip) carries a pip of its own, and passes its arguments on to it.
"""

import os
from collections.abc import Mapping, Sequence

from pipshunt.call import Call, quoted
from pipshunt.command import Command, PipFacts, pip_version, read_command
from pipshunt.flow import Flow
from pipshunt.launch import ENSUREPIP, Launch
from pipshunt.marker import install_command
from pipshunt.search import basename
from pipshunt.target import Target

_FLAGS = ("-v", "-vv", "-vvv", "--verbose", "-U", "--upgrade", "--user", "--altinstall", "--default-pip")
_DISABLED = "ensurepip is disabled in Debian"  # said by its own patch, whatever the options
_CARRIES = "an entire copy of pip (version "  # how get-pip.py describes itself
_FOR = "min_version = ("
_HEAD = 16384  # its first lines; the rest is pip


def read_bootstrap(call: Call, launch: Launch, target: Target) -> Command | None:
    """Return the pip install that a bootstrap is; None where it installs nothing or only it can tell what it does."""
    args = call.args[launch.start :]
    if launch.bootstrap == ENSUREPIP:
        return _read_ensurepip(args, call, target)
    head = _read(os.path.join(call.cwd, launch.bootstrap), _HEAD)
    version = pip_version("__version__ = " + head.partition(_CARRIES)[2].partition(")")[0])
    least = tuple(
        int(part) for part in head.partition(_FOR)[2].partition(")")[0].split(",") if part.strip().isdecimal()
    )
    if not version or target.interpreter.version < least or {"-h", "--help"} & set(args):
        return None
    kept = [word for word in args if word not in ("--no-setuptools", "--no-wheel")]
    return _as_install(["--upgrade", "--force-reinstall", *kept], call.env, call, target, version)


def why_refused(launch: Launch, target: Target, command: Command) -> str:
    """Say in one sentence why a bootstrap that is refused comes to nothing."""
    owner = target.marker.owner if target.marker else ""
    python = target.interpreter.executable
    if launch.bootstrap != ENSUREPIP:
        version = ".".join(map(str, command.pip.version))
        return f"{basename(launch.bootstrap)} would install pip {version} into {python}, which {owner} manages"
    source = _ensurepip_source(target)
    if not source:
        return f"{owner} manages {python}, and leaves ensurepip out of it"
    if _DISABLED in source:
        return f"{owner} manages {python}, and has disabled its ensurepip"
    return f"ensurepip would install a pip into {python}, which {owner} manages"


def next_steps(flow: Flow, launch: Launch, own: str) -> list[str]:
    """Return the lines that lead on: how to come by what was meant. *own*: a name for a new environment."""
    target, call = flow.target, flow.call
    if target is None or target.marker is None:
        return []
    if target.pip:
        version = ".".join(map(str, target.facts.version))
        newest = launch.bootstrap != ENSUREPIP or {"-U", "--upgrade"} & set(call.args[launch.start :])
        return [
            f"pip {version} is there already ({target.pip}), and what it installs goes to an environment",
            f"next: {quoted(call.tool)} -m pip install {'--upgrade pip' if newest else 'NAME'}",
        ]
    systems = install_command(target.marker, "pip", call.uid)
    if not _ensurepip_source(target):
        return [f"next: {systems}" if systems else f"next: pipshunt explain -- {quoted(call.tool)} -m pip install pip"]
    return [
        *([f"for a pip of {target.marker.owner}'s own: {systems}"] if systems else []),
        f"next: {quoted(call.tool)} -m venv {own} && {own}/bin/python -m pip install NAME",
    ]


def _read_ensurepip(args: tuple[str, ...], call: Call, target: Target) -> Command | None:
    """Read ensurepip's own words; of those that it would take amiss, or answers by itself, it speaks for itself."""
    roots = [word for at, word in enumerate(args) if word.startswith("--root=") or args[at - 1 : at] == ("--root",)]
    known = (*_FLAGS, "--root", *roots)
    if any(word not in known for word in args) or args[-1:] == ("--root",):
        return None
    env = {name: value for name, value in call.env.items() if not name.startswith("PIP_")}
    env["PIP_CONFIG_FILE"] = os.devnull
    source = _ensurepip_source(target)
    if not source or _DISABLED in source:  # it fails before it comes to pip
        return _as_install((), env, call, target, ())
    return _as_install(["--root=/"] if roots else (), env, call, target, _bundled_version(target))


def _as_install(
    words: Sequence[str], env: Mapping[str, str], call: Call, target: Target, version: tuple[int, ...]
) -> Command | None:
    facts = PipFacts(version, target.facts.prefix, target.facts.in_environment)
    command = read_command(("install", *words, "pip"), env, call.cwd, facts)
    return None if command.interpreter else command  # --python leads a pip within an archive who knows where


def _bundled_version(target: Target) -> tuple[int, ...]:
    """Return the version of the wheel beside ensurepip; () where it lies elsewhere, which counts as the newest."""
    try:
        names = os.listdir(os.path.join(target.interpreter.stdlib, ENSUREPIP, "_bundled"))
    except OSError:
        return ()
    wheels = sorted(name for name in names if name.startswith("pip-"))
    return pip_version(f"__version__ = {wheels[0].split('-')[1]}") if wheels else ()


def _ensurepip_source(target: Target) -> str:
    return _read(os.path.join(target.interpreter.stdlib, ENSUREPIP, "__init__.py"), 65536)


def _read(path: str, size: int) -> str:
    if not os.path.isfile(path):
        return ""  # what comes out of a pipe would be gone for python
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(size)
    except OSError:
        return ""
