"""A rehearsal: the real pip runs a command line up to its marker check, where nobody else can tell how far it comes.

That is so for what a pip of each version reads in its own way, or what depends on what can be imported beside it. It
costs what pip costs to start, so what can be told without is. Nothing is installed or removed, nothing is logged.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SECONDS = 10.0
_ENDED, _REACHED, _PASSED = 95, 97, 98  # exit statuses that are none of pip's

# Runs in the interpreter that pip runs in. Each name that pip calls on the way to, at and after its check ends the
# process; where one of them is missing, this is a pip that we do not know, and it is not started.
_SCRIPT = f"""
import importlib.util, os, sys
package, cwd, *args = sys.argv[1:]
if sys.path[:1] == [""]:
    del sys.path[0]
spec = importlib.util.spec_from_file_location("pip", package + "/__init__.py", submodule_search_locations=[package])
sys.modules["pip"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["pip"])
from pip._internal.cli import base_command, cmdoptions
from pip._internal.cli.main import main
from pip._internal.commands import install, uninstall
from pip._internal.req.req_install import InstallRequirement
ends = [
    (install, "check_externally_managed", {_REACHED}),
    (uninstall, "check_externally_managed", {_REACHED}),
    (cmdoptions, "check_dist_restriction", {_PASSED}),
    (install, "decide_user_install", {_PASSED}),
    (uninstall, "protect_pip_from_modification_on_windows", {_PASSED}),
    (InstallRequirement, "install", {_PASSED}),
    (InstallRequirement, "uninstall", {_PASSED}),
]
if not all(hasattr(owner, name) for owner, name, _ in ends):
    os._exit(1)
for owner, name, status in ends:
    setattr(owner, name, lambda *_, status=status, **__: os._exit(status))
base_command.setup_logging = lambda *_, **__: 0
os.chdir(cwd)
sys.argv = ["pip", *args]
try:
    main(args)
finally:
    os._exit({_ENDED})
"""


def reaches_check(
    start: "Sequence[str]", package: str, args: "Sequence[str]", env: "Mapping[str, str]", cwd: str
) -> bool | None:
    """Tell whether the pip in folder *package*, under the interpreter *start*, comes to its check; None: no telling."""
    from pipshunt import process

    program = [os.path.join(cwd, start[0]), *start[1:], "-c", _SCRIPT, package, cwd or "/", *args]
    try:
        status, _ = process.capture(program, env, seconds=_SECONDS, errors=False)
    except (OSError, ValueError):
        return None
    return {_REACHED: True, _PASSED: False, _ENDED: False}.get(status)
