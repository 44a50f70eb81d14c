"""A real Jupyter kernel (ipykernel, jupyter_client from PyPI): `!pip`, `%pip`, and what the running kernel then imports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from roots.guests import PYTHON, lay_guest, need_full
from roots.throwaway import ROOT, Throwaway

pytestmark = [pytest.mark.roots, pytest.mark.parametrize("suite", ["bookworm"], scope="session")]

# Starts a kernel by the words up to `--`, as a kernel specification has them, and prints what its cells print.
CLIENT = """
import sys
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
at = sys.argv.index("--")
kernel, cells = sys.argv[1:at], sys.argv[at + 1 :]
manager = KernelManager()
manager._kernel_spec = KernelSpec(argv=[*kernel, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(120)
def show(message):
    content = message["content"]
    if message["msg_type"] == "stream":
        print(content["text"], end="")
    elif message["msg_type"] == "error":
        print("RAISED", content["ename"], content["evalue"])
for cell in cells:
    client.execute_interactive(cell, output_hook=show, timeout=120)
manager.shutdown_kernel(now=True)
"""
SHOP = "/srv/shop"
WHERE = "import railcar; print('FOUND', railcar.__file__)"


class Notebook:
    """A machine with Jupyter, and a project."""

    def __init__(self, machine: Throwaway) -> None:
        self.machine = machine
        machine.write(ROOT, "/srv/client.py", CLIENT)
        machine.write(ROOT, f"{SHOP}/requirements.txt", "")

    def run(self, kernel: str, *cells: str, client: str = PYTHON) -> str:
        done = self.machine.run(ROOT, client, "/srv/client.py", *kernel.split(), "--", *cells, cwd=SHOP)
        assert done.status == 0, done
        return done.out


@pytest.fixture(scope="session")
def equipped(
    request: pytest.FixtureRequest,
    suite: str,
    base: tuple[Path, ...],
    offline: Path,
    scratch: Path,
    connection: dict[str, str],
) -> tuple[Path, ...]:
    """The layers of a machine with a Jupyter client, the system's ipykernel and transparent mode on."""
    need_full(request)
    layers = lay_guest(base, scratch, connection, "jupyter_client", system=("ipykernel",))
    with Throwaway(*layers) as machine:
        done = machine.run(ROOT, "./install.sh", "pipshunt", "transparent", "on", cwd="/root/pipshunt", env=connection)
        assert done.status == 0, done
        machine.write(ROOT, f"{SHOP}/requirements.txt", "")
        done = machine.run(ROOT, "pip", "install", "-q", "ipykernel", cwd=SHOP, env=connection)
        assert done.status == 0, done
        layer = machine.save(scratch / f"equipped-{suite}")
    return offline, layer, *layers


@pytest.fixture
def notebook(equipped: tuple[Path, ...]) -> Iterator[Notebook]:
    with Throwaway(*equipped) as machine:
        yield Notebook(machine)


@pytest.mark.parametrize(
    "cell", ["%pip install railcar", "!pip3 install railcar", "!/usr/bin/python3 -m pip install railcar"]
)
def test_the_systems_kernel_is_told_the_steps_and_they_work(notebook: Notebook, cell: str) -> None:
    out = notebook.run("/usr/bin/python3", cell, WHERE)
    assert "Successfully installed railcar-1.0" in out
    assert "RAISED ModuleNotFoundError No module named 'railcar'" in out
    lines = [line.removeprefix("pipshunt: ") for line in out.splitlines() if line.startswith("pipshunt: ")]
    assert lines[1] == "this notebook's kernel runs in /usr/bin/python3, which goes on without .venv"
    now = lines[2].removeprefix("to import from there now, in a cell: ")
    assert now == f"import site; site.addsitedir('{SHOP}/.venv/lib/python3.11/site-packages')"
    lasting = lines[3].removeprefix("for good: ").removesuffix(", and choose the kernel shop")
    assert lasting == f"!{SHOP}/.venv/bin/python -m ipykernel install --user --name shop"
    found = f"FOUND {SHOP}/.venv/lib/python3.11/site-packages/railcar.py"
    assert found in notebook.run("/usr/bin/python3", now, WHERE)
    assert "Installed kernelspec shop in " in notebook.run("/usr/bin/python3", lasting)
    assert "shop" in notebook.machine.list("/root/.local/share/jupyter/kernels")
    assert found in notebook.run(f"{SHOP}/.venv/bin/python", WHERE)  # what that specification starts


@pytest.mark.parametrize("cell", ["%pip install railcar", "!pip install railcar"])
def test_in_a_kernel_of_the_projects_python_an_import_simply_works(notebook: Notebook, cell: str) -> None:
    out = notebook.run("/usr/local/bin/python3", cell, WHERE)  # our shim, which the environment is followed from
    assert f"FOUND {SHOP}/.venv/lib/python3.11/site-packages/railcar.py" in out, out
    if cell.startswith("!"):
        assert "pipshunt: this notebook's kernel uses it; " in out


def test_without_transparent_mode_the_systems_kernel_is_refused_as_ever(notebook: Notebook) -> None:
    assert notebook.machine.run(ROOT, "/usr/local/bin/pipshunt", "transparent", "off").status == 0
    assert "externally-managed-environment" in notebook.run("/usr/bin/python3", "%pip install railcar")
