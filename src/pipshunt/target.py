"""The target of a call: the interpreter that the real command would install into, its pip and its marker."""

import os
from collections.abc import Mapping
from typing import NamedTuple

from pipshunt.call import Call, is_pip, is_python
from pipshunt.command import PipFacts, pip_version
from pipshunt.interpreter import Interpreter, examine_interpreter, find_pip, given, location_options
from pipshunt.launch import Launch
from pipshunt.marker import Marker, describe_marker, find_marker
from pipshunt.places import Places
from pipshunt.search import read_shebang


class Target(NamedTuple):
    """Where the real command would install, and by which pip."""

    interpreter: Interpreter
    marker: Marker | None
    pip: str  # folder of the pip package, "" if none was found
    facts: PipFacts


def find_target(call: Call, launch: Launch, places: Places) -> Target | None:
    """Return the target of *call*; None when only the real tool itself can tell (another manager's shim, say)."""
    if not call.real or given(launch.options, "S") or _meets_another_pip(call, launch):
        return None
    executable = read_shebang(call.real, call.env, call.cwd) if is_pip(call.tool) else call.real
    return examine_target(executable, launch.options, call.env, call.cwd, places) if executable else None


def _meets_another_pip(call: Call, launch: Launch) -> bool:
    """Whether another module called pip comes first: in the working directory, where -m looks, or on PYTHONPATH."""
    said = {} if given(launch.options, "EI") else call.env
    folders = said.get("PYTHONPATH", "").split(":") if said.get("PYTHONPATH") else []
    by_module = is_python(call.tool) and not launch.script and not launch.bootstrap
    if by_module and not given(launch.options, "IP") and not said.get("PYTHONSAFEPATH"):
        folders.append("")
    return any(
        os.path.exists(os.path.join(call.cwd, folder, name))
        for folder in folders
        for name in ("pip.py", "pip/__init__.py")
    )


def redirect_target(target: Target, python: str, call: Call, places: Places) -> Target | None:
    """Return the target of `pip --python PYTHON`: that interpreter, run by the same pip."""
    path = os.path.join(call.cwd, python)
    if os.path.isdir(path):
        path = os.path.join(path, "bin", "python")
    found = examine_target(path, (), call.env, call.cwd, places) if os.path.exists(path) else None
    if found is None:
        return None
    facts = found.facts._replace(version=target.facts.version, package=target.pip)
    return found._replace(pip=target.pip, facts=facts)


def examine_target(
    executable: str, options: tuple[str, ...], env: Mapping[str, str], cwd: str, places: Places
) -> Target | None:
    """Return *executable*, started with *options*, as a target; None where it does not run."""
    interpreter = examine_interpreter(executable, options, env, cwd, places.cache)
    if interpreter is None:
        return None
    marker = "" if interpreter.in_environment else find_marker(interpreter.stdlib)
    pip = "" if interpreter.in_environment else find_pip(interpreter, options, env, places.home)
    start = (executable, *location_options(options))
    facts = PipFacts(read_pip_version(pip), interpreter.prefix, interpreter.in_environment, start, pip)
    return Target(interpreter, describe_marker(marker) if marker else None, pip, facts)


def read_pip_version(pip: str) -> tuple[int, ...]:
    """Return the version of the package in folder *pip*; () where there is none, which counts as the newest."""
    try:
        with open(os.path.join(pip, "__init__.py"), encoding="utf-8", errors="replace") as file:
            return pip_version(file.read(4096))
    except OSError:
        return ()
