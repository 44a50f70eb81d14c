"""Which releases and which files of them may be chosen: pre-releases, wheels, sources, upgrades."""

from typing import TYPE_CHECKING

from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.requirements import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipshunt.accelerator.requested import Requested
    from pipshunt.command import Command

ALL, NONE = ":all:", ":none:"


def choice_words(command: "Command", requested: "Requested") -> list[str]:
    """Give uv's words for what may be chosen. Raises NoLikeness."""
    return [
        *_prerelease_words(command, requested),
        *_format_words(command, requested),
        *_upgrade_words(command, requested),
    ]


def _prerelease_words(command: "Command", requested: "Requested") -> list[str]:
    pre = command.flag("pre") or ("pre", "") in requested.lines
    allowed, finals = _merged(command, requested, "all-releases", "only-final")
    if pre and (allowed or finals):
        raise NoLikeness("--pre stands beside --all-releases or --only-final")
    if allowed and finals:
        raise NoLikeness("--all-releases stands beside --only-final")
    if pre or ALL in allowed:
        return ["--prerelease", "allow"]
    words = ["--prerelease", "disallow" if ALL in finals else "if-necessary"]
    if ALL in finals:
        return words
    allowed |= {name for name, versions in requested.versions if versions == "pre"} - finals
    if command.pip.version < (26, 0):  # versions that are named without a pre-release shut all pre-releases out
        finals |= {name for name, versions in requested.versions if versions == "final"} - allowed
    return words + _each("--prerelease-package", finals, "=disallow") + _each("--prerelease-package", allowed, "=allow")


def _format_words(command: "Command", requested: "Requested") -> list[str]:
    sources, wheels = _merged(command, requested, "no-binary", "only-binary")
    if sources and wheels:
        raise NoLikeness("--no-binary stands beside --only-binary")
    if ALL in wheels and "" in requested.names:
        raise NoLikeness("uv builds no folder with --only-binary")
    return (
        _each("--no-binary", sources)
        + _each("--only-binary", wheels)
        + _whole("--no-binary", sources)
        + _whole("--only-binary", wheels)
    )


def _each(option: str, names: "Iterable[str]", suffix: str = "") -> list[str]:
    return [word for name in sorted(names) if name != ALL for word in (option, name + suffix)]


def _whole(option: str, names: "Iterable[str]") -> list[str]:
    return [option, ALL] if ALL in names else []


def _upgrade_words(command: "Command", requested: "Requested") -> list[str]:
    words = ["--reinstall"] if command.flag("force-reinstall") else []
    if not command.flag("upgrade"):
        return words
    if command.value("upgrade-strategy") == "eager":
        return [*words, "--upgrade"]
    # a folder has no name to upgrade by, and needs none: both build and install it anew
    return words + [word for name in dict.fromkeys(requested.names) if name for word in ("--upgrade-package", name)]


def _merged(command: "Command", requested: "Requested", first: str, second: str) -> tuple[set[str], set[str]]:
    """Merge two options that take names from each other, as pip does (its handle_mutual_excludes)."""
    sides: dict[str, set[str]] = {first: set(), second: set()}
    given = [(option.name, option.value) for option in command.options if option.name in sides]
    for name, value in [*given, *((option, value) for option, value in requested.lines if option in sides)]:
        target, other = sides[name], sides[second if name == first else first]
        new = value.split(",")
        while ALL in new:
            other.clear()
            target.clear()
            target.add(ALL)
            del new[: new.index(ALL) + 1]
            if NONE not in new:
                new = []
        for word in new:
            if word == NONE:
                target.clear()
            else:
                other.discard(normalised(word))
                target.add(normalised(word))
    for word in sides[first] | sides[second]:
        if not word or (word != ALL and not word.replace("-", "a").isalnum()):
            raise NoLikeness(f"--{first} or --{second} names no plain package: {word!r}")
    return sides[first], sides[second]
