"""Requirements of the plain kind, nearly all there are, read without packaging's parser, which takes 50 ms to import.

`name[extra] (>=1,<2); python_version < "3.8" and extra == "x"`: what is less plain than that is left to the parser.
Versions are compared by packaging itself.
"""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from pipshunt.requirements import normalised

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_NUMBERS = r"[0-9]+(?:\.[0-9]+)*"
_SUFFIX = r"(?:(?:a|b|rc|\.post|\.dev)[0-9]+)"
_ORDERED = rf"[<>]=?{_NUMBERS}{_SUFFIX}?"
_COMPATIBLE = rf"~=[0-9]+(?:\.[0-9]+)+{_SUFFIX}?"
_EQUAL = rf"[=!]={_NUMBERS}(?:{_SUFFIX}|\.\*)?"
_CLAUSE = rf"(?:{_ORDERED}|{_COMPATIBLE}|{_EQUAL})"
_CLAUSES = re.compile(rf"{_CLAUSE}(?:,{_CLAUSE})*")
_REQUIREMENT = re.compile(rf"({_NAME}) *(?:\[ *({_NAME}(?: *, *{_NAME})*) *\])? *([^;@\[\]]*?) *(?:;(.*))?")
_ATOM = re.compile(r""" *([a-z_]+) *(<=|>=|==|!=|<|>) *(?:"([^"'\\]*)"|'([^"'\\]*)') *""")
_BY_VERSION = ("python_version", "python_full_version")
_BY_TEXT = ("os_name", "sys_platform", "platform_system", "platform_machine", "implementation_name")


class PlainMarker(NamedTuple):
    """A marker of comparisons that all have to hold: variable, operator, value."""

    atoms: tuple[tuple[str, str, str], ...]
    specifiers: Any

    def __str__(self) -> str:
        """Return it as packaging writes it."""
        return " and ".join(f'{variable} {operator} "{value}"' for variable, operator, value in self.atoms)

    def evaluate(self, environment: Mapping[str, str]) -> bool:
        """Return whether it holds; *environment* says what is the environment's own, the rest is the machine's."""
        return all(self._holds(environment, *atom) for atom in self.atoms)

    def _holds(self, environment: Mapping[str, str], variable: str, operator: str, value: str) -> bool:
        if variable in _BY_VERSION:
            return bool(self.specifiers(operator + value).contains(environment[variable], prereleases=True))
        here = _of_machine(variable) if variable not in environment else environment[variable]
        return (here == value) is (operator == "==")


class PlainRequirement(NamedTuple):
    """What packaging's Requirement has."""

    name: str
    extras: frozenset[str]
    specifier: Any  # packaging's SpecifierSet
    marker: PlainMarker | None
    url: None = None

    def __str__(self) -> str:
        """Return it as packaging writes it."""
        extras = f"[{','.join(sorted(self.extras))}]" if self.extras else ""
        return f"{self.name}{extras}{self.specifier}" + (f"; {self.marker}" if self.marker else "")


def read_plain(text: str, specifiers: Any) -> PlainRequirement | None:
    """Read *text*, None where it is not of the plain kind; *specifiers* is packaging's SpecifierSet."""
    found = _REQUIREMENT.fullmatch(text.strip(" "))
    if not found:
        return None
    name, extras, versions, said = found.groups()
    if versions.startswith("(") and versions.endswith(")"):
        versions = versions[1:-1]
    versions = versions.replace(" ", "")
    if versions and not _CLAUSES.fullmatch(versions):
        return None
    marker = _read_marker(said, specifiers) if said is not None else None
    if said is not None and marker is None:
        return None
    wanted = frozenset(extra.strip(" ") for extra in extras.split(",")) if extras else frozenset()
    return PlainRequirement(name, wanted, specifiers(versions), marker)


def _read_marker(text: str, specifiers: Any) -> PlainMarker | None:
    atoms = []
    for part in text.split(" and "):
        found = _ATOM.fullmatch(part)
        if not found:
            return None
        variable, operator, double, single = found.groups()
        value = double if double is not None else single
        if not _is_plain(variable, operator, value):
            return None
        atoms.append((variable, operator, value))
    return PlainMarker(tuple(atoms), specifiers)


def _is_plain(variable: str, operator: str, value: str) -> bool:
    """Whether all packagings compare alike: numbers as versions, words as they stand."""
    if variable in _BY_VERSION:
        return re.fullmatch(_NUMBERS, value) is not None
    if operator not in ("==", "!=") or not value[:1].isalpha():
        return False
    return value == normalised(value) if variable == "extra" else variable in _BY_TEXT


def _of_machine(variable: str) -> str:
    if variable == "os_name":
        return os.name
    if variable == "sys_platform":
        return sys.platform
    return os.uname().machine if variable == "platform_machine" else os.uname().sysname
