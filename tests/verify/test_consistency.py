"""Whether what is installed fits together. The oracle is the environment's own `pip check`."""

import random
import re
import subprocess
from pathlib import Path

import pytest
from fast import Place
from machine import pip_folder

from pipshunt.verify.asked import ask_for
from pipshunt.verify.consistency import check_consistency
from pipshunt.verify.result import ASKED, FINDING, REQUIREMENTS
from pipshunt.verify.subject import examine, find_python
from verify.stage import VERSION, Stage, lines, well

NAMES = ("alpha", "Beta.one", "gamma_two", "delta", "epsilon")
VERSIONS = ("1.0", "1.5", "2.0rc1", "2.0", "2.0.post1", "3.0+local")
SPECIFIERS = ("", "==1.0", ">=1.5", "<2", "~=1.0", "!=2.0", "==2.*", ">=1,<3", "===1.0", ">2.0", "==3.0")
MARKERS = (
    *("", "", "", " ; python_version >= '3.8'", " ; python_version < '3'", " ; sys_platform == 'win32'"),
    *(" ; extra == 'more'", " ; extra == 'more' or sys_platform == 'linux'", " ; platform_system != 'Windows'"),
)
ODD = ("delta (>=1)", "zeta@file:///nowhere", "alpha @ https://example.org/alpha.zip ; python_version > '3'")


def _requirement(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return chance.choice(ODD)
    name = chance.choice((*NAMES, "zeta", "ALPHA", "beta-one"))
    extras = chance.choice(("", "", "", "[more]"))
    return f"{name}{extras}{chance.choice(SPECIFIERS)}{chance.choice(MARKERS)}"


def _lay_world(site: Path, chance: random.Random) -> None:
    """Describe some distributions that were installed; there need be nothing else of them."""
    for info in site.glob("*.dist-info"):
        if not info.name.startswith(("pip-", "setuptools-")):
            for file in info.iterdir():
                file.unlink()
            info.rmdir()
    for name in chance.sample(NAMES, chance.randint(1, len(NAMES))):
        version = chance.choice(VERSIONS)
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        requires = "".join(f"Requires-Dist: {_requirement(chance)}\n" for _ in range(chance.randint(0, 4)))
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}Provides-Extra: more\n"
        (info / "METADATA").write_text(head)
        tag = chance.choice(("py3-none-any", "py3-none-any", "py2-none-any", "cp37-cp37m-win_amd64"))
        (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")


def _said_by_pip(place: Place) -> set[tuple[str, str]]:
    """What `pip check` says, as (who, requires whom); "" for what is of itself alone."""
    argv = [str(place.environment / "bin/python"), "-m", "pip", "check"]
    done = subprocess.run(argv, env=place.env, capture_output=True, text=True, check=False)
    found = set()
    for line in (done.stdout + done.stderr).splitlines():
        if missing := re.fullmatch(r"(\S+) \S+ requires (\S+), which is not installed\.", line):
            found.add((missing[1], missing[2]))
        elif unfit := re.fullmatch(r"(\S+) \S+ has requirement (\S+?)\W.*, but you have (\S+) .*\.", line):
            found.add((unfit[1], unfit[3]))
        elif platform := re.fullmatch(r"(\S+) \S+ is not supported on this platform", line):
            found.add((platform[1], "platform"))
    return {(_plain(one), _plain(other)) for one, other in found}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_does_not_fit_is_what_pip_check_says(folder: Path, pytestconfig: pytest.Config) -> None:
    """Random worlds. Not compared are extras, Requires-Python, and requirements that pip cannot read."""
    place = Place(folder)
    place.create()
    place.env["PATH"] = f"{place.environment}/bin:/usr/bin:/bin"
    pip = (int(part) for part in re.findall(r"\d+", (Path(pip_folder()) / "pip/__init__.py").read_text())[:2])
    tells_platform = tuple(pip) >= (24, 1)
    found = find_python("", place.env, str(folder))
    for seed in range(200 if pytestconfig.getoption("--full") else 6):
        _lay_world(place.site, random.Random(seed))
        subject = examine(found, "", (), "", place.env, "/")
        problems = [one for one in subject.problems if one["kind"] != "extra" and "[" not in one["key"]]
        said = {(one["key"], one["other"]) for one in problems if one["other"]}
        if tells_platform:
            said |= {(one["key"], "platform") for one in problems if "platform" in one["message"]}
        assert said == _said_by_pip(place), f"world {seed}"


def test_what_fits_is_one_line(stage: Stage) -> None:
    stage.unpack("railcar", requires=("tender>=1", "coach; sys_platform == 'win32'", "sleeper; extra == 'night'"))
    stage.unpack("tender")
    report = stage.verify()
    assert lines(report, REQUIREMENTS) == []
    (result,) = [result for result in report.results if result.check == REQUIREMENTS]
    assert re.fullmatch(r"2 distributions fit together, by the rules of pip \S+", result.message)


@pytest.mark.parametrize(
    ("requires", "said"),
    [
        pytest.param("tender>=2", "railcar 1.0 requires tender>=2, and tender 1.0 is installed", id="version"),
        pytest.param("coach[red]>1", "railcar 1.0 requires coach[red]>1, which is not installed", id="missing"),
        pytest.param("tender >> 2", "railcar 1.0 has a requirement that cannot be read: tender >> 2", id="unreadable"),
    ],
)
def test_what_does_not_fit_is_a_finding(stage: Stage, requires: str, said: str) -> None:
    stage.unpack("railcar", requires=(requires,))
    stage.unpack("tender")
    assert lines(stage.verify(), REQUIREMENTS) == [f"finding: {said}"]


def test_another_python_or_platform_is_a_finding(stage: Stage) -> None:
    stage.unpack("railcar", headers=("Requires-Python: <3.11",))
    stage.unpack("tender", tag="cp37-cp37m-win_amd64")
    said = [line.replace("3.X", VERSION) for line in lines(stage.verify(), REQUIREMENTS)]
    assert said[0].startswith(f"finding: railcar 1.0 requires Python <3.11, and this is {VERSION}.")
    assert said[1] == "finding: tender 1.0 was built for another platform or Python (cp37-cp37m-win_amd64)"


def test_extras_that_are_asked_for_are_followed(stage: Stage) -> None:
    stage.unpack(
        "railcar",
        requires=('tender[Snack_Bar]; extra == "meals"', 'railcar[meals]; extra == "all"'),
        headers=("Provides-Extra: meals", "Provides-Extra: all"),
    )
    stage.unpack("tender", requires=('coffee>=2; extra == "snack-bar"',), headers=("Provides-Extra: snack-bar",))
    assert lines(stage.verify("railcar"), REQUIREMENTS) == []
    missing = "finding: tender[snack-bar] 1.0 requires coffee>=2, which is not installed"
    assert lines(stage.verify("railcar[meals]"), REQUIREMENTS) == [missing]
    assert lines(stage.verify("railcar[all]"), REQUIREMENTS) == [missing]
    assert lines(stage.verify("railcar[bar]"), REQUIREMENTS) == ["notice: railcar 1.0 has no extra bar"]


def test_what_does_not_fit_among_packages_of_the_os_is_a_notice(stage: Stage) -> None:
    system = stage.root / "system"
    stage.unpack("railcar", requires=("tender",))
    stage.unpack("engine")
    (stage.site / "system.pth").write_text(f"{system}\n")
    system.mkdir()
    for path in stage.site.glob("railcar*"):
        path.rename(system / path.name)
    assert lines(stage.verify(), REQUIREMENTS) == ["notice: railcar 1.0 requires tender, which is not installed"]
    stage.unpack("tender", "0.1")
    (system / "railcar-1.0.dist-info/METADATA").write_text("Name: railcar\nVersion: 1.0\nRequires-Dist: tender>1\n")
    said = "finding: railcar 1.0 requires tender>1, and tender 0.1 is installed"
    assert lines(stage.verify(), REQUIREMENTS) == [said]


def test_a_damaged_distribution_is_told(stage: Stage) -> None:
    stage.unpack("railcar")
    (stage.site / "tender-1.0.dist-info").mkdir()
    (said,) = lines(stage.verify(), REQUIREMENTS)
    assert said.endswith(
        "tender-1.0.dist-info describes no distribution: it is damaged, or left by an install that was cut short"
    )


def test_without_anything_that_reads_requirements_it_says_so(stage: Stage) -> None:
    stage.unpack("railcar", requires=("tender",))
    found = find_python("", stage.env, str(stage.cwd))
    subject = examine(found, "", [ask_for("railcar>=1", "x", "/")], "", stage.env, str(stage.neutral))
    assert [result.message for result in check_consistency(subject)] == [
        "not checked: neither pip nor packaging is here, which could read requirements"
    ]
    assert subject.asked == ({"key": "railcar", "applies": True, "fits": True},)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param("railcar>=1", [], id="there"),
        pytest.param("Rail_Car", ["finding: Rail_Car is not installed; asked for by the command line"], id="missing"),
        pytest.param(
            "railcar>=2",
            ["finding: railcar>=2 was asked for by the command line, and railcar 1.0 is installed"],
            id="version",
        ),
        pytest.param("nowhere; sys_platform == 'win32'", [], id="for another machine"),
        pytest.param("./sources", ["finding: ./sources is not installed; asked for by the command line"], id="folder"),
        pytest.param("./railcar-1.0-py3-none-any.whl", [], id="wheel"),
    ],
)
def test_what_was_asked_for_is_looked_for(stage: Stage, asked: str, said: list[str]) -> None:
    stage.unpack("railcar")
    assert lines(stage.verify(asked), ASKED) == said


def test_a_folder_is_known_by_where_it_was_installed_from(stage: Stage) -> None:
    info = stage.unpack("railcar", requires=('tender; extra == "more"',), headers=("Provides-Extra: more",))
    (info / "direct_url.json").write_text(f'{{"url": "file://{stage.cwd}/sources", "dir_info": {{"editable": true}}}}')
    (stage.cwd / "requirements.txt").write_text("-e ./sources[more]\n")
    report = stage.verify(files=("requirements.txt",))
    assert report.asked == (("railcar", "1.0"),)
    assert lines(report, ASKED) == []
    assert lines(report, REQUIREMENTS) == ["finding: railcar[more] 1.0 requires tender, which is not installed"]


def test_without_arguments_it_is_what_pip_was_asked_for(stage: Stage) -> None:
    stage.unpack("railcar", requires=("tender",))
    stage.unpack("tender", requested=False)
    stage.unpack("pip", "99.0")
    assert stage.verify().asked == (("railcar", "1.0"),)
    (stage.site / "railcar-1.0.dist-info/REQUESTED").unlink()
    assert stage.verify().asked == (("railcar", "1.0"), ("tender", "1.0"))


def test_where_nothing_is_installed_there_is_nothing_to_verify(stage: Stage) -> None:
    report = stage.verify()
    (result,) = [result for result in report.results if result.level == FINDING]
    assert result.message == (
        f"nothing was asked for in {stage.environment}, and nothing is installed there: there is nothing to verify"
    )


def test_a_file_that_cannot_be_read_within_another_is_a_finding(stage: Stage) -> None:
    stage.unpack("railcar")
    (stage.cwd / "requirements.txt").write_text("railcar\n-r more.txt\n")
    report = stage.verify(files=("requirements.txt",))
    said = "finding: requirements.txt names a file that cannot be read, so what that asks for is not known"
    assert lines(report, ASKED) == [said]
    assert well(report, ASKED) == ["railcar"]
