import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.located_toml import read_document, split_statements

SAMPLE = """\
# a comment
title = "x" # [not.a.header]

[venv]
path = '''
[no]
key = 1
'''
list = [
  "a", # ]
  [1, 2],
  [true],
]
quotes = \"\"\"a\\\"\"\"b\"\"\"\"\"
[[rule]]
packages = ["a"]
[rule.sub]
x.y = 1
[[rule]]
inline = { a = 1, b = "}" }
["odd.name"]
z = 1
"""


def test_statements_are_cut_where_toml_ends_them() -> None:
    assert [(statement.line, statement.text.split("\n")[0]) for statement in split_statements(SAMPLE)] == [
        (2, 'title = "x" # [not.a.header]'),
        (4, "[venv]"),
        (5, "path = '''"),
        (9, "list = ["),
        (14, 'quotes = """a\\"""b"""""'),
        (15, "[[rule]]"),
        (16, 'packages = ["a"]'),
        (17, "[rule.sub]"),
        (18, "x.y = 1"),
        (19, "[[rule]]"),
        (20, 'inline = { a = 1, b = "}" }'),
        (21, '["odd.name"]'),
        (22, "z = 1"),
    ]


def test_every_key_knows_its_line() -> None:
    document = read_document(SAMPLE)
    assert document.mistakes == ()
    assert document.values == tomllib.loads(SAMPLE)
    assert document.lines == {
        ("title",): 2,
        ("venv",): 4,
        ("venv", "path"): 5,
        ("venv", "list"): 9,
        ("venv", "quotes"): 14,
        ("rule",): 15,
        ("rule", 0): 15,
        ("rule", 0, "packages"): 16,
        ("rule", 0, "sub"): 17,
        ("rule", 0, "sub", "x"): 18,
        ("rule", 0, "sub", "x", "y"): 18,
        ("rule", 1): 19,
        ("rule", 1, "inline"): 20,
        ("rule", 1, "inline", "a"): 20,
        ("rule", 1, "inline", "b"): 20,
        ("odd.name",): 21,
        ("odd.name", "z"): 22,
    }
    assert document.line_of(("rule", 1, "inline", "a", 3)) == 20
    assert document.line_of(("nowhere",)) == 0


def test_windows_line_ends_count_as_lines() -> None:
    assert read_document("a = 1\r\n\r\nb = 2\r\n").lines == {("a",): 1, ("b",): 3}


@pytest.mark.parametrize(
    ("text", "values", "lines"),
    [
        pytest.param("a = 1\nb = no\nc = 3\n", {"a": 1, "c": 3}, [2], id="one value"),
        pytest.param("a = x\nb = y\nc = 3\n", {"c": 3}, [1, 2], id="two values"),
        pytest.param('a = "x\nb = 2\n', {"b": 2}, [1], id="open string"),
        pytest.param('a = """x\nb = 2\n', {"b": 2}, [1], id="open block string"),
        pytest.param("a = [1,\nb = 2\n", {"b": 2}, [1], id="open array before a key"),
        pytest.param("a = [1,\n[t]\nb = 2\n", {"t": {"b": 2}}, [1], id="open array before a header"),
        pytest.param(
            "a = 1\n[t\nb = 2\n[u]\nc = 3\n", {"a": 1, "u": {"c": 3}}, [2], id="a header takes its keys along"
        ),
        pytest.param("a = 1\na = 2\nb = 3\n", {"a": 1, "b": 3}, [2], id="a key twice"),
        pytest.param("[t]\na = 1\n[t]\nb = 2\n[u]\n", {"t": {"a": 1}, "u": {}}, [3], id="a table twice"),
        pytest.param("a = 1\nb = " + "[" * 9000 + "\nc = 3\n", {"a": 1, "c": 3}, [2], id="nested too deeply"),
        pytest.param("a = " + "1" * 5000 + "\nb = 2\n", {"b": 2}, [1], id="a number too long"),
        pytest.param("a = 1\n" + "b." * 6000 + "c = 1", {}, [2], id="a line too long"),
        pytest.param("a = 1\nb = \n" + "# " + "x" * 90 + "\n" + "c = 1\n" * 11000, {}, [2], id="too long to mend"),
    ],
)
def test_what_is_right_counts_beside_what_is_wrong(text: str, values: dict[str, Any], lines: list[int]) -> None:
    document = read_document(text)
    assert document.values == values
    assert [mistake.line for mistake in document.mistakes] == lines


def test_the_mistakes_told_are_bounded() -> None:
    assert len(read_document("a = x\n" * 1000).mistakes) == 20
    assert len(read_document("a = 1\n" * 1000).mistakes) == 20


@given(st.text(alphabet="ab=\"'[]{}#\n\\ ,.1", max_size=60))
def test_any_text_is_read(text: str) -> None:
    document = read_document(text)
    try:
        expected = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert document.mistakes
    else:
        assert document.mistakes == ()
        assert document.values == expected


KEYS = st.sampled_from(["a", "b", '"c d"', "'e'", "f.g"])
VALUES = st.recursive(
    st.sampled_from(["1", "true", '"x"', '"#]\\""', "'[y'", '"""\n[z]\nk = 1"""', "'''a''b'''", "1979-05-27"]),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[\n  " + ", # ]\n  ".join(items) + "\n]"),
    max_leaves=4,
)
STATEMENTS = st.lists(st.tuples(KEYS, VALUES), unique_by=lambda pair: pair[0], max_size=5)


@given(STATEMENTS)
def test_the_line_of_a_key_is_where_it_stands(pairs: list[tuple[str, str]]) -> None:
    text, expected = "", []
    for key, value in pairs:
        expected.append(text.count("\n") + 1)
        text += f"{key} = {value}\n"
    assert tomllib.loads(text) is not None
    assert [statement.line for statement in split_statements(text)] == expected


def test_a_mistake_outside_of_every_statement_is_told() -> None:
    assert [mistake.line for mistake in read_document("\r").mistakes] == [1]
