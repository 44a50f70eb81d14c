"""What was asked for: requirements and files that are named, else what the log says, and pip's REQUESTED files."""

import calendar
import json  # noqa: TID253  (people's tier)
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipshunt.command import PipFacts, read_command
from pipshunt.launch import read_launch
from pipshunt.requirements import normalised, requirement_name, texts_in_file

# pip brings itself, and in older Pythons these two, into every environment: as if somebody had asked for them.
SEEDED = frozenset(("pip", "setuptools", "wheel"))
_VCS = ("git+", "hg+", "svn+", "bzr+")


class Asked(NamedTuple):
    """One requirement that somebody asked for, and where."""

    text: str
    by: str  # in words: requirements.txt, the command line, the log
    key: str  # the normalised name, "" for a folder or URL
    url: str  # where it comes from, as direct_url.json has it; "" for an index
    extras: tuple[str, ...]  # of a folder or URL


def ask_for(text: str, by: str, cwd: str) -> Asked:
    """Return the requirement *text*, which a path in it is relative to *cwd*."""
    bare = text.partition("; ")[0].strip()
    extras: tuple[str, ...] = ()
    if bare.endswith("]") and "[" in bare:
        bare, _, words = bare[:-1].rpartition("[")
        extras = tuple(word.strip() for word in words.split(","))
    key = requirement_name(text)
    return Asked(text, by, key, "" if key else _origin(bare, cwd), extras)


def read_named(words: Sequence[str], files: Sequence[str], cwd: str) -> list[Asked]:
    """Return what *words* and the requirements *files* ask for; raises OSError for a file that cannot be read."""
    asked = [ask_for(word, "the command line", cwd) for word in words]
    for file in files:
        path = os.path.join(cwd, file)
        with open(path, "rb"):
            asked += [ask_for(text, file, cwd) for text in texts_in_file(path, 1, set())]
    return asked


def read_log(log: str, prefix: str, env: Mapping[str, str]) -> list[Asked]:
    """Return what the audit log says was asked for by name in the environment *prefix* since it was made.

    What was uninstalled since is not; what a requirements file held then is told by REQUESTED alone. A log that is not
    there, or not ours to read, says nothing.
    """
    made = _time_made(prefix)
    asked: dict[str, Asked] = {}
    for record in _records(log):
        if os.path.realpath(record["environment"] or "/") != os.path.realpath(prefix) or record["status"] != 0:
            continue
        began = calendar.timegm(time.strptime(record["time"], "%Y-%m-%dT%H:%M:%SZ"))
        if began + record["seconds"] + 2 < made:  # an environment that was here before this one
            continue
        if (
            began <= made <= began + record["seconds"] + 1
        ):  # this install may have made it anew; REQUESTED tells the rest
            asked.clear()
        names = {normalised(word.partition("==")[0]) for word in record["installed"]}
        for word in record["removed"]:
            if normalised(word.partition("==")[0]) not in names:
                asked.pop(normalised(word.partition("==")[0]), None)
        by = f"{' '.join(record['before'])} ({record['time'].partition('T')[0]})"
        for text in _requirements(record["before"], env):
            key = requirement_name(text)
            if key and not text.lower().endswith(".whl"):
                words = text.partition("[")[2].partition("]")[0]
                asked[key] = Asked(f"{key}[{words}]" if words and "@" not in text else key, by, key, "", ())
    return list(asked.values())


def _records(log: str) -> Iterator[dict[str, Any]]:
    """Yield the records that are whole."""
    if not log:
        return
    try:
        with open(log, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return
    fields = {"time": str, "environment": str, "seconds": (int, float), "installed": list, "removed": list}
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        whole = isinstance(record, dict) and all(isinstance(record.get(name), kind) for name, kind in fields.items())  # type: ignore[arg-type]
        if whole and "status" in record and record.get("before"):
            yield record


def _requirements(words: Sequence[str], env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the requirements of a `pip install` as it was typed; those of uv are told by REQUESTED."""
    launch = read_launch(words[0], words[1:])
    if launch.start < 0 or launch.bootstrap:
        return ()
    plain = {name: value for name, value in env.items() if not name.startswith("PIP_")}
    facts = PipFacts((), "/", in_environment=True)
    command = read_command(words[1 + launch.start :], {**plain, "PIP_CONFIG_FILE": os.devnull}, "/", facts)
    return command.requirements if command.verb == "install" and not command.flag("dry-run") else ()


def _time_made(prefix: str) -> float:
    try:
        return os.stat(os.path.join(prefix, "pyvenv.cfg")).st_mtime
    except OSError:
        return 0.0


def _origin(text: str, cwd: str) -> str:
    """Return the URL that direct_url.json has for a requirement that is a URL or a path."""
    from urllib.parse import quote

    address = text.partition("#")[0]
    for prefix in _VCS:
        if address.startswith(prefix):
            scheme, _, rest = address.removeprefix(prefix).partition("://")
            host, _, path = rest.partition("/")
            return f"{scheme}://{host}/{path.partition('@')[0]}".rstrip("/")
    if "://" in address:
        return address.rstrip("/")
    return "file://" + quote(os.fsencode(os.path.abspath(os.path.join(cwd, address))))
