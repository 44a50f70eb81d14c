"""Debian's own start files and ours together: shells that somebody types in, on whole machines."""

import pytest

from roots.throwaway import ANA, Account, Throwaway

pytestmark = [pytest.mark.roots, pytest.mark.one_suite]

LINES = b"""cd project
pip install -q tender
echo "<$VIRTUAL_ENV|${PATH%%:*}|${PS1%% *}>"
tender; python3 -c 'import railcar'
cd ..
echo "<${VIRTUAL_ENV-unset}|${PS1%% *}>"
"""


@pytest.mark.parametrize("shell", [("bash", "-i"), ("bash", "-l", "-i")], ids=" ".join)
def test_who_types_in_debian_s_bash_is_in_the_project_s_environment_after_an_install(
    machine: Throwaway, account: Account, shell: tuple[str, ...]
) -> None:
    for person in {account, ANA}:  # root's installation is ana's too
        project = f"{person.home}/project"
        machine.write(person, f"{project}/requirements.txt", "tender\n")
        before = machine.run(person, *shell, stdin=b'echo "<${PS1%% *}>"\n').out.strip("<>\n")
        done = machine.run(person, *shell, stdin=LINES)
        entered, left = (line.strip("<>").split("|") for line in done.out.splitlines() if line.startswith("<"))
        assert entered[0] == f"{project}/.venv", done
        assert entered[1] in ("/home/ana/.local/share/pipshunt/bin", "/opt/pipshunt/bin")
        assert entered[2] == "(project)"
        assert left == ["unset", before]
        assert "No module named" not in done.err


@pytest.mark.parametrize("shell", [("bash", "-c"), ("bash", "-lc"), ("sh", "-c")], ids=" ".join)
def test_where_nobody_types_no_environment_is_entered(machine: Throwaway, shell: tuple[str, ...]) -> None:
    machine.write(ANA, "/home/ana/project/requirements.txt", "tender\n")
    machine.log_in(ANA, "pip install -q tender", cwd="/home/ana/project")
    done = machine.run(ANA, *shell, 'echo "${VIRTUAL_ENV-unset}"', cwd="/home/ana/project")
    assert (done.out, done.err) == ("unset\n", "")
