"""Whether a pip install has an exact counterpart in uv, and which.

The rule is: the same packages, or none. What is not known to be the same is pip's. A failure of uv does no harm, for
pip runs then; only its successes have to be pip's. Nothing is run or changed here.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.accelerator.counterpart_options import PIP, RULES
from pipshunt.accelerator.distributions import check_environment, check_interpreter
from pipshunt.accelerator.package_sources import read_sources, source_words, transport_words
from pipshunt.accelerator.release_choice import choice_words
from pipshunt.accelerator.requested import Requested, read_requested
from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.command import COMMAND_LINE, Command
from pipshunt.pip_options import table, truth
from pipshunt.requirements import requirement_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_UV_KEEPS = ("UV_CACHE_DIR", "UV_CONCURRENT_")  # of its variables, those that change nothing in what is installed
_MOVING = ("PYTHONPATH", "PYTHONHOME")  # bring packages that pip sees and uv does not
# uv's settings that make it behave as pip does, whatever it finds in files and folders around it.
_ALWAYS = (
    *("--no-config", "--no-sources", "--link-mode", "copy", "--no-progress", "--no-python-downloads"),
    *("--index-strategy", "unsafe-best-match"),
)


class Counterpart(NamedTuple):
    """The same install by uv."""

    argv: tuple[str, ...]  # the words after `uv`
    changes: "Mapping[str, str | None]"  # to the environment variables; None removes
    requested: tuple[str, ...]  # what the user asked for, as texts of requirements
    quiet: int  # pip's net count of -q
    origins: tuple[str, ...] = ()  # of what was asked for, as pip says it: `-r FILE (line 3)`, or ""


class NoCounterpart(NamedTuple):
    """There is none; the reason completes "pip runs, because …"."""

    reason: str


def find_counterpart(
    command: Command, env: "Mapping[str, str]", cwd: str, environment: str
) -> Counterpart | NoCounterpart:
    """Find the counterpart of a command read for the pip inside the virtual environment *environment*."""
    try:
        check_environment(environment)
        return _counterpart(command, env, cwd, ("--python", os.path.join(environment, "bin", "python")))
    except NoLikeness as why:
        return NoCounterpart(str(why))


def find_system_counterpart(
    command: Command, env: "Mapping[str, str]", cwd: str, python: str, break_system: bool
) -> Counterpart | NoCounterpart:
    """Find the counterpart that installs into the very interpreter *python*, which is in no environment."""
    into = ("--python", python, "--break-system-packages") if break_system else ("--python", python)
    try:
        found = _counterpart(command, env, cwd, into)
        check_interpreter(python, (name for name in map(requirement_name, found.requested) if name), env)
    except NoLikeness as why:
        return NoCounterpart(str(why))
    return found


def _counterpart(command: Command, env: "Mapping[str, str]", cwd: str, into: tuple[str, ...]) -> Counterpart:
    _check_command(command, env)
    requested = read_requested(command, env, cwd)
    if not requested.texts:
        raise NoLikeness("no requirement is given")
    sources, variables = source_words(read_sources(command, requested.lines), env, cwd)
    transport, settings = transport_words(command, env, cwd)
    words = [*_build_words(command, requested), *choice_words(command, requested), *sources, *transport]
    changes: dict[str, str | None] = {
        name: None for name in env if name.startswith("UV_") and not name.startswith(_UV_KEEPS)
    }
    changes.update(settings)
    changes.update(variables)
    ends = ("--", *requested.requirements) if requested.requirements else ()
    argv = ("pip", "install", *into, *_ALWAYS, *words, *requested.words, *ends)
    quiet = max(0, _count(command, "quiet") - _count(command, "verbose"))
    return Counterpart(argv, changes, requested.texts, quiet, requested.origins)


def _check_command(command: Command, env: "Mapping[str, str]") -> None:
    """Check what every install must fulfil, and the options that only pip has."""
    if command.verb != "install":
        raise NoLikeness(f"it is no install but `pip {command.verb}`")
    if command.ends_early or command.interpreter:
        raise NoLikeness(command.ends_early or "--python leads to another interpreter")
    for name in _MOVING:
        if env.get(name):
            raise NoLikeness(f"{name} is set, which uv does not heed")
    for option in command.options:
        if RULES.get(option.name, PIP) == PIP and _in_effect(command, option.name):
            origin = "" if option.origin == COMMAND_LINE else f" ({option.origin})"
            raise NoLikeness(f"uv has no exact counterpart of --{option.name}{origin}")
    if command.value("progress-bar") == "raw":
        raise NoLikeness("uv has no exact counterpart of --progress-bar raw")
    if _count(command, "verbose") > _count(command, "quiet"):
        raise NoLikeness("--verbose asks for what pip says of its work")


def _in_effect(command: Command, name: str) -> bool:
    """Tell whether an option counts: a flag may have been switched off again by what came later."""
    spec = table("install", command.pip.version).long.get(f"--{name}")
    return spec is None or spec.action != "flag" or command.flag(name)


def _count(command: Command, name: str) -> int:
    """Count how often -q or -v is given; a configuration gives the number, or a yes or no."""
    counts = (option.value for option in command.options if option.name == name)
    return sum(1 if not count else int(count) if truth(count) is None else int(truth(count) or 0) for count in counts)


def _build_words(command: Command, requested: Requested) -> list[str]:
    """Give uv's words for how packages are fetched, checked and built."""
    given = {option.name for option in command.options}
    words = ["--compile-bytecode"] if command.flag("compile") or not {"compile", "no-compile"} & given else []
    words += ["--no-deps"] if command.flag("no-deps") else []
    words += ["--no-build-isolation"] if command.flag("no-build-isolation") else []
    # pip asks the indexes anew, and where it need not it may; uv would believe what it was told ten minutes ago
    words += ["--no-cache"] if "no-cache-dir" in given else ["--refresh"]
    required = command.flag("require-hashes") or ("require-hashes", "") in requested.lines
    if command.flag("no-require-hashes") and (required or requested.hashed):
        raise NoLikeness("--no-require-hashes stands beside hashes")
    words += ["--require-hashes"] if required or requested.hashed else []
    settings = command.values("config-settings")
    if settings and (command.pip.version < (25, 3) or "" in requested.named):
        raise NoLikeness("--config-settings holds for what has no name before it is built")
    pairs = [f"{name}:{setting}" for name in dict.fromkeys(requested.named) for setting in settings]
    return words + [word for pair in pairs for word in ("--config-settings-package", pair)]
