"""docs/reference.md, made from the code: `python tests/reference.py` writes it."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT / "src"))

from pipshunt import cli, context, places, policy, policy_file, track  # noqa: E402

REFERENCE = PROJECT / "docs/reference.md"

INTRODUCTION = """\
# Reference

Made from the code by `tests/reference.py`; a test compares. What the words mean is told in [Policy files](policy.md),
[Explain](explain.md) and [The audit log](log.md).
"""
ACTIONS = {
    "refuse": "nothing is installed; the page says why, and what to do instead",
    "pass": "pip runs as it is, and refuses by itself",
    "venv": "the install goes to the environment of the project, of the user or of the machine",
    "uv-system": "uv installs into the marked Python itself",
    "override": "pip installs into the marked Python itself, with `--break-system-packages`",
}
KEYS = {
    ("action",): ("one of the actions", "what becomes of an install that pip would refuse"),
    ("installer",): (
        '"auto", "pip" or "uv"',
        "which of the two installs into the environment; `auto` if nothing is said",
    ),
    ("grant",): ("table", "what your own policy or the machine's allows; a repository grants nothing"),
    ("grant", "override"): ("list of owners", "whose markers `uv-system` may override: `uv`, `Debian` …, `*` for all"),
    ("venv",): ("table", "the environment of a project"),
    ("venv", "path"): ("text", "its folder, from the project's root on; `.venv` if nothing is said"),
    ("venv", "system-site-packages"): ("true or false", "whether a new environment sees the system's packages"),
    ("rule",): ("list of tables", "rules for single packages; of a file, the first that matches counts"),
    ("rule", "packages"): ("list of text", "names of packages; `*` and `?` are globs"),
    ("rule", "action"): ("one of the actions", "what becomes of them"),
    ("rule", "message"): ("text", "what a refusal by this rule says"),
}
VARIABLES = {
    "PIPSHUNT": "`off` has the real tool run, untouched and unfollowed",
    "PIPSHUNT_TRACK": "`project`, `user` or `machine`: the track of this call",
    "PIPSHUNT_GUARD": "set by the shim, to recognise a call that comes back to it; not yours to set",
    "PIPSHUNT_LOCK": "set for pip, names the environment that is locked for it; not yours to set",
    "PIPSHUNT_HOOK": "set by the hook, the number of the shell that has it; not yours to set",
    "PIPSHUNT_ENTERED": "set with VIRTUAL_ENV where pipshunt has entered an environment (the hook, CI); not yours to set",
}
PLACES = {
    "data": "shims (`bin`), engine, the user's or machine's environments (`envs`)",
    "state": "what is followed where (`follow`)",
    "cache": "policies as parsed, answers of interpreters; may be deleted",
    "policy": "your policy",
    "log": "the audit log",
}


def make_reference() -> str:
    """Return the text of docs/reference.md."""
    return "\n".join([INTRODUCTION, *_commands(), *_policy(), *_environment(), *_places()])


def _commands() -> list[str]:
    rows = [row for words, parser in _parsers("pipshunt", cli._parser()) for row in _options(words, parser)]
    return ["## Commands\n", *_table(("command", "does"), sorted(rows))]


def _parsers(words: str, parser: argparse.ArgumentParser) -> Iterable[tuple[str, argparse.ArgumentParser]]:
    yield words, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                yield from _parsers(f"{words} {name}", inner)


def _options(words: str, parser: argparse.ArgumentParser) -> Iterable[tuple[str, str]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                if not isinstance(action.choices[choice.dest]._actions[-1], argparse._SubParsersAction):
                    yield f"`{words} {choice.dest}{_operands(action.choices[choice.dest])}`", choice.help or ""
        elif action.option_strings and action.dest not in ("help", "version"):
            value = f" {action.metavar}" if action.metavar else ""
            yield f"`{words} {action.option_strings[0]}{value}`", action.help or ""


def _operands(parser: argparse.ArgumentParser) -> str:
    names = {argparse.REMAINDER: " [--] {}…", "*": " [{}…]", "?": " [{}]"}
    return "".join(names[str(a.nargs)].format(a.metavar) for a in parser._actions if not a.option_strings)


def _policy() -> list[str]:
    tables: Sequence[tuple[tuple[str, ...], Sequence[str]]] = (
        ((), policy_file._KEYS),
        (("grant",), policy_file._GRANT_KEYS),
        (("venv",), policy_file._VENV_KEYS),
        (("rule",), policy_file._RULE_KEYS),
    )
    paths = [(*table, key) for table, keys in tables for key in keys]
    keys = [(f"`{'.'.join(path)}`", *KEYS[path]) for path in paths]
    actions = [(f"`{action}`", ACTIONS[action]) for action in reversed(policy.ACTIONS)]
    files = [
        (
            "repository",
            f"`{policy.PROJECT_FILE}` in the project's root, else `[tool.pipshunt]` in `{policy.SHARED_FILE}`",
        ),
        ("user", f"`{places.find_places({'HOME': '/home/ana'}, 1000).policy}`"),
        ("machine", f"`{places.MACHINE_POLICY}`"),
    ]
    return [
        "\n## Policy files\n",
        *_table(("layer", "file"), files),
        "\n## Policy keys\n",
        *_table(("key", "value", "meaning"), keys),
        f"\n## Actions, the strictest first (`{policy.DEFAULT_ACTION}` if nothing is said)\n",
        *_table(("action", "what happens"), actions),
    ]


def _environment() -> list[str]:
    rows = [(f"`{name}`", meaning) for name, meaning in VARIABLES.items()]
    signs = ", ".join(f"`{name}`" for name in (*context._POLICY_FILES, *context._PROJECT_FILES, ".git"))
    return [
        "\n## Environment variables\n",
        *_table(("variable", "meaning"), rows),
        (
            f"\nTracks: {', '.join(f'`{kind}`' for kind in track.TRACKS)}. A folder is a project if it holds one of {signs}; "
            "the folder that you are in also if it holds a `requirements*.txt`."
        ),
    ]


def _places() -> list[str]:
    ana = places.find_places({"HOME": "/home/ana"}, 1000)
    root = places.find_places({"HOME": "/root"}, 0)
    rows = []
    for name, what in PLACES.items():
        machine = places.MACHINE_POLICY if name == "policy" else getattr(root, name)
        rows.append((what, f"`{getattr(ana, name)}`", f"`{machine}`"))
    return [
        "\n## Places\n",
        *_table(("what", "of the user ana", "of root, and of the machine"), rows),
        (
            "\n`XDG_DATA_HOME`, `XDG_STATE_HOME`, `XDG_CACHE_HOME` and `XDG_CONFIG_HOME` move a user's; root's stay. Console "
            f"scripts of the machine's environment are linked into `{places.MACHINE_LINKS}`."
        ),
    ]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_row(head), _row(("---",) * len(head)), *map(_row, rows)]


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    REFERENCE.write_text(make_reference(), encoding="utf-8")
