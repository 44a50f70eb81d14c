"""The shell hook: the text that a shell evaluates to enter and leave projects' environments, laid and printed.

What it does is in shims/hook.bash, hook.zsh and hook.fish.
"""

import os
import sys
from collections.abc import Mapping, Sequence

from pipshunt.entered import SHIMS
from pipshunt.places import MACHINE_DATA, find_places
from pipshunt.search import SHIM

HOOKS = ("bash", "zsh", "fish")
# An environment has these even where the machine does not: a shim that were always on PATH would lead nowhere there.
_ENTERED_NAMES = ("pip", "pip3", "python", "python3")


class NoHook(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """There is no hook to print; the text says why, and what to do."""


def hook_path(prefix: str, shell: str) -> str:
    """Return where the installation at *prefix* keeps the hook for *shell*."""
    return os.path.join(prefix, f"hook.{shell}")


def lay_hooks(prefix: str, shims: str) -> None:
    """Lay the hooks that are in the folder *shims* of a checkout, so that shells can source them. Raises OSError."""
    from pipshunt.atomic_file import replace_file, replace_link

    for shell in HOOKS:
        with open(hook_path(shims, shell), "rb") as file:
            replace_file(hook_path(prefix, shell), fill_hook(file.read(), prefix, shell), 0o644)
    folder = os.path.join(prefix, SHIMS)
    os.makedirs(folder, exist_ok=True)
    for name in _ENTERED_NAMES:
        replace_link(os.path.join(folder, name), f"../bin/{SHIM}")


def fill_hook(template: bytes, prefix: str, shell: str) -> bytes:
    """Return the hook's text for an installation at *prefix*."""
    return template.replace(b"'@PREFIX@'", quote_for(shell, prefix), 1)


def quote_for(shell: str, text: str) -> bytes:
    """Return *text* as one word of *shell*, always within single quotes."""
    escapes = {b"\\": b"\\\\", b"'": b"\\'"} if shell == "fish" else {b"'": b"'\\''"}
    word = os.fsencode(text)
    for letter, escape in escapes.items():
        word = word.replace(letter, escape)
    return b"'" + word + b"'"


def print_hook(shell: str, env: Mapping[str, str], uid: int) -> int:
    """Print the hook for *shell*, for the one that calls if it is ""; returns the exit status."""
    try:
        text = read_hook(shell or find_shell(), [os.path.dirname(sys.prefix), find_places(env, uid).data, MACHINE_DATA])
    except NoHook as error:
        print(f"pipshunt: {error}", file=sys.stderr)
        return 1
    sys.stdout.buffer.write(text)
    sys.stdout.flush()
    return 0


def find_shell() -> str:
    """Return the name of the shell that we are called from. Raises NoHook."""
    import shellingham

    try:
        name: str = shellingham.detect_shell()[0]
    except (shellingham.ShellDetectionFailure, OSError) as error:
        raise NoHook("cannot tell which shell this is; name it: pipshunt hook bash (or zsh, fish)") from error
    return name


def read_hook(shell: str, prefixes: Sequence[str]) -> bytes:
    """Return the hook for *shell* of the first of *prefixes* that is an installation's. Raises NoHook."""
    if shell not in HOOKS:
        said = f"there is no hook for {shell}, only for bash, zsh and fish"
        raise NoHook(f"{said}; here, enter an environment by its own file: . .venv/bin/activate")
    for prefix in filter(None, prefixes):
        try:
            with open(hook_path(prefix, shell), "rb") as file:
                return file.read()
        except OSError:
            continue
    raise NoHook("it is not set up here; run install.sh from a checkout of pipshunt")
