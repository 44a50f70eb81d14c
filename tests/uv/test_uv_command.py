"""Command lines of uv: which are about packages of pip's, and where each option stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.uv.uv_command import UvCommand, read_uv_command, without
from pipshunt.uv.uv_options import CHOOSING


def read(line: str) -> UvCommand:
    return read_uv_command(line.split())


@pytest.mark.parametrize(
    ("line", "verb", "words"),
    [
        pytest.param("pip install six flask", "install", ["six", "flask"], id="plain"),
        pytest.param("-q --project run pip install six", "install", ["six"], id="a value like a command"),
        pytest.param("--color=never pip -n --cert x uninstall six", "uninstall", ["six"], id="options at each place"),
        pytest.param("pip install -r a.txt six -c b.txt -- -x", "install", ["six", "-x"], id="options among the words"),
        pytest.param("pip install -Upython3 six", "install", ["six"], id="a cluster with its value attached"),
        pytest.param("pip install -Up python3 six", "install", ["six"], id="a cluster, value behind"),
        pytest.param("pip install -p=3.12 six", "install", ["six"], id="a short option with ="),
        pytest.param("pip sync a.txt -", "sync", ["a.txt", "-"], id="sync"),
        pytest.param("run pip install -q six", "run", ["pip", "install", "-q", "six"], id="run"),
        pytest.param("run --with six -p 3.12 pip install x", "run", ["pip", "install", "x"], id="run with options"),
        pytest.param("--directory pip run -- pip install x", "run", ["pip", "install", "x"], id="run --"),
        pytest.param("run -qm pip install x", "run", ["pip", "install", "x"], id="run -m"),
        pytest.param("run", "run", [], id="run alone"),
    ],
)
def test_a_command_is_read_to_its_end(line: str, verb: str, words: list[str]) -> None:
    command = read(line)
    assert (command.verb, command.ends_early) == (verb, "")
    assert [command.args[index] for index in command.words] == words


@pytest.mark.parametrize(
    "line",
    [
        *("", "pip", "sync", "add pip", "tool run pip install x", "pip list", "pip i x", "pip inst x", "--x pip install"),
        *("pip install --syst x", "pip install --systemx", "pip install --system=yes x", "pip install -r", "pip install -é"),
        *("pip install --help", "-h pip install x", "--version pip install", "pip install --show-settings x"),
        *("run --help pip install x", "pip run pip install", "pip install x --python", "--project pip install x"),
    ],
)  # fmt: skip
def test_what_does_not_concern_us_ends_early(line: str) -> None:
    assert read(line).ends_early


def test_options_after_the_command_of_run_are_that_commands_own() -> None:
    assert not read("run pip install --help").ends_early


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("pip install --system six", "pip install six"),
        ("pip install --python 3.12 --system six --no-system", "pip install six"),
        ("pip install --python=3.12 -p 3.12 -p3.12 six", "pip install six"),
        ("pip install -Uqp 3.12 six", "pip install -Uq six"),
        ("pip install -qp3.12 six", "pip install -q six"),
        ("pip install -p= -qp= six", "pip install -q six"),
        ("--system-certs pip install six --break-system-packages", "--system-certs pip install six"),
        ("pip install -r -p six", "pip install -r -p six"),
        ("pip install -- --system", "pip install -- --system"),
    ],
)
def test_the_choice_of_an_interpreter_is_taken_out(line: str, left: str) -> None:
    words, verb_at = without(read(line), CHOOSING)
    assert words == tuple(left.split())
    assert words[verb_at] == "install"


def test_several_are_taken_out_of_one_cluster() -> None:
    assert without(read("pip install -nqp 3.12 -qUq x"), ("--quiet", "--python"))[0] == (
        "pip",
        "install",
        "-n",
        "-U",
        "x",
    )


def test_module_is_taken_out_of_a_cluster() -> None:
    assert without(read("run -qm pip install x"), ("--module",))[0] == ("run", "-q", "pip", "install", "x")


PIECES = [
    "pip",
    "install",
    "run",
    "sync",
    "--system",
    "-p",
    "-pq",
    "-qp3",
    "--python=3",
    "--",
    "-",
    "-m",
    "six",
    "--x",
    "",
]


def shorter(args: list[str]) -> set[str]:
    """Words of short options, with some of them taken out."""
    return {f"-{rest}" for arg in args for at in range(len(arg)) for rest in (arg[1:at], arg[1:at] + arg[at + 1 :])}


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4)))
def test_any_words_are_read_and_nothing_is_lost(args: list[str]) -> None:
    command = read_uv_command(args)
    assert without(command, ())[0] == tuple(args)
    spans = [index for option in command.options for index in range(option.start, option.stop)]
    assert not {*spans} & {*command.words}
    assert set(without(command, CHOOSING)[0]) <= {*args, *shorter(args)}
