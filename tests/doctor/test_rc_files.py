"""The lines of rc files, and the command that opens one."""

from doctor.doctor_tree import Tree
from pipshunt.doctor.rc_files import Line, edit_command, read_lines


def test_every_line_that_is_no_comment_is_given_with_its_place(tree: Tree) -> None:
    bashrc = tree.write("home/ana/.bashrc", "# export PIP_USER=1\n\n  alias pip=x\n")
    fish = tree.write("home/ana/.config/fish/conf.d/a.fish", "set -gx PIP_USER 1\n")
    environment = tree.write("etc/environment", 'PIP_USER="1"\n')
    script = tree.write("etc/profile.d/pip.sh", "export PIP_USER=yes\n")
    assert read_lines(tree.world()) == [
        Line(str(bashrc), 3, "  alias pip=x"),
        Line(str(environment), 1, 'PIP_USER="1"'),
        Line(str(fish), 1, "set -gx PIP_USER 1"),
        Line(str(script), 1, "export PIP_USER=yes"),
    ]


def test_the_machines_files_are_opened_as_root(tree: Tree) -> None:
    world = tree.world()
    assert edit_command(world, f"{tree.home}/.bashrc", 3) == "${EDITOR:-vi} +3 ~/.bashrc"
    assert edit_command(world, "/etc/environment", 1) == "sudo ${EDITOR:-vi} +1 /etc/environment"
    assert edit_command(tree.world(uid=0), "/etc/environment", 1) == "${EDITOR:-vi} +1 /etc/environment"


def test_without_a_home_there_are_the_machines_files_alone(tree: Tree) -> None:
    world = tree.world()
    world = world._replace(places=world.places._replace(home=""))
    tree.write("etc/environment", "A=1\n")
    assert [line.text for line in read_lines(world)] == ["A=1"]
