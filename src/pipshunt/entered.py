"""An environment that the shell's hook has entered, or CI's steps: calls made in it are seen as without it.

What the hook enters, following would have led to all the same: so policy, log and uv are to hold as they do without the
hook, and what a command does in another folder goes by that folder. What the user activates is the user's word, and
left alone.
"""

from collections.abc import Mapping

from pipshunt.call import Call
from pipshunt.launch import read_launch
from pipshunt.search import find_tool

ENTERED = "PIPSHUNT_ENTERED"
SHIMS = "entered"  # the folder of shims, beside ours, that is on PATH in an entered environment alone
_VARIABLES = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME")  # the hook keeps them as _PIPSHUNT_…
_AHEAD = "_PIPSHUNT_AHEAD"
_OTHER_NAMES = {"python": "python3", "pip": "pip3", "pip3": "pip"}  # an environment has both, a machine need not


def call_before(call: Call) -> Call | None:
    """Return *call* as it would be had its environment not been entered.

    None where it was not, where there is no such tool outside of it, and for what would install a pip.
    """
    entered = call.env.get(ENTERED, "")
    if not entered or call.env.get("VIRTUAL_ENV") != entered or "/" in call.typed:
        return None
    if read_launch(call.tool, call.args).bootstrap:  # the environment's own business
        return None
    env = environment_before(call.env)
    real = find_tool(call.tool, env, call.cwd) or find_tool(_OTHER_NAMES.get(call.tool, ""), env, call.cwd)
    return call._replace(env=env, real=real, entered=entered) if real else None


def environment_before(env: Mapping[str, str]) -> dict[str, str]:
    """Return *env* without what entering has added, and with what it has taken away; the shims stay on PATH."""
    ours = {ENTERED, _AHEAD, *_VARIABLES, *(f"_PIPSHUNT_{name}" for name in _VARIABLES)}
    before = {name: value for name, value in env.items() if name not in ours}
    before |= {name: env[f"_PIPSHUNT_{name}"] for name in _VARIABLES if f"_PIPSHUNT_{name}" in env}
    folders = env.get("PATH", "").split(":")
    own = env[ENTERED] + "/bin"
    if own in folders:
        folders.remove(own)
    return before | {"PATH": ":".join(folders)}
