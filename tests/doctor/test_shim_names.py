"""Whether a shim stands for each name that there is, and for no other."""

import subprocess

from doctor.doctor_tree import Tree
from pipshunt.doctor.installations import Installation, find_installations
from pipshunt.doctor.pythons import find_pythons
from pipshunt.doctor.shells import View
from pipshunt.doctor.shim_names import judge_names

PREFIX = "~/.local/share/pipshunt"


def names(tree: Tree, *views: View, installation: Installation) -> list[tuple[str, ...]]:
    return tree.told(judge_names(tree.world(), installation, views, find_pythons(tree.world())))


def test_a_new_python_has_no_shim_until_the_fix_lays_it(tree: Tree) -> None:
    installation = tree.install()
    tree.write("usr/bin/python3.14", "", 0o755)
    tree.write("usr/bin/pip3.14", "", 0o755)
    view = View("here", "here", tree.path(), {})
    (found,) = names(tree, view, installation=installation)
    fix = f"for name in pip3.14 python3.14; do ln -s pipshunt-shim {PREFIX}/bin/$name; done"
    said = "no shim stands for pip3.14, python3.14, which came after the shims were laid"
    assert found == ("problem", "shim-missing", said, fix)
    subprocess.run(["sh", "-c", fix], env={"HOME": str(tree.home), "PATH": "/usr/bin:/bin"}, check=True)
    (again,) = find_installations(tree.world())
    assert names(tree, view, installation=again) == []


def test_the_machines_shims_are_linked_as_well(tree: Tree) -> None:
    installation = tree.install("opt/pipshunt")
    tree.write("usr/bin/uv", "", 0o755)
    (found,) = names(tree, View("here", "here", tree.path(), {}), installation=installation)
    assert found[3] == (
        "for name in uv; do sudo ln -s pipshunt-shim /opt/pipshunt/bin/$name; "
        "sudo ln -s /opt/pipshunt/bin/$name /usr/local/bin/; done"
    )


def test_a_shim_of_a_program_that_is_gone_is_told_where_every_path_is_known(tree: Tree) -> None:
    installation = tree.install()
    for name in ("python3.13", "python3"):
        (tree.root / "usr/bin" / name).unlink()
    view, silent = View("here", "here", tree.path(), {}), View("login", "login", None, {})
    said = "shims stand for python3, python3.13, but there is no such program any more"
    fix = f"rm {PREFIX}/bin/python3 {PREFIX}/bin/python3.13"
    assert names(tree, view, installation=installation) == [("notice", "shim-idle", said, fix)]
    assert names(tree, view, silent, installation=installation) == []
    subprocess.run(["sh", "-c", fix], env={"HOME": str(tree.home), "PATH": "/usr/bin:/bin"}, check=True)
    (again,) = find_installations(tree.world())
    assert names(tree, view, installation=again) == []


def test_a_name_of_an_unmarked_python_is_a_notice(tree: Tree) -> None:
    installation = tree.install()
    tree.write("free/bin/python3.12", "\x7fELF", 0o755)
    tree.write("free/bin/pip3.12", f"#!{tree.root}/free/bin/python3.12\n", 0o755)
    view = View("here", "here", tree.path(tree.root / "free/bin"), {})
    fix = f"for name in pip3.12 python3.12; do ln -s pipshunt-shim {PREFIX}/bin/$name; done"
    said = "no shim stands for pip3.12, python3.12, whose Pythons have no marker"
    assert names(tree, view, installation=installation) == [("notice", "shim-missing-harmless", said, fix)]
