"""The folder of the shims: one file, and a link to it under each name that pip, python and uv have on the machine."""

import os
from collections.abc import Iterable, Sequence

from pipshunt.atomic_file import replace_file, replace_link
from pipshunt.search import SCRIPT, SHIM, find_commands, is_program, is_shim

COMMAND = "pipshunt"
# Ctrl-C ends it as any command until cli.main heeds it: so early, only without `site`, which is then made up for.
_START = """import _signal
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler: _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
import site, sys
site.main()
try:
    from pipshunt.cli import main
except ImportError as error:
    sys.exit(f"pipshunt: the engine is damaged ({error}); ./install.sh, from a checkout, puts it back")
sys.exit(main())"""
# Looked into even where PATH does not lead there now: the shells to come may have it.
STANDARD_FOLDERS = ("/usr/local/bin", "/usr/bin")


def find_tools(path: str) -> list[str]:
    """Return the names under which pip, python and uv stand in the folders of *path* and the standard ones, sorted.

    Not counted: our own shims; relative folders; virtual environments, for a shim with no tool behind it once the
    environment is deactivated would break `command -v python && python …`.
    """
    names = set()
    for folder in dict.fromkeys([*path.split(":"), *STANDARD_FOLDERS]):
        if not folder.startswith("/") or os.path.exists(os.path.join(folder, "..", "pyvenv.cfg")):
            continue
        try:
            entries = os.listdir(folder)
        except OSError:
            continue
        names |= {name for name in entries if is_tool_name(name) and is_tool(os.path.join(folder, name))}
    return sorted(names)


def is_tool_name(name: str) -> bool:
    """Whether *name* is uv, pip, pip3, python, python3, or one with a version that can be marked (3.8 and newer)."""
    if name == "uv":
        return True
    for tool in ("pip", "python"):
        if name in {tool, tool + "3"}:
            return True
        minor = name.removeprefix(tool + "3.")
        if minor != name and minor.isascii() and minor.isdecimal():
            return int(minor) >= 8
    return False


def is_tool(path: str) -> bool:
    """Whether *path* is a program that is not our own shim."""
    return is_program(path) and not is_shim(path)


def fill_template(template: str, engine_python: str, engine_boot: str) -> bytes:
    """Return the shim's text for an engine: *engine_python* is to run *engine_boot*."""
    for key, value in (("ENGINE_PYTHON", engine_python), ("ENGINE_BOOT", engine_boot)):
        template = template.replace(f"'@{key}@'", quote(value), 1)
    return os.fsencode(template)


def quote(text: str) -> str:
    """Return *text* as one word of sh, always within single quotes."""
    return "'" + text.replace("'", "'\\''") + "'"


def lay_shims(folder: str, shim: bytes, script: bytes, names: Iterable[str], people_python: str) -> None:
    """Make *folder* hold the shim, a link to it for each of *names* alone, and `pipshunt`, run by *people_python*.

    *script* is the shim of console scripts; links to that come and go with them (scripts.py). Raises OSError.
    """
    os.makedirs(folder, exist_ok=True)
    replace_file(os.path.join(folder, SHIM), shim, 0o755)
    replace_file(os.path.join(folder, SCRIPT), script, 0o755)
    command = (
        "#!/bin/sh\n# pipshunt's commands for people, run by the engine's own environment.\n"
        f"_ps_python={quote(people_python)}\n"
        'if [ -x "$_ps_python" ]; then exec "$_ps_python" -I -S -c '
        f"{quote(_START)}"
        ' "$@"; fi\n'
        'echo "pipshunt: the engine is gone ($_ps_python); ./install.sh, from a checkout, puts it back,'
        ' ./install.sh --uninstall takes the rest away" >&2\nexit 1\n'
    )
    replace_file(os.path.join(folder, COMMAND), os.fsencode(command), 0o755)
    wanted = set(names)
    for name in wanted:
        replace_link(os.path.join(folder, name), SHIM)
    for name in set(os.listdir(folder)) - wanted:
        path = os.path.join(folder, name)
        if os.path.islink(path) and os.readlink(path) == SHIM:
            os.unlink(path)


def link_shims(links: str, folder: str, names: Sequence[str]) -> None:
    """Link *names* and our two own files from *links* (/usr/local/bin) to *folder* where free; links of old names go.

    Raises OSError. A file there that is not such a link of ours is never touched.
    """
    os.makedirs(links, exist_ok=True)
    for name in (*names, SHIM, COMMAND):
        path = os.path.join(links, name)
        if not os.path.lexists(path) or _is_script_link(path):
            replace_link(path, os.path.join(folder, name))
    for name in os.listdir(links):
        path, target = os.path.join(links, name), os.path.join(folder, name)
        if os.path.islink(path) and os.readlink(path) == target and not os.path.lexists(target):
            os.unlink(path)


def _is_script_link(path: str) -> bool:
    """Whether *path* stands for a console script: a `uv` that was installed by pip, before there was another."""
    return os.path.islink(path) and os.path.basename(os.readlink(path)) == SCRIPT


def find_unreached(names: Iterable[str], path: str) -> list[str]:
    """Return those of *names* that a shell with *path* would not find as a shim of ours first."""
    return [name for name in names if not is_shim(next(find_commands(name, {"PATH": path}, ""), ""))]
