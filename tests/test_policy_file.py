import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.policy import Layer, Place, Problem, Rule
from pipshunt.policy_file import parse_policy

FILE = "/p/pipshunt.toml"


def parse(text: str, kind: str = "repository", file: str = FILE) -> Layer:
    layer, problems = parse_policy(kind, file, text.encode())
    assert problems == ()
    assert layer is not None
    return layer


def problems_of(text: str, kind: str = "repository") -> list[str]:
    _, problems = parse_policy(kind, FILE, text.encode())
    assert all(problem.file == FILE for problem in problems)
    return [str(problem).removeprefix(FILE + " ") for problem in problems]


def test_a_full_policy_becomes_a_layer() -> None:
    text = """\
# ours
action = "refuse"

[venv]
path = "build/env/"
system-site-packages = true

[[rule]]
packages = ["Torch*", "nvidia_?"]
action = "pass"
message = '''
ask Ana'''

[[rule]]
packages = "six"
action = "uv-system"
"""
    assert parse(text) == Layer(
        "repository",
        FILE,
        "refuse",
        Place(FILE, 2),
        "build/env",
        Place(FILE, 5),
        True,
        (
            Rule(("Torch*", "nvidia_?"), "pass", "ask Ana", Place(FILE, 8)),
            Rule(("six",), "uv-system", "", Place(FILE, 14)),
        ),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff", "[venv]\n", "rule = []\n"])
def test_a_policy_that_says_nothing_is_a_silent_layer(text: str) -> None:
    assert parse(text) == Layer("repository", FILE, "", None, "", None, None, ())


def test_the_table_in_pyproject_is_read_with_its_lines() -> None:
    text = """\
[project]
name = "x"
[tool.pipshunt]
action = "pass"
[tool.pipshunt.venv]
path = "env"
[[tool.pipshunt.rule]]
packages = ["a"]
action = "refuse"
[tool.other]
unknown = 1
"""
    assert parse(text, file="/p/pyproject.toml") == Layer(
        "repository",
        "/p/pyproject.toml",
        "pass",
        Place("/p/pyproject.toml", 4),
        "env",
        Place("/p/pyproject.toml", 6),
        None,
        (Rule(("a",), "refuse", "", Place("/p/pyproject.toml", 7)),),
    )


def test_a_pyproject_without_our_table_is_no_layer() -> None:
    assert parse_policy("repository", "/p/pyproject.toml", b'[tool.other]\nx = "pipshunt"\ny =\n') == (None, ())


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param('acton = "refuse"', ['line 1: unknown key "acton" (did you mean "action"?)'], id="a key misspelt"),
        pytest.param(
            'installer = "conda"',
            ['line 1: unknown installer "conda" (one of "auto", "pip", "uv")'],
            id="an installer that is none",
        ),
        pytest.param(
            "xyz = 1",
            ['line 1: unknown key "xyz" (known here: action, installer, grant, venv, rule)'],
            id="a key unknown",
        ),
        pytest.param(
            'action = "refuze"', ['line 1: unknown action "refuze" (did you mean "refuse"?)'], id="an action misspelt"
        ),
        pytest.param(
            'action = "UV_System"', ['line 1: unknown action "UV_System" (did you mean "uv-system"?)'], id="case"
        ),
        pytest.param(
            'action = "?"',
            ['line 1: unknown action "?" (one of "refuse", "pass", "venv", "uv-system", "override")'],
            id="an action unknown",
        ),
        pytest.param(
            "\naction = true",
            ['line 2: action must be one of "refuse", "pass", "venv", "uv-system", "override", not true or false'],
            id="an action of the wrong type",
        ),
        pytest.param(
            "action = refuse",
            ['line 1: invalid value at column 10 (text is written in quotes: action = "refuse")'],
            id="no quotes",
        ),
        pytest.param('venv = "x"', ["line 1: venv must be a table: [venv], not text"], id="venv is no table"),
        pytest.param(
            "[venv]\nsystem_site_packages = true",
            ['line 2: unknown key "system_site_packages" (did you mean "system-site-packages"?)'],
            id="underscores",
        ),
        pytest.param(
            '[venv]\nsystem-site-packages = "yes"',
            ["line 2: system-site-packages must be true or false, not text"],
            id="yes is not true",
        ),
        pytest.param(
            "[venv]\npath = 1", ['line 2: path must be text, as in ".venv", not a number'], id="path is a number"
        ),
        pytest.param(
            "rule = 1.5", ["line 1: rule must be a list of tables: [[rule]], not a number"], id="rule is a number"
        ),
        pytest.param(
            "rule = [1979-05-27]", ["line 1: 0 must be a table: [[rule]], not a date or time"], id="rule of dates"
        ),
        pytest.param(
            '[rule]\npackages = "a"\naction = "pass"',
            ["line 1: rules are a list (write [[rule]] with two brackets)"],
            id="one bracket",
        ),
        pytest.param(
            "[[rule]]",
            [
                'line 1: the rule has no packages (as in packages = ["torch*"])',
                'line 1: the rule has no action (one of "refuse", "pass", "venv", "uv-system", "override")',
            ],
            id="an empty rule",
        ),
        pytest.param(
            '[[rule]]\npackages = []\naction = "pass"\nmessage = 1\nmesage = "x"',
            [
                'line 2: packages is empty (as in packages = ["torch*"])',
                "line 4: message must be text, not a number",
                'line 5: unknown key "mesage" (did you mean "message"?)',
            ],
            id="a rule with three mistakes",
        ),
        pytest.param(
            '[[rule]]\npackages = ["a>=1", 1, ""]\naction = "pass"',
            [
                'line 2: "a>=1" is no package name (letters, digits, - _ . and the globs * and ?, without a version)',
                "line 2: a number is no package name (letters, digits, - _ . and the globs * and ?, without a version)",
                'line 2: "" is no package name (letters, digits, - _ . and the globs * and ?, without a version)',
            ],
            id="no package names",
        ),
        pytest.param(
            '[[rule]]\npackages = true\naction = "pass"',
            ['line 2: packages must be a list of names, not true or false (as in packages = ["torch*"])'],
            id="packages is no list",
        ),
        pytest.param(
            '[[rule]]\npackages = "a"\naction = "pass"\nmessage = "\\u001b[31mred"',
            ["line 4: message holds control characters (plain text only)"],
            id="a message that paints the terminal",
        ),
        pytest.param(
            '"\\u001b[2J" = 1',
            ['line 1: unknown key "\\x1b[2J" (known here: action, installer, grant, venv, rule)'],
            id="a key that does",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_meant(text: str, problems: list[str]) -> None:
    assert problems_of(text) == problems


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("/opt/venv", "a repository's environment is inside the repository", id="absolute"),
        pytest.param(".git/venv", ".git is git's", id="git's"),
        pytest.param("../venv", "a repository's environment is inside the repository, without ..", id="outside"),
        pytest.param("a/../b", "a repository's environment is inside the repository, without ..", id="up and down"),
        pytest.param("", "it names no folder of its own", id="empty"),
        pytest.param("./", "it names no folder of its own", id="the project itself"),
        pytest.param("~/venv", "nothing is expanded in it", id="home"),
        pytest.param("$HOME/venv", "nothing is expanded in it", id="a variable"),
        pytest.param("a\\u0000b", "it holds control characters", id="NUL"),
    ],
)
def test_a_repository_keeps_its_environment_inside(path: str, reason: str) -> None:
    (problem,) = problems_of(f'[venv]\npath = "{path}"\n')
    assert problem.endswith(f'cannot be used: {reason} (as in path = ".venv")')


@pytest.mark.parametrize("path", ["/opt/venv", "../venv"])
@pytest.mark.parametrize("kind", ["user", "machine"])
def test_a_user_or_a_machine_may_keep_it_anywhere(kind: str, path: str) -> None:
    assert parse(f'[venv]\npath = "{path}"\n', kind).venv_path == path


def test_the_rest_of_a_file_counts_beside_its_mistakes() -> None:
    text = 'action = refuse\n[venv]\npath = "env"\nx = 1\n[[rule]]\npackages = ["a", "b c"]\naction = "pass"\nmessage = 1\n'
    layer, problems = parse_policy("repository", FILE, text.encode())
    assert layer == Layer(
        "repository",
        FILE,
        "",
        None,
        "env",
        Place(FILE, 3),
        None,
        (Rule(("a",), "pass", "", Place(FILE, 5)),),
    )
    assert [problem.line for problem in problems] == [1, 4, 6, 8]


def test_text_that_is_not_utf8_is_told_with_its_line() -> None:
    layer, problems = parse_policy("user", FILE, b'# ok\n# caf\xe9\naction = "pass"\n')
    assert layer is not None
    assert layer.action == "pass"
    assert problems == (Problem(FILE, 2, "is not UTF-8", "save the file as UTF-8"),)


def test_tool_pipshunt_that_is_no_table_is_told() -> None:
    layer, problems = parse_policy("repository", "/p/pyproject.toml", b"\n[tool]\npipshunt = 1\n")
    assert layer is not None
    assert [str(problem) for problem in problems] == [
        "/p/pyproject.toml line 3: pipshunt must be a table: [tool.pipshunt], not a number"
    ]


WORDS = st.sampled_from(
    ["action", "venv", "rule", "packages", "path", "=", '"refuse"', '"override"', "[", "]", "[[rule]]", "\n", "1", "{", "}", ",", '"'],
)  # fmt: skip


@given(st.lists(WORDS, max_size=30).map(" ".join) | st.text(max_size=40), st.sampled_from([FILE, "/p/pyproject.toml"]))
def test_any_text_gives_a_layer_or_problems(text: str, file: str) -> None:
    layer, problems = parse_policy("repository", file, text.encode("utf-8", "surrogatepass"))
    assert layer is not None or file.endswith("pyproject.toml")
    assert all(problem.line >= 0 for problem in problems)
    try:
        tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, UnicodeError):
        assert problems or layer is None


@pytest.mark.parametrize(
    ("text", "grant", "problems"),
    [
        pytest.param('[grant]\noverride = ["uv", "Debian"]', ("uv", "debian"), [], id="two owners"),
        pytest.param("[grant]\noverride = []", (), [], id="none"),
        pytest.param("[grant]", None, [], id="silent"),
        pytest.param(
            '[grant]\noverride = "uv"',
            (),
            ['/u/policy.toml line 2: override must be a list of markers\' owners (as in override = ["uv"])'],
            id="no list",
        ),
    ],
)
def test_a_user_s_policy_grants_the_override_of_markers(
    text: str, grant: tuple[str, ...] | None, problems: list[str]
) -> None:
    read, found = parse_policy("user", "/u/policy.toml", text.encode())
    assert read is not None
    assert read.grant == grant
    assert [str(problem) for problem in found] == problems
