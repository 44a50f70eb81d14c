"""What a CI shows of an install or a refusal beyond the log."""

import pytest
from machine import Machine
from wheels import build_wheel

from pipshunt.ci_report import fix, github_command, report_refusal

PAGE = ["refused: no 100%", "by rule 2 (pipshunt.toml:5), for flask", "", "The marker says:", "next: pipshunt explain"]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        pytest.param(
            {"GITHUB_ACTIONS": "true"},
            "::error title=pipshunt::refused: no 100%25%0Aby rule 2 (pipshunt.toml:5), for flask%0Anext: pipshunt explain\n",
            id="GitHub",
        ),
        pytest.param(
            {"TF_BUILD": "True"},
            "##vso[task.logissue type=error]pipshunt: refused: no 100%AZP25%3B by rule 2 (pipshunt.toml:5), for flask%3B "
            "next: pipshunt explain\n",
            id="Azure",
        ),
        pytest.param({"GITLAB_CI": "true"}, "", id="GitLab has the page alone"),
    ],
)
def test_a_refusal_is_annotated_with_rule_and_next_command(
    capfd: pytest.CaptureFixture[str], env: dict[str, str], said: str
) -> None:
    report_refusal(PAGE, env)
    assert capfd.readouterr() == ("", said)


def test_a_command_of_github_s_cannot_be_ended_from_within() -> None:
    assert github_command("notice", "a: b, c", ["one%", "::error::two"]) == (
        "::notice title=a%3A b%2C c::one%25%0A::error::two"
    )


def test_the_lasting_fix_never_is_a_command_to_azure_s_agent() -> None:
    assert "##vso[" not in fix("Azure")
    assert fix("GitHub") == 'python3 -m venv .venv && echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'


@pytest.fixture
def job(machine: Machine) -> dict[str, str]:
    build_wheel(machine.root / "wheels", "demo-one", "1.0")
    for name in ("path", "env"):
        (machine.root / name).touch()
    machine.give(machine.root)
    return machine.env(
        PIP_FIND_LINKS=str(machine.root / "wheels"),
        GITHUB_ACTIONS="true",
        GITHUB_PATH=str(machine.root / "path"),
        GITHUB_ENV=str(machine.root / "env"),
    )


def commands(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith("::")]


def test_an_install_is_noted_once_and_stdout_stays_pip_s(machine: Machine, job: dict[str, str]) -> None:
    first = machine.run("pip", "install", "-q", "demo-one", env=job)
    assert first.status == 0, first
    assert first.out == ""
    (notice,) = commands(first.err)
    assert notice.startswith("::notice title=pip install went to .venv::")
    assert "so `pip install -q demo-one` went to .venv" in notice
    assert notice.endswith("%0Awithout pipshunt, a step ahead of it would do the same: " + fix("GitHub"))
    again = machine.run("pip", "install", "--force-reinstall", "demo-one", env=job)
    assert (again.status, commands(again.err)) == (0, [])
    assert (machine.root / "path").read_text() == f"{machine.project}/.venv/bin\n{machine.shims}\n"


@pytest.mark.parametrize("line", ["install --dry-run demo-one", "uninstall -y demo-one"])
def test_what_installs_nothing_hands_nothing_on(machine: Machine, job: dict[str, str], line: str) -> None:
    done = machine.run("pip", *line.split(), env=job)
    assert [line for line in commands(done.err) if not line.startswith("::error")] == []
    assert (machine.root / "path").read_text() == ""


def test_a_refusal_by_the_repository_is_an_error_of_the_job(machine: Machine, job: dict[str, str]) -> None:
    (machine.project / "pipshunt.toml").write_text('[[rule]]\npackages = ["demo-one"]\naction = "refuse"\n')
    machine.give(machine.project)
    done = machine.run("pip", "install", "demo-one", env=job)
    assert done.status == 1
    (error,) = commands(done.err)
    assert error.startswith("::error title=pipshunt::refused: ")
    assert "%0Anext: " in error


def test_files_of_the_runner_that_cannot_be_written_never_fail_the_install(
    machine: Machine, job: dict[str, str]
) -> None:
    job |= {"GITHUB_PATH": f"{machine.root}/missing", "GITHUB_ENV": f"{machine.root}"}
    done = machine.run("pip", "install", "demo-one", env=job)
    assert done.status == 0, done
    assert "the steps to come do not find" in done.err


def test_a_ci_without_annotations_has_a_line_for_a_new_environment(machine: Machine, job: dict[str, str]) -> None:
    env = {name: value for name, value in job.items() if not name.startswith("GITHUB")} | {"GITLAB_CI": "true"}
    first, second = (machine.run("pip", "install", "demo-one", env=env) for _ in range(2))
    said = "pipshunt: without pipshunt, a step ahead of it would do the same: python3 -m venv .venv && . .venv/bin/activate"
    assert said in first.err
    assert said not in second.err
