"""A uv command line, read as uv itself reads it (by clap): which command, which options, and where it starts another.

clap's rules: long options are written out; `--x=v`, `--x v`, `-xv` and `-x=v` are the same; short flags cluster;
options of uv itself may stand anywhere; `--` ends the options, and for `uv run` so does the first word that is none.
"""

from collections.abc import Sequence
from typing import NamedTuple

from pipshunt.uv.uv_options import (
    ENDING,
    GLOBAL_FLAGS,
    GLOBAL_VALUES,
    LONG,
    PIP_FLAGS,
    PIP_VALUES,
    RUN_FLAGS,
    RUN_VALUES,
)

PIP_VERBS = ("install", "uninstall", "sync")


class UvOption(NamedTuple):
    """One option as it was given: its own words are args[start:stop]."""

    name: str  # long and canonical where LONG knows it
    value: str  # "" for a flag
    start: int
    stop: int
    letter: int = 0  # where it begins in a word of short ones; 0 when the word is its own
    span: int = 0  # how many letters of that word are its own: of `-qp3.12` 1 and 5


class UvCommand(NamedTuple):
    """A uv command line as far as it concerns us."""

    args: tuple[str, ...]
    verb: str  # run, install, uninstall, sync (of `uv pip`); "" for all others
    verb_at: int  # the index of the verb
    options: tuple[UvOption, ...]  # in the order given, those before the verb included
    words: tuple[int, ...]  # the indices of what is neither option nor value; for `run` all from the command on
    ends_early: str  # why uv does nothing that concerns us, "" if it may

    def value(self, name: str) -> str:
        """Give the value of an option that counts, "" when it is not given."""
        return next((option.value for option in reversed(self.options) if option.name == name), "")

    def values(self, name: str) -> tuple[str, ...]:
        """Give all values of an option that may be given more than once."""
        return tuple(option.value for option in self.options if option.name == name)

    def has(self, name: str) -> bool:
        """Tell whether an option is given."""
        return any(option.name == name for option in self.options)


class _Walk(NamedTuple):
    options: tuple[UvOption, ...]
    words: tuple[int, ...]
    mistake: str


def read_uv_command(args: Sequence[str]) -> UvCommand:
    """Read what follows `uv`; it never fails: what uv would not understand `ends_early`."""
    args = tuple(args)
    at = 0
    options: list[UvOption] = []
    verbs: list[str] = []
    for flags, values in ((GLOBAL_FLAGS, GLOBAL_VALUES), (PIP_FLAGS, PIP_VALUES)):
        walk = _walk(args, at, flags, values, interspersed=False)
        options += walk.options
        if walk.mistake or not walk.words:
            return UvCommand(args, "", -1, tuple(options), (), walk.mistake or "it names no command")
        at = walk.words[0] + 1
        verbs.append(args[at - 1])
        if verbs != ["pip"]:
            break
    runs = verbs == ["run"]
    if not runs and (verbs[0] != "pip" or verbs[1] not in PIP_VERBS):
        return UvCommand(args, "", at - 1, tuple(options), (), f"`uv {' '.join(verbs)}` is none of pip's commands")
    tables = (RUN_FLAGS, RUN_VALUES) if runs else (PIP_FLAGS, PIP_VALUES)
    walk = _walk(args, at, *tables, interspersed=not runs)
    found = (*options, *walk.options)
    ending = next((option.name for option in found if option.name in ENDING), "")
    return UvCommand(args, verbs[-1], at - 1, found, walk.words, walk.mistake or (ending and f"{ending} is given"))


def without(command: UvCommand, names: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """Return the words of *command* without the options *names*, and the index that its verb then has."""
    dropped = [option for option in command.options if option.name in names]
    gone = {index for option in dropped for index in range(option.start + bool(option.letter), option.stop)}
    kept: list[str] = []
    verb_at = -1
    for index, word in enumerate(command.args):
        if index == command.verb_at:
            verb_at = len(kept)
        letters = {at for o in dropped if o.start == index and o.letter for at in range(o.letter, o.letter + o.span)}
        left = "".join(letter for at, letter in enumerate(word) if at not in letters)
        if index not in gone and not (letters and left == "-"):
            kept.append(left)
    return tuple(kept), verb_at


def _walk(
    args: tuple[str, ...], at: int, flags: frozenset[str], values: frozenset[str], *, interspersed: bool
) -> _Walk:
    options: list[UvOption] = []
    words: list[int] = []
    while at < len(args):
        word = args[at]
        if word == "--":
            words += range(at + 1, len(args))
            break
        if word == "-" or not word.startswith("-"):
            if not interspersed:
                words += range(at, len(args))
                break
            words.append(at)
            at += 1
            continue
        found, mistake = _read_word(args, at, flags, values)
        options += found
        if mistake:
            return _Walk(tuple(options), tuple(words), mistake)
        at = found[-1].stop
    return _Walk(tuple(options), tuple(words), "")


def _read_word(
    args: tuple[str, ...], at: int, flags: frozenset[str], values: frozenset[str]
) -> tuple[list[UvOption], str]:
    """Read the options in args[at], and the value of the last in the word behind it."""
    word = args[at]
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if name in flags and not equals:
            return [UvOption(LONG.get(name, name), "", at, at + 1)], ""
        if name not in values:
            return [], f"`{name}` is no option that we know"
        return _with_value(args, at, name, value if equals else None, 0)
    found: list[UvOption] = []
    for position, letter in enumerate(word[1:], 1):
        name = f"-{letter}"
        if name in values:
            attached = word[position + 1 :]
            last, mistake = _with_value(args, at, name, attached.removeprefix("=") if attached else None, position)
            return found + last, mistake
        if name not in flags:
            return found, f"`{name}` is no option that we know"
        found.append(UvOption(LONG.get(name, name), "", at, at + 1, position, 1))
    return found, ""


def _with_value(
    args: tuple[str, ...], at: int, name: str, attached: str | None, letter: int
) -> tuple[list[UvOption], str]:
    name = LONG.get(name, name)
    if attached is not None:
        span = len(args[at]) - letter if letter else 0
        return [UvOption(name, attached, at, at + 1, letter, span)], ""
    if at + 1 >= len(args):
        return [], f"`{name}` lacks its value"
    return [UvOption(name, args[at + 1], at, at + 2, letter, 1 if letter else 0)], ""
