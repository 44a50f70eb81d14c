"""The requirements that pip and uv read alike."""

from pathlib import Path

import pytest

from pipshunt.accelerator.requirement_text import NoLikeness, Requirement, read_requirement

NEWEST = (26, 3)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("six", "six"),
        ("Zope.Interface", "zope-interface"),
        ("requests[socks, use_chardet_on_py3]", "requests"),
        ("six==1.16.0", "six"),
        ("six >= 1.0, < 2 , != 1.5", "six"),
        ("six~=1.4", "six"),
        ("six==1.16.*", "six"),
        ("six!=1.16.*", "six"),
        ("six==1.0+cpu.1", "six"),
        ("six>=1!2.0.post1", "six"),
        ('six; python_version < "3.8"', "six"),
        ("six>=1 ; sys_platform == 'linux' and (python_version >= \"3.8\" or os_name != 'nt')", "six"),
        ('six; python_version>="3"', "six"),
        ('six; python_full_version <= "3.11.2"', "six"),
    ],
)
def test_plain_requirements_are_read_alike(text: str, name: str) -> None:
    versions = "final" if any(operator in text.partition(";")[0] for operator in "<=>") else ""
    assert read_requirement(text, "/", NEWEST) == Requirement(text, name, versions)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-x",
        "_six",
        "six_",
        "six 1.0",
        "six=1.0",
        "six===1.0",
        "six====1.0",
        "six>=1.*",
        "six~=1",
        "six~=1.*",
        "six==1.0a1.*",
        "six>=1.0+cpu",
        "six==",
        "six==v1",
        "six==1.0-1",
        "six==1.0alpha1",
        "six==2004d",
        "six,>=1",
        "six>=1,",
        "six (>=1)",
        "six[]",
        "six[a",
        "six[a;b]",
        "s¡x",
        "six==1.٣",
        "six>=1\n",
        "requirements.txt",
        "pyproject.toml",
        "six-1.0-py3-none-any.whl",
        "six-1.0.tar.gz",
        "git+https://example.org/six",
        "https://example.org/six.zip",
        "six @ https://example.org/six.zip",
        "six@file:///six",
        "file:///six",
        "${SIX}",
        "./nowhere",
        "~/six",
        'six>=1.0a1; python_version < "3"',
        "six;",
        "six; python_version",
        'six; python_version < "3.8',
        'six; (python_version < "3.8"',
        'six; python_version < "3.8")',
        'six; python_version < "3.8" or',
        'six; python_version < "3.8" xor os_name == "nt"',
        'six; python_version ~= "3.8"',
        'six; python_version === "3.8"',
        'six; python_version in "3.8"',
        'six; python_version > "3"',
        'six; python_version == "3.8.*"',
        'six; python_version < "3.8.1"',
        'six; "3.8" > python_version',
        'six; sys_platform < "win32"',
        'six; platform_release >= "5"',
        'six; extra == "a"',
        'six; sys_platform == "${X}"',
    ],
)
def test_what_may_be_read_otherwise_is_pips(text: str, tmp_path: Path) -> None:
    if text.endswith("\n"):
        text += "x"
    with pytest.raises(NoLikeness):
        read_requirement(text, str(tmp_path), NEWEST)


@pytest.mark.parametrize(
    ("text", "newest", "older"),
    [
        ("six>=1.0a1", "pre", "pre"),
        ("six==1.0rc2", "pre", "pre"),
        ("six<=1.0.dev0", "pre", "pre"),
        ("six~=1.0b1.post2", "pre", "pre"),
        ("six<2,>=1.0b1", "pre", "pre"),
        ("six<3.0b1", "pre", "final"),
        ("six>1.0.dev0", "pre", "final"),
        ("six!=1.0a1", "final", "final"),
        ("six>=1.0.post1", "final", "final"),
    ],
)
def test_a_pre_release_is_named_as_this_pip_sees_it(text: str, newest: str, older: str) -> None:
    assert read_requirement(text, "/", NEWEST).versions == newest
    assert read_requirement(text, "/", (25, 0)).versions == newest
    assert read_requirement(text, "/", (24, 3)).versions == older


@pytest.mark.parametrize("text", [".", "./project", "../here/project", "./project[extra,more]", "project/"])
def test_a_projects_folder_is_read_alike(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    (folder / "project").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[build-system]\n")
    (folder / "project/pyproject.toml").write_text("[build-system]\n")
    assert read_requirement(text, str(folder), (23, 0)) == Requirement(text, "", "")


def test_a_project_that_says_nothing_of_its_build_is_built_otherwise_by_older_pips(tmp_path: Path) -> None:
    (tmp_path / "setup.py").write_text("")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    assert read_requirement(".", str(tmp_path), (25, 3)).text == "."
    with pytest.raises(NoLikeness, match="own setuptools"):
        read_requirement(".", str(tmp_path), (25, 2))


@pytest.mark.parametrize("text", ["./empty", "./one.whl", ". ; python_version > '3.1'", "./pro ject"])
def test_other_paths_are_pips(text: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "pro ject").mkdir()
    (tmp_path / "pro ject/setup.py").write_text("")
    (tmp_path / "one.whl").write_text("")
    with pytest.raises(NoLikeness):
        read_requirement(text, str(tmp_path), NEWEST)
