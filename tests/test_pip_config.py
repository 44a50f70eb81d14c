"""pip's configuration: the grammar against configparser, the files and their order on a real file system."""

import configparser
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.pip_config import Configuration, Entry, Unreadable, entries_for, parse_ini, read_configuration

PIP = (23, 0, 1)


def parsed(text: str) -> dict[str, dict[str, str]] | None:
    try:
        return parse_ini(text.split("\n"))
    except Unreadable:
        return None


def by_configparser(text: str) -> dict[str, dict[str, str]] | None:
    parser = configparser.RawConfigParser()
    try:
        parser.read_file(io.StringIO(text))
    except configparser.Error:
        return None
    return {section: dict(parser.items(section)) for section in parser.sections()}


@pytest.mark.parametrize(
    ("text", "sections"),
    [
        pytest.param("[global]\na = 1\nb: 2\n", {"global": {"a": "1", "b": "2"}}, id="both delimiters"),
        pytest.param("[global] junk\nA=1", {"global": {"a": "1"}}, id="junk after a header, upper case keys"),
        pytest.param("[g]\na = 1 ; c\n# d\n; e", {"g": {"a": "1 ; c"}}, id="only whole lines are comments"),
        pytest.param("[g]\na =\n  true", {"g": {"a": "\ntrue"}}, id="value on a continuation line"),
        pytest.param("[g]\na = 1\n\n  2\n[h]", {"g": {"a": "1\n\n2"}, "h": {}}, id="blank line in a value"),
        pytest.param("[DEFAULT]\na=1\n[g]\nb=2", {"g": {"a": "1", "b": "2"}}, id="defaults"),
        pytest.param("[DEFAULT]\na=1", {}, id="defaults alone are nothing"),
        pytest.param("[g]\na-b=1\na_b=2", {"g": {"a-b": "1", "a_b": "2"}}, id="names as they are written"),
        pytest.param("[a]b]\n", {"a]b": {}}, id="a header ends at the last bracket"),
        pytest.param("a=1\n[g]", None, id="no section"),
        pytest.param("\ufeff[g]", None, id="byte order mark"),
        pytest.param("[g]\njunk", None, id="no value"),
        pytest.param("[g]\n= 1", None, id="no name"),
        pytest.param("[g]\na=1\nA=2", None, id="twice in another case"),
        pytest.param("[g]\n[h]\n[g]", None, id="section twice"),
        pytest.param("[]\n", None, id="empty header"),
        pytest.param("[g\n", None, id="open header"),
    ],
)
def test_the_grammar_is_that_of_configparser(text: str, sections: dict[str, dict[str, str]] | None) -> None:
    assert parsed(text) == sections
    assert by_configparser(text) == sections


LINES = st.lists(
    st.one_of(
        st.sampled_from(["[global]", "[install]", "[DEFAULT]", " [x]", "[", "[]", "[a]b] c", "", " ", "# c", "\t;c"]),
        st.sampled_from(["a = 1", "a=", "b: x", "a : = 2", " indented", "  a=1", "=1", "junk", "A=2", "a_b=1", "\x0c"]),
        st.text("[]=:#; \tab\x0b\x85\u2028", max_size=6),
    ),
    max_size=9,
)


@given(lines=LINES)
def test_any_text_reads_as_with_configparser(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert parsed(text) == by_configparser(text)


class Machine:
    """A home, a prefix and a working folder in a temporary one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {"HOME": str(root / "home"), "XDG_CONFIG_DIRS": str(root / "xdg")}
        (root / "work").mkdir()

    def write(self, path: str, text: str | bytes) -> str:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(file)

    def read(self, version: tuple[int, ...] = PIP) -> Configuration:
        return read_configuration(self.env, str(self.root / "work"), str(self.root / "prefix"), version)

    def entries(self, *, isolated: bool = False, version: tuple[int, ...] = PIP) -> list[Entry]:
        """What pip's install would take, one after the other, but for what this very machine has in /etc."""
        found = entries_for(self.read(version), "install", version, isolated=isolated)
        return [entry for entry in found if not entry.origin.startswith("/etc/")]

    def values(self, *, isolated: bool = False, version: tuple[int, ...] = PIP) -> list[str]:
        return [entry.value for entry in self.entries(isolated=isolated, version=version) if entry.key == "x"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_files_rise_in_importance_from_the_machines_to_the_variables(machine: Machine) -> None:
    for number, path in enumerate(
        ["xdg/pip/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf", "prefix/pip.conf"]
    ):
        machine.write(path, f"[global]\nx = {number}\nonly-{number} = yes\n")
    machine.env["PIP_X"] = "variable"
    entries = machine.entries()
    assert [(entry.key, entry.value) for entry in entries if entry.section == "global"] == [
        ("x", "3"),
        ("only-0", "yes"),
        ("only-1", "yes"),
        ("only-2", "yes"),
        ("only-3", "yes"),
    ]
    assert entries[0].origin == f"{machine.root}/prefix/pip.conf [global]"
    assert entries[-1] == (":env:", "x", "variable", "PIP_X")


def test_the_commands_section_counts_over_global_and_variables_over_both(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", "[:env:]\nx=file\n[install]\nx=own\n[global]\nx=all\n[list]\nx=other\n")
    assert machine.values() == ["all", "own", "file"]
    machine.env["PIP_X"] = "variable"
    assert machine.values() == ["all", "own", "variable"]


def test_a_file_named_by_the_environment_takes_the_place_of_the_users(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", "[global]\nx=user\n")
    machine.write("xdg/pip/pip.conf", "[global]\nx=machine\n")
    machine.env["PIP_CONFIG_FILE"] = machine.write("named.conf", "[global]\nx=named\n")
    assert machine.values() == ["named"]
    machine.env["PIP_CONFIG_FILE"] = "../named.conf"
    assert machine.values() == ["named"]
    machine.env["PIP_CONFIG_FILE"] = str(machine.root / "missing.conf")
    assert machine.values() == ["user"]
    machine.env["PIP_CONFIG_FILE"] = ""
    assert machine.values() == ["user"]
    machine.env["PIP_CONFIG_FILE"] = str(machine.root)
    assert machine.values() == ["machine"]
    machine.env["PIP_CONFIG_FILE"] = "/dev//null"
    assert machine.values() == ["machine"]
    machine.env["PIP_CONFIG_FILE"] = "/dev/null"
    assert machine.values() == []


def test_isolation_drops_the_user_and_the_variables_only(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", "[global]\nx=user\n")
    machine.write("prefix/pip.conf", "[install]\nx=site\n[:env:]\nx=file\n")
    machine.env["PIP_X"] = "variable"
    assert machine.values() == ["user", "site", "variable"]
    assert machine.values(isolated=True) == ["site", "file"]


@pytest.mark.parametrize(
    ("version", "values"),
    [((23, 0, 1), []), ((25, 1), []), ((25, 2), ["machine"]), ((25, 3), ["machine"]), ((26, 0), [])],
)
def test_an_empty_value_hides_the_lesser_files_but_in_two_versions(
    machine: Machine, version: tuple[int, ...], values: list[str]
) -> None:
    machine.write("xdg/pip/pip.conf", "[global]\nx=machine\n")
    machine.write("home/.config/pip/pip.conf", "[global]\nx=\n")
    assert machine.values(version=version) == values


def test_an_empty_variable_hides_no_section(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", "[global]\nx=user\n")
    machine.env["PIP_X"] = ""
    assert machine.values() == ["user"]


def test_a_file_that_is_named_twice_keeps_its_lower_rank_since_25_2(machine: Machine) -> None:
    machine.env["PIP_CONFIG_FILE"] = machine.write("xdg/pip/pip.conf", "[global]\nx=low\n")
    machine.write("prefix/pip.conf", "[global]\nx=site\n")
    assert machine.values(version=(25, 1)) == ["low"]
    assert machine.values(version=(26, 0)) == ["site"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("PIP_BREAK_SYSTEM_PACKAGES", "break-system-packages"),
        ("PIP_Break-System_Packages", "break-system-packages"),
        ("PIP___TARGET", "target"),
        ("PIP___VERSION", "version"),
        ("PIP_VERSION", None),
        ("PIP_HELP", None),
        ("pip_target", None),
        ("XPIP_TARGET", None),
    ],
)
def test_a_variables_name_becomes_a_key(machine: Machine, name: str, key: str | None) -> None:
    machine.env[name] = "1"
    assert [entry.key for entry in machine.entries()] == ([key] if key else [])


@pytest.mark.parametrize(
    ("env", "file"),
    [
        ({"XDG_CONFIG_HOME": "{root}/cfg"}, "cfg/pip/pip.conf"),
        ({"XDG_CONFIG_HOME": " "}, "home/.config/pip/pip.conf"),
        ({"XDG_CONFIG_HOME": "../cfg"}, "cfg/pip/pip.conf"),
        ({"HOME": "../home"}, "home/.pip/pip.conf"),
        ({"HOME": "{root}/home/"}, "home/.config/pip/pip.conf"),
        ({"XDG_CONFIG_DIRS": "/nowhere:{root}/second"}, "second/pip/pip.conf"),
        ({"XDG_CONFIG_DIRS": "~/dirs"}, "home/dirs/pip/pip.conf"),
        ({"XDG_CONFIG_DIRS": ":{root}/x"}, "work/pip/pip.conf"),
    ],
)
def test_folders_follow_the_environment(machine: Machine, env: dict[str, str], file: str) -> None:
    machine.env.update({name: value.format(root=machine.root) for name, value in env.items()})
    machine.write(file, "[global]\nx=found\n")
    assert machine.values() == ["found"]


def test_a_tilde_in_the_machines_folders_is_no_home_since_24_1(machine: Machine) -> None:
    machine.env["XDG_CONFIG_DIRS"] = "~/dirs"
    machine.write("home/dirs/pip/pip.conf", "[global]\nx=found\n")
    assert machine.values(version=(24, 1)) == []


@pytest.mark.parametrize(
    ("env", "file"),
    [
        ({"XDG_CONFIG_HOME": "../cfg"}, "home/.config/pip/pip.conf"),
        ({"XDG_CONFIG_HOME": " {root}/cfg "}, "cfg/pip/pip.conf"),
        ({"XDG_CONFIG_DIRS": "~/dirs: {root}/second "}, "second/pip/pip.conf"),
    ],
)
def test_a_relative_folder_counts_for_nothing_since_26_3(machine: Machine, env: dict[str, str], file: str) -> None:
    machine.env.update({name: value.format(root=machine.root) for name, value in env.items()})
    machine.write(file, "[global]\nx=found\n")
    assert machine.values(version=(26, 3)) == ["found"]


def test_two_spellings_of_a_key_are_one_twice_since_26_3(machine: Machine) -> None:
    path = machine.write("prefix/pip.conf", "[global]\na-x=1\n--A_X=2\n")
    assert machine.read((26, 2)).error == ""
    assert (
        machine.read((26, 3)).error
        == f"configuration file {path} cannot be loaded: line 3: option 'a-x' already exists"
    )


@pytest.mark.parametrize(
    ("env", "unsure"),
    [
        pytest.param({}, False, id="no locale"),
        pytest.param({"LC_ALL": "C"}, False, id="C is coerced to UTF-8"),
        pytest.param({"LANG": "de_DE.utf8"}, False, id="UTF-8"),
        pytest.param({"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, True, id="but not against one's will"),
        pytest.param({"LC_ALL": "de_DE.ISO-8859-1", "LANG": "C.UTF-8"}, True, id="another encoding"),
        pytest.param({"LC_CTYPE": "de_DE"}, True, id="none named"),
    ],
)
def test_where_a_locale_may_have_another_encoding_letters_beyond_ascii_are_uncertain(
    machine: Machine, env: dict[str, str], unsure: bool
) -> None:
    machine.env.update(env)
    path = machine.write("prefix/pip.conf", "[global]\nx=1\n")
    assert machine.read().unsure == ""
    machine.write("prefix/pip.conf", "[global]\nx=é\n")
    assert machine.read().unsure == (path if unsure else "")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("x=1\n", id="no section"),
        pytest.param("[global]\nx\n", id="no value"),
        pytest.param("\ufeff[global]\nx=1\n", id="byte order mark"),
        pytest.param(b"[global]\nx=\xe9\n", id="not UTF-8"),
    ],
)
def test_a_broken_file_ends_pip_and_is_named(machine: Machine, content: str | bytes) -> None:
    path = machine.write("home/.config/pip/pip.conf", content)
    assert path in machine.read().error


def test_a_latin_locale_reads_any_byte(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", b"[global]\nx=caf\xe9\n")
    machine.env["LC_ALL"] = "fr_FR.ISO-8859-1"
    assert machine.values() == ["café"]


def test_carriage_returns_end_lines_too(machine: Machine) -> None:
    machine.write("home/.config/pip/pip.conf", "[global]\r\nx=1\r\n")
    assert machine.values() == ["1"]


def test_what_cannot_be_opened_is_passed_over(machine: Machine) -> None:
    (machine.root / "home/.config/pip/pip.conf").mkdir(parents=True)
    machine.env["PIP_CONFIG_FILE"] = "\ud800 no file name"
    assert machine.read().error == ""


def test_an_empty_home_is_the_root_folder(machine: Machine) -> None:
    machine.env["HOME"] = ""
    assert [source.path for source in machine.read().sources if source.kind == "user"] == [
        "/.pip/pip.conf",
        "/.config/pip/pip.conf",
    ]


def test_a_home_that_nobody_has_is_no_error(machine: Machine) -> None:
    del machine.env["HOME"]
    assert machine.read().sources[-1].kind == "variables"
