"""All that an install asks for: the command's own requirements, its editables, groups and files, as uv is told them."""

import os
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.accelerator.requirement_file import Line, read_constraint_file, read_requirement_file
from pipshunt.accelerator.requirement_text import NoLikeness, Requirement, check_folder, read_requirement
from pipshunt.command import COMMAND_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipshunt.command import Command

_REQUIREMENT_OPTIONS = ("requirement", "editable", "group")


class Requested(NamedTuple):
    """What is asked for, and what the files say besides."""

    words: tuple[str, ...]  # uv's options: -e, -c, -b, and -r where hashes are given
    requirements: tuple[str, ...]  # uv's plain words
    texts: tuple[str, ...]  # what the user asked for, in pip's order
    names: tuple[str, ...]  # of all that was asked for, normalised; "" for a folder
    named: tuple[str, ...]  # of these, what the command line itself names
    versions: tuple[tuple[str, str], ...]  # of requirements and constraints, each name and the versions it is given
    lines: tuple[tuple[str, str], ...]  # the options of the files, in order
    hashed: bool
    origins: tuple[str, ...] = ()  # of the texts, as pip says it: `-r FILE (line 3)`, "" for the command's own


def read_requested(command: "Command", env: "Mapping[str, str]", cwd: str) -> Requested:
    """Read what is asked for. Raises NoLikeness."""
    version = command.pip.version
    _refuse_inherited(command)
    own = [read_requirement(text, cwd, version) for text in command.requirements]
    editables = [_editable(path, cwd, version) for path in command.values("editable")]
    grouped = [
        read_requirement(text, cwd, version)
        for group in command.values("group")
        for text in _group_requirements(group, cwd)
    ]
    files = command.values("requirement")
    lines = [line for file in files for line in read_requirement_file(file, env, cwd)]
    hashed = any(line.hashed for line in lines)
    if hashed:
        _check_alike(lines)
    filed = [read_requirement(line.value, cwd, version) for line in lines if not line.option]
    filed_editables = [_editable(line.value, cwd, version) for line in lines if line.option == "editable"]
    constraints = (*command.values("constraint"), *(line.value for line in lines if line.option == "constraint"))
    constrained = _constraints(constraints, env, cwd, version)
    _check_folders((*own, *editables, *grouped, *filed, *filed_editables), cwd)
    words = [word for path in (*editables, *filed_editables) for word in ("--editable", path.text)]
    words += [word for file in files if hashed for word in ("--requirement", _plain(file))]
    words += [word for file in dict.fromkeys(constraints) for word in ("--constraint", _plain(file))]
    words += _build_constraints(command, env, cwd)
    asked = (*own, *editables, *grouped, *filed, *filed_editables)
    plain = (*own, *grouped, *(() if hashed else filed))
    return Requested(
        tuple(words),
        tuple(dict.fromkeys(requirement.text for requirement in plain)),
        tuple(requirement.text for requirement in asked),
        tuple(requirement.name for requirement in asked),
        tuple(requirement.name for requirement in (*own, *editables)),
        tuple((each.name, each.versions) for each in (*asked, *constrained)),
        tuple((line.option, line.value) for line in lines if line.option not in ("", "editable", "constraint")),
        hashed,
        (*("" for _ in (*own, *editables, *grouped)), *_origins(lines, ""), *_origins(lines, "editable")),
    )


def _origins(lines: list[Line], option: str) -> list[str]:
    """Give how pip says where the requirements of the files, plain or editable, come from."""
    places = [line.place.rpartition(", line ") for line in lines if line.option == option]
    return [f"-r {file} (line {number})" for file, _, number in places]


def _refuse_inherited(command: "Command") -> None:
    """Leave to pip what a configuration asks for: the pip that it starts to build things with reads that again."""
    for option in command.options:
        if option.name in (*_REQUIREMENT_OPTIONS, "no-deps", "require-hashes") and option.origin != COMMAND_LINE:
            raise NoLikeness(f"--{option.name} ({option.origin}) also holds for what packages are built with")


def _editable(text: str, cwd: str, version: tuple[int, ...]) -> Requirement:
    check_folder(text, cwd, version, editable=True)
    return Requirement(text, "", "")


def _check_folders(asked: tuple[Requirement, ...], cwd: str) -> None:
    """Check that each folder is asked for once: pip finds that the same one, editable and not, contradicts itself."""
    folders = [os.path.realpath(os.path.join(cwd, each.text.partition("[")[0])) for each in asked if not each.name]
    if len(set(folders)) < len(folders):
        raise NoLikeness("the same folder is asked for twice")


def _check_alike(lines: list[Line]) -> None:
    """Check that uv, which is given the files with hashes as they are, reads them as pip does."""
    for line in lines:
        if not line.alike:
            raise NoLikeness(f"{line.place} is read otherwise by uv")


def _constraints(
    files: tuple[str, ...], env: "Mapping[str, str]", cwd: str, version: tuple[int, ...]
) -> list[Requirement]:
    lines = [line for file in dict.fromkeys(files) for line in read_constraint_file(file, env, cwd)]
    constrained = [read_requirement(line.value, cwd, version) for line in lines]
    for line, requirement in zip(lines, constrained, strict=True):
        if not requirement.name:
            raise NoLikeness(f"{line.place} constrains no name")
    return constrained


def _build_constraints(command: "Command", env: "Mapping[str, str]", cwd: str) -> list[str]:
    """Give the constraints on what packages are built with: before 26.2 a configuration's constraints are such too."""
    files = list(command.values("build-constraint"))
    version = command.pip.version
    if version < (26, 2) and not files and "build-constraint" not in command.values("use-feature"):
        files = [
            option.value for option in command.options if option.name == "constraint" and option.origin != COMMAND_LINE
        ]
    if files and command.flag("no-build-isolation"):
        raise NoLikeness("constraints on builds stand beside --no-build-isolation")
    for file in files:
        for line in read_constraint_file(file, env, cwd):
            if read_requirement(line.value, cwd, version).versions == "pre":
                raise NoLikeness(f"{line.place} names a pre-release of what packages are built with")
    return [word for file in dict.fromkeys(files) for word in ("--build-constraint", _plain(file))]


def _plain(path: str) -> str:
    """Check that uv takes a path for one file; it splits the values of some options at blanks."""
    if path.startswith("-") or any(letter.isspace() or letter == "," for letter in path):
        raise NoLikeness(f"{path!r} is no plain path")
    return path


def _group_requirements(group: str, cwd: str) -> list[str]:
    """Give the requirements of a dependency group (PEP 735), `NAME` or `FOLDER/pyproject.toml:NAME`."""
    import tomllib

    path, _, name = group.rpartition(":")
    path = path or "pyproject.toml"
    if os.path.basename(path) != "pyproject.toml":
        raise NoLikeness(f"{path} is no pyproject.toml")
    try:
        with open(os.path.join(cwd, path), "rb") as file:
            groups = tomllib.load(file).get("dependency-groups")
    except (OSError, ValueError) as error:
        raise NoLikeness(f"{path} cannot be read: {error}") from None
    return _flat(groups, name, path, ())


def _flat(groups: object, name: str, path: str, within: tuple[str, ...]) -> list[str]:
    entries = groups.get(name) if isinstance(groups, dict) else None
    if not isinstance(entries, list) or name in within:
        raise NoLikeness(f"{path} has no plain group {name}")
    texts: list[str] = []
    for entry in entries:
        if isinstance(entry, str):
            texts.append(entry)
        elif isinstance(entry, dict) and list(entry) == ["include-group"] and isinstance(entry["include-group"], str):
            texts += _flat(groups, entry["include-group"], path, (*within, name))
        else:
            raise NoLikeness(f"{path} has no plain group {name}")
    return texts
