"""CI: which one it is, and what each is told for the steps to come."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipshunt.call import Call
from pipshunt.ci import AZURE, CIRCLECI, GITHUB, GITLAB, JENKINS, escape_azure, find_surroundings, find_system, hand_on
from pipshunt.track import Track


class Job:
    """The step of a job that has just installed: a folder with shims, an environment, and the files of the runner."""

    def __init__(self, folder: Path) -> None:
        self.shims, self.environment = folder / "pipshunt/bin", folder / "shop/.venv"
        for path in (self.shims, self.environment / "bin"):
            path.mkdir(parents=True)
        (self.shims / "pipshunt-shim").touch()
        self.path, self.variables, self.bash = folder / "path", folder / "env", folder / "bash_env"
        self.path.touch()
        self.variables.touch()
        self.env = {
            "PATH": f"{self.shims}:/usr/bin:/bin",
            "GITHUB_PATH": str(self.path),
            "GITHUB_ENV": str(self.variables),
            "BASH_ENV": str(self.bash),
        }

    def track(self, kind: str = "project", environment: str = "") -> Track:
        own = environment or str(self.environment)
        return Track(kind, "/" if kind != "project" else os.path.dirname(own), own, True, False, "", "")

    def call(self, env: Mapping[str, str] | None = None, uid: int = 0) -> Call:
        return Call("pip", ("install",), "", {**(self.env if env is None else env), "HOME": "/nowhere"}, "/", uid)

    @property
    def written(self) -> tuple[str, str]:
        return self.path.read_text(), self.variables.read_text()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.mark.parametrize(
    ("env", "system"),
    [
        pytest.param({"GITHUB_ACTIONS": "true", "CI": "true"}, GITHUB, id="GitHub, Gitea, Forgejo"),
        pytest.param({"TF_BUILD": "True"}, AZURE, id="Azure"),
        pytest.param({"GITLAB_CI": "true"}, GITLAB, id="GitLab"),
        pytest.param({"CIRCLECI": "true"}, CIRCLECI, id="CircleCI"),
        pytest.param({"JENKINS_URL": "http://ci/"}, JENKINS, id="Jenkins"),
        pytest.param({"BUILD_ID": "7", "BUILD_TAG": "jenkins-shop-7"}, JENKINS, id="Jenkins without a name"),
        pytest.param({"CI": "true"}, "", id="some other"),
        pytest.param({"GITHUB_ACTIONS": "", "BUILD_TAG": "nightly"}, "", id="set, but to nothing that counts"),
    ],
)
def test_the_ci_is_known_by_the_variables_that_it_documents(env: Mapping[str, str], system: str) -> None:
    assert find_system(env) == system


def test_a_project_s_environment_is_entered_with_the_shims_ahead_of_it(job: Job) -> None:
    own = str(job.environment)
    assert find_surroundings(job.track(), job.call()) == (
        (str(job.shims), f"{own}/bin"),
        {"VIRTUAL_ENV": own, "VIRTUAL_ENV_PROMPT": "shop", "PIPSHUNT_ENTERED": own},
    )


def test_names_that_only_the_environment_has_are_shims_there_too(job: Job, tmp_path: Path) -> None:
    inside = tmp_path / "pipshunt/entered"
    inside.mkdir()
    assert hand_on(GITHUB, job.track(), job.call())
    folders = [f"{job.environment}/bin", str(inside), str(job.shims)]  # the last goes ahead of all
    assert job.written[0].splitlines() == folders
    assert not hand_on(GITHUB, job.track("project", str(tmp_path / "other/.venv")), job.call())
    assert job.written[0].splitlines() == [str(job.shims)]


@pytest.mark.parametrize("kind", ["user", "machine"])
def test_any_other_is_not_for_a_later_install_in_a_project_is_not_to_go_there(job: Job, kind: str) -> None:
    assert find_surroundings(job.track(kind), job.call()) == ((str(job.shims),), {})


def test_the_shims_are_those_that_the_links_on_path_lead_to(job: Job, tmp_path: Path) -> None:
    (tmp_path / "local").mkdir()
    (tmp_path / "local/pipshunt-shim").symlink_to(job.shims / "pipshunt-shim")
    env = {**job.env, "PATH": f"/nowhere:{tmp_path}/local:/usr/bin"}
    assert find_surroundings(job.track(), job.call(env)).folders == (str(job.shims), f"{job.environment}/bin")
    assert find_surroundings(job.track(), job.call({"PATH": "/usr/bin"})).folders == (f"{job.environment}/bin",)
    assert find_surroundings(job.track("user"), job.call({"PATH": "/usr/bin"})).folders == ()


def test_a_user_of_root_s_installation_has_links_of_scripts_in_a_folder_of_their_own(job: Job, tmp_path: Path) -> None:
    links = tmp_path / "data/pipshunt/bin"
    call = job.call({**job.env, "XDG_DATA_HOME": str(tmp_path / "data")}, uid=1000)
    assert find_surroundings(job.track("user"), call).folders == (str(job.shims),)
    links.mkdir(parents=True)
    assert find_surroundings(job.track("user"), call).folders == (str(job.shims), str(links))


def test_github_reads_files_of_which_the_last_folder_goes_ahead_of_all(job: Job) -> None:
    own = job.environment
    assert hand_on(GITHUB, job.track(), job.call())
    assert job.written == (
        f"{own}/bin\n{job.shims}\n",
        f"VIRTUAL_ENV={own}\nVIRTUAL_ENV_PROMPT=shop\nPIPSHUNT_ENTERED={own}\n",
    )


def test_a_second_install_hands_nothing_on_again(job: Job) -> None:
    hand_on(GITHUB, job.track(), job.call())
    before = job.written
    assert not hand_on(GITHUB, job.track(), job.call()), "in the same step"
    own = str(job.environment)
    later = {**job.env, "PATH": f"{job.shims}:{own}/bin:/usr/bin", "VIRTUAL_ENV": own, "VIRTUAL_ENV_PROMPT": "shop"}
    job.path.write_text("")
    assert not hand_on(GITHUB, job.track(), job.call({**later, "PIPSHUNT_ENTERED": own})), "in a later one"
    assert job.written == ("", before[1])
    assert hand_on(
        GITHUB, job.track(), job.call({**later, "PIPSHUNT_ENTERED": own, "PATH": f"{own}/bin:{job.shims}:/usr/bin"})
    )


def test_lines_of_others_stay_even_one_without_an_end(job: Job) -> None:
    job.path.write_text("/opt/tool")
    hand_on(GITHUB, job.track("user"), job.call())
    assert job.written == (f"/opt/tool\n{job.shims}\n", "")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        pytest.param("{folder}/missing", "No such file or directory", id="missing"),
        pytest.param("{folder}", "Is a directory", id="a folder"),
        pytest.param("{folder}/link", "Too many levels of symbolic links", id="a link to somewhere else"),
        pytest.param("{folder}/pipe", "not a regular file", id="a pipe nobody reads"),
    ],
)
def test_files_that_cannot_be_written_are_told_of_and_fail_nothing(
    job: Job, tmp_path: Path, capfd: pytest.CaptureFixture[str], path: str, reason: str
) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    file = path.format(folder=tmp_path)
    assert not hand_on(GITHUB, job.track(), job.call({**job.env, "GITHUB_PATH": file}))
    own = job.environment
    assert capfd.readouterr().err == (
        f"pipshunt: the steps to come do not find {own} by themselves: {file}: {reason}\n"
        f"pipshunt: in each that needs it: . {own}/bin/activate\n"
    )
    assert not (tmp_path / "elsewhere").exists()


def test_without_files_there_is_nobody_to_tell(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    assert not hand_on(GITHUB, job.track(), job.call({"PATH": "/usr/bin"}))
    assert not hand_on(CIRCLECI, job.track(), job.call({"PATH": "/usr/bin"}))
    assert not hand_on(GITLAB, job.track(), job.call())
    assert not hand_on(JENKINS, job.track(), job.call())
    assert (job.written, capfd.readouterr()) == (("", ""), ("", ""))


@pytest.mark.parametrize("folder", ["/a:b/.venv", "/a\nb/.venv", "/a\udc80b/.venv"])
def test_what_cannot_stand_on_path_or_in_a_line_is_not_handed_on(job: Job, folder: str) -> None:
    assert not hand_on(GITHUB, job.track(environment=folder), job.call())
    assert not hand_on(AZURE, job.track(environment=folder), job.call())
    assert job.written == ("", "")


def bash(job: Job, script: str, **env: str) -> str:
    argv = ["bash", "-euo", "pipefail", "-c", script]
    environment = {**job.env, "PATH": "/usr/bin:/bin", **env}
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=True).stdout.strip()


SHOW = 'echo "$PATH ${VIRTUAL_ENV-} ${PIPSHUNT_ENTERED-}"'


def test_circleci_s_bash_reads_a_file_first(job: Job) -> None:
    own = job.environment
    assert hand_on(CIRCLECI, job.track(), job.call())
    assert not hand_on(CIRCLECI, job.track(), job.call())
    entered = f"{job.shims}:{own}/bin:/usr/bin:/bin {own} {own}"
    assert bash(job, SHOW) == entered
    assert bash(job, f"bash -c 'bash -c '\\''{SHOW}'\\'") == entered, "PATH does not grow from shell to shell"
    assert bash(job, SHOW, VIRTUAL_ENV="/own", PATH="/own/bin:/bin") == "/own/bin:/bin /own"


def test_of_several_projects_in_one_step_none_is_entered_for_no_one_would_be_right(job: Job, tmp_path: Path) -> None:
    job.path.write_text("/opt/tool\n")
    job.variables.write_text("VERSION=3\n")
    job.bash.write_text("export VERSION=3\n")
    other = str(tmp_path / "it's another/.venv")
    for environment in (str(job.environment), other, str(job.environment)):
        hand_on(GITHUB, job.track(environment=environment), job.call())
        hand_on(CIRCLECI, job.track(environment=environment), job.call())
    assert job.written == (f"/opt/tool\n{job.shims}\n", "VERSION=3\nPIPSHUNT_ENTERED=\n")
    assert bash(job, SHOW) == f"{job.shims}:/usr/bin:/bin"
    assert bash(job, 'echo "$VERSION"') == "3"
    before = job.written
    hand_on(GITHUB, job.track(), job.call({**job.env, "PIPSHUNT_ENTERED": ""}))  # in a later step
    assert job.written == before


def test_circleci_is_told_of_the_shims_alone_for_an_install_of_the_user_s(job: Job) -> None:
    assert hand_on(CIRCLECI, job.track("user"), job.call())
    assert not hand_on(CIRCLECI, job.track("user"), job.call())
    assert bash(job, SHOW) == f"{job.shims}:/usr/bin:/bin"


def test_azure_takes_commands_from_the_log(job: Job, capfd: pytest.CaptureFixture[str]) -> None:
    own = job.environment
    assert hand_on(AZURE, job.track(), job.call())
    out, err = capfd.readouterr()
    assert out == ""
    assert err == (
        f"##vso[task.prependpath]{own}/bin\n##vso[task.prependpath]{job.shims}\n"
        f"##vso[task.setvariable variable=VIRTUAL_ENV]{own}\n"
        "##vso[task.setvariable variable=VIRTUAL_ENV_PROMPT]shop\n"
        f"##vso[task.setvariable variable=PIPSHUNT_ENTERED]{own}\n"
    )


def test_azure_s_escapes() -> None:
    assert escape_azure("50%; a]b\r\n") == "50%AZP25%3B a%5Db%0D%0A"
