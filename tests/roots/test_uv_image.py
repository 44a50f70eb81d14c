"""The image of replicate/cog issue 2945: a Python that uv manages stands in for the system's, and `uv run pip` is refused.

uv itself installs the managed Python, from an archive of Debian's own: so folder, links and marker are uv's work.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from roots.throwaway import ROOT, Throwaway

pytestmark = [pytest.mark.roots, pytest.mark.parametrize("suite", ["bookworm"], scope="session")]

ENV = {
    "UV_SYSTEM_PYTHON": "true",
    "UV_PYTHON": "3.11",
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_OFFLINE": "1",
    "PATH": "/opt/pipshunt/bin:/usr/local/bin:/usr/bin:/bin",
}
# Debian's Python as python-build-standalone would ship it: its pip beside it, and nothing at the old place any more.
PACK = r"""
set -eu
mkdir -p /tmp/p/python/bin /tmp/p/python/lib
cp /usr/bin/python3.11 /tmp/p/python/bin/
cp -a /usr/lib/python3.11 /tmp/p/python/lib/
rm /tmp/p/python/lib/python3.11/EXTERNALLY-MANAGED /tmp/p/python/lib/python3.11/sitecustomize.py
mkdir -p /tmp/p/python/lib/python3/dist-packages /tmp/p/python/local/bin
cp -a /usr/lib/python3/dist-packages/pip* /tmp/p/python/lib/python3/dist-packages/
ln -s python3.11 /tmp/p/python/bin/python3
cat >/tmp/p/python/bin/pip <<'END'
#!/bin/sh
'''exec' "$(dirname -- "$(realpath -- "$0")")/python3.11" "$0" "$@"
' '''
import sys
from pip._internal.cli.main import main
sys.exit(main())
END
chmod 755 /tmp/p/python/bin/pip
ln -s ../../bin/pip /tmp/p/python/local/bin/pip
tar -C /tmp/p -czf /tmp/p/python.tar.gz python
cat >/tmp/p/list.json <<END
{"cpython-3.11.2-linux-x86_64-gnu": {"name": "cpython", "arch": {"family": "x86_64", "variant": null}, "os": "linux",
"libc": "gnu", "major": 3, "minor": 11, "patch": 2, "prerelease": "", "url": "file:///tmp/p/python.tar.gz",
"sha256": "$(sha256sum /tmp/p/python.tar.gz | cut -d' ' -f1)", "variant": null, "build": "20250317"}}
END
uv python install --no-bin --no-config --python-downloads-json-url /tmp/p/list.json cpython-3.11.2-linux-x86_64-gnu
rm -rf /tmp/p /usr/bin/python3* /usr/bin/pip* /usr/lib/python3/dist-packages/pip*
ln -sf "$(uv python find --no-python-downloads 3.11)" /usr/bin/python3
"""


@pytest.fixture(scope="module")
def image(
    request: pytest.FixtureRequest,
    base: tuple[Path, ...],
    offline: Path,
    scratch: Path,
    uv: Path,
    connection: dict[str, str],
) -> tuple[Path, ...]:
    """The layers of the image, with pipshunt set up in it by root."""
    if not request.config.getoption("--full"):
        pytest.skip("--full has the image of cog")
    with Throwaway(*base) as machine:
        machine.write(ROOT, "/usr/local/bin/uv", uv.resolve().read_bytes(), 0o755)
        packed = machine.run(ROOT, "sh", "-c", PACK)
        assert packed.status == 0, packed
        done = machine.run(ROOT, "./install.sh", cwd="/root/pipshunt", env=connection)
        assert done.status == 0, done
        layer = machine.save(scratch / "uv-image")
    return offline, layer, *base


@pytest.fixture
def machine(image: tuple[Path, ...]) -> Iterator[Throwaway]:
    with Throwaway(*image) as machine:
        machine.write(ROOT, "/tmp/requirements.txt", "tender\n")
        machine.write(ROOT, "/srv/app/app.py", "")
        yield machine


def run(machine: Throwaway, line: str) -> str:
    """Run *line* as a RUN of the image's Dockerfile does: by /bin/sh, as root; return what is said."""
    done = machine.run(ROOT, "/bin/sh", "-c", line, cwd="/srv/app", env=ENV)
    return f"{done.status}\n{done.out}{done.err}"


COG = "uv run pip install --cache-dir /root/.cache/pip -r /tmp/requirements.txt"
WHERE = "python3 -c 'import tender; print(tender.__file__)'"


def test_the_image_is_the_one_of_the_issue(machine: Throwaway) -> None:
    said = run(machine, f"PIPSHUNT=off {COG}")
    assert said.startswith("1\nerror: externally-managed-environment")
    assert "This Python installation is managed by uv and should not be modified." in said


def test_the_packages_are_importable_by_the_images_python(machine: Throwaway) -> None:
    said = run(machine, COG)
    assert said.startswith("0\n"), said
    assert "Successfully installed railcar-1.0 tender-2.0" in said
    assert run(machine, WHERE).startswith("0\n/opt/")
    assert not [path for path in machine.written() if "/uv/python/" in path and "__pycache__" not in path]
    assert "railcar" in run(machine, "uv run pip list")


def test_uv_pip_goes_the_same_way(machine: Throwaway) -> None:
    for line in ("uv pip install --system tender", "uv pip uninstall railcar"):
        said = run(machine, f"UV_NO_INDEX=1 UV_FIND_LINKS=/srv/wheels {line}")
        assert said.startswith("0\npipshunt: uv manages /root/.local/share/uv/python/"), said
    assert run(machine, WHERE).startswith("0\n/opt/")
    assert run(machine, "python3 -c 'import railcar'").startswith("1\n")


def test_with_the_policys_grant_they_are_in_the_managed_python_itself(machine: Throwaway) -> None:
    machine.write(ROOT, "/etc/pipshunt/policy.toml", 'action = "uv-system"\n')
    said = run(machine, COG)
    assert "refused: the policy says `uv-system`, but no policy grants" in said
    machine.write(ROOT, "/etc/pipshunt/policy.toml", 'action = "uv-system"\n[grant]\noverride = ["uv"]\n')
    said = run(machine, COG)
    assert said.startswith("0\n"), said
    assert run(machine, WHERE).startswith("0\n/root/.local/share/uv/python/")
