"""uv into the very interpreter: real uv, real pip, a Python with and one without a marker."""

import shutil
from pathlib import Path

import pytest
from machine import USER, Machine, Result
from wheels import build_wheel

from pipshunt.explain import explain_call
from pipshunt.target import read_pip_version

POLICY = 'action = "uv-system"\n'
GRANTED = POLICY + '\n[grant]\noverride = ["the administrator"]\n'


def ready(machine: Machine, uv: Path, policy: str) -> dict[str, str]:
    """Lay uv, a wheel and the user's policy; return the environment of calls."""
    build_wheel(machine.root / "wheels", "demo-one", "1.0")
    shutil.copy(uv, machine.bin / "uv")
    file = machine.home / ".config/pipshunt/policy.toml"
    file.parent.mkdir(parents=True)
    file.write_text(policy)
    machine.give(machine.root)
    return machine.env(PIP_FIND_LINKS=str(machine.root / "wheels"))


def imports(machine: Machine, module: str) -> Result:
    return machine.run(str(machine.python), "-c", f"import {module}; print({module}.__file__)")


def test_a_marker_whose_override_is_granted_is_overridden_and_the_packages_are_in_that_python(
    machine: Machine, uv: Path
) -> None:
    env = ready(machine, uv, GRANTED)
    result = machine.run("pip", "install", "demo-one", env=env)
    assert result.status == 0, result
    assert imports(machine, "demo_one").out.startswith(str(machine.root / "usr/"))
    assert not (machine.project / ".venv").exists()
    assert machine.log[-1]["decision"] == "uv-system"
    assert machine.log[-1]["after"][:2] == [str(machine.bin / "uv"), "pip"]


@pytest.mark.parametrize(
    ("policy", "words", "because"),
    [
        pytest.param(
            POLICY,
            ["install", "demo-one"],
            "the policy says `uv-system`, but no policy grants that the marker of the administrator is overridden "
            "([grant] override)",
            id="no grant",
        ),
        pytest.param(
            GRANTED,
            ["install", "--prefer-binary", "demo-one"],
            "the policy says `uv-system`, but uv has no exact counterpart of --prefer-binary",
            id="no counterpart",
        ),
        pytest.param(
            GRANTED,
            ["uninstall", "demo-one"],
            "the policy says `uv-system`, but uv removes without asking, as pip does with -y alone",
            id="an uninstall that would ask",
        ),
    ],
)
def test_where_uv_must_not_or_cannot_it_is_refused_with_the_reason(
    machine: Machine, uv: Path, policy: str, words: list[str], because: str
) -> None:
    result = machine.run("pip", *words, env=ready(machine, uv, policy))
    assert result.status == 1
    assert result.err.startswith(f"pipshunt: refused: {because}")
    assert imports(machine, "demo_one").status == 1


def test_what_was_installed_so_is_uninstalled_so_and_quiet_is_quiet(machine: Machine, uv: Path) -> None:
    env = ready(machine, uv, GRANTED)
    result = machine.run("pip", "install", "-q", "demo-one", env=env)
    assert (result.status, result.out, result.err) == (0, "", ""), result
    assert imports(machine, "demo_one").status == 0
    assert machine.run("pip", "uninstall", "-y", "demo-one", env=env).status == 0
    assert imports(machine, "demo_one").status == 1


def test_the_next_command_does_without_what_only_a_system_knows(machine: Machine, uv: Path) -> None:
    result = machine.run("pip", "install", "--user", "demo-one", env=ready(machine, uv, GRANTED))
    assert "no exact counterpart of --user" in result.err
    own = "python3 -m venv --without-pip .venv && pip --python .venv/bin/python install demo-one"
    assert result.err.endswith(f"next: {own}\n")


def test_a_repository_cannot_grant(machine: Machine, uv: Path) -> None:
    env = ready(machine, uv, POLICY)
    (machine.project / "pipshunt.toml").write_text('[grant]\noverride = ["*"]\n')
    assert machine.run("pip", "install", "demo-one", env=env).status == 1


def test_without_a_marker_it_takes_no_grant(unmarked: Machine, uv: Path) -> None:
    env = ready(unmarked, uv, POLICY)
    result = unmarked.run("pip", "install", "demo-one", env=env)
    assert result.status == 0, result
    assert imports(unmarked, "demo_one").status == 0
    assert unmarked.log[-1]["decision"] == "uv-system"


def test_without_a_marker_pip_runs_where_uv_has_no_counterpart(unmarked: Machine, uv: Path) -> None:
    env = ready(unmarked, uv, POLICY)
    result = unmarked.run("pip", "install", "--prefer-binary", "demo-one", env=env)
    assert (result.status, result.err) == (0, ""), result
    assert "Successfully installed demo-one-1.0" in result.out
    assert unmarked.log == []


def test_uv_takes_the_interpreter_of_the_pip_and_not_the_first_python_on_the_path(unmarked: Machine, uv: Path) -> None:
    env = ready(unmarked, uv, POLICY)
    env["PATH"] = f"{unmarked.shims}:/usr/bin:{unmarked.bin}:/bin"
    pip = str(unmarked.bin / "pip")
    (unmarked.root / "first").mkdir()
    (unmarked.root / "first/pip").symlink_to(pip)
    env["PATH"] = f"{unmarked.shims}:{unmarked.root / 'first'}:/usr/bin:{unmarked.bin}:/bin"
    assert unmarked.run("pip", "install", "demo-one", env=env).status == 0
    assert imports(unmarked, "demo_one").status == 0


def test_without_a_marker_too_the_pip_that_would_run_is_the_one_whose_rules_count(unmarked: Machine, uv: Path) -> None:
    package = unmarked.root / "usr/lib/python3/dist-packages/pip"
    if not package.exists():
        package = unmarked.stdlib / "site-packages/pip"
    version = read_pip_version(str(package))
    env = ready(unmarked, uv, POLICY)
    flow = explain_call(["pip", "install", "demo-one"], env, str(unmarked.project), USER)
    assert flow.target is not None
    assert (flow.target.marker, flow.target.facts.version) == (None, version)
    assert version
