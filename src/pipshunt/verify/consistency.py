"""Whether requirements are consistent: what was asked for is there, and all that is installed fits together."""

from collections.abc import Iterator, Mapping, Sequence

from pipshunt.call import quoted
from pipshunt.redact import redact_text
from pipshunt.verify.asked import SEEDED, Asked
from pipshunt.verify.result import ASKED, FINDING, NOTICE, OK, REQUIREMENTS, Result
from pipshunt.verify.subject import Installed, Subject


def find_asked(subject: Subject, named: Sequence[Asked], *, exact: bool) -> dict[str, Installed]:
    """Return what is installed of what was asked for; not *exact*: also what REQUESTED files say, else all there is."""
    keys = [said["key"] for said in subject.asked if said["applies"]]
    found = {key: subject.distributions[key] for key in keys if key in subject.distributions}
    if not exact:
        own = [one for one in subject.distributions.values() if subject.is_own(one.site) and one.key not in SEEDED]
        requested = [one for one in own if one.requested]
        found |= {one.key: one for one in (requested if requested or named else own)}
    return dict(sorted(found.items()))


def check_asked(subject: Subject, named: Sequence[Asked], found: Mapping[str, Installed]) -> Iterator[Result]:
    """Yield what is not there of what was asked for, or not in the version that was asked for."""
    for asked, said in zip(named, subject.asked, strict=True):
        text = redact_text(asked.text)
        installed = subject.distributions.get(said["key"])
        if not asked.text:
            message = f"{asked.by} names a file that cannot be read, so what that asks for is not known"
            yield Result(ASKED, FINDING, asked.by, message)
        elif not said["applies"]:
            yield Result(ASKED, OK, text, f"{text} is not for this machine")
        elif installed is None:
            message = f"{text} is not installed; asked for by {asked.by}"
            yield Result(ASKED, FINDING, text, message, f"{quoted(subject.executable)} -m pip install {quoted(text)}")
        elif not said["fits"]:
            message = f"{text} was asked for by {asked.by}, and {installed.name} {installed.version} is installed"
            yield Result(ASKED, FINDING, text, message, f"{quoted(subject.executable)} -m pip install {quoted(text)}")
        else:
            yield Result(ASKED, OK, text, f"{text} is there: {installed.name} {installed.version}")
    if not found and not named:
        message = (
            f"nothing was asked for in {subject.prefix}, and nothing is installed there: there is nothing to verify"
        )
        yield Result(ASKED, FINDING, subject.prefix, message, "pipshunt verify -r requirements.txt")


def check_consistency(subject: Subject) -> Iterator[Result]:
    """Yield what does not fit together; what is so between packages of the OS alone is no fault of an install."""
    if not subject.rules:
        message = "not checked: neither pip nor packaging is here, which could read requirements"
        yield Result(REQUIREMENTS, NOTICE, "pip", message)
        return
    for problem in subject.problems:
        key = problem["key"].partition("[")[0]
        sides = [subject.distributions[name] for name in (key, problem["other"]) if name in subject.distributions]
        ours = any(subject.is_own(side.site) for side in sides) and problem["kind"] != "extra"
        installed = subject.distributions[key]
        extra = problem["key"][len(key) :]
        message = f"{installed.name}{extra} {installed.version} {problem['message']}"
        again = (
            f"{quoted(subject.executable)} -m pip install {problem['other']}" if problem["kind"] == "missing" else ""
        )
        yield Result(REQUIREMENTS, FINDING if ours else NOTICE, key, message, again if ours else "")
    for info in subject.damaged:
        yield Result(
            REQUIREMENTS,
            NOTICE,
            info,
            f"{info} describes no distribution: it is damaged, or left by an install that was cut short",
        )
    count = len(subject.distributions)
    if not subject.problems:
        said = f"{count} distribution{'s' if count != 1 else ''} fit together, by the rules of {subject.rules}"
        yield Result(REQUIREMENTS, OK, subject.prefix, said)
