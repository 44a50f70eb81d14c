"""PATH as files and fixed defaults have it."""

import pytest

from doctor.doctor_tree import Tree
from pipshunt.doctor.set_paths import cron_paths, has_sudo, login_path, systemd_path


@pytest.mark.parametrize(
    ("files", "uid", "path"),
    [
        pytest.param({}, 1000, "/usr/local/bin:/usr/bin:/bin", id="nothing said"),
        pytest.param({"etc/login.defs": "# x\nENV_PATH\tPATH=/a:/b\n"}, 1000, "/a:/b", id="login.defs"),
        pytest.param({"etc/login.defs": "ENV_SUPATH PATH=/s\nENV_PATH /a\n"}, 0, "/s", id="login.defs, root"),
        pytest.param({"etc/login.defs": "ENV_PATH /a:/b\n"}, 1000, "/a:/b", id="login.defs, without PATH="),
        pytest.param(
            {"etc/environment": 'LANG=C\nPATH="/e:/f"\n', "etc/login.defs": "ENV_PATH /a\n"},
            1000,
            "/e:/f",
            id="environment",
        ),
        pytest.param(
            {".dockerenv": "", "proc/1/environ": "A=1\0PATH=/image/bin:/bin\0", "etc/environment": "PATH=/e\n"},
            0,
            "/image/bin:/bin",
            id="a container's first process",
        ),
        pytest.param({".dockerenv": "", "etc/environment": "PATH=/e\n"}, 1000, "/e", id="a container, not readable"),
        pytest.param({"proc/1/environ": "PATH=/init\0"}, 0, "/usr/local/bin:/usr/bin:/bin", id="no container"),
    ],
)
def test_a_session_starts_with(tree: Tree, files: dict[str, str], uid: int, path: str) -> None:
    for name, text in files.items():
        tree.write(name, text)
    assert login_path(tree.world(uid=uid)) == path


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        pytest.param({}, [], id="no cron"),
        pytest.param({"usr/sbin/cron": ""}, [("cron", "cron", "/usr/bin:/bin")], id="a cron"),
        pytest.param(
            {"etc/crontab": "SHELL=/bin/sh\nPATH=/usr/local/bin:/bin\n"},
            [("cron", "cron", "/usr/bin:/bin"), ("crontab", "/etc/crontab", "/usr/local/bin:/bin")],
            id="Debian's crontab",
        ),
        pytest.param({"etc/crontab": "# nothing\n"}, [("cron", "cron", "/usr/bin:/bin")], id="a crontab without PATH"),
    ],
)
def test_cron(tree: Tree, files: dict[str, str], paths: list[tuple[str, str, str]]) -> None:
    for name, text in files.items():
        tree.write(name, text)
    told = [(kind, label, path.replace(str(tree.root), "")) for kind, label, path in cron_paths(tree.world())]
    assert told == paths


def test_what_a_users_own_crontab_says_counts(tree: Tree) -> None:
    tree.write("usr/bin/crontab", "#!/bin/sh\necho PATH=/opt/pipshunt/bin:/usr/bin:/bin\necho '* * * * * x'\n", 0o755)
    assert cron_paths(tree.world()) == [("cron", "cron", "/opt/pipshunt/bin:/usr/bin:/bin")]
    tree.write("usr/bin/crontab", "#!/bin/sh\nexit 1\n", 0o755)
    assert [label for _, label, _ in cron_paths(tree.world())] == ["cron"]


def test_busyboxs_cron_has_a_path_of_its_own(tree: Tree) -> None:
    tree.write("bin/busybox")
    (tree.root / "usr/sbin").mkdir()
    (tree.root / "usr/sbin/crond").symlink_to("../../bin/busybox")
    assert cron_paths(tree.world()) == []


def test_systemd(tree: Tree) -> None:
    assert systemd_path(tree.world()) == ""
    tree.write("usr/lib/systemd/systemd")
    assert systemd_path(tree.world()) == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    tree.write("etc/systemd/system.conf", '[Manager]\nDefaultEnvironment="A=1" "PATH=/a:/b"\n')
    assert systemd_path(tree.world()) == "/a:/b"


def test_sudo(tree: Tree) -> None:
    assert not has_sudo(tree.world())
    tree.write("usr/bin/sudo")
    assert has_sudo(tree.world())
