"""A call of root's that SUDO_UID says somebody else has made: what sudo leaves behind, without sudo itself (test_sudo.py).

Under everything: no file of root's in a home, ever.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Result

from roots.conftest import Installation
from roots.throwaway import ANA, ROOT, Throwaway

pytestmark = [
    pytest.mark.roots,
    pytest.mark.parametrize("suite", ["bookworm"], scope="session"),  # with sudo itself: all of them
    pytest.mark.parametrize("installation", [ROOT], indirect=True, ids=["root"]),
]

BY_ANA = {"SUDO_UID": "1000", "SUDO_GID": "1000", "SUDO_USER": "ana"}
# What `sudo -E` keeps of the caller's.
KEPT = {
    "HOME": "/home/ana",
    "XDG_CACHE_HOME": "/home/ana/.cache",
    "PIP_CACHE_DIR": "/home/ana/.cache/pip",
    "UV_CACHE_DIR": "/home/ana/.cache/uv",
}
SHOP = "/home/ana/shop"
WHERE = ("python3", "-c", "import railcar; print(railcar.__file__)")
SOURCE = {"UV_OFFLINE": "1", "UV_FIND_LINKS": "/srv/wheels"}


@pytest.fixture
def server(installation: Installation, offline: Path, uv: Path) -> Iterator[Throwaway]:
    """A machine that root has set pipshunt up on, with uv, and a project of ana's."""
    assert installation.result.status == 0, installation.result
    with Throwaway(offline, *installation.layers) as machine:
        machine.write(ROOT, "/usr/local/bin/uv", uv.resolve().read_bytes(), 0o755)
        machine.run(ROOT, "ln", "-s", "pipshunt-shim", "/opt/pipshunt/bin/uv")
        machine.write(ANA, f"{SHOP}/requirements.txt", "railcar\n")
        yield machine


def call(machine: Throwaway, line: str, cwd: str = SHOP, **env: str) -> Result:
    """Run *line* as root whom ana has called by sudo."""
    path = f"/opt/pipshunt/bin:{ROOT.path}"
    return machine.run(ROOT, "sh", "-c", line, cwd=cwd, env={"PATH": path, **SOURCE, **BY_ANA, **env})


def owned_by_root(machine: Throwaway, folder: str = "/home/ana") -> list[str]:
    root = f"{machine.base}/root"
    found = [
        os.path.join(parent, name) for parent, folders, files in os.walk(root + folder) for name in folders + files
    ]
    assert found
    return [path.removeprefix(root) for path in found if os.lstat(path).st_uid == 0]


def log_of(machine: Throwaway, path: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in machine.read(path).splitlines()]


ANAS_LOG, ROOTS_LOG = "/home/ana/.local/state/pipshunt/audit.jsonl", "/var/log/pipshunt/audit.jsonl"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        pytest.param("pip install railcar", {}, id="pip"),
        pytest.param("python3 -m pip install -r requirements.txt", KEPT, id="python3 -m pip, environment kept"),
        pytest.param("uv pip install railcar", {}, id="uv"),
        pytest.param("uv pip install railcar", KEPT, id="uv, environment kept"),
        pytest.param("pip install railcar", {"container": "docker"}, id="in a container"),
    ],
)
def test_in_a_project_of_the_callers_it_is_the_callers(server: Throwaway, line: str, kept: dict[str, str]) -> None:
    before = len(log_of(server, ROOTS_LOG))
    result = call(server, line, **kept)
    assert result.status == 0, result
    assert "(run as ana, whose project this is)" in result.err
    *_, last = result.err.splitlines()
    assert last == "pipshunt: `sudo python3` is root's, and does not use it; this does: sudo .venv/bin/python -B"
    assert call(server, ".venv/bin/python -B -c 'import railcar'").status == 0
    found = server.run(ANA, *WHERE, cwd=SHOP)
    assert found.out.startswith(f"{SHOP}/.venv/lib/python3."), found
    assert owned_by_root(server) == []
    (record,) = log_of(server, ANAS_LOG)
    assert (record["user"], record["sudo_user"], record["track"]) == ("ana", "ana", "project")
    assert len(log_of(server, ROOTS_LOG)) == before


def test_an_uninstall_is_the_callers_too(server: Throwaway) -> None:
    assert call(server, "pip install railcar").status == 0
    result = call(server, "pip uninstall -y railcar")
    assert result.status == 0, result
    assert "Successfully uninstalled railcar-1.0" in result.out
    assert owned_by_root(server) == []


def test_in_an_environment_that_the_callers_shell_has_entered_it_is_no_other(server: Throwaway) -> None:
    assert call(server, "pip install railcar").status == 0
    environment = f"{SHOP}/.venv"
    entered = {"VIRTUAL_ENV": environment, "PIPSHUNT_ENTERED": environment, **KEPT}
    result = call(server, "pip install tender", **entered)
    assert result.status == 0, result
    assert server.run(ANA, f"{environment}/bin/tender").out == "tender 2.0\n"
    assert owned_by_root(server) == []


def test_what_uv_run_makes_is_the_callers(server: Throwaway) -> None:
    server.write(ANA, f"{SHOP}/pyproject.toml", '[project]\nname = "shop"\nversion = "1"\n')
    result = call(server, "uv run --offline pip install railcar")
    assert result.status == 0, result
    assert owned_by_root(server) == []
    assert server.list(f"{SHOP}/.venv")


def test_it_has_the_callers_rights_groups_and_environment(server: Throwaway) -> None:
    backend = (
        "import os, sys\nprint(os.getresuid(), os.getresgid(), os.getgroups(), os.environ['HOME'], file=sys.stderr)"
    )
    server.write(
        ANA, f"{SHOP}/setup.py", backend + "\nprint({n: os.environ.get(n) for n in ('USER', 'SHELL', 'MAIL')})"
    )
    server.write(
        ANA, f"{SHOP}/pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n'
    )
    server.write(
        ANA,
        f"{SHOP}/b.py",
        f"import os\n{backend}\nopen('seen', 'w').write(repr((os.getresuid(), os.getresgid(), os.getgroups(), *(os.environ.get(n) for n in ('HOME', 'USER', 'LOGNAME', 'SHELL', 'MAIL', 'XDG_CACHE_HOME')))))",
    )
    call(server, "pip install --no-index .", MAIL="/var/mail/root", XDG_CACHE_HOME="/root/.cache")
    seen = server.read(f"{SHOP}/seen")
    assert (
        seen == "((1000, 1000, 1000), (1000, 1000, 1000), [1000], '/home/ana', 'ana', 'ana', '/bin/bash', None, None)"
    )


def test_the_callers_policy_holds(server: Throwaway) -> None:
    server.write(ANA, "/home/ana/.config/pipshunt/policy.toml", 'action = "refuse"\n')
    result = call(server, "pip install railcar")
    assert (result.status, result.out) == (1, ""), result
    assert result.err.startswith("pipshunt: refused: "), result
    assert [record["decision"] for record in log_of(server, ANAS_LOG)] == ["refuse"]
    assert owned_by_root(server) == []


@pytest.mark.parametrize(
    "line",
    [
        "pip install railcar",
        "uv pip install railcar",
        "uv pip install --system railcar",
    ],
)
def test_elsewhere_it_is_the_machines_and_leaves_nothing_in_the_home_that_was_kept(
    server: Throwaway, line: str
) -> None:
    result = call(server, line, cwd="/home/ana", **KEPT)
    assert result.status == 0, result
    found = server.run(ANA, *WHERE, cwd="/")
    assert found.out.startswith("/opt/pipshunt/envs/python3."), found
    assert owned_by_root(server) == []
    assert server.list("/home/ana/.cache") == []


@pytest.mark.parametrize(
    "who",
    [
        pytest.param({"SUDO_UID": "0", "SUDO_USER": "root"}, id="root itself"),
        pytest.param({"SUDO_UID": "1000; id"}, id="garbage"),
        pytest.param({"SUDO_UID": "4294967295"}, id="the number that changes nothing"),
        pytest.param({"SUDO_UID": "4242", "SUDO_USER": "nobody's"}, id="no account"),
        pytest.param({"SUDO_UID": "33", "SUDO_USER": "www-data"}, id="not the owner"),
        pytest.param({"PIPSHUNT_TRACK": "machine"}, id="asked for"),
    ],
)
def test_what_is_no_project_of_the_callers_is_the_machines(server: Throwaway, who: dict[str, str]) -> None:
    result = call(server, "pip install railcar", **who)
    assert result.status == 0, result
    assert "/opt/pipshunt/envs/python3." in result.err
    assert server.list(SHOP) == ["requirements.txt"]
    assert owned_by_root(server) == []


def test_in_a_folder_of_anothers_within_the_project_it_is_the_projects(server: Throwaway) -> None:
    server.write(ANA, f"{SHOP}/setup.cfg", "")
    server.write(ROOT, f"{SHOP}/build/log", "")  # as an earlier `sudo make` leaves it
    result = call(server, "pip install railcar", cwd=f"{SHOP}/build")
    assert result.status == 0, result
    assert "railcar-1.0.dist-info" in server.list(f"{SHOP}/.venv/lib/python{version_of(server)}/site-packages")
    assert owned_by_root(server) == [f"{SHOP}/build", f"{SHOP}/build/log"]


def test_an_environment_that_root_made_is_not_installed_into(server: Throwaway) -> None:
    server.run(ROOT, "python3", "-m", "venv", "--without-pip", f"{SHOP}/.venv")
    result = call(server, "pip install railcar")
    assert result.status == 1, result
    assert result.err.startswith(f"pipshunt: refused: {SHOP}/.venv belongs to root\n")
    (remedy,) = [line.removeprefix("next: ") for line in result.err.splitlines() if line.startswith("next: ")]
    assert server.run(ANA, "sh", "-c", remedy, cwd=SHOP).status == 0
    assert server.list(f"{SHOP}/.venv/bin")


@pytest.mark.parametrize("line", ["pip install --break-system-packages railcar", "pip install --target /srv/t railcar"])
def test_what_would_pass_is_roots_as_it_was_typed(server: Throwaway, line: str) -> None:
    result = call(server, line)
    assert result.status == 0, result
    assert server.list(SHOP) == ["requirements.txt"]
    assert owned_by_root(server) == []


def test_where_root_cannot_become_the_caller_pip_itself_refuses(server: Throwaway) -> None:
    result = call(server, "setpriv --bounding-set=-setuid,-setgid pip install railcar")
    assert result.status == 1, result
    said = "this is ana's project, and root cannot become ana here (Operation not permitted), so /usr/bin/pip runs as it is"
    assert result.err.startswith(f"pipshunt: {said}\n"), result
    explained = call(server, "setpriv --bounding-set=-setuid,-setgid pipshunt explain pip install railcar")
    assert explained.status == 0, explained
    assert "error: externally-managed-environment" in result.err
    assert server.list(SHOP) == ["requirements.txt"]
    assert owned_by_root(server) == []


def test_explain_tells_the_same(server: Throwaway) -> None:
    lines = [
        json.dumps({"argv": ["pip", "install", "railcar"], "env": BY_ANA, "cwd": folder})
        for folder in (SHOP, "/", SHOP)
    ]
    done = server.run(ROOT, "pipshunt", "explain", "--batch", stdin="\n".join(lines).encode())
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [answer["track"] for answer in answers] == ["project", "machine", "project"], done
    assert "run as ana, whose project this is" in answers[0]["notes"]
    page = call(server, "pipshunt explain pip install railcar")
    assert f"track        project: {SHOP}/.venv (new)" in page.out, page
    assert owned_by_root(server) == []


def version_of(machine: Throwaway) -> str:
    said = machine.run(ROOT, "/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").out
    return said.strip()


def test_a_policy_that_root_starts_in_a_users_project_is_the_users(server: Throwaway) -> None:
    result = call(server, "pipshunt policy init")
    assert result.status == 0, result
    assert "pipshunt.toml" in server.list(SHOP)
    assert owned_by_root(server) == []
