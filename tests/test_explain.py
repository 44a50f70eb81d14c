"""Explaining: the promised keys, the page, many calls at a time, and that it happens as it was said."""

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from machine import Machine, Result
from wheels import build_wheel

from pipshunt.explain import as_object, explain_call
from pipshunt.marker import describe_marker

KEYS = [
    *("schema", "decision", "pip_would_refuse", "interpreter", "marker", "marker_owner", "track", "environment"),
    *("rule", "policy", "command", "plan", "notes"),
]


def pipshunt(
    machine: Machine, *words: str, stdin: bytes = b"", cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> Result:
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from pipshunt.cli import main; sys.exit(main())"
    argv = [os.path.realpath(sys.executable), "-I", "-c", code, str(machine.engine), *words]
    return machine.run(*argv, cwd=cwd, env=env, stdin=stdin)


def explained(machine: Machine, *words: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    result = pipshunt(machine, "explain", "--json", "--", *words, env=env)
    assert (result.status, result.err) == (0, ""), result
    answer: dict[str, Any] = json.loads(result.out)
    return answer


def test_an_install_that_would_be_shunted_key_by_key(machine: Machine) -> None:
    answer = explained(machine, "pip", "install", "-i", "https://u:p@h/", "flask")
    assert list(answer) == KEYS
    environment = f"{machine.project}/.venv"
    assert answer == {
        "schema": 1,
        "decision": "venv",
        "pip_would_refuse": True,
        "interpreter": str(machine.python),
        "marker": str(machine.marker),
        "marker_owner": "the administrator",
        "track": "project",
        "environment": environment,
        "rule": "default",
        "policy": None,
        "command": {
            "tool": "pip",
            "real": f"{machine.bin}/pip",
            "argv": ["pip", "install", "-i", "https://****@h/", "flask"],
            "verb": "install",
            "options": [
                {"name": "no-index", "value": "1", "origin": "PIP_NO_INDEX"},
                {"name": "index-url", "value": "https://****@h/", "origin": "command line"},
            ],
            "requirements": ["flask"],
        },
        "plan": {
            "kind": "run",
            "argv": [
                f"{environment}/bin/python",
                f"{environment}/bin/pip",
                "install",
                "-i",
                "https://****@h/",
                "flask",
            ],
            "environment": {"PIP_USER": None, "PIP_PYTHON": None},
            "create": environment,
            "follow": True,
            "installer": {"name": "pip", "reason": "no fit uv is on PATH", "argv": []},
        },
        "notes": ["pip would refuse it"],
    }
    assert os.listdir(machine.project) == ["pyproject.toml"]
    assert not machine.state.exists()


def test_a_call_that_is_none_of_pip_s(machine: Machine) -> None:
    answer = explained(machine, "python3", "script.py")
    assert list(answer) == KEYS
    assert {name: answer[name] for name in KEYS if name not in ("command", "plan")} == {
        "schema": 1,
        "decision": "pass",
        "pip_would_refuse": False,
        "interpreter": None,
        "marker": None,
        "marker_owner": None,
        "track": None,
        "environment": None,
        "rule": None,
        "policy": None,
        "notes": ["it does not start pip"],
    }
    assert answer["plan"] == {
        "kind": "exec",
        "argv": [f"{machine.bin}/python3", "script.py"],
        "environment": {},
        "create": None,
        "follow": False,
        "installer": None,
    }


def test_the_page_line_by_line(machine: Machine) -> None:
    (machine.project / "pipshunt.toml").write_text('action = "refuse"\n')
    machine.give(machine.project)
    result = pipshunt(machine, "explain", "pip", "install", "flask")
    assert (result.status, result.err) == (0, "")
    lines = [line for line in result.out.splitlines() if not line.startswith("container ")]
    assert lines == [
        "call         pip install flask",
        f"real tool    {machine.bin}/pip",
        f"interpreter  {machine.python} (Python {machine.version})",
        f"marker       {machine.marker}, put there by the administrator",
        f"project      {machine.project} (pipshunt.toml)",
        "pip alone    would refuse",
        f'rule         action = "refuse" ({machine.project}/pipshunt.toml line 1)',
        "decision     refuse: the policy refuses it",
        "",
        "refused: the policy refuses it",
        f'by action = "refuse" ({machine.project}/pipshunt.toml line 1)',
        "",
        f"the administrator says in {machine.marker}:",
        "    This Python is the test machine's.",
        "",
        "next: python3 -m venv --without-pip .venv && pip --python .venv/bin/python install flask",
    ]
    refused = machine.run("pip", "install", "flask")
    assert refused.err.splitlines() == ["pipshunt: " + lines[9], *lines[10:]]


def test_what_is_switched_off_or_mistaken_is_noted(machine: Machine) -> None:
    (machine.project / "pipshunt.toml").write_text('acton = "refuse"\n')
    machine.give(machine.project)
    notes = explained(machine, "pip", "install", "flask", env=machine.env(PIPSHUNT="off"))["notes"]
    assert notes[0] == "pip would refuse it"
    assert notes[1].startswith(f"{machine.project}/pipshunt.toml line 1: ")
    assert notes[-1] == "PIPSHUNT=off is set: the shim runs the real tool whatever stands here"


def test_notes_stand_above_the_page_of_a_refusal(machine: Machine) -> None:
    (machine.project / "pipshunt.toml").write_text('action = "refuse"\nacton = 1\n')
    machine.give(machine.project)
    lines = pipshunt(machine, "explain", "pip", "install", "flask").out.splitlines()
    [note] = [line for line in lines if line.startswith("note ")]
    assert lines.index(note) < lines.index("refused: the policy refuses it")


def test_without_a_call_it_says_how(machine: Machine) -> None:
    result = pipshunt(machine, "explain")
    assert (result.status, result.out, result.err) == (
        2,
        "",
        "pipshunt: explain needs a call: pipshunt explain -- pip install flask\n",
    )


def test_arguments_of_any_bytes_come_out_as_they_came(machine: Machine) -> None:
    result = pipshunt(machine, "explain", "--", "pip", "install", "caf\udce9")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[0] == "call         pip install caf\udce9"
    assert explained(machine, "pip", "install", "caf\udce9")["command"]["requirements"] == ["caf\udce9"]


BAD_LINES = {
    b"{": "Expecting property name",
    b"[]": "a call is an object with argv, env and cwd",
    b"7": "a call is an object with argv, env and cwd",
    b"{}": "argv is a list of one or more strings",
    b'{"argv": []}': "argv is a list of one or more strings",
    b'{"argv": "pip install x"}': "argv is a list of one or more strings",
    b'{"argv": ["pip", 1]}': "argv is a list of one or more strings",
    b'{"argv": ["pip"], "env": []}': None,
    b'{"argv": ["pip"], "env": 7}': "env is an object, cwd a string",
    b'{"argv": ["pip"], "cwd": 7}': "env is an object, cwd a string",
    b"\xff\xfe": "",
    b'{"argv": ["pip\\u0000"]}': "",
    b'{"argv": [""]}': "",
    b'{"argv": ["pip", "install"], "cwd": "/a\\u0000b"}': "",
    b'{"argv": ["pip", "install"], "env": {"PATH": "/a\\u0000b"}}': "",
    b'{"argv": ["pip", "install"], "env": {"PATH": 7, "HOME": null}}': "",
    b"[" * 100_000: "",
}


def test_a_line_that_is_no_call_is_answered_with_its_error_and_the_next_goes_on(machine: Machine) -> None:
    good = json.dumps({"argv": ["pip", "install", "flask"]}).encode()
    lines = [line for bad in BAD_LINES for line in (bad, good)]
    result = pipshunt(machine, "explain", "--batch", stdin=b"\n".join([b"", *lines, b"  ", b""]))
    assert (result.status, result.err) == (0, ""), result.err[-2000:]
    answers = [json.loads(line) for line in result.out.splitlines()]
    assert len(answers) == len(lines)
    for (bad, error), answer in zip(BAD_LINES.items(), answers[::2], strict=True):
        if error:
            assert answer["schema"] == 1, bad
            assert answer["error"].startswith(error), bad
        else:
            assert "error" in answer or "decision" in answer, bad
    assert {answer["decision"] for answer in answers[1::2]} == {"venv"}


def test_a_batch_takes_its_own_environment_and_folder(machine: Machine) -> None:
    calls = [
        {"argv": ["pip", "install", "flask"], "cwd": str(machine.home)},
        {"argv": ["pip", "install", "flask"], "env": {"PIPSHUNT_TRACK": "user"}},
        {"argv": ["pip", "install", "flask"], "env": {"PIP_TARGET": "x"}},
        {"argv": ["pip", "install", "flask"], "env": {"PATH": None}},
    ]
    result = pipshunt(machine, "explain", "--batch", stdin="\n".join(map(json.dumps, calls)).encode())
    answers = [json.loads(line) for line in result.out.splitlines()]
    assert [(answer["decision"], answer["track"]) for answer in answers[:3]] == [
        ("venv", "user"),
        ("venv", "user"),
        ("pass", None),
    ]
    assert "--target (PIP_TARGET)" in answers[2]["notes"][0]


def test_thousands_of_calls_a_minute_are_explained(machine: Machine) -> None:
    words = ["install", "list", "uninstall", "freeze", "download"]
    calls = [{"argv": ["pip", words[n % 5], "-r", "none.txt", f"p{n}"]} for n in range(600)]
    start = time.monotonic()
    result = pipshunt(machine, "explain", "--batch", stdin="\n".join(map(json.dumps, calls)).encode())
    rate = 60 * len(calls) / (time.monotonic() - start)
    assert len(result.out.splitlines()) == 600
    assert rate > 3000, f"{rate:.0f} a minute"


CALLS = [
    ("pip", "install", "demo-one"),
    ("pip3", "install", "--user", "demo-one"),
    ("python3", "-m", "pip", "install", "demo-one"),
    ("python3", "-Im", "pip", "install", "--target", "x", "demo-one"),
    ("pip", "install"),
    ("pip", "install", "--dry-run", "demo-one"),
    ("pip", "install", "--break-system-packages", "demo-one"),
    ("pip", "install", "--nonsense"),
    ("pip", "uninstall", "-y", "demo-one"),
    ("pip", "--version"),
    ("pip", "list"),
    ("python3", "-c", "pass"),
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_what_is_explained_is_what_happens(machine: Machine, call: tuple[str, ...]) -> None:
    build_wheel(machine.root / "wheels", "demo-one", "1.0")
    machine.give(machine.root / "wheels")
    env = machine.env(PIP_FIND_LINKS=str(machine.root / "wheels"))
    answer = explained(machine, *call, env=env)
    direct = machine.run(f"{machine.bin}/{call[0]}", *call[1:], env=env) if answer["decision"] != "pass" else None
    result = machine.run(*call, env=env)
    assert [record["decision"] for record in machine.log if record["decision"] != "pass"] == (
        [] if answer["decision"] == "pass" else [answer["decision"]]
    )
    if direct:
        assert ("externally-managed-environment" in direct.err) is answer["pip_would_refuse"]
    assert (machine.project / ".venv").exists() is bool(answer["plan"]["create"] and "--dry-run" not in call)
    if answer["decision"] == "refuse":
        assert result.status == 1
        assert "refused: " + answer["notes"][0] in result.err
    if machine.log:
        assert machine.log[0]["before"] == answer["command"]["argv"]
        assert without_pid(machine.log[0]["after"]) == without_pid(answer["plan"]["argv"])


def without_pid(words: list[str]) -> list[str]:
    """Leave out what the environment of a dry run is told from others by."""
    return [re.sub(r"(\.venv\.pipshunt-)\d+", r"\1", word) for word in words]


def test_a_call_by_the_path_of_the_real_tool_is_said_to_go_by_us(machine: Machine) -> None:
    notes = explained(machine, f"{machine.bin}/pip", "install", "flask")["notes"]
    assert notes[-1] == f"such a call runs {machine.bin}/pip, which does not lead through pipshunt"
    assert len(explained(machine, f"{machine.shims}/pip", "install", "flask")["notes"]) == 1


def test_a_link_of_another_name_is_what_it_leads_to(machine: Machine) -> None:
    (machine.project / "py").symlink_to(machine.python)
    (machine.project / "installer").symlink_to(machine.bin / "pip")
    (machine.project / "true").symlink_to("/bin/true")
    assert explained(machine, "./py", "-m", "pip", "install", "x")["pip_would_refuse"] is True
    assert explained(machine, "./installer", "install", "x")["pip_would_refuse"] is True
    assert explained(machine, "./true", "install", "x")["pip_would_refuse"] is False
    assert explained(machine, "./py", "-m", "pip", "install", "x")["notes"][-1].startswith("such a call runs ./py, ")


def test_nothing_on_path_is_nothing_to_explain(machine: Machine) -> None:
    flow = explain_call(["pip", "install", "x"], {"PATH": str(machine.shims), "HOME": "/"}, str(machine.project), 1)
    answer = as_object(flow)
    assert (answer["decision"], answer["interpreter"], answer["command"]["real"]) == ("pass", None, None)


def test_the_owner_of_the_marker_is_named_as_in_the_messages(machine: Machine) -> None:
    assert explained(machine, "pip", "install", "x")["marker_owner"] == describe_marker(str(machine.marker)).owner
