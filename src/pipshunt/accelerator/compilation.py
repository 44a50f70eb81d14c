"""Compiling what was installed, as pip does: by the environment's own interpreter, for the place it will stand in."""

import os
from collections.abc import Mapping, Sequence

from pipshunt import process

# PEP 552: magic number, flags, the source's time and size. What cannot be compiled is left out, as pip leaves it out.
_WORKER = """
import importlib.util, marshal, os, sys
with open(sys.argv[1], "rb") as file:
    words = os.fsdecode(file.read()).split("\\0")
for source, final, compiled in zip(words[::3], words[1::3], words[2::3]):
    try:
        with open(source, "rb") as file:
            text = file.read()
            stat = os.fstat(file.fileno())
        code = compile(text, final, "exec", dont_inherit=True)
        numbers = (0, int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF)
        head = importlib.util.MAGIC_NUMBER + b"".join(number.to_bytes(4, "little") for number in numbers)
        os.makedirs(os.path.dirname(compiled), exist_ok=True)
        new = os.open(compiled, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, (stat.st_mode | 0o200) & 0o666)
        with open(new, "wb") as file:
            file.write(head + marshal.dumps(code))
    except OSError:
        raise
    except Exception:
        pass
"""
_ENOUGH = 200  # files, for which a second process is worth its start
_SECONDS = 3600.0


class CannotCompile(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """The environment's interpreter did not compile."""


def cache_tag(version: str) -> str:
    """Return the tag in the names of what CPython `pythonX.Y` compiles (PEP 3147)."""
    return "cpython-" + version.removeprefix("python").replace(".", "")


def compiled_path(source: str, tag: str) -> str:
    """Return where the compiled form of *source* stands."""
    folder, name = os.path.split(source)
    return os.path.join(folder, "__pycache__", f"{name.removesuffix('.py')}.{tag}.pyc")


def compile_files(
    python: str, prefix: str, environment: str, sources: Sequence[str], tag: str, env: Mapping[str, str]
) -> None:
    """Compile *sources* below *prefix*, which will stand in *environment*, beside themselves. Raises CannotCompile."""
    triples = [
        f"{source}\0{os.path.join(environment, os.path.relpath(source, prefix))}\0{compiled_path(source, tag)}"
        for source in sources
    ]
    workers = min(os.cpu_count() or 1, 1 + len(triples) // _ENOUGH)
    running = []
    for number in range(workers if triples else 0):
        task = os.path.join(os.path.dirname(prefix), f"compile-{number}")
        with open(task, "xb") as file:
            file.write(os.fsencode("\0".join(triples[number::workers])))
        argv = [python, "-I", "-S", "-W", "ignore", "-c", _WORKER, task]
        running.append(process.start_captured(argv, env))
    results = [process.finish_captured(child, seconds=_SECONDS) for child in running]
    for status, output in results:
        if status != 0:
            said = output.strip().splitlines()
            raise CannotCompile(said[-1] if said else f"exit status {status}")
