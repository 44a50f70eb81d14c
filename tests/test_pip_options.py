"""pip's tables: what moves between versions, and how values are checked."""

import optparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.options import Spec
from pipshunt.pip_options import (
    COMMANDS_ONLY,
    GENERAL,
    INSTALL,
    MAIN_ONLY,
    NEWEST,
    OFF_SWITCHES,
    PARTNER,
    UNINSTALL,
    complaint,
    configured_complaint,
    table,
    truth,
)

ROWS = GENERAL + MAIN_ONLY + COMMANDS_ONLY + INSTALL + UNINSTALL


@pytest.mark.parametrize(
    ("parser", "flag", "since", "until"),
    [
        ("install", "--break-system-packages", (23, 0, 1), None),
        ("uninstall", "--break-system-packages", (23, 0, 1), None),
        ("install", "--install-option", None, (23, 1)),
        ("install", "-C", (23, 1), None),
        ("global", "--keyring-provider", (23, 1), None),
        ("install", "--group", (25, 1), None),
        ("install", "--build-constraint", (25, 3), None),
        ("install", "--global-option", None, (25, 3)),
        ("install", "--no-use-pep517", None, (25, 3)),
        ("install", "--uploaded-prior-to", (26, 0), None),
        ("install", "--refresh-package", (26, 2), None),
        ("install", "-V", None, (26, 3)),
        ("global", "--version", None, None),
    ],
)
def test_an_option_is_known_from_its_first_version_to_its_last(
    parser: str, flag: str, since: tuple[int, ...] | None, until: tuple[int, ...] | None
) -> None:
    def known(*version: int) -> bool:
        options = table(parser, version)
        return flag in options.long or flag in options.short

    assert known(*(since or (23, 0)))
    assert since is None or not known(since[0], since[1] - 1, 9) or since == (23, 0, 1)
    assert not known(23, 0) or since is None
    assert known(*NEWEST) is (until is None)
    assert until is None or not known(*until)
    assert until is None or known(until[0], until[1] - 1, 9)


def test_a_version_that_is_not_out_yet_has_the_newest_table() -> None:
    assert table("install", (99, 1)) == table("install", NEWEST)


def test_a_version_older_than_the_tables_has_the_oldest() -> None:
    assert table("install", (20, 3, 4)) == table("install", (23, 0))


def test_no_version_has_an_option_twice() -> None:
    versions = {version for *_, since, until in ROWS for version in (since, until)}
    for version in versions:
        for own in (MAIN_ONLY, COMMANDS_ONLY + INSTALL, COMMANDS_ONLY + UNINSTALL):
            rows = [row for row in GENERAL + own if row[3] <= version and (not row[4] or version < row[4])]
            flags = [flag for row in rows for flag in row[0].split()]
            assert len(flags) == len(set(flags))


def test_off_switches_are_the_options_that_store_false_and_the_callback_that_does() -> None:
    stored = {row[0].split()[0][2:] for row in ROWS if row[1] == "unflag"}
    assert set(OFF_SWITCHES) == stored | {"no-use-pep517"}


def test_partners_are_mutual() -> None:
    assert all(PARTNER[other] == name for name, other in PARTNER.items())


@pytest.mark.parametrize("text", ["y", "YES", "t", "True", "on", "1"])
def test_yes_in_any_case(text: str) -> None:
    assert truth(text) is True


@pytest.mark.parametrize("text", ["n", "NO", "f", "False", "oFf", "0"])
def test_no_in_any_case(text: str) -> None:
    assert truth(text) is False


@pytest.mark.parametrize("text", ["", "2", " 1", "1 ", "maybe", "true ; comment", "\ntrue", "-1"])
def test_anything_else_is_neither(text: str) -> None:
    assert truth(text) is None


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("retries", ["0", "-1", "0x1F", "010", "0b11", "1_0"], ["", "1.5", "abc", "09", "0x"]),
        ("timeout", ["1", "0.5", "inf", "1e3"], ["", "abc", "0x10"]),
        ("python-version", ["", "3", "37", "3.7", "3.7.3"], ["abc", "3.9.1.2", "3.x"]),
        ("progress-bar", ["auto", "on", "off", "raw"], ["", "ascii", "ON"]),
        ("config-settings", ["a=b", "=", "a=b=c"], ["", "a"]),
        ("no-binary", [":all:", "x,y", ""], ["-x", "--no-index"]),
        ("group", ["docs", "pyproject.toml:docs", "a/pyproject.toml:docs", ""], ["a/b:docs", ":docs", "x:y"]),
        ("uploaded-prior-to", ["P3D", "2026-01-02", "2026-01-02T03:04:05Z"], ["", "3", "PD", "P-1D", "soon"]),
        ("exists-action", ["s", "i"], ["z", ""]),
        ("target", ["", "-x", "d"], []),
    ],
)
def test_values_are_checked_as_pip_checks_them(name: str, good: list[str], bad: list[str]) -> None:
    spec = table("install", NEWEST).long[f"--{name}"]
    assert [value for value in good if complaint(spec, name, value)] == []
    assert [value for value in bad if not complaint(spec, name, value)] == []


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("user", ["1", "off"], ["2", "", " 1"]),
        ("quiet", ["3", "true", "0"], ["-1", "x", "1.0"]),
        ("exists-action", ["s i", "w"], ["s z"]),
        ("no-cache-dir", ["1", "false"], ["junk"]),
        ("timeout", ["5"], ["abc"]),
    ],
)
def test_a_configuration_has_its_own_checks(name: str, good: list[str], bad: list[str]) -> None:
    spec = table("install", NEWEST).long[f"--{name}"]
    assert [value for value in good if configured_complaint(spec, name, value)] == []
    assert [value for value in bad if not configured_complaint(spec, name, value)] == []


@given(value=st.one_of(st.text(max_size=4), st.text("0123456789xXbB._-+ eEinfa", max_size=6)))
def test_numbers_are_those_of_optparse(value: str) -> None:
    for kind in ("int", "float"):
        option = optparse.Option("--n", type=kind)
        try:
            option.check_value("--n", value)
            good = True
        except optparse.OptionValueError:
            good = False
        assert bool(complaint(Spec("n", "store", kind), "--n", value)) is not good
