"""The counterpart of a pip install in uv: its words, and that real uv then installs what real pip does."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from machine import PROJECT as CHECKOUT
from machine import pip_folder
from wheels import build_wheel

from pipshunt.accelerator.counterpart import Counterpart, NoCounterpart, find_counterpart, find_system_counterpart
from pipshunt.accelerator.counterpart_options import PIP, RULES
from pipshunt.command import PipFacts, pip_version, read_command
from pipshunt.pip_options import INSTALL, table

QUIET = {"PIP_CONFIG_FILE": os.devnull}
ALWAYS = (
    *("--no-config", "--no-sources", "--link-mode", "copy", "--no-progress", "--no-python-downloads"),
    *("--index-strategy", "unsafe-best-match", "--compile-bytecode", "--refresh", "--prerelease", "if-necessary"),
)


def find(
    line: str, env: Mapping[str, str] | None = None, version: tuple[int, ...] = (26, 3), cwd: str = "/"
) -> Counterpart | NoCounterpart:
    env = {**QUIET, **(env or {})}
    command = read_command(shlex.split(line), env, cwd, PipFacts(version, "/nowhere", in_environment=True))
    return find_counterpart(command, env, cwd, "/nowhere/venv")


def words(line: str, env: Mapping[str, str] | None = None) -> list[str]:
    found = find(line, env)
    assert isinstance(found, Counterpart), found
    return [word for word in found.argv[4:] if word not in ALWAYS]


def test_a_plain_install_is_uvs_with_all_that_makes_it_pips() -> None:
    found = find("install six")
    assert isinstance(found, Counterpart)
    assert found.argv == ("pip", "install", "--python", "/nowhere/venv/bin/python", *ALWAYS, "--", "six")
    assert found.changes["UV_HTTP_TIMEOUT"] == "15"
    assert found.requested == ("six",)
    assert found.quiet == 0


@pytest.mark.parametrize(
    ("line", "env", "expected"),
    [
        ("install --no-dependencies six --no-deps", {}, ["--no-deps", "--", "six"]),
        ("install --no-build-isolation six", {}, ["--no-build-isolation", "--", "six"]),
        ("install six", {"PIP_NO_BUILD_ISOLATION": "0"}, ["--no-build-isolation", "--", "six"]),
        ("install six", {"PIP_NO_BUILD_ISOLATION": "1"}, ["--", "six"]),
        ("install --require-hashes six", {}, ["--require-hashes", "--", "six"]),
        ("install --no-require-hashes six", {}, ["--", "six"]),
        ("install -C a=b -C c=d six", {}, ["--config-settings-package", "six:a=b", "--config-settings-package", "six:c=d", "--", "six"]),
        ("install --cache-dir /x --src /y --exists-action w --root-user-action ignore six", {}, ["--", "six"]),
        ("--no-input --no-color --disable-pip-version-check install --progress-bar off six", {}, ["--", "six"]),
        ("install --use-pep517 --no-warn-script-location --no-warn-conflicts --no-user six", {}, ["--", "six"]),
        ("install six", {"PIP_DRY_RUN": "0", "PIP_USER": "no", "PIP_PREFER_BINARY": "false"}, ["--", "six"]),
        ("install --no-user six", {"PIP_USER": "1"}, ["--", "six"]),
    ],
)  # fmt: skip
def test_options_are_told_in_uvs_words(line: str, env: dict[str, str], expected: list[str]) -> None:
    assert words(line, env) == expected


@pytest.mark.parametrize(
    ("line", "env", "compiled"),
    [
        ("install six", {}, True),
        ("install --no-compile six", {}, False),
        ("install --no-compile --compile six", {}, True),
        ("install six", {"PIP_NO_COMPILE": "1"}, True),
        ("install six", {"PIP_NO_COMPILE": "0"}, False),
        ("install six", {"PIP_COMPILE": "0"}, False),
    ],
)
def test_pip_compiles_unless_told_not_to(line: str, env: dict[str, str], compiled: bool) -> None:
    found = find(line, env)
    assert isinstance(found, Counterpart)
    assert ("--compile-bytecode" in found.argv) is compiled


def test_without_a_cache_there_is_nothing_to_refresh() -> None:
    for line, env in (("install --no-cache-dir six", {}), ("install six", {"PIP_NO_CACHE_DIR": "0"})):
        found = find(line, env)
        assert isinstance(found, Counterpart)
        assert "--no-cache" in found.argv
        assert "--refresh" not in found.argv


def test_of_uvs_variables_only_those_stay_that_change_nothing() -> None:
    env = {
        "UV_INDEX": "x",
        "UV_PRERELEASE": "allow",
        "UV_CACHE_DIR": "/c",
        "UV_CONCURRENT_BUILDS": "1",
        "UV_HTTP_RETRIES": "9",
    }
    found = find("install six", env)
    assert isinstance(found, Counterpart)
    assert {name: value for name, value in found.changes.items() if name in env} == {
        "UV_INDEX": None,
        "UV_PRERELEASE": None,
        "UV_HTTP_RETRIES": "1",
    }


@pytest.mark.parametrize(
    ("line", "env", "quiet"),
    [
        ("install -qq six", {}, 2),
        ("-q install -qv six", {}, 1),
        ("install -v six -q", {}, 0),
        ("install -q six", {"PIP_QUIET": "2"}, 3),
        ("install six", {"PIP_QUIET": "yes"}, 1),
        ("install six", {"PIP_QUIET": "0"}, 0),
    ],
)
def test_quiet_and_verbose_are_weighed_up(line: str, env: dict[str, str], quiet: int) -> None:
    found = find(line, env)
    assert isinstance(found, Counterpart)
    assert found.quiet == quiet


VALUES = {
    "python-version": "3.9",
    "uploaded-prior-to": "P3D",
    "use-deprecated": "legacy-resolver",
    "progress-bar": "raw",
    "keyring-provider": "import",
}


@pytest.mark.parametrize("name", sorted(name for name in RULES if RULES[name] == PIP))
@pytest.mark.parametrize("configured", [False, True], ids=["command line", "configuration"])
def test_what_only_pip_has_is_pips_wherever_it_is_set(name: str, configured: bool) -> None:
    version = next(
        version for version in ((26, 3), (25, 2), (23, 0, 1)) if f"--{name}" in table("install", version).long
    )
    takes_value = table("install", version).long[f"--{name}"].action in ("store", "append", "call")
    variable = f"PIP_{name.upper().replace('-', '_')}"
    if configured and name != "no-use-pep517":
        found = find("install six", {variable: VALUES.get(name, "1")}, version)
    else:
        found = find(f"install --{name} {VALUES.get(name, 'x') if takes_value else ''} six", version=version)
    assert isinstance(found, NoCounterpart)
    assert f"--{name}" in found.reason
    assert (variable in found.reason) is (configured and name != "no-use-pep517")


@pytest.mark.parametrize(
    ("line", "env"),
    [
        pytest.param("install", {}, id="nothing asked for"),
        pytest.param("uninstall six", {}, id="no install"),
        pytest.param("download six", {}, id="another command"),
        pytest.param("install --help", {}, id="help"),
        pytest.param("install --nonsense six", {}, id="usage error"),
        pytest.param("--python /bin/sh install six", {}, id="another interpreter"),
        pytest.param("install -v six", {}, id="verbose"),
        pytest.param("install six", {"PIP_VERBOSE": "2"}, id="verbose by a variable"),
        pytest.param("install --progress-bar raw six", {}, id="raw progress"),
        pytest.param("install six", {"PYTHONPATH": "/x"}, id="PYTHONPATH"),
        pytest.param("install six", {"PYTHONHOME": "/x"}, id="PYTHONHOME"),
        pytest.param("install -C a=b -e .", {}, id="settings of a folder"),
        pytest.param("install --no-require-hashes --require-hashes six", {}, id="hashes and no hashes"),
        pytest.param("install 'six===1.0'", {}, id="a requirement"),
        pytest.param("install --only-binary a --no-binary b six", {}, id="a choice"),
        pytest.param("install -i http://example.org six", {}, id="an index"),
        pytest.param("install --retries -1 six", {}, id="a transport"),
    ],
)
def test_what_is_not_known_to_be_the_same_is_pips(line: str, env: dict[str, str]) -> None:
    found = find(line, env)
    assert isinstance(found, NoCounterpart)
    assert found.reason


def test_config_settings_went_to_all_builds_before_25_3() -> None:
    assert isinstance(find("install -C a=b six", version=(25, 2)), NoCounterpart)


def test_every_option_alone_is_decided_without_a_slip() -> None:
    for flags, action, check, *_ in INSTALL:
        value = check.split()[1] if check.startswith("choice") else "1"
        option = flags.split()[0] + (f"={value}" if action in ("store", "append", "call") else "")
        assert find(f"install {option} six")


def test_an_interpreter_is_aimed_at_and_its_marker_overridden_only_where_granted() -> None:
    command = read_command(["install", "six"], QUIET, "/", PipFacts((26, 3), "/nowhere", in_environment=False))
    for granted, into in (
        (True, ("--python", "/nowhere/bin/python3", "--break-system-packages")),
        (False, ("--python", "/nowhere/bin/python3")),
    ):
        found = find_system_counterpart(command, QUIET, "/", "/nowhere/bin/python3", break_system=granted)
        assert isinstance(found, Counterpart)
        assert found.argv == ("pip", "install", *into, *ALWAYS, "--", "six")
    user = read_command(["install", "--user", "six"], QUIET, "/", PipFacts((26, 3), "/nowhere", in_environment=False))
    assert isinstance(
        find_system_counterpart(user, QUIET, "/", "/nowhere/bin/python3", break_system=True), NoCounterpart
    )


def test_a_decision_takes_next_to_no_time() -> None:
    def timed() -> float:
        start = time.process_time()
        find("install -U --no-cache-dir 'requests[socks]>=2,<3' flask==3.0 django")
        return time.process_time() - start

    assert min(timed() for _ in range(20)) < 0.003


def test_a_decision_imports_nothing_that_takes_time() -> None:
    code = (
        "import sys, typing\nclass Any(typing.NamedTuple):\n    field: int\nbefore = set(sys.modules)\n"
        f"sys.path.insert(0, {str(CHECKOUT / 'src')!r})\n"
        "from pipshunt.command import PipFacts, read_command\n"
        "from pipshunt.accelerator.counterpart import find_counterpart\n"
        "env = {'PIP_CONFIG_FILE': '/dev/null'}\n"
        "command = read_command(['install', 'six>=1', '-c', '/dev/null'], env, '/', PipFacts((26, 3), '/x', True))\n"
        "find_counterpart(command, env, '/', '/nowhere')\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    argv = [os.path.realpath(sys.executable), "-I", "-S", "-B", "-c", code]
    imported = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in imported if name.partition(".")[0] != "pipshunt"] in ([], ["errno"])


# From here on real pip and real uv, each in a fresh environment, from the same indexes on disk.
BACKEND = """
import os, zipfile
def build(folder, module, text):
    wheel, info = "proj-1.0-py3-none-any.whl", "proj-1.0.dist-info"
    metadata = "Metadata-Version: 2.1\\nName: proj\\nVersion: 1.0\\nProvides-Extra: x\\nRequires-Dist: six\\nRequires-Dist: demo; extra == 'x'\\n"
    files = {module: text, info + "/METADATA": metadata,
             info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(info + "/RECORD", "".join(f"{name},,\\n" for name in [*files, info + "/RECORD"]))
    return wheel
def build_wheel(folder, config_settings=None, metadata_directory=None):
    return build(folder, "proj.py", repr(config_settings))
def build_editable(folder, config_settings=None, metadata_directory=None):
    return build(folder, "proj.pth", os.getcwd())
"""
PROJECT = {
    "proj/backend.py": BACKEND,
    "proj/pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
}
INDEXES = {
    "a": {"six": ["1.0", "2.0", "3.0a1"], "early": ["1.0a1", "1.0b2"], "both": ["1.0", "1.5"], "demo": ["1.0", "1.1"]},
    "b": {"both": ["1.0", "2.0"], "six": ["2.5"], "other": ["1.0"]},
    "c": {"both": ["3.0"]},
}
CLEAN = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **QUIET}


class Case(NamedTuple):
    line: str
    before: tuple[str, ...] = ()
    files: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    quick: bool = True  # runs without --full too


CASES = [
    Case("six==1.0 demo", quick=False),
    Case("six", before=("six==1.0",), quick=False),
    Case("-U top demo", before=("six==1.0", "top==1.0")),
    Case("-U --upgrade-strategy eager top", before=("six==1.0", "top==1.0"), quick=False),
    Case("--upgrade-strategy eager top", before=("six==1.0", "top==1.0"), quick=False),
    Case("--force-reinstall top", before=("six==1.0",), quick=False),
    Case("--no-deps -U top", before=("six==1.0", "top==1.0"), quick=False),
    Case("-U ./proj[x]", before=("six==1.0", "demo==1.0"), files=PROJECT),
    Case("-e ./proj both", files=PROJECT, quick=False),
    Case("-r sub/r.txt", files={**PROJECT, "sub/r.txt": "-e ./proj # here\nboth<1.2\n"}),
    Case("./proj -c c.txt", files={**PROJECT, "c.txt": "proj==2.0\n"}, quick=False),
    Case("'six>=3.0a1'"),
    Case("'six>2'", quick=False),
    Case("'six<3.0b1'", quick=False),
    Case("'six!=3.0a1'", quick=False),
    Case("early", quick=False),
    Case("--pre six", quick=False),
    Case("'six>2' demo", before=("six==3.0a1",), quick=False),
    Case("six -c c.txt", files={"c.txt": "six<3.0b2,>=3.0a0\n"}),
    Case("both --extra-index-url B --extra-index-url C"),
    Case("both other six --extra-index-url B", quick=False),
    Case("-r r.txt --extra-index-url C", files={"r.txt": "-i B\nboth\n"}),
    Case("-r r.txt", files={"r.txt": "-i B\n--extra-index-url A\nboth\nsix\n"}, quick=False),
    Case("-r r.txt", files={"r.txt": "-r sub/s.txt\n-c sub/c.txt\nboth\n", "sub/s.txt": "six<2\n", "sub/c.txt": "both<1.2\n"}),
    Case("-r r.txt", files={"r.txt": "six \\\n >=1.0, \\\n <2 # c\n${NAME}\n"}, env={"NAME": "both"}),
    Case("-r r.txt", files={"r.txt": "--pre\nsix\n"}, quick=False),
    Case("-r r.txt", files={"r.txt": "--no-index\n-f LINKS\nlinked\n"}, quick=False),
    Case("-f LINKS -f /missing linked demo", quick=False),
    Case("linked", env={"PIP_FIND_LINKS": "/missing LINKS"}, quick=False),
    Case("-r r.txt", files={"r.txt": "six==1.0 \\\n    --hash=HASH\n"}),
    Case("-r r.txt demo", files={"r.txt": "six==1.0 --hash=HASH\n"}, quick=False),
    Case("top", env={"PIP_CONSTRAINT": "c.txt"}, files={"c.txt": "-c d.txt\ntop==1.0\n", "d.txt": "six==1.0\n"}),
    Case("demo 'six; python_version < \"3\"'", quick=False),
    Case("demo 'six; python_version >= \"3.8\" and (os_name == \"nt\" or sys_platform != \"win32\")'", quick=False),
    Case("six", files={"uv.toml": '[pip]\nprerelease = "allow"\n'}, env={"UV_PRERELEASE": "allow", "UV_INDEX": "C"}),
    Case("--only-binary :all: demo", quick=False),
    Case("--no-binary six demo", quick=False),
    Case("six==1.0 six==2.0", quick=False),
    Case("nowhere", quick=False),
]  # fmt: skip


class Bench:
    """Two environments that are made alike, one for pip and one for uv."""

    def __init__(self, folder: Path, uv: Path) -> None:
        self.folder, self.uv = folder, uv
        for index, projects in INDEXES.items():
            for name, versions in projects.items():
                for version in versions:
                    build_wheel(folder / index / name, name, version)
        for version, requires in (("1.0", ("six",)), ("2.0", ("six>=1",))):
            build_wheel(folder / "a/top", "top", version, requires=requires)
        build_wheel(folder / "links", "linked", "1.0")
        build_wheel(folder / "links", "six", "0.5")
        for project in [*folder.glob("[abc]/*")]:
            links = "".join(f'<a href="{wheel.name}">{wheel.name}</a>' for wheel in sorted(project.glob("*.whl")))
            (project / "index.html").write_text(links)
        self.env = {**CLEAN, "HOME": str(folder / "home"), "PIP_INDEX_URL": f"file://{folder}/a"}
        argv: list[str | Path] = [
            uv,
            "venv",
            "-q",
            "--no-config",
            "--python",
            os.path.realpath(sys.executable),
            folder / "template",
        ]
        subprocess.run(argv, env=self.env, check=True)

    def fill(self, text: str) -> str:
        sums = subprocess.run(
            ["sha256sum", self.folder / "a/six/six-1.0-py3-none-any.whl"], capture_output=True, check=True
        )
        text = text.replace("HASH", "sha256:" + sums.stdout.split()[0].decode()).replace(
            "LINKS", str(self.folder / "links")
        )
        for letter in "ABC":
            text = text.replace(f" {letter}", f" file://{self.folder}/{letter.lower()}")
        return text

    def lay(self, case: Case, name: str) -> tuple[Path, Path]:
        """Lay the case's files, and an environment with what was there before; give both places."""
        project, environment = self.folder / name / "project", self.folder / name / "venv"
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.folder / "template", environment, symlinks=True)
        for file, text in {"x": "", **case.files}.items():
            (project / file).parent.mkdir(parents=True, exist_ok=True)
            (project / file).write_text(self.fill(text))
        if case.before:
            argv: list[str | Path] = [
                self.uv,
                "pip",
                "install",
                "-q",
                "--no-config",
                "--no-deps",
                "--prerelease",
                "allow",
            ]
            argv += ["--python", environment / "bin/python", "-i", f"file://{self.folder}/a", *case.before]
            subprocess.run(argv, env=self.env, check=True)
        return project, environment

    def outcome(self, case: Case, argv: list[str], env: dict[str, str], project: Path, environment: Path) -> object:
        done = subprocess.run(argv, cwd=project, env=env, capture_output=True, text=True, check=False)
        (packages,) = environment.glob("lib/python*/site-packages")
        names = sorted(path.name for path in packages.iterdir() if path.suffix in (".dist-info", ".py", ".pth"))
        return done.returncode == 0, [name for name in names if not name.startswith("_")]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, uv: Path) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), uv)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line} {dict(case.env) or ''}")
def test_real_uv_installs_what_real_pip_does(case: Case, bench: Bench, request: pytest.FixtureRequest) -> None:
    if not case.quick and not request.config.getoption("--full"):
        pytest.skip("with --full only")
    runner = os.path.join(pip_folder(), "pip/__pip-runner__.py")
    version = pip_version(Path(pip_folder(), "pip/__init__.py").read_text())
    env = {**bench.env, **{name: bench.fill(f" {value}").strip() for name, value in case.env.items()}}
    args = ["install", "--disable-pip-version-check", *shlex.split(bench.fill(case.line))]
    project, environment = bench.lay(case, "pip")
    expected = bench.outcome(case, [str(environment / "bin/python"), runner, *args], env, project, environment)

    project, environment = bench.lay(case, "uv")
    command = read_command(args, env, str(project), PipFacts(version, str(environment), in_environment=True))
    found = find_counterpart(command, env, str(project), str(environment))
    assert isinstance(found, Counterpart), found
    changed = {name: value for name, value in {**env, **found.changes}.items() if value is not None}
    assert bench.outcome(case, [str(bench.uv), *found.argv], changed, project, environment) == expected
