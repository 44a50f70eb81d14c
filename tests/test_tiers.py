"""Import tiers: what a call imports before it is decided, while it is refused, and while it is carried out.

Held by looking at sys.modules, not at a clock. What the interpreter's own start and `typing` bring counts for nothing,
nor do modules written in C alone (named with an underscore).
"""

import ast
import os
import subprocess
import sys
from typing import Any

import pytest
from machine import PROJECT, USER, Machine
from wheels import build_wheel

# Runs the engine as boot.py does, but tells the modules at the moment when the real tool would be exec'd.
DRIVER = """
import os, sys, typing
class Any(typing.NamedTuple):  # brings annotationlib and ast from CPython 3.14 on
    field: int
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
def tell(*_):
    os.write(1, "\\n".join(["MODULES", *sorted(set(sys.modules) - before)]).encode())
    os._exit(0)
os.execve = tell
from pipshunt.engine import main
main(*sys.argv[2:4], sys.argv[4:])
tell()
"""
DECIDING = {
    "pipshunt.kept_answer",
    "pipshunt.container",
    *("pipshunt", "pipshunt.call", "pipshunt.command", "pipshunt.context", "pipshunt.decision", "pipshunt.engine"),
    *("pipshunt.environment", "pipshunt.flow", "pipshunt.follow", "pipshunt.git_index", "pipshunt.interpreter"),
    *("pipshunt.launch", "pipshunt.marker", "pipshunt.options", "pipshunt.pip_config", "pipshunt.pip_options"),
    *("pipshunt.places", "pipshunt.plan", "pipshunt.policy", "pipshunt.requirements", "pipshunt.search"),
    *("pipshunt.target", "pipshunt.track", "pipshunt.lent_pip", "errno"),
}
# An exec first puts the signals back that CPython has changed; `signal` brings enum, which typing does not everywhere.
EXECUTING = {
    "pipshunt.process",
    "signal",
    "enum",
    "types",
    "functools",
    "collections",
    "operator",
    "keyword",
    "reprlib",
}
RECORDING = {
    *("pipshunt.audit", "pipshunt.callers", "pipshunt.redact", "fcntl", "pwd", "codecs"),
    *("json", "json.decoder", "json.encoder", "json.scanner", "re", "re._casefix", "re._compiler", "re._constants"),
    *("re._parser", "copyreg"),
}
# The marker's own message is read as pip reads it.
REFUSING = {
    "pipshunt.refusal",
    "pipshunt.os_packages",
    "configparser",
    "locale",
    "collections.abc",
    "contextlib",
    "itertools",
    "io",
}
UNINSTALLING = {"pipshunt.pip_uninstall"}
RUNNING = {
    *("pipshunt.run", "pipshunt.creation", "pipshunt.seed", "pipshunt.message", "pipshunt.scripts", "pipshunt.process"),
    *("pipshunt.folder_tree", "pipshunt.installer", "pipshunt.pip_store", "pipshunt.uv_tool", "pipshunt.unfollowed"),
    *("base64", "binascii", "struct", "hashlib", "select", "zlib"),
}
# A call of uv is asked of uv, which is run for it.
UV = {
    "pipshunt.uv",
    *(
        "pipshunt.uv.uv_flow",
        "pipshunt.uv.uv_command",
        "pipshunt.uv.uv_options",
        "pipshunt.uv.uv_answer",
        "pipshunt.uv.uv_escort",
    ),
    "select",
}
# A policy file is parsed once; from then on the compiled one is read, and checked by its checksum.
COMPILED_POLICY = {"pipshunt.policy_cache", "zlib"}
NEVER = {
    *("argparse", "asyncio", "ctypes", "dataclasses", "email", "importlib.metadata", "importlib.resources", "inspect"),
    *(
        "logging",
        "packaging",
        "pathlib",
        "psutil",
        "random",
        "rich",
        "shellingham",
        "shlex",
        "shutil",
        "site",
        "socket",
    ),
    *(
        "ssl",
        "subprocess",
        "sysconfig",
        "tempfile",
        "threading",
        "tomlkit",
        "traceback",
        "urllib",
        "urllib.parse",
        "uuid",
    ),
}


class Calls:
    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def imported(self, *args: str, tool: str = "pip", **env: str) -> set[str]:
        machine = self.machine
        argv = [os.path.realpath(sys.executable), "-I", "-S", "-c", DRIVER, str(machine.engine)]
        argv += [str(machine.shims / tool), str(machine.bin / tool), *args]
        user: dict[str, Any] = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
        done = subprocess.run(
            argv, cwd=machine.project, env=machine.env(**env), capture_output=True, check=True, **user
        )
        told = os.fsdecode(done.stdout).partition("MODULES\n")[2].splitlines()
        assert told, done
        return {name for name in told if not name.startswith("_")}


@pytest.fixture
def calls(machine: Machine) -> Calls:
    build_wheel(machine.root / "wheels", "demo-one", "1.0")
    machine.give(machine.root / "wheels")
    return Calls(machine)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("install", "--target", "x", "flask"), id="install elsewhere"),
        pytest.param(("install", "--nonsense"), id="usage error"),
        pytest.param(("list",), id="reading"),
        pytest.param(("download", "install"), id="not an install"),
    ],
)
def test_a_call_that_passes_imports_next_to_nothing(calls: Calls, words: tuple[str, ...]) -> None:
    imported = calls.imported(*words)
    assert imported <= DECIDING | EXECUTING, imported - DECIDING - EXECUTING


def test_a_call_in_an_entered_environment_imports_one_module_more(calls: Calls) -> None:
    imported = calls.imported("install", "--nonsense", PIPSHUNT_ENTERED="/venv", VIRTUAL_ENV="/venv")
    assert imported - {"pipshunt.entered"} <= DECIDING | EXECUTING, imported - DECIDING - EXECUTING


def test_only_root_is_asked_who_called_sudo(calls: Calls) -> None:
    imported = calls.imported("install", "--target", "x", "flask", SUDO_UID="1000", SUDO_USER="ana")  # sudo -u
    assert imported <= DECIDING | EXECUTING, imported - DECIDING - EXECUTING


@pytest.mark.parametrize("line", ["run pip install flask", "pip install flask", "pip install --target x flask"])
def test_a_call_of_uv_that_passes_imports_next_to_nothing(calls: Calls, line: str) -> None:
    calls.machine.write_script(calls.machine.bin / "uv", "#!/bin/sh\nexit 0\n")
    imported = calls.imported(*line.split(), tool="uv")
    assert imported <= DECIDING | EXECUTING | UV, imported - DECIDING - EXECUTING - UV


def test_a_refusal_imports_what_it_prints_and_records_with(calls: Calls) -> None:
    imported = calls.imported("uninstall", "-y", "flask")
    allowed = DECIDING | RECORDING | REFUSING | UNINSTALLING
    assert imported - EXECUTING <= allowed, imported - allowed


def test_a_refusal_by_policy_parses_the_policy_once(calls: Calls) -> None:
    (calls.machine.project / "pipshunt.toml").write_text('action = "refuse"\n')
    calls.machine.give(calls.machine.project)
    assert {"tomllib", "pipshunt.policy_file"} <= calls.imported("install", "flask")
    imported = calls.imported("install", "flask")
    allowed = DECIDING | RECORDING | REFUSING | COMPILED_POLICY
    assert imported - EXECUTING <= allowed, imported - allowed


def test_a_shunted_install_imports_what_it_runs_and_records_with(calls: Calls) -> None:
    imported = calls.imported("install", "--find-links", str(calls.machine.root / "wheels"), "demo-one")
    allowed = DECIDING | EXECUTING | RECORDING | RUNNING | COMPILED_POLICY
    assert imported <= allowed, imported - allowed
    assert "pipshunt.creation" in imported


def test_what_is_never_to_be_imported_is_in_no_tier() -> None:
    assert not NEVER & (DECIDING | EXECUTING | RECORDING | REFUSING | UNINSTALLING | RUNNING | COMPILED_POLICY)


def test_the_modules_of_the_decision_import_only_os_sys_and_typing_at_their_head() -> None:
    for name in sorted((DECIDING | {"pipshunt.entered"}) - {"errno"}):
        file = PROJECT / "src" / (name.replace(".", "/") + ".py" if name != "pipshunt" else "pipshunt/__init__.py")
        heads = {module for node in ast.parse(file.read_text()).body for module in _imports(node)}
        foreign = {module for module in heads if module.partition(".")[0] != "pipshunt"}
        assert foreign <= {"os", "sys", "typing", "collections.abc", "stat", "base64"}, (name, foreign)


def _imports(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
