"""pip's option tables, 23.0 to 26.3, and how pip checks what an option is given.

The rows were read out of pip's own parsers (pip._internal.cli.cmdoptions, commands.install, commands.uninstall) of
every release. A row holds an option's flags, the long ones first, the first of which is the name we use; what is done
with it and how its value is checked (see options.Spec); the first version that has it so; the first that no longer
has (`()`: open on that side).
"""

from typing import TYPE_CHECKING

from pipshunt.options import Spec, Table

if TYPE_CHECKING:
    from collections.abc import Callable

Version = tuple[int, ...]
Row = tuple[str, str, str, Version, Version]

NEWEST: Version = (26, 3)

COMMANDS = frozenset(
    (
        *("cache", "check", "completion", "config", "debug", "download", "freeze", "hash", "help", "index"),
        *("inspect", "install", "list", "search", "show", "uninstall", "wheel"),
    )
)
LOCK_SINCE: Version = (25, 1)  # `pip lock`, the one command that came later

# Flags that switch something off: the setting behind one is the other way round.
OFF_SWITCHES = (
    "no-user",
    "no-compile",
    "no-use-pep517",
    "no-build-isolation",
    "no-warn-script-location",
    "no-warn-conflicts",
)

# Two options for one setting: whichever was given last counts.
PARTNER = {
    "user": "no-user",
    "no-user": "user",
    "compile": "no-compile",
    "no-compile": "compile",
    "use-pep517": "no-use-pep517",
    "no-use-pep517": "use-pep517",
}

MAIN_ONLY: tuple[Row, ...] = (("--version -V", "flag", "", (), ()),)
COMMANDS_ONLY: tuple[Row, ...] = (("--version -V", "flag", "", (), (26, 3)),)

GENERAL: tuple[Row, ...] = (
    ("--help -h", "help", "", (), ()),
    ("--debug", "flag", "", (), ()),
    ("--isolated", "flag", "", (), ()),
    ("--require-virtualenv --require-venv", "flag", "", (), ()),
    ("--python", "store", "", (), ()),
    ("--verbose -v", "count", "", (), ()),
    ("--quiet -q", "count", "", (), ()),
    ("--log --log-file --local-log", "store", "", (), ()),
    ("--no-input", "flag", "", (), ()),
    ("--proxy", "store", "", (), ()),
    ("--retries", "store", "int", (), ()),
    ("--timeout --default-timeout", "store", "float", (), ()),
    ("--exists-action", "append", "choice s i w b a", (), ()),
    ("--trusted-host", "append", "", (), ()),
    ("--cert", "store", "", (), ()),
    ("--client-cert", "store", "", (), ()),
    ("--cache-dir", "store", "", (), ()),
    ("--no-cache-dir", "mark", "no-cache-dir", (), ()),
    ("--disable-pip-version-check", "flag", "", (), ()),
    ("--no-color", "flag", "", (), ()),
    ("--no-python-version-warning", "flag", "", (), ()),
    ("--use-feature", "append", "choice fast-deps truststore no-binary-enable-wheel-cache", (), (25, 3)),
    ("--use-deprecated", "append", "choice legacy-resolver", (), (24, 2)),
    ("--keyring-provider", "store", "choice auto disabled import subprocess", (23, 1), ()),
    ("--use-deprecated", "append", "choice legacy-resolver legacy-certs", (24, 2), ()),
    ("--resume-retries", "store", "int", (25, 1), ()),
    (
        "--use-feature",
        "append",
        "choice fast-deps build-constraint truststore no-binary-enable-wheel-cache",
        (25, 3),
        (26, 0),
    ),
    (
        "--use-feature",
        "append",
        "choice fast-deps build-constraint inprocess-build-deps truststore no-binary-enable-wheel-cache",
        (26, 0),
        (26, 2),
    ),
    ("--no-proxy-env", "flag", "", (26, 2), ()),
    (
        "--use-feature",
        "append",
        "choice fast-deps inprocess-build-deps venv-isolation truststore no-binary-enable-wheel-cache build-constraint",
        (26, 2),
        (),
    ),
)

INSTALL: tuple[Row, ...] = (
    ("--requirement -r", "append", "", (), ()),
    ("--constraint -c", "append", "", (), ()),
    ("--no-deps --no-dependencies", "flag", "", (), ()),
    ("--pre", "flag", "", (), ()),
    ("--editable -e", "append", "", (), ()),
    ("--dry-run", "flag", "", (), ()),
    ("--target -t", "store", "", (), ()),
    ("--platform", "append", "", (), ()),
    ("--python-version", "call", "python-version", (), ()),
    ("--implementation", "store", "", (), ()),
    ("--abi", "append", "", (), ()),
    ("--user", "flag", "", (), ()),
    ("--no-user", "unflag", "", (), ()),
    ("--root", "store", "", (), ()),
    ("--prefix", "store", "", (), ()),
    ("--src --source --source-dir --source-directory", "call", "", (), ()),
    ("--upgrade -U", "flag", "", (), ()),
    ("--upgrade-strategy", "store", "choice only-if-needed eager", (), ()),
    ("--force-reinstall", "flag", "", (), ()),
    ("--ignore-installed -I", "flag", "", (), ()),
    ("--ignore-requires-python", "flag", "", (), ()),
    ("--no-build-isolation", "unflag", "", (), ()),
    ("--use-pep517", "flag", "", (), ()),
    ("--no-use-pep517", "mark", "no-use-pep517", (), (25, 3)),
    ("--check-build-dependencies", "flag", "", (), ()),
    ("--config-settings", "call", "config-settings", (), (23, 1)),
    ("--install-option", "append", "", (), (23, 1)),
    ("--global-option", "append", "", (), (25, 3)),
    ("--compile", "flag", "", (), ()),
    ("--no-compile", "unflag", "", (), ()),
    ("--no-warn-script-location", "unflag", "", (), ()),
    ("--no-warn-conflicts", "unflag", "", (), ()),
    ("--no-binary", "call", "word", (), ()),
    ("--only-binary", "call", "word", (), ()),
    ("--prefer-binary", "flag", "", (), ()),
    ("--require-hashes", "flag", "", (), ()),
    ("--progress-bar", "store", "choice on off", (), (24, 1)),
    ("--root-user-action", "store", "choice warn ignore", (), ()),
    ("--report", "store", "", (), ()),
    ("--no-clean", "flag", "", (), ()),
    ("--index-url --pypi-url -i", "store", "", (), ()),
    ("--extra-index-url", "append", "", (), ()),
    ("--no-index", "flag", "", (), ()),
    ("--find-links -f", "append", "", (), ()),
    ("--break-system-packages", "flag", "", (23, 0, 1), ()),
    ("--config-settings -C", "call", "config-settings", (23, 1), ()),
    ("--progress-bar", "store", "choice on off raw", (24, 1), (25, 2)),
    ("--group", "call", "group", (25, 1), (26, 3)),
    ("--progress-bar", "store", "choice auto on off raw", (25, 2), ()),
    ("--build-constraint", "append", "", (25, 3), ()),
    ("--requirements-from-script", "append", "", (26, 0), ()),
    ("--all-releases", "call", "word", (26, 0), ()),
    ("--only-final", "call", "word", (26, 0), ()),
    ("--uploaded-prior-to", "call", "datetime", (26, 0), (26, 1)),
    ("--uploaded-prior-to", "call", "datetime-or-days", (26, 1), ()),
    ("--only-deps --only-dependencies", "flag", "", (26, 2), ()),
    ("--no-require-hashes", "flag", "", (26, 2), ()),
    ("--refresh-package", "call", "word", (26, 2), ()),
    ("--group", "call", "group-or-lock", (26, 3), ()),
)

UNINSTALL: tuple[Row, ...] = (
    ("--requirement -r", "append", "", (), ()),
    ("--yes -y", "flag", "", (), ()),
    ("--root-user-action", "store", "choice warn ignore", (), ()),
    ("--break-system-packages", "flag", "", (23, 0, 1), ()),
)


def table(parser: str, version: Version) -> Table:
    """Build one of pip's parsers: "global" (the words before the command), "install" or "uninstall"."""
    own = {"global": MAIN_ONLY, "install": COMMANDS_ONLY + INSTALL, "uninstall": COMMANDS_ONLY + UNINSTALL}[parser]
    long: dict[str, Spec] = {}
    short: dict[str, Spec] = {}
    for flags, action, check, since, until in GENERAL + own:
        if since <= version and (not until or version < until):
            names = flags.split()
            spec = Spec(names[0][2:], action, check)
            for name in names:
                (long if name[1] == "-" else short)[name] = spec
    return Table(long, short)


def truth(text: str) -> bool | None:
    """Read a yes or no as pip reads one in a configuration (utils.misc.strtobool); None when it is neither."""
    text = text.lower()
    if text in ("y", "yes", "t", "true", "on", "1"):
        return True
    return False if text in ("n", "no", "f", "false", "off", "0") else None


def complaint(spec: Spec, named: str, value: str) -> str:
    """Say what pip finds wrong with a value, whether it was given on the command line or in a configuration."""
    kind, _, choices = spec.check.partition(" ")
    if kind == "choice":
        wrong = "" if value in choices.split() else f"invalid choice: {value!r} (choose from {choices})"
    else:
        wrong = _CHECKS[kind](value) if kind else ""
    return f"option {named}: {wrong}" if wrong else ""


def configured_complaint(spec: Spec, named: str, value: str) -> str:
    """Say what pip finds wrong with a value that stands in a configuration (cli.parser, _update_defaults)."""
    if spec.action in ("flag", "unflag"):
        return "" if truth(value) is not None else f"option {named}: {value!r} is neither yes nor no"
    if spec.action == "count":
        return "" if truth(value) is not None or _count(value) else f"option {named}: {value!r} is no count"
    if spec.action == "append":
        wrong = (complaint(spec, named, word) for word in value.split())
        return next(filter(None, wrong), "")
    return complaint(spec, named, value)


def _count(value: str) -> bool:
    try:
        return int(value) >= 0
    except ValueError:
        return False


def _integer(value: str) -> str:
    """Check as optparse does: the radix shows in the first characters, and `010` is octal."""
    start = value[:2].lower()
    radix = 16 if start == "0x" else 2 if start == "0b" else 8 if value[:1] == "0" else 10
    try:
        int(value[2:] or "0" if radix == 2 else value, radix)
    except ValueError:
        return f"invalid integer value: {value!r}"
    return ""


def _float(value: str) -> str:
    try:
        float(value)
    except ValueError:
        return f"invalid floating-point value: {value!r}"
    return ""


def _python_version(value: str) -> str:
    """Check `3`, `37`, `3.7` or `3.7.3`; the empty one is as good as none."""
    parts = value.split(".")
    if len(parts) > 3:
        return f"invalid --python-version value: {value!r}: at most three version parts are allowed"
    if len(parts) == 1 and len(value) > 1:
        parts = [value[0], value[1:]]
    try:
        [int(part) for part in parts if value]
    except ValueError:
        return f"invalid --python-version value: {value!r}: each version part must be an integer"
    return ""


def _no_cache_dir(value: str) -> str:
    return "" if truth(value) is not None else f"invalid truth value {value.lower()!r}"


def _no_use_pep517(_value: str) -> str:
    return "a value was passed for --no-use-pep517"


def _config_settings(value: str) -> str:
    return "" if "=" in value else "arguments must be of the form KEY=VAL"


def _word(value: str) -> str:
    return "option requires 1 argument" if value.startswith("-") else ""


def _group(value: str) -> str:
    path, colon, _ = value.rpartition(":")
    return "" if not colon or _file_name(path) == "pyproject.toml" else "group paths use 'pyproject.toml' filenames"


def _group_or_lock(value: str) -> str:
    """Allow for pylock.toml and pylock.NAME.toml too, with extras behind them."""
    path = value.rpartition(":")[0]
    bare = path.rpartition("[")[0].rstrip() if path.endswith("]") else ""
    parts = _file_name(bare or path).split(".")
    is_lock = (parts[0], parts[-1]) == ("pylock", "toml") and len(parts) in (2, 3) and all(parts)
    return "" if is_lock and "://" not in path else _group(value)


def _file_name(path: str) -> str:
    """Give the last part of a path, as pathlib sees it."""
    return next((part for part in reversed(path.split("/")) if part not in ("", ".")), "")


def _datetime_or_days(value: str) -> str:
    days = value[1:-1]
    is_days = value[:1] == "P" and value[-1:] == "D" and days.isascii() and days.isdigit()
    return "" if is_days else _datetime(value)


def _datetime(value: str) -> str:
    from datetime import datetime

    try:
        datetime.fromisoformat(value)
    except ValueError:
        return f"invalid value: {value!r}"
    return ""


_CHECKS: "dict[str, Callable[[str], str]]" = {
    "int": _integer,
    "float": _float,
    "python-version": _python_version,
    "no-cache-dir": _no_cache_dir,
    "no-use-pep517": _no_use_pep517,
    "config-settings": _config_settings,
    "word": _word,
    "group": _group,
    "group-or-lock": _group_or_lock,
    "datetime": _datetime,
    "datetime-or-days": _datetime_or_days,
}
