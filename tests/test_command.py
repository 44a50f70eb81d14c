"""pip command lines; every expectation in the tables was seen with Debian's pip 23.0.1 unless it names a version."""

import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.command import (
    RERUN,
    Command,
    PipFacts,
    checks_marker,
    exemption,
    pip_version,
    read_command,
)

DEBIAN = PipFacts((23, 0, 1), "/nowhere", in_environment=False)
BREAK = "PIP_BREAK_SYSTEM_PACKAGES"


def read(line: str, env: dict[str, str] | None = None, pip: PipFacts = DEBIAN, cwd: str = "/") -> Command:
    """Read a line where there is no configuration file, unless the environment names one."""
    return read_command(shlex.split(line), {"PIP_CONFIG_FILE": "/dev/null", **(env or {})}, cwd, pip)


def version(*numbers: int) -> PipFacts:
    return DEBIAN._replace(version=numbers)


@pytest.mark.parametrize(
    ("line", "env"),
    [
        ("install", {}),
        ("install x", {}),
        ("install ''", {}),
        ("install 'bad name!!'", {}),
        ("install -r /missing.txt", {}),
        ("install -e .", {}),
        ("install -qqq x", {}),
        ("install --debug x", {}),
        ("install --version", {}),
        ("install --user x", {}),
        ("install --platform x y", {}),
        ("install -", {}),
        ("install --pre x", {}),
        ("install --dry-run x", {}),
        ("install --report - x", {}),
        ("install --dry-run --report= x", {}),
        ("install --dry-run --report= x", {"PIP_REPORT": "f"}),
        ("install -- x --break-system-packages", {}),
        ("install x -- --target /t", {}),
        ("-- install --break-system-packages x", {}),
        ("--isolated -- install x", {}),
        ("--proxy install install x", {}),
        ("--log uninstall uninstall x", {}),
        ("install x", {BREAK: "0"}),
        ("install x", {BREAK: "oFf"}),
        ("install x", {BREAK: ""}),
        ("install x", {"PIP_TARGET": ""}),
        ("install x", {"PIP_BREAK_SYS": "1"}),
        ("install x", {"pip_break_system_packages": "1"}),
        ("install x", {"PIP_T": "/t"}),
        ("install x", {"PIP_DRY_RUN": "1"}),
        ("--isolated install x", {BREAK: "1"}),
        ("install x -- --isolated", {BREAK: "1"}),
        ("install --proxy --isolated x", {BREAK: "1"}),
        ("--isolated install x", {BREAK: "maybe"}),
        ("--isolated install x", {"PIP_REQUIRE_VIRTUALENV": "1"}),
        ("install --python /usr/bin/python3 x", {}),
        ("install x", {"PIP_USER": "1", "VIRTUAL_ENV": "/v"}),
        ("uninstall x", {}),
        ("uninstall -y x", {"PIP_TARGET": "/t"}),
        ("-- uninstall x", {}),
    ],
)
def test_pip_comes_to_the_marker(line: str, env: dict[str, str]) -> None:
    command = read(line, env)
    assert (command.ends_early, exemption(command)) == ("", "")
    assert checks_marker(command)


@pytest.mark.parametrize(
    ("line", "env", "why"),
    [
        ("install x --break-system-packages", {}, "--break-system-packages"),
        ("install --b x", {}, "--break-system-packages"),
        ("install --target /t x", {}, "--target"),
        ("install --target '' x", {}, "--target"),
        ("install --target= x", {}, "--target"),
        ("install -Ut/t x", {}, "--target"),
        ("install -tU x", {}, "--target"),
        ("install --ta /t x", {}, "--target"),
        ("install --prefix= x", {}, "--prefix"),
        ("install --prefi /usr x", {}, "--prefix"),
        ("install --root / x", {}, "--root"),
        ("install --dry-run --report - x", {}, "--dry-run with --report"),
        ("install --dry --repo=- x", {}, "--dry-run with --report"),
        ("install x", {"PIP_DRY_RUN": "yes", "PIP_REPORT": "-"}, "--dry-run with --report (PIP_REPORT)"),
        ("install x", {BREAK: "True"}, "--break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)"),
        ("install x", {"PIP_Break-System_Packages": "on"}, "--break-system-packages (PIP_Break-System_Packages)"),
        ("install x", {"PIP___TARGET": "/t"}, "--target (PIP___TARGET)"),
        ("install x", {"PIP_ROOT": "/r"}, "--root (PIP_ROOT)"),
        ("install --isol x", {BREAK: "1"}, "--break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)"),
        ("install x", {BREAK: "1", "PIP_ISOLATED": "1"}, "--break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)"),
        ("uninstall -y x", {BREAK: "y"}, "--break-system-packages (PIP_BREAK_SYSTEM_PACKAGES)"),
        ("uninstall --break x", {}, "--break-system-packages"),
    ],
)
def test_pip_does_not_check_the_marker(line: str, env: dict[str, str], why: str) -> None:
    command = read(line, env)
    assert (command.ends_early, exemption(command)) == ("", why)
    assert not checks_marker(command)


@pytest.mark.parametrize(
    ("line", "env", "why"),
    [
        ("", {}, "prints help"),
        ("help", {}, "prints help"),
        ("--help install x", {}, "prints help"),
        ("install -Uh", {}, "prints help"),
        ("install --help --bogus", {}, "prints help"),
        ("install --bogus --help", {}, "usage error: no such option: --bogus"),
        ("-V install x", {}, "prints its version"),
        ("install x", {"PIP___VERSION": "1"}, "prints its version"),
        ("inst x", {}, "unknown command: inst"),
        ("INSTALL x", {}, "unknown command: INSTALL"),
        ("'' x", {}, "unknown command: "),
        ("lock x", {}, "unknown command: lock"),
        ("-- --help", {}, "unknown command: --help"),
        ("--break-system-packages install x", {}, "usage error: no such option: --break-system-packages"),
        (
            "install --break-system-packages=1 x",
            {},
            "usage error: --break-system-packages option does not take a value",
        ),
        ("install --break_system_packages x", {}, "usage error: no such option: --break_system_packages"),
        ("install -t", {}, "usage error: -t option requires 1 argument"),
        ("install --t /t x", {}, "usage error: ambiguous option: --t (--target, --timeout, --trusted-host?)"),
        ("install --pref /t x", {}, "usage error: ambiguous option: --pref (--prefer-binary, --prefix?)"),
        ("uninstall --user x", {}, "usage error: no such option: --user"),
        ("--timeout install install x", {}, "usage error: option --timeout: invalid floating-point value: 'install'"),
        (
            "install --python-version abc",
            {},
            "usage error: option --python-version: invalid --python-version value: 'abc': each version part must be an integer",
        ),
        (
            "install x",
            {BREAK: "maybe"},
            "PIP_BREAK_SYSTEM_PACKAGES: option break-system-packages: 'maybe' is neither yes nor no",
        ),
        (
            "--isolated install x",
            {"PIP_TIMEOUT": "abc"},
            "PIP_TIMEOUT: option timeout: invalid floating-point value: 'abc'",
        ),
        ("install x", {"PIP_NO_CACHE_DIR": "zz"}, "PIP_NO_CACHE_DIR: option no-cache-dir: invalid truth value 'zz'"),
        ("install x", {"PIP_AUTO_COMPLETE": ""}, "answers the shell's completion"),
        ("--require-virtualenv install x", {}, "--require-virtualenv outside an environment"),
        ("install --require-venv x", {}, "--require-virtualenv outside an environment"),
        ("install x", {"PIP_REQUIRE_VIRTUALENV": "y"}, "--require-virtualenv outside an environment"),
        ("install --user --target /t x", {}, "usage error: --user and --target exclude each other"),
        ("--python /missing install x", {}, "--python names no interpreter: /missing"),
        ("uninstall", {}, "names no requirement to uninstall"),
        ("uninstall 'bad name!!'", {}, "only pip can tell whether it stops at a requirement"),
        ("-- uninstall -y x", {}, "only pip can tell whether it stops at a requirement"),
        ("uninstall x --requirement /missing", {}, "cannot open requirements file /missing"),
        ("uninstall x", {"PIP_REQUIREMENT": "/dev/null /missing"}, "cannot open requirements file /missing"),
    ],
)
def test_pip_ends_before_the_marker(line: str, env: dict[str, str], why: str) -> None:
    command = read(line, env)
    assert command.ends_early == why
    assert not checks_marker(command)
    assert exemption(command) == ""


@pytest.mark.parametrize("line", ["list", "download x", "freeze", "help install", "show --bogus", "wheel -h"])
def test_other_commands_know_no_marker(line: str) -> None:
    command = read(line)
    assert (command.verb, command.ends_early, checks_marker(command)) == (line.split(maxsplit=1)[0], "", False)


@pytest.mark.parametrize(
    ("line", "facts", "env", "ends", "checks"),
    [
        (
            "install --break-system-packages x",
            version(23, 0),
            {},
            "usage error: no such option: --break-system-packages",
            False,
        ),
        ("install x", version(23, 0), {BREAK: "1"}, "", True),
        ("install x", version(22, 3, 1), {}, "", False),
        ("install --break-system-packages x", version(), {}, "", False),
        ("install x", version(), {}, "", True),
        ("install x", version(99), {}, "", True),
        ("lock x", version(25, 1), {}, "", False),
        (
            "install --b x",
            version(25, 3),
            {},
            "usage error: ambiguous option: --b (--break-system-packages, --build-constraint?)",
            False,
        ),
        ("install -V x", version(26, 2, 1), {}, "", True),
        ("install -V x", version(26, 3), {}, "usage error: no such option: -V", False),
        ("install --python /usr x", version(23, 1), {}, "", True),
        ("install --python /usr x", version(23, 2), {}, "usage error: --python must come before the command", False),
        ("install --python /usr x", version(23, 2), {RERUN: ""}, "", True),
        ("install x", version(24, 1), {"PIP_AUTO_COMPLETE": "1"}, "", True),
        (
            "install x",
            version(24, 1),
            {"PIP_AUTO_COMPLETE": "", "COMP_WORDS": "pip", "COMP_CWORD": "1"},
            "answers the shell's completion",
            False,
        ),
        ("--require-venv install x", DEBIAN._replace(in_environment=True), {}, "", True),
    ],
)
def test_it_depends_on_the_pip_and_its_interpreter(
    line: str, facts: PipFacts, env: dict[str, str], ends: str, checks: bool
) -> None:
    command = read(line, env, facts)
    assert (command.ends_early, checks_marker(command)) == (ends, checks)


def test_a_pip_that_is_older_than_the_marker_says_so() -> None:
    assert exemption(read("install x", pip=version(22, 3, 1))) == "pip 22.3.1 does not know the marker"


@pytest.mark.parametrize(
    ("conf", "why"),
    [
        ("[global]\nbreak-system-packages = true\n", "--break-system-packages ({conf} [global])"),
        ("[install]\nbreak_system_packages: on\n", "--break-system-packages ({conf} [install])"),
        ("[:env:]\ntarget = /t\n", "--target ({conf} [:env:])"),
        ("[DEFAULT]\nprefix = /p\n[install]\n", "--prefix ({conf} [install])"),
        ("[DEFAULT]\nprefix = /p\n", ""),
        ("[Install]\nbreak-system-packages = true\n", ""),
        ("[global]\nbreak-system-packages = true\n[install]\nbreak-system-packages = false\n", ""),
        (
            "[global]\nbreak-system-packages = true\n[install]\nbreak-system-packages =\n",
            "--break-system-packages ({conf} [global])",
        ),
        ("[uninstall]\nbreak-system-packages = true\n", ""),
        ("[global]\ntarget =\n", ""),
        ("[global]\ndry-run = 1\nreport = -\n", "--dry-run with --report ({conf} [global])"),
    ],
)
def test_a_configuration_file_exempts_as_well(tmp_path: Path, conf: str, why: str) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(conf)
    command = read("install x", {"PIP_CONFIG_FILE": str(file)})
    assert (command.ends_early, exemption(command)) == ("", why.format(conf=file))


@pytest.mark.parametrize(
    ("conf", "ends"),
    [
        ("junk\n", "configuration file {conf} cannot be loaded: line 1: no section header before 'junk'"),
        (
            "[global]\ntarget = a\ntarget = b\n",
            "configuration file {conf} cannot be loaded: line 3: option 'target' already exists",
        ),
        (
            "[install]\nbreak-system-packages = true ; yes\n",
            "{conf} [install]: option break-system-packages: 'true ; yes' is neither yes nor no",
        ),
        ("[global]\nversion = true\n", "prints its version"),
        ("[list]\nuser = 7\n", ""),
    ],
)
def test_a_configuration_file_may_end_pip(tmp_path: Path, conf: str, ends: str) -> None:
    file = tmp_path / "pip.conf"
    file.write_text(conf)
    assert read("install x", {"PIP_CONFIG_FILE": str(file)}).ends_early == ends.format(conf=file)


def test_options_come_with_where_they_were_set_and_where_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nextra-index-url = http://a http://b\nindex-url = http://i\n")
    env = {"PIP_CONFIG_FILE": str(file), "PIP_INDEX_URL": "http://e"}
    command = read("-q --timeout=3 install six -Ur req.txt --no-deps --extra-index-url http://c flask", env)
    assert [option for option in command.options if not option.origin.startswith("/etc/")] == [
        ("extra-index-url", "http://a", f"{file} [global]", -1, -1),
        ("extra-index-url", "http://b", f"{file} [global]", -1, -1),
        ("index-url", "http://e", "PIP_INDEX_URL", -1, -1),
        ("quiet", "", "command line", 0, 1),
        ("timeout", "3", "command line", 1, 2),
        ("upgrade", "", "command line", 4, 6),
        ("requirement", "req.txt", "command line", 4, 6),
        ("no-deps", "", "command line", 6, 7),
        ("extra-index-url", "http://c", "command line", 7, 9),
    ]
    assert (command.verb, command.verb_at, command.requirements) == ("install", 2, ("six", "flask"))


def test_values_and_flags_are_asked_for_by_name() -> None:
    command = read("install -r a --requirement=b --index-url u -U x", {"PIP_REQUIREMENT": "c d", "PIP_NO_INDEX": "no"})
    assert command.values("requirement") == ("c", "d", "a", "b")
    assert command.value("index-url") == "u"
    assert command.value("target") is None
    assert (command.flag("upgrade"), command.flag("no-index"), command.flag("pre")) == (True, False, False)


@pytest.mark.parametrize(
    ("line", "env", "name", "on"),
    [
        ("install --user x", {}, "user", True),
        ("install --user --no-user x", {}, "user", False),
        ("install --user --no-user x", {}, "no-user", True),
        ("install --no-user --user x", {}, "no-user", False),
        ("install --no-user x", {"PIP_USER": "1"}, "user", False),
        pytest.param(
            "install x", {"PIP_NO_USER": "1"}, "user", True, id="pip stores the yes, whatever the option's name"
        ),
        pytest.param(
            "install x",
            {"PIP_NO_BUILD_ISOLATION": "0"},
            "no-build-isolation",
            True,
            id="and so this means no isolation",
        ),
        ("install x", {"PIP_NO_CACHE_DIR": "off"}, "no-cache-dir", True),
        ("install x", {"PIP_QUIET": "2"}, "quiet", True),
        ("install --no-compile x", {"PIP_COMPILE": "1"}, "compile", False),
    ],
)
def test_flags_follow_pips_own_logic(line: str, env: dict[str, str], name: str, on: bool) -> None:
    assert read(line, env).flag(name) is on


def test_a_word_that_only_equals_the_command_is_what_pip_takes_out() -> None:
    beside = read("--proxy install install x")
    assert (beside.value("proxy"), beside.verb_at, beside.requirements) == ("install", 2, ("x",))
    assert beside.options[0][3:] == (0, 2)
    apart = read("--proxy install -q install x")
    assert (apart.value("proxy"), apart.verb_at, apart.requirements) == ("-q", 3, ("install", "x"))


def test_python_has_pip_start_again_under_another_interpreter(tmp_path: Path) -> None:
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").touch()
    python = str(tmp_path / "venv/bin/python")
    assert read("--python venv install x", cwd=str(tmp_path)).interpreter == python
    assert read("--python venv/bin/python install x", cwd=str(tmp_path)).interpreter == python
    assert read("--isolated install x", {"PIP_PYTHON": str(tmp_path / "venv")}).interpreter == python
    assert read("--require-virtualenv --python venv install x", cwd=str(tmp_path)).ends_early == ""
    assert read("--python venv install x", {RERUN: ""}, cwd=str(tmp_path)).interpreter == ""
    assert read("--python= install x").interpreter == ""
    assert read("--python venv list", cwd=str(tmp_path)).interpreter == python


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ('from typing import List\n\n__version__ = "23.0.1"\n', (23, 0, 1)),
        ("__version__ = '26.2'", (26, 2)),
        ('__version__ = "26.3.dev0"', (26, 3)),
        ('__version__="25.1.1"  ', (25, 1, 1)),
        ("version = 1", ()),
        ("", ()),
    ],
)
def test_the_version_is_read_from_pips_own_text(text: str, numbers: tuple[int, ...]) -> None:
    assert pip_version(text) == numbers


ANY = st.one_of(
    st.text(st.characters(exclude_categories=[]), max_size=5),
    st.sampled_from(["install", "uninstall", "-r", "--", "-", "--python", "\udcff", "\x00", "--requirement=\x00"]),
)


@given(
    args=st.lists(ANY, max_size=6),
    env=st.dictionaries(st.sampled_from([BREAK, "PIP_PYTHON", "HOME", "PIP_CONFIG_FILE"]), ANY),
)
def test_no_words_and_no_environment_make_it_fail(args: list[str], env: dict[str, str]) -> None:
    command = read_command(args, env, "/", DEBIAN)
    checks_marker(command)
    assert command.args == tuple(args)


@pytest.mark.parametrize("word", ["x", "-U", "-qUv", "--index-url=u", "--no-ind", "x[e]>=1 ; python_version>'3'"])
def test_ten_thousand_words_are_all_taken(word: str) -> None:
    for verb in ("install", "uninstall"):
        command = read_command([verb, *[word] * 10_000], {}, "/", DEBIAN)
        assert command.ends_early or len(command.options) >= 10_000 or len(command.requirements) == 10_000
