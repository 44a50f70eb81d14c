"""What transparent mode costs at a start: `.tests-env/bin/python bench/transparent_start.py [STARTS]`; judges nothing.

Starts `python3 -c pass` of a machine of the tests' in turns: without a .pth, with one that does nothing, with the hook.
The medians are of wall-clock milliseconds; `more` is taken start by start. On a busy machine: `chrt -f 10` ahead.
"""

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / folder) for folder in ("src", "tests")]

from machine import Machine
from transparent.hooked import Hooked


def main() -> None:
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    root = Path(tempfile.mkdtemp(prefix="pipshunt-bench-")).resolve()
    root.chmod(0o755)
    try:
        hooked = Hooked(Machine(root))
        lines = {"without": "", "any .pth": "# nothing\n", "with the hook": hooked.file.read_text()}
        times: dict[str, list[float]] = {name: [] for name in lines}
        for turn in range(starts + 10):
            for name in random.sample(list(lines), len(lines)):
                hooked.file.unlink(missing_ok=True)
                if lines[name]:
                    hooked.file.write_text(lines[name])
                took = _start(hooked.python)
                if turn >= 10:
                    times[name].append(took)
        for name, found in times.items():
            more = statistics.median(a - b for a, b in zip(found, times["without"], strict=True))
            print(f"{name:<14}{statistics.median(found):8.2f} ms, more {more:5.2f}")
    finally:
        shutil.rmtree(root)


def _start(python: str) -> float:
    before = time.perf_counter()
    os.waitpid(os.posix_spawn(python, [python, "-c", "pass"], {"PATH": "/usr/bin:/bin"}), 0)
    return (time.perf_counter() - before) * 1e3


if __name__ == "__main__":
    main()
