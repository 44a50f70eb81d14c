"""Programs of others that call pip by a path: ansible-core and a Jupyter client from the public index, in a layer each.

Their own Python is an environment of theirs; what they act on is the machine's /usr/bin/python3.
"""

import tempfile
from pathlib import Path

import pytest

from roots.throwaway import ROOT, Throwaway

HOME = "/opt/guest"
PYTHON = f"{HOME}/bin/python"


def need_full(request: pytest.FixtureRequest) -> None:
    """Skip where not everything is to be tested."""
    if not request.config.getoption("--full"):
        pytest.skip("--full has Ansible and Jupyter, which come from the public index")


def lay_guest(
    layers: tuple[Path, ...], scratch: Path, connection: dict[str, str], *projects: str, system: tuple[str, ...] = ()
) -> tuple[Path, ...]:
    """Return the layers with *projects* in an environment in HOME, and *system* in the system's own Python."""
    with Throwaway(*layers) as machine:
        env = {**connection, "PIPSHUNT": "off", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
        python = "/usr/bin/python3"
        commands: list[tuple[str, ...]] = [(python, "-m", "venv", "--without-pip", HOME)]
        commands.append((python, "-m", "pip", "--python", PYTHON, "install", "-q", *projects))
        if system:
            commands.append((python, "-m", "pip", "install", "-q", "--break-system-packages", *system))
        for command in commands:
            done = machine.run(ROOT, *command, env=env)
            assert done.status == 0, done
        return machine.save(Path(tempfile.mkdtemp(dir=scratch))), *layers
