"""Following: which environment `python3` means in which folder, told by the shim as by the engine."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from machine import USER, Machine
from wheels import build_wheel

from pipshunt.follow import find_registration, register
from shims.stage import QuickStage, Stage

HOSTILE = (
    "with space",
    "g*[x]?",
    "100%",
    "back\\slash\\n",
    "-x",
    "é",
    "$HOME",
    "~",
    "'\"",
    "@x",
    "#",
    "!",
    "( )",
    "tab\t",
)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def quick(folder: Path) -> QuickStage:
    return QuickStage(folder / "stage")


@pytest.fixture
def followed(quick: QuickStage) -> QuickStage:
    """A stage whose folder `work` is followed."""
    quick.register(str(quick.work), quick.environment(quick.home / "venv"))
    return quick


def python_in(stage: QuickStage, shell: str, cwd: Path, name: str = "python3", **changes: str) -> str:
    """Say which program `python3 -c pass` is in *cwd*."""
    done = stage.call(shell, name, "-c", "pass", cwd=cwd, env=stage.env(**changes))
    assert (done.err, done.status) == ("", 0)
    return os.path.relpath(done.out.removesuffix("\0"), stage.root)


@pytest.mark.parametrize(
    ("name", "program"),
    [("python3", "python"), ("python", "python"), ("python3.11", "python3.11")],
)
def test_each_name_means_the_followed_environments_interpreter(
    followed: QuickStage, shell: str, name: str, program: str
) -> None:
    assert python_in(followed, shell, followed.work, name) == f"home/venv/bin/{program}"


def test_a_version_that_the_environment_lacks_is_not_followed(followed: QuickStage, shell: str) -> None:
    (followed.home / "venv/bin/python3.11").unlink()
    assert python_in(followed, shell, followed.work, "python3.11") == "usr/bin/python3.11"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["-I", "-B", "-c", "import sys; from python.get_interpreter_info import main; main()"], id="uv"),
        pytest.param(["-E", "/tmp/virtualenv/discovery/py_info.py", "a", "b"], id="virtualenv"),
    ],
)
def test_who_remembers_what_a_python_is_by_its_path_is_told_of_the_real_one(
    followed: QuickStage, shell: str, words: list[str]
) -> None:
    done = followed.call(shell, "python3", *words, cwd=followed.work)
    assert os.path.relpath(done.out.split("\0")[0], followed.root) == "usr/bin/python3"


def test_every_word_and_the_environment_reach_the_followed_interpreter(stage: Stage, shell: str) -> None:
    stage.register(str(stage.work), stage.environment(stage.home / "venv"))
    words = ["-c", "", "a  b", "\n", "*", "--", "install"]
    done = stage.call(shell, "python3", *words)
    assert done.record.words == [f"{stage.home}/venv/bin/python", *words]
    assert (done.record.cwd, done.record.pid) == (str(stage.work), done.pid)


def test_it_is_followed_from_below_but_from_nowhere_else(followed: QuickStage, shell: str) -> None:
    for below in ("a", "a/b/c", "a b/*"):
        (followed.work / below).mkdir(parents=True)
        assert python_in(followed, shell, followed.work / below) == "home/venv/bin/python"
    for beside in ("work2", "wor", "work/../other"):
        (followed.root / beside).mkdir()
        assert python_in(followed, shell, followed.root / beside) == "usr/bin/python3"
    assert python_in(followed, shell, followed.root) == "usr/bin/python3"
    assert python_in(followed, shell, Path("/")) == "usr/bin/python3"


@needs_root
def test_the_nearest_folder_wins_then_the_users_then_the_machines(quick: QuickStage, shell: str) -> None:
    inner = quick.work / "inner"
    inner.mkdir()
    quick.register("/", quick.environment(quick.root / "machine", owner=0), state=quick.machine_state)
    assert python_in(quick, shell, inner) == "machine/bin/python"
    quick.register("/", quick.environment(quick.root / "user"))
    assert python_in(quick, shell, inner) == "user/bin/python"
    assert python_in(quick, shell, Path("/")) == "user/bin/python"
    quick.register(str(quick.work), quick.environment(quick.root / "outer"))
    assert python_in(quick, shell, inner) == "outer/bin/python"
    quick.register(str(inner), quick.environment(quick.root / "nearest"))
    assert python_in(quick, shell, inner) == "nearest/bin/python"
    assert python_in(quick, shell, quick.work) == "outer/bin/python"


@needs_root
def test_root_follows_the_machines_registrations_alone(quick: QuickStage, shell: str) -> None:
    quick.register("/", quick.environment(quick.root / "user"))
    done = quick.call(shell, "python3", user=0, preexec_fn=lambda: None)
    assert done.out == f"{quick.bin}/python3\0"
    machine = quick.environment(quick.root / "machine", owner=0)
    quick.register(str(quick.work), machine, state=quick.machine_state)
    done = quick.call(shell, "python3", user=0, preexec_fn=lambda: None)
    assert done.out == f"{quick.root}/machine/bin/python\0"
    assert python_in(quick, shell, quick.work) == "user/bin/python"


@needs_root
@pytest.mark.parametrize("given", ["", "bin", ".pipshunt-1"])
def test_an_environment_that_was_given_away_is_no_longer_followed(quick: QuickStage, shell: str, given: str) -> None:
    user, machine = quick.environment(quick.root / "user"), quick.environment(quick.root / "machine", owner=0)
    quick.register(str(quick.work), user)
    for folder in ("/", str(quick.work)):
        quick.register(folder, machine, state=quick.machine_state)
    os.chown(user / given, USER + 1, -1)  # as it is for who has another's HOME (sudo -E)
    assert python_in(quick, shell, quick.work) == "machine/bin/python"
    os.chown(machine / given, USER, -1)  # `chown -R app /opt/venv` in an image: for app itself it still is
    assert python_in(quick, shell, quick.work) == "machine/bin/python"
    for line in (["python3"], ["pip", "list"]):
        done = quick.call(shell, *line, user=0, preexec_fn=lambda: None)
        assert done.out == f"{quick.bin}/python3\0"


@needs_root
def test_a_token_that_is_a_link_is_none(quick: QuickStage, shell: str) -> None:
    user, machine = quick.environment(quick.root / "user"), quick.environment(quick.root / "machine", owner=0)
    quick.register(str(quick.work), user)
    quick.register("/", machine, state=quick.machine_state)
    theirs = quick.script(quick.root / "theirs", "")
    os.chown(theirs, USER, -1)
    for environment, target in ((user, str(theirs)), (machine, "/etc/passwd")):
        (environment / ".pipshunt-1").unlink()
        (environment / ".pipshunt-1").symlink_to(target)
    assert python_in(quick, shell, quick.work) == "usr/bin/python3"
    done = quick.call(shell, "python3", user=0, preexec_fn=lambda: None)
    assert done.out == f"{quick.bin}/python3\0"


def test_a_registration_holds_as_long_as_its_token_base_and_interpreter_do(followed: QuickStage, shell: str) -> None:
    venv = followed.home / "venv"
    base = followed.python.rename(followed.bin / "python3.10")
    shutil.copy(base, followed.python)
    assert python_in(followed, shell, followed.work) == "home/venv/bin/python"
    (followed.bin / "python3").unlink()
    (followed.bin / "python3").symlink_to("python3.10")
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    (followed.bin / "python3").unlink()
    (followed.bin / "python3").symlink_to("python3.11")
    (venv / "bin/python").chmod(0o644)
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    (venv / "bin/python").chmod(0o755)
    (venv / ".pipshunt-1").rename(venv / ".pipshunt-2")  # a clone's environment has another token, or none
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    (venv / ".pipshunt-2").rename(venv / ".pipshunt-1")
    venv.rename(followed.home / "moved")
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"


def test_a_registration_that_is_torn_holds_nothing(followed: QuickStage, shell: str) -> None:
    file = followed.register(str(followed.work), followed.home / "venv")
    base, venv = followed.python, followed.home / "venv"
    whole = f"{base}\n{venv}\n.pipshunt-1\n"
    torn = [
        "",
        "\n",
        "\n\n\n",
        f"{base}\n",
        f"{base}\n{venv}\n",
        whole[:-1],
        f"{base}\n{venv}\n\n",
        f"{venv}\n{base}\nx\n",
    ]
    programs = {}
    for text in [*torn, whole]:
        file.write_text(text)
        programs[text] = python_in(followed, shell, followed.work)
    assert programs == {**dict.fromkeys(torn, "usr/bin/python3"), whole: "home/venv/bin/python"}


def test_what_is_no_readable_file_is_no_registration(followed: QuickStage, shell: str) -> None:
    file = followed.register(str(followed.work), followed.home / "venv")
    file.chmod(0)
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    file.unlink()
    file.mkdir()
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    file.rmdir()
    file.symlink_to("nowhere")
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    file.unlink()
    (file.parent / "@%other").write_text(f"/other/python3\n{followed.home}/venv\n.pipshunt-1\n")
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    followed.register(str(followed.work), followed.home / "venv")
    assert python_in(followed, shell, followed.work) == "home/venv/bin/python"
    file.parent.chmod(0)
    assert python_in(followed, shell, followed.work) == "usr/bin/python3"
    file.parent.chmod(0o755)


def test_an_environment_that_merely_lies_in_a_folder_is_never_run(quick: QuickStage, shell: str) -> None:
    quick.environment(quick.work / ".venv")
    quick.environment(quick.work / "venv")
    state = quick.work / ".local/state/pipshunt"
    quick.register(str(quick.work), quick.work / ".venv", state=state)
    for changes in (
        {},
        {"XDG_STATE_HOME": ".local/state"},
        {"HOME": ""},
        {"HOME": "."},
        {"XDG_STATE_HOME": "", "HOME": "."},
    ):
        assert python_in(quick, shell, quick.work, **changes) == "usr/bin/python3"


def test_the_state_lies_where_the_base_directories_say(followed: QuickStage, shell: str) -> None:
    elsewhere = followed.root / "xdg state"
    for ignored in ("", "relative", "./x", "~/x"):
        assert python_in(followed, shell, followed.work, XDG_STATE_HOME=ignored) == "home/venv/bin/python"
    assert python_in(followed, shell, followed.work, XDG_STATE_HOME=str(elsewhere)) == "usr/bin/python3"
    followed.register(str(followed.work), followed.home / "venv", state=elsewhere / "pipshunt")
    assert python_in(followed, shell, followed.work, XDG_STATE_HOME=str(elsewhere)) == "home/venv/bin/python"
    assert python_in(followed, shell, followed.work, XDG_STATE_HOME=str(elsewhere), HOME="") == "home/venv/bin/python"


def test_any_name_of_a_folder_is_followed_as_it_is(quick: QuickStage, shell: str) -> None:
    programs = {}
    for name in HOSTILE:
        project = quick.work / name / "inner"
        project.mkdir(parents=True)
        venv = quick.environment(project / ".venv")
        register(str(quick.state), str(project.parent), str(quick.python), str(venv))
        for token in venv.glob(".pipshunt-*"):
            os.chown(token, USER, -1)
        programs[name] = python_in(quick, shell, project)
    assert programs == {name: f"work/{name}/inner/.venv/bin/python" for name in HOSTILE}
    assert python_in(quick, shell, quick.work) == "usr/bin/python3"


def test_a_folder_whose_name_is_not_UTF_8_is_followed(quick: QuickStage, shell: str) -> None:  # noqa: N802
    project = quick.work / os.fsdecode(b"\xff\xfe")
    project.mkdir()
    quick.register(str(project), quick.environment(quick.home / "venv"))
    for locale in ("C", "C.UTF-8"):
        assert python_in(quick, shell, project, LC_ALL=locale) == "home/venv/bin/python"


def test_a_folder_reached_by_a_link_is_the_folder_that_it_is(followed: QuickStage, shell: str) -> None:
    link = followed.root / "link"
    link.symlink_to(followed.work)
    assert python_in(followed, shell, link, PWD=str(link)) == "home/venv/bin/python"
    inner = followed.work / "inner"
    inner.symlink_to(followed.home)
    assert python_in(followed, shell, inner, PWD=str(inner)) == "usr/bin/python3"


@pytest.mark.parametrize("argv", [["python3", "-c", "pass"], ["pip", "list"]], ids=" ".join)
def test_in_a_folder_that_is_gone_only_what_is_followed_everywhere_is(
    quick: QuickStage, shell: str, folder: Path, argv: list[str]
) -> None:
    folder.chmod(0o777)
    gone = folder / "gone"
    quick.register(str(gone), quick.environment(quick.home / "gone"))
    quick.register(str(folder), quick.home / "gone")
    script = f'mkdir "{gone}" && cd "{gone}" && rmdir "{gone}" && exec "$@"'
    inside = ["/bin/sh", "-c", script, "sh", *quick.command(shell, argv[0]), *argv[1:]]
    done = quick.call(shell, "x", program=inside)
    assert (done.status, done.out != "") == (
        0,
        True,
    )  # which one, is by what the shell still knows of the folder's name
    quick.register("/", quick.environment(quick.root / "user"))
    shutil.rmtree(quick.home / "gone")
    done = quick.call(shell, "x", program=inside)
    assert done.out == (f"{quick.engine}\0" if argv[0] == "pip" else f"{quick.root}/user/bin/python\0")


def test_an_unreadable_folder_is_followed_all_the_same(quick: QuickStage, shell: str) -> None:
    closed = quick.work / "closed"
    inner = closed / "inner"
    inner.mkdir(parents=True)
    for path in (closed, inner):
        os.chown(path, USER, USER)
    quick.register(str(closed), quick.environment(quick.home / "venv"))
    script = 'cd "$1" && chmod 0 "$1" "${1%/*}" && shift && exec "$@"'
    done = quick.call(
        shell,
        "x",
        program=["/bin/sh", "-c", script, "sh", str(inner), *quick.command(shell, "python3")],
        env=quick.env(PWD=str(inner)),
    )
    closed.chmod(0o755)
    inner.chmod(0o755)
    assert (done.out, done.status) == (f"{quick.home}/venv/bin/python\0", 0)


def test_an_active_environment_is_itself(followed: QuickStage, shell: str) -> None:
    active = followed.environment(followed.root / "active")
    for name in ("python", "python3", "python3.11"):
        (active / "bin" / name).unlink()
        (active / "bin" / name).symlink_to(followed.python)  # as venv links its interpreter to the base
    path = f"{followed.shims}:{active}/bin:{followed.bin}"
    assert python_in(followed, shell, followed.work, PATH=path) == "active/bin/python3"
    done = followed.call(shell, "python3", "-m", "pip", "list", env=followed.env(PATH=path))
    assert done.out == f"{active}/bin/python3\0"


def test_reading_commands_reach_the_engine_only_where_something_is_followed(followed: QuickStage, shell: str) -> None:
    for line in ("list", "freeze --all", "show six", "check", "inspect", "--quiet list"):
        assert followed.who(shell, "pip", *line.split()) == "engine"
        assert followed.who(shell, "python3", "-Impip", *line.split()) == "engine"
        done = followed.call(shell, "pip", *line.split(), cwd=followed.home)
        assert done.out == f"{followed.bin}/python3\0"


def test_switched_off_nothing_is_followed(followed: QuickStage, shell: str) -> None:
    assert python_in(followed, shell, followed.work, PIPSHUNT="off") == "usr/bin/python3"
    assert python_in(followed, shell, followed.work, PIPSHUNT="") == "home/venv/bin/python"


GIVEN = {"given": "", "bin given": "bin", "token given": ".pipshunt-1"}


@pytest.fixture(scope="module")
def shared() -> Iterator[QuickStage]:
    """One stage for all examples; each takes away what the one before has registered."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    stage = QuickStage(root / "stage")
    for folder in ("a/b/c", "ab"):
        (stage.work / folder).mkdir(parents=True)
    for name in ("one", "two", "three"):
        stage.environment(stage.root / name)
    linked = stage.environment(stage.root / "linked")
    (linked / ".pipshunt-1").rename(linked / "token")
    (linked / ".pipshunt-1").symlink_to("token")
    stage.environment(stage.root / "root's", owner=0)
    for name, owned in GIVEN.items():
        os.chown(stage.environment(stage.root / name) / owned, 0, -1)
        os.chown(stage.environment(stage.root / f"root's {name}", owner=0) / owned, USER, -1)
    yield stage
    shutil.rmtree(root)


@needs_root
@settings(max_examples=150, deadline=None)
@given(
    registrations=st.lists(
        st.tuples(
            st.sampled_from(["user", "machine"]),
            st.sampled_from(["/", "", "/a", "/a/b", "/a/b/c", "/ab"]),
            st.sampled_from(["base", "link", "other", "gone"]),
            st.sampled_from(["one", "two", "three", *GIVEN, "linked", "root's", *(f"root's {name}" for name in GIVEN)]),
            st.sampled_from(["", "", "token", "torn", "no token", "moved"]),
        ),
        max_size=6,
    ),
    cwd=st.sampled_from(["", "/a", "/a/b", "/a/b/c", "/ab"]),
)
def test_the_shim_follows_what_the_engine_follows(
    shared: QuickStage, registrations: list[tuple[str, str, str, str, str]], cwd: str
) -> None:
    stage = shared
    for state in (stage.state, stage.machine_state):
        shutil.rmtree(state, ignore_errors=True)
    bases = {
        "base": stage.python,
        "link": stage.bin / "python3",
        "other": stage.bin / "pip",
        "gone": stage.bin / "gone",
    }
    for where, folder, base, name, fault in registrations:
        place = folder if folder == "/" else f"{stage.work}{folder}"
        environment = stage.root / name if fault != "moved" else stage.root / "nowhere"
        token = {"": ".pipshunt-1", "token": ".pipshunt-2", "no token": ""}.get(fault, ".pipshunt-1")
        state = stage.state if where == "user" else stage.machine_state
        file = stage.register(place, environment, base=bases[base], state=state, token=token)
        if fault == "torn":
            file.write_bytes(file.read_bytes()[:-1])
    asks = os.geteuid()
    os.seteuid(USER)
    try:
        found = find_registration(str(stage.state), f"{stage.work}{cwd}", str(stage.python), str(stage.machine_state))
    finally:
        os.seteuid(asks)
    expected = os.path.relpath(f"{found.environment}/bin/python", stage.root) if found else "usr/bin/python3"
    assert python_in(stage, "dash", Path(f"{stage.work}{cwd}"), LC_ALL="C") == expected


@pytest.fixture(scope="module")
def installed() -> Iterator[Machine]:
    """A machine in whose project six was installed."""
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    machine = Machine(root / "machine")
    build_wheel(machine.home / "wheels", "six", "1.0")
    result = machine.run("pip", "install", "six", env=machine.env(PIP_FIND_LINKS="../wheels"))
    assert result.status == 0, result
    yield machine
    shutil.rmtree(root, ignore_errors=True)


def test_what_was_installed_is_what_each_python_sees(installed: Machine, shell: str) -> None:
    inner = installed.project / f"src-{shell}"
    inner.mkdir()
    question = "import six, sys; print(sys.prefix, six.__version__)"
    for name in ("python3", f"python{installed.version}"):
        result = installed.run(name, "-c", question, cwd=inner, shell=shell)
        assert (result.out, result.err) == (f"{installed.project}/.venv 1.0\n", "")
    result = installed.run("python3", "-c", "import six", cwd=installed.home, shell=shell)
    assert (result.status, "No module named 'six'" in result.err) == (1, True)
    assert installed.run("pip", "freeze", shell=shell).out == "six==1.0\n"
