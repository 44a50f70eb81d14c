"""Where the shim enters Python: `python -I -S boot.py LC_CTYPE SHIM REAL [ARG…]`; compiled at every start, so short.

Whatever breaks in the engine before it acts, the real tool still runs, with one line saying so.
"""

import _signal  # type: ignore[import-not-found]  # the builtin under `signal`, which would bring enum along

# Until there is something to put back (process.heed_interrupts), Ctrl-C ends us as it ends any command: no traceback.
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import os
import sys


def start(words: list[str]) -> int:
    """Run the engine on the call that the shim hands over; see `pipshunt.engine.main`."""
    _, coerced, shim, real, *args = words
    # CPython may have set LC_CTYPE for itself (PEP 538): the shim says what it was, `=VALUE` or nothing.
    if coerced:
        os.environ["LC_CTYPE"] = coerced[1:]
    else:
        os.environ.pop("LC_CTYPE", None)
    try:
        sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        from pipshunt.engine import main

        return main(shim, real, args)
    except KeyboardInterrupt:
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)  # so that the caller sees what it would have seen of any command
    except Exception as error:  # noqa: BLE001  (anything at all: pip must go on working)
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        _say(f"pipshunt: the engine failed ({what}), so {real} runs as it is\n")
    import signal

    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # CPython ignores them, and an exec'd tool would go on doing so
        signal.signal(number, signal.SIG_DFL)
    return os.execv(real, [real, *args])


def _say(line: str) -> None:
    """Print on stderr itself: where that is closed or full, `print` would take stdout, or raise."""
    try:
        os.write(2, line.encode(errors="backslashreplace"))
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(start(sys.argv))
