"""CI: what one step has installed is there for the steps that come after it, in imitations of the runners."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from wheels import build_wheel

from roots.conftest import Installation
from roots.runners import Azure, CircleCI, GitHub, GitLab, Jenkins, Runner
from roots.throwaway import ANA, Throwaway

pytestmark = [
    pytest.mark.roots,
    pytest.mark.parametrize("suite", ["bookworm"], scope="session"),
    pytest.mark.parametrize("installation", [pytest.param(ANA, id="user")], indirect=True),
]
SHOP = "/home/ana/shop"
SHIMS = "/home/ana/.local/share/pipshunt/bin"


@pytest.fixture
def shop(machine: Throwaway, tmp_path: Path) -> Iterator[Throwaway]:
    """The machine with a project that is checked out."""
    machine.write(ANA, f"{SHOP}/requirements.txt", "tender\n")
    machine.write(ANA, f"{SHOP}/.git/HEAD", "ref: refs/heads/main\n")
    yield machine


def test_github(shop: Throwaway) -> None:
    runner = GitHub(shop, ANA, SHOP)
    for done in runner.use_action("/home/ana/pipshunt", {}, {}):
        assert done.status == 0, done
    assert runner.path == [SHIMS]
    done = runner.step("pip install -r requirements.txt", shell="bash")
    assert done.status == 0, done
    print(done, runner.annotations, runner.env)
    assert runner.path == [f"{SHOP}/.venv/bin", SHIMS]
    done = runner.step("python3 -c 'import tender' && tender && command -v pip", shell="bash")
    assert done.status == 0, done
    print(done)
    done = runner.step("pip install railcar", shell="bash")
    print(done, runner.annotations)
