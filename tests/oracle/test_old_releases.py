"""Real old pips: what they install when they are given an option that they do not know."""

import os
import subprocess
from pathlib import Path

import pytest
from machine import Machine
from real_pip import lay_pip, release
from wheels import build_wheel


@pytest.mark.parametrize("version", ["20.3.4", "21.3.1", "22.3.1", "23.0"])
def test_one_dockerfile_serves_old_pips_too(version: str, folder: Path, request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--full"):
        pytest.skip("--full has old pips from the index")
    try:
        package = release(version, folder)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network: pip {version} cannot be had: {os.fsdecode(error.stderr)[-200:]}")
    machine = Machine(folder / "machine", marked=False)
    lay_pip(machine, package)
    build_wheel(machine.root / "wheels", "demo-one", "1.0")
    machine.give(machine.root)
    env = machine.env(PIP_FIND_LINKS=str(machine.root / "wheels"), PIP_NO_CACHE_DIR="1")
    if machine.run("pip", "--version", env=env).status:
        pytest.skip(f"pip {version} does not run under this Python")
    words = ("install", "--break-system-packages", "demo-one")
    assert "no such option" in machine.run(f"{machine.bin}/pip", *words, env=env).err
    result = machine.run("pip", *words, env=env)
    assert (result.status, "Successfully installed demo-one-1.0" in result.out) == (0, True), result
    result = machine.run("pip", "uninstall", "-y", "--break-system-packages", "demo-one", env=env)
    assert (result.status, "Successfully uninstalled demo-one-1.0" in result.out) == (0, True), result
