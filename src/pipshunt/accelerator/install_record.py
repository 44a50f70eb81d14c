"""What describes an installed project, rewritten from uv's form to pip's: `pip show -f`, `freeze` and `inspect` agree.

Recording installed projects (packaging.python.org): INSTALLER, REQUESTED, direct_url.json, RECORD.
"""

import os

from pipshunt.accelerator.snapshot import Unclear
from pipshunt.seed import record_digest

_UVS_OWN = ("uv_cache.json", "uv_build.json")

Row = list[str]  # path, hash, size


def rewrite_description(info: str, rows: list[Row], compiled: list[str], *, requested: bool) -> None:
    """Make *info*, a .dist-info folder of uv's with RECORD *rows*, as pip would have left it.

    *compiled* are paths from site-packages, as in RECORD. Raises OSError, and Unclear where uv has kept too little.
    """
    folder = os.path.basename(info)
    written = {"INSTALLER": b"pip\n"}
    if requested:
        written["REQUESTED"] = b""
    origin = _direct_url(os.path.join(info, "direct_url.json"))
    if origin:
        written["direct_url.json"] = origin
    replaced = {f"{folder}/{name}" for name in ("INSTALLER", "REQUESTED", "direct_url.json", *_UVS_OWN)}
    kept = [row for row in rows if row[0] not in replaced]
    for name in (*_UVS_OWN, "REQUESTED"):
        if name not in written and os.path.lexists(os.path.join(info, name)):
            os.unlink(os.path.join(info, name))
    for name, data in written.items():
        _write(os.path.join(info, name), data)
        kept.append([f"{folder}/{name}", record_digest(data), str(len(data))])
    kept += [[path, "", ""] for path in compiled]
    _write_record(os.path.join(info, "RECORD"), kept)


def _direct_url(path: str) -> bytes:
    """Return the file as pip writes it, b"" if there is none; an archive's hash is part of what `pip freeze` prints."""
    import json

    try:
        with open(path, "rb") as file:
            said = json.load(file)
    except FileNotFoundError:
        return b""
    except ValueError as error:
        raise Unclear(f"{path} cannot be read") from error
    if "archive_info" in said:
        digest = said["archive_info"].get("hashes", {}).get("sha256") or _hash_of_file(said["url"])
        said["archive_info"] = {"hash": f"sha256={digest}", "hashes": {"sha256": digest}}
    if "dir_info" in said and not said["dir_info"].get("editable"):
        said["dir_info"] = {}
    return json.dumps(said, sort_keys=True).encode()


def _hash_of_file(url: str) -> str:
    import hashlib
    from urllib.parse import unquote

    if not url.startswith("file:///"):
        raise Unclear(f"uv has not kept the hash of {url}")
    with open(unquote(url.removeprefix("file://").partition("#")[0]), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_record(path: str, rows: list[Row]) -> None:
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text).writerows(sorted(rows))
    _write(path, text.getvalue().encode())


def _write(path: str, data: bytes) -> None:
    """Write a new file in the place of any that is there."""
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "xb") as file:
        file.write(data)
