"""`install.sh --system` where little is there: as a step of a Dockerfile, or of a cautious root's script."""

import pytest

from roots.conftest import Installation
from roots.throwaway import ANA, ROOT, Throwaway

pytestmark = [
    pytest.mark.roots,
    pytest.mark.parametrize("suite", ["bookworm"], scope="session"),
    pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"]),
]

# The engine is left: all else is laid anew, without an index.
BARE = """
umask 077
rm -rf /etc/profile.d /etc/bash.bashrc /usr/local/bin /opt/pipshunt/bin /opt/pipshunt/hook.*
mount -t tmpfs -o ro none /root
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=docker /home/ana/pipshunt/install.sh --system
"""


def test_without_home_locale_and_profiles_and_with_a_strict_umask_it_is_there_for_all(
    installation: Installation, machine: Throwaway
) -> None:
    assert installation.account == ROOT
    done = machine.run(ROOT, "unshare", "--mount", "sh", "-c", BARE, cwd="/")
    assert done.status == 0, done
    bare = {"HOME": "", "LANG": "", "container": "docker"}
    machine.write(ROOT, "/app/requirements.txt", "tender\n")
    step = machine.run(ROOT, "sh", "-c", "umask 077 && pip install -r requirements.txt", cwd="/app", env=bare)
    assert step.status == 0, step
    for account in (ROOT, ANA):
        assert machine.run(account, "tender", cwd="/", env=bare).out == "tender 2.0\n"
        assert machine.run(account, "python3", "-c", "import railcar", cwd="/", env=bare).status == 0


def test_where_it_cannot_be_written_it_says_so_and_pip_is_as_it_was(machine: Throwaway) -> None:
    script = "mount -t tmpfs -o ro none /opt && exec /root/pipshunt/install.sh --system"
    done = machine.run(ROOT, "unshare", "--mount", "sh", "-c", script, cwd="/")
    assert done.status == 1, done
    assert done.err == "pipshunt: /opt/pipshunt cannot be made (Read-only file system); nothing was changed\n"
