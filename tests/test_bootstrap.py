"""What would install a pip, `python3 -m ensurepip` and get-pip.py: refused with a way on exactly where it is refused.

The stand-ins here do as the real ones do (Lib/ensurepip of 3.12, get-pip.py of pip 26.1): they set the environment up and
call pip's own `main` within the process.
"""

import os
import shutil

import pytest
from machine import USER, Machine

from pipshunt.explain import explain_call

GET_PIP = """\
#!/usr/bin/env python
# This is a base85 encoding of a zip file, this zip file contains
# an entire copy of pip (version @VERSION@).
import sys

min_version = (@LEAST@)
if sys.version_info[:2] < min_version:
    print("ERROR: This script does not work on this Python")
    sys.exit(1)
from pip._internal.cli.main import main

rest = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(main(["install", "--upgrade", "--force-reinstall", *rest, "pip"]))
"""
ENSUREPIP = """\
import argparse, os, sys
from pip._internal.cli.main import main

parser = argparse.ArgumentParser(prog="python -m ensurepip")
parser.add_argument("--version", action="version", version="pip 23.2.1")
parser.add_argument("-v", "--verbose", action="count")
parser.add_argument("-U", "--upgrade", action="store_true")
parser.add_argument("--user", action="store_true")
parser.add_argument("--root")
parser.add_argument("--altinstall", action="store_true")
parser.add_argument("--default-pip", action="store_true")
args = parser.parse_args()
for name in [name for name in os.environ if name.startswith("PIP_")]:
    del os.environ[name]
os.environ["PIP_CONFIG_FILE"] = os.devnull
words = ["install", "--no-cache-dir", "--no-index"]
words += ["--root", args.root] if args.root else []
words += ["--upgrade"] if args.upgrade else []
words += ["--user"] if args.user else []
sys.exit(main([*words, "pip"]))
"""
REFUSED = "error: externally-managed-environment"
LINES = [
    ("-m ensurepip", {}),
    ("-m ensurepip --root ROOT", {}),
    ("-m ensurepip --version", {}),
    ("-m ensurepip --nonsense", {}),
    ("-m ensurepip", {"PIP_BREAK_SYSTEM_PACKAGES": "1"}),
    ("get-pip.py", {}),
    ("./get-pip.py --user", {}),
    ("get-pip.py --target ROOT", {}),
    ("get-pip.py --help", {}),
    ("get-pip.py --dry-run", {"PIP_BREAK_SYSTEM_PACKAGES": "1"}),
    ("get-pip.py", {"PIP_TARGET": "ROOT"}),
]
FURTHER_LINES = [
    ("-m ensurepip --upgrade --default-pip -v", {}),
    ("-m ensurepip --user", {}),
    ("-m ensurepip --root=ROOT -U", {}),
    ("-m ensurepip --root", {}),
    ("-m ensurepip -h", {}),
    ("-Im ensurepip", {}),
    ("-m ensurepip", {"PIP_TARGET": "ROOT"}),
    ("get-pip.py --no-setuptools --no-wheel", {}),
    ("get-pip.py pip==23.0", {}),
    ("get-pip.py --prefix=ROOT", {}),
    ("get-pip.py --root ROOT", {}),
    ("get-pip.py --nonsense", {}),
    ("get-pip.py --dry-run", {}),
    ("get-pip.py --break-system-packages --dry-run", {}),
    ("get-pip.py", {"PIP_REQUIRE_VIRTUALENV": "1"}),
]


def lay_get_pip(machine: Machine, name: str = "get-pip.py", version: str = "26.1.1", least: str = "3, 8") -> None:
    (machine.project / name).write_text(GET_PIP.replace("@VERSION@", version).replace("@LEAST@", least))


def lay_ensurepip(machine: Machine, wheel: str = "pip-23.2.1-py3-none-any.whl", init: str = "import sys\n") -> None:
    folder = machine.stdlib / "ensurepip"
    if folder.is_symlink():
        folder.unlink()
    (folder / "_bundled").mkdir(parents=True)
    (folder / "_bundled" / wheel).touch()
    (folder / "__init__.py").write_text(init)
    (folder / "__main__.py").write_text(ENSUREPIP)


@pytest.mark.parametrize(("line", "env"), [*LINES, *FURTHER_LINES])
def test_the_page_comes_exactly_where_the_real_one_is_refused(machine: Machine, line: str, env: dict[str, str]) -> None:
    lay_get_pip(machine)
    lay_ensurepip(machine)
    machine.give(machine.root)
    words = line.replace("ROOT", str(machine.home / "elsewhere")).split()
    env = machine.env(**{name: value.replace("ROOT", str(machine.home / "target")) for name, value in env.items()})
    if env.get("PIP_BREAK_SYSTEM_PACKAGES") is None or words[0] == "-m":
        env["PIP_NO_INDEX"] = "1"
    real = machine.run("python3", *words, env={**env, "PIPSHUNT": "off"})
    ours = machine.run("python3", *words, env=env)
    if REFUSED in real.err:
        assert (ours.status, ours.out) == (1, ""), ours
        assert ours.err.startswith("pipshunt: refused: "), ours
        assert REFUSED not in ours.err
        assert [entry["decision"] for entry in machine.log] == ["refuse"]
    else:
        assert (ours.status, ours.out, ours.err) == (real.status, real.out, real.err)


def test_ensurepip_leads_to_the_pip_that_is_there(machine: Machine) -> None:
    lay_ensurepip(machine)
    done = machine.run("python3", "-m", "ensurepip")
    python = machine.bin / "python3"
    lines = done.err.splitlines()
    assert (
        lines[0] == f"pipshunt: refused: ensurepip would install a pip into {python}, which the administrator manages"
    )
    assert lines[2:4] == [f"the administrator says in {machine.marker}:", "    This Python is the test machine's."]
    assert lines[-2].startswith("pip ")
    assert lines[-2].endswith("and what it installs goes to an environment")
    assert lines[-1] == "next: python3 -m pip install NAME"
    assert machine.run("python3", "-m", "ensurepip", "-U").err.endswith("next: python3 -m pip install --upgrade pip\n")


def test_what_is_proposed_works(machine: Machine) -> None:
    lay_get_pip(machine)
    command = machine.run("python3", "get-pip.py").err.splitlines()[-1].removeprefix("next: ")
    assert command == "python3 -m pip install --upgrade pip"
    done = machine.run("sh", "-c", command)
    assert done.status == 0, done
    assert f"{machine.project}/.venv" in machine.run("python3", "-m", "pip", "--version").out
    again = machine.run("python3", "get-pip.py", "--dry-run")  # now the followed environment's own, and so let be
    assert "pipshunt" not in again.err
    explained = explain_call(("python3", "get-pip.py"), machine.env(), str(machine.project), USER).decision
    assert explained.action == "pass"
    assert explained.reason.endswith(f"{machine.project}/.venv, which is followed here")


@pytest.mark.parametrize(
    ("init", "said"),
    [
        (None, "leaves ensurepip out of it"),
        ("print('ensurepip is disabled in Debian/Ubuntu for the system python.')", "has disabled its ensurepip"),
    ],
)
def test_why_debians_ensurepip_comes_to_nothing(machine: Machine, init: str | None, said: str) -> None:
    lay_ensurepip(machine, init=init or "import sys\n")
    if init is None:
        shutil.rmtree(machine.stdlib / "ensurepip")
    for root in ([], ["--root", "/elsewhere"]):
        done = machine.run("python3", "-m", "ensurepip", *root)
        assert done.status == 1
        assert done.err.splitlines()[0].endswith(said), done
    assert "refused" not in machine.run("python3", "-m", "ensurepip", "--version").err


def test_where_there_is_no_pip_an_environment_with_one_is_proposed(machine: Machine) -> None:
    lay_ensurepip(machine)
    for folder in (machine.stdlib / "site-packages", machine.root / "usr/lib/python3/dist-packages"):
        if folder.exists():
            (folder / "pip").unlink()
    lines = machine.run("python3", "-m", "ensurepip").err.splitlines()
    assert lines[-1] == "next: python3 -m venv .venv && .venv/bin/python -m pip install NAME"
    done = machine.run("python3", "-m", "pip", "install", "six")
    assert (done.status, done.err) == (1, f"{machine.bin}/python3: No module named pip\n")
    assert not (machine.project / ".venv").exists()
    shutil.rmtree(machine.stdlib / "ensurepip")
    lines = machine.run("python3", "-m", "ensurepip").err.splitlines()
    assert lines[-1] == "next: pipshunt explain -- python3 -m pip install pip"


def test_an_ensurepip_or_get_pip_that_knows_no_marker_is_let_be(machine: Machine) -> None:
    lay_ensurepip(machine, wheel="pip-22.3.1-py3-none-any.whl")
    lay_get_pip(machine, version="22.3.1")
    for words in (("-m", "ensurepip"), ("get-pip.py",)):
        assert "pipshunt" not in machine.run("python3", *words).err


def test_a_get_pip_that_is_none_or_does_not_work_here_is_let_be(machine: Machine) -> None:
    (machine.project / "get-pip.py").write_text("print('mine')\n")
    assert machine.run("python3", "get-pip.py").out == "mine\n"
    lay_get_pip(machine, least="3, 99")
    done = machine.run("python3", "get-pip.py")
    assert (done.out, done.err) == ("ERROR: This script does not work on this Python\n", "")
    assert "No such file" in machine.run("python3", "get-pip-old.py").err


def test_a_pipe_named_get_pip_stays_pythons_to_read(machine: Machine) -> None:
    os.mkfifo(machine.project / "get-pip.py")
    machine.give(machine.project)
    done = machine.run("sh", "-c", "echo 'print(6 * 7)' >get-pip.py & python3 get-pip.py")
    assert done.out == "42\n", done


def test_an_unmarked_python_and_an_environment_bootstrap_as_ever(unmarked: Machine) -> None:
    lay_get_pip(unmarked)
    lay_ensurepip(unmarked)
    for words in (("-m", "ensurepip"), ("get-pip.py", "--dry-run", "--no-deps")):
        assert "pipshunt" not in unmarked.run("python3", *words).err


@pytest.mark.parametrize(
    ("policy", "words", "expected"),
    [
        ('action = "pass"', "-m ensurepip", REFUSED),
        ('action = "override"', "-m ensurepip", "pipshunt: refused: ensurepip would install"),
        ('[[rule]]\npackages = ["pip"]\naction = "refuse"\nmessage = "ask Bo"', "-m ensurepip", "pipshunt: refused: ask Bo"),
        ('[[rule]]\npackages = ["pip"]\naction = "refuse"', "get-pip.py", "next: pipshunt explain -- python3 get-pip.py"),
        ('action = "pass"', "get-pip.py", REFUSED),
    ],
)  # fmt: skip
def test_the_policy_is_asked(machine: Machine, policy: str, words: str, expected: str) -> None:
    lay_get_pip(machine)
    lay_ensurepip(machine)
    write_policy(machine, policy)
    done = machine.run("python3", *words.split())
    assert done.status == 1
    assert expected in done.err, done


def test_where_the_policy_grants_it_get_pip_gets_the_override(machine: Machine) -> None:
    lay_get_pip(machine)
    write_policy(machine, 'action = "override"')
    done = machine.run("python3", "get-pip.py", "--dry-run")
    assert REFUSED not in done.err
    assert "adds --break-system-packages" in done.err, done
    (entry,) = machine.log
    assert entry["after"][1:] == ["get-pip.py", "--dry-run", "--break-system-packages"]


def write_policy(machine: Machine, text: str) -> None:
    file = machine.home / ".config/pipshunt/policy.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text + "\n")
    machine.give(machine.home)
