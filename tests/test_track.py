"""Tracks: where an install goes, by who calls from where."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipshunt.context import Context
from pipshunt.follow import register
from pipshunt.interpreter import Interpreter
from pipshunt.places import Places
from pipshunt.policy import Layer, Place, Policy
from pipshunt.track import Track, active_track, choose_track, followed_track, lasting_environment, settle_track

UID = os.geteuid()
NO_POLICY = Policy((), ())


class Land:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = self.folder("home/p")
        self.python = self.file("usr/bin/python3.11")
        self.interpreter = Interpreter(
            self.python, self.python, (3, 11), f"{root}/usr", f"{root}/usr/lib", in_environment=False
        )
        self.places = Places(f"{root}/home", f"{root}/data", f"{root}/state", "", "", "")

    def folder(self, name: str) -> str:
        (self.root / name).mkdir(parents=True, exist_ok=True)
        return str(self.root / name)

    def file(self, name: str) -> str:
        self.folder(os.path.dirname(name))
        (self.root / name).write_bytes(b"\x7fELF")
        (self.root / name).chmod(0o755)
        return str(self.root / name)

    def environment(self, name: str, python: str = "") -> str:
        path = self.folder(name)
        self.folder(f"{name}/bin")
        os.symlink(python or self.python, f"{path}/bin/python")
        (self.root / name / "pyvenv.cfg").write_text("include-system-site-packages = false\n")
        return path

    def choose(self, policy: Policy = NO_POLICY, **changes: object) -> Track:
        context = Context(UID, self.project, "pip", self.project, "pyproject.toml", "", "")
        if UID == 0 and "uid" not in changes and "project" in changes:
            changes = {**changes, "track": changes.get("track", "user")}  # root's own is the machine's
        return choose_track(context._replace(**changes), policy, self.interpreter, self.places)  # type: ignore[arg-type]


@pytest.fixture
def land(tmp_path: Path) -> Land:
    return Land(tmp_path)


def policy(path: str, kind: str = "repository") -> Policy:
    return Policy((Layer(kind, "/f", "", None, path, Place("/f", 1), None, ()),), ())


def test_in_a_project_it_is_the_project_s_environment(land: Land) -> None:
    assert land.choose() == Track("project", land.project, f"{land.project}/.venv", False, False, "", "")
    land.environment("home/p/.venv")
    assert land.choose() == Track("project", land.project, f"{land.project}/.venv", True, False, "", "")


def test_outside_of_one_it_is_the_user_s_which_sees_the_system(land: Land) -> None:
    environment = f"{land.root}/data/envs/python3.11"
    assert land.choose(project="") == Track("user", "/", environment, False, True, "", "")
    land.environment("data/envs/python3.11")
    assert land.choose(project="") == Track("user", "/", environment, True, False, "", "")


def test_a_second_interpreter_of_the_same_version_has_an_environment_of_its_own(land: Land) -> None:
    land.environment("data/envs/python3.11", land.file("opt/bin/python3.11"))
    prefix = f"{land.root}/usr".replace("/", "-")
    assert land.choose(project="").environment == f"{land.root}/data/envs/python3.11{prefix}"


def test_a_broken_one_is_said_not_gone_round(land: Land) -> None:
    path = land.environment("data/envs/python3.11", "/nowhere/python3.11")
    track = land.choose(project="")
    assert track.environment == path
    assert track.problem == f"{path} is broken: {path}/bin/python leads to no interpreter"


def test_without_a_home_there_is_no_user_s_environment(land: Land) -> None:
    land.places = land.places._replace(data="")
    assert land.choose(project="", track="user") == Track(
        "user", "/", "", False, False, "there is no home folder for an environment of yours (HOME is not set)", ""
    )


@pytest.mark.parametrize(
    ("path", "kind", "environment", "problem"),
    [
        ("env", "repository", "{p}/env", ""),
        ("build/env", "repository", "{p}/build/env", ""),
        ("out/env", "repository", "{p}/out/env", "{p}/out/env leads out of the project {p}"),
        ("../env", "user", "{r}/home/env", ""),
        ("/abs/env", "machine", "/abs/env", ""),
    ],
)
def test_a_policy_names_the_project_s_environment(
    land: Land, path: str, kind: str, environment: str, problem: str
) -> None:
    land.folder("elsewhere")
    os.symlink(land.root / "elsewhere", f"{land.project}/out")
    track = land.choose(policy(path, kind))
    names = {"p": land.project, "r": str(land.root)}
    assert (track.environment, track.problem) == (environment.format(**names), problem.format(**names))


@pytest.mark.parametrize("kind", ["bogus", "Project", "uv"])
def test_a_track_that_there_is_not_is_said(land: Land, kind: str) -> None:
    track = land.choose(track=kind)
    assert track.problem == f"PIPSHUNT_TRACK={kind} names no track; there are project, user, machine"
    assert track.remedy == "PIPSHUNT_TRACK=user"


def test_the_machine_s_is_root_s_to_change(land: Land) -> None:
    track = land.choose(track="machine", uid=1000)
    assert (track.problem, track.remedy) == ("the machine's environment is root's to change", "sudo")


def test_root_goes_to_the_machine_s_in_a_container_and_outside_of_a_project(land: Land) -> None:
    assert land.choose(uid=0, project="", container="").environment == "/opt/pipshunt/envs/python3.11"
    assert land.choose(uid=0, container="/.dockerenv").kind == "machine"
    assert land.choose(uid=0, container="/.dockerenv").folder == "/"
    assert land.choose(uid=0, container="/.dockerenv", track="project").kind == "project"


def test_a_working_directory_that_is_gone_is_said(land: Land) -> None:
    track = land.choose(cwd="")
    assert (track.problem, track.remedy) == ("the working directory is gone or cannot be read", "cd")


def test_a_project_that_cannot_be_written_gives_way_to_the_user_s(land: Land) -> None:
    if UID == 0:
        pytest.skip("root can write everywhere")
    os.chmod(land.project, 0o555)
    track = land.choose()
    os.chmod(land.project, 0o755)
    assert (track.kind, track.note) == ("user", f"{land.project} cannot be written to")


def active(environment: str) -> dict[str, str]:
    return {"VIRTUAL_ENV": environment, "PATH": f"{environment}/bin:/usr/bin"}


@pytest.mark.parametrize(
    "env",
    [
        pytest.param(lambda venv: {}, id="nothing"),
        pytest.param(lambda venv: {"VIRTUAL_ENV": venv, "PATH": "/usr/bin"}, id="not on PATH"),
        pytest.param(lambda venv: active(venv + "/none"), id="gone"),
        pytest.param(lambda venv: {"VIRTUAL_ENV": "v", "PATH": "v/bin"}, id="relative"),
        pytest.param(lambda venv: active(""), id="empty"),
        pytest.param(lambda venv: {"CONDA_PREFIX": venv, "PATH": f"{venv}/bin"}, id="not conda's"),
    ],
)
def test_what_is_not_active(land: Land, env: Callable[[str], dict[str, str]]) -> None:
    assert active_track(env(land.environment("venv")), UID) is None


def test_an_active_environment_is_a_track_that_nothing_follows(land: Land) -> None:
    venv = land.environment("venv")
    assert active_track(active(venv), UID) == Track("active", "", venv, True, False, "", "")
    assert active_track(active(venv), UID + 1) is None


def test_what_uv_run_has_activated_is_the_projects_own_where_it_is_that(land: Land) -> None:
    context = Context(UID, land.project, "pip", land.project, "pyproject.toml", "", "project")
    venv, other = land.environment("home/p/.venv"), land.environment("venv")
    in_run = {"UV_RUN_RECURSION_DEPTH": "1"}

    def settled(env: dict[str, str], track: str = "") -> tuple[str, str]:
        found = settle_track(context._replace(track=track), policy(".venv"), land.interpreter, env, land.places)
        return found.kind, found.environment

    assert settled(active(other)) == ("active", other)
    assert settled(active(venv)) == ("active", venv)
    assert settled({**active(other), **in_run}) == ("active", other)
    assert settled({**active(other), **in_run}, "project") == ("project", venv)
    expected = "machine" if UID == 0 and context.container else "project"
    assert settled({**active(venv), **in_run}) == (expected, venv)


def test_an_environment_in_a_cache_gives_way_to_the_one_that_it_extends(land: Land) -> None:
    venv, passing = land.environment("home/p/.venv"), land.environment("cache/builds-v0/.tmp1")
    (Path(venv) / "CACHEDIR.TAG").touch()  # uv puts one into each environment too: backups shall leave it out
    assert lasting_environment(passing) == passing
    (land.root / "cache/CACHEDIR.TAG").touch()
    assert lasting_environment(passing) == ""
    (Path(passing) / "pyvenv.cfg").write_text(f"extends-environment = {venv}\n")
    assert lasting_environment(passing) == venv
    env = {"VIRTUAL_ENV": passing, "PATH": f"{passing}/bin:{venv}/bin:/usr/bin"}
    assert active_track(env, UID) == Track("active", "", venv, True, False, "", "")


def test_of_two_active_environments_it_is_the_one_that_is_first_on_path(land: Land) -> None:
    venv, conda = land.environment("venv"), Path(land.environment("conda"))
    (conda / "pyvenv.cfg").unlink()
    (conda / "conda-meta").mkdir()
    (conda / "conda-meta/history").touch()
    both = {"VIRTUAL_ENV": venv, "CONDA_PREFIX": str(conda)}
    for first, second in ((venv, str(conda)), (str(conda), venv)):
        track = active_track({**both, "PATH": f"/x:{first}/bin:{second}/bin"}, UID)
        assert track == Track("active", "", first, True, False, "", "")


def test_the_followed_track(land: Land) -> None:
    assert followed_track(land.interpreter, land.project, land.places, os.geteuid()) is None
    venv = land.environment("home/p/.venv")
    register(land.places.state, land.project, land.python, venv)
    user = land.environment("data/envs/python3.11")
    register(land.places.state, "/", land.python, user)
    assert followed_track(land.interpreter, f"{land.project}/src", land.places, os.geteuid()) == Track(
        "project", land.project, venv, True, False, "", ""
    )
    assert followed_track(land.interpreter, "/tmp", land.places, os.geteuid()) == Track(
        "user", "/", user, True, False, "", ""
    )
