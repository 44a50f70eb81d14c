"""Imitations of what runs the steps of a CI job: what each hands from step to step, and how it starts a step.

From the runners' own sources and documentation. A step is a script; what it leaves for the next goes through files
(GitHub, CircleCI), commands in the log (Azure), one shell (GitLab) or nothing (Jenkins).
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import yaml
from machine import Result

from roots.throwaway import Account, Throwaway

TEMP = "/var/tmp/runner"
_COMMAND = re.compile(r"^\s*::(\w+)(?: (.*?))?::(.*)$")
_LOGGING = re.compile(r"##vso\[([\w.]+)(?: ([^\]]*))?\](.*)$")
_EXPRESSION = re.compile(r"\$\{\{\s*inputs\.(\w+)\s*\}\}")


class Runner:
    """What all have in common: a machine, who works on it, in which folder, with which environment."""

    variables: ClassVar[Mapping[str, str]] = {}

    def __init__(self, machine: Throwaway, account: Account, workspace: str) -> None:
        self.machine, self.account, self.workspace = machine, account, workspace
        self.env = dict(self.variables)
        self.path: list[str] = []  # the last is ahead of all
        self.number = 0

    def step(self, script: str, env: Mapping[str, str] | None = None, shell: str = "") -> Result:
        """Run one step in a shell of its own."""
        raise NotImplementedError

    def start(self, script: str, env: Mapping[str, str], *shell: str) -> Result:
        """Write *script* to a file, as all runners do, and have *shell* run it."""
        self.number += 1
        file = f"{TEMP}/{self.number}.sh"
        self.machine.write(self.account, file, script)
        path = ":".join([*reversed(self.path), self.account.path])
        return self.machine.run(
            self.account, *shell, file, cwd=self.workspace, env={"PATH": path, "CI": "true", **self.env, **env}
        )


class GitHub(Runner):
    """actions/runner: ScriptHandler.cs, FileCommandManager.cs, ActionCommand.cs."""

    variables: ClassVar[Mapping[str, str]] = {"GITHUB_ACTIONS": "true"}

    def __init__(self, machine: Throwaway, account: Account, workspace: str) -> None:
        super().__init__(machine, account, workspace)
        self.annotations: list[tuple[str, str, str]] = []

    def step(self, script: str, env: Mapping[str, str] | None = None, shell: str = "") -> Result:
        files = {name: f"{TEMP}/_runner_file_commands/{name}_{self.number}" for name in ("GITHUB_PATH", "GITHUB_ENV")}
        for file in files.values():
            self.machine.write(self.account, file, "")
        how = {"": ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"), "sh": ("sh", "-e")}
        result = self.start(script, {**files, **(env or {})}, *how[shell])
        for line in self.machine.read(files["GITHUB_PATH"]).splitlines():
            if line:
                self.path = [*(folder for folder in self.path if folder != line), line]
        for line in self.machine.read(files["GITHUB_ENV"]).splitlines():
            name, equals, value = line.partition("=")
            assert equals, "a line that the runner takes for a mistake"
            self.env[name] = value
        for line in (result.out + result.err).splitlines():
            found = _COMMAND.match(line)
            if found:
                self.annotations.append((found[1], _unescape(found[2] or ""), _unescape(found[3])))
        return result

    def use_action(self, folder: str, inputs: Mapping[str, str], env: Mapping[str, str]) -> list[Result]:
        """Run the steps of the composite action in *folder*."""
        action: dict[str, Any] = yaml.safe_load(self.machine.read(f"{folder}/action.yml"))
        assert action["runs"]["using"] == "composite"
        given = {name: inputs.get(name, about["default"]) for name, about in action["inputs"].items()}
        results = []
        for step in action["runs"]["steps"]:
            own = {name: _EXPRESSION.sub(lambda found: given[found[1]], value) for name, value in step["env"].items()}
            assert "${{" not in step["run"], "what is pasted into a script can end it"
            results.append(self.step(step["run"], {**env, **own, "GITHUB_ACTION_PATH": folder}, step["shell"]))
        return results


class Azure(Runner):
    """azure-pipelines-tasks: BashV3/bash.ts sends stderr to stdout; the agent takes commands from it."""

    variables: ClassVar[Mapping[str, str]] = {"TF_BUILD": "True"}

    def step(self, script: str, env: Mapping[str, str] | None = None, shell: str = "") -> Result:
        result = self.start(script, env or {}, "bash")
        for line in (result.out + result.err).splitlines():
            found = _LOGGING.search(line)
            if found and found[1] == "task.prependpath":
                self.path = [*(folder for folder in self.path if folder != found[3]), found[3]]
            elif found and found[1] == "task.setvariable":
                self.env[found[2].removeprefix("variable=")] = found[3]
        return result


class CircleCI(Runner):
    """Each step is a bash that reads the file BASH_ENV first; the file is there only once somebody has written to it."""

    variables: ClassVar[Mapping[str, str]] = {"CIRCLECI": "true", "BASH_ENV": "/tmp/.bash_env-1"}

    def step(self, script: str, env: Mapping[str, str] | None = None, shell: str = "") -> Result:
        return self.start(script, env or {}, "bash", "-eo", "pipefail")


class GitLab(Runner):
    """before_script and script are one shell; after_script is another."""

    variables: ClassVar[Mapping[str, str]] = {"GITLAB_CI": "true"}

    def step(self, script: str, env: Mapping[str, str] | None = None, shell: str = "") -> Result:
        return self.start(f"set -eo pipefail\n{script}", env or {}, "bash")


class Jenkins(Runner):
    """`sh` of a pipeline: each a shell of its own, with what the agent has."""

    variables: ClassVar[Mapping[str, str]] = {"BUILD_ID": "7", "BUILD_TAG": "jenkins-shop-7"}

    def step(self, script: str, env: Mapping[str, str] | None = None, shell: str = "") -> Result:
        return self.start(script, env or {}, "sh", "-xe")


def _unescape(text: str) -> str:
    for code, letter in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, letter)
    return text
