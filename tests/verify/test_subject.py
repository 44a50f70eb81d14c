"""Finding the Python that is verified, and what it says of itself."""

from pathlib import Path

import pytest

from pipshunt.verify.inside import MARK
from pipshunt.verify.subject import NoPython, examine, find_python, settled_environment
from verify.stage import VERSION, Stage


def test_python3_on_path_is_the_one(stage: Stage) -> None:
    subject = stage.examine()
    assert subject.executable == str(stage.python)
    assert subject.prefix == str(stage.environment)
    assert subject.is_environment
    assert subject.typed == "python3"
    assert subject.version.startswith(f"{VERSION}.")


@pytest.mark.parametrize("named", ["env", "env/bin/python3", "./env", "{root}/env"])
def test_a_path_a_folder_or_a_name_is_found(stage: Stage, named: str) -> None:
    found = find_python(named.replace("{root}", str(stage.root)), stage.env, str(stage.root))
    assert found.prefix == str(stage.environment)


def test_a_shim_is_asked_in_the_working_directory(stage: Stage) -> None:
    shim = stage.root / "shims/python3"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\n[ "$PWD" = {stage.cwd} ] && exec {stage.python} "$@"\nexit 3\n')
    shim.chmod(0o755)
    env = {**stage.env, "PATH": f"{shim.parent}:/usr/bin:/bin"}
    assert find_python("", env, str(stage.cwd)).executable == str(stage.python)
    with pytest.raises(NoPython, match="shims/python3 does not run: exit status 3"):
        find_python("", env, str(stage.root))


def test_a_working_directory_that_hides_the_standard_library_changes_nothing(stage: Stage) -> None:
    (stage.cwd / "json.py").write_text("raise SystemExit")
    (stage.cwd / "importlib").mkdir()
    stage.unpack("railcar")
    assert list(stage.verify().asked) == [("railcar", "1.0")]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        pytest.param("", "there is no python3 on PATH", id="nothing on PATH"),
        pytest.param("/nowhere/python", "/nowhere/python does not run: No such file or directory", id="no file"),
        pytest.param("./false", "/false does not run: exit status 1", id="no Python"),
        pytest.param("./loud", "/loud does not run: it is broken", id="no Python that says why"),
    ],
)
def test_no_python_is_told(tmp_path: Path, named: str, said: str) -> None:
    (tmp_path / "false").symlink_to("/bin/false")
    (tmp_path / "loud").write_text("#!/bin/sh\necho 'it is broken' >&2\n")
    (tmp_path / "loud").chmod(0o755)
    with pytest.raises(NoPython) as error:
        find_python(named, {"PATH": "/nowhere"}, str(tmp_path))
    assert str(error.value).endswith(said)


def test_an_environment_whose_interpreter_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "python3").symlink_to("/nowhere/python3.9")
    with pytest.raises(NoPython) as error:
        find_python("", {"PATH": str(tmp_path)}, "/")
    said = f"{tmp_path}/python3 leads to /nowhere/python3.9, which is not there"
    assert str(error.value) == f"there is no python3 on PATH; {said}"


def test_an_environment_made_for_another_version_is_a_finding(stage: Stage) -> None:
    (stage.environment / f"lib/python{VERSION}").rename(stage.environment / "lib/python3.1")
    report = stage.verify()
    assert report.results[0].message.startswith(
        f"{stage.environment} was made for python3.1, and its interpreter is Python {VERSION} now"
    )


def test_what_pythonpath_names_is_made_absolute() -> None:
    assert settled_environment({"PYTHONPATH": "src:/lib"}, "/w")["PYTHONPATH"] == "/w/src:/lib"
    assert settled_environment({"A": "b"}, "/w") == {"A": "b"}


def test_a_python_too_old_to_be_asked_is_told(tmp_path: Path) -> None:
    answer = "/usr/bin/python3\x00/usr\x00/usr/bin/python3\x003.7"
    (tmp_path / "answer").write_text(f"{MARK}{answer}{MARK}")
    (tmp_path / "python3").write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n")
    (tmp_path / "python3").chmod(0o755)
    with pytest.raises(NoPython, match=r"^/usr/bin/python3 is Python 3\.7; only 3\.8 and later can be verified$"):
        find_python("", {"PATH": f"{tmp_path}:/usr/bin:/bin"}, "/")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("one", id="too little"),
        pytest.param("a\0b\0c\0three.x", id="no version"),
        pytest.param("a\0b\0c\0003.13\0d", id="too much"),
    ],
)
def test_a_python_that_answers_oddly_is_told(tmp_path: Path, answer: str) -> None:
    (tmp_path / "answer").write_text(f"{MARK}{answer}{MARK}")
    (tmp_path / "odd").write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n")
    (tmp_path / "odd").chmod(0o755)
    with pytest.raises(NoPython) as error:
        find_python("./odd", {"PATH": "/usr/bin:/bin"}, str(tmp_path))
    assert str(error.value) == f"{tmp_path}/./odd does not answer as a Python does: {answer}"


@pytest.mark.parametrize("answer", ["", "[]", "{", "{}", "null", '{"distributions": [1]}', "[" * 99999], ids=range(7))
def test_a_python_that_describes_itself_oddly_is_told(stage: Stage, answer: str) -> None:
    (stage.root / "answer").write_text(f"{MARK}{answer}{MARK}")
    odd = stage.root / "odd"
    odd.write_text(f'#!/bin/sh\ncase $* in *-I*) exec {stage.python} "$@";; esac\ncat {stage.root}/answer\n')
    odd.chmod(0o755)
    found = find_python(str(odd), stage.env, str(stage.cwd))._replace(executable=str(odd))
    with pytest.raises(NoPython, match=f"^{odd} (does not answer as a Python does: |answers nothing$)"):
        examine(found, "", [], "", stage.env, str(stage.neutral))
