"""`uv run … pip install …`: uv chooses the interpreter, and we go along to see which.

The command word alone is rewritten: uv starts `uv_relay.py` where it would have started pip, after it has made or
synced an environment and set PATH as it does; from there on it is a call of pip's like any other.
"""

import os
from collections.abc import Mapping

from pipshunt.call import is_pip, is_python
from pipshunt.decision import CHANGING, READING
from pipshunt.launch import read_launch
from pipshunt.uv.uv_command import UvCommand, without

_RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uv_relay.py")


def accompany(command: UvCommand, engine_python: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the words of *command* that take us along; () where it starts no pip, or nothing of pip's that we change.

    What is given by a path is left as it is, as everywhere.
    """
    words = [command.args[index] for index in command.words]
    if not words or command.has("--script") or command.has("-s") or command.has("--gui-script"):
        return ()
    if command.has("--module"):
        words = ["python", "-m", *words]
    tool, args = words[0], words[1:]
    if not (is_pip(tool) or (is_python(tool) and read_launch(tool, args).start >= 0)):
        return ()
    if not any(word in (*CHANGING, *READING) for word in args):
        return ()
    kept, _ = without(command, ("--module",))
    before = kept[: len(kept) - len(command.words)]
    # `python` is no name on PATH to uv, but the interpreter that it has chosen.
    interpreter = "python" if tool == "python" else engine_python
    coerced = f"={env['LC_CTYPE']}" if "LC_CTYPE" in env else ""
    return (*before, interpreter, "-I", "-S", _RELAY, engine_python, coerced, tool, *args)
