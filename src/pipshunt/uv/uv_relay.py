"""What `uv run` starts in the place of pip: `ENGINE_PYTHON -I -S uv_relay.py ENGINE_PYTHON LC_CTYPE TOOL [ARG…]`.

By then uv has chosen the interpreter, made or synced its environment and set PATH: the tool that it would have found
there is the real one. For `python` uv looks nowhere but runs the interpreter itself, and so it runs this file: hence
nothing here that Python 3.6 would not understand.
"""

import os
import sys


def relay(words: "list[str]") -> int:
    """Hand a call over to the engine, with the real tool that uv would have started."""
    engine_python, coerced, tool = words[1:4]
    args = list(words[4:])
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    boot = os.path.join(package, "boot.py")
    if tool == "python":
        try:
            os.execv(engine_python, [engine_python, "-I", "-S", boot, coerced, tool, sys.executable, *args])
        except OSError:
            os.execv(sys.executable, [sys.executable, *args])
    sys.path.insert(0, os.path.dirname(package))
    from pipshunt.boot import start
    from pipshunt.search import find_tool

    real = find_tool(tool, os.environ, ".")
    if not real:
        os.write(2, os.fsencode(f"pipshunt: {tool}: not found on the PATH that uv run has set\n"))
        return 2  # as uv, when it fails to spawn a command
    return start([boot, coerced, tool, real, *args])


if __name__ == "__main__":
    sys.exit(relay(sys.argv))
