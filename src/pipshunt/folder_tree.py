"""A folder with all that is below it: held while it is worked in or from, removed without shutil (5 ms to import)."""

import os
from collections.abc import Callable


def list_folder(folder: str) -> list[str]:
    """Return the names in *folder*, sorted; none where it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return []


def remove_tree(path: str) -> OSError | None:
    """Remove *path* and all below it, as far as that goes, and return what first stood in the way.

    Links are not followed.
    """
    obstacles: list[OSError] = []
    for folder, folders, files in os.walk(path, topdown=False, onerror=obstacles.append):
        for name in files:
            _try(os.unlink, os.path.join(folder, name), obstacles)
        for name in folders:
            inner = os.path.join(folder, name)
            _try(os.unlink if os.path.islink(inner) else os.rmdir, inner, obstacles)
    _try(os.rmdir, path, obstacles)
    return next((error for error in obstacles if not isinstance(error, FileNotFoundError)), None)


def hold_folder(folder: str) -> int:
    """Lock *folder* and return the descriptor, -1 where it is locked or cannot be; what we start inherits it."""
    import fcntl

    descriptor = -1
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if descriptor >= 0:
            os.close(descriptor)
        return -1
    os.set_inheritable(descriptor, True)
    return descriptor


def share_folder(folder: str) -> None:
    """Lock *folder* along with others until this process ends or is replaced: `is_held` then tells of it."""
    import fcntl

    try:
        fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return  # a file system without locks


def is_held(folder: str) -> bool:
    """Whether some process holds a lock of *folder*."""
    import fcntl

    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(descriptor)
    return False


def _try(action: Callable[[str], None], path: str, obstacles: list[OSError]) -> None:
    try:
        action(path)
    except OSError as error:
        obstacles.append(error)
