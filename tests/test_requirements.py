import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pipshunt.requirements import normalised, package_names, requirement_name

ARCHIVES = (
    *(".whl", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz"),
    *(".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"),
)


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        pytest.param("flask", "flask", id="bare name"),
        pytest.param("  Flask  ", "flask", id="space around"),
        pytest.param("Zope.Interface", "zope-interface", id="normalised"),
        pytest.param("flask[async]>=2 ; python_version > '3'", "flask", id="extras, version, marker"),
        pytest.param("flask (>=2)", "flask", id="version in parentheses"),
        pytest.param("flask~=2.0,!=2.1", "flask", id="two specifiers"),
        pytest.param("flask ;python_version>'3'", "flask", id="marker"),
        pytest.param("torch @ https://h/x.zip", "torch", id="direct reference"),
        pytest.param("torch@git+https://h/x", "torch", id="direct reference without spaces"),
        pytest.param("torch[cpu] @ https://h/x.zip", "torch", id="direct reference with extras"),
        pytest.param("git+https://h/x@main#egg=torch", "torch", id="egg"),
        pytest.param("git+ssh://git@h/x#subdirectory=a&egg=Torch_x[cpu]", "torch-x", id="egg with extras"),
        pytest.param("git+https://h/flask-1.0.zip", "", id="a repository that looks like an archive"),
        pytest.param("https://h/torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl", "torch", id="wheel's URL"),
        pytest.param("https://h/t%6frch-2.0-py3-none-any.whl?x=1#sha256=0", "torch", id="escaped wheel's URL"),
        pytest.param("https://h/flask-2.0.tar.gz", "flask", id="sdist's URL"),
        pytest.param("https://h/x/archive/main.zip", "", id="archive without a name"),
        pytest.param("file:six-1.0-py2.py3-none-any.whl", "six", id="file URL without slashes"),
        pytest.param("./dist/my_pkg-1.0-1-py3-none-any.whl[extra]", "my-pkg", id="wheel's path"),
        pytest.param("/tmp/zope.interface-5.0.tar.gz", "zope-interface", id="sdist's path"),
        pytest.param("flask-2.0.tar.gz", "flask", id="sdist here"),
        pytest.param("odd.whl", "", id="no wheel's name"),
        pytest.param(".", "", id="this folder"),
        pytest.param(".[dev]", "", id="this folder with extras"),
        pytest.param("./flask", "", id="relative path"),
        pytest.param("sub/flask", "", id="path below"),
        pytest.param("", "", id="empty"),
        pytest.param("-x", "", id="not a name"),
        pytest.param("flask-", "", id="ends badly"),
        pytest.param("bad name!!", "bad", id="invalid, name first"),
        pytest.param("${PACKAGE}==1", "", id="from a variable"),
        pytest.param("flåsk", "", id="not ASCII"),
        pytest.param("\udcff", "", id="not UTF-8"),
    ],
)
def test_a_requirement_tells_its_name(requirement: str, name: str) -> None:
    assert requirement_name(requirement) == name


@given(st.text())
def test_names_are_normalised_as_packaging_does(name: str) -> None:
    assert normalised(name) == canonicalize_name(name)


NAMES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?", fullmatch=True)
EXTRAS = st.sampled_from(["", "[a]", " [a, b-c]"])
VERSIONS = st.sampled_from(["", ">=1", " ==1.0.*", " (>1,<2)", "~=1.4.2", "!= 3"])
MARKERS = st.sampled_from(["", "; python_version < '4'", " ;os_name=='posix' and extra == \"x\""])
SPACES = st.sampled_from(["", " ", "  "])


@given(SPACES, NAMES, EXTRAS, VERSIONS, MARKERS)
def test_any_pep_508_requirement_has_the_name_that_packaging_reads(
    space: str, name: str, extras: str, version: str, marker: str
) -> None:
    text = space + name + extras + version + marker
    if not name.lower().endswith(ARCHIVES) or version:
        assert requirement_name(text) == canonicalize_name(Requirement(text).name)


@given(
    NAMES, st.sampled_from([" @ ", "@", "[a] @ "]), st.sampled_from(["https://h/x.whl", "git+ssh://u@h/p", "file:///a"])
)
def test_any_direct_reference_has_the_name_that_packaging_reads(name: str, at: str, url: str) -> None:
    text = name + at + url
    assert requirement_name(text) == canonicalize_name(Requirement(text).name)


@given(st.text(alphabet="aB1._-[]@; <>=~!()/#+:'\"é", max_size=20))
def test_what_packaging_can_read_is_never_read_as_another_name(text: str) -> None:
    try:
        expected = canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        requirement_name(text)
        return
    assert requirement_name(text) in (expected, "")


def test_names_come_from_nested_files_once_each(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "requirements.txt").write_text(
        "# tools\n"
        "Flask>=2  # the web\n"
        "torch==2 \\\n   --hash=sha256:00\n"
        "-r sub/more.txt\n"
        "--index-url https://h/simple\n"
        "-c constraints.txt\n"
    )
    (tmp_path / "sub" / "more.txt").write_text('--requirement="last one.txt"\nflask\nuvicorn[standard]\n')
    (tmp_path / "sub" / "last one.txt").write_text("-e git+https://h/x#egg=edited\n--editable=git+https://h/y#egg=y\n")
    (tmp_path / "constraints.txt").write_text("never\n")
    names = package_names(["six"], ["requirements.txt"], str(tmp_path))
    assert names == ("six", "flask", "torch", "edited", "y", "uvicorn")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("-r other.txt", id="short"),
        pytest.param("-rother.txt", id="attached"),
        pytest.param("--requirement other.txt", id="long"),
        pytest.param("--requirement=other.txt", id="long with ="),
        pytest.param("--requirem other.txt", id="abbreviated"),
        pytest.param("--no-index -r other.txt", id="after another option"),
        pytest.param("  -r 'other.txt'  # why", id="quoted, with a comment"),
        pytest.param("-r \\\nother.txt", id="continued"),
    ],
)
def test_a_nested_file_is_found_in_every_spelling(tmp_path: Path, line: str) -> None:
    (tmp_path / "other.txt").write_text("six\n")
    (tmp_path / "r.txt").write_text(line)
    assert package_names([], ["r.txt"], str(tmp_path)) == ("six",)


def test_files_that_name_each_other_end(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\none\n")
    (tmp_path / "b.txt").write_text("-r a.txt\ntwo\n")
    assert package_names([], ["a.txt"], str(tmp_path)) == ("two", "one")


def test_nesting_ends_at_five_files(tmp_path: Path) -> None:
    for level in range(1, 8):
        (tmp_path / f"{level}.txt").write_text(f"level{level}\n-r {level + 1}.txt\n")
    names = package_names([], ["1.txt"], str(tmp_path))
    assert names == ("level1", "level2", "level3", "level4", "level5", "")


@pytest.mark.parametrize(
    ("requirements", "names"),
    [
        pytest.param(["flask", "."], ("flask", ""), id="beside a named one"),
        pytest.param(["."], (), id="alone"),
        pytest.param([], (), id="nothing at all"),
    ],
)
def test_what_has_no_name_is_told_by_an_empty_one(requirements: list[str], names: tuple[str, ...]) -> None:
    assert package_names(requirements, [], "/") == names


@pytest.mark.parametrize("file", ["missing.txt", ".", "https://h/r.txt", "bad\0name", "big.txt"])
def test_a_file_that_cannot_be_read_has_no_names(tmp_path: Path, file: str) -> None:
    (tmp_path / "big.txt").write_text("six\n" * (1 << 19))
    assert package_names([], [file], str(tmp_path)) == ()


def test_a_pipe_is_left_to_pip(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writing = os.open(tmp_path / "pipe", os.O_WRONLY)
    try:
        os.write(writing, b"six\n")
        assert package_names([], ["pipe"], str(tmp_path)) == ()
        assert os.read(reading, 10) == b"six\n"
    finally:
        os.close(reading)
        os.close(writing)


def test_who_waits_to_write_into_a_pipe_goes_on_waiting_for_pip(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["sh", "-c", f"echo six >{tmp_path}/pipe; echo written"], stdout=subprocess.PIPE) as writer:
        time.sleep(0.3)
        assert package_names([], ["pipe"], str(tmp_path)) == ()
        assert (tmp_path / "pipe").read_text() == "six\n"
        assert writer.communicate()[0] == b"written\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "r.txt").write_text("six\nflask\n", encoding=encoding)
    assert package_names([], ["r.txt"], str(tmp_path)) == ("six", "flask")


@given(st.binary(max_size=200))
def test_any_bytes_may_stand_in_a_file(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "r.txt"
    file.write_bytes(data)
    for name in package_names([], [str(file)], "/"):
        assert name == normalised(name)
