"""Writing a file or a symbolic link so that readers see the old one or the new one, never half of it.

For one writer at a time; the installation holds a lock.
"""

import os


def replace_file(path: str, data: bytes, mode: int) -> bool:
    """Make *path* a file of *data* and *mode*, whatever the umask; return whether anything had to be changed.

    Raises OSError.
    """
    try:
        with open(path, "rb") as file:
            if not os.path.islink(path) and file.read() == data:
                current = os.fstat(file.fileno()).st_mode & 0o7777
                if current != mode:
                    os.chmod(path, mode)
                return current != mode
    except FileNotFoundError:
        pass
    staged = _staged_name(path)
    try:
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(staged, path)
    except BaseException as error:
        _drop(staged)
        if isinstance(error, OSError) and not error.filename:
            error.filename = path  # a full disk is told of a descriptor alone
        raise
    return True


def replace_link(path: str, target: str) -> bool:
    """Make *path* a symbolic link to *target*; return whether anything had to be changed. Raises OSError."""
    if os.path.islink(path) and os.readlink(path) == target:
        return False
    staged = _staged_name(path)
    os.symlink(target, staged)
    try:
        os.replace(staged, path)
    except BaseException:
        _drop(staged)
        raise
    return True


def _staged_name(path: str) -> str:
    """Return a name beside *path*, always the same one, so that what a killed run left there goes with the next."""
    folder, name = os.path.split(path)
    staged = os.path.join(folder, f".{name}.pipshunt-new")
    _drop(staged)
    return staged


def _drop(path: str) -> None:
    import contextlib

    with contextlib.suppress(OSError):
        os.unlink(path)
