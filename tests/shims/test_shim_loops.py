"""Other managers' shims are legitimate tools, and whoever calls us back by PATH ends in the next tool or in a message."""

import os
import sys
from pathlib import Path

import pytest
from machine import Machine
from wheels import build_wheel

from shims.stage import Stage

# As pyenv's and asdf's are once they are set to `system`: the next of that name on PATH that does not lie beside it.
MANAGER = """#!/bin/sh
own=${0%/*} name=${0##*/}
IFS=:
for folder in $PATH; do
    if [ "$folder" != "$own" ] && [ -x "$folder/$name" ]; then exec "$folder/$name" "$@"; fi
done
echo "manager: no $name" >&2
exit 127
"""
# As mise's are: one program under every name. A script here, but with a first line as pip's own has.
MULTICALL = f"""#!{os.path.realpath(sys.executable)} -IS
import os, sys
own, name = os.path.split(sys.argv[0])
for folder in os.environ["PATH"].split(":"):
    if folder != own and os.access(f"{{folder}}/{{name}}", os.X_OK):
        os.execv(f"{{folder}}/{{name}}", [f"{{folder}}/{{name}}", *sys.argv[1:]])
"""
NAIVE = '#!/bin/sh\nexec pip "$@"\n'
FORKING = '#!/bin/sh\npip "$@"\nexit $?\n'
CALLS = [["pip", "--version"], ["pip", "list"], ["python3", "-c", "pass"], ["python3.11", "-m", "venv", "x"]]


def lay_manager(stage: Stage, text: str = MANAGER) -> dict[str, str]:
    """Lay a manager's shims behind ours and ahead of the tools; return the environment."""
    folder = stage.root / "manager"
    stage.script(folder / "manager", text)
    for name in ("pip", "pip3", "python", "python3", "python3.11"):
        if text is MULTICALL:
            (folder / name).symlink_to("manager")
        else:
            stage.script(folder / name, text)
    return stage.env(PATH=f"{stage.shims}:{folder}:{stage.bin}:/usr/bin:/bin")


@pytest.mark.parametrize("argv", CALLS, ids=" ".join)
def test_a_managers_shim_that_chooses_a_version_is_the_tool(stage: Stage, shell: str, argv: list[str]) -> None:
    version = stage.lay_prefix(stage.root / "versions/3.11", marked=False)
    env = lay_manager(stage, f'#!/bin/sh\nPATH={version}:$PATH exec "{version}/${{0##*/}}" "$@"\n')
    done = stage.call(shell, *argv, env=env)
    assert done.record.words == [str(version / argv[0]), *argv[1:]]
    assert done.record.pid == done.pid


@pytest.mark.parametrize("text", [MANAGER, MULTICALL], ids=["script", "multicall"])
@pytest.mark.parametrize("argv", CALLS, ids=" ".join)
def test_a_manager_set_to_the_system_gets_the_tool_behind_it(
    stage: Stage, shell: str, text: str, argv: list[str]
) -> None:
    done = stage.call(shell, *argv, env=lay_manager(stage, text))
    assert done.record.words == [str(stage.bin / argv[0]), *argv[1:]]
    assert done.record.pid == done.pid


def test_two_managers_in_a_row_get_the_tool_behind_them(stage: Stage, shell: str) -> None:
    env = lay_manager(stage)
    stage.script(stage.root / "other/pip", MANAGER)
    env["PATH"] = env["PATH"].replace(f"{stage.bin}", f"{stage.root}/other:{stage.bin}")
    assert stage.call(shell, "pip", "list", env=env).record.words == [str(stage.bin / "pip"), "list"]


def test_an_install_behind_a_manager_set_to_the_system_is_shunted(machine: Machine) -> None:
    build_wheel(machine.home / "wheels", "six", "1.0")
    for name in ("pip", "python3"):
        machine.write_script(machine.root / "manager" / name, MANAGER)
    env = machine.env(
        PATH=f"{machine.shims}:{machine.root}/manager:{machine.bin}:/usr/bin:/bin", PIP_FIND_LINKS="../wheels"
    )
    result = machine.run("pip", "install", "six", env=env)
    assert (result.status, "to the new environment .venv" in result.err) == (0, True)
    result = machine.run("python3", "-c", "import six; print(six.__file__)", env=env)
    assert result.out.startswith(str(machine.project / ".venv"))


@pytest.mark.parametrize(
    ("text", "tool"), [(NAIVE, "pip"), (MANAGER.replace('"$folder" != "$own"', "x = x"), "python3")]
)
def test_a_shim_that_only_ever_calls_itself_by_path_gets_the_tool_behind_it(
    stage: Stage, shell: str, text: str, tool: str
) -> None:
    assert stage.call(shell, tool, "list", env=lay_manager(stage, text)).record.words == [str(stage.bin / tool), "list"]


@pytest.mark.parametrize("verb", ["list", "download"])
def test_where_there_is_no_tool_behind_it_one_sentence_says_so(stage: Stage, shell: str, verb: str) -> None:
    env = lay_manager(stage, NAIVE)
    env["PATH"] = f"{stage.shims}:{stage.root}/manager:/nowhere"
    done = stage.call(shell, "pip", verb, env=env)
    assert (done.status, done.out, done.records) == (126, "", [])
    assert done.err == (
        "pipshunt: every pip on PATH calls pip by PATH again, and so comes back to pipshunt's shim"
        f" ({stage.shims}/pip)\n"
    )


@pytest.mark.parametrize(
    "text",
    [FORKING, f"#!{os.path.realpath(sys.executable)} -IS\nimport os, sys\nos.execvp('pip', sys.argv)\n"],
    ids=["forks", "execs"],
)
def test_a_loop_that_cannot_be_told_from_a_tool_ends_with_a_sentence(stage: Stage, text: str) -> None:
    done = stage.call("dash", "pip", "list", env=lay_manager(stage, text))
    assert (done.status, done.records) == (126, [])
    assert done.err == (
        f"pipshunt: pip came back to pipshunt's shim ({stage.shims}/pip) again and again; call the pip you mean by its path\n"
    )


def test_an_install_that_loops_through_the_engine_ends_with_a_sentence(machine: Machine) -> None:
    machine.write_script(machine.root / "naive/pip", NAIVE)
    env = machine.env(PATH=f"{machine.shims}:{machine.root}/naive")
    result = machine.run("pip", "install", "six", env=env)
    assert (result.status, result.err.count("\n")) == (126, 1)
    assert result.err.startswith("pipshunt: every pip on PATH calls pip by PATH again")


@pytest.mark.parametrize("again", ["exec", "fork"])
def test_a_program_that_starts_itself_anew_by_name_is_no_loop(stage: Stage, folder: Path, again: str) -> None:
    (stage.bin / "python3").unlink()
    (stage.bin / "python3").symlink_to(os.path.realpath(sys.executable))
    text = f"""
import os, subprocess, sys
left = int(sys.argv[1]) - 1
argv = ["python3", "-IS", __file__, str(left)]
if not left:
    print("done")
elif {again!r} == "exec":
    os.execvp("python3", argv)
else:
    sys.exit(subprocess.run(argv).returncode)
"""
    program = stage.script(folder / "program.py", text)
    done = stage.call("dash", "python3", "-IS", str(program), "24")
    assert (done.out, done.err, done.status) == ("done\n", "", 0)


def test_a_program_that_started_itself_anew_often_enough_may_go_on_after_a_while(stage: Stage, shell: str) -> None:
    record = stage.call(shell, "pip", "list", env=stage.env(PIPSHUNT_GUARD="25:4:77:x")).record
    (guard,) = (entry for entry in record.environ if entry.startswith(b"PIPSHUNT_GUARD="))
    hundreds = int(Path("/proc/uptime").read_text().partition(".")[0]) // 100
    count, since, rest = os.fsdecode(guard).removeprefix("PIPSHUNT_GUARD=").split(":", 2)
    assert (count, int(since) - hundreds in (0, -1), rest) == ("1", True, f"{record.pid}:{stage.shims}/pip")
    again = stage.call(shell, "pip", "list", env=stage.env(PIPSHUNT_GUARD=f"25:{since}:77:x"))
    assert (again.status, again.records) == (126, []) or int(since) != hundreds


@pytest.mark.parametrize(
    "guard",
    [
        *(
            "",
            ":",
            ":::",
            "*",
            "*:*:*:*",
            "a:i:i",
            "x:y:z:w",
            "1",
            "1:",
            "1::",
            "-1:0:0:0",
            "0:0:0:0",
            "08:0:0:0",
            "1e9:::",
        ),
        *(
            "$(touch x):::",
            "1:$(touch x):`touch x`:x",
            "1:2:3:4:5:6",
            "99:99999999999999999999:1:x",
            "100:0:0:0",
            "1:::" + "x" * 9999,
        ),
        *("\n", "1:\n:1:\n", "(", "!", "-e", "[", "a[$(touch x)]:0:0:0", b"\xff:\xff:\xff:\xff"),
    ],
    ids=repr,
)
def test_a_guard_that_is_junk_does_no_harm(stage: Stage, guard: str | bytes) -> None:
    for shell in ("dash", "bash"):
        record = stage.call(shell, "pip", "list", env={**stage.env(), "PIPSHUNT_GUARD": guard}).record
        assert record.words == [str(stage.bin / "pip"), "list"]
    assert list(stage.work.iterdir()) == []
