"""Imports one module, and finds an object in it, in a process of its own: `python -c … MODULE [OBJECT]`.

This file is run by the Python that is verified (3.8 or later), and imports nothing of ours. A success is told by an
exit status that no module ends Python with; the last line of stderr says why there was none.
"""

import importlib
import os
import sys

SUCCESS = 86


def main() -> None:
    """Import, and leave at once: what the module has started, threads or handlers, is not waited for."""
    module, attributes = sys.argv[1], sys.argv[2:]
    sys.argv[:] = ["-c"]
    try:
        found = importlib.import_module(module)
        for name in attributes[0].split(".") if attributes else ():
            found = getattr(found, name)
    except BaseException as error:  # noqa: BLE001  (sys.exit and Ctrl-C are failures to import as well)
        said = f"\n{tell(error)}\n"
    else:
        said = (
            f"\n{module}:{attributes[0]} is nothing that can be called\n" if attributes and not callable(found) else ""
        )
    if not said:
        os._exit(SUCCESS)
    try:
        os.write(2, said.encode("utf-8", "backslashreplace"))
    finally:
        os._exit(1)


def tell(error: BaseException) -> str:
    """Return *error* in one line, with what it came from where that was said."""
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({error.code!r}) when it is imported"
    cause = error.__cause__
    return _first_line(error) + (f" (from {_first_line(cause)})" if cause else "")


def _first_line(error: BaseException) -> str:
    try:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    except Exception:  # noqa: BLE001  (its own __str__ fails)
        lines = []
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


if __name__ == "__main__":
    main()
