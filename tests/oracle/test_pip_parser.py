"""Our reading of pip's command line against the parsers of the pip that the tests' Python has."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipshunt.command import RERUN, Command, PipFacts, pip_version, read_command
from pipshunt.pip_options import GENERAL, INSTALL, UNINSTALL


class RealPip:
    """A process that parses with pip's own code."""

    def __init__(self, folder: Path) -> None:
        helper = [os.path.realpath(sys.executable), os.path.join(os.path.dirname(__file__), "pip_parser.py")]
        self.process = subprocess.Popen(helper, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdin
        assert self.process.stdout
        self.asked, self.answered = self.process.stdin, self.process.stdout
        self.version = self.answered.readline().strip()
        self.folder = folder

    def parse(self, args: list[str], env: dict[str, str]) -> dict[str, Any]:
        print(json.dumps({"args": args, "env": env}), file=self.asked, flush=True)
        answer: dict[str, Any] = json.loads(self.answered.readline())
        return answer

    def close(self) -> None:
        self.asked.close()
        self.process.wait()
        self.answered.close()


@pytest.fixture(scope="module")
def real_pip(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealPip]:
    pip = RealPip(tmp_path_factory.mktemp("real"))
    if not pip.version:
        pip.close()
        pytest.skip("this Python has no pip, nor one bundled for ensurepip")
    yield pip
    pip.close()


# --no-use-pep517 asks whether setuptools can be imported, which a parser of words cannot know
ROWS = [row for row in GENERAL + INSTALL + UNINSTALL if row[0] != "--no-use-pep517"]
LASTING = [row for row in ROWS if not row[3] and not row[4] and row[1] != "help"]
LONG = sorted({flag for row in ROWS for flag in row[0].split() if flag[1] == "-"})
OFTEN = [
    "--target",
    "--root",
    "--prefix",
    "--dry-run",
    "--report",
    "--user",
    "--break-system-packages",
    "--requirement",
]
FITTING = {"int": "7", "float": "0.5", "python-version": "3.9", "config-settings": "a=b", "uploaded-prior-to": "P3D"}
YES_OR_NO = ["1", "0", "yes", "oFf"]
VALUES = ["", "1", "x", "no", "a=b", "3.9", "s", "on", "-x", "maybe", "warn", "install", "/t", "2 s"]
FLAG = st.one_of(st.sampled_from(LONG), st.sampled_from(OFTEN))


def fitting(row: tuple[str, str, str, tuple[int, ...], tuple[int, ...]], yes: str = "") -> str:
    """A value that this option takes, or for a flag the one that is to say whether it is on."""
    if row[1] not in ("store", "append", "call"):
        return yes
    kind, _, choices = row[2].partition(" ")
    return choices.split()[-1] if choices else FITTING.get(kind, "x")


def well_formed(row: tuple[str, str, str, tuple[int, ...], tuple[int, ...]], apart: bool) -> list[str]:
    """An option as people give it."""
    flag, value = row[0].split()[0], fitting(row)
    if not value:
        return [flag]
    return [flag, value] if apart else [f"{flag}={value}"]


ODD = st.one_of(
    FLAG,
    st.builds(lambda flag, cut: flag[: len(flag) - cut], FLAG, st.integers(0, 6)),
    st.builds("{}={}".format, FLAG, st.sampled_from(VALUES)),
    st.builds(lambda letters: f"-{letters}", st.text("UIqvtriefcyhVC=x", min_size=1, max_size=4)),
    st.sampled_from([*VALUES, "--", "-", "uninstall", "-x", "--isolated", "--version", "\udce9"]),
).map(lambda word: [word])
ORDINARY = st.one_of(
    st.builds(well_formed, st.sampled_from(LASTING), st.booleans()),
    st.sampled_from([["x"], ["-Uq"], ["-t", "d"], ["-rf"], ["--isolated"], ["--break"], ["--"], ["--no-user"]]),
)
# seven ordinary words to an odd one: most odd ones end pip at once
WORD = st.integers(0, 7).flatmap(lambda chance: ODD if chance == 5 else ORDINARY)
WORDS = st.lists(WORD, max_size=4).map(lambda lists: [word for words in lists for word in words])
GENERALS = st.builds(well_formed, st.sampled_from([row for row in LASTING if row in GENERAL]), st.booleans())
BEFORE = st.integers(0, 11).flatmap(lambda chance: ODD if chance == 5 else GENERALS if chance > 5 else st.just([]))
VERB = st.sampled_from(["install"] * 9 + ["uninstall"] * 3 + ["list", "instal"])
GOOD = st.builds(
    lambda row, yes: (row[0].split()[0][2:], fitting(row, yes)), st.sampled_from(LASTING), st.sampled_from(YES_OR_NO)
)
STRANGE = st.tuples(FLAG.map(lambda flag: flag[2:]), st.sampled_from(VALUES))
SETTING = st.integers(0, 7).flatmap(lambda chance: STRANGE if chance == 5 else GOOD)
VARIABLES = st.lists(
    SETTING.map(lambda setting: (f"PIP_{setting[0].replace('-', '_').upper()}", setting[1])), max_size=2
).map(dict)
CONF = st.dictionaries(
    st.sampled_from(["global", "install", "DEFAULT", ":env:", "uninstall"]),
    st.lists(SETTING, max_size=2, unique_by=lambda setting: setting[0]),
    max_size=2,
).map(
    lambda sections: "\n".join(
        line for name, lines in sections.items() for line in (f"[{name}]", *map(" = ".join, lines))
    )
)
LATER = ("names no requirement", "only pip can tell ", "cannot open ", "--require-virtualenv ")
LATER_TOO = ("usage error: --user and --target",)


@given(before=BEFORE, verb=VERB, after=WORDS, variables=VARIABLES, conf=CONF)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_parses_as_the_real_pip_does(
    real_pip: RealPip, before: list[str], verb: str, after: list[str], variables: dict[str, str], conf: str
) -> None:
    args = [*before, verb, *after]
    file = real_pip.folder / "pip.conf"
    file.write_text(conf)
    env = {"HOME": str(real_pip.folder), "PIP_CONFIG_FILE": str(file), RERUN: "1", **variables}
    theirs = real_pip.parse(args, env)
    pip = PipFacts(pip_version(f'__version__ = "{real_pip.version}"'), sys.prefix, in_environment=False)
    mine = read_command(args, env, os.getcwd(), pip)
    if not theirs:
        assert mine.ends_early
        return
    assert mine.ends_early == "" or mine.ends_early.startswith(LATER + LATER_TOO)
    assert mine.verb == theirs["verb"]
    if "words" in theirs:
        assert list(mine.requirements) == theirs["words"]
        assert_same_options(mine, theirs["options"])


def assert_same_options(mine: Command, theirs: dict[str, Any]) -> None:
    """Compare what pip goes by: values, lists and flags."""
    single = {"target": "target_dir", "root": "root_path", "prefix": "prefix_path", "report": "json_report_file"}
    several = {"requirement": "requirements", "editable": "editables", "constraint": "constraints"}
    flags = {"dry-run": "dry_run", "user": "use_user_site", "break-system-packages": "override_externally_managed"}
    more = {"require-virtualenv": "require_venv", "isolated": "isolated_mode", "quiet": "quiet", "upgrade": "upgrade"}
    for name, dest in single.items():
        assert mine.value(name) == theirs.get(dest), name
    for name, dest in several.items():
        assert list(mine.values(name)) == theirs.get(dest, []), name
    for name, dest in (flags | more).items():
        assert mine.flag(name) is bool(theirs.get(dest)), name
    assert mine.flag("no-build-isolation") is not theirs.get("build_isolation", True)
    assert mine.flag("no-compile") is not theirs.get("compile", True)
