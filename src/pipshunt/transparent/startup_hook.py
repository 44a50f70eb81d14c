"""The hook: a one-line .pth in a site directory that has an interpreter run startup.py; and where such lines were put.

`STATE/transparent.json` remembers them, with the folders that were made for them. One that is not remembered (the file
lost, a site directory of a Python that is gone) is found where such directories are.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from pipshunt.atomic_file import replace_file
from pipshunt.places import MACHINE_DATA, Places

FILE_NAME = "pipshunt-transparent.pth"
_RECORD = "transparent.json"
# What every start pays for: so one expression, compiled once, that looks only at what the interpreter was told to run.
_LINE = (
    "import sys; ''.join(sys.orig_argv[-len(sys.argv):][:1]).rstrip('.0123456789').endswith(('pip', 'pip.__main__'))"
    " and sys.argv[0] != '-c' and exec({body}, {{'sys': sys}})\n"
)
# Whatever is missing, unreadable or damaged, the interpreter goes on without a word.
_BODY = """\
try:
  with open({file}, 'rb') as code: exec(code.read(), {{'__name__': {name}, '__file__': {file}}})
except Exception: pass
"""
_STANDARD = ("/usr/local/lib/python3*/*-packages", "/usr/local/lib64/python3*/*-packages")
_USERS = (".local/lib/python3*/*-packages", "Library/Python/3*/lib/python/*-packages")


class Hook(NamedTuple):
    """One hook: its file, the interpreter it was put there for ("" if not remembered), the folders made for it."""

    file: str
    interpreter: str
    made: tuple[str, ...]


def hook_text(startup: str) -> str:
    """Return the line that runs the file *startup*, in ASCII: `site` reads it in the locale's encoding, or in UTF-8."""
    from pipshunt.transparent.startup import HOOKED

    return _LINE.format(body=ascii(_BODY.format(file=ascii(startup), name=ascii(HOOKED))))


def find_startup(places: Places) -> str:
    """Return the path of startup.py that outlives an upgrade of the engine: through the link to the one in use."""
    own = os.path.join(os.path.dirname(os.path.realpath(__file__)), "startup.py")
    for data in (places.data, MACHINE_DATA):
        link = os.path.join(data, "engine")
        inside = os.path.relpath(own, os.path.realpath(link))
        if data and not inside.startswith(".."):
            return os.path.join(link, inside)
    return own


def write_hook(folder: str, interpreter: str, startup: str, state: str) -> bool:
    """Put the hook into *folder* and remember it; return whether there was anything to do. Raises OSError."""
    file = os.path.join(folder, FILE_NAME)
    made = _missing_folders(folder)
    known = {hook.file: hook for hook in read_record(state)}
    made = (*known[file].made, *made) if file in known else made
    hook = Hook(file, interpreter, tuple(dict.fromkeys(made)))
    changed = known.get(file) != hook
    if changed:  # first, so that nothing is ever there that is not remembered
        write_record(state, {**known, file: hook}.values())
    for missing in made:
        if not os.path.isdir(missing):
            os.mkdir(missing)
            os.chmod(missing, 0o755)  # noqa: S103  (whatever the umask: an interpreter of everyone's reads it)
    return replace_file(file, hook_text(startup).encode("ascii"), 0o644) or changed


def remove_hook(hook: Hook, state: str) -> None:
    """Remove the hook and the folders made for it, as far as nothing else is in them; forget it. Raises OSError."""
    for file in (hook.file, _staged(hook.file)):
        with suppress(FileNotFoundError):
            os.unlink(file)
    _drop_folders(hook.made)  # while it is remembered, for whoever goes on after a kill
    write_record(state, [other for other in read_record(state) if other.file != hook.file])
    _drop_folders(hook.made)  # again: the record may have lain below one of them


def find_remains(state: str) -> list[Hook]:
    """Return the hooks remembered that are not there: removed by somebody, or a kill has left folders made for them."""
    return [hook for hook in read_record(state) if not os.path.lexists(hook.file)]


def drop_remains(state: str) -> None:
    """Remove what is left of hooks that are not there, and what a killed run left of the record. Raises OSError."""
    for hook in find_remains(state):
        remove_hook(hook, state)
    write_record(state, read_record(state))


def _drop_folders(made: Sequence[str]) -> None:
    """Remove the folders *made*, topmost first, as far as they are empty."""
    for folder in reversed(made):
        with suppress(OSError):
            os.rmdir(os.path.join(folder, "__pycache__"))
        with suppress(OSError):
            os.rmdir(folder)


def find_hooks(state: str, home: str, folders: Iterable[str] = ()) -> list[Hook]:
    """Return the hooks that are there: those remembered, and any in *folders* or where site directories are.

    *home*: whose own site directories are looked into too; "" for the machine's alone.
    """
    from glob import escape, glob

    known = {hook.file: hook for hook in read_record(state)}
    patterns = [*_STANDARD, *(os.path.join(escape(home), own) for own in _USERS if home)]
    places = [*folders, *(place for pattern in patterns for place in glob(pattern))]
    files = dict.fromkeys([*known, *(os.path.join(place, FILE_NAME) for place in places)])
    return [known.get(file, Hook(file, "", ())) for file in files if os.path.lexists(file)]


def refresh_hooks(state: str, startup: str) -> list[str]:
    """Have the remembered hooks that are still there run *startup*; return those changed. Raises OSError."""
    data = hook_text(startup).encode("ascii")
    files = [hook.file for hook in read_record(state) if os.path.isfile(hook.file)]
    return [file for file in files if replace_file(file, data, 0o644)]


def record_path(state: str) -> str:
    """Return the file that remembers the hooks."""
    return os.path.join(state, _RECORD)


def read_record(state: str) -> list[Hook]:
    """Return the hooks remembered in *state*; a record that is damaged is none: they are found without."""
    import json

    try:
        with open(record_path(state), encoding="utf-8") as file:
            rows: list[Mapping[str, object]] = json.load(file)["hooks"]
        return [Hook(str(row["file"]), str(row["interpreter"]), _strings(row["made"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write_record(state: str, hooks: Iterable[Hook]) -> None:
    """Remember *hooks*, and nothing else; without any, there is no record. Raises OSError."""
    import json

    file = record_path(state)
    rows = [hook._asdict() for hook in hooks]
    if rows:
        os.makedirs(state, exist_ok=True)
        text = json.dumps({"schema": 1, "hooks": rows}, indent=1) + "\n"  # ASCII: any file name survives it
        replace_file(file, text.encode("ascii"), 0o644)
        return
    for name in (file, _staged(file)):
        with suppress(FileNotFoundError):
            os.unlink(name)
    for folder in (state, os.path.dirname(state)):
        with suppress(OSError):  # only what is empty
            if folder == state or folder.endswith("/.local/state"):
                os.rmdir(folder)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _staged(file: str) -> str:
    """Return where atomic_file.py writes what becomes *file*: a killed run may have left that."""
    folder, name = os.path.split(file)
    return os.path.join(folder, f".{name}.pipshunt-new")


def _missing_folders(folder: str) -> tuple[str, ...]:
    """Return *folder* and those above it that are not there, topmost first."""
    missing: list[str] = []
    while folder.strip("/") and not os.path.isdir(folder):
        missing.insert(0, folder)
        folder = os.path.dirname(folder)
    return tuple(missing)
