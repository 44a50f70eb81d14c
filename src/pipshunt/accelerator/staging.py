"""Installing beside an environment, and moving what was installed into it: all of it, or nothing.

uv works in a stage: a folder within the environment that it takes for the prefix, with descriptions of what is
installed already. Whatever happens there, the environment has not been touched. Moving in is renaming within one file
system, a few milliseconds, and each rename is taken back should a later one fail. Each is noted in a journal before it
is done, so that what a kill cuts short is taken back by the next install.
"""

import os
from typing import NamedTuple

from pipshunt.accelerator.snapshot import Snapshot
from pipshunt.environment import STAGE
from pipshunt.folder_tree import hold_folder, remove_tree

_JOURNAL = "moves"  # source and target of each rename, each ended by a NUL; gone as soon as all are done


class Stage(NamedTuple):
    """A folder in an environment, laid out like it."""

    folder: str
    prefix: str  # what uv takes for the environment
    site: str  # its site-packages
    trash: str  # where that which is replaced goes until all is well
    placed: frozenset[str]  # the .dist-info folders that were put there for uv to see
    held: int  # a lock that tells the living from what a killed process left


def lay_stage(environment: str, snapshot: Snapshot) -> Stage:
    """Make a stage in *environment* that shows what *snapshot* holds. Raises OSError."""
    remove_leftovers(environment)
    folder = os.path.join(environment, STAGE + os.urandom(4).hex())
    os.mkdir(folder, 0o755)
    held = hold_folder(folder)
    try:
        prefix, trash = os.path.join(folder, "new"), os.path.join(folder, "old")
        site = os.path.join(prefix, os.path.relpath(snapshot.site, environment))
        os.makedirs(site)
        os.mkdir(trash)
        if os.path.islink(os.path.join(environment, "lib64")):
            os.symlink("lib", os.path.join(prefix, "lib64"))
        placed = [_place(distribution.info, site) for distribution in snapshot.distributions.values()]
    except BaseException:
        remove_stage(folder, held)
        raise
    return Stage(folder, prefix, site, trash, frozenset(placed), held)


def remove_stage(folder: str, held: int) -> None:
    """Remove a stage and all in it."""
    remove_tree(folder)
    if held >= 0:
        os.close(held)


def clear_placed(stage: Stage, new: frozenset[str]) -> None:
    """Take away what was there for uv to see only, and uv's lock: what stays is what is *new*. Raises OSError."""
    for name in stage.placed - new:
        remove_tree(os.path.join(stage.site, name))
    for path in (os.path.join(stage.prefix, ".lock"), os.path.join(stage.prefix, "lib64")):
        if os.path.lexists(path):
            os.unlink(path)


class Moves:
    """Renames within one file system that can all be taken back."""

    def __init__(self, trash: str) -> None:
        self._trash = trash
        self._journal = os.path.join(os.path.dirname(trash), _JOURNAL)
        self._done: list[tuple[str, str]] = []
        self._times: dict[str, tuple[int, int]] = {}

    def drop(self, path: str) -> None:
        """Move *path* out of the way. Raises OSError."""
        self._rename(path, os.path.join(self._trash, str(len(self._done))))

    def drop_empty(self, folders: set[str]) -> None:
        """Drop each of *folders* that has no files left in it, as pip does after an uninstall. Raises OSError."""
        for folder in sorted(folders, key=lambda name: (name.count("/"), name)):
            if os.path.isdir(folder) and not any(files for _, _, files in os.walk(folder)):
                self.drop(folder)

    def put(self, source: str, target: str) -> None:
        """Move *source* to *target*; a folder joins one that is there, a file takes a file's place. Raises OSError."""
        if not os.path.lexists(target):
            self._rename(source, target)
        elif os.path.isdir(source) and not os.path.islink(source):
            for name in sorted(os.listdir(source)):
                self.put(os.path.join(source, name), os.path.join(target, name))
        elif os.path.isdir(target) and not os.path.islink(target):
            raise IsADirectoryError(21, "is a folder", target)
        else:
            self.drop(target)
            self._rename(source, target)

    def settle(self) -> None:
        """Let what was done stand. Raises OSError."""
        if os.path.lexists(self._journal):
            os.unlink(self._journal)

    def undo(self) -> None:
        """Take everything back; folders get their times back as well. Raises OSError."""
        while self._done:
            source, target = self._done.pop()
            os.rename(target, source)
        for folder, times in self._times.items():
            if os.path.isdir(folder):
                os.utime(folder, ns=times)

    def _rename(self, source: str, target: str) -> None:
        for path in (source, target):
            folder = os.path.dirname(path)
            if folder not in self._times:
                stat = os.stat(folder)
                self._times[folder] = (stat.st_atime_ns, stat.st_mtime_ns)
        with open(self._journal, "ab") as journal:
            journal.write(os.fsencode(f"{source}\0{target}\0"))
        os.rename(source, target)
        self._done.append((source, target))


def move_in(stage: Stage, environment: str, replaced: list[str], site: str) -> None:
    """Remove the files *replaced* from *environment* and move in what the stage holds; raises OSError with all undone.

    Not to be interrupted: the caller holds signals back.
    """
    moves = Moves(stage.trash)
    try:
        for path in replaced:
            moves.drop(path)
        folders = {os.path.dirname(path) for path in replaced} - {site, os.path.join(environment, "bin")}
        moves.drop_empty(folders)
        for name in sorted(os.listdir(stage.prefix)):
            moves.put(os.path.join(stage.prefix, name), os.path.join(environment, name))
    except OSError:
        moves.undo()
        moves.settle()
        raise
    moves.settle()


def _place(info: str, site: str) -> str:
    """Describe an installed project in the stage: copies, for uv writes into what it replaces."""
    name = os.path.basename(info)
    target = os.path.join(site, name)
    os.mkdir(target)
    rows = ""
    for file in ("METADATA", "direct_url.json", "uv_cache.json"):
        try:
            with open(os.path.join(info, file), "rb") as stream:
                data = stream.read()
        except FileNotFoundError:
            continue
        with open(os.path.join(target, file), "xb") as stream:
            stream.write(data)
        rows += f"{name}/{file},,\n"
    with open(os.path.join(target, "RECORD"), "x", encoding="utf-8") as stream:
        stream.write(f"{rows}{name}/RECORD,,\n")
    return name


def remove_leftovers(environment: str) -> None:
    """Remove stages that nobody holds, for those who laid them were killed, and take back what they had begun.

    Raises OSError.
    """
    for entry in os.listdir(environment):
        if entry.startswith(STAGE):
            path = os.path.join(environment, entry)
            held = hold_folder(path)
            if held >= 0:
                _take_back(os.path.join(path, _JOURNAL))
                remove_stage(path, held)


def _take_back(journal: str) -> None:
    try:
        with open(journal, "rb") as file:
            names = os.fsdecode(file.read()).split("\0")[:-1]
    except FileNotFoundError:
        return
    for source, target in reversed(list(zip(names[::2], names[1::2], strict=False))):
        if os.path.lexists(target) and not os.path.lexists(source):
            os.rename(target, source)
