"""Whether the console scripts of what was asked for start: file, interpreter, object, and that PATH leads to it.

None is run: what a program does with `--version`, or without it, is not known.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipshunt.call import is_pip, quoted
from pipshunt.search import find_commands, find_tool, is_shim, read_shebang
from pipshunt.verify.imports import import_command, missed_extra
from pipshunt.verify.modules import read_paths
from pipshunt.verify.result import FINDING, NOTICE, OK, SCRIPTS, Result
from pipshunt.verify.subject import Installed, Subject
from pipshunt.verify.trial import Trials, tell_end
from pipshunt.verify.trial_import import SUCCESS

_GROUPS = ("console_scripts", "gui_scripts")


class Script(NamedTuple):
    """One script that a distribution brings."""

    name: str
    path: str
    module: str  # of its entry point, "" where it is a program of its own
    attributes: str


def check_scripts(
    subject: Subject, asked: Sequence[Installed], trials: Trials, env: Mapping[str, str], cwd: str, *, on_path: bool
) -> Iterator[Result]:
    """Yield what became of each script; *on_path*: its name is to lead to it, for this is PATH's Python."""
    owners = {script: installed for installed in asked for script in find_scripts(installed, subject.scripts)}
    scripts = list(owners)
    pointed = [script for script in scripts if script.module]
    commands = [import_command(subject.executable, script.module, script.attributes) for script in pointed]
    ended = dict(zip(pointed, trials.run_all(commands), strict=True))
    for script in scripts:
        problem = _file_problem(script, subject, env, cwd)
        if problem:
            yield Result(SCRIPTS, FINDING, script.name, f"{script.name} does not start: {problem}")
        elif script in ended and ended[script].status != SUCCESS:
            said = f"{script.name} does not start: {tell_end(ended[script], trials.seconds)}"
            extra = missed_extra(owners[script], ended[script])
            if extra:
                said += f"; it is for {owners[script].name}[{extra}]"
                yield Result(SCRIPTS, NOTICE, script.name, said)
                continue
            found = f"from {script.module} import {script.attributes.partition('.')[0] or '*'}"
            again = f"{quoted(subject.executable)} -c {quoted(found)}"
            yield Result(SCRIPTS, FINDING, script.name, said, again)
        else:
            yield judge_name(script, env, cwd, on_path=on_path)


def find_scripts(installed: Installed, folder: str) -> list[Script]:
    """Return the scripts of *installed*, which are in *folder* unless its RECORD says otherwise."""
    paths = {}
    for path in read_paths(installed.info) or ():
        full = os.path.normpath(os.path.join(installed.site, path))
        if os.path.basename(os.path.dirname(full)) == "bin" and ".." in path.split("/"):
            paths[os.path.basename(full)] = full
    scripts = []
    for name, reference in read_entry_points(os.path.join(installed.info, "entry_points.txt")):
        module, _, attributes = reference.partition("[")[0].partition(":")
        path = paths.pop(name, os.path.join(folder, name))
        scripts.append(Script(name, path, module.strip(), attributes.strip()))
    return scripts + [Script(name, path, "", "") for name, path in paths.items()]


def read_entry_points(file: str) -> list[tuple[str, str]]:
    """Return name and object reference of each script in an entry_points.txt (Entry points specification, PyPA)."""
    import configparser

    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    try:
        parser.read(file, encoding="utf-8")
        return [(name, parser[group][name]) for group in _GROUPS if group in parser for name in parser[group]]
    except (configparser.Error, UnicodeDecodeError):
        return []


def _file_problem(script: Script, subject: Subject, env: Mapping[str, str], cwd: str) -> str:
    """Return why the kernel, or its interpreter, would not start *script*; "" if nothing stands in the way."""
    if not os.path.exists(script.path):
        return f"{script.path} is not there"
    if not os.access(script.path, os.X_OK):
        return f"{script.path} is not executable"
    try:
        with open(script.path, "rb") as file:
            head = file.read(512)
    except OSError as error:
        return f"{script.path} cannot be read: {error.strerror}"
    if not head.startswith(b"#!"):
        return (
            "" if head[:1] == b"\x7f" or not script.module else f"{script.path} has no first line with an interpreter"
        )
    words = os.fsdecode(head.partition(b"\n")[0][2:]).split()
    if not words or not os.access(words[0], os.X_OK):
        return f"its interpreter {words[0] if words else ''} is not there ({script.path}, line 1)"
    interpreter = read_shebang(script.path, env, cwd)
    if not interpreter:
        return ""  # a script of another language
    if not os.access(os.path.join(cwd, interpreter), os.X_OK):
        return f"its interpreter {interpreter} is not there ({script.path}, line 1)"
    by_name = os.path.basename(words[0]) == "env"
    if not by_name and not _is_subjects(interpreter, subject):
        return f"its interpreter is {interpreter}, which is not of {subject.prefix} ({script.path}, line 1)"
    return ""


def _is_subjects(interpreter: str, subject: Subject) -> bool:
    if not subject.is_environment:
        return os.path.realpath(interpreter) == os.path.realpath(subject.executable)
    folder = os.path.dirname(os.path.dirname(os.path.abspath(interpreter)))
    return os.path.realpath(folder) == os.path.realpath(subject.prefix)


def judge_name(script: Script, env: Mapping[str, str], cwd: str, *, on_path: bool) -> Result:
    """Judge where the script's name leads to on PATH, where a shim gives way to any other command."""
    level = FINDING if on_path else NOTICE
    found = next(find_commands(script.name, env, cwd), "")
    if found and is_shim(found):
        if is_pip(script.name):
            return Result(SCRIPTS, OK, script.name, f"{script.name} starts, by way of {found}")
        found = find_tool(script.name, env, cwd) or script.path
    if not found and is_pip(script.name):  # a pip of another name than the machine's is linked nowhere
        return Result(SCRIPTS, OK, script.name, f"{script.name} starts ({script.path})")
    if not found:
        return Result(
            SCRIPTS,
            level,
            script.name,
            f"{script.name} is not on PATH: it is {script.path}",
            f'export PATH={quoted(os.path.dirname(script.path))}:"$PATH"',
        )
    if os.path.realpath(found) != os.path.realpath(script.path):
        said = f"{script.name} is not on PATH as {script.path}: {found} is another"
        return Result(SCRIPTS, level, script.name, said, quoted(script.path))
    return Result(SCRIPTS, OK, script.name, f"{script.name} starts ({script.path})")
