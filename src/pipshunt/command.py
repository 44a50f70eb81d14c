"""A pip command line, understood as the pip at hand would understand it: what it asks, and whether PEP 668 stops it.

The order of events is pip's: completion, configuration, the words before the command, `--python`, `--version`, the
command's own words, `--require-virtualenv`, and then what the command itself looks at before it comes to the marker
(cli.main_parser, cli.base_command, commands.install, commands.uninstall).
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.options import walk
from pipshunt.pip_config import entries_for, read_configuration
from pipshunt.pip_options import (
    COMMANDS,
    LOCK_SINCE,
    NEWEST,
    OFF_SWITCHES,
    PARTNER,
    complaint,
    configured_complaint,
    table,
    truth,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pipshunt.options import Table
    from pipshunt.pip_config import Configuration, Entry

COMMAND_LINE = "command line"
RERUN = "_PIP_RUNNING_IN_SUBPROCESS"  # set by pip for the pip that `--python` starts
MARKER_SINCE = (23, 0)


class Option(NamedTuple):
    """One option in effect; a list from a configuration is one option a word."""

    name: str  # canonical long name without dashes, e.g. "break-system-packages", "requirement", "python"
    value: str  # as given; "" for a flag on the command line
    origin: str  # "command line", "PIP_TARGET", "/etc/pip.conf [install]"
    start: int  # its own words are args[start:stop], its cluster's for a clustered one; -1 when it is from elsewhere
    stop: int


class PipFacts(NamedTuple):
    """What is known of the pip, and of the interpreter, that run the command."""

    version: tuple[int, ...]  # e.g. (23, 0, 1); () when unknown, which counts as the newest
    prefix: str  # the interpreter's sys.prefix, where its own pip.conf lies
    in_environment: bool  # sys.prefix != sys.base_prefix
    start: tuple[
        str, ...
    ] = ()  # how the interpreter is started, with those of its options that bear on where it stands
    package: str = ""  # the folder of the pip package; without these two, pip cannot be asked


class Command(NamedTuple):
    """A pip command line as pip takes it.

    Only install and uninstall are read to their end: of other commands `options` are those before the command, and
    `requirements` stays empty.
    """

    args: tuple[str, ...]  # pip's own arguments: everything after `pip` or after `-m pip`
    verb: str  # subcommand, "" if none
    verb_at: int  # index in args, -1 if none
    options: tuple[Option, ...]  # all in effect, least to most important: files, environment, command line
    requirements: tuple[str, ...]  # the command's words that are neither options nor their values
    ends_early: str  # why pip never reaches the marker check, in plain words; "" when it does not end early
    interpreter: str  # the Python that `--python` has pip start again under, mostly "": read again with its PipFacts
    pip: PipFacts

    def flag(self, name: str) -> bool:
        """Tell whether a flag is on; its last mention counts, and `--user` and `--no-user` are two sides of one."""
        for option in reversed(self.options):
            if option.name in (name, PARTNER.get(name)):
                return _setting(option) is (name not in OFF_SWITCHES)
        return False

    def value(self, name: str) -> str | None:
        """Give the value that counts, None when the option is not given."""
        return next((option.value for option in reversed(self.options) if option.name == name), None)

    def values(self, name: str) -> tuple[str, ...]:
        """Give all values of an option that may be given more than once."""
        return tuple(option.value for option in self.options if option.name == name)


class _Parsed(NamedTuple):
    options: tuple[Option, ...]
    words: tuple[int, ...]
    ended: str


def read_command(args: "Sequence[str]", env: "Mapping[str, str]", cwd: str, pip: PipFacts) -> Command:
    """Read a command line as this pip would in this environment and folder; it reads files, may ask pip, never fails.

    With `interpreter` set nothing is settled yet: pip starts itself again under that Python, and what it does there
    comes of reading the same words with that Python's facts and RERUN in the environment.
    """
    pip = pip._replace(version=pip.version or NEWEST)
    configuration = read_configuration(env, cwd, pip.prefix, pip.version)
    command = Command(tuple(args), "", -1, (), (), _completes(env, pip.version) or configuration.error, "", pip)
    if command.ends_early:
        return command
    command = _read_main(command, configuration, env, cwd)
    if command.ends_early or command.verb not in ("install", "uninstall"):
        return command
    command = _read_verb(command, configuration)
    if command.ends_early:
        return command
    command = command._replace(ends_early=_ends_in_verb(command, env, cwd))
    unsure = "" if command.interpreter else configuration.unsure or _unsure(command, cwd)
    return _settled(command, unsure, env, cwd) if unsure and checks_marker(command) else command


def checks_marker(command: Command) -> bool:
    """Tell whether pip comes to its PEP 668 check, so that it refuses if there is a marker and no environment."""
    return command.verb in ("install", "uninstall") and not command.ends_early and not exemption(command)


def exemption(command: Command) -> str:
    """Say why this install or uninstall is not checked, and where that was set; "" when it is checked."""
    if command.verb not in ("install", "uninstall") or command.ends_early:
        return ""
    if command.pip.version < MARKER_SINCE:
        return f"pip {'.'.join(map(str, command.pip.version))} does not know the marker"
    if command.verb == "install":
        if command.flag("dry-run") and command.value("report"):
            return f"--dry-run with {_source(command, 'report')}"
        for name in ("root", "target", "prefix"):
            if command.value(name) is not None:
                return _source(command, name)
    return _source(command, "break-system-packages") if command.flag("break-system-packages") else ""


def pip_version(text: str) -> tuple[int, ...]:
    """Read the version in the text of pip/__init__.py, `26.3.dev0` as (26, 3); () when there is none."""
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "__version__":
            parts = value.strip().strip("\"'").split(".")
            numbers = [part for part in parts if part.isascii() and part.isdigit()]
            return tuple(int(part) for part in numbers[:3])
    return ()


def _completes(env: "Mapping[str, str]", version: tuple[int, ...]) -> str:
    """Tell whether pip answers a shell's completion instead (cli.autocompletion)."""
    asked = env.get("COMP_WORDS") and env.get("COMP_CWORD") if version >= (24, 1) else "PIP_AUTO_COMPLETE" in env
    return "answers the shell's completion" if asked and "PIP_AUTO_COMPLETE" in env else ""


def _read_main(command: Command, configuration: "Configuration", env: "Mapping[str, str]", cwd: str) -> Command:
    """Read what stands before the command, and the command's name."""
    parsed = _parse(command.args, "global", configuration, command.pip.version, isolated=False)
    verb_at = parsed.words[0] if parsed.words else -1
    verb = command.args[verb_at] if parsed.words else ""
    command = command._replace(verb=verb, verb_at=verb_at, options=parsed.options, ends_early=parsed.ended)
    if parsed.ended:
        return command
    python = command.value("python") if RERUN not in env else None
    if python:
        command = command._replace(interpreter=_interpreter(python, cwd))
    if python and not command.interpreter:
        ended = f"--python names no interpreter: {python}"
    elif command.flag("version"):
        ended = "prints its version"
    elif verb in ("", "help") and len(parsed.words) < 2:
        ended = "prints help"
    elif verb in COMMANDS or (verb == "lock" and command.pip.version >= LOCK_SINCE):
        ended = ""
    else:
        ended = f"unknown command: {verb}"
    return command._replace(ends_early=ended)


def _interpreter(python: str, cwd: str) -> str:
    """Find what `--python` names, a Python or an environment; "" when there is none."""
    path = os.path.join(cwd, python)
    if os.path.isdir(path):
        inside = (os.path.join(path, "bin/python"), os.path.join(path, "Scripts/python.exe"))
        return next((candidate for candidate in inside if os.path.exists(candidate)), "")
    return path if os.path.exists(path) else ""


def _read_verb(command: Command, configuration: "Configuration") -> Command:
    """Parse the words again with the command's own parser: all but the first that equals the command's name."""
    args, taken = command.args, command.args.index(command.verb)
    while taken < command.verb_at and args[taken + 1] == command.verb:
        taken += 1  # of equal neighbours it does not matter which goes, but it does for where options are found
    rest = args[:taken] + args[taken + 1 :]
    parsed = _parse(rest, command.verb, configuration, command.pip.version, isolated="--isolated" in rest)
    placed = (
        option._replace(start=_shifted(option.start, taken), stop=_shifted(option.stop - 1, taken) + 1)
        for option in parsed.options
    )
    return command._replace(
        options=tuple(placed),
        requirements=tuple(rest[at] for at in parsed.words),
        ends_early=parsed.ended,
    )


def _shifted(at: int, taken: int) -> int:
    return at + 1 if at >= taken else at


def _ends_in_verb(command: Command, env: "Mapping[str, str]", cwd: str) -> str:
    """Say what stops a well-formed install or uninstall before its marker check."""
    settled = not command.interpreter
    if settled and command.value("python") and RERUN not in env and command.pip.version >= (23, 2):
        return "usage error: --python must come before the command"
    if settled and command.flag("require-virtualenv") and not command.pip.in_environment:
        return "--require-virtualenv outside an environment"
    if command.verb == "install":
        both = command.flag("user") and command.value("target") is not None
        return "usage error: --user and --target exclude each other" if both else ""
    from pipshunt.pip_uninstall import missing_file, names_requirement

    files = command.values("requirement")
    if missing := missing_file(files, cwd):
        return f"cannot open requirements file {missing}"
    return "names no requirement to uninstall" if names_requirement(command.requirements, files, cwd) is False else ""


def _unsure(command: Command, cwd: str) -> str:
    """Say what only pip itself can tell, of what it looks at before its check; "" when all is known."""
    if command.verb == "install":
        return "--no-use-pep517" if command.value("no-use-pep517") is not None else ""
    from pipshunt.pip_uninstall import names_requirement

    if names_requirement(command.requirements, command.values("requirement"), cwd) is None:
        return "a requirement"
    if "truststore" in command.values("use-feature"):
        return "--use-feature truststore"
    plain = (host.replace(".", "").replace("-", "") for host in command.values("trusted-host"))
    return "" if all(host.isascii() and host.isalnum() for host in plain) else "--trusted-host"


def _settled(command: Command, unsure: str, env: "Mapping[str, str]", cwd: str) -> Command:
    """Have pip itself tell whether it comes to its check; where it cannot be asked, it speaks for itself."""
    from pipshunt.rehearsal import reaches_check

    pip = command.pip
    reached = reaches_check(pip.start, pip.package, command.args, env, cwd) if pip.start and pip.package else None
    if reached:
        return command
    why = f"only pip can tell whether it stops at {unsure}" if reached is None else f"it stops at {unsure}"
    return command._replace(ends_early=why)


def _parse(
    args: tuple[str, ...],
    parser: str,
    configuration: "Configuration",
    version: tuple[int, ...],
    *,
    isolated: bool,
) -> _Parsed:
    """Run one of pip's parsers: the configuration gives its defaults, the words overrule them."""
    known = table(parser, version)
    configured, ended = _configured(known, entries_for(configuration, parser, version, isolated=isolated))
    if ended:
        return _Parsed(configured, (), ended)
    walked = walk(args, known, complaint, interspersed=parser != "global")
    given = (Option(given.spec.name, given.value, COMMAND_LINE, given.start, given.stop) for given in walked.given)
    return _Parsed((*configured, *given), walked.words, walked.ended)


def _configured(known: "Table", entries: "Iterable[Entry]") -> tuple[tuple[Option, ...], str]:
    """Apply the configuration: each setting replaces the one before, but those of callbacks add up (cli.parser)."""
    options: list[Option] = []
    for entry in entries:
        spec = known.long.get(f"--{entry.key}")
        if spec is None or spec.action == "help":
            continue
        wrong = configured_complaint(spec, entry.key, entry.value)
        if wrong:
            return tuple(options), f"{entry.origin}: {wrong}"
        if spec.action not in ("call", "mark"):
            same = (spec.name, PARTNER.get(spec.name))
            options = [option for option in options if option.name not in same]
        values = entry.value.split() if spec.action == "append" else (entry.value,)
        if spec.action == "mark":
            values = ("",)
        options += [Option(spec.name, value, entry.origin, -1, -1) for value in values]
    return tuple(options), ""


def _setting(option: Option) -> bool:
    """Give the setting behind a flag: a configuration writes it straight, also that of an off switch."""
    return truth(option.value) is not False if option.value else option.name not in OFF_SWITCHES


def _source(command: Command, name: str) -> str:
    """Name an option, and where it was set if that was not on the command line."""
    origin = next(option.origin for option in reversed(command.options) if option.name == name)
    return f"--{name}" if origin == COMMAND_LINE else f"--{name} ({origin})"
