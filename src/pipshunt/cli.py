"""The people's commands: `pipshunt explain`, `log`, `policy`. Nothing here is on the path of a pip call."""

import _thread
import argparse  # noqa: TID253  (people's tier)
import json  # noqa: TID253
import os
import signal
import sys

from pipshunt import __version__
from pipshunt.context import find_project
from pipshunt.places import MACHINE_POLICY, find_places
from pipshunt.process import heed_interrupts
from pipshunt.streams import STDOUT, drop_output, settle_streams, tell


def main(argv: list[str] | None = None) -> int:
    """Run one of the people's commands; returns the exit status."""
    try:
        sys.unraisablehook = _heed_lost_interrupt
        heed_interrupts()
        settle_streams()
        status = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.filename == STDOUT:
            drop_output(1)
            if isinstance(error, BrokenPipeError):  # whoever read us has enough
                return 0
        said = error.strerror or str(error)
        tell(f"pipshunt: {error.filename}: {said}" if error.filename else f"pipshunt: {said}")
        return 1
    finally:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left to put back
    return status


def _heed_lost_interrupt(lost: "sys.UnraisableHookArgs") -> None:
    """Have a Ctrl-C come again that Python drops, for it came within a callback: of an import's lock, say."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        _thread.start_new_thread(os.kill, (os.getpid(), signal.SIGINT))  # a moment later, when the callback is over
    else:
        sys.__unraisablehook__(lost)


def _run(words: list[str]) -> int:
    parser = _parser()
    if not words:
        parser.print_help(sys.stderr)
        return 2
    try:
        arguments = parser.parse_args(words)
    except SystemExit as end:  # of --help, whose text is yet to be written, and of a wrong call
        return int(end.code or 0)
    status: int = arguments.run(arguments)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="pipshunt", description="pip, shunted onto the right track.")
    parser.add_argument("--version", action="version", version=f"pipshunt {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    hook = commands.add_parser("hook", help="print what a shell evaluates to enter and leave projects' environments")
    hook.add_argument(
        "shell", nargs="?", default="", metavar="SHELL", help="bash, zsh or fish; the one at hand if none"
    )
    hook.set_defaults(run=_hook)

    explain = commands.add_parser("explain", help="say what would happen to a pip or python call, executing nothing")
    explain.add_argument("--json", action="store_true", help="print one JSON object")
    explain.add_argument("--batch", action="store_true", help='read {"argv", "env", "cwd"} as JSON lines from stdin')
    explain.add_argument("call", nargs=argparse.REMAINDER, metavar="CALL", help="the call: pip install flask")
    explain.set_defaults(run=_explain)

    log = commands.add_parser("log", help="show what was rewritten and refused")
    log.add_argument("--json", action="store_true", help="print the lines of the log as they are")
    log.add_argument("-n", type=int, default=0, metavar="N", help="only the last N")
    log.set_defaults(run=_log)

    policy = commands.add_parser("policy", help="start or check a policy file")
    actions = policy.add_subparsers(required=True, metavar="ACTION")
    init = actions.add_parser("init", help="write a commented starter file")
    init.add_argument(
        "--user", action="store_true", help="your own policy.toml (root: the machine's) instead of this project's"
    )
    init.set_defaults(run=_policy_init)
    check = actions.add_parser("check", help="check the policy files in effect here, or those named")
    check.add_argument("files", nargs="*", metavar="FILE")
    check.set_defaults(run=_policy_check)
    uninstall = commands.add_parser("uninstall", help="take pipshunt away again, and say what is left")
    uninstall.add_argument(
        "--all", action="store_true", help="also the environments, the log and the notes that installs have made"
    )
    uninstall.add_argument("--dry-run", action="store_true", help="only say what would be removed, and what left")
    uninstall.add_argument("--json", action="store_true", help="print one JSON object")
    uninstall.set_defaults(run=_uninstall)
    _add_transparent(commands)
    _add_verify(commands)
    _add_doctor(commands)
    return parser


def _add_transparent(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    transparent = commands.add_parser("transparent", help="see a pip that is called by its path, too")
    actions = transparent.add_subparsers(required=True, metavar="ACTION")
    on = actions.add_parser("on", help="catch the pip of these interpreters (default: all externally managed ones)")
    on.add_argument("--user", action="store_true", help="for yourself alone")
    off = actions.add_parser("off", help="go back to what was, for these interpreters (default: all)")
    for action in (on, off):
        action.add_argument("interpreters", nargs="*", metavar="INTERPRETER")
    status = actions.add_parser("status", help="show which interpreters it is on for")
    status.add_argument("--json", action="store_true", help="print one JSON object")
    for name, action in (("on", on), ("off", off), ("status", status)):
        action.set_defaults(run=_transparent, action=name)


def _add_verify(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verify = commands.add_parser("verify", help="check that what was asked for works, and the OS's Python is unchanged")
    verify.add_argument(
        "requirements", nargs="*", metavar="REQUIREMENT", help="check these, and not all that was ever asked for"
    )
    verify.add_argument("-r", "--requirement", action="append", default=[], metavar="FILE", help="those of a file")
    verify.add_argument(
        "--python", default="", metavar="PYTHON", help="not what python3 is here: a path, folder or name"
    )
    verify.add_argument("--timeout", type=float, default=60, metavar="S", help="seconds for each module (60)")
    verify.add_argument("--json", action="store_true", help="print one JSON object")
    verify.set_defaults(run=_verify)


def _verify(arguments: argparse.Namespace) -> int:
    from pipshunt.verify.verification import Request, run_verify

    if not arguments.timeout > 0:
        print("pipshunt: --timeout needs a number of seconds above 0", file=sys.stderr)
        return 2
    named = tuple(arguments.requirements), tuple(arguments.requirement)
    request = Request(*named, arguments.python, arguments.timeout)
    return run_verify(request, os.environ, _cwd(), os.geteuid(), as_json=arguments.json)


def _add_doctor(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    doctor = commands.add_parser("doctor", help="say what stands between a command and its shim, and what mends it")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.add_argument(
        "--wait", type=float, default=0.3, metavar="SECONDS", help="how long your shells have to answer (0.3)"
    )
    doctor.set_defaults(run=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    from pipshunt.doctor.doctor_page import show
    from pipshunt.doctor.examination import read_world

    return show(read_world(os.environ, _cwd(), os.geteuid(), arguments.wait), as_json=arguments.json)


def _uninstall(arguments: argparse.Namespace) -> int:
    try:
        from pipshunt.setup.uninstallation import uninstall
    except ImportError:
        if os.path.lexists(sys.prefix):  # the link to the engine in use
            raise
        tell("pipshunt: another uninstall has just taken it away")
        return 0
    everything, dry, as_json = arguments.all, arguments.dry_run, arguments.json
    return uninstall(os.environ, os.geteuid(), everything=everything, dry=dry, as_json=as_json)


def _hook(arguments: argparse.Namespace) -> int:
    from pipshunt.hook import print_hook

    return print_hook(arguments.shell, os.environ, os.geteuid())


def _explain(arguments: argparse.Namespace) -> int:
    from pipshunt.explain import as_object, explain_call, page

    if arguments.batch:
        return _explain_batch()
    words = arguments.call[1:] if arguments.call[:1] == ["--"] else arguments.call
    if not words:
        print("pipshunt: explain needs a call: pipshunt explain -- pip install flask", file=sys.stderr)
        return 2
    flow = explain_call(words, os.environ, _cwd(), os.geteuid())
    if arguments.json:
        _print(json.dumps(as_object(flow)))
    else:
        _print("\n".join(page(flow)))
    return 0


def _explain_batch() -> int:
    """Answer each line of stdin with one object; a line that is no call is answered with its error."""
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        sudo = os.geteuid() == 0 and (b"SUDO_UID" in line or "SUDO_UID" in os.environ)
        child = os.fork() if sudo else 0  # to answer for the caller, it becomes the caller, for good
        if child:
            os.waitpid(child, 0)
            continue
        _print(_answer_line(line))
        if sudo:
            os._exit(0)
    return 0


def _answer_line(line: bytes) -> str:
    from pipshunt.explain import as_object, explain_call

    try:
        argv, env, cwd = _read_batch_line(line)
        answer = as_object(explain_call(argv, env, cwd, os.geteuid()))
    except (ValueError, RecursionError) as error:  # the latter from JSON that is nested too deeply
        answer = {"schema": 1, "error": str(error)}
    return json.dumps(answer)


def _read_batch_line(line: bytes) -> tuple[list[str], dict[str, str], str]:
    """Read one call. `env` changes our own environment, null removes a variable; raises ValueError."""
    call = json.loads(line)
    if not isinstance(call, dict):
        raise ValueError("a call is an object with argv, env and cwd")  # noqa: TRY004  (bad input, not a bug)
    argv, changes, cwd = call.get("argv"), call.get("env") or {}, call.get("cwd") or _cwd()
    if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
        raise ValueError("argv is a list of one or more strings")
    if not isinstance(changes, dict) or not isinstance(cwd, str):
        raise ValueError("env is an object, cwd a string")  # noqa: TRY004
    env = {**os.environ, **{str(name): value for name, value in changes.items()}}
    return argv, {name: str(value) for name, value in env.items() if value is not None}, cwd


def _log(arguments: argparse.Namespace) -> int:
    from pipshunt.log_table import show_log

    places = find_places(os.environ, os.geteuid())
    return show_log(places.log, last=arguments.n, as_json=arguments.json, home=places.home)


def _policy_init(arguments: argparse.Namespace) -> int:
    """Write the starter where such a policy is looked for: the project's root, the user's or the machine's folder."""
    from pipshunt.policy_commands import init_policy

    if os.geteuid() == 0 and "SUDO_UID" in os.environ and not arguments.user:
        from pipshunt.sudo import CannotBecome, become_owner

        try:
            become_owner(os.environ, _cwd())
        except CannotBecome as error:
            print(f"pipshunt: {error}", file=sys.stderr)
            return 1
    places = find_places(os.environ, os.geteuid())
    if not arguments.user:
        return init_policy(find_project(_cwd(), os.geteuid(), places)[0] or _cwd(), "repository")
    if os.geteuid() == 0:
        return init_policy(os.path.dirname(MACHINE_POLICY), "machine")
    return init_policy(os.path.dirname(places.policy), "user")


def _policy_check(arguments: argparse.Namespace) -> int:
    from pipshunt.policy_commands import check_policy

    places = find_places(os.environ, os.geteuid())
    project = find_project(_cwd(), os.geteuid(), places)[0]
    return check_policy(arguments.files, project, places.policy, MACHINE_POLICY, os.geteuid())


def _transparent(arguments: argparse.Namespace) -> int:
    from pipshunt.transparent.switch import read_person, turn_off, turn_on

    person = read_person(os.environ, os.geteuid())
    if arguments.action == "on":
        return turn_on(arguments.interpreters, person, user=arguments.user)
    if arguments.action == "off":
        return turn_off(arguments.interpreters, person)
    from pipshunt.transparent.status import show_status

    return show_status(person, as_json=arguments.json)


def _cwd() -> str:
    try:
        return os.getcwd()
    except OSError:
        return ""


def _print(text: str) -> None:
    """Print, bytes as they came: an argument need not be UTF-8."""
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
