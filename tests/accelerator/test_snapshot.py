"""What is installed, read from its descriptions."""

from pathlib import Path

import pytest

from pipshunt.accelerator.snapshot import (
    Distribution,
    Project,
    Unclear,
    owned_files,
    project_lookup,
    read_project,
    read_record,
    take_snapshot,
)


def describe(site: Path, folder: str, metadata: str = "Name: x\nVersion: 1\n", record: str = "") -> Path:
    info = site / folder
    info.mkdir(parents=True)
    (info / "METADATA").write_text(metadata)
    (info / "RECORD").write_text(record)
    return info


def test_projects_are_known_by_their_normalised_names(tmp_path: Path) -> None:
    one = describe(tmp_path, "Some_Name-1.0+cpu.dist-info")
    (tmp_path / "old-1.0-py3.11.egg-info").write_text("")
    (tmp_path / "linked.egg-link").write_text("")
    (tmp_path / "module.py").write_text("")
    found = take_snapshot(str(tmp_path))
    assert found.distributions == {"some-name": Distribution("some-name", "1.0+cpu", str(one))}
    assert found.foreign == {"old", "linked"}


@pytest.mark.parametrize("folders", [("a-1.dist-info", "A-2.dist-info"), ("a.dist-info",)])
def test_what_only_pip_can_make_sense_of_is_unclear(tmp_path: Path, folders: tuple[str, ...]) -> None:
    for folder in folders:
        describe(tmp_path, folder)
    with pytest.raises(Unclear, match="damaged, or not the only one"):
        take_snapshot(str(tmp_path))


def test_one_without_metadata_is_unclear(tmp_path: Path) -> None:
    (describe(tmp_path, "a-1.dist-info") / "METADATA").unlink()
    with pytest.raises(Unclear):
        take_snapshot(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "project"),
    [
        pytest.param(
            "Metadata-Version: 2.1\nName: A.B\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: c (>=1)\n"
            'Requires-Dist: d; extra == "x"\n\nName: not a header\n',
            Project("A.B", "1.0", ">=3.8", ("c (>=1)", 'd; extra == "x"')),
            id="headers end at the empty line",
        ),
        pytest.param("Name: a\r\nVersion: 1\r\n\r\nName: b\r\n", Project("a", "1", "", ()), id="lines of DOS"),
        pytest.param("name: a\nVERSION: 1\nSummary: b\n  c\n", Project("a", "1", "", ()), id="case, and a folded line"),
        pytest.param("  odd\nName: \xe9\nVersion: 1", Project("\xe9", "1", "", ()), id="begins in the middle"),
    ],
)
def test_metadata_is_read(tmp_path: Path, text: str, project: Project) -> None:
    info = describe(tmp_path, "a-1.dist-info")
    (info / "METADATA").write_bytes(text.encode())
    assert read_project(str(info)) == project


@pytest.mark.parametrize("text", ["", "Name: a\n", "Version: 1\n", "\n\nName: a\nVersion: 1\n"])
def test_metadata_without_a_name_or_version_is_unclear(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unclear, match="names no project or no version"):
        read_project(str(describe(tmp_path, "a-1.dist-info", text)))


def test_a_project_is_read_once_and_when_asked_for(tmp_path: Path) -> None:
    info = describe(tmp_path, "x-1.dist-info")
    look_up = project_lookup(take_snapshot(str(tmp_path)))
    assert look_up("none") is None
    assert look_up("x") == Project("x", "1", "", ())
    (info / "METADATA").unlink()
    assert look_up("x") == Project("x", "1", "", ())


def test_a_record_is_read_by_its_rules(tmp_path: Path) -> None:
    info = describe(tmp_path, "a-1.dist-info", record='a.py,sha256=x,1\r\n"b,c.py",,\n')
    assert read_record(str(info)) == [["a.py", "sha256=x", "1"], ["b,c.py", "", ""]]


@pytest.mark.parametrize("record", [b"a.py\n", b"\xff\xfe,,\n", b"a,b,c,d\n"])
def test_a_record_that_is_none_is_unclear(tmp_path: Path, record: bytes) -> None:
    info = describe(tmp_path, "a-1.dist-info")
    (info / "RECORD").write_bytes(record)
    with pytest.raises(Unclear):
        read_record(str(info))


def test_owned_is_what_is_there_and_within_the_environment(tmp_path: Path) -> None:
    site = tmp_path / "env/lib/python3.11/site-packages"
    record = "a.py,,\ngone.py,,\n../../../bin/a,,\n../../../../outside,,\n/etc/hosts,,\n"
    info = describe(site, "a-1.dist-info", record=record)
    for path in ("a.py", "__pycache__/a.cpython-311.pyc", "__pycache__/a.cpython-39.pyc", "../../../bin/a"):
        (site / path).parent.mkdir(exist_ok=True)
        (site / path).write_text("")
    (tmp_path / "outside").write_text("")
    owned = owned_files(Distribution("a", "1", str(info)), str(tmp_path / "env"), "cpython-311")
    assert owned == [
        str(site / "a.py"),
        str(site / "__pycache__/a.cpython-311.pyc"),
        str(tmp_path / "env/bin/a"),
    ]
