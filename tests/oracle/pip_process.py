"""A real pip that answers again and again: run by real_pip.py with a real interpreter, whose pip it imports once.

Each line of stdin is {"args", "env", "cwd"}. A fork of this process becomes that call and runs pip's own main, up to
where pip has done with its marker: what would be installed or uninstalled after that is cut off, as are other verbs. The
answer is {"refused", "status", "again", "said"}: `again` is the interpreter under which pip would start itself again for
`--python`. The first line out is what this pip knows: its version, verbs and options; nothing where there is no pip.
"""

import contextlib
import gc
import glob
import json
import optparse
import os
import signal
import sys
import tempfile
import types
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED, REACHED, AGAIN = 97, 98, 99  # exit statuses that are none of pip's
SECONDS = 20


def find_pip() -> str:
    """Import pip, if need be the one that Python brings along for ensurepip, and give its version."""
    try:
        import pip
    except ImportError:
        import ensurepip

        sys.path += glob.glob(os.path.join(os.path.dirname(ensurepip.__file__), "_bundled", "pip-*.whl"))
        import pip
    return str(pip.__version__)


def describe() -> dict[str, Any]:
    """Describe the verbs, and the options of the parsers that we have tables of."""
    from pip._internal.cli.main_parser import create_main_parser
    from pip._internal.commands import commands_dict, create_command

    parsers = {"global": create_main_parser()}
    parsers.update({name: create_command(name).parser for name in ("install", "uninstall")})
    return {
        "version": find_pip(),
        "verbs": sorted(commands_dict),
        "parsers": {name: [describe_option(option) for option in all_of(parsers[name])] for name in parsers},
    }


def all_of(parser: Any) -> list[optparse.Option]:
    """List a parser's options, those of its groups included."""
    return [*parser.option_list, *(option for group in parser.option_groups for option in group.option_list)]


def describe_option(option: Any) -> dict[str, Any]:
    """Describe an option in the words of optparse."""
    return {
        "flags": [*option._long_opts, *option._short_opts],
        "action": option.action,
        "takes": bool(option.takes_value()),
        "type": option.type or "",
        "choices": list(option.choices or ()),
    }


def cut(module: Any, name: str, status: int) -> None:
    """End this process where pip would go on to call *name*."""

    def end(*_: Any, **__: Any) -> NoReturn:
        os._exit(status)

    if hasattr(module, name):
        setattr(module, name, end)


def watch(module: Any) -> None:
    """Have pip's own check decide, and end this process with what it says."""
    check: Callable[[], None] | None = getattr(module, "check_externally_managed", None)
    if check is None:
        return
    from pip._internal.exceptions import ExternallyManagedEnvironment

    def checked() -> NoReturn:
        try:
            check()
        except ExternallyManagedEnvironment:
            os._exit(REFUSED)
        os._exit(REACHED)

    module.check_externally_managed = checked


def arrange(again: int) -> None:
    """Arrange pip's modules so that a call ends when it is clear what becomes of it."""
    from pip._internal import commands
    from pip._internal.cli import cmdoptions, main, main_parser
    from pip._internal.commands import install, uninstall

    def rerun(command: list[str], *_: Any, **__: Any) -> NoReturn:
        os.write(again, os.fsencode(command[0]))
        os._exit(AGAIN)

    def create(name: str, **settings: Any) -> Any:
        if name not in ("install", "uninstall"):
            os._exit(REACHED)
        return created(name, **settings)

    created: Callable[..., Any] = commands.create_command
    for module in (commands, main):  # which of them pip calls it by depends on its version
        vars(module)["create_command"] = create
    watch(install)
    watch(uninstall)
    cut(cmdoptions, "check_dist_restriction", REACHED)  # what install does next
    cut(uninstall, "protect_pip_from_modification_on_windows", REACHED)
    vars(main_parser)["subprocess"] = types.SimpleNamespace(run=rerun, Popen=rerun, SubprocessError=OSError)


def become(call: dict[str, Any], output: int, again: int) -> NoReturn:
    """Be the call."""
    signal.alarm(SECONDS)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(call["env"])
    os.chdir(call["cwd"])
    sys.argv = ["pip", *call["args"]]
    from pip._internal.cli.main import main

    status: Any = 120
    try:
        status = main(call["args"])
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001 - pip's own tracebacks too are answers
        import traceback

        traceback.print_exc()
        status = 1
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 0 if status is None else 1)


def prepare() -> None:
    """Do once what each fork would do again: import, and ask the machine what it is for pip's user agent."""
    from pip._internal.commands import install, uninstall  # noqa: F401
    from pip._internal.network import session

    agent = session.user_agent()
    vars(session)["user_agent"] = lambda: agent
    gc.disable()
    gc.freeze()


def answer(call: dict[str, Any]) -> dict[str, Any]:
    """Fork, be the call, and tell what became of it."""
    asked, again = os.pipe()
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            try:
                arrange(again)
                become(call, output.fileno(), again)
            finally:
                os._exit(121)
        os.close(again)
        with os.fdopen(asked, "rb") as pipe:
            python = os.fsdecode(pipe.read())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        said = output.read()[-2000:].decode("utf-8", "replace")
    return {"refused": status == REFUSED, "status": status, "again": python, "said": said}


def main() -> None:
    """Answer until there is no more to answer."""
    try:
        find_pip()
        prepare()
        print(json.dumps(describe()), flush=True)
    except (ImportError, AttributeError) as error:
        print(json.dumps({"version": "", "error": f"{type(error).__name__}: {error}"}), flush=True)
        return
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
