"""Finding the real tool behind our shims: the walk along PATH that shims/shim makes, where no shim stands in front."""

import os
from collections.abc import Iterator, Mapping

SHIM = "pipshunt-shim"
SCRIPT = "pipshunt-script"  # the shim of console scripts
# The second line of every copy of the shim, wherever it stands and whatever it is called.
_SHIM_MARK = b"# pipshunt shim "
_BESIDE = '"$(dirname -- "$(realpath -- "$0")")'  # as python-build-standalone and relocatable environments have it
_DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def find_tool(name: str, env: Mapping[str, str], cwd: str) -> str:
    """Return the first *name* on PATH that is not a copy of ours, "" if there is none. A path is taken as it stands."""
    if "/" in name:
        return name if is_program(os.path.join(cwd, name)) else ""
    for folder in path_folders(env):
        candidate = os.path.join(folder, name)
        if is_program(os.path.join(cwd, candidate)) and not is_shim(os.path.join(cwd, candidate)):
            return candidate
    return ""


def find_commands(name: str, env: Mapping[str, str], cwd: str) -> Iterator[str]:
    """Give every program *name* on PATH in its order, our shims too: the first is what a shell would run."""
    paths = (os.path.join(cwd, folder, name) for folder in path_folders(env))
    return (path for path in paths if is_program(path))


def basename(path: str) -> str:
    """Return the last component of *path*."""
    return path.rpartition("/")[2]


def path_folders(env: Mapping[str, str]) -> Iterator[str]:
    """Return the folders on PATH; an empty entry is the working directory (execvp(3))."""
    return (folder or "." for folder in env.get("PATH", _DEFAULT_PATH).split(":"))


def is_shim(path: str) -> bool:
    """Whether the file at *path* is our shim, wherever it stands and whatever its name."""
    try:
        with open(path, "rb") as file:
            head = file.read(256)
    except OSError:
        return False
    _, newline, rest = head.partition(b"\n")
    return bool(newline) and rest.startswith(_SHIM_MARK)


def read_shebang(path: str, env: Mapping[str, str], cwd: str) -> str:
    """Return the interpreter that runs the script at *path*, "" if it has none that can be told.

    The kernel takes the first word after `#!`; `#!/usr/bin/env python3` is looked up on PATH; `#!/bin/sh` with an
    `'''exec' PYTHON "$0" "$@"` line is what distlib, pip and uv write for long or spaced paths, and where the
    folder may be moved: there PYTHON is beside the script.
    """
    try:
        with open(os.path.join(cwd, path), "rb") as file:
            head = file.read(4096)
    except OSError:
        return ""
    if not head.startswith(b"#!"):
        return ""
    lines = os.fsdecode(head).split("\n")
    words = lines[0][2:].split()
    if not words:
        return ""
    program = basename(words[0])
    if program == "env" and len(words) > 1:
        return find_tool(words[1], env, cwd) if is_plain_word(words[1]) else ""
    if program == "sh" and len(lines) > 1 and lines[1].startswith("'''exec' "):
        return _exec_target(lines[1][len("'''exec' ") :], os.path.join(cwd, path))
    return words[0] if program.startswith(("python", "pypy")) else ""


def is_plain_word(word: str) -> bool:
    """Whether env(1) would take *word* as the command: no option, no assignment."""
    return not word.startswith("-") and "=" not in word


def _exec_target(rest: str, script: str) -> str:
    if rest.startswith(_BESIDE):
        name = rest[len(_BESIDE) :].partition(" ")[0].replace('"', "").replace("'", "").lstrip("/")
        return os.path.join(os.path.dirname(os.path.realpath(script)), name)
    if rest.startswith('"'):
        return rest[1:].partition('"')[0]
    return rest.partition(" ")[0]


def is_program(path: str) -> bool:
    """Whether *path* is a file that may be executed."""
    return os.path.isfile(path) and os.access(path, os.X_OK)
