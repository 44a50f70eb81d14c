"""The policy file: TOML text to a layer, and every mistake in it with its line and what was probably meant."""

import difflib
import os
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pipshunt.located_toml import Document, Mistake, Path, read_document
from pipshunt.policy import ACTIONS, INSTALLERS, SHARED_FILE, Layer, Place, Problem, Rule

_SHARED_TABLE = ("tool", "pipshunt")
_CHOICES = tuple(reversed(ACTIONS))  # the strictest first, as the manual lists them
_KEYS = ("action", "installer", "grant", "venv", "rule")
_GRANT_KEYS = ("override",)
_VENV_KEYS = ("path", "system-site-packages")
_RULE_KEYS = ("packages", "action", "message")
_GLOB = re.compile(r"[A-Za-z0-9._*?-]+")
_UNQUOTED = re.compile(r"\s*([\w-]+)\s*[=:]\s*([A-Za-z.~/][^\"'#\n]*?)\s*(?:#.*)?\s*")

# By how tomllib's message starts.
_SYNTAX_HINTS = (
    ("unclosed array", "add the missing ]"),
    ("unterminated string", "add the missing quote"),
    ("illegal character '\\n'", "add the missing quote"),
    ('expected "\'"', "add the missing quote"),
    ("invalid value", 'text is written in quotes: "refuse"'),
    ("expected ']", "as in [venv] or [[rule]]"),
    ("cannot overwrite a value", "the key is set twice: keep one"),
    ("cannot declare", "the table is there twice: keep one"),
    ("expected '='", 'as in action = "refuse"'),
)


class _File(NamedTuple):
    """A policy file being read: what it holds, and where its problems are gathered."""

    kind: str
    name: str
    document: Document
    problems: list[Problem]
    root: Path  # of the policy's table in it

    def place(self, path: Path) -> Place:
        return Place(self.name, self.document.line_of(self.root + path))

    def object_to(self, path: Path, message: str, suggestion: str = "") -> None:
        self.problems.append(Problem(self.name, self.place(path).line, message, suggestion))


def parse_policy(kind: str, name: str, data: bytes) -> tuple[Layer | None, tuple[Problem, ...]]:
    """Return what the file *name* of *kind* says and all that is wrong in it; None if it has no table for us."""
    root: Path = _SHARED_TABLE if os.path.basename(name) == SHARED_FILE else ()
    text, problems = _decode(name, data)
    file = _File(kind, name, read_document(text), problems, root)
    table: Any = file.document.values
    for key in root:
        table = table.get(key) if isinstance(table, dict) else None
    if table is None:
        return None, ()
    problems += [_syntax_problem(name, mistake) for mistake in file.document.mistakes]
    table = _expect(file, (), table, dict, "a table: [tool.pipshunt]") or {}
    _check_keys(file, (), table, _KEYS)
    layer = _read_layer(file, table)
    return layer, tuple(sorted(problems, key=lambda problem: problem.line))


def _decode(name: str, data: bytes) -> tuple[str, list[Problem]]:
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode("utf-8-sig", "replace"), [Problem(name, line, "is not UTF-8", "save the file as UTF-8")]


def _syntax_problem(name: str, mistake: Mistake) -> Problem:
    unquoted = _UNQUOTED.fullmatch(mistake.text)
    if unquoted:
        suggestion = f"text is written in quotes: {unquoted[1]} = {_quoted(unquoted[2])}"
    else:
        suggestion = next((hint for words, hint in _SYNTAX_HINTS if mistake.message.startswith(words)), "")
    return Problem(name, mistake.line, mistake.message, suggestion)


def _read_layer(file: _File, table: dict[str, Any]) -> Layer:
    action = _read_action(file, ("action",), table["action"]) if "action" in table else ""
    installer = _read_choice(file, ("installer",), table["installer"], INSTALLERS) if "installer" in table else ""
    venv = _expect(file, ("venv",), table.get("venv", {}), dict, "a table: [venv]") or {}
    _check_keys(file, ("venv",), venv, _VENV_KEYS)
    path = _read_venv_path(file, venv["path"]) if "path" in venv else ""
    seen = venv.get("system-site-packages")
    if seen is not None:
        seen = _expect(file, ("venv", "system-site-packages"), seen, bool, "true or false")
    rules = _read_rules(file, table.get("rule", []))
    return Layer(
        file.kind,
        file.name,
        action,
        file.place(("action",)) if action else None,
        path,
        file.place(("venv", "path")) if path else None,
        seen,
        rules,
        installer,
        file.place(("installer",)) if installer else None,
        _read_grant(file, table["grant"]) if "grant" in table else None,
    )


def _read_action(file: _File, path: Path, value: Any) -> str:
    return _read_choice(file, path, value, _CHOICES)


def _read_choice(file: _File, path: Path, value: Any, known: Sequence[str]) -> str:
    choices = f"one of {', '.join(map(_quoted, known))}"
    text: str = _expect(file, path, value, str, choices) or ""
    if not isinstance(value, str) or text in known:
        return text
    file.object_to(path, f"unknown {path[-1]} {_quoted(text)}", _meant(text, known, choices))
    return ""


def _read_grant(file: _File, value: Any) -> tuple[str, ...] | None:
    """Return the owners whose markers may be overridden, in lower case; None where the file may not or does not say."""
    table = _expect(file, ("grant",), value, dict, "a table: [grant]") or {}
    _check_keys(file, ("grant",), table, _GRANT_KEYS)
    owners = table.get("override")
    if owners is None:
        return None
    if file.kind == "repository":
        wrong = "a repository grants nothing"
        file.object_to(("grant",), wrong, "only your policy.toml or /etc/pipshunt/policy.toml can")
        return None
    if not isinstance(owners, list) or not all(isinstance(owner, str) for owner in owners):
        file.object_to(("grant", "override"), "override must be a list of markers' owners", 'as in override = ["uv"]')
        return ()
    return tuple(owner.lower() for owner in owners)


def _read_venv_path(file: _File, value: Any) -> str:
    """Return the path if it may be used; a repository's must stay inside the repository."""
    where = ("venv", "path")
    text: str = _expect(file, where, value, str, 'text, as in ".venv"') or ""
    if not isinstance(value, str):
        return ""
    reason = ""
    if not text.strip() or os.path.normpath(text) == ".":
        reason = "it names no folder of its own"
    elif not text.isprintable():
        reason = "it holds control characters"
    elif text.startswith(("~", "$")):
        reason = "nothing is expanded in it"
    elif file.kind == "repository" and os.path.isabs(text):
        reason = "a repository's environment is inside the repository"
    elif file.kind == "repository" and ".." in text.split("/"):
        reason = "a repository's environment is inside the repository, without .."
    elif ".git" in text.split("/"):
        reason = ".git is git's"
    if reason:
        file.object_to(where, f"path = {_quoted(text)} cannot be used: {reason}", 'as in path = ".venv"')
        return ""
    return os.path.normpath(text)


def _read_rules(file: _File, value: Any) -> tuple[Rule, ...]:
    if isinstance(value, dict):
        file.object_to(("rule",), "rules are a list", "write [[rule]] with two brackets")
        rule = _read_rule(file, ("rule",), value)
        return (rule,) if rule else ()
    tables = _expect(file, ("rule",), value, list, "a list of tables: [[rule]]") or []
    rules = [_read_rule(file, ("rule", at), table) for at, table in enumerate(tables)]
    return tuple(rule for rule in rules if rule)


def _read_rule(file: _File, path: Path, value: Any) -> Rule | None:
    """Return the rule, None if it lacks what makes it one."""
    table = _expect(file, path, value, dict, "a table: [[rule]]")
    if table is None:
        return None
    _check_keys(file, path, table, _RULE_KEYS)
    packages: tuple[str, ...] = ()
    action, message = "", ""
    if "packages" in table:
        packages = _read_packages(file, (*path, "packages"), table["packages"])
    else:
        file.object_to(path, "the rule has no packages", 'as in packages = ["torch*"]')
    if "action" in table:
        action = _read_action(file, (*path, "action"), table["action"])
    else:
        file.object_to(path, "the rule has no action", f"one of {', '.join(map(_quoted, _CHOICES))}")
    if "message" in table:
        message = _expect(file, (*path, "message"), table["message"], str, "text") or ""
    if any(not line.isprintable() for line in message.split("\n")):
        file.object_to((*path, "message"), "message holds control characters", "plain text only")
        message = ""
    return Rule(packages, action, message, file.place(path)) if packages and action else None


def _read_packages(file: _File, path: Path, value: Any) -> tuple[str, ...]:
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not patterns:
        wrong = "packages is empty" if patterns == [] else f"packages must be a list of names, not {_kind_of(value)}"
        file.object_to(path, wrong, 'as in packages = ["torch*"]')
        return ()
    good = []
    for pattern in patterns:
        if isinstance(pattern, str) and _GLOB.fullmatch(pattern):
            good.append(pattern)
        else:
            shown = _quoted(pattern) if isinstance(pattern, str) else _kind_of(pattern)
            hint = "letters, digits, - _ . and the globs * and ?, without a version"
            file.object_to(path, f"{shown} is no package name", hint)
    return tuple(good)


def _check_keys(file: _File, path: Path, table: dict[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            suggestion = _meant(key, known, f"known here: {', '.join(known)}")
            file.object_to((*path, key), f"unknown key {_quoted(key)}", suggestion)


def _expect(file: _File, path: Path, value: Any, kind: type, words: str) -> Any:
    """Return *value* if it is of *kind*, else None and a problem that says in *words* what is wanted."""
    if isinstance(value, kind):
        return value
    name = path[-1] if path else "pipshunt"
    file.object_to(path, f"{name} must be {words}, not {_kind_of(value)}")
    return None


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "text"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "a table"),
)


def _kind_of(value: Any) -> str:
    return next((words for kind, words in _KINDS if isinstance(value, kind)), "a date or time")


def _meant(word: str, known: Sequence[str], otherwise: str) -> str:
    close = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1)
    return f"did you mean {_quoted(close[0])}?" if close else otherwise


def _quoted(text: str) -> str:
    """Return *text* in quotes, with control characters escaped: it is shown on a terminal and came with a clone."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in escaped) + '"'
