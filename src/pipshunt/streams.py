"""The standard streams of the people's commands: closed ones replaced, and stdout's errors told from all others."""

import io
import os
import sys
from typing import Any

STDOUT = "stdout"  # the filename of an error in writing there; others have a path, or none


class _Stdout(io.FileIO):
    """Descriptor 1; an OSError in writing to it says so, where that of another descriptor has no filename."""

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = STDOUT
            raise


def settle_streams() -> None:
    """Give Python the streams that it has none of (a closed one is None, and `print` takes another for it)."""
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if not sys.stdout:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        return
    own = io.BufferedWriter(_Stdout(1, "w", closefd=False))
    said = sys.stdout
    sys.stdout = io.TextIOWrapper(own, said.encoding, said.errors, line_buffering=said.isatty())


def drop_output(*descriptors: int) -> None:
    """Send what is not yet written nowhere, so that Python does not complain of it at its exit."""
    for descriptor in descriptors:
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def tell(line: str) -> None:
    """Print on stderr, for which a full disk is no reason to fail."""
    try:
        print(line, file=sys.stderr)
    except OSError:
        drop_output(2)
