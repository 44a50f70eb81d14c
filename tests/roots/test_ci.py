"""CI: what one step has installed is there for the steps that come after it, in imitations of the runners.

The workflows are those of docs/ci.md, step by step.
"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from machine import PROJECT, Result
from pages import read_blocks
from wheels import build_wheel

from roots.runners import Azure, CircleCI, GitHub, GitLab, Jenkins, Runner
from roots.throwaway import ANA, ROOT, Account, Throwaway

pytestmark = [
    pytest.mark.roots,
    pytest.mark.parametrize("suite", ["bookworm"], scope="session"),
    pytest.mark.parametrize("installation", [pytest.param(ANA, id="user")], indirect=True),
]
SHOP, ENVIRONMENT = "/home/ana/shop", "/home/ana/shop/.venv"
SHIMS = "/home/ana/.local/share/pipshunt/bin"
USE = "python3 -c 'import tender' && tender && command -v pip"
# What a step of the pages does that has been done, or cannot be done here.
DONE = "#!/bin/sh\nexit 0\n"


@pytest.fixture
def full(request: pytest.FixtureRequest) -> None:
    if not request.config.getoption("--full"):
        pytest.skip("--full has the other runners than GitHub's")


@pytest.fixture
def shop(machine: Throwaway, tmp_path: Path) -> Throwaway:
    """The machine with a project that is checked out; its tests are run by a pytest of our own."""
    wheel = build_wheel(tmp_path, "pytest", "8.0", scripts={"pytest": "pytest:main"})
    machine.write(ROOT, f"/srv/wheels/{wheel.name}", wheel.read_bytes())
    machine.write(ANA, f"{SHOP}/requirements.txt", "tender\npytest\n")
    machine.write(ANA, f"{SHOP}/.git/HEAD", "ref: refs/heads/main\n")
    for name in ("git", "apt-get"):
        machine.write(ROOT, f"/usr/local/sbin/{name}", DONE, 0o755)
        machine.write(ROOT, f"/usr/local/bin/{name}", DONE, 0o755)
    return machine


def workflow(name: str) -> str:
    """Return the workflow that docs/ci.md shows."""
    (block,) = [b for b in read_blocks(PROJECT / "docs/ci.md") if b.note == f"workflow {name}"]
    return block.text


def passes(runner: Runner, *scripts: str) -> list[Result]:
    """Run each of *scripts* as a step; all must succeed."""
    results = []
    for script in scripts:
        results.append(runner.step(script))
        assert results[-1].status == 0, (script, results[-1])
    return results


def use(runner: Runner) -> None:
    """Use what an install in *runner* has left, and install something else."""
    (used,) = passes(runner, USE)
    assert used.out.splitlines() == ["tender 2.0", f"{SHIMS}/pip"]
    passes(runner, "pip install railcar", f'test "$VIRTUAL_ENV" = {ENVIRONMENT}', "pipshunt verify")


def test_github(shop: Throwaway) -> None:
    runner = GitHub(shop, ANA, SHOP)
    job: dict[str, Any] = yaml.safe_load(workflow("GitHub"))["jobs"]["test"]
    for step in job["steps"]:
        if "run" in step:
            passes(runner, step["run"])
        elif "pipshunt@" in step["uses"]:
            assert [done.status for done in runner.use_action("/home/ana/pipshunt", {}, {})] == [0]
            assert runner.path == [SHIMS]
    assert runner.path == [f"{ENVIRONMENT}/bin", SHIMS.replace("/bin", "/entered"), SHIMS]
    assert {name: value for name, value in runner.env.items() if "ENV" in name or "ENTERED" in name} == {
        "VIRTUAL_ENV": ENVIRONMENT,
        "VIRTUAL_ENV_PROMPT": "shop",
        "PIPSHUNT_ENTERED": ENVIRONMENT,
    }
    use(runner)
    ((kind, title, text),) = runner.annotations
    assert (kind, title) == ("notice", "title=pip install went to .venv")
    assert "so `pip install -r requirements.txt` went to .venv, where" in text.splitlines()[0]
    assert shop.read("/var/tmp/runner/_runner_file_commands/GITHUB_PATH_4") == "", "handed on once"


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("kind", [GitHub, CircleCI])
def test_two_projects_of_one_step_are_found_by_folder_in_the_steps_to_come(shop: Throwaway, kind: type[Runner]) -> None:
    for name in ("one", "two"):
        shop.write(ANA, f"{SHOP}/{name}/pyproject.toml", "")
    shop.run(ANA, "rm", "-r", ".git", cwd=SHOP)
    runner = kind(shop, ANA, SHOP)
    runner.path = [SHIMS]
    passes(
        runner,
        "(cd one && pip install tender)\n(cd two && pip install railcar)",
        "cd one && python3 -c 'import tender' && tender && pip install -q --upgrade tender",
        "cd two && python3 -c 'import railcar' && ! python3 -c 'import tender'",
        'test -z "${VIRTUAL_ENV-}"',
    )
    assert sorted(shop.list(f"{SHOP}/one")) == [".venv", "pyproject.toml"]


@pytest.mark.usefixtures("full")
def test_azure(shop: Throwaway) -> None:
    runner = Azure(shop, ANA, SHOP)
    passes(runner, *(step["script"] for step in yaml.safe_load(workflow("Azure"))["steps"]))
    assert runner.path == [f"{ENVIRONMENT}/bin", SHIMS.replace("/bin", "/entered"), SHIMS]
    use(runner)


@pytest.mark.usefixtures("full")
def test_circleci(shop: Throwaway) -> None:
    runner = CircleCI(shop, ANA, SHOP)
    steps = yaml.safe_load(workflow("CircleCI"))["jobs"]["test"]["steps"]
    passes(runner, *(step["run"] for step in steps if step != "checkout"))
    use(runner)


@pytest.mark.usefixtures("full")
def test_jenkins(shop: Throwaway) -> None:
    runner = Jenkins(shop, ANA, SHOP)
    page = workflow("Jenkins")
    assert 'PATH = "$HOME/.local/share/pipshunt/bin:$PATH"' in page
    runner.path = [SHIMS]
    passes(runner, *re.findall(r"\bsh '(.*)'$", page, flags=re.MULTILINE))
    (used,) = passes(runner, USE)
    assert used.out.splitlines() == ["tender 2.0", f"{SHIMS}/pip"]


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("kind", [GitLab, GitHub])
def test_root_in_a_container_needs_no_more_than_install_sh(
    shop: Throwaway, kind: type[Runner], connection: dict[str, str]
) -> None:
    account = Account("root", 0, "/root", ROOT.path)
    shop.write(ROOT, "/run/.containerenv", "")
    shop.write(ROOT, "/builds/shop/requirements.txt", "tender\npytest\n")
    shop.write(ROOT, "/builds/shop/test_shop.py", "def test_it_is_there():\n    import tender\n")
    shop.write(ROOT, "/etc/pip.conf", "[global]\nfind-links = /srv/wheels\n")
    runner = kind(shop, account, "/builds/shop")
    runner.env |= connection
    job = yaml.safe_load(workflow("GitLab"))["test"]
    if isinstance(runner, GitHub):
        (done,) = runner.use_action("/root/pipshunt", {"system": "true"}, connection)
        assert (done.status, runner.path) == (0, ["/opt/pipshunt/bin"]), done
        passes(runner, *job["script"])
    else:
        shop.run(ROOT, "mkdir", "-p", "/usr/local/src")
        shop.run(ROOT, "ln", "-s", "/root/pipshunt", "/usr/local/src/pipshunt")
        passes(runner, "\n".join([*job["before_script"], *job["script"]]))
    passes(
        runner, "python3 -c 'import tender; print(tender.__file__)' | grep ^/opt/venv/", "tender", "pip install railcar"
    )
