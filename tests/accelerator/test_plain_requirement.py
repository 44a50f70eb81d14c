"""Plain requirements are what packaging says they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from pipshunt.accelerator.plain_requirement import read_plain

ENVIRONMENT = {
    "python_version": "3.11",
    "python_full_version": "3.11.2",
    "implementation_version": "3.11.2",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}
PLAIN = [
    "six",
    " six ",
    "Jinja2>=2.10",
    "a-b.c_D[x,Y-z] (>=1.0, <2.0)",
    "a [x] ~= 1.4.2",
    "a==1.*,!=1.2.*",
    "a>=1.0rc1,<2.dev0",
    "a>=0.dev1",
    "colorama; platform_system == 'Windows'",
    'importlib-metadata>=3.6 ; python_version < "3.10"',
    "x; python_full_version >= '3.11.1' and sys_platform != 'win32'",
    'PySocks!=1.5.7,>=1.5.6; extra == "socks"',
    "y ;os_name=='posix' and extra=='a-b' and python_version!='3.1'",
    "z; implementation_name == 'cpython'",
    "m; platform_machine == 'x86_64'",
]
OTHERS = [
    "a @ file:///b",
    "a===1",
    "a~=1",
    "a==1!2.0",
    "a==1.0+local",
    "a>=1.*",
    "a >1 <2",
    "a>=1,",
    "a; python_version in '3.10 3.11'",
    "a; python_version < '3' or extra == 'x'",
    "a; (python_version < '3')",
    "a; 'x' == extra",
    "a; extra == 'X_y'",
    "a; platform_release >= '5'",
    "a; python_version == '3.*'",
    "a; platform_python_implementation == 'CPython'",
    "a[",
    "-a",
    "a-",
    "./a",
    "",
    "a;",
]


def assert_alike(text: str) -> None:
    plain = read_plain(text, SpecifierSet)
    if plain is None:
        return
    real = Requirement(text)
    assert str(plain) == str(real)
    assert plain.name == real.name
    assert set(plain.extras) == real.extras
    assert str(plain.specifier) == str(real.specifier)
    assert str(plain.marker or "") == str(real.marker or "")
    for extra in ("", "socks", "a-b"):
        environment = {**ENVIRONMENT, "extra": extra}
        assert plain.marker is None or plain.marker.evaluate(environment) == (
            real.marker is not None and real.marker.evaluate(environment)
        )


@pytest.mark.parametrize("text", PLAIN)
def test_the_plain_ones_are_read_as_by_packaging(text: str) -> None:
    assert read_plain(text, SpecifierSet) is not None
    assert_alike(text)


@pytest.mark.parametrize("text", OTHERS)
def test_the_others_are_left_to_it(text: str) -> None:
    assert read_plain(text, SpecifierSet) is None


PIECES = st.sampled_from(
    [
        *("a", "B-c", "[x]", "[x, y]", " ", "(", ")", ">=", "<", "==", "~=", "!=", "1", ".2", ".*", "rc1", ",", ";"),
        *("extra == 'x'", "python_version < '3.8'", " and ", " or ", "sys_platform == 'linux'", ".dev0", "@", "\xe9"),
    ]
)


@given(st.lists(PIECES, max_size=9).map("".join))
def test_what_is_read_at_all_is_read_as_by_packaging(text: str) -> None:
    try:
        assert_alike(text)
    except InvalidRequirement:
        pytest.fail(f"packaging refuses {text!r}")
