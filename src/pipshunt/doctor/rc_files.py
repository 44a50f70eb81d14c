"""The lines of the files that shells and sessions start with, for what is set or defined there."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from pipshunt.doctor.diagnosis import World, read_text
from pipshunt.folder_tree import list_folder

_USERS_FILES = (
    *(".profile", ".bash_profile", ".bash_login", ".bashrc", ".bash_aliases", ".zshenv", ".zprofile", ".zshrc"),
    *(".bash_logout", ".zlogin", ".zlogout"),
    *(".kshrc", ".mkshrc", ".cshrc", ".tcshrc", ".config/fish/config.fish", ".pam_environment"),
)
_MACHINES_FILES = (
    *("/etc/environment", "/etc/profile", "/etc/bash.bashrc", "/etc/bashrc", "/etc/zsh/zshenv", "/etc/zsh/zshrc"),
    *("/etc/zshenv", "/etc/zshrc", "/etc/fish/config.fish"),
)
_USERS_FOLDERS = (".config/environment.d", ".config/fish/conf.d")
_MACHINES_FOLDERS = ("/etc/profile.d", "/etc/environment.d")


class Line(NamedTuple):
    """One line, and where it stands."""

    file: str
    number: int
    text: str


def read_lines(world: World) -> list[Line]:
    """Return every line that is no comment, the user's own files first."""
    lines = [
        Line(file, number, text)
        for file in startup_files(world)
        for number, text in enumerate(read_text(file).splitlines(), start=1)
    ]
    return [line for line in lines if line.text.strip() and not line.text.lstrip().startswith("#")]


def edit_command(world: World, file: str, number: int) -> str:
    """Return the command that opens *file* at line *number*: what else stands in it, people judge better than we."""
    home = world.places.home
    as_root = "" if home and file.startswith(home + "/") else world.sudo
    return f"{as_root}${{EDITOR:-vi}} +{number} {world.typed(file)}"


def startup_files(world: World) -> Iterator[str]:
    """Give the files that may be there, the user's own first."""
    home = world.places.home
    if home:
        yield from (os.path.join(home, name) for name in _USERS_FILES)
    yield from map(world.at, _MACHINES_FILES)
    folders = [os.path.join(home, name) for name in _USERS_FOLDERS] if home else []
    for folder in (*folders, *map(world.at, _MACHINES_FOLDERS)):
        yield from (os.path.join(folder, name) for name in list_folder(folder))
