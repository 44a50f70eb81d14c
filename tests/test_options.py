"""The walker against tables, and against optparse itself."""

import optparse
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.options import Spec, Table, Walk, walk

OPTIONS = [
    (("--target", "-t"), "store"),
    (("--timeout",), "store"),
    (("--trusted-host",), "append"),
    (("--upgrade", "-U"), "flag"),
    (("--upgrade-strategy",), "store"),
    (("--no-deps", "--no-dependencies"), "flag"),
    (("--quiet", "-q"), "count"),
    (("--requirement", "-r"), "append"),
    (("--help", "-h"), "help"),
]
SPECS = [(flags, Spec(flags[0][2:], action, "")) for flags, action in OPTIONS]
TABLE = Table(
    {flag: spec for flags, spec in SPECS for flag in flags if flag.startswith("--")},
    {flag: spec for flags, spec in SPECS for flag in flags if not flag.startswith("--")},
)


def complaint(spec: Spec, named: str, value: str) -> str:
    return f"option {named}: invalid value: {value!r}" if spec.name == "timeout" and not value.isdigit() else ""


def walked(words: list[str], *, interspersed: bool = True) -> Walk:
    return walk(words, TABLE, complaint, interspersed=interspersed)


@pytest.mark.parametrize(
    ("words", "given_options", "plain"),
    [
        pytest.param(["--target", "d", "x"], [("target", "d", 0, 2)], [2], id="value in the next word"),
        pytest.param(["--target=d=e", "x"], [("target", "d=e", 0, 1)], [1], id="value after the first ="),
        pytest.param(["--target="], [("target", "", 0, 1)], [], id="empty value"),
        pytest.param(["--targ", "d"], [("target", "d", 0, 2)], [], id="abbreviated"),
        pytest.param(["--upgrade"], [("upgrade", "", 0, 1)], [], id="an exact name that begins another"),
        pytest.param(["--target", "--", "x"], [("target", "--", 0, 2)], [2], id="-- as a value"),
        pytest.param(["x", "--", "--target"], [], [0, 2], id="-- ends the options"),
        pytest.param(["-", "--", "--"], [], [0, 2], id="a dash is a word, and so is the second --"),
        pytest.param(["-Ut", "d"], [("upgrade", "", 0, 2), ("target", "d", 0, 2)], [], id="cluster"),
        pytest.param(["-Utd"], [("upgrade", "", 0, 1), ("target", "d", 0, 1)], [], id="value in the cluster"),
        pytest.param(["-t=d"], [("target", "=d", 0, 1)], [], id="a short option keeps its ="),
        pytest.param(["-qq"], [("quiet", "", 0, 1), ("quiet", "", 0, 1)], [], id="counted"),
        pytest.param(["x", "-U"], [("upgrade", "", 1, 2)], [0], id="options after words"),
        pytest.param(["-t", "-h"], [("target", "-h", 0, 2)], [], id="an option as a value"),
    ],
)
def test_words_are_taken_as_optparse_takes_them(
    words: list[str], given_options: list[tuple[str, str, int, int]], plain: list[int]
) -> None:
    walk_ = walked(words)
    assert [(option.spec.name, *option[1:]) for option in walk_.given] == given_options
    assert list(walk_.words) == plain
    assert walk_.ended == ""


@pytest.mark.parametrize(
    ("words", "ended"),
    [
        (["--bogus"], "usage error: no such option: --bogus"),
        (["-Uz"], "usage error: no such option: -z"),
        (["--t=d"], "usage error: ambiguous option: --t (--target, --timeout, --trusted-host?)"),
        (["--no-dep"], "usage error: ambiguous option: --no-dep (--no-dependencies, --no-deps?)"),
        (["--upgrade=yes"], "usage error: --upgrade option does not take a value"),
        (["x", "--target"], "usage error: --target option requires 1 argument"),
        (["-qt"], "usage error: -t option requires 1 argument"),
        (["--timeout", "abc"], "usage error: option --timeout: invalid value: 'abc'"),
        (["-Uh"], "prints help"),
        (["--help", "--bogus"], "prints help"),
        (["--bogus", "--help"], "usage error: no such option: --bogus"),
    ],
)
def test_the_first_thing_that_ends_the_program_is_named(words: list[str], ended: str) -> None:
    assert walked(words).ended == ended


def test_without_interspersed_options_the_first_word_begins_the_rest() -> None:
    walk_ = walked(["-q", "install", "-U", "--bogus"], interspersed=False)
    assert [option.spec.name for option in walk_.given] == ["quiet"]
    assert walk_.words == (1, 2, 3)


class Refusing(optparse.OptionParser):
    """Optparse that raises where it would exit."""

    def error(self, msg: str) -> NoReturn:
        raise ValueError(msg)

    def print_help(self, file: object = None) -> NoReturn:
        raise ValueError("help")


def by_optparse(words: list[str], *, interspersed: bool) -> tuple[list[tuple[str, str]], list[str]] | None:
    """What optparse calls back with, and leaves over; None when it ends the program."""
    parser = Refusing(add_help_option=False)
    parser.allow_interspersed_args = interspersed
    met: list[tuple[str, str]] = []

    def note(option: optparse.Option, _flag: str, value: str | None, _parser: optparse.OptionParser) -> None:
        met.append((str(option.dest), value or ""))

    for flags, spec in SPECS:
        taking: dict[str, Any] = {"type": "string"} if spec.action in ("store", "append") else {}
        if spec.name == "timeout":
            taking = {"type": "int"}
        if spec.action == "help":
            parser.add_option(*flags, action="help")
        else:
            parser.add_option(*flags, action="callback", callback=note, dest=spec.name, **taking)
    try:
        _, left = parser.parse_args(words)
    except ValueError:
        return None
    return met, left


LONG = [flag for flags, _ in SPECS for flag in flags if flag.startswith("--")]
WORDS = st.one_of(
    st.sampled_from(LONG),
    st.builds(lambda flag, length: flag[:length], st.sampled_from(LONG), st.integers(2, 14)),
    st.builds(lambda flag, value: f"{flag}={value}", st.sampled_from(LONG), st.sampled_from(["", "x", "7", "a=b"])),
    st.builds(lambda letters: f"-{letters}", st.text("tUqrhz7=", max_size=4)),
    st.sampled_from(["--", "-", "", "x", "7", "install", "\udce9"]),
    st.text(max_size=3),
)


@given(words=st.lists(WORDS, max_size=7), interspersed=st.booleans())
def test_the_walk_is_optparses(words: list[str], interspersed: bool) -> None:
    mine = walk(words, TABLE, integer, interspersed=interspersed)
    theirs = by_optparse(words, interspersed=interspersed)
    if theirs is None:
        assert mine.ended
        return
    assert mine.ended == ""
    met, left = theirs
    assert [option.spec.name for option in mine.given] == [name for name, _ in met]
    assert [words[at] for at in mine.words] == left
    values = [(option.value, value) for option, (name, value) in zip(mine.given, met, strict=True) if name != "timeout"]
    assert all(ours == value for ours, value in values)


def integer(spec: Spec, _named: str, value: str) -> str:
    parser = Refusing()
    parser.add_option("--n", type="int")
    try:
        parser.parse_args([f"--n={value}"] if spec.name == "timeout" else [])
    except ValueError as error:
        return str(error)
    return ""


@given(words=st.lists(WORDS, max_size=7))
def test_every_span_holds_the_options_own_words(words: list[str]) -> None:
    for option in walked(words).given:
        assert words[option.start][:1] == "-"
        assert option.stop - option.start in (1, 2)
        assert words[option.stop - 1].endswith(option.value)
