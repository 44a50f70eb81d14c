"""Every option that any pip knows is decided: a new one turns this red, and is named."""

import pytest

from pipshunt.accelerator.counterpart_options import DROP, PIP, READ, RULES
from pipshunt.pip_options import COMMANDS_ONLY, GENERAL, INSTALL, MAIN_ONLY

ROWS = GENERAL + MAIN_ONLY + COMMANDS_ONLY + INSTALL
NAMES = sorted({row[0].split()[0][2:] for row in ROWS})


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_every_pip_is_decided(name: str) -> None:
    assert name in RULES, f"--{name}: is there an exact counterpart in uv? Decide in counterpart_options.py"


def test_nothing_is_decided_that_no_pip_knows() -> None:
    assert set(RULES) == set(NAMES)


def test_there_are_three_ways_to_decide() -> None:
    assert set(RULES.values()) == {DROP, PIP, READ}
