"""Settings lying around that lead installs past pipshunt: variables, the files that set them, pip's configuration.

Which values count: pip._internal.cli.parser (strtobool), uv's reference of environment variables, shims/shim.
"""

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.doctor.diagnosis import Finding, World, notice, problem, read_text
from pipshunt.doctor.pythons import Python, at_hand
from pipshunt.doctor.rc_files import Line, edit_command
from pipshunt.interpreter import find_pip
from pipshunt.pip_config import VARIABLES, read_configuration
from pipshunt.target import read_pip_version
from pipshunt.track import TRACKS

_NO = ("", "0", "false", "no", "off", "n", "f")


class Setting(NamedTuple):
    """A variable of pip's, uv's or ours: pip's option that it is (""), what it comes to, and is that harm."""

    option: str
    meaning: str
    is_harmful: bool = False


_PASSED = "which pipshunt lets pass"
SETTINGS = {
    "PIPSHUNT": Setting("", "pipshunt does nothing at all", is_harmful=True),
    "PIP_BREAK_SYSTEM_PACKAGES": Setting(
        "break-system-packages", f"installs go straight into the system's Python, {_PASSED}", is_harmful=True
    ),
    "UV_BREAK_SYSTEM_PACKAGES": Setting(
        "", f"uv pip installs straight into the system's Python, {_PASSED}", is_harmful=True
    ),
    "UV_SYSTEM_PYTHON": Setting("", "uv pip passes over environments, and takes the first Python on PATH"),
    "PIP_USER": Setting("user", "pip installs into ~/.local wherever it is not shunted"),
    "PIP_TARGET": Setting("target", f"pip installs into that folder, {_PASSED}"),
    "PIP_PREFIX": Setting("prefix", f"pip installs into that folder, {_PASSED}"),
    "PIP_ROOT": Setting("root", f"pip installs into that folder, {_PASSED}"),
    "PIP_REQUIRE_VIRTUALENV": Setting("require-virtualenv", "outside of an environment pip refuses to do anything"),
}
_OPTIONS = {setting.option: name for name, setting in SETTINGS.items() if setting.option}
_UV_OPTIONS = {"break-system-packages": "UV_BREAK_SYSTEM_PACKAGES", "system": "UV_SYSTEM_PYTHON"}
_UV_SETTING = re.compile(rf"^\s*(?:pip\.)?(?P<name>{'|'.join(_UV_OPTIONS)})\s*=\s*true\b")
# NAME=VALUE, export NAME=VALUE, fish's `set -gx NAME VALUE`, csh's `setenv NAME VALUE`.
_ASSIGNMENT = re.compile(rf"\b(?P<name>{'|'.join(SETTINGS)})(?:=|\s+)(?P<value>[^\s;#]*)")


def judge_overrides(world: World, pythons: Sequence[Python], lines: Sequence[Line]) -> list[Finding]:
    """Return each setting: where files set it, and in the environment where none of these does."""
    findings, told = [], set()
    for line in lines:
        match = _ASSIGNMENT.search(line.text)
        if match and is_on(match["name"], match["value"]):
            told.add(match["name"])
            setting = SETTINGS[match["name"]]
            said = f"{world.shown(line.file)} line {line.number} sets {match['name']}: {setting.meaning}"
            fix = edit_command(world, line.file, line.number)
            findings.append(
                problem("override-line", said, fix) if setting.is_harmful else notice("setting-line", said, fix)
            )
    for name, setting in SETTINGS.items():
        if name not in told and is_on(name, world.env.get(name, "")):
            said, fix = f"{name} is set: {setting.meaning}", f"unset {name}"
            findings.append(
                problem("override-variable", said, fix) if setting.is_harmful else notice("setting-variable", said, fix)
            )
    track = world.env.get("PIPSHUNT_TRACK", "")
    if track not in ("", *TRACKS):
        said = f"PIPSHUNT_TRACK={track} names no track, so installs that would be shunted are refused"
        findings.append(problem("track-unknown", said, "unset PIPSHUNT_TRACK"))
    return [*findings, *_judge_pip_conf(world, pythons), *_judge_uv_toml(world)]


def is_on(name: str, value: str) -> bool:
    """Whether *value* switches the variable *name* on: `off` is what does so for ours; a path does for pip's."""
    bare = value.strip("'\"").lower()
    return bare == "off" if name == "PIPSHUNT" else bare not in _NO


def _judge_pip_conf(world: World, pythons: Sequence[Python]) -> list[Finding]:
    """Return what pip's configuration files set, as the pip of the first Python with a marker reads them."""
    python = next((python for python in pythons if python.marker), None)
    pip = find_pip(at_hand(python), (), world.env, world.places.home) if python else ""
    prefix = python.prefix if python else "/usr"
    configuration = read_configuration(world.env, world.cwd or "/", prefix, read_pip_version(pip))
    if configuration.error:
        return [problem("pip-conf-unreadable", f"pip ends at once: {configuration.error}", "pip config debug")]
    findings = []
    for source in configuration.sources:
        for entry in source.entries if source.path != VARIABLES else ():
            if entry.key not in _OPTIONS or not is_on("", entry.value):
                continue
            setting = SETTINGS[_OPTIONS[entry.key]]
            number, name = _find_line(source.path, entry.key)
            said = f"{world.shown(source.path)} line {number} sets {entry.key}: {setting.meaning}"
            fix = edit_command(world, source.path, number)
            if name == entry.key:
                fix = _unset(world, source.kind, source.path, f"{entry.section}.{name}") or fix
            findings.append(
                problem("override-pip-conf", said, fix) if setting.is_harmful else notice("setting-pip-conf", said, fix)
            )
    return findings


def _judge_uv_toml(world: World) -> list[Finding]:
    """Return what uv's settings of the user's and the machine's say (docs.astral.sh/uv/reference/settings)."""
    config = world.env.get("XDG_CONFIG_HOME", "")
    config = config if config.startswith("/") else os.path.join(world.places.home, ".config")
    findings = []
    for file in (os.path.join(config, "uv/uv.toml"), world.at("/etc/xdg/uv/uv.toml"), world.at("/etc/uv/uv.toml")):
        for number, line in enumerate(read_text(file).splitlines(), start=1):
            match = _UV_SETTING.match(line)
            if match:
                setting = SETTINGS[_UV_OPTIONS[match["name"]]]
                said = f"{world.shown(file)} line {number} sets {match['name']}: {setting.meaning}"
                fix = edit_command(world, file, number)
                findings.append(
                    problem("override-uv-toml", said, fix)
                    if setting.is_harmful
                    else notice("setting-uv-toml", said, fix)
                )
    return findings


def _unset(world: World, kind: str, path: str, key: str) -> str:
    """Return the command of pip's that takes *key* out, "" where it cannot: it changes only one file of each kind."""
    if kind == "global" and path == "/etc/pip.conf":
        return f"{world.sudo}pip config --global unset {key}"
    if kind == "user" and os.path.dirname(path) != os.path.join(world.places.home, ".pip"):
        return f"pip config --user unset {key}"
    return ""


def _find_line(path: str, key: str) -> tuple[int, str]:
    """Return the last line that sets *key* and how it is spelled there; (0, "") where none is found."""
    wanted = re.compile(rf"^\s*((?:--)?{key.replace('-', '[-_]')})\s*[=:]", re.IGNORECASE)
    matches = [(number, wanted.match(line)) for number, line in enumerate(read_text(path).splitlines(), start=1)]
    found = [(number, match[1]) for number, match in matches if match]
    return found[-1] if found else (0, "")
