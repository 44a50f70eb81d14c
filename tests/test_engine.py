"""The chain as a whole, without anything being executed: which project, which policy, which decision."""

import os
from pathlib import Path

import pytest
from machine import USER, Machine

from pipshunt.call import Call
from pipshunt.context import find_project
from pipshunt.engine import understand
from pipshunt.flow import Flow
from pipshunt.places import find_places
from pipshunt.search import find_tool


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"))


def flow(machine: Machine, line: str, cwd: Path | None = None, **env: str) -> Flow:
    tool, *args = line.split()
    folder = str(cwd or machine.project)
    full = {name: value for name, value in machine.env(**env).items() if value != "unset"}
    call = Call(tool, tuple(args), find_tool(tool, full, folder), full, folder, USER)
    return understand(call, find_places(full, USER), str(machine.root / "etc/policy.toml"))


def folder(machine: Machine, name: str, *files: str) -> Path:
    path = machine.home / name
    path.mkdir(parents=True, exist_ok=True)
    for file in files:
        (path / file).parent.mkdir(parents=True, exist_ok=True)
        (path / file).touch()
    machine.give(machine.home)
    return path


def kept(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.chown(path, USER, USER)
    return path


@pytest.mark.parametrize(
    ("line", "action", "refused"),
    [
        ("pip install x", "venv", True),
        ("pip install", "venv", True),
        ("pip --isolated install -r none.txt", "venv", True),
        ("python3 -m pip install x", "venv", True),
        ("python3 -I -m pip uninstall x", "refuse", True),
        ("pip install --target x y", "pass", False),
        ("pip install -h", "pass", False),
        ("pip list", "pass", False),
        ("pip inst x", "pass", False),
        ("pip --version install x", "pass", False),
        ("python3 -m pipx install x", "pass", False),
        ("python3", "pass", False),
    ],
)
def test_decisions_on_a_marked_python(shared: Machine, line: str, action: str, refused: bool) -> None:
    found = flow(shared, line)
    assert (found.decision.action, found.decision.refused_by_pip) == (action, refused)
    assert found.plan.kind == {"venv": "run", "refuse": "refuse", "pass": "exec"}[action]


def test_nothing_is_changed_by_understanding(shared: Machine) -> None:
    before = sorted(os.walk(shared.root))
    for line in ("pip install x", "pip uninstall x", "pip list", "python3 -m pip freeze"):
        flow(shared, line)
    assert sorted(os.walk(shared.root)) == before


PROJECTS = {
    "pyproject.toml": ("a1", ["pyproject.toml"], "a1/src/deep"),
    "setup.py": ("a2", ["setup.py"], "a2"),
    "setup.cfg": ("a3", ["setup.cfg"], "a3/x"),
    "pipshunt.toml": ("a4", ["pipshunt.toml", "inner/pyproject.toml"], "a4/inner"),
    ".git": ("a5", [".git/HEAD"], "a5/x"),
    "requirements-dev.txt": ("a6", ["requirements-dev.txt"], "a6"),
}


@pytest.mark.parametrize("by", PROJECTS)
def test_what_makes_a_project(shared: Machine, by: str) -> None:
    root, files, cwd = PROJECTS[by]
    path = folder(shared, root, *files)
    inside = folder(shared, cwd)
    found = flow(shared, "pip install x", inside)
    assert found.context is not None
    assert (found.context.project, found.context.project_by) == (str(path), by)
    assert found.decision.track is not None
    assert found.decision.track.environment == f"{path}/.venv"


def test_a_nearer_project_file_wins_and_git_comes_after_all_project_files(shared: Machine) -> None:
    folder(shared, "b", "pyproject.toml", "c/.git/HEAD", "c/d/setup.py")
    places = find_places(shared.env(), USER)
    assert find_project(str(folder(shared, "b/c/d/e")), USER, places) == (str(shared.home / "b/c/d"), "setup.py")
    assert find_project(str(folder(shared, "b/c/f")), USER, places) == (str(shared.home / "b"), "pyproject.toml")


@pytest.mark.parametrize(
    "name", ["home itself", "above home", "requirements above", "anyone's", "another's", "/", "gone"]
)
def test_what_is_no_project(shared: Machine, name: str) -> None:
    places = find_places(shared.env(), USER)
    cwd = str(folder(shared, name.replace(" ", "-").replace("/", "root"), "requirements.txt"))
    if name == "home itself":
        folder(shared, "", "setup.py")
        cwd = str(folder(shared, "plain"))
    elif name == "above home":
        (shared.root / "setup.py").touch()
        cwd = str(folder(shared, "plain"))
    elif name == "requirements above":
        cwd = str(folder(shared, "requirements-above/src"))
    elif name == "anyone's":
        os.chmod(cwd, 0o777)
    elif name == "another's":
        if os.geteuid() != 0:
            pytest.skip("only root can make another user's folder")
        os.chown(cwd, USER + 1, USER + 1)
    else:
        cwd = {"/": "/", "gone": ""}[name]
    try:
        assert find_project(cwd, USER, places) == ("", "")
    finally:
        for file in (shared.home / "setup.py", shared.root / "setup.py"):
            file.unlink(missing_ok=True)


def test_layers_of_policy_combine_in_the_chain(shared: Machine) -> None:
    cwd = folder(shared, "layers")
    repository = kept(cwd / "pipshunt.toml", 'action = "refuse"\n[[rule]]\npackages = ["torch"]\naction = "override"\n')
    user = kept(shared.home / ".config/pipshunt/policy.toml", '[[rule]]\npackages = ["numpy"]\naction = "pass"\n')
    machine_wide = kept(
        shared.root / "etc/policy.toml", '[[rule]]\npackages = ["evil"]\naction = "refuse"\nmessage = "no"\n'
    )
    seen = {}
    for name in ("flask", "torch", "numpy", "evil"):
        verdict = flow(shared, f"pip install {name}", cwd).decision.verdict
        assert verdict is not None
        seen[name] = (verdict.action, verdict.place.file if verdict.place else "")
    for file in (repository, user, machine_wide):
        file.unlink()
    assert seen == {
        "flask": ("refuse", str(repository)),
        "torch": ("venv", ""),
        "numpy": ("refuse", str(repository)),
        "evil": ("refuse", str(machine_wide)),
    }


def test_packages_of_requirement_files_and_editables_are_asked_of_the_rules(shared: Machine) -> None:
    cwd = folder(shared, "files", "setup.py")
    kept(cwd / "pipshunt.toml", '[[rule]]\npackages = ["torch"]\naction = "refuse"\n')
    kept(cwd / "requirements.txt", "flask\n-r more.txt\n")
    kept(cwd / "more.txt", "Torch>=2 ; python_version > '3'\n")
    assert flow(shared, "pip install -r requirements.txt", cwd).decision.action == "refuse"
    assert flow(shared, "pip install flask", cwd).decision.action == "venv"
    assert flow(shared, "pip install -e git+https://h/r#egg=torch", cwd).decision.action == "refuse"


def test_pip_told_of_another_interpreter_is_read_as_that_one(shared: Machine) -> None:
    venv = folder(shared, "other")
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(shared.python)
    (venv / "pyvenv.cfg").write_text(f"home = {shared.bin}\n")
    found = flow(shared, f"pip --python {venv} install x")
    assert found.decision.action == "pass"
    assert found.target is not None
    assert found.target.interpreter.prefix == str(venv)
    assert flow(shared, f"pip --python {shared.python} install x").decision.action == "venv"
    assert flow(shared, "pip --python /nowhere install x").decision.action == "pass"


def test_an_active_environment_without_pip_is_what_is_meant(shared: Machine) -> None:
    venv = folder(shared, "active")
    (venv / "bin").mkdir()
    (venv / "bin/python").symlink_to(shared.python)
    (venv / "pyvenv.cfg").write_text(f"home = {shared.bin}\n")
    shared.give(venv)
    env = {"VIRTUAL_ENV": str(venv), "PATH": f"{shared.shims}:{venv}/bin:{shared.bin}:/usr/bin:/bin"}
    for line in ("pip install x", "pip list", "pip uninstall x", "pip install --break-system-packages x"):
        decision = flow(shared, line, None, **env).decision
        assert decision.track is not None
        assert (decision.action, decision.track.kind, decision.track.environment) == ("venv", "active", str(venv))
    chosen = flow(shared, "pip install x", None, PIPSHUNT_TRACK="user", **env).decision.track
    assert chosen is not None
    assert chosen.kind == "user"
