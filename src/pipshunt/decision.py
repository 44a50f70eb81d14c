"""The decision: what becomes of a call. A function from values to a value; nothing is read or written here."""

from typing import TYPE_CHECKING, NamedTuple

from pipshunt.command import Command, checks_marker, exemption
from pipshunt.policy import Verdict
from pipshunt.target import Target
from pipshunt.track import Track

if TYPE_CHECKING:
    from pipshunt.uv_system import SystemUv

CHANGING = ("install", "uninstall")
READING = ("list", "freeze", "show", "check", "inspect")


class Decision(NamedTuple):
    """What becomes of a call, and why."""

    action: str  # pass, venv, uv-system, override or refuse
    reason: str  # in words that complete "…, because …"
    refused_by_pip: bool  # whether pip itself would refuse the call as it stands
    verdict: Verdict | None = None  # the policy's word where it was asked
    track: Track | None = None
    uv: "SystemUv | None" = None  # what a `uv-system` plan runs
    override: str = ""  # the user's own override that lets the call pass: "--break-system-packages (command line)"


def decide_target(command: Command | None, target: Target | None) -> Decision | None:
    """Decide what needs neither policy nor track: the calls that are not ours. None: they must be asked."""
    if command is None:
        return Decision("pass", "it does not start pip", False)
    if command.verb not in (*CHANGING, *READING):
        return Decision(
            "pass", f"`pip {command.verb}` installs nothing" if command.verb else "it installs nothing", False
        )
    if target is None:
        return Decision("pass", "only the real command can tell which interpreter it uses", False)
    if target.interpreter.in_environment:
        return Decision("pass", f"{target.interpreter.prefix} is a virtual environment", False)
    if target.marker is None and (command.verb != "install" or not checks_marker(command)):
        return _unmanaged(target)
    if command.ends_early:
        return Decision("pass", f"pip ends before it looks for the marker: {command.ends_early}", False)
    if command.verb in CHANGING and not checks_marker(command):
        exempt = exemption(command)
        override = exempt if "break-system-packages" in exempt else ""
        return Decision("pass", f"pip does not look for the marker: {exempt}", False, override=override)
    return None


def decide_override(passed: Decision, active: Track | None) -> Decision:
    """Decide what passes on the user's own override: in an active environment there is nothing to override."""
    return Decision("venv", f"{active.environment} is active here", False, track=active) if active else passed


def decide_reading(followed: Track | None) -> Decision:
    """Decide a reading command: it answers for the environment that is followed here, if one is."""
    if followed is None:
        return Decision("pass", "no environment is followed or active here", False)
    return Decision(
        "venv",
        f"{followed.environment} is {'active' if followed.kind == 'active' else 'followed'} here",
        False,
        track=followed,
    )


def decide_unmarked(target: Target, verdict: Verdict, uv: "SystemUv | None") -> Decision:
    """Decide an install into an interpreter without a marker: the policy's `uv-system` is all that concerns it."""
    if uv and not uv.problem:
        return Decision("uv-system", "the policy says `uv-system`", False, verdict, uv=uv)
    return _unmanaged(target)


def _unmanaged(target: Target) -> Decision:
    return Decision("pass", f"{target.interpreter.executable} is not externally managed", False)


def decide_changing(command: Command, verdict: Verdict, track: Track, uv: "SystemUv | None") -> Decision:
    """Decide an install or uninstall that pip would refuse, by the policy's *verdict* and the state of *track*."""
    if verdict.action in ("pass", "override"):
        return Decision(verdict.action, f"the policy says `{verdict.action}`", True, verdict)
    if verdict.action == "refuse":
        return Decision("refuse", verdict.message or "the policy refuses it", True, verdict)
    if uv and uv.problem:
        return Decision("refuse", f"the policy says `uv-system`, but {uv.problem}", True, verdict)
    if uv:
        return Decision("uv-system", "the policy grants it", True, verdict, uv=uv)
    if track.problem:
        return Decision("refuse", track.problem, True, verdict, track)
    if command.verb == "uninstall" and not track.exists:
        said = f"there is no environment to uninstall from: {track.environment} does not exist"
        return Decision("refuse", said, True, verdict, track)
    return Decision("venv", "pip would refuse it", True, verdict, track)


def decide_bootstrap(refused: str, overridable: bool, verdict: Verdict) -> Decision:
    """Decide what would install a pip, and would be *refused*: no track helps, but the policy may let it be."""
    if verdict.action == "pass" or (verdict.action == "override" and overridable):
        return Decision(verdict.action, f"the policy says `{verdict.action}`", True, verdict)
    if verdict.action == "refuse":
        return Decision("refuse", verdict.message or "the policy refuses it", True, verdict)
    return Decision("refuse", refused, True)
