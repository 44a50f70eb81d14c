"""Finding a uv that is fit to install in pip's place: new enough, and one that answers when it is started."""

import os
from collections.abc import Mapping

from pipshunt import process
from pipshunt.kept_answer import identity, recall, remember
from pipshunt.search import find_tool, path_folders

# The first release whose `uv pip install` knows --output-format; the other options that we use came earlier.
OLDEST = (0, 13, 0)
_SECONDS = 2.0


def find_uv(env: Mapping[str, str], cwd: str, cache: str) -> str:
    """Return the path of the first uv on PATH if it can be used, else "".

    What it says of its version is kept in *cache* (a folder, "" for none) until its file changes. One that crashes,
    hangs or is too old is none, and neither is a second one behind it: the user has chosen the first.
    """
    # Nobody has typed `uv`: one in the working directory, which a relative entry of PATH leads to, may be a clone's.
    folders = ":".join(folder for folder in path_folders(env) if folder.startswith("/"))
    path = find_tool("uv", {"PATH": folders}, cwd) if folders else ""
    return path if path and read_version(path, env, cache) >= OLDEST else ""


def read_version(uv: str, env: Mapping[str, str], cache: str) -> tuple[int, ...]:
    """Return the version of *uv*, () if it does not tell one within two seconds."""
    key = _key(uv)
    file = os.path.join(cache, "uv-version") if cache and key else ""
    said = recall(file, key)
    if not said:
        said = _ask(uv, env)
        if _parse(said):
            remember(file, key, said)
    return _parse(said)


def _ask(uv: str, env: Mapping[str, str]) -> str:
    try:
        status, output = process.capture([uv, "--version"], env, seconds=_SECONDS, errors=False)
    except (OSError, ValueError):
        return ""
    return output.strip() if status == 0 else ""


def _parse(said: str) -> tuple[int, ...]:
    """Read `uv 0.13.9 (x86_64-unknown-linux-gnu)`; a pre-release counts as the version before it."""
    words = said.split()
    if len(words) < 2 or words[0] != "uv":
        return ()
    parts = words[1].split(".")
    if len(parts) != 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        return ()
    return tuple(int(part) for part in parts)


def _key(uv: str) -> str:
    try:
        stat = os.stat(uv)
    except OSError:
        return ""
    return f"{uv}\0{identity(stat)}"
