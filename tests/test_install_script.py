"""install.sh before Python takes over: which interpreter it takes, what it says where there is none, and the COMMAND."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
# Stands for setting up: says which interpreter it runs in, and prints the folder of the shims.
STAND_IN = """
import sys
def main():
    print("set up by", sys.executable, file=sys.stderr)
    print({shims!r})
    return {status}
"""


class Checkout:
    """A checkout whose setting up is a stand-in, and a PATH with nothing but what a test puts there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.bin.mkdir()
        for tool in ("uname", "id", "sh", "cat"):
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.shims = root / "the shims"
        self.package = root / "check out/src/pipshunt"
        (self.package / "setup").mkdir(parents=True)
        self.set_up()
        shutil.copy(PROJECT / "install.sh", root / "check out")

    def set_up(self, status: int = 0) -> None:
        (self.package / "__init__.py").touch()
        (self.package / "setup/__init__.py").touch()
        (self.package / "setup/installation.py").write_text(STAND_IN.format(shims=str(self.shims), status=status))

    def script(self, name: str, text: str) -> Path:
        path = self.bin / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path

    def python(self, name: str) -> Path:
        """The real interpreter under *name*."""
        return self.script(name, f'exec {os.path.realpath(sys.executable)} "$@"\n')

    def run(self, *words: str, shell: str = "sh", **env: str) -> "subprocess.CompletedProcess[str]":
        argv = [str(shutil.which(shell.split(maxsplit=1)[0])), *shell.split()[1:], "check out/install.sh", *words]
        environment = {"PATH": str(self.bin), **env}
        return subprocess.run(argv, cwd=self.root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("shell", ["sh", "dash", "bash", "zsh --emulate sh", "mksh", "ksh", "busybox sh"])
def test_the_command_is_executed_with_the_shims_first_on_path(shell: str, checkout: Checkout) -> None:
    if not shutil.which(shell.split(maxsplit=1)[0]):
        pytest.skip(f"{shell} is not installed")
    checkout.python("python3")
    done = checkout.run("sh", "-c", 'echo "$PATH|$*"; exit 7', "x", "a  b", "*", "", shell=shell)
    assert (done.returncode, done.stdout) == (7, f"{checkout.shims}:{checkout.bin}|a  b * \n")
    assert done.stderr == f"set up by {os.path.realpath(sys.executable)}\n"


def test_without_a_command_nothing_is_printed_on_stdout(checkout: Checkout) -> None:
    checkout.python("python3")
    done = checkout.run()
    assert (done.returncode, done.stdout) == (0, "")


def test_the_command_is_not_run_when_setting_up_fails(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.set_up(status=1)
    done = checkout.run("echo", "never")
    assert (done.returncode, done.stdout) == (1, "")


def test_the_command_has_the_standard_input_and_the_environment_of_the_caller(checkout: Checkout) -> None:
    checkout.python("python3")
    argv = ["sh", "check out/install.sh", "sh", "-c", 'cat; echo "${LC_CTYPE-unset} $(umask)"']
    environment = {"PATH": f"{checkout.bin}:/usr/bin:/bin", "LC_ALL": "C"}
    done = subprocess.run(
        argv, cwd=checkout.root, env=environment, input=b"in", capture_output=True, check=False, umask=0o27
    )
    assert done.stdout == b"inunset 0027\n"


def test_a_shim_of_ours_stands_aside(checkout: Checkout) -> None:
    real = checkout.python("real")
    checkout.script("python3", f'[ "$PIPSHUNT" = off ] || exit 9\nexec "{real}" "$@"\n')
    assert checkout.run().returncode == 0


def test_an_older_python3_is_passed_over_for_a_newer_one(checkout: Checkout) -> None:
    checkout.script("python3", "echo 3.9\necho /usr/bin/python3.9\n")
    checkout.script("python3.14", "exit 1\n")
    checkout.python("python3.11")
    assert checkout.run().returncode == 0


def test_the_interpreter_behind_an_environment_without_pip_is_taken(checkout: Checkout) -> None:
    environment = checkout.root / "environment"
    subprocess.run([os.path.realpath(sys.executable), "-m", "venv", "--without-pip", environment], check=True)
    done = checkout.run(PATH=f"{environment}/bin:{checkout.bin}")
    assert (done.returncode, done.stderr) == (0, f"set up by {os.path.realpath(sys.executable)}\n")


def test_where_there_is_no_python_one_sentence_says_what_to_install(checkout: Checkout) -> None:
    done = checkout.run("echo", "never")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(
        "pipshunt: Python 3.11 or newer with pip is needed, and there is none on PATH; install it with: "
    )


def test_where_python_is_too_old_one_sentence_says_so(checkout: Checkout) -> None:
    checkout.script("python3", "echo 3.9\necho /usr/bin/python3.9\n")
    done = checkout.run()
    assert (done.returncode, done.stderr) == (
        1,
        (
            "pipshunt: Python 3.11 or newer is needed, and /usr/bin/python3.9 is 3.9; install a newer one beside it, with pip"
            " (python3.11 to python3.15 are found too)\n"
        ),
    )


def test_where_pip_is_missing_one_sentence_says_so(checkout: Checkout) -> None:
    python = checkout.script(
        "python3.13", f'case $* in *find_spec*) exit 1;; esac\necho 3.13; echo "{checkout.bin}/python3.13"\n'
    )
    done = checkout.run()
    assert done.returncode == 1
    assert done.stderr.startswith(f"pipshunt: {python} has no pip; install it with: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("release", "command"),
    [
        pytest.param("ID=debian\n", "apt install python3 python3-pip", id="debian"),
        pytest.param('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt install python3 python3-pip", id="mint"),
        pytest.param("ID=alpine\n", "apk add python3 py3-pip", id="alpine"),
        pytest.param("ID=manjaro\nID_LIKE=arch\n", "pacman -S python python-pip", id="manjaro"),
        pytest.param('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf install python3 python3-pip", id="rocky"),
        pytest.param('ID="opensuse-leap"\n', "zypper install python3 python3-pip", id="opensuse"),
        pytest.param("ID=plan9\n", "your package manager, or https://www.python.org/downloads/", id="unknown"),
        pytest.param("", "your package manager, or https://www.python.org/downloads/", id="no os-release"),
    ],
)
def test_the_sentence_names_the_command_of_the_operating_system(release: str, command: str, checkout: Checkout) -> None:
    script = checkout.root / "check out/install.sh"
    os_release = checkout.root / "os-release"
    os_release.write_text(release)
    script.write_text(script.read_text().replace("/etc/os-release /usr/lib/os-release", f"'{os_release}'"))
    assert checkout.run().stderr.removesuffix("\n").endswith(command)


@pytest.mark.parametrize(
    ("words", "status"),
    [(["--nope"], 2), (["-x", "pip"], 2), (["--help"], 0), (["--"], 0)],
    ids=str,
)
def test_options(words: list[str], status: int, checkout: Checkout) -> None:
    checkout.python("python3")
    assert checkout.run(*words).returncode == status


def test_a_command_that_is_not_there_is_127(checkout: Checkout) -> None:
    checkout.python("python3")
    assert checkout.run("no-such-command").returncode == 127


def test_a_truncated_script_does_nothing(checkout: Checkout) -> None:
    checkout.python("python3")
    script = checkout.root / "check out/install.sh"
    text = script.read_text()
    for length in range(0, len(text) - len('main "$@"\n'), 97):
        script.write_text(text[:length])
        done = checkout.run("echo", "never")
        assert "set up" not in done.stderr
        assert done.stdout == ""


def test_out_of_a_checkout_it_says_so(checkout: Checkout) -> None:
    checkout.python("python3")
    (checkout.package / "setup/installation.py").unlink()
    done = checkout.run()
    assert (done.returncode, done.stderr) == (
        1,
        "pipshunt: install.sh must be run from a checkout of pipshunt: git clone it, then ./install.sh\n",
    )


UNINSTALLATION = """
import sys
def main(words):
    print("taken away by", sys.version_info[:2] >= (3, 11), words)
    return 5
"""


@pytest.mark.parametrize("has_pip", [True, False])
def test_with_uninstall_all_words_are_the_uninstallation_s_and_pip_is_not_needed(
    checkout: Checkout, has_pip: bool
) -> None:
    (checkout.package / "setup/uninstallation.py").write_text(UNINSTALLATION)
    real = os.path.realpath(sys.executable)
    lacks = "" if has_pip else "case $* in *find_spec*) exit 1 ;; esac\n"
    checkout.script(
        "python3", f'{lacks}case $* in *sys.version_info*) echo 3.13; echo "$0" ;; *) exec {real} "$@" ;; esac\n'
    )
    done = checkout.run("--uninstall", "--all", "a  b")
    assert (done.returncode, done.stdout, done.stderr) == (5, "taken away by True ['--all', 'a  b']\n", "")
