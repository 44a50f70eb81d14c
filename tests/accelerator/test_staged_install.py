"""What uv in pip's place leaves and says is what real pip leaves and says: every file, every line."""

from pathlib import Path

import pytest
from fast import Place, told

Steps = tuple[tuple[str, ...], ...]
BY_DEFAULT = ("with an extra", "a pre-release that a dependency names", "an upgrade", "some there already")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(tmp_path_factory.mktemp("staged"))
    place.wheel("lib-one", "1.0")
    place.wheel("lib-one", "2.0")
    place.wheel("app-two", "1.0", requires=("Lib_One>=1",), scripts={"apptwo": "app_two:main"})
    place.wheel("app-two", "1.1", requires=("Lib_One>=2",), scripts={"apptwo": "app_two:main"})
    web = (
        "Jinja-Like>=2",
        "Work.Zeug (>=1)",
        'it-s; python_version>"3"',
        'Sock; extra=="socks"',
        'old; python_version<"3"',
    )
    place.wheel("Web", "3.0", requires=web, headers=("Requires-Python: >=3.8", "Provides-Extra: socks"))
    place.wheel("jinja-like", "2.5", requires=("Mark-Safe>=0.1",), headers=("Requires-Python: >=3.7",))
    place.wheel("mark-safe", "1.1", headers=("Requires-Python: >=2.7, !=3.0.*, !=3.1.*",))
    place.wheel("work-zeug", "1.2", requires=("mark-safe<2",))
    place.wheel("it-s", "0.1")
    place.wheel("sock", "1.0")
    place.wheel("cyc-a", "1", requires=("cyc-b",))
    place.wheel("cyc-b", "1", requires=("cyc-a", "lib-one"))
    place.wheel("pre", "1.0")
    place.wheel("pre", "2.0b1")
    place.wheel("wants-pre", "1", requires=("pre>=1.0a1",))
    place.wheel("ns-a", "1", contents={"ns/a/__init__.py": "", "ns/a/data/deep/t.txt": "x"})
    place.wheel("ns-a", "2", contents={"ns/a2/__init__.py": ""})
    place.wheel("ns-b", "1", contents={"ns/b/__init__.py": ""})
    place.wheel("pkg", "1", contents={"pkg/__init__.py": "", "pkg/old.py": "", "pkg/data/sub/z.txt": ""})
    place.wheel("pkg", "2", contents={"pkg/__init__.py": "y = 1\n", "pkg/bad.py": "def (\n"})
    (place.root / "reqs.txt").write_text("# what we need\nWeb\nlib_one>=1  # any\n")
    (place.root / "cons.txt").write_text("lib-one<2\n")
    return place


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param((("app-two",),), id="with a dependency"),
        pytest.param((("web[socks]",),), id="with an extra"),
        pytest.param((("cyc-b", "web"),), id="in a circle"),
        pytest.param((("App_Two==1.0", "jinja.like"),), id="as written by who asks"),
        pytest.param((("wants-pre",),), id="a pre-release that a dependency names"),
        pytest.param((("ns-a==1", "ns-b"), ("-U", "ns-a")), id="a namespace that two share"),
        pytest.param((("pkg==1",), ("-U", "pkg")), id="files that go"),
        pytest.param((("lib-one==1.0",), ("app-two",)), id="a dependency replaced"),
        pytest.param((("app-two==1.0", "lib-one==1.0"), ("-U", "app-two")), id="an upgrade"),
        pytest.param((("app-two",), ("--force-reinstall", "app-two")), id="again by force"),
        pytest.param((("--no-compile", "--no-deps", "app-two"),), id="neither compiled nor with dependencies"),
        pytest.param((("-r", "reqs.txt"),), id="a requirements file"),
        pytest.param((("lib-one==2.0",), ("-c", "cons.txt", "app-two==1.0")), id="within constraints"),
        pytest.param((("app-two",), ("app-two",)), id="there already"),
        pytest.param((("web[socks]",), ("-r", "reqs.txt")), id="some there already"),
        pytest.param((("-r", "reqs.txt"), ("-r", "reqs.txt")), id="a file that is satisfied"),
        pytest.param((("Web",), ("work_zeug", "it-s==0.1", "web")), id="there already as dependencies"),
        pytest.param((("-q", "web"),), id="quietly"),
    ],
)
def test_uv_does_and_says_what_pip_does(place: Place, uv: Path, steps: Steps, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.id not in BY_DEFAULT and not request.config.getoption("--full"):
        pytest.skip("with --full only")
    place.create()
    for words in steps[:-1]:
        assert place.run_pip(*words).returncode == 0
    real = place.run_pip(*steps[-1])
    expected = place.tree()
    place.create()
    for words in steps[:-1]:
        place.run_pip(*words)
    ours = place.run_fast(uv, *steps[-1])
    assert (ours.returncode, ours.stderr) == (real.returncode, "")
    assert told(ours.stdout) == told(real.stdout)
    assert place.tree() == expected


def test_a_folder_is_built_and_recorded_as_by_pip(place: Place, uv: Path, request: pytest.FixtureRequest) -> None:
    project = place.root / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "My.Project"\nversion = "1.0"\ndependencies = ["lib_one"]\n'
    )
    (project / "backend.py").write_text(BACKEND)
    forms: Steps = (("-e", "./project"), ("./project",), ("-e", "./project", "web"))
    for words in forms if request.config.getoption("--full") else forms[:1]:
        place.create()
        real = place.run_pip(*words)
        expected = place.tree()
        place.create()
        ours = place.run_fast(uv, *words)
        assert (ours.returncode, ours.stderr) == (0, "")
        assert told(ours.stdout) == told(real.stdout)
        assert place.tree() == expected


BACKEND = """
import os, zipfile
INFO = "my_project-1.0.dist-info"
def write(folder, files):
    name = "my_project-1.0-py3-none-any.whl"
    files[INFO + "/METADATA"] = "Metadata-Version: 2.1\\nName: My.Project\\nVersion: 1.0\\nRequires-Dist: lib_one\\n"
    files[INFO + "/WHEEL"] = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(INFO + "/RECORD", "".join(f"{file},,\\n" for file in [*files, INFO + "/RECORD"]))
    return name
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return write(folder, {"my_project.py": "x = 1\\n"})
def build_editable(folder, config_settings=None, metadata_directory=None):
    return write(folder, {"__editable__.my_project.pth": os.getcwd() + "\\n"})
"""
