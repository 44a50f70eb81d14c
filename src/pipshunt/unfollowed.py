"""What goes on without the packages just installed: a notebook's running kernel, a Python by its path; what helps."""

import os
from collections.abc import Mapping, Sequence

from pipshunt.call import quoted
from pipshunt.environment import site_packages
from pipshunt.message import shorten
from pipshunt.target import Target
from pipshunt.track import Track

_BY_PATH = "/transparent/startup.py"  # what PIPSHUNT_GUARD ends with where transparent mode has handed the call over


def find_kernel(callers: Sequence[Sequence[str]]) -> str:
    """Return the Python that a notebook's kernel among the *callers* runs in, "" if there is none.

    It is started as `PYTHON -m ipykernel_launcher -f FILE` (a kernel specification's argv, jupyter_client).
    """
    for argv in callers:
        if any(word.startswith("ipykernel") or "/ipykernel" in word for word in argv[1:5]):
            return argv[0]
    return ""


def tell_kernel(kernel: str, track: Track, target: Target, cwd: str) -> list[str]:
    """Return what is said after an install from a notebook whose kernel runs in the Python *kernel*."""
    own, site = os.path.join(track.environment, "bin", ""), site_packages(track.environment)
    if kernel.startswith(own):
        return ["this notebook's kernel uses it; for a module that it has imported already, restart the kernel"]
    lines = [f"this notebook's kernel runs in {kernel}, which goes on without {shorten(track.environment, cwd)}"]
    if os.path.realpath(kernel) == target.interpreter.real:
        lines.append(f"to import from there now, in a cell: import site; site.addsitedir({site!r})")
    served = track.system_site_packages or os.path.isdir(os.path.join(site, "ipykernel"))
    name = os.path.basename(track.folder) or "pipshunt"
    command = f"!{quoted(own + 'python')} -m ipykernel install --user --name {quoted(name)}"
    first = "" if served else "%pip install ipykernel, then "
    lines.append(f"for good: {first}{command}, and choose the kernel {name}")
    return lines


def tell_by_path(env: Mapping[str, str], track: Track, target: Target, cwd: str) -> list[str]:
    """Return what is said after an install by a pip that was called by its path, [] after any other."""
    if not env.get("PIPSHUNT_GUARD", "").endswith(_BY_PATH):
        return []
    own = os.path.join(shorten(track.environment, cwd), "bin", "python")
    return [f"{target.interpreter.executable} by its path goes on without it; {quoted(own)} has it"]
