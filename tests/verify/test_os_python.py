"""The OS's Python is as its packages brought it. Whole machines, on which it was changed, are in tests/roots."""

from pathlib import Path

from pipshunt.verify.os_python import check_records, python_places


def test_files_that_are_not_as_they_were_installed_are_findings(tmp_path: Path) -> None:
    info = tmp_path / "railcar-1.0.dist-info"
    info.mkdir()
    rows = [
        f"{name}.py,sha256=nia_NpkRxFwkPGhBR7I_yeHc_PJX0pmhxjIBam_NM_Q,6\n" for name in ("railcar", "tender", "gone")
    ]
    (info / "RECORD").write_text("".join([*rows, "railcar-1.0.dist-info/RECORD,,\n"]))
    for name in ("railcar", "tender", "gone"):
        (tmp_path / f"{name}.py").write_text("x = 1\n")
    (result,) = check_records(str(tmp_path))
    assert result.level == "ok"
    (tmp_path / "tender.py").write_text("x = 2\n")
    (tmp_path / "gone.py").unlink()
    assert [(result.level, result.message.replace(f"{tmp_path}/", "")) for result in check_records(str(tmp_path))] == [
        ("finding", "tender.py was changed since railcar-1.0.dist-info was installed"),
        ("finding", "gone.py is gone since railcar-1.0.dist-info was installed"),
    ]


def test_a_folder_without_records_says_nothing(tmp_path: Path) -> None:
    assert list(check_records(str(tmp_path))) == []
    assert list(check_records(str(tmp_path / "nowhere"))) == []


def test_many_changed_files_are_counted(tmp_path: Path) -> None:
    info = tmp_path / "railcar-1.0.dist-info"
    info.mkdir()
    rows = [f"m{number}.py,sha256=x,1\n" for number in range(14)]
    (info / "RECORD").write_text("".join([*rows, "odd.py,nosuchhash=1,1\n", "railcar-1.0.dist-info/RECORD,,\n"]))
    (tmp_path / "odd.py").touch()
    results = list(check_records(str(tmp_path)))
    assert len(results) == 11
    assert results[0].message == f"{tmp_path}/m0.py is gone since railcar-1.0.dist-info was installed"
    assert results[-1].message == f"4 more files in {tmp_path} were changed"


def test_the_places_of_the_oss_python_are_found(tmp_path: Path) -> None:
    for name in ("lib/python3.13", "lib64/python3.13", "lib/python3", "bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bin/python3.13").touch()
    (tmp_path / "bin/python3").symlink_to("python3.13")
    names = ["lib/python3", "lib/python3.13", "lib64/python3.13", "bin/python3", "bin/python3.13"]
    assert python_places(str(tmp_path)) == [f"{tmp_path}/{name}" for name in names]
    assert python_places(str(tmp_path / "nowhere")) == []
