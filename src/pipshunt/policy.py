"""The policy: layered rules, each knowing the file and line that set it, and the verdict they give on an install.

Layers combine without an order among them: every layer that speaks about a package names an action, the user's and the
machine's strictest is what is granted (`venv` where neither speaks), and a repository can only ask for something
stricter. So a cloned repository never loosens what its user or administrator decided.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.requirements import normalised, open_at_once

ACTIONS = ("override", "uv-system", "venv", "pass", "refuse")  # the loosest first
DEFAULT_ACTION = "venv"
DEFAULT_VENV_PATH = ".venv"
INSTALLERS = ("auto", "pip", "uv")
DEFAULT_INSTALLER = "auto"
PROJECT_FILE = "pipshunt.toml"
SHARED_FILE = "pyproject.toml"
_LARGEST_FILE = 1 << 20
_FILE_TYPE, _REGULAR, _LINK, _OTHERS_MAY_WRITE = 0o170000, 0o100000, 0o120000, 0o002


class Place(NamedTuple):
    """Where a value was set."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} line {self.line}"


class Rule(NamedTuple):
    """One [[rule]]: what happens to the packages that any of its globs matches."""

    packages: tuple[str, ...]  # as written
    action: str
    message: str
    place: Place


class Layer(NamedTuple):
    """What one policy file says; "" or None where it says nothing."""

    kind: str  # repository, user, machine
    file: str
    action: str
    action_place: Place | None
    venv_path: str
    venv_path_place: Place | None
    system_site_packages: bool | None
    rules: tuple[Rule, ...]
    installer: str = ""
    installer_place: Place | None = None
    grant: tuple[str, ...] | None = None  # owners whose markers may be overridden, "*" for all


class Problem(NamedTuple):
    """A mistake in a policy file, and what to do about it; line 0 where it is the file as a whole."""

    file: str
    line: int
    message: str
    suggestion: str

    def __str__(self) -> str:
        where = f"{self.file} line {self.line}" if self.line else self.file
        return f"{where}: {self.message}" + (f" ({self.suggestion})" if self.suggestion else "")


class Policy(NamedTuple):
    """All the layers in effect, and the mistakes found in them."""

    layers: tuple[Layer, ...]
    problems: tuple[Problem, ...]


class Verdict(NamedTuple):
    """What the policy says about an install, and which words of it made that so."""

    action: str
    rule: str  # default, action = "refuse", [[rule]] packages = ["torch*"]
    place: Place | None
    message: str
    package: str  # the one whose rule decided; "" when no [[rule]] did
    notes: tuple[str, ...]


_DEFAULT = Verdict(DEFAULT_ACTION, "default", None, "", "", ())


def judge(policy: Policy, packages: Sequence[str]) -> Verdict:
    """Return the strictest verdict over all *packages*; "" is one whose name is not known, and so is an empty list."""
    verdicts = [_judge_package(policy, package) for package in packages or ("",)]
    notes = tuple(dict.fromkeys(note for verdict in verdicts for note in verdict.notes))
    return _strictest(verdicts)._replace(notes=notes)


def venv_path(policy: Policy) -> tuple[str, Place | None]:
    """Return the project's environment and who chose it: the repository, else the user, else the machine."""
    for layer in _nearest_first(policy):
        if layer.venv_path:
            return layer.venv_path, layer.venv_path_place
    return DEFAULT_VENV_PATH, None


def system_site_packages(policy: Policy, default: bool) -> bool:
    """Return whether an environment sees the system's packages; the nearest layer that says so decides."""
    said = [layer.system_site_packages for layer in _nearest_first(policy) if layer.system_site_packages is not None]
    return said[0] if said else default


def installer(policy: Policy) -> tuple[str, Place | None]:
    """Return what installs, and who chose it; "pip" or "uv" are the machine's word, the user's, then the repository's.

    The other way round than for paths: whoever bans one of the two does not want a repository to bring it back.
    """
    for layer in reversed(_nearest_first(policy)):
        if layer.installer not in ("", DEFAULT_INSTALLER):
            return layer.installer, layer.installer_place
    return DEFAULT_INSTALLER, None


def grants_override(policy: Policy, owner: str) -> bool:
    """Return whether *owner*'s marker may be overridden: where user and machine both speak, both must say so."""
    said = [layer.grant for layer in policy.layers if layer.grant is not None]
    return bool(said) and all("*" in owners or owner.lower() in owners for owners in said)


def why_not_overridden(policy: Policy, owner: str) -> str:
    """Say why *owner*'s marker is not to be overridden, in words that complete "…, because …"; "" where it may be."""
    if grants_override(policy, owner):
        return ""
    return f"no policy grants that the marker of {owner} is overridden ([grant] override)"


def matches(pattern: str, package: str) -> bool:
    """Whether the glob *pattern* (`*` and `?`) matches the normalised name *package*, "" only as `*`."""
    glob, at, star, retry = normalised(pattern), 0, -1, 0
    position = 0
    while position < len(package):
        if glob[at : at + 1] == "*":
            star, retry = at, position
            at += 1
        elif at < len(glob) and glob[at] in ("?", package[position]):
            at, position = at + 1, position + 1
        elif star >= 0:  # let the last * take one more character
            retry += 1
            at, position = star + 1, retry
        else:
            return False
    return not glob[at:].strip("*")


def load_policy(project: str, user_file: str, machine_file: str, cache_dir: str, uid: int) -> Policy:
    """Return the policy for *project* ("" where there is none); what is wrong is a problem, never raised."""
    layers: list[Layer] = []
    problems: list[Problem] = []
    for kind, file in (("machine", machine_file), ("user", user_file)):
        layer, found = load_file(kind, file, "", cache_dir, uid) if file else (None, ())
        layers += [layer] if layer else []
        problems += found
    if project:
        layer, found = _load_repository(project, cache_dir, uid)
        layers += [layer] if layer else []
        problems += found
    return Policy(tuple(layers), tuple(problems))


def load_file(kind: str, file: str, project: str, cache_dir: str, uid: int) -> tuple[Layer | None, tuple[Problem, ...]]:
    """Return what *file* says; None where there is no file, no [tool.pipshunt] in it, or no reason to trust it."""
    shared = os.path.basename(file) == SHARED_FILE
    try:
        data, trouble = _read(kind, file, project, uid)
    except (FileNotFoundError, NotADirectoryError):
        return None, ()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        data, trouble = b"", Problem(file, 0, f"is ignored: it cannot be read: {reason}", "")
    if shared and b"pipshunt" not in data:
        return None, ()
    if trouble:
        return None, (trouble,)
    from pipshunt import policy_cache  # most calls meet no policy file

    return policy_cache.parse_cached(kind, file, data, cache_dir, uid)


def _judge_package(policy: Policy, package: str) -> Verdict:
    granted = _DEFAULT
    said = [word for layer in policy.layers if layer.kind != "repository" and (word := _word(layer, package))]
    if said:
        granted = _strictest(said)
    result, notes = granted, []
    for layer in policy.layers:
        asked = _word(layer, package) if layer.kind == "repository" else None
        if asked is None:
            continue
        if ACTIONS.index(asked.action) < ACTIONS.index(granted.action):
            # A file's plain "venv" asks for nothing: it is what would hold anyway, and what `policy init` writes.
            if asked.rule != f'action = "{DEFAULT_ACTION}"':
                notes.append(_note(asked, granted))
        else:
            result = _strictest([asked, result] if result == _DEFAULT else [result, asked])
    return result._replace(notes=tuple(notes))


def _word(layer: Layer, package: str) -> Verdict | None:
    """Return what *layer* says about *package*: its first matching rule, else its action; None if it is silent."""
    for rule in layer.rules:
        if any(matches(pattern, package) for pattern in rule.packages):
            words = ", ".join(f'"{pattern}"' for pattern in rule.packages)
            return Verdict(rule.action, f"[[rule]] packages = [{words}]", rule.place, rule.message, package, ())
    if layer.action:
        return Verdict(layer.action, f'action = "{layer.action}"', layer.action_place, "", "", ())
    return None


def _strictest(verdicts: Sequence[Verdict]) -> Verdict:
    """Return the first of the strictest."""
    return max(verdicts, key=lambda verdict: ACTIONS.index(verdict.action))


def _note(asked: Verdict, granted: Verdict) -> str:
    limit = f"{granted.rule} in {granted.place}" if granted.place else f'the default "{granted.action}"'
    what = asked.rule if asked.rule.startswith("action") else f'{asked.rule} action = "{asked.action}"'
    return (
        f"{what} in {asked.place} is looser than {limit}; "
        "only your policy.toml or /etc/pipshunt/policy.toml can grant it"
    )


def _nearest_first(policy: Policy) -> list[Layer]:
    order = ("repository", "user", "machine")
    return sorted(policy.layers, key=lambda layer: order.index(layer.kind))


def _load_repository(project: str, cache_dir: str, uid: int) -> tuple[Layer | None, tuple[Problem, ...]]:
    """Return what the repository says; pipshunt.toml wins over pyproject.toml, which is then said to be idle."""
    own, problems = load_file("repository", os.path.join(project, PROJECT_FILE), project, cache_dir, uid)
    shared_file = os.path.join(project, SHARED_FILE)
    shared, shared_problems = load_file("repository", shared_file, project, cache_dir, uid)
    if own is None:
        return shared, problems + shared_problems
    if shared is None:
        return own, problems
    idle = Problem(
        shared_file, _first_line(shared), f"[tool.pipshunt] is not used: {own.file} wins", "keep one of them"
    )
    return own, (*problems, idle)


def _first_line(layer: Layer) -> int:
    places = [layer.action_place, layer.venv_path_place, *(rule.place for rule in layer.rules)]
    return min((place.line for place in places if place), default=0)


def _read(kind: str, file: str, project: str, uid: int) -> tuple[bytes, Problem | None]:
    """Return the file's bytes, and why they are not to be used, if so."""
    with open(file, "rb", opener=open_at_once) as opened:
        status = os.fstat(opened.fileno())
        data = opened.read(_LARGEST_FILE) if status.st_mode & _FILE_TYPE == _REGULAR else b""
    reason, suggestion = _distrust(kind, file, status, uid)
    if kind == "repository" and not reason:
        reason = _leads_out(file, project)
    return data, Problem(file, 0, f"is ignored: {reason}", suggestion) if reason else None


def _distrust(kind: str, file: str, status: os.stat_result, uid: int) -> tuple[str, str]:
    """Return why a file of this owner, mode and size is not to be used, and what to do; both "" if it is."""
    if status.st_mode & _FILE_TYPE != _REGULAR:
        return "it is not a regular file", ""
    if status.st_uid not in (0, uid):
        return f"it belongs to user {status.st_uid}, not to you (user {uid}) or root", ""
    if kind != "repository" and status.st_mode & _OTHERS_MAY_WRITE:
        return "anyone may write it", f"chmod o-w {file}"
    if status.st_size > _LARGEST_FILE:
        return "it is larger than 1 MB", ""
    return "", ""


def _leads_out(file: str, project: str) -> str:
    """Return why a link is not to be followed: what a repository says must stand in the repository."""
    if os.lstat(file).st_mode & _FILE_TYPE != _LINK:
        return ""
    real, root = os.path.realpath(file), os.path.realpath(project)
    return "" if os.path.commonpath([real, root]) == root else f"it links out of the project, to {real}"
