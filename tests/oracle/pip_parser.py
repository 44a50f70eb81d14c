"""Answers, for every JSON line {"args", "env"} on stdin, what the parsers of a real pip make of it.

Run by test_pip_parser.py with the Python behind the tests, whose pip is the operating system's. The first line out is pip's version, or nothing where there is no pip.
"""

import contextlib
import glob
import io
import json
import os
import sys
from typing import Any


def find_pip() -> str:
    """Import pip, if need be the one that Python brings along for ensurepip, and give its version."""
    try:
        import pip
    except ImportError:
        import ensurepip

        sys.path += glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
        import pip
    return str(pip.__version__)


def parse(args: list[str]) -> dict[str, Any]:
    """Parse as pip's main does; {} when it would end there."""
    from pip._internal.cli.main_parser import parse_command
    from pip._internal.commands import create_command
    from pip._internal.exceptions import PipError

    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            name, rest = parse_command(args)
            if name not in ("install", "uninstall"):
                return {"verb": name}
            options, words = create_command(name, isolated="--isolated" in rest).parse_args(rest)
    except (SystemExit, PipError, ValueError):  # pip trips over PIP_NO_COLOR=maybe with a traceback
        return {}
    plain = {key: value for key, value in vars(options).items() if isinstance(value, str | bool | int | list | None)}
    return {"verb": name, "words": words, "options": plain}


def main() -> None:
    """Answer until there is no more to answer."""
    try:
        print(find_pip(), flush=True)
    except ImportError:
        return
    for line in sys.stdin:
        call = json.loads(line)
        os.environ.clear()
        os.environ.update(call["env"])
        print(json.dumps(parse(call["args"])), flush=True)


if __name__ == "__main__":
    main()
