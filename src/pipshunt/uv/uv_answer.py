"""Asking uv what it would do: how it finds an interpreter changes with its releases, and depends on many settings.

`uv pip install --dry-run -r /dev/null` goes as far as the refusal and changes nothing, without the network, in 10 ms.
"""

import os
from collections.abc import Mapping
from typing import NamedTuple

from pipshunt import process
from pipshunt.call import Call
from pipshunt.requirements import open_at_once
from pipshunt.uv.uv_command import UvCommand, without
from pipshunt.uv.uv_options import CHOOSING, GLOBAL_FLAGS, GLOBAL_VALUES

_SECONDS = 5.0  # of silence: it may have to ask the interpreters on PATH one by one
_NO_REQUIREMENTS = ("-r", os.devnull)
_NO_NAME = ("pipshunt-asks-for-nothing",)
# What would make uv say more, less, or in colour.
_VOICE = ("--quiet", "-v", "--verbose", "--color", "--no-color", "--no-progress")
_VOICE_VARIABLES = ("RUST_LOG", "FORCE_COLOR", "CLICOLOR_FORCE", "UV_LOG_CONTEXT")
_USING, _MANAGED, _MISSING = "Using Python ", " is externally managed", "error: No virtual environment found"


class Answer(NamedTuple):
    """What uv says of a `uv pip` command: the interpreter it would change, and whether it would."""

    verdict: str  # free, managed (externally), missing (no environment); "" for anything else
    prefix: str  # of the interpreter, "" where uv does not say
    version: str  # 3.11, "" where it does not say


def ask_target(call: Call, command: UvCommand) -> Answer:
    """Ask uv which interpreter *command* would change, and whether it would refuse to."""
    asked = ("uninstall", *_NO_NAME) if command.verb == "uninstall" else ("install", *_NO_REQUIREMENTS)
    chosen = _chosen(command, CHOOSING)
    return _read_answer(_run((call.real, "pip", asked[0], "--dry-run", *chosen, *asked[1:]), call.env), call.cwd)


def ask_itself(call: Call, command: UvCommand) -> Answer:
    """Have *command* itself refused, which must be sure to be: other mistakes in it come first, and uv tells them."""
    words, verb_at = without(command, (*_VOICE, "--dry-run"))
    argv = (call.real, *words[: verb_at + 1], "--dry-run", *words[verb_at + 1 :])
    return _read_answer(_run(argv, call.env), call.cwd)


def ask_base(call: Call, command: UvCommand) -> str:
    """Return the interpreter that `uv venv` would use, one on PATH rather than uv's own; "" if there is none.

    So `.python-version` and `requires-python` count, and what `python3` means here does as far as these let it.
    """
    env = dict(call.env)
    if not command.has("--managed-python") and not command.has("--no-managed-python"):
        env.setdefault("UV_PYTHON_PREFERENCE", "system")
    wanted = command.value("--python")
    heed = ("--no-config",) if _names_a_program(call.cwd) else ()
    argv = (call.real, "python", "find", "--system", *_chosen(command, ()), *heed, *([wanted] if wanted else []))
    status, output = _run(argv, env, errors=False)
    return output.strip() if status == 0 else ""


def _names_a_program(folder: str) -> bool:
    """Whether a `.python-version` that uv would heed holds a path: uv would run what is there, perhaps a clone's."""
    while folder:
        for name in (".python-version", ".python-versions"):
            try:
                with open(os.path.join(folder, name), "rb", opener=open_at_once) as file:
                    if b"/" in file.read(4096):
                        return True
            except OSError:
                continue
        folder = os.path.dirname(folder) if folder != "/" else ""
    return False


def _chosen(command: UvCommand, names: tuple[str, ...]) -> list[str]:
    """Return those options of *command* that count for which interpreter it is: uv's own, and *names*."""
    given: dict[str, str] = {}
    for option in command.options:
        if option.name not in _VOICE and option.name in (*GLOBAL_FLAGS, *GLOBAL_VALUES, *names):
            given.pop(option.name, None)  # the last one counts, and the order in which the last ones stand
            given[option.name] = f"{option.name}={option.value}" if option.value else option.name
    return list(given.values())


def _run(argv: tuple[str, ...], env: Mapping[str, str], *, errors: bool = True) -> tuple[int, str]:
    """Return exit status and output; a uv that cannot be started, crashes or hangs fails."""
    plain = {name: value for name, value in env.items() if name not in _VOICE_VARIABLES}
    try:
        return process.capture(argv, {**plain, "NO_COLOR": "1"}, seconds=_SECONDS, errors=errors)
    except (OSError, ValueError):
        return 127, ""


def _read_answer(said: tuple[int, str], cwd: str) -> Answer:
    status, output = said
    prefix = version = ""
    for line in output.splitlines():
        if line.startswith(_USING):
            version, _, rest = line[len(_USING) :].partition(" environment at")
            prefix = rest.removeprefix(":").strip()
        if status == 2 and _MANAGED in line:
            shown = line.partition(_MANAGED)[0].partition("The interpreter at ")[2]
            return Answer("managed", os.path.join(cwd, shown.strip("`")), _minor(version))
        if status == 2 and line.startswith(_MISSING):
            return Answer("missing", "", "")
    return Answer("free" if status == 0 else "", prefix and os.path.join(cwd, prefix), _minor(version))


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
