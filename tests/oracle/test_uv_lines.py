"""Generated command lines of `uv pip`: pipshunt refuses, told so by a policy, exactly what the real uv would refuse.

Through the shim and the engine, so that what the shim passes by itself is held to the same.
"""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from machine import Machine

LINES, FULL, SEED = 24, 400, 668
BEFORE = ("", "", "", "-q", "-n", "--no-config", "--color never", "--directory {elsewhere}", "--project {elsewhere}")
CHOICES = (
    *("", "", "", "--system", "--system", "--no-system", "--system --no-system", "-p {python}", "--python={python}"),
    *("-p{version}", "-nqp {version}", "--python {version} --system", "-p {venv}", "--python {venv}/bin/python"),
    *("--system -p python3", "-p /nowhere", "--python=python3", "-p {other}"),
)
OTHERS = (
    *("", "", "", "", "--break-system-packages", "--no-break-system-packages", "--target t", "-tt", "--prefix p"),
    *("--dry-run", "-v", "-qq", "--no-config", "--config-file {settings}", "--user", "--help", "--sys", "--no-index"),
    *("--break-system-packages --no-break-system-packages", "--strict", "--target=", "-U", "-Uq"),
)
VERBS = ("install", "install", "install", "uninstall", "sync")
WORDS = ("nope", "nope nope2", "-r names.txt", "-r none.txt", "-- nope", "bad!!name", "", "-e .")
ENVIRONMENTS: tuple[dict[str, str], ...] = (
    *({}, {}, {}, {"VIRTUAL_ENV": "{venv}"}, {"VIRTUAL_ENV": "/usr"}, {"VIRTUAL_ENV": "/nowhere"}, {"VIRTUAL_ENV": ""}),
    *({"UV_SYSTEM_PYTHON": value} for value in ("1", "true", "0", "", "junk")),
    *({"UV_PYTHON": value} for value in ("{python}", "{version}", "{venv}", "")),
    *({"UV_BREAK_SYSTEM_PACKAGES": value, "UV_SYSTEM_PYTHON": "1"} for value in ("1", "false", "", "junk")),
    {"CONDA_PREFIX": "{prefix}"},
    {"UV_NO_CONFIG": "1"},
    {"UV_CONFIG_FILE": "{settings}"},
    {"VIRTUAL_ENV": "{venv}", "UV_SYSTEM_PYTHON": "true"},
)
SETTINGS = (
    *("", "", "", "uv.toml [pip]\nsystem = true\n", 'uv.toml [pip]\ntarget = "t"\n', "uv.toml junk"),
    *("uv.toml [pip]\nsystem = true\nbreak-system-packages = true\n", 'uv.toml [pip]\npython = "{python}"\n'),
    "pyproject.toml [project]\nname = 'x'\nversion = '1'\n[tool.uv.pip]\nsystem = true\n",
)
FOLDERS = ("bare", "bare", "made", "made/src")


class UvOracle:
    """A machine on which the policy refuses what uv would refuse, so that it can be seen."""

    def __init__(self, root: Path, uv: Path) -> None:
        self.machine = Machine(root)
        machine = self.machine
        self.uv = machine.root / "opt/uv"
        self.uv.parent.mkdir()
        self.uv.symlink_to(uv)
        (machine.shims / "uv").symlink_to("pipshunt-shim")
        policy = machine.home / ".config/pipshunt/policy.toml"
        policy.parent.mkdir(parents=True)
        policy.write_text('action = "refuse"\n')
        (machine.home / "settings.toml").write_text("[pip]\nsystem = true\n")
        for name in (*FOLDERS, "elsewhere"):
            (machine.home / name).mkdir(exist_ok=True)
            (machine.home / name / "names.txt").write_text("nope\n")
        machine.give(machine.home)
        for path in ("venv", "made/.venv"):
            assert (
                machine.run(str(machine.python), "-I", "-m", "venv", "--without-pip", str(machine.home / path)).status
                == 0
            )
        self.names = {
            "python": str(machine.python),
            "version": machine.version,
            "other": "3.1",
            "venv": str(machine.home / "venv"),
            "prefix": str(machine.root / "usr"),
            "elsewhere": str(machine.home / "elsewhere"),
            "settings": str(machine.home / "settings.toml"),
        }

    def differs(self, chance: random.Random) -> str:
        """Compare one line; return it where uv and pipshunt are not of one mind, else ""."""
        verb = chance.choice(VERBS)
        parts = [
            chance.choice(BEFORE),
            "pip",
            verb,
            chance.choice(CHOICES),
            chance.choice(OTHERS),
            chance.choice(WORDS),
        ]
        line = " ".join(parts).format_map(self.names)
        if verb == "sync":
            line = line.replace("nope", "names.txt")
        variables = {name: value.format_map(self.names) for name, value in chance.choice(ENVIRONMENTS).items()}
        cwd = self.machine.home / chance.choice(FOLDERS)
        file, _, text = chance.choice(SETTINGS).format_map(self.names).partition(" ")
        env = {"UV_NO_INDEX": "1", "UV_OFFLINE": "1", "UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1"}
        env["PATH"] = f"{self.machine.shims}:{self.uv.parent}:{self.machine.bin}:/usr/bin:/bin"
        env = self.machine.env(**{**env, **variables})
        if file:
            (cwd / file).write_text(text)
        words = line.split()
        try:
            # uv refuses in silence when it is told to be quiet twice.
            heard = [{"-nqp": "-np", "-Uq": "-U"}.get(word, word) for word in words if word not in ("-q", "-qq")]
            real = self.machine.run(str(self.uv), *heard, cwd=cwd, env=env)
            ours = self.machine.run("uv", *words, cwd=cwd, env=env)
        finally:
            if file:
                (cwd / file).unlink()
        managed = real.status == 2 and "is externally managed" in real.err
        missing = real.status == 2 and "No virtual environment found" in real.err
        refused = ours.status == 2 and "pipshunt: refused" in ours.err
        # For that, uv has no interpreter, or `uninstall --target` no use for one: it speaks for itself.
        own = missing and any(words in f"{line} " for words in ("3.1 ", "/nowhere", "--target", "-tt", "--prefix"))
        agree = refused == (managed or missing) or (own and not refused)
        return "" if agree else f"{variables} {cwd.name} {file} {text!r} uv {line}\n{real}\n{ours}"


@pytest.fixture(scope="module")
def oracle(uv: Path) -> Iterator[UvOracle]:
    root = Path(tempfile.mkdtemp(prefix="pipshunt-")).resolve()
    root.chmod(0o755)
    yield UvOracle(root, uv)
    shutil.rmtree(root)


def test_uv_and_pipshunt_agree_on_generated_lines(oracle: UvOracle, request: pytest.FixtureRequest) -> None:
    chance = random.Random(SEED)
    count = FULL if request.config.getoption("--full") else LINES
    different = [found for found in (oracle.differs(chance) for _ in range(count)) if found]
    assert not different, f"{len(different)} of {count}:\n" + "\n".join(different[:5])
