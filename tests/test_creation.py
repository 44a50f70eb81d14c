"""Environments are made whole or not at all, and are what `python3 -m venv` makes."""

import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from machine import USER, pip_folder

from pipshunt import __version__
from pipshunt.creation import create, remove_leftovers
from pipshunt.environment import CannotCreate, look_at
from pipshunt.folder_tree import remove_tree

PYTHON = os.path.realpath(sys.executable)
VERSION = "python{}.{}".format(*sys.version_info)
PIP = os.path.join(pip_folder(), "pip")
SOURCE = str(Path(__file__).resolve().parent.parent / "src")
CREATE = (
    f"import sys; sys.path.insert(0, {SOURCE!r})\nfrom pipshunt.creation import create\ncreate(*sys.argv[1:], False)\n"
)
ENV = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_INDEX": "1",
    "HOME": os.devnull,
}


def run(*argv: str | Path, status: int = 0) -> str:
    done = subprocess.run(argv, env=ENV, capture_output=True, text=True, check=False)
    assert done.returncode == status, done
    return done.stdout


def start(path: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-I", "-c", CREATE, path, PYTHON, VERSION, PIP], stderr=subprocess.PIPE)


def tree(root: Path) -> dict[str, str]:
    """Every file below *root* with what it holds, the environment's own name taken out."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(folder, name)
            inner = str(path.relative_to(root))
            if path.is_symlink():
                found[inner] = f"-> {os.readlink(path)}".replace(str(root), "ROOT")
            elif path.is_dir():
                found[inner] = "folder"
            else:
                found[inner] = path.read_bytes().decode("latin-1").replace(str(root), "ROOT").replace(root.name, "NAME")
    return found


def is_whole(path: Path) -> bool:
    """Whether nothing of an environment is missing, as its own RECORD has it."""
    (record,) = path.glob("lib/*/site-packages/pip-*.dist-info/RECORD")
    listed = [line.split(",")[0] for line in record.read_text().splitlines()]
    packages = record.parent.parent
    return look_at(str(path), os.geteuid()).fit and all((packages / name).exists() for name in listed)


def test_it_is_what_the_venv_module_makes(tmp_path: Path) -> None:
    run(PYTHON, "-I", "-m", "venv", "--without-pip", tmp_path / "zz-reference")
    create(str(tmp_path / "zz-own"), PYTHON, VERSION, "", False)
    own, reference = tree(tmp_path / "zz-own"), tree(tmp_path / "zz-reference")
    assert own.pop(".gitignore") == "# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n"
    reference.pop(".gitignore", None)
    assert own.pop("pyvenv.cfg") == f"{reference.pop('pyvenv.cfg')}pipshunt = {__version__}\n"
    assert own == reference


def test_with_pip_it_is_what_ensurepip_makes(tmp_path: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        pytest.skip("this Python has no ensurepip (Debian: python3-venv)")
    run(PYTHON, "-I", "-m", "venv", tmp_path / "zz-reference")
    create(str(tmp_path / "zz-own"), PYTHON, VERSION, PIP, False)
    own, reference = tree(tmp_path / "zz-own"), tree(tmp_path / "zz-reference")
    assert own["bin/pip"].replace("'", '"') == reference["bin/pip"].replace("'", '"')
    assert {name for name in own if name.startswith("bin/")} == {name for name in reference if name.startswith("bin/")}
    absent = {name for name in reference if name not in own and "/test" not in name}
    odd = {
        name
        for name in absent
        if not name.endswith((".exe", "LICENSE", "LICENSE.txt", "AUTHORS.txt")) and "/licenses" not in name
    }
    assert odd - {name for name in odd if "__pycache__" in name} == set()  # distributions leave .exe and licences out
    assert {
        name for name in own if name not in reference and "__pycache__" not in name and "setuptools" not in name
    } <= {".gitignore"}


def test_its_pip_works_and_lists_itself(tmp_path: Path) -> None:
    create(str(tmp_path / "env"), PYTHON, VERSION, PIP, False)
    python = tmp_path / "env/bin/python"
    listed = [line.split("==")[0] for line in run(python, "-m", "pip", "list", "--format=freeze").splitlines()]
    assert listed == (["pip", "setuptools"] if sys.version_info < (3, 12) else ["pip"])
    assert str(tmp_path / "env") in run(tmp_path / "env/bin/pip", "--version")
    assert run(tmp_path / "env/bin/pip3", "check") == "No broken requirements found.\n"
    assert run(tmp_path / f"env/bin/pip{VERSION.removeprefix('python')}", "freeze") == ""


def test_its_compiled_files_are_used_as_they_are(tmp_path: Path) -> None:
    create(str(tmp_path / "env"), PYTHON, VERSION, PIP, False)
    before = tree(tmp_path / "env")
    if not any(name.endswith(".pyc") for name in before):
        pytest.skip("the pip to copy has no compiled files")
    run(tmp_path / "env/bin/python", "-m", "pip", "list")
    assert set(tree(tmp_path / "env")) == set(before)


def test_pip_can_remove_itself_from_it_to_the_last_file(tmp_path: Path) -> None:
    create(str(tmp_path / "env"), PYTHON, VERSION, PIP, False)
    out = run(tmp_path / "env/bin/python", "-m", "pip", "uninstall", "-y", "pip", "setuptools")
    assert "Successfully uninstalled pip-" in out
    create(str(tmp_path / "bare"), PYTHON, VERSION, "", False)
    left = {name for name in tree(tmp_path / "env") if "__pycache__" not in name}
    assert left | {f"lib/{VERSION}/site-packages"} == set(tree(tmp_path / "bare"))


def test_the_system_s_packages_are_seen_where_that_is_asked_for(tmp_path: Path) -> None:
    create(str(tmp_path / "env"), PYTHON, VERSION, "", True)
    assert "include-system-site-packages = true\n" in (tmp_path / "env/pyvenv.cfg").read_text()


NAMES = [
    "with space",
    "quo'te",
    'double"quote',
    "per%cent",
    "ünï-日本",
    "dollar$HOME",
    "back\\slash",
    "semi;colon",
    "x" * 120,
    "-dash",
    "&amp",
    "new\nline",
    "tab\tulator",
]


ODD_NAMES = [".venv", "with space", "ünï-日本", "quo'te", "dollar$HOME"]


@pytest.fixture(scope="module")
def small_pip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A package of pip's shape that says where it is: copied in no time."""
    folder = tmp_path_factory.mktemp("pip") / "pip"
    (folder / "_internal/cli").mkdir(parents=True)
    for name in ("__init__.py", "_internal/__init__.py", "_internal/cli/__init__.py"):
        (folder / name).touch()
    (folder / "_internal/cli/main.py").write_text("def main():\n    print(__file__)\n")
    (folder.parent / "pip-1.dist-info").mkdir()
    (folder.parent / "pip-1.dist-info/METADATA").write_text("Name: pip\nVersion: 1\n")
    return str(folder)


@pytest.mark.parametrize("name", NAMES, ids=[*NAMES[:8], "long", *NAMES[9:]])
def test_its_pip_works_under_any_name(tmp_path: Path, small_pip: str, name: str) -> None:
    path = tmp_path / name / ".venv"
    create(str(path), PYTHON, VERSION, small_pip, False)
    for script in ("pip", "pip3", f"pip{VERSION.removeprefix('python')}"):
        assert run(path / "bin" / script) == f"{path}/lib/{VERSION}/site-packages/pip/_internal/cli/main.py\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Path]]:
    """Environments of odd names, ours and the venv module's."""
    root = tmp_path_factory.mktemp("made")
    pairs = {name: (root / "zz-own" / name, root / "zz-reference" / name) for name in ODD_NAMES}
    for own, reference in pairs.values():
        create(str(own), PYTHON, VERSION, "", False)
        run(PYTHON, "-I", "-m", "venv", "--without-pip", reference)
    return pairs


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "dash", "tcsh"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_activation_works_as_that_of_the_venv_module(made: dict[str, tuple[Path, Path]], shell: str, name: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    said = []
    for environment in made[name]:
        script = environment / "bin" / {"fish": "activate.fish", "tcsh": "activate.csh"}.get(shell, "activate")
        word = {"fish": "source", "tcsh": "source"}.get(shell, ".")
        code = f'cd "$DIR"\n{word} bin/{script.name}\necho "$VIRTUAL_ENV"\npython -c "import sys; print(sys.prefix)"\n'
        argv = [program, *{"fish": ["--no-config"], "tcsh": ["-f"]}.get(shell, []), "-c", code]
        done = subprocess.run(argv, env={**ENV, "DIR": str(environment)}, capture_output=True, text=True, check=False)
        said.append((done.stdout.replace(str(environment), "HERE"), done.returncode))
    assert said[0] == said[1]
    if name == ".venv":
        assert said[0] == ("HERE\nHERE\n", 0)


def test_killed_at_any_point_it_leaves_nothing_that_is_used(tmp_path: Path) -> None:
    draw = random.Random(64123)
    path = tmp_path / "project/.venv"
    began = time.monotonic()
    create(str(path), PYTHON, VERSION, PIP, False)
    took = time.monotonic() - began
    for _ in range(8):
        remove_tree(str(path))
        process = start(path)
        time.sleep(draw.uniform(0.02, took * 1.3))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not path.exists() or is_whole(path)
    create(str(tmp_path / "project/.venv"), PYTHON, VERSION, PIP, False)
    assert is_whole(path)
    time.sleep(0.2)  # a venv module that outlived its parent ends
    remove_tree(str(path))
    create(str(path), PYTHON, VERSION, PIP, False)
    assert os.listdir(tmp_path / "project") == [".venv"]


def test_a_leftover_is_kept_while_someone_works_in_it_elsewhere(tmp_path: Path) -> None:
    import fcntl

    leftover = tmp_path / ".venv.pipshunt-4194304"  # above the largest pid
    (leftover / "bin").mkdir(parents=True)
    held = os.open(leftover, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    create(str(tmp_path / ".venv"), PYTHON, VERSION, "", False)
    assert leftover.exists()
    os.close(held)
    remove_tree(str(tmp_path / ".venv"))
    create(str(tmp_path / ".venv"), PYTHON, VERSION, "", False)
    assert os.listdir(tmp_path) == [".venv"]


def test_what_a_killed_call_left_beside_an_environment_is_removed_without_making_one(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv.pipshunt-4194304/bin").mkdir(parents=True)
    (tmp_path / ".venv.pipshunt-4194304.pipshunt-4194304").mkdir()
    (tmp_path / ".venv.pipshunt-mine").mkdir()
    remove_leftovers(str(tmp_path / ".venv"))
    assert sorted(os.listdir(tmp_path)) == [".venv", ".venv.pipshunt-mine"]
    remove_leftovers(str(tmp_path / "nowhere/.venv"))


def test_many_at_once_make_one(tmp_path: Path) -> None:
    path = tmp_path / ".venv"
    processes = [start(path) for _ in range(4)]
    assert [process.communicate()[1] for process in processes] == [b""] * 4
    assert is_whole(path)
    assert os.listdir(tmp_path) == [".venv"]


@pytest.mark.parametrize("kilobytes", [0, 40, 90], ids=["nothing", "a little", "not all"])
def test_a_limit_on_writing_is_one_sentence_and_leaves_nothing(tmp_path: Path, kilobytes: int) -> None:
    limit = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes * 1024 + 16}, {kilobytes * 1024 + 16}))\n"
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", limit + CREATE, tmp_path / ".venv", PYTHON, VERSION, PIP],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("pipshunt.environment.CannotCreate: "), done
    assert "File too large" in last
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], capture_output=True, check=False
        ).returncode
        != 0
    ):
        pytest.skip("mounting a small disk is not allowed here")
    try:
        with pytest.raises(CannotCreate, match="No space left on device"):
            create(str(disk / ".venv"), PYTHON, VERSION, PIP, False)
        assert os.listdir(disk) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_folder_that_cannot_be_written_is_one_sentence(folder: Path) -> None:
    parent = folder / "project"
    parent.mkdir()
    parent.chmod(0o555)
    user = {} if os.geteuid() == USER else {"user": USER, "group": USER, "extra_groups": []}
    source = shutil.copytree(SOURCE, folder / "src")  # the checkout may lie where that user cannot go: /root
    argv = [PYTHON, "-I", "-c", CREATE.replace(SOURCE, str(source)), str(parent / ".venv"), PYTHON, VERSION, PIP]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **user)  # type: ignore[call-overload]
    assert done.stderr.splitlines()[-1] == (
        f"pipshunt.environment.CannotCreate: {parent}/.venv cannot be made: Permission denied"
    )
    assert os.listdir(parent) == []


def test_an_interpreter_that_fails_is_quoted(tmp_path: Path) -> None:
    broken = tmp_path / "python3"
    broken.write_text("#!/bin/sh\necho starting\necho 'no module named venv' >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(CannotCreate) as raised:
        create(str(tmp_path / "project/.venv"), str(broken), VERSION, "", False)
    assert str(raised.value) == f"{broken} -m venv failed: no module named venv"
    assert os.listdir(tmp_path / "project") == []
    broken.write_text("#!/bin/sh\nexit 3\n")
    with pytest.raises(CannotCreate) as raised:
        create(str(tmp_path / "project/.venv"), str(broken), VERSION, "", False)
    assert str(raised.value) == f"{broken} -m venv failed: exit status 3"


def test_what_is_there_already_is_kept(tmp_path: Path) -> None:
    path = tmp_path / ".venv"
    create(str(path), PYTHON, VERSION, "", False)
    (path / "mine").touch()
    create(str(path), PYTHON, VERSION, "", False)
    assert (path / "mine").exists()
    other = tmp_path / "file"
    other.write_text("mine")
    with pytest.raises(CannotCreate, match="Not a directory"):
        create(str(other), PYTHON, VERSION, "", False)
    assert other.read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == [".venv", "file"]


def test_removing_does_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "gone/deep").mkdir(parents=True)
    (tmp_path / "gone/deep/link").symlink_to(tmp_path / "kept")
    (tmp_path / "gone/dangling").symlink_to("nowhere")
    remove_tree(str(tmp_path / "gone"))
    remove_tree(str(tmp_path / "never was"))
    assert os.listdir(tmp_path) == ["kept"]
    assert (tmp_path / "kept/file").exists()
