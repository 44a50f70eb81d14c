"""What a CI shows of an install or a refusal beyond the log: an annotation where it has such, else a line."""

import os
from collections.abc import Mapping, Sequence

from pipshunt.call import Call, quoted, say, tell_runner
from pipshunt.ci import AZURE, CIRCLECI, GITHUB, escape_azure, find_system, hand_on
from pipshunt.message import shorten
from pipshunt.plan import Plan
from pipshunt.redact import redact
from pipshunt.target import Target
from pipshunt.track import Track

_WORDS = 8  # of a command: enough to know it by


def report_install(plan: Plan, call: Call, target: Target, track: Track) -> None:
    """Hand the environment of a successful install on to later steps; say once what became of it, and a lasting fix."""
    system = find_system(call.env)
    if not system or not (hand_on(system, track, call) or plan.create):
        return
    where = shorten(track.environment, call.cwd)
    marker, python = target.marker, target.interpreter.executable
    why = f"{marker.owner} manages {python} ({marker.path})" if marker else f"{python} is not to be installed into"
    lines = (
        f"{why}, so `{_typed(call)}` went to {where}, where python3, pip and its scripts find it in the steps to come",
        f"without pipshunt, a step ahead of it would do the same: {fix(system)}",
    )
    if system == GITHUB:
        tell_runner(github_command("notice", f"pip install went to {where}", lines))
    else:
        say(lines[1])


def report_refusal(lines: Sequence[str], env: Mapping[str, str]) -> None:
    """Annotate a refusal with its reason, the rule and the next command: those of its *lines* that say so."""
    system = find_system(env)
    told = [lines[0], *(line for line in lines[1:] if line.startswith(("by ", "next: ")))]
    if system == GITHUB:
        tell_runner(github_command("error", "pipshunt", told))
    elif system == AZURE:
        tell_runner(f"##vso[task.logissue type=error]pipshunt: {escape_azure('; '.join(told))}")


def fix(system: str) -> str:
    """Return what makes an install work in *system* with nothing but Python, for this step and those after it."""
    made = "python3 -m venv .venv"
    if system == GITHUB:
        return f'{made} && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'
    if system == CIRCLECI:
        return f'{made} && echo ". $PWD/.venv/bin/activate" >> "$BASH_ENV"'
    return f"{made} && . .venv/bin/activate"


def github_command(name: str, title: str, lines: Sequence[str]) -> str:
    """Return a workflow command with a title; escaped as actions/toolkit does, and its runner undoes."""
    heading, text = title, "\n".join(lines)
    for letter, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        heading, text = heading.replace(letter, code), text.replace(letter, code)
    return f"::{name} title={heading.replace(':', '%3A').replace(',', '%2C')}::{text}"


def _typed(call: Call) -> str:
    words = redact((os.path.basename(call.tool), *call.args))
    return " ".join(quoted(word) for word in words[:_WORDS]) + (" …" if len(words) > _WORDS else "")
