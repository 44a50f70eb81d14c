"""The interpreter that the real command would install into: told from its files where that is safe, else asked.

The rules are CPython's getpath and site, and pip's own order of looking: the answer must be the one that
`sys.prefix != sys.base_prefix` and `sysconfig.get_path("stdlib")` would give in that interpreter.
"""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

# Any of these may move prefix or stdlib (CPython, Modules/getpath.py; PYTHONPATH may bring a sitecustomize).
_MOVING_VARIABLES = ("PYTHONHOME", "PYTHONPATH", "PYTHONPLATLIBDIR")
_MOVING_ALWAYS = ("PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "_PYTHON_SYSCONFIGDATA_NAME")  # -E and -I or not


class Interpreter(NamedTuple):
    """An interpreter as it would run."""

    executable: str  # as called, not resolved: where an environment is found from
    real: str  # resolved: what new environments are made with
    version: tuple[int, int]
    prefix: str
    stdlib: str
    in_environment: bool


def examine_interpreter(
    executable: str, options: Sequence[str], env: Mapping[str, str], cwd: str, cache: str
) -> Interpreter | None:
    """Return what *executable* is, called with the interpreter *options*; None where it cannot be told or does not run.

    *cache*: the folder where answers of interpreters that had to be asked are kept; "" keeps none.
    """
    executable = os.path.normpath(os.path.join(cwd, executable))
    real = os.path.realpath(executable)
    if not _needs_asking(env, options):
        found = _read_files(executable, real)
        if found:
            return found
    if _is_script(real):
        return None  # another manager's shim: it chooses by folder and by variables of its own, and speaks for itself
    from pipshunt.probe import ask

    answer = ask(executable, options, env, cache)
    if answer is None:
        return None
    version, prefix, base_prefix, stdlib = answer
    return Interpreter(executable, real, version, prefix, stdlib, prefix != base_prefix)


def find_pip(interpreter: Interpreter, options: Sequence[str], env: Mapping[str, str], home: str) -> str:
    """Return the folder of the pip package that *interpreter* would import, "" if none is found (site's own order).

    One that is neither ours nor root's is passed over, for it is copied into new environments: root's HOME may be a
    user's (sudo -E).
    """
    major, minor = interpreter.version
    folders = []
    if not interpreter.in_environment:
        said = {} if given(options, "EI") else env
        if home and not said.get("PYTHONNOUSERSITE") and not given(options, "sI"):
            base = said.get("PYTHONUSERBASE") or os.path.join(home, ".local")
            folders.append(os.path.join(base, "lib", f"python{major}.{minor}", "site-packages"))
        folders += [
            os.path.join(interpreter.prefix, "local", "lib", f"python{major}.{minor}", "dist-packages"),
            os.path.join(interpreter.prefix, "lib", "python3", "dist-packages"),
            os.path.join(interpreter.stdlib, "site-packages"),
        ]
    folders.append(os.path.join(interpreter.prefix, "lib", f"python{major}.{minor}", "site-packages"))
    for folder in folders:
        package = os.path.join(folder, "pip")
        if os.path.isfile(os.path.join(package, "__init__.py")) and os.stat(package).st_uid in (0, os.geteuid()):
            return package
    return ""


def location_options(options: Sequence[str]) -> list[str]:
    """Keep the options that bear on where the interpreter stands; a -i or -v would only make it talk."""
    return [option for option in options if option.startswith("-") and not set(option[1:]) - set("bBdEIOPRsSuv")]


def _needs_asking(env: Mapping[str, str], options: Sequence[str]) -> bool:
    if any(env.get(name) for name in _MOVING_ALWAYS) or given(options, "S"):
        return True
    return not given(options, "EI") and any(env.get(name) for name in _MOVING_VARIABLES)


def given(options: Sequence[str], letters: str) -> bool:
    """Tell whether one of *letters* is among the interpreter's options, be it in a cluster such as -sE."""
    return any(_has_letter(option, letters) for option in options)


def _has_letter(option: str, letters: str) -> bool:
    """Whether a cluster of options such as -sE holds one of *letters*; -W and -X take the rest as a value."""
    if not option.startswith("-") or option.startswith("--"):
        return False
    for letter in option[1:]:
        if letter in "cmWX":
            return False
        if letter in letters:
            return True
    return False


def _read_files(executable: str, real: str) -> Interpreter | None:
    """Tell by a pyvenv.cfg one folder up, if there is one (PEP 405).

    In doubt is one beside the executable, or one that is no file: what these mean changed with CPython 3.14.
    """
    folder = os.path.dirname(executable)
    beside, above = (os.path.join(place, "pyvenv.cfg") for place in (folder, os.path.dirname(folder)))
    if os.path.exists(beside) or os.path.isdir(above):
        return None
    return _read_environment(executable, real) if os.path.exists(above) else _read_base(executable, real)


def _read_environment(executable: str, real: str) -> Interpreter | None:
    """Tell an environment from the interpreter behind it; None where the two are one, and so in doubt."""
    base = _read_base(real, real)
    prefix = os.path.dirname(os.path.dirname(executable))
    if base is None or prefix == base.prefix:
        return None
    return base._replace(executable=executable, prefix=prefix, in_environment=True)


def _read_base(executable: str, real: str) -> Interpreter | None:
    """Tell an installed interpreter by its name, pythonX.Y, and the os.py landmark above it; None where in doubt.

    In doubt is a lib64: whether an interpreter looks there was decided when it was built.
    """
    version = _named_version(os.path.basename(real))
    if version is None or not _is_elf(real):
        return None
    folder = os.path.dirname(_follow(executable))
    name = "python{}.{}".format(*version)
    if os.path.exists(os.path.join(folder, "pybuilddir.txt")) or os.path.exists(real + "._pth"):
        return None
    while folder != "/":
        folder = os.path.dirname(folder)
        lib = os.path.join(folder, "lib")
        if os.path.isfile(os.path.join(folder, "lib64", name, "os.py")) and not os.path.islink(f"{folder}/lib64"):
            return None
        if os.path.exists(os.path.join(lib, "python{}{}.zip".format(*version))):
            return None
        if os.path.isfile(os.path.join(lib, name, "os.py")) and not os.path.islink(lib):
            return Interpreter(executable, real, version, folder, os.path.join(lib, name), in_environment=False)
    return None


def _follow(path: str) -> str:
    """Follow the links that *path* itself is, but none on the way to it: so CPython finds its library."""
    for _ in range(40):  # as many as the kernel follows
        if not os.path.islink(path):
            break
        path = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    return path


def _named_version(name: str) -> tuple[int, int] | None:
    major, dot, minor = name.removeprefix("python").partition(".")
    if name.startswith("python") and dot and major.isdecimal() and minor.isdecimal():
        return int(major), int(minor)
    return None


def _is_elf(path: str) -> bool:
    return _first_bytes(path, 4) in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def _is_script(path: str) -> bool:
    return _first_bytes(path, 2) == b"#!"


def _first_bytes(path: str, count: int) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(count)
    except OSError:
        return b""
