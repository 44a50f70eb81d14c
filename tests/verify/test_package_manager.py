"""Reading what package managers say, each in its own words, as they were seen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipshunt.verify.package_manager import (
    DIALECTS,
    Change,
    Dialect,
    NoAnswer,
    PackageManager,
    find_managers,
    read_apk_audit,
    read_apk_owners,
    read_dpkg_owners,
    read_pacman_owners,
    read_pacman_verified,
    read_rpm_owners,
    read_verified,
)


@pytest.mark.parametrize(
    ("read", "said", "packages", "unowned"),
    [
        pytest.param(
            read_dpkg_owners,
            "diversion by x from: /usr/bin/pip3\n"
            "python3-pip, libpython3.11-minimal:amd64: /usr/lib/python3\n"
            "dpkg-query: no path found matching pattern /usr/lib/python3/dist-packages/foreign.py\n",
            {"python3-pip", "libpython3.11-minimal:amd64"},
            {"/usr/lib/python3/dist-packages/foreign.py"},
            id="dpkg",
        ),
        pytest.param(
            read_rpm_owners,
            "python3-libs\nfile /usr/lib/x y.py is not owned by any package\n"
            "error: file /gone: No such file or directory\n",
            {"python3-libs"},
            {"/usr/lib/x y.py"},
            id="rpm",
        ),
        pytest.param(
            read_pacman_owners,
            "python\nerror: No package owns /usr/lib/x.py\n",
            {"python"},
            {"/usr/lib/x.py"},
            id="pacman",
        ),
        pytest.param(
            read_apk_owners,
            "/usr/bin/python3 is owned by python3-3.12.10-r1\nERROR: /usr/lib/x.py: Could not find owner package\n",
            {"python3"},
            {"/usr/lib/x.py"},
            id="apk",
        ),
    ],
)
def test_owners_are_read(
    read: Callable[[str], tuple[set[str], set[str]]], said: str, packages: set[str], unowned: set[str]
) -> None:
    assert read(said) == (packages, unowned)


@pytest.mark.parametrize(
    ("read", "said", "changes"),
    [
        pytest.param(
            read_verified,
            "??5??????   /usr/lib/python3.11/os.py\n"
            "missing     /usr/lib/python3.11/EXTERNALLY-MANAGED\n"
            "??5?????? c /etc/python3/debian_config\n"
            "missing   c /etc/python3.11/sitecustomize.py\n",
            [Change("/usr/lib/python3.11/os.py", False), Change("/usr/lib/python3.11/EXTERNALLY-MANAGED", True)],
            id="dpkg",
        ),
        pytest.param(
            read_verified,
            "Unsatisfied dependencies for python3-libs-3.13-1:\n\tpython(abi) = 3.13 is needed by (installed) x-1-1.noarch\n"
            "..5......  c /etc/python/conf\n"
            "S.5....T.    /usr/lib64/python3.13/os.py\n.......T.    /usr/lib64/python3.13/re.py\n....L....    /usr/bin/python3\n",
            [Change("/usr/lib64/python3.13/os.py", False), Change("/usr/bin/python3", False)],
            id="rpm",
        ),
        pytest.param(
            read_pacman_verified,
            "warning: python: /usr/lib/python3.13/os.py (Modification time mismatch)\n"
            "warning: python: /usr/lib/python3.13/os.py (SHA256 checksum mismatch)\n"
            "warning: python: /usr/lib/python3.13/EXTERNALLY-MANAGED (No such file or directory)\n"
            "backup file: python: /etc/x (SHA256 checksum mismatch)\n"
            "python: 8000 total files, 2 altered files\n",
            [Change("/usr/lib/python3.13/os.py", False), Change("/usr/lib/python3.13/EXTERNALLY-MANAGED", True)],
            id="pacman",
        ),
        pytest.param(
            read_apk_audit,
            "A usr/lib/python3.12/site-packages/x.py\nU usr/lib/python3.12/os.py\nX usr/lib/python3.12/EXTERNALLY-MANAGED\n",
            [Change("/usr/lib/python3.12/os.py", False), Change("/usr/lib/python3.12/EXTERNALLY-MANAGED", True)],
            id="apk",
        ),
    ],
)
def test_changes_are_read(read: Callable[[str], list[Change]], said: str, changes: list[Change]) -> None:
    assert read(said) == changes


def _dialect(program: str, script: str) -> Dialect:
    command = ("/bin/sh", "-c", script, "sh")
    return Dialect(program, command, read_rpm_owners, command, read_verified, "")


def test_one_that_does_not_answer_is_not_waited_for() -> None:
    manager = PackageManager(_dialect("slow", "sleep 60"), {}, 0.3)
    with pytest.raises(NoAnswer, match=r"^/bin/sh had no answer within 0\.3 s$"):
        manager.packages_of(["/usr"])


def test_one_that_is_not_there_is_not_said_to_be_slow() -> None:
    manager = PackageManager(DIALECTS[0]._replace(owners=("/nowhere/dpkg-query",)), {}, 120)
    with pytest.raises(NoAnswer, match=r"^/nowhere/dpkg-query does not run: No such file or directory$"):
        manager.packages_of(["/usr"])


def test_an_applet_of_one_is_none(tmp_path: Path) -> None:
    for folder in ("busybox", "whole"):
        (tmp_path / folder).mkdir()
        for name in ("pacman",) if folder == "busybox" else ("pacman", "pacman-query"):
            (tmp_path / folder / name).write_text("#!/bin/sh\n")
            (tmp_path / folder / name).chmod(0o755)
    pacman = DIALECTS[-1]._replace(owners=("pacman-query",))
    found = {folder: find_managers({"PATH": f"{tmp_path}/{folder}"}, 1, (pacman,)) for folder in ("busybox", "whole")}
    assert {folder: len(managers) for folder, managers in found.items()} == {"busybox": 0, "whole": 1}


def test_it_is_asked_in_its_own_language_and_of_many_paths_in_turns() -> None:
    manager = PackageManager(_dialect("plain", 'echo "$LC_ALL.$#"'), {"LC_ALL": "de_DE.UTF-8"}, 10)
    assert manager.packages_of([f"/x/{number}" for number in range(900)]) == {"C.400", "C.100"}


def test_apk_is_asked_for_a_file_where_others_are_asked_for_its_folder(tmp_path: Path) -> None:
    for name in ("known/__init__.py", "foreign/__init__.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    apk = next(dialect for dialect in DIALECTS if dialect.program == "apk")
    script = 'for path; do echo "ERROR: $path: Could not find owner package"; done | grep -v known/__init__.py'
    manager = PackageManager(apk._replace(owners=("/bin/sh", "-c", script, "sh")), {}, 10)
    assert manager.unowned([f"{tmp_path}/known", f"{tmp_path}/foreign"]) == {f"{tmp_path}/foreign"}
    manager = PackageManager(apk._replace(verify=("/bin/sh", "-c", 'echo "U ${1#/}/os.py"')), {"PATH": "/bin"}, 10)
    assert manager.find_changes(["python3"], ["/etc/hosts", "/etc", "/usr/lib"]) == [Change("/usr/lib/os.py", False)]


def test_a_machine_without_any_has_none() -> None:
    assert [manager.dialect.program for manager in find_managers({"PATH": "/nowhere"}, 1)] in ([], ["dpkg"], ["rpm"])
