"""The compiled policy: what a policy file was parsed into, kept so that TOML is parsed (11 ms) once, not at every call.

An entry holds the very text it was compiled from, so a policy file that differs in one byte is parsed again.
"""

import os
from typing import Any

from pipshunt import __version__
from pipshunt.policy import Layer, Place, Problem, Rule
from pipshunt.requirements import open_at_once

_FORMAT = f"pipshunt policy {__version__} 3"
_LARGEST_ENTRY = 4 << 20
_MARSHAL_VERSION = 4  # what every Python from 3.11 on reads
_MAY_BE_WRITTEN_BY_OTHERS = 0o022

Parsed = tuple[Layer | None, tuple[Problem, ...]]


def parse_cached(kind: str, file: str, data: bytes, cache_dir: str, uid: int) -> Parsed:
    """Return what `policy_file.parse_policy` makes of *data*, from *cache_dir* ("": none) where it is known."""
    key = (_FORMAT, kind, file, data)
    entry = _entry_file(cache_dir, kind, file) if cache_dir else ""
    found = _read_entry(entry, key, uid) if entry else None
    if found is not None:
        return found
    from pipshunt.policy_file import parse_policy

    parsed = parse_policy(kind, file, data)
    if entry:
        _write_entry(entry, (key, _plain(parsed)))
    return parsed


def _entry_file(cache_dir: str, kind: str, file: str) -> str:
    """Return where the entry is kept; two files that meet in one name only push each other out."""
    import zlib

    name = zlib.crc32(f"{kind} {file}".encode("utf-8", "surrogateescape"))
    return os.path.join(cache_dir, f"policy-{name:08x}")


def _read_entry(entry: str, key: tuple[Any, ...], uid: int) -> Parsed | None:
    """Return what the entry holds for *key*; None for one that is older, damaged, or that somebody else could write."""
    import marshal
    import zlib

    try:
        with open(entry, "rb", opener=_open_own) as opened:
            status = os.fstat(opened.fileno())
            if status.st_uid != uid or status.st_mode & _MAY_BE_WRITTEN_BY_OTHERS:
                return None
            checksum, content = opened.read(4), opened.read(_LARGEST_ENTRY)
        # marshal trusts its input: a torn or rotten entry must not reach it.
        if int.from_bytes(checksum, "big") != zlib.crc32(content):
            return None
        held, parsed = marshal.loads(content)  # noqa: S302  (ours alone: owner, mode and checksum are seen to)
        return _rebuilt(parsed) if held == key else None
    except (OSError, ValueError, EOFError, TypeError):
        return None


def _open_own(entry: str, flags: int) -> int:
    return open_at_once(entry, flags | os.O_NOFOLLOW)


def _write_entry(entry: str, content: tuple[Any, ...]) -> None:
    """Put the entry in its place in one step. A cache that cannot be written is no reason to trouble anybody."""
    import marshal
    import zlib

    data = marshal.dumps(content, _MARSHAL_VERSION)
    half = f"{entry}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(entry), 0o700, exist_ok=True)
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as opened:
            opened.write(zlib.crc32(data).to_bytes(4, "big") + data)
        os.rename(half, entry)
    except OSError:
        _remove(half)


def _remove(file: str) -> None:
    try:
        os.unlink(file)
    except OSError:
        return


def _plain(value: Any) -> Any:
    """Return *value* with bare tuples for named ones: marshal takes no others."""
    return tuple(_plain(item) for item in value) if isinstance(value, tuple) else value


def _rebuilt(parsed: tuple[Any, Any]) -> Parsed:
    layer, problems = parsed
    return (_with_places(Layer(*layer)) if layer else None), tuple(Problem(*problem) for problem in problems)


def _with_places(layer: Layer) -> Layer:
    return layer._replace(
        action_place=_place(layer.action_place),
        venv_path_place=_place(layer.venv_path_place),
        rules=tuple(Rule(*rule)._replace(place=Place(*rule[3])) for rule in layer.rules),
        installer_place=_place(layer.installer_place),
    )


def _place(place: tuple[str, int] | None) -> Place | None:
    return Place(*place) if place else None
