"""The words of a command line, walked as Python's optparse walks them, because pip is built on it.

The rules (source: CPython's Lib/optparse.py): a long option is exact or an unambiguous beginning of one; `--x=v` and
`--x v` are the same; short options cluster, and the first one that takes a value takes the rest of the cluster, else
the next word, whatever that is; `-` is a plain word; the first `--` ends the options and is dropped; the first
mistake ends everything.
"""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TAKES_VALUE = ("store", "append", "call")


class Spec(NamedTuple):
    """One option of a parser."""

    name: str  # its first long flag, without the dashes
    action: (
        str  # flag, unflag, count, help, mark (a callback without a value); store, append, call (a callback with one)
    )
    check: str  # how its value is checked: "", "int", "float", "choice a b c", or a name the parser's owner knows


class Table(NamedTuple):
    """The options of one parser, by flag."""

    long: "Mapping[str, Spec]"  # "--requirement": …
    short: "Mapping[str, Spec]"  # "-r": …


class Given(NamedTuple):
    """One option as it was given: its own words are args[start:stop] (for a clustered one, the cluster's)."""

    spec: Spec
    value: str
    start: int
    stop: int


class Walk(NamedTuple):
    """What a parser makes of a command line, up to where it stops."""

    given: tuple[Given, ...]
    words: tuple[int, ...]  # the indices of what is neither an option nor a value
    ended: str  # why the program ends while parsing: "prints help", "usage error: …"; "" when it goes on


class _Mistake(Exception):  # noqa: N818 - it never leaves this module
    """What optparse would say, and exit."""


def walk(
    args: "Sequence[str]", table: Table, complaint: "Callable[[Spec, str, str], str]", *, interspersed: bool
) -> Walk:
    """Walk the words; `complaint` says what is wrong with an option's value ("" when nothing is)."""
    given: list[Given] = []
    words: list[int] = []
    at = 0
    while at < len(args):
        arg = args[at]
        if arg == "--":
            at += 1
            break
        if arg[:1] != "-" or arg == "-":
            if not interspersed:
                break
            words.append(at)
            at += 1
            continue
        try:
            met = _long(args, at, table) if arg[:2] == "--" else _cluster(args, at, table)
            for option in met:
                ended = _ends(option, complaint)
                if ended:
                    return Walk(tuple(given), tuple(words), ended)
                given.append(option)
        except _Mistake as mistake:
            return Walk(tuple(given), tuple(words), f"usage error: {mistake}")
        at = met[-1].stop
    return Walk(tuple(given), (*words, *range(at, len(args))), "")


def _ends(option: Given, complaint: "Callable[[Spec, str, str], str]") -> str:
    """Why the program ends at this option, "" when it does not."""
    if option.spec.action == "help":
        return "prints help"
    if option.spec.action in TAKES_VALUE:
        wrong = complaint(option.spec, f"--{option.spec.name}", option.value)
        return f"usage error: {wrong}" if wrong else ""
    return ""


def _long(args: "Sequence[str]", at: int, table: Table) -> list[Given]:
    """Read the long option at `at`."""
    flag, equals, value = args[at].partition("=")
    spec = table.long.get(flag) or _abbreviated(flag, table)
    stop = at + 1
    if spec.action in TAKES_VALUE:
        if not equals:
            value = _next(args, stop, flag)
            stop += 1
    elif equals:
        raise _Mistake(f"{flag} option does not take a value")
    return [Given(spec, value, at, stop)]


def _abbreviated(flag: str, table: Table) -> Spec:
    """Find the one option that begins so; two names of the same option are two, as optparse counts."""
    found = [name for name in table.long if name.startswith(flag)]
    if not found:
        raise _Mistake(f"no such option: {flag}")
    if len(found) > 1:
        raise _Mistake(f"ambiguous option: {flag} ({', '.join(sorted(found))}?)")
    return table.long[found[0]]


def _cluster(args: "Sequence[str]", at: int, table: Table) -> list[Given]:
    """Read the short options of the word at `at`; those before a mistake were still processed, help among them."""
    cluster = args[at]
    stop = at + 1
    met: list[tuple[Spec, str]] = []
    for place, letter in enumerate(cluster[1:], start=2):
        spec = table.short.get(f"-{letter}")
        if spec is None:
            raise _Mistake(f"no such option: -{letter}")
        if spec.action == "help":
            return [Given(spec, "", at, stop)]
        if spec.action not in TAKES_VALUE:
            met.append((spec, ""))
            continue
        value = cluster[place:]
        if not value:
            value = _next(args, stop, f"-{letter}")
            stop += 1
        met.append((spec, value))
        break
    return [Given(spec, value, at, stop) for spec, value in met]


def _next(args: "Sequence[str]", at: int, flag: str) -> str:
    """Take the next word as a value, whatever it looks like."""
    if at >= len(args):
        raise _Mistake(f"{flag} option requires 1 argument")
    return args[at]
