"""The context: what shows that this is a container."""

from pathlib import Path

import pytest

from pipshunt.context import find_container

LAYERS = "lowerdir=/var/lib/docker/overlay2/l/A,upperdir=/var/lib/docker/overlay2/b/diff,workdir=/var/lib/docker/overlay2/b/work"
SNAPSHOTS = (
    "lowerdir=/var/lib/buildkit/runc-overlayfs/snapshots/1/fs,upperdir=/var/lib/buildkit/runc-overlayfs/snapshots/2/fs"
)
STORAGE = "lowerdir=/home/ana/.local/share/containers/storage/overlay/l/A,upperdir=/home/ana/.local/share/containers/storage/overlay/b"


def mounted(kind: str, options: str, at: str = "/") -> str:
    return (
        f"22 27 0:21 / /proc rw - proc proc rw\n527 31 0:52 / {at} rw,relatime master:1 - {kind} {kind} rw,{options}\n"
    )


@pytest.mark.parametrize(
    ("mounts", "shows"),
    [
        pytest.param(mounted("overlay", LAYERS), "/proc/self/mountinfo", id="docker build"),
        pytest.param(mounted("overlay", SNAPSHOTS), "/proc/self/mountinfo", id="a builder of buildx"),
        pytest.param(mounted("overlay", STORAGE), "/proc/self/mountinfo", id="rootless podman"),
        pytest.param(
            mounted("overlay", LAYERS, at="/var/lib/docker/overlay2/b/merged"), "", id="a machine that runs docker"
        ),
        pytest.param(
            mounted("overlay", "lowerdir=/run/live/rootfs,upperdir=/run/live/overlay/rw"), "", id="a live system"
        ),
        pytest.param(mounted("ext4", "errors=remount-ro"), "", id="a disk"),
        pytest.param("", "", id="nothing to read"),
    ],
)
def test_a_root_file_system_in_an_engines_store_is_a_container(tmp_path: Path, mounts: str, shows: str) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(mounts)
    assert find_container({}, str(tmp_path)) == shows


def test_a_file_a_variable_or_a_control_group_shows_a_container(tmp_path: Path) -> None:
    assert find_container({"container": "podman"}, str(tmp_path)) == "container=podman"
    assert find_container({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, str(tmp_path)) == "KUBERNETES_SERVICE_HOST"
    (tmp_path / "proc/1").mkdir(parents=True)
    (tmp_path / "proc/1/cgroup").write_text("0::/kubepods/besteffort/pod1\n")
    assert find_container({}, str(tmp_path)) == "/proc/1/cgroup"
    (tmp_path / ".dockerenv").touch()
    assert find_container({}, str(tmp_path)) == "/.dockerenv"
