"""Requirements and constraints files, with pip's own reader as the oracle."""

import contextlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from machine import pip_folder

from pipshunt.accelerator.requirement_file import Line, read_constraint_file, read_requirement_file
from pipshunt.accelerator.requirement_text import NoLikeness

HASH = "sha256:" + "0" * 64
ENV = {"SIX": "six", "TOKEN": "t0ken", "EMPTY": "", "lower": "x"}


def read(folder: Path, content: str | bytes) -> list[Line]:
    (folder / "r.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_requirement_file("r.txt", ENV, str(folder))


def said(lines: list[Line]) -> list[tuple[str, str]]:
    return [(line.option, line.value) for line in lines]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("six\n\n  # all\nflask==2 # this\n", [("", "six"), ("", "flask==2")], id="comments"),
        pytest.param("a#b\n", [("", "a#b")], id="no comment"),
        pytest.param("six \\\n >=1, \\\n <2\n", [("", "six  >=1,  <2")], id="continued"),
        pytest.param("six \\\n# why\nflask\n", [("", "six"), ("", "flask")], id="a comment ends a continued line"),
        pytest.param("six \\", [("", "six")], id="continued to the end of the file"),
        pytest.param("six\r\nflask\rx", [("", "six"), ("", "flask"), ("", "x")], id="line ends"),
        pytest.param("${SIX}==1\n", [("", "six==1")], id="a variable"),
        pytest.param("${EMPTY}${lower}$SIX\n", [("", "${EMPTY}${lower}$SIX")], id="no variable"),
        pytest.param(
            "-i https://${TOKEN}@example.org/simple\n", [("index-url", "https://t0ken@example.org/simple")], id="token"
        ),
        pytest.param(
            "-e ./a\n--editable=b\n-ec\n", [("editable", "./a"), ("editable", "b"), ("editable", "c")], id="-e"
        ),
        pytest.param("--extra-index-url B -i A\n", [("index-url", "A"), ("extra-index-url", "B")], id="pip's order"),
        pytest.param(
            "--extra-index-url=B\n--trusted-host h\n", [("extra-index-url", "B"), ("trusted-host", "h")], id="2"
        ),
        pytest.param("--no-index\n-f links\n", [("no-index", ""), ("find-links", "links")], id="links"),
        pytest.param(
            "--no-binary a,b\n--only-binary :all:\n", [("no-binary", "a,b"), ("only-binary", ":all:")], id="bin"
        ),
        pytest.param("--pre\n--require-hashes\n", [("pre", ""), ("require-hashes", "")], id="flags"),
        pytest.param(b"\xef\xbb\xbfsix\n", [("", "six")], id="UTF-8 with a mark"),
        pytest.param("six\n".encode("utf-16"), [("", "six")], id="UTF-16 with a mark"),
        pytest.param("six  # caf\u00e9\n", [("", "six")], id="a comment in UTF-8"),
        pytest.param("", [], id="empty"),
    ],
)
def test_a_requirements_file_says(content: str | bytes, expected: list[tuple[str, str]], tmp_path: Path) -> None:
    assert said(read(tmp_path, content)) == expected


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("--prefer-binary\n", id="prefer binary"),
        pytest.param("--no-require-hashes\n", id="no require hashes"),
        pytest.param("--pypi-url https://example.org\n", id="pypi url"),
        pytest.param("--use-feature fast-deps\n", id="feature"),
        pytest.param("--all-releases six\n", id="all releases"),
        pytest.param("--only-final six\n", id="only final"),
        pytest.param("--upgrade\n", id="an option of the command line"),
        pytest.param("--index https://example.org\n", id="abbreviated: uv's --index is another"),
        pytest.param("-i\n", id="no value"),
        pytest.param("--pre=1\n", id="value of a flag"),
        pytest.param("six --pre\n", id="an option that pip ignores"),
        pytest.param("six --config-settings=a=b\n", id="config settings"),
        pytest.param("six --global-option=x\n", id="global option"),
        pytest.param("six --hash=md5:00\n", id="weak hash"),
        pytest.param("--hash=sha256:00\n", id="hash of nothing"),
        pytest.param("-i A -i B\n", id="twice on a line"),
        pytest.param("-e a -e b\n", id="two editables on a line"),
        pytest.param("-r a.txt --pre\n", id="a file and more on a line"),
        pytest.param("-e 'a b'\n", id="quotes"),
        pytest.param("-i A B\n", id="a word too many"),
        pytest.param("-r https://example.org/r.txt\n", id="remote"),
        pytest.param("-r file:///r.txt\n", id="a file's URL"),
        pytest.param("-r pylock.toml\n", id="lock file"),
        pytest.param("-r r.txt\n", id="itself"),
        pytest.param("-r missing.txt\n", id="missing"),
        pytest.param("s\u00edx\n", id="not ASCII"),
        pytest.param("six\x0cflask\n", id="form feed"),
        pytest.param("six\u2028flask\n", id="line separator"),
        pytest.param(b"six\0\n", id="null byte"),
        pytest.param(b"\xff\xd8\xff\xe0", id="binary"),
        pytest.param(b"six # caf\xe9\n", id="Latin-1"),
        pytest.param("# -*- coding: latin-1 -*-\nsix\n", id="names its encoding"),
        pytest.param("a\n" * 3000, id="too long"),
        pytest.param("#" * (1 << 20) + "\nsix\n", id="too large"),
    ],
)
def test_what_is_read_otherwise_is_pips(content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(NoLikeness):
        read(tmp_path, content)


def test_files_name_files_from_where_they_are_and_links_too(tmp_path: Path) -> None:
    (tmp_path / "sub/links").mkdir(parents=True)
    (tmp_path / "sub/s.txt").write_text("six\n-r t.txt\n-c c.txt\n-f links\n-f elsewhere\n-e ./x\n")
    (tmp_path / "sub/t.txt").write_text("flask\n")
    assert said(read(tmp_path, "-r sub/s.txt\n")) == [
        ("", "six"),
        ("", "flask"),
        ("constraint", "sub/c.txt"),
        ("find-links", str(tmp_path / "sub/links")),
        ("find-links", "elsewhere"),
        ("editable", "./x"),
    ]


@pytest.mark.parametrize("reader", [read_requirement_file, read_constraint_file])
def test_files_that_name_each_other_end(reader: "type(read_requirement_file)", tmp_path: Path) -> None:  # type: ignore[valid-type]
    option = "-r" if reader is read_requirement_file else "-c"
    (tmp_path / "a.txt").write_text(f"{option} b.txt\n")
    (tmp_path / "b.txt").write_text(f"{option} ./a.txt\n")
    with pytest.raises(NoLikeness, match="names itself"):
        reader("a.txt", {}, str(tmp_path))


def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "r.txt/x", "no\0name", "/dev/null", "/dev/stdin"):
        with pytest.raises(NoLikeness):
            read_requirement_file(name, {}, str(tmp_path))


@pytest.mark.parametrize(
    ("content", "alike"),
    [
        (f"six==1 --hash={HASH}\n", True),
        (f"six==1 \\\n    --hash={HASH} \\\n    --hash={HASH}\n", True),
        (f"six==1 ; python_version < '3.9' --hash={HASH} # via x\n", True),
        ("-i https://example.org/simple\n", True),
        ("--require-hashes\n", True),
        ("--pre\n", False),
        ("--trusted-host h\n", False),
        ("-f links\n", False),
        ("six \\\n ==1\n", False),
        ("${SIX}\n", False),
        ("-i A --extra-index-url B\n", False),
    ],
)
def test_what_uv_reads_alike_in_the_file_itself(content: str, alike: bool, tmp_path: Path) -> None:
    assert {line.alike for line in read(tmp_path, content)} == {alike}


def test_a_constraints_file_holds_plain_requirements(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("# all\nsix<2 # why\n-c sub/d.txt\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/d.txt").write_text("flask==2 ; python_version > '3.7'\n")
    lines = read_constraint_file("c.txt", {}, str(tmp_path))
    assert said(lines) == [("", "six<2"), ("", "flask==2 ; python_version > '3.7'")]
    assert lines[1].place == "sub/d.txt, line 1"


@pytest.mark.parametrize(
    "content",
    [
        "-r r.txt",
        "-e .",
        "-i A",
        "--pre",
        "six[x]==1",
        f"six==1 --hash={HASH}",
        "six \\\n==1",
        "${SIX}==1",
        "-c missing",
    ],
)
def test_a_constraints_file_with_anything_else_is_pips(content: str, tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text(content + "\n")
    (tmp_path / "r.txt").write_text("six\n")
    with pytest.raises(NoLikeness):
        read_constraint_file("c.txt", ENV, str(tmp_path))


@given(st.binary(max_size=200))
def test_no_file_brings_it_down(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    for reader in (read_requirement_file, read_constraint_file):
        (folder / "r.txt").write_bytes(content)
        with contextlib.suppress(NoLikeness):
            assert all(line.place.startswith("r.txt, line ") for line in reader("r.txt", ENV, str(folder)))


# pip's own reader, asked for many files at once: what each says, or that it is an error.
ORACLE = """
import json, os, sys
sys.path.insert(0, sys.argv[1])
from pip._internal.exceptions import PipError
from pip._internal.req.req_file import RequirementsFileParser, get_line_parser
parser = RequirementsFileParser(None, get_line_parser(None))
answers = []
for number in range(int(sys.argv[2])):
    path, lines = f"{number}.txt", []
    try:
        for line in parser.parse(path, False):
            opts = {name: value for name, value in vars(line.opts).items() if value}
            said = getattr(line, "requirement", None)
            lines.append([said, bool(said and line.is_editable), opts.get("index_url") or "",
                          opts.get("extra_index_urls") or [], opts.get("find_links") or [], bool(opts.get("no_index")),
                          bool(opts.get("pre")), opts.get("trusted_hosts") or [], opts.get("hashes") or {}])
    except (PipError, ValueError):
        lines = None
    answers.append(lines)
print(json.dumps(answers))
"""
PIECES = (
    *("six", "flask", "==1.0", ">=1,<2", " ", "  ", " \\\n", "\\\n", "\n", "\n", "\n", "#", " # x", "${SIX}", "$SIX"),
    *("-e", "./a", "-i", "--index-url", "=", "https://example.org/simple", "--extra-index-url", "--pre", "--no-index"),
    *(
        "-f",
        "links",
        "--find-links",
        "--trusted-host",
        "h",
        f"--hash={HASH}",
        "; os_name == 'nt'",
        "\t",
        '"',
        "'",
        "\r",
    ),
    *("[a]", "--", "-", "--requirement", "-r s.txt", "--extra", "--require-hashes", "\\", "--no-binary x"),
)


def test_pip_reads_in_a_file_what_we_read_in_it(tmp_path: Path) -> None:
    generator = random.Random(508)
    (tmp_path / "s.txt").write_text("nested\n-i B\n")
    paths = [f"{number}.txt" for number in range(2000)]
    for path in paths:
        text = "".join(generator.choice(PIECES) for _ in range(generator.randrange(1, 9)))
        (tmp_path / path).write_bytes(text.encode())
    argv = [os.path.realpath(sys.executable), "-I", "-c", ORACLE, pip_folder(), str(len(paths))]
    done = subprocess.run(argv, cwd=tmp_path, env=ENV, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read_by_both = 0
    for path, expected in zip(paths, json.loads(done.stdout), strict=True):
        try:
            lines = read_requirement_file(path, ENV, str(tmp_path))
        except NoLikeness:
            continue
        read_by_both += 1
        assert expected is not None, (tmp_path / path).read_text()
        assert _as_pip(lines) == [row for line in expected for row in _rows(*line)], (tmp_path / path).read_text()
    assert read_by_both > 500


def _as_pip(lines: list[Line]) -> list[tuple[object, ...]]:
    return [
        ("requirement", line.value, line.option == "editable", line.hashed)
        if line.option in ("", "editable")
        else (line.option, line.value)
        for line in lines
        if line.option not in ("require-hashes", "no-binary")
    ]


def _rows(
    requirement: str | None,
    editable: bool,
    index: str,
    extra: list[str],
    links: list[str],
    no_index: bool,
    pre: bool,
    trusted: list[str],
    hashes: dict[str, list[str]],
) -> list[tuple[object, ...]]:
    if requirement:
        return [("requirement", requirement.strip(), editable, bool(hashes))]
    rows: list[tuple[object, ...]] = [("index-url", index)] if index else []
    rows += [("extra-index-url", url) for url in extra]
    rows += [("find-links", link) for link in links] + ([("no-index", "")] if no_index else [])
    return rows + [("trusted-host", host) for host in trusted] + ([("pre", "")] if pre else [])
