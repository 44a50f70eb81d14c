"""What an interpreter with the hook does at its start: real CPython; the engine only writes down how it was called."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import Machine
from wheels import build_wheel

from pipshunt.launch import read_launch
from pipshunt.transparent.startup import find_pip_words, original_locale, own_state
from transparent.hooked import Hooked, read_record

FLAGS = ("-B", "-E", "-s", "-sE", "-O", "-u", "-P", "-Wdefault", "-X", "dev", "-W", "ignore", "--check-hash-based-pycs", "never")  # fmt: skip
HANDED_OVER = [
    pytest.param("{pip} install six", id="pip by its path"),
    pytest.param("{pip} uninstall -y six", id="uninstall"),
    pytest.param("{pip} -v --no-input install six", id="options first"),
    pytest.param("{python} {pip} install six", id="pip given to python"),
    pytest.param("{python} -m pip install six", id="-m pip"),
    pytest.param("{python} -mpip install six", id="-mpip"),
    pytest.param("{python} -m pip.__main__ install six", id="-m pip.__main__, as Ansible calls it"),
    pytest.param("{python} -sEmpip install six", id="a cluster"),
    pytest.param("{python} -X importtime -W ignore -m pip install six", id="options with values"),
    pytest.param("{python} -P -X frozen_modules=off -m pip install six", id="a safe path and no frozen modules"),
    pytest.param("{python} -m pip install -m -c pip", id="words that look like others"),
]
LEFT_ALONE = [
    pytest.param("{python} -I -m pip install six", id="isolated"),
    pytest.param("{python} -S -m pip install six", id="without site"),
    pytest.param("{python} -m pip --version", id="no verb"),
    pytest.param("{python} -m pip download six", id="another verb"),
    pytest.param("{pip} list", id="reading, with nothing followed"),
    pytest.param("{python} app.py pip install six", id="a script with pip in its words"),
    pytest.param("{python} ./pip/app.py install", id="a script in a folder pip"),
    pytest.param("{python} pip.py install", id="a script called pip.py"),
    pytest.param("{python} ./pip.pyz install", id="a zipapp of pip's name"),
    pytest.param("{python} ./pip3x install", id="a script called pip3x"),
    pytest.param("{python} -m app pip install six", id="another module"),
    pytest.param("{python} -m pipx install six", id="pipx"),
    pytest.param("{python} ./__pip-runner__.py install six", id="what pip starts itself"),
    pytest.param("{python} -c print('ran',*__import__('sys').argv) pip install six", id="-c"),
    pytest.param("{python} -c 'ran';print('ran');pip=1;'pip' install", id="-c that ends with pip"),
]


def words_of(line: str, hooked: Hooked) -> list[str]:
    return [word.format(python=hooked.python, pip=hooked.pip) if "{p" in word else word for word in line.split()]


@pytest.mark.parametrize("line", HANDED_OVER)
def test_a_pip_command_is_handed_to_the_engine_as_the_shim_would(kept: Hooked, line: str) -> None:
    words = words_of(line, kept)
    record = read_record(kept.run(*words))
    assert record
    given = [kept.pip, *words[1:]] if words[0] == kept.pip else words[1:]
    assert record.options == ["-I", "-S"]
    assert record.boot == str(kept.package / "boot.py")
    assert os.path.basename(record.shim).startswith("python")
    assert record.real in (kept.python, str(kept.machine.python))
    assert record.args == given
    assert record.guard == f"1::{record.pid}:{kept.startup}"


@pytest.mark.parametrize("line", LEFT_ALONE)
def test_any_other_start_goes_on_as_it_was(kept: Hooked, line: str) -> None:
    words = words_of(line, kept)
    done = kept.run(*words)
    text = kept.file.read_text()
    kept.file.unlink()
    without = kept.run(*words)
    kept.file.write_text(text)
    assert read_record(done) is None
    assert (done.status, done.out, done.err) == (without.status, without.out, without.err)


@pytest.mark.parametrize("verb", ["list", "freeze", "show", "check", "inspect"])
def test_reading_is_handed_over_where_something_is_followed_or_active(kept: Hooked, verb: str) -> None:
    assert read_record(kept.run(kept.pip, verb, VIRTUAL_ENV="/somewhere"))
    assert read_record(kept.run(kept.pip, verb, CONDA_PREFIX="/somewhere"))
    follow = kept.machine.state / "follow"
    follow.mkdir(parents=True)
    done = kept.run(kept.pip, verb)
    follow.rmdir()
    assert read_record(done)


def test_a_repl_and_a_script_from_stdin_go_on_as_they_were(kept: Hooked) -> None:
    machine = kept.machine
    for words in ((kept.python, "-"), (kept.python,), (kept.python, "-i", "-q")):
        done = machine.run(*words, env=machine.env(), stdin=b"import sys; print('ran', sys.argv)\n")
        assert done.status == 0
        assert "ran [" in done.out


def test_children_of_multiprocessing_start(kept: Hooked) -> None:
    (kept.machine.project / "pip_many.py").write_text(
        "import multiprocessing as m\n"
        "if __name__ == '__main__':\n"
        "    m.set_start_method('spawn')\n"
        "    with m.Pool(1) as pool:\n"
        "        print(pool.map(abs, [-1, -2]))\n"
    )
    assert kept.run(kept.python, "pip_many.py", "install").out == "[1, 2]\n"


@pytest.mark.parametrize("option", [(), ("--system-site-packages",)], ids=["its own", "sees the system's"])
def test_a_virtual_environment_is_left_alone(kept: Hooked, option: tuple[str, ...]) -> None:
    folder = kept.machine.project / f"v{len(option)}"
    made = kept.run(kept.python, "-m", "venv", "--without-pip", *option, str(folder))
    assert made.status == 0, made
    words = ("-m", "pip", "install", "--no-index", "nothing-of-that-name")
    done = kept.run(str(folder / "bin/python"), *words, cwd=kept.machine.home)
    assert read_record(done) is None
    assert ("nothing-of-that-name" if option else "No module named pip") in done.err


def test_an_interpreter_without_a_marker_is_left_alone(unmarked: Machine) -> None:
    hooked = Hooked(unmarked)
    assert read_record(hooked.run(hooked.pip, "install", "nothing-of-that-name")) is None


@pytest.mark.parametrize(
    ("guard", "handed"),
    [
        pytest.param("1::{own}:/usr/local/bin/pip", False, id="this process was handed over already"),
        pytest.param("3:0123:{other}:/usr/local/bin/pip", True, id="another process was"),
        pytest.param("nonsense", True, id="not ours"),
    ],
)
def test_a_process_is_handed_over_once(kept: Hooked, guard: str, handed: bool) -> None:
    own = f'PIPSHUNT_GUARD=$(printf %s "{guard}" | sed "s/{{own}}/$$/; s/{{other}}/1/") exec "$0" install nothing'
    done = kept.run("sh", "-c", own, kept.pip)
    record = read_record(done)
    assert (record is not None) is handed
    if record and guard[0] == "3":
        assert record.guard == f"3:0123:{record.pid}:{kept.startup}"


def test_what_the_engine_itself_overrides_is_not_handed_over_again(kept: Hooked) -> None:
    line = 'PIPSHUNT_GUARD=1::$$:x; export PIPSHUNT_GUARD; "$0" install --break-system-packages --no-index nothing; :'
    assert read_record(kept.run("sh", "-c", line, kept.pip)) is None
    line = line.replace("--break-system-packages", "--user")
    assert read_record(kept.run("sh", "-c", line, kept.pip))


def test_pipshunt_off_is_off(kept: Hooked) -> None:
    done = kept.run(kept.pip, "install", "six", PIPSHUNT="off")
    assert done.status == 1
    assert done.err.startswith("error: externally-managed-environment")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param({"LANG": "C"}, "", id="coerced, and none before"),
        pytest.param({"LANG": "C", "LC_CTYPE": "C"}, "=C", id="coerced, and another before"),
        pytest.param({"LC_CTYPE": "C.UTF-8"}, "=C.UTF-8", id="the user's own"),
        pytest.param({"LC_ALL": "C", "LC_CTYPE": "x"}, "=x", id="not coerced"),
        pytest.param({"LC_CTYPE": ""}, "=", id="empty"),
    ],
)
def test_the_locale_is_told_as_it_was_before_cpython_changed_it(
    kept: Hooked, variables: dict[str, str], told: str
) -> None:
    record = read_record(kept.machine.run(kept.pip, "install", "six", env=kept.machine.env() | variables))
    assert record
    assert record.locale == told


def test_where_the_kernel_does_not_tell_the_locale_at_hand_has_to_do(tmp_path: Path) -> None:
    missing = str(tmp_path / "none")
    assert original_locale({"LC_CTYPE": "C.UTF-8"}, missing) == "=C.UTF-8"
    assert original_locale({}, missing) == ""


def test_bytes_that_are_no_text_arrive_as_they_came(kept: Hooked) -> None:
    machine = kept.machine
    done = machine.run(kept.pip.encode(), b"install", b"\xff\xfe", "ü".encode("latin-1"), env=machine.env())
    assert done.out.splitlines()[-4:-2] == [os.fsdecode(b"\xff\xfe"), os.fsdecode(b"\xfc")]


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def break_python(file: Path) -> None:
    """As the dynamic linker does where a library is gone."""
    file.write_text("#!/bin/sh\necho 'error while loading shared libraries' >&2\nexit 127\n")


DAMAGES = [
    pytest.param(lambda hooked: shutil.rmtree(hooked.engine), id="the engine is deleted"),
    pytest.param(lambda hooked: hooked.engine.rename(hooked.engine.parent / f"moved-{os.getpid()}"), id="it is moved"),
    pytest.param(lambda hooked: (hooked.engine / "bin/python").unlink(), id="its Python is gone"),
    pytest.param(lambda hooked: (hooked.engine / "bin/python").chmod(0o644), id="its Python is no program"),
    pytest.param(lambda hooked: (hooked.package / "boot.py").unlink(), id="boot.py is gone"),
    pytest.param(lambda hooked: (hooked.package / "boot.py").write_text(""), id="boot.py is empty"),
    pytest.param(lambda hooked: (hooked.package / "boot.py").chmod(0), id="boot.py is unreadable"),
    pytest.param(lambda hooked: cut_short(hooked.package / "boot.py"), id="boot.py is cut short"),
    pytest.param(lambda hooked: break_python(hooked.engine / "bin/python"), id="the engine's Python does not start"),
    pytest.param(lambda hooked: hooked.startup.chmod(0), id="startup.py is unreadable"),
    pytest.param(lambda hooked: hooked.startup.write_text("x = ("), id="startup.py is damaged"),
    pytest.param(lambda hooked: hooked.startup.write_text("raise OSError"), id="startup.py fails"),
    pytest.param(lambda hooked: (hooked.engine / "bin/python").write_text("#!/none\n"), id="its Python does not start"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_is_damaged_pip_works_as_it_is_without_a_word(kept: Hooked, damage: object, tmp_path: Path) -> None:
    assert callable(damage)
    shutil.copytree(kept.engine, tmp_path / "engine")
    damage(kept)
    refused = kept.run(kept.pip, "install", "six")
    shutil.rmtree(kept.engine, ignore_errors=True)
    shutil.copytree(tmp_path / "engine", kept.engine)
    kept.machine.give(kept.engine)
    assert refused.err.startswith("error: externally-managed-environment")


def test_an_install_goes_to_the_project_and_reading_follows(working: Hooked) -> None:
    machine = working.machine
    build_wheel(machine.root / "wheels", "railcar", "1.0")
    machine.give(machine.root / "wheels")
    env = machine.env(PIP_FIND_LINKS=str(machine.root / "wheels"), PATH="/usr/bin:/bin")
    done = machine.run(working.pip, "install", "railcar", env=env)
    assert "Successfully installed railcar-1.0" in done.out, done
    assert f"{machine.python} by its path goes on without it; .venv/bin/python has it" in done.err
    assert "railcar==1.0" in machine.run(working.python, "-m", "pip", "freeze", env=env).out
    assert "railcar" not in machine.run(working.pip, "list", env={**env, "PIPSHUNT": "off"}).out
    (script := machine.project / "more.py").write_text(
        "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'uninstall', '-y', 'railcar'])\n"
    )
    assert "Successfully uninstalled railcar-1.0" in machine.run(working.python, str(script), env=env).out
    assert [record["decision"] for record in machine.log] == ["venv", "venv"]


def test_an_override_by_the_policy_is_carried_out_and_recorded_once(working: Hooked) -> None:
    machine = working.machine
    build_wheel(machine.root / "wheels", "railcar", "1.0")
    policy = machine.home / ".config/pipshunt/policy.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text('action = "override"\n[grant]\noverride = ["*"]\n')
    machine.give(machine.root)
    words = ("install", "--user", "--find-links", str(machine.root / "wheels"), "railcar")
    done = working.run(working.pip, *words, PATH="/usr/bin:/bin")
    assert "Successfully installed railcar-1.0" in done.out, done
    assert [record["decision"] for record in machine.log] == ["override"]


def test_a_pip_that_the_engine_lets_pass_starts_once(working: Hooked) -> None:
    target = working.machine.project / "t"
    done = working.run(working.pip, "install", "--target", str(target), "nothing-of-that-name", PATH="/usr/bin:/bin")
    assert done.status == 1
    assert "No matching distribution found for nothing-of-that-name" in done.err


@given(st.lists(st.sampled_from(FLAGS)), st.sampled_from(["pip", "pip.__main__", "pipx", "app"]), st.lists(st.text()))
def test_a_module_is_told_as_the_engine_tells_it(flags: list[str], module: str, rest: list[str]) -> None:
    words = [*flags, "-m", module, *rest]
    launch = read_launch("python3", words)
    if words[launch.start - 2 : launch.start] != ["-m", module] and launch.start >= 0:
        return  # an option took -m for its value: CPython would have told us so
    found = find_pip_words(["python3", *words], ["-m", *rest])
    if launch.start >= 0:
        assert found is not None
        assert list(found) == rest


@pytest.mark.parametrize(
    ("orig_argv", "argv", "found"),
    [
        pytest.param([], [""], None, id="an embedded interpreter"),
        pytest.param([], [], None, id="one without arguments"),
        pytest.param(["/opt/pip", "install"], ["/opt/pip", "install"], None, id="a program called pip that embeds one"),
        pytest.param(["python3"], [""], None, id="a REPL"),
        pytest.param(["python3", "/usr/bin/pip3.11", "install"], ["/usr/bin/pip3.11", "install"], ["install"], id="pip"),
        pytest.param(["python3", "-m", "pip", "x"], ["/lib/pip/__main__.py", "x"], None, id="in mid-program"),
        pytest.param(["python3", "-Impip"], ["-m"], [], id="a cluster"),
    ],
)  # fmt: skip
def test_what_the_interpreter_was_started_with(orig_argv: list[str], argv: list[str], found: list[str] | None) -> None:
    assert find_pip_words(orig_argv, argv) == found


def test_a_users_registrations_are_where_the_shim_looks() -> None:
    expected = (
        ["/var/lib/pipshunt"] * 3 if os.geteuid() == 0 else ["/s/pipshunt", "/h/.local/state/pipshunt", "/nonexistent"]
    )
    assert [
        own_state(env) for env in ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, {"HOME": "/h"}, {"HOME": "h"})
    ] == expected


@pytest.mark.parametrize(
    "program", [pytest.param("app.py", id="another start"), pytest.param("./pip3", id="a pip that passes")]
)
def test_a_start_imports_nothing_for_us(kept: Hooked, program: str) -> None:
    for name in ("app.py", "pip3"):
        (kept.machine.home / name).write_text("import sys\nprint(*sorted(sys.modules))\n")
    text = kept.file.read_text()
    hooked = kept.run(kept.python, program, "list", cwd=kept.machine.home)
    kept.file.write_text("# Python itself imports something to read the first .pth, whatever is in it\n")
    plain = kept.run(kept.python, program, "list", cwd=kept.machine.home)
    kept.file.write_text(text)
    assert hooked.out == plain.out
    assert hooked.out.startswith("__main__ ")
