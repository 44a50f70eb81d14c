"""What of a folder under our name is ours: by the names that we give, at each depth, and nothing else is removed.

Somebody may have put a checkout there, or whatever else has the name. Names are relative; those of folders end with /.
"""

import errno
import os
import re
from typing import NamedTuple

from pipshunt.folder_tree import remove_tree

_HALF = r"(\.\d+)?"  # what a killed run has left of writing it
_RETRIES = 5  # a Python that has just started in an engine writes what it compiles, where we remove
STAGED = ".pipshunt-new"  # how the names end that atomic_file.py writes under


class Content(NamedTuple):
    """Patterns of what we put into a folder."""

    whole: str = "(?!)"  # folders that are ours with all they hold
    shared: str = "(?!)"  # folders in which each file is looked at
    files: str = "(?!)"


# policy_cache.py, uv_tool.py, probe.py, pip_store.py
CACHE = Content(
    whole=rf"pips/[a-z]+\d+\.\d+t?-[0-9a-f]{{8}}{_HALF}(\.old)?/",
    shared=r"pips/|interpreters/",
    files=rf"policy-[0-9a-f]{{8}}{_HALF}|uv-version{_HALF}|interpreters/[0-9a-f]+{_HALF}",
)
# follow.py, audit.py, startup_hook.py
LOG = Content(files=r"audit\.jsonl(\.[^/]*)?")
STATE = Content(
    shared=r"follow/(.*/)?",
    files=rf"follow/(.*/)?(@[^/]*|\.\d+)|{LOG.files}|transparent\.json|\.[^/]*{re.escape(STAGED)}",
)
ENGINES = Content(whole=r"\d[^/]*-[0-9a-f]{8}/")
ENVIRONMENTS = Content(whole=r"python\d+\.\d+(-[^/]*)?(\.pipshunt-\d+)?/")  # track.py, creation.py


class Parts(NamedTuple):
    """What is in a folder: paths, each with all that is below it."""

    ours: list[str]
    others: list[str]


def sort_out(folder: str, content: Content, below: str = "") -> Parts:
    """Tell what in *folder* is ours; *below*: its name in the folder that *content* is about. Raises OSError."""
    ours: list[str] = []
    others: list[str] = []
    for entry in sorted(os.listdir(folder)):
        path, name = os.path.join(folder, entry), below + entry
        if os.path.islink(path) or not os.path.isdir(path):
            (ours if _has_form(content.files, name) else others).append(path)
        elif _has_form(content.whole, name + "/"):
            ours.append(path)
        elif _has_form(content.shared, name + "/"):
            inner = sort_out(path, content, name + "/")
            ours += [path] if not inner.others else inner.ours
            others += [path] if inner.others and not inner.ours else inner.others
        else:
            others.append(path)
    return Parts(ours, others)


def remove_own(folder: str, content: Content) -> None:
    """Remove what is ours in *folder*, and then that; where it is a link, that alone. Raises OSError."""
    if os.path.islink(folder):
        os.unlink(folder)
        return
    obstacles = []
    for path in sort_out(folder, content).ours:
        try:
            remove(path)
        except OSError as error:
            obstacles.append(error)
    if obstacles:
        raise obstacles[0]
    os.rmdir(folder)


def remove(path: str) -> None:
    """Remove the file, link or folder at *path* with all that is below it. Raises OSError."""
    if os.path.islink(path) or not os.path.isdir(path):
        os.unlink(path)
        return
    obstacle = remove_tree(path)
    for _ in range(_RETRIES):
        if obstacle is not None and obstacle.errno == errno.ENOTEMPTY:
            obstacle = remove_tree(path)
    if obstacle is not None:
        raise obstacle


def _has_form(pattern: str, name: str) -> bool:
    return re.fullmatch(pattern, name, re.DOTALL) is not None
