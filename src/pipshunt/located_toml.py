"""TOML with the line of every key, and as much of it as can be had where parts are wrong.

tomllib tells neither lines nor more than the first mistake. So the text is cut into statements (a header, or a key
with its value); where the whole does not parse, each is tried alone, and what is left without the wrong ones counts.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

Path = tuple[str | int, ...]

_LONGEST_LINE = 10_000  # tomllib takes quadratic time over dotted keys
_LARGEST_MENDED = 1 << 16
_MOST_MISTAKES = 20
_TOKEN = re.compile(r'"""|\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|[\[\]{}#\n]')
_BLOCK_STRING_ENDS = {
    '"""': re.compile(r'(?:\\.|[^\\])*?"{3,5}', re.DOTALL),
    "'''": re.compile(r".*?'{3,5}", re.DOTALL),
}
# What no value in an array can look like: the statement before it was left open.
_NEW_STATEMENT = re.compile(
    r"\s*(?:[\w.-]+\s*=|\[{1,2}\s*(?!(?:true|false|inf|nan)\s*\])[A-Za-z_][\w.-]*\s*\]{1,2}\s*(?:#.*)?$)", re.MULTILINE
)
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class Statement(NamedTuple):
    """A header or a key with its value, and the line it starts on."""

    line: int
    text: str

    @property
    def is_header(self) -> bool:
        """Whether it starts a table."""
        return self.text.lstrip().startswith("[")


class Mistake(NamedTuple):
    """What is wrong with the TOML itself; `text` is the statement."""

    line: int
    message: str
    text: str


class Document(NamedTuple):
    """The values that could be read, the line of each key, and what could not be read."""

    values: dict[str, Any]
    lines: dict[Path, int]
    mistakes: tuple[Mistake, ...]

    def line_of(self, path: Path) -> int:
        """Return the line that set the value at *path*, or else what it is part of."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def read_document(text: str) -> Document:
    """Return everything in *text* that is TOML; never raises."""
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > _LONGEST_LINE:
            return Document({}, {}, (Mistake(number, f"the line is longer than {_LONGEST_LINE} characters", ""),))
    statements = list(split_statements(text))
    values, mistake = _parse(text)
    mistakes: list[Mistake] = []
    if mistake:
        if len(text) > _LARGEST_MENDED:
            return Document({}, {}, (mistake,))
        statements, mistakes = _drop_wrong(statements)
        statements, values, more = _drop_clashing(statements)
        mistakes = sorted([*mistakes, *more]) or [mistake]  # the whole can be wrong where each part is right
    return Document(values, _locate(statements), tuple(mistakes[:_MOST_MISTAKES]))


def split_statements(text: str) -> Iterator[Statement]:
    """Yield the statements of *text*, exact for TOML; an array left open ends where the next statement starts."""
    position, line = 0, 1
    while position < len(text):
        end = text.find("\n", position) + 1 or len(text)
        first = text[position:end].strip()
        if first and not first.startswith("#"):
            if not first.startswith("["):
                end = _end_of_value(text, position)
            yield Statement(line, text[position:end])
        line += text.count("\n", position, end)
        position = end


def _end_of_value(text: str, start: int) -> int:
    """Return where the statement that starts at *start* ends: at a line's end that is in no array and no string."""
    depth, position = 0, start
    while token := _TOKEN.search(text, position):
        position = token.end()
        what = token.group()
        if what in _BLOCK_STRING_ENDS:
            ending = _BLOCK_STRING_ENDS[what].match(text, position)
            if ending is None:  # left open: only this line is lost
                return text.find("\n", position) + 1 or len(text)
            position = ending.end()
        elif what == "#":
            position = text.find("\n", position)
            if position < 0:
                break
        elif what in "[{":
            depth += 1
        elif what in "]}":
            depth -= 1
        elif what == "\n" and (depth <= 0 or _NEW_STATEMENT.match(text, position)):
            return position
    return len(text)


def _parse(text: str, first_line: int = 1) -> tuple[dict[str, Any], Mistake | None]:
    import tomllib  # 11 ms

    try:
        return tomllib.loads(text), None
    except RecursionError:
        return {}, Mistake(first_line, "nested too deeply", text)
    except ValueError as error:  # TOMLDecodeError, and int() of too many digits
        message = str(error)
    where = _WHERE.search(message)
    message = message[: where.start()] if where else message
    message = message[:1].lower() + message[1:]
    if where is None or where[1] is None:
        return {}, Mistake(first_line + text.rstrip("\n").count("\n"), message, text)
    return {}, Mistake(first_line + int(where[1]) - 1, f"{message} at column {where[2]}", text)


def _drop_wrong(statements: Sequence[Statement]) -> tuple[list[Statement], list[Mistake]]:
    """Return the statements that are TOML by themselves; the keys under a wrong header go with it."""
    good: list[Statement] = []
    mistakes: list[Mistake] = []
    dropping = False
    for statement in statements:
        _, mistake = _parse(statement.text, statement.line)
        if mistake:
            mistakes.append(mistake)
        if statement.is_header:
            dropping = mistake is not None
        if not mistake and not dropping:
            good.append(statement)
    return good, mistakes


def _drop_clashing(statements: list[Statement]) -> tuple[list[Statement], dict[str, Any], list[Mistake]]:
    """Return the statements that are TOML together (no key twice), what they say, and what is wrong with the others."""
    mistakes: list[Mistake] = []
    while len(mistakes) < _MOST_MISTAKES:
        values, mistake = _parse(_joined(statements))
        if mistake is None:
            return statements, values, mistakes
        at = max((i for i, one in enumerate(statements) if one.line <= mistake.line), default=0)
        mistakes.append(mistake._replace(text=statements[at].text))
        end = at + 1
        while statements[at].is_header and end < len(statements) and not statements[end].is_header:
            end += 1
        statements = statements[:at] + statements[end:]
    return [], {}, mistakes


def _joined(statements: Sequence[Statement]) -> str:
    """Return the statements as one text, each on the line it came from."""
    text, line = "", 1
    for statement in statements:
        text += "\n" * (statement.line - line) + statement.text
        line = statement.line + statement.text.count("\n")
    return text


def _locate(statements: Sequence[Statement]) -> dict[Path, int]:
    """Return the line of every table and key."""
    lines: dict[Path, int] = {}
    last: dict[Path, int] = {}  # of each array of tables, the index that the current header made
    table: Path = ()
    for statement in statements:
        values, mistake = _parse(statement.text)
        if mistake:
            continue
        if statement.is_header:
            table = _table(values, last)
            lines.setdefault(table[:-1] if isinstance(table[-1], int) else table, statement.line)
            lines.setdefault(table, statement.line)
        else:
            for path in _paths(values):
                lines.setdefault(table + path, statement.line)
    return lines


def _table(header: dict[str, Any], last: dict[Path, int]) -> Path:
    """Return the path that a header means, with the indexes in arrays of tables; counts those in *last*."""
    path: Path = ()
    inner: Any = header
    while isinstance(inner, dict) and inner:
        if path in last:
            path += (last[path],)
        name, inner = next(iter(inner.items()))
        path += (name,)
    if isinstance(inner, list):  # [[name]]
        last[path] = last.get(path, -1) + 1
        path += (last[path],)
    elif path in last:  # [name] after [[name]]: TOML forbids it
        path += (last[path],)
    return path


def _paths(values: dict[str, Any]) -> Iterator[Path]:
    for name, value in values.items():
        yield (name,)
        if isinstance(value, dict):
            for path in _paths(value):
                yield (name, *path)
