"""The way that pip's resolver takes to a result that is known: what it meets, in which order, and who asked for it.

Nothing is resolved here. Where each name leads is known (uv has found it, or it is installed); told is what pip would
have said on its way and in which order it would have installed. The order is pip's own: its provider's preferences
(pip._internal.resolution.resolvelib.provider) and its topological weights (resolver.get_installation_order).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pipshunt.accelerator.pip_library import PipLibrary
from pipshunt.accelerator.snapshot import Lookup, Project
from pipshunt.requirements import normalised

_NEVER = 1 << 30  # the place of what was not named by the user
_REQUIRES_PYTHON = "<Python from Requires-Python>"
_UPPER = ("<", "<=", "~=")


class Root(NamedTuple):
    """What the user asked for; `direct` is the normalised name where it is a path or URL, `text` what that is then."""

    text: str  # a requirement
    origin: str = ""  # `-r FILE (line N)`, "" for the command line
    direct: str = ""


class Met(NamedTuple):
    """An installed project that pip would have met on its way, and did not have to look further."""

    name: str  # normalised
    requirement: str  # as pip writes it
    origin: str  # `requests->-r FILE (line 1)`, ""


class Way(NamedTuple):
    """What pip's resolver would have done."""

    met: tuple[Met, ...]
    ignored: tuple[tuple[str, str], ...]  # name and marker of what is not for this environment
    names: Mapping[str, str]  # normalised to as written by who asked first
    order: tuple[str, ...]  # normalised, as installed
    asked: tuple[tuple[str, Any], ...]  # each requirement met, by the normalised name of what it asks for
    missing: bool  # something was asked for that is not there, or not in this version


class _Asked(NamedTuple):
    requirement: Any
    parent: str  # identifier of the one who asks, "" for the user
    origin: str  # how the parent writes itself, and so on up


class _Walk:
    """The state of one way; identifiers are names, or names with extras: `requests[socks]`."""

    def __init__(self, before: Lookup, after: Lookup, changed: frozenset[str], library: PipLibrary) -> None:
        self.before, self.after, self.changed, self.library = before, after, changed, library
        self.constraints: dict[str, list[Any]] = {}
        self.criteria: dict[str, list[_Asked]] = {}
        self.direct: set[str] = set()
        self.children: dict[str, list[str]] = {"": []}
        self.places: dict[str, int] = {}
        self.depths: dict[str, float] = {}
        self.met: dict[str, Met] = {}
        self.ignored: list[tuple[str, str]] = []
        self.missing = False

    def add(self, asked: _Asked, extras: tuple[str, ...] = ()) -> None:
        """Note one requirement, and what is said when its installed project serves."""
        requirement = asked.requirement
        if not self.library.applies(requirement, extras):
            if not asked.parent:
                self.ignored.append((requirement.name, str(requirement.marker)))
            return
        identifier = _identify(requirement)
        self.criteria.setdefault(identifier, []).append(asked)
        self.children[asked.parent].append(identifier)
        name = normalised(requirement.name)
        if not _serves(requirement, self.after(name), self.library):
            self.missing = True
        self._meet(name, identifier)

    def _meet(self, name: str, identifier: str) -> None:
        installed = self.before(name)
        if installed is None or name in self.met or name in self.direct:
            return
        limits = [asked.requirement for asked in self.criteria[identifier]] + self.constraints.get(name, [])
        if all(_serves(limit, installed, self.library) for limit in limits):
            first = self.criteria[identifier][0]
            self.met[name] = Met(name, _without_marker(first.requirement), first.origin)

    def pin(self, identifier: str) -> None:
        """Go into *identifier*: its own requirements are added in the order of its metadata."""
        name, _, rest = identifier.partition("[")
        extras = tuple(rest.removesuffix("]").split(",")) if rest else ()
        self.children.setdefault(identifier, [])
        project = self.after(name)
        if project is None:
            self.missing = True
            return
        first = self.criteria[identifier][0]
        origin = _without_marker(first.requirement) + (f"->{first.origin}" if first.origin else "")
        if extras:
            self.criteria.setdefault(name, []).append(_Asked(self.library.requirement(name), identifier, first.origin))
            self.children[identifier].append(name)
        elif name in self.changed and project.requires_python:
            self.children[identifier].append(_REQUIRES_PYTHON)
        for text in project.requires:
            self.add(_Asked(self.library.requirement(text), identifier, origin), extras)

    def preference(self, identifier: str) -> tuple[Any, ...]:
        """Return what pip sorts by when it chooses where to go next."""
        asked = self.criteria[identifier]
        operators = [(s.operator, s.version) for one in asked for s in one.requirement.specifier]
        place = self.places.get(identifier, _NEVER)
        if self.library.pip >= (25, 1):
            pinned = any(op[:2] == "==" and "*" not in version for op, version in operators)
            upper = any(op in _UPPER or (op == "==" and "*" in version) for op, version in operators)
            direct = identifier in self.direct or any("[" in one.parent and one.origin == "" for one in asked)
            return not direct, not pinned, not upper, place, not operators, identifier
        pinned = any(op[:2] == "==" for op, _ in operators)
        depth = 1.0 if place < _NEVER else min(self.depths.get(one.parent, 0.0) for one in asked) + 1.0
        self.depths[identifier] = depth
        return identifier == "setuptools", not pinned, depth, place, not operators, identifier


def retrace(
    roots: Sequence[Root],
    constraints: Sequence[str],
    before: Lookup,
    after: Lookup,
    changed: frozenset[str],
    library: PipLibrary,
    *,
    dependencies: bool = True,
    reinstall: bool = False,
) -> Way:
    """Return pip's way from *roots*, within *constraints*, to *after*; *changed* were not there, or others, *before*.

    Raises what packaging raises for what is no requirement.
    """
    walk = _Walk(_nothing if reinstall else before, after, changed, library)
    for constraint in map(library.requirement, constraints):
        if library.applies(constraint):
            walk.constraints.setdefault(normalised(constraint.name), []).append(constraint)
    walk.direct.update(root.direct for root in roots if root.direct)
    parsed = [(root, library.requirement(root.text)) for root in roots]
    for place, (_, requirement) in enumerate(parsed):
        walk.places.setdefault(_identify(requirement), place)
    if library.pip >= (23, 3):
        parsed.sort(key=lambda one: bool(one[1].extras))
    for root, requirement in parsed:
        walk.add(_Asked(requirement, "", root.origin))
    pinned: set[str] = set()
    while waiting := walk.criteria.keys() - pinned:
        chosen = min(waiting, key=walk.preference)
        pinned.add(chosen)
        if dependencies:
            walk.pin(chosen)
        else:
            walk.children.setdefault(chosen, [])
    names = {normalised(name): name for name in _names_as_asked(walk)}
    order = _installation_order(walk.children, changed & names.keys())
    asked = tuple((normalised(a.requirement.name), a.requirement) for many in walk.criteria.values() for a in many)
    return Way(tuple(walk.met.values()), tuple(walk.ignored), names, order, asked, walk.missing)


def _nothing(_: str) -> None:
    return None


def _names_as_asked(walk: _Walk) -> list[str]:
    """Return each project's name as the first who asks for it writes it; what comes by a path has its metadata's."""
    first: dict[str, str] = {}
    for identifier, asked in walk.criteria.items():
        name = identifier.partition("[")[0]
        project = walk.after(name)
        first.setdefault(name, project.name if name in walk.direct and project else asked[0].requirement.name)
    return list(first.values())


def _identify(requirement: Any) -> str:
    name = normalised(requirement.name)
    extras = ",".join(sorted(normalised(extra) for extra in requirement.extras))
    return f"{name}[{extras}]" if extras else name


def _serves(requirement: Any, project: Project | None, library: PipLibrary) -> bool:
    if project is None:
        return False
    if requirement.url:
        return True
    return bool(requirement.specifier.contains(library.version(project.version), prereleases=True))


def _without_marker(requirement: Any) -> str:
    return str(requirement).partition(";")[0].rstrip() if requirement.marker else str(requirement)


def _installation_order(children: Mapping[str, list[str]], wanted: frozenset[str]) -> tuple[str, ...]:
    """Return *wanted*, what others depend on first: the leaves are taken off again and again, then cycles measured."""
    graph = {node: set(kids) for node, kids in children.items()}
    for kids in children.values():
        for kid in kids:
            graph.setdefault(kid, set())
    weights: dict[str, int] = {}
    while leaves := {node for node, kids in graph.items() if node and not kids}:
        weight = len(graph) - 1
        weights.update((leaf, weight) for leaf in leaves & wanted)
        graph = {node: kids - leaves for node, kids in graph.items() if node not in leaves}
    _measure(graph, wanted, weights)
    return tuple(sorted(wanted, key=lambda name: (weights.get(name, 0), name), reverse=True))


def _measure(graph: Mapping[str, set[str]], wanted: frozenset[str], weights: dict[str, int]) -> None:
    """Weigh what is left, which is in cycles or above them, by its longest way from the root; five ways each."""
    visits: dict[str, int] = {}

    def visit(node: str, path: tuple[str, ...]) -> None:
        if node in path or visits.get(node, 0) >= 5:
            return
        for child in sorted(graph[node]):
            visit(child, (*path, node))
        visits[node] = visits.get(node, 0) + 1
        if node in wanted:
            weights[node] = max(weights.get(node, 0), len(path))

    visit("", ())
