"""Who installs: pip or uv, and why it is that one; real uv, real pip, real environments."""

import shutil
from pathlib import Path

import pytest
from machine import Machine
from wheels import build_wheel


def ready(machine: Machine, uv: Path | None, policy: str = "") -> dict[str, str]:
    """Lay a wheel, uv where one is given, and the project's policy; return the environment of calls."""
    build_wheel(machine.root / "wheels", "demo-one", "1.0")
    if uv:
        shutil.copy(uv, machine.bin / "uv")
    if policy:
        (machine.project / "pipshunt.toml").write_text(policy)
    machine.give(machine.root)
    return machine.env(PIP_FIND_LINKS=str(machine.root / "wheels"))


def installed_by(machine: Machine) -> tuple[str, str]:
    record = machine.log[-1]
    assert record["installed"] == ["demo_one==1.0"], record
    return record["installer"], record["installer_reason"]


def test_with_a_uv_that_can_do_it_uv_installs(machine: Machine, uv: Path) -> None:
    result = machine.run("pip", "install", "demo-one", env=ready(machine, uv))
    assert result.status == 0, result
    assert result.out.endswith("Successfully installed demo-one-1.0\n")
    assert installed_by(machine) == ("uv", "it does what pip would do")
    assert machine.log[-1]["after"][:2] == [str(machine.bin / "uv"), "pip"]


@pytest.mark.parametrize(
    ("words", "policy", "reason"),
    [
        pytest.param(["--prefer-binary"], "", "--prefer-binary", id="an option that uv lacks"),
        pytest.param([], 'installer = "pip"\n', 'installer = "pip"', id="a policy"),
    ],
)
def test_pip_installs_where_uv_cannot_or_must_not_and_the_log_says_why(
    machine: Machine, uv: Path, words: list[str], policy: str, reason: str
) -> None:
    result = machine.run("pip", "install", *words, "demo-one", env=ready(machine, uv, policy))
    assert result.status == 0, result
    name, why = installed_by(machine)
    assert name == "pip"
    assert reason in why


def test_the_policy_is_heard_in_an_active_environment_with_an_override_too(machine: Machine, uv: Path) -> None:
    env = ready(machine, uv, 'installer = "pip"\n')
    venv = machine.home / "active"
    assert machine.run(str(machine.python), "-m", "venv", "--without-pip", str(venv), env=env).status == 0
    active = {**env, "VIRTUAL_ENV": str(venv), "PATH": f"{machine.shims}:{venv}/bin:{machine.bin}:/usr/bin:/bin"}
    assert machine.run("pip", "install", "--break-system-packages", "demo-one", env=active).status == 0
    name, reason = installed_by(machine)
    assert (name, reason.startswith('installer = "pip"')) == ("pip", True)
    assert machine.log[-1]["environment"] == str(venv)


def test_without_a_uv_pip_installs(machine: Machine) -> None:
    result = machine.run("pip", "install", "demo-one", env=ready(machine, None))
    assert result.status == 0, result
    assert installed_by(machine) == ("pip", "no fit uv is on PATH")


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("#!/bin/sh\nkill -SEGV $$\n", id="crashes"),
        pytest.param("#!/bin/sh\nexec sleep 60\n", id="hangs"),
        pytest.param("#!/bin/sh\necho uv 0.1.2\n", id="is too old"),
        pytest.param("#!/bin/sh\necho a terminal for unix\n", id="is another uv"),
        pytest.param(
            "#!/bin/sh\ncase $1 in --version) echo uv 0.13.9 ;; *) exit 101 ;; esac\n", id="fails at its work"
        ),
    ],
)
def test_a_uv_that_is_of_no_use_leaves_it_to_pip(machine: Machine, program: str) -> None:
    env = ready(machine, None)
    machine.write_script(machine.bin / "uv", program)
    result = machine.run("pip", "install", "demo-one", env=env)
    assert result.status == 0, result
    assert installed_by(machine)[0] == "pip"
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("words", "because"),
    [
        pytest.param(["--prefer-binary", "demo-one"], "--prefer-binary", id="it lacks an option"),
        pytest.param(["demo-none"], "demo-none", id="it fails"),
    ],
)
def test_a_policy_that_wants_uv_alone_has_no_pip_behind_it(
    machine: Machine, uv: Path, words: list[str], because: str
) -> None:
    env = ready(machine, uv, 'installer = "uv"\n')
    result = machine.run("pip", "install", *words, env=env)
    assert result.status == 1
    assert because in result.err
    assert result.out == ""
    assert not list(machine.project.glob(".venv/lib/python3*/site-packages/demo*"))


def test_the_pip_conf_of_the_environment_counts_and_not_the_system_s(machine: Machine, uv: Path) -> None:
    env = ready(machine, uv)
    del env["PIP_CONFIG_FILE"]
    assert machine.run("pip", "install", "demo-one", env=env).status == 0
    (machine.root / "usr/pip.conf").write_text("[install]\nprefer-binary = yes\n")
    build_wheel(machine.root / "wheels", "demo-one", "2.0")
    assert machine.run("pip", "install", "-U", "demo-one", env=env).status == 0
    assert machine.log[-1]["installer"] == "uv"
    (machine.project / ".venv/pip.conf").write_text("[install]\nprefer-binary = yes\n")
    build_wheel(machine.root / "wheels", "demo-one", "3.0")
    assert machine.run("pip", "install", "-U", "demo-one", env=env).status == 0
    assert machine.log[-1]["installer"] == "pip"
    assert machine.log[-1]["installed"] == ["demo_one==3.0"]
