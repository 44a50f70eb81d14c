"""Paired benchmarks of pipshunt against the bare tools: `.tests-env/bin/python bench/run.py [RUNS]`.

Prints medians; judges nothing. Everything happens on a throwaway machine in a temporary folder (tests/machine.py), as
an ordinary user: root's environments share no files, so a fresh one costs root some 1500 files more.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / folder) for folder in ("src", "tests")]

from machine import PROJECT, USER, Machine
from paired import Command, compare
from wheels import build_wheel


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    folder = Path(tempfile.mkdtemp(prefix="pipshunt-bench-"))
    try:
        head = f"median of {runs} pairs"
        print(f"{head:<46} {'ours ms':>8} {'bare ms':>8} {'diff ms':>9} {'wall x':>7} {'cpu x':>7}")
        for line in _measure(folder, runs):
            print(line, flush=True)
    finally:
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, runs: int) -> Iterator[str]:
    machine = Machine(folder)
    wheels = folder / "wheels"
    build_wheel(wheels, "six", "1.17.0")
    env = machine.env(PIP_FIND_LINKS=str(wheels))
    cwd = str(machine.project)
    tool = machine.write_script(folder / "tool/pip", "#!/bin/sh\n:\n")
    shutil.copy("/bin/true", folder / "tool/python3")
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        shutil.copy(uv, folder / "uv")
    _become_the_user(machine)
    trivial = {**env, "PATH": f"{machine.shims}:{tool.parent}:/usr/bin:/bin"}
    shim, python = str(machine.shims / "pip"), str(machine.shims / "python3")

    def both(name: str, ours: list[str], bare: list[str], with_env: dict[str, str] = trivial, times: int = runs) -> str:
        return compare(name, Command(ours, with_env, cwd), Command(bare, with_env, cwd), times)

    yield both("pass: pip download x (trivial tool)", [shim, "download", "x"], [str(tool), "download", "x"])
    bare_python = str(folder / "tool/python3")
    yield both("pass: python3 -c pass (trivial tool)", [python, "-c", "pass"], [bare_python, "-c", "pass"])
    yield both("pass: pip list, real pip", [shim, "list"], [str(machine.bin / "pip"), "list"], env, max(5, runs // 4))
    (machine.project / "pipshunt.toml").write_text('action = "refuse"\n')
    nothing = [str(machine.python), "-I", "-S", "-E", "-c", "pass"]
    yield both("refusal against python3 -I -S -E -c pass", [shim, "install", "six"], nothing, env)
    yield both(
        "refusal against pip's own", [shim, "install", "six"], [str(machine.bin / "pip"), "install", "six"], env, 5
    )
    (machine.project / "pipshunt.toml").unlink()
    yield _fresh_install("pip install six, fresh project, against venv+pip", machine, env, cwd)
    if (folder / "uv").exists():
        os.rename(folder / "uv", machine.bin / "uv")
        yield _fresh_install("the same with uv on PATH", machine, env, cwd)
    subprocess.run([shim, "install", "six"], env=env, cwd=cwd, capture_output=True, check=True)
    satisfied = [str(machine.project / ".venv/bin/pip"), "install", "six"]
    yield both("already satisfied, against the environment's pip", [shim, "install", "six"], satisfied, env, 10)
    followed = str(machine.project / ".venv/bin/python3")
    yield both("followed: python3 -c pass", [python, "-c", "pass"], [followed, "-c", "pass"], env)
    people = f"import sys; sys.path.insert(0, {str(machine.engine)!r}); from pipshunt.cli import main; sys.exit(main())"
    doctor = [sys.executable, "-I", "-c", people, "doctor"]
    yield both(
        "doctor (budget 500), against bash -lc :", doctor, ["/bin/bash", "-lc", ":"], {**env, "SHELL": "/bin/bash"}
    )
    script = str(machine.write_script(machine.project / ".venv/bin/tool", "#!/bin/sh\n:\n"))
    machine.write_script(machine.shims / "pipshunt-script", (PROJECT / "shims/script").read_text())
    (machine.shims / "tool").symlink_to("pipshunt-script")
    yield both("a console script by its name (trivial script)", [str(machine.shims / "tool")], [script], env)


def _fresh_install(name: str, machine: Machine, env: dict[str, str], cwd: str) -> str:
    """Compare with what the marker tells people to do; needs ensurepip (Debian: python3-venv)."""

    def clean() -> None:
        shutil.rmtree(machine.project / ".venv", ignore_errors=True)
        shutil.rmtree(machine.state, ignore_errors=True)

    told = f"{machine.python} -m venv .venv && .venv/bin/pip install six"
    ours = Command([str(machine.shims / "pip"), "install", "six"], env, cwd, clean)
    return compare(name, ours, Command(["/bin/sh", "-c", told], env, cwd, clean), 5)


def _become_the_user(machine: Machine) -> None:
    machine.give(machine.root)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(USER)
        os.setuid(USER)


if __name__ == "__main__":
    main()
