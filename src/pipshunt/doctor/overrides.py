"""Settings lying around that lead installs past pipshunt: variables, pip's configuration files, and the rc files.

Which variables count as set: pip._internal.cli.parser (strtobool), uv's environment reference.
"""

import os
import re
from typing import NamedTuple

from pipshunt.doctor.diagnosis import Finding, World, list_folder, notice, problem, read_text
from pipshunt.doctor.pythons import Python
from pipshunt.interpreter import Interpreter, find_pip
from pipshunt.pip_config import VARIABLES, read_configuration
from pipshunt.target import read_pip_version

_NO = ("", "0", "false", "no", "off", "n", "f")
_BREAKS = "installs go straight into the system's Python, and pipshunt lets them"
# Variable → option of pip's that it is ("" for uv's), what it comes to.
_VARIABLES = {
    "PIP_BREAK_SYSTEM_PACKAGES": ("break-system-packages", _BREAKS),
    "UV_BREAK_SYSTEM_PACKAGES": ("", "uv installs straight into the system's Python, and pipshunt lets it"),
    "UV_SYSTEM_PYTHON": ("", "uv pip passes over environments, and takes the first Python on PATH"),
    "PIP_USER": ("user", "pip install goes to ~/.local wherever it is not shunted"),
    "PIP_TARGET": ("target", "pip install goes to that folder, which pipshunt lets pass"),
    "PIP_PREFIX": ("prefix", "pip install goes to that folder, which pipshunt lets pass"),
    "PIP_ROOT": ("root", "pip install goes to that folder, which pipshunt lets pass"),
    "PIP_REQUIRE_VIRTUALENV": ("require-virtualenv", "pip outside of an environment refuses before anything else"),
}
_OPTIONS = {option: (name, meaning) for name, (option, meaning) in _VARIABLES.items() if option}
_HARMFUL = ("PIP_BREAK_SYSTEM_PACKAGES", "UV_BREAK_SYSTEM_PACKAGES")
_USERS_FILES = (
    *(".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc", ".kshrc", ".mkshrc"),
    *(".config/fish/config.fish", ".pam_environment", ".bash_aliases"),
)
_MACHINES_FILES = (
    "/etc/environment",
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zsh/zshenv",
    "/etc/zshenv",
)
_FOLDERS_OF_FILES = ("~/.config/environment.d", "~/.config/fish/conf.d", "/etc/profile.d", "/etc/environment.d")
# NAME=VALUE, export NAME=VALUE, fish's `set -gx NAME VALUE`, csh's `setenv NAME VALUE`; not in a comment.
_SETTING = re.compile(rf"^[^#]*?\b(?P<name>{'|'.join(_VARIABLES)})(?:=|\s+)(?P<value>[^\s;#]*)")


class Line(NamedTuple):
    """One line that sets one of the variables."""

    file: str
    number: int
    name: str
    value: str


def judge_overrides(world: World, pythons: list[Python]) -> list[Finding]:
    """Return each setting once: in the files where it lies, and in the environment if no file has it."""
    lines = find_lines(world)
    findings = [_in_a_file(world, line) for line in lines if is_on(line.value)]
    for name in _VARIABLES:
        if is_on(world.env.get(name, "")):
            found = [line for line in lines if line.name == name]
            findings += [] if found else [_in_the_environment(name)]
    return [*findings, *_in_pip_conf(world, pythons)]


def is_on(value: str) -> bool:
    """Whether pip or uv takes the variable as set; a path is, too."""
    return value.strip("'\"").lower() not in _NO


def find_lines(world: World) -> list[Line]:
    """Return the lines that set one of the variables, in the files that shells and sessions start with."""
    home = world.places.home
    files = [os.path.join(home, name) for name in _USERS_FILES] if home else []
    files += [world.at(name) for name in _MACHINES_FILES]
    for name in _FOLDERS_OF_FILES:
        folder = name.replace("~", home, 1) if name.startswith("~") else world.at(name)
        files += [os.path.join(folder, inner) for inner in list_folder(folder)] if home or name[0] == "/" else []
    found = []
    for file in files:
        for number, text in enumerate(read_text(file).splitlines(), start=1):
            match = _SETTING.match(text)
            if match:
                found.append(Line(file, number, match["name"], match["value"]))
    return found


def _in_a_file(world: World, line: Line) -> Finding:
    said = f"{world.shown(line.file)} line {line.number} sets {line.name}: {_VARIABLES[line.name][1]}"
    own = line.file.startswith(world.places.home + "/") if world.places.home else False
    return _judged(line.name, "rc", said, f"{'' if own else world.sudo}{_edit(world, line.file, line.number)}")


def _in_the_environment(name: str) -> Finding:
    return _judged(name, "variable", f"{name} is set: {_VARIABLES[name][1]}", f"unset {name}")


def _judged(name: str, where: str, said: str, fix: str) -> Finding:
    if name in _HARMFUL:
        return problem("override-variable" if where == "variable" else "override-line", said, fix)
    return notice("setting-variable" if where == "variable" else "setting-line", said, fix)


def _in_pip_conf(world: World, pythons: list[Python]) -> list[Finding]:
    """Return what pip's configuration files say, as the pip of the first Python with a marker reads them."""
    python = next((python for python in pythons if python.marker), None)
    prefix = python.prefix if python else "/usr"
    configuration = read_configuration(world.env, world.cwd or "/", prefix, _pip_version(world, python))
    if configuration.error:
        return [problem("pip-conf-unreadable", f"pip ends at once: {configuration.error}", "pip config debug")]
    findings = []
    for source in configuration.sources:
        for entry in source.entries if source.path != VARIABLES else ():
            if entry.key in _OPTIONS and is_on(entry.value):
                name, meaning = _OPTIONS[entry.key]
                number = _line_of(source.path, entry.key)
                said = f"{world.shown(source.path)} line {number} sets {entry.key}: {meaning}"
                fix = _unset(world, source.kind, source.path, f"{entry.section}.{entry.key}", number)
                level = problem if name in _HARMFUL else notice
                findings.append(level("override-pip-conf" if name in _HARMFUL else "setting-pip-conf", said, fix))
    return findings


def _pip_version(world: World, python: Python | None) -> tuple[int, ...]:
    if python is None:
        return ()
    executable = os.path.join(python.prefix, "bin", "python{}.{}".format(*python.version))
    at_hand = Interpreter(executable, executable, python.version, python.prefix, python.stdlib, in_environment=False)
    return read_pip_version(find_pip(at_hand, (), world.env, world.places.home))


def _unset(world: World, kind: str, path: str, key: str, number: int) -> str:
    """Return the command that takes *key* out: `pip config` writes only the last file of each kind."""
    home = world.places.home
    if kind == "global" and path == "/etc/pip.conf":
        return f"{world.sudo}pip config --global unset {key}"
    if kind == "user" and not path.startswith(os.path.join(home, ".pip")):
        return f"pip config --user unset {key}"
    return _edit(world, path, number)


def _edit(world: World, file: str, number: int) -> str:
    return f"${{EDITOR:-vi}} +{number} {world.typed(file)}"


def _line_of(path: str, key: str) -> int:
    """Return the last line that sets *key*, in either spelling; 0 where it cannot be found."""
    wanted = re.compile(rf"^\s*(?:--)?{key.replace('-', '[-_]')}\s*[=:]", re.IGNORECASE)
    numbers = [n for n, line in enumerate(read_text(path).splitlines(), start=1) if wanted.match(line)]
    return numbers[-1] if numbers else 0
