"""Which releases and files may be chosen, told to uv as pip understands it."""

import shlex

import pytest

from pipshunt.accelerator.release_choice import choice_words
from pipshunt.accelerator.requested import Requested
from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.command import PipFacts, read_command

NOTHING = Requested((), (), (), (), (), (), (), hashed=False)
IF_NECESSARY = ["--prerelease", "if-necessary"]


def choose(line: str, requested: Requested = NOTHING, version: tuple[int, ...] = (26, 3), **env: str) -> list[str]:
    facts = PipFacts(version, "/nowhere", in_environment=True)
    command = read_command(shlex.split(f"install {line}"), {"PIP_CONFIG_FILE": "/dev/null", **env}, "/", facts)
    assert not command.ends_early
    return choice_words(command, requested)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", IF_NECESSARY),
        ("--pre", ["--prerelease", "allow"]),
        ("--all-releases :all:", ["--prerelease", "allow"]),
        (
            "--all-releases A.b,c",
            [*IF_NECESSARY, "--prerelease-package", "a-b=allow", "--prerelease-package", "c=allow"],
        ),
        ("--all-releases a --only-final a", [*IF_NECESSARY, "--prerelease-package", "a=disallow"]),
        ("--all-releases a --all-releases :none:", IF_NECESSARY),
        ("--only-final :all:", ["--prerelease", "disallow"]),
        ("--only-final a", [*IF_NECESSARY, "--prerelease-package", "a=disallow"]),
        ("--no-binary a,B_c", [*IF_NECESSARY, "--no-binary", "a", "--no-binary", "b-c"]),
        ("--no-binary a --no-binary :all:", [*IF_NECESSARY, "--no-binary", ":all:"]),
        ("--no-binary :all:,:none:,a", [*IF_NECESSARY, "--no-binary", "a"]),
        ("--only-binary :all:", [*IF_NECESSARY, "--only-binary", ":all:"]),
        ("--only-binary a --no-binary :none:", [*IF_NECESSARY, "--only-binary", "a"]),
        ("--only-binary a --no-binary a", [*IF_NECESSARY, "--no-binary", "a"]),
        ("--only-binary a --no-binary :all:", [*IF_NECESSARY, "--no-binary", ":all:"]),
        ("--force-reinstall", [*IF_NECESSARY, "--reinstall"]),
        ("--upgrade-strategy eager", IF_NECESSARY),
        ("-U --upgrade-strategy eager", [*IF_NECESSARY, "--upgrade"]),
        ("-U --upgrade-strategy eager --upgrade-strategy only-if-needed", IF_NECESSARY),
    ],
)
def test_options_are_told_in_uvs_words(line: str, expected: list[str]) -> None:
    assert choose(line) == expected


def test_a_configuration_and_files_come_before_and_after_the_command_line() -> None:
    assert choose("--no-binary b", PIP_NO_BINARY="a") == [*IF_NECESSARY, "--no-binary", "a", "--no-binary", "b"]
    requested = NOTHING._replace(lines=(("no-binary", "c"), ("pre", "")))
    assert choose("--no-binary b", requested) == ["--prerelease", "allow", "--no-binary", "b", "--no-binary", "c"]


@pytest.mark.parametrize(
    "line",
    [
        "--no-binary a --only-binary b",
        "--only-binary :all: --no-binary a",
        "--all-releases a --only-final b",
        "--pre --only-final a",
        "--no-binary ''",
        "--no-binary a,,b",
        "--only-binary ':some:'",
    ],
)
def test_what_depends_on_order_or_is_odd_is_pips(line: str) -> None:
    with pytest.raises(NoLikeness):
        choose(line)


def test_an_upgrade_names_what_the_user_named_and_a_folder_has_no_name() -> None:
    requested = NOTHING._replace(names=("six", "", "flask", "six"))
    assert choose("-U", requested) == [*IF_NECESSARY, "--upgrade-package", "six", "--upgrade-package", "flask"]
    assert choose("", requested) == IF_NECESSARY


def test_uv_builds_no_folder_where_only_wheels_are_wanted() -> None:
    with pytest.raises(NoLikeness):
        choose("--only-binary :all:", NOTHING._replace(names=("",)))


def test_versions_that_name_a_pre_release_let_all_in_and_for_older_pips_others_shut_them_out() -> None:
    requested = NOTHING._replace(versions=(("a", "pre"), ("b", "final"), ("c", ""), ("a", "final")))
    allow = ["--prerelease-package", "a=allow"]
    assert choose("", requested) == [*IF_NECESSARY, *allow]
    assert choose("", requested, (25, 3)) == [*IF_NECESSARY, "--prerelease-package", "b=disallow", *allow]
    assert choose("--pre", requested, (25, 3)) == ["--prerelease", "allow"]
    assert choose("--only-final a", requested) == [*IF_NECESSARY, "--prerelease-package", "a=disallow"]
    assert choose("--only-final :all:", requested) == ["--prerelease", "disallow"]
