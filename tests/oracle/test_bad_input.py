"""What is broken, cut off or in circles: never a traceback of ours, and the same verdict as real pip's."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from machine import USER, Machine

from pipshunt.explain import explain_call

FILES: Mapping[str, bytes] = {
    "binary.txt": bytes(range(256)) * 8,
    "utf16.txt": "x==1\n".encode("utf-16"),
    "cut.txt": b"flask==2.0 \\\n    --hash=sha256:aaaa \\\n",
    "half.txt": "flask\n# caf\u00e9".encode()[:-1],
    "itself.txt": b"-r itself.txt\n",
    "round.txt": b"flask\n-r about.txt\n",
    "about.txt": b"-r round.txt\n",
    "deep.txt": b"".join(b"-r deep.txt\n" for _ in range(40)),
    "long.txt": b"a" * 100_000,
    "binary.conf": bytes(range(256)),
    "cut.conf": b"[global]\ntimeout = 5\n[inst",
    "nul.conf": b"[global]\nbreak-system-packages = tr\0ue\n",
    "empty.conf": b"",
    "long.conf": b"[global]\nfoo = " + b"x" * 200_000 + b"\n",
}
# What is tried by default.
RUN = [
    pytest.param("install -r binary.txt", {}, id="a binary requirements file"),
    pytest.param("uninstall -y -r binary.txt", {}, id="uninstalling a binary one"),
    pytest.param("uninstall -y -r itself.txt", {}, id="a file that names itself"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "binary.conf"}, id="a binary pip.conf"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "locked.conf"}, id="an unreadable pip.conf"),
    pytest.param("install x", {"PIP_BREAK_SYSTEM_PACKAGES": "maybe"}, id="neither yes nor no"),
    pytest.param("--python broken install x", {}, id="an interpreter that cannot run"),
]
ALL = [
    *RUN,
    pytest.param("uninstall -y -r utf16.txt", {}, id="UTF-16"),
    pytest.param("uninstall -y -r cut.txt", {}, id="a file that is cut off"),
    pytest.param("uninstall -y -r half.txt", {}, id="a letter that is cut off"),
    pytest.param("uninstall -y -r round.txt", {}, id="files that name each other"),
    pytest.param("uninstall -y -r deep.txt", {}, id="a file that names itself often"),
    pytest.param("uninstall -y -r long.txt", {}, id="a long name"),
    pytest.param("uninstall -y -r locked.txt", {}, id="an unreadable requirements file"),
    pytest.param("uninstall -y -r .", {}, id="a folder for a file"),
    pytest.param("install -r itself.txt", {}, id="installing a file that names itself"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "cut.conf"}, id="a pip.conf that is cut off"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "nul.conf"}, id="a zero in pip.conf"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "empty.conf"}, id="an empty pip.conf"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "long.conf"}, id="a long pip.conf"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "."}, id="a folder for a pip.conf"),
    pytest.param("install x", {"PIP_CONFIG_FILE": "a\udcffb"}, id="a name that is no UTF-8"),
    pytest.param("install x", {"PIP_TIMEOUT": "soon"}, id="no number"),
    pytest.param("install x", {"PIP_PROGRESS_BAR": "blink"}, id="no choice"),
    pytest.param("install x", {"PIP_VERBOSE": "-1"}, id="no count"),
    pytest.param("install x", {"PIP_PYTHON": "broken"}, id="a variable's interpreter that cannot run"),
    pytest.param("--python killed install x", {}, id="an interpreter that dies"),
    pytest.param("--python text install x", {}, id="an interpreter that is none"),
    pytest.param("install \udcff", {}, id="a word that is no UTF-8"),
]


@pytest.fixture(scope="module")
def shared() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory(prefix="pipshunt-") as folder:
        os.chmod(folder, 0o755)  # so that the machine's ordinary user can enter
        machine = Machine(Path(os.path.realpath(folder)) / "machine")
        for name, content in FILES.items():
            (machine.project / name).write_bytes(content)
        for name in ("locked.conf", "locked.txt"):
            (machine.project / name).write_text("[global]\ntarget = t\n")
            (machine.project / name).chmod(0)
        machine.write_script(machine.project / "broken", "#!/nonexistent/python\n")
        machine.write_script(machine.project / "killed", "#!/bin/sh\nkill -9 $$\n")
        (machine.project / "text").write_text("hello\n")
        machine.give(machine.root)
        yield machine


@pytest.mark.parametrize(("line", "env"), ALL)
def test_bad_input_ends_as_pip_ends(
    shared: Machine, line: str, env: dict[str, str], request: pytest.FixtureRequest
) -> None:
    if (line, env) not in [parameters.values for parameters in RUN] and not request.config.getoption("--full"):
        pytest.skip("--full tries all that is broken")
    full = {**shared.env(), "PATH": f"{shared.bin}:/usr/bin:/bin", **env}
    unreadable = "locked" in line + str(env)
    if unreadable and os.geteuid() != USER:
        pytest.skip("root can read everything")
    flow = explain_call(("pip", *line.split()), full, str(shared.project), os.geteuid())
    done = shared.run("pip", *line.split(), env=full)
    assert flow.decision.refused_by_pip is ("externally-managed-environment" in done.err), done
