"""Whether every top-level module of what was asked for imports, each in a process of its own."""

import os
import re
from collections.abc import Iterator, Sequence

from pipshunt.call import quoted
from pipshunt.requirements import normalised
from pipshunt.verify.modules import Modules, find_modules
from pipshunt.verify.result import FINDING, IMPORTS, NOTICE, OK, Result
from pipshunt.verify.subject import Installed, Subject
from pipshunt.verify.trial import Ended, Trials, tell_end
from pipshunt.verify.trial_import import SUCCESS

_MISSING = re.compile(r"No module named '([\w.]+)'")


def check_imports(subject: Subject, asked: Sequence[Installed], trials: Trials, cwd: str) -> Iterator[Result]:
    """Yield what became of each module of the distributions *asked* for."""
    brought = {installed.key: find_modules(installed.info, installed.key) for installed in asked}
    owners = {module: installed for installed in asked for module in brought[installed.key].names}
    for installed in asked:
        yield from _left_out(installed, brought[installed.key])
    ended = trials.run_all([import_command(subject.executable, module) for module in owners])
    working = {installed.key for installed, end in zip(owners.values(), ended, strict=True) if end.status == SUCCESS}
    for (module, installed), end in zip(owners.items(), ended, strict=True):
        extra = missed_extra(installed, end) if installed.key in working else ""
        yield _judge(subject, installed, module, end, trials.seconds, extra)
        if end.status == SUCCESS:
            yield from _hidden(installed, module, cwd)


def missed_extra(installed: Installed, end: Ended) -> str:
    """Return the extra that would have brought a module that was missing, "" if there is none."""
    missing = (normalised(name.partition(".")[0]) for name in _MISSING.findall(end.error))
    return next((installed.optional[name] for name in missing if name in installed.optional), "")


def import_command(python: str, module: str, attributes: str = "") -> list[str]:
    """Return the command that imports *module* with *python*, and finds the object *attributes* in it."""
    with open(os.path.join(os.path.dirname(__file__), "trial_import.py"), encoding="utf-8") as file:
        source = file.read()
    return [python, "-B", "-c", source, module, *([attributes] if attributes else [])]


def _judge(subject: Subject, installed: Installed, module: str, end: Ended, seconds: float, extra: str) -> Result:
    """Judge one module; what only an *extra* of a distribution needs that works otherwise is a notice."""
    if end.status == SUCCESS:
        return Result(IMPORTS, OK, module, f"{module} imports ({installed.name} {installed.version})", "", end.seconds)
    said = f"{module} does not import: {tell_end(end, seconds)}"
    if extra:
        return Result(IMPORTS, NOTICE, module, f"{said}; it is for {installed.name}[{extra}]", "", end.seconds)
    again = f"{quoted(subject.executable)} -c {quoted(f'import {module}')}"
    return Result(IMPORTS, FINDING, module, said, again, end.seconds)


def _left_out(installed: Installed, modules: Modules) -> Iterator[Result]:
    name = installed.name
    if modules.unknown:
        yield Result(IMPORTS, NOTICE, name, f"{name}: {modules.unknown}, so none is imported")
    elif not modules.names:
        yield Result(IMPORTS, OK, name, f"{name} {installed.version} brings no module, so none is imported")
    if modules.left_out:
        said = f"{name} also brings {', '.join(modules.left_out)}, by mistake as it seems; not imported"
        yield Result(IMPORTS, NOTICE, name, said)


def _hidden(installed: Installed, module: str, cwd: str) -> Iterator[Result]:
    """Tell of a file in the working directory that comes before the module where Python is started there."""
    top = module.partition(".")[0]
    is_there = any(os.path.exists(os.path.join(installed.site, name)) for name in (top, f"{top}.py"))
    for path in (os.path.join(cwd, f"{top}.py"), os.path.join(cwd, top, "__init__.py")):
        if cwd and is_there and os.path.isfile(path):  # not so where its sources are what is installed (editable)
            said = f"{path} hides it from what is started in {cwd} by `python3 -c`, `-m` or as a script"
            yield Result(IMPORTS, NOTICE, module, f"{module}: {said}")
