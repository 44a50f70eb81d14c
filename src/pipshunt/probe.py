"""Asking an interpreter where it stands, once: the answer is kept until the interpreter or what moves it changes."""

import os
from collections.abc import Mapping, Sequence

from pipshunt import process
from pipshunt.interpreter import location_options
from pipshunt.kept_answer import identity, recall, remember

Answer = tuple[tuple[int, int], str, str, str]  # version, prefix, base_prefix, stdlib

_QUESTION = (
    "import sys,sysconfig;"
    "sys.stdout.write('\\0'.join(['pipshunt','%d.%d'%sys.version_info[:2],sys.prefix,sys.base_prefix,"
    "sysconfig.get_path('stdlib'),'pipshunt']))"
)
_SECONDS = 5.0
# What may change the answer without changing the interpreter's files (see interpreter.py).
_VARIABLES = (
    "PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__",
    "_PYTHON_SYSCONFIGDATA_NAME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONSAFEPATH", "HOME",
)  # fmt: skip


def ask(executable: str, options: Sequence[str], env: Mapping[str, str], cache: str) -> Answer | None:
    """Return what *executable* says of itself, None if it says nothing sensible within five seconds."""
    key = _key(executable, options, env)
    file = os.path.join(cache, "interpreters", _name(key)) if cache else ""
    text = recall(file, key)
    if _parse(text) is None:
        text = _run([executable, *location_options(options), "-c", _QUESTION], env)
        if _parse(text) is not None:
            remember(file, key, text)
    return _parse(text)


def _parse(text: str) -> Answer | None:
    fields = text.split("\0")
    if len(fields) != 6 or fields[0] != "pipshunt" or fields[5] != "pipshunt":
        return None
    major, _, minor = fields[1].partition(".")
    if not major.isdecimal() or not minor.isdecimal():
        return None
    return (int(major), int(minor)), fields[2], fields[3], fields[4]


def _key(executable: str, options: Sequence[str], env: Mapping[str, str]) -> str:
    real = os.path.realpath(executable)
    folder = os.path.dirname(executable)
    facts = [executable, *options]
    for path in (
        real,
        os.path.join(folder, "pyvenv.cfg"),
        os.path.join(os.path.dirname(folder), "pyvenv.cfg"),
    ):
        try:
            stat = os.stat(path)
        except OSError:
            facts.append("-")
        else:
            facts.append(identity(stat))
    facts += [f"{name}={env[name]}" for name in _VARIABLES if name in env]
    facts.append(str(os.geteuid()))
    return "\0".join([real, *facts])


def _name(key: str) -> str:
    import hashlib

    return hashlib.sha256(os.fsencode(key)).hexdigest()[:32]


def _run(argv: list[str], env: Mapping[str, str]) -> str:
    try:
        status, output = process.capture(argv, env, seconds=_SECONDS, errors=False)
    except OSError:
        return ""
    return output if status == 0 else ""
