"""Whether this is a container: trees as engines, machines and what lies between leave them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipshunt.container import find_container

OVERLAY2 = "/var/lib/docker/overlay2"
CONTAINERD = "/var/lib/rancher/rke2/agent/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots"
BUILDKIT = "/var/lib/buildkit/runc-overlayfs/snapshots/snapshots"
STORAGE = "/home/ana/.local/share/containers/storage/overlay"
WSL = {"proc/sys/kernel/osrelease": "6.18.40.1-microsoft-standard-WSL2\n"}
OWN_CGROUP = {"sys/fs/cgroup/cgroup.events": "populated 1\n", "sys/fs/cgroup/cgroup.type": "domain\n"}


def mounts(kind: str, options: str, at: str = "/", source: str = "") -> dict[str, str]:
    lines = (
        "22 27 0:21 / /proc rw - proc proc rw\n"
        f"527 31 0:52 / {at} rw,relatime master:1 - {kind} {source or kind} rw,{options}\n"
        "530 527 0:55 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755\n"
    )
    return {"proc/self/mountinfo": lines}


def overlay(upper: str, lower: str = "/lower", at: str = "/", source: str = "overlay") -> dict[str, str]:
    work = upper.rpartition("/")[0] + "/work"
    return mounts("overlay", f"lowerdir={lower},upperdir={upper},workdir={work},xino=off", at, source)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """What every Linux has: a process 1 in the root of all control groups, a disk at /."""
    lay(tmp_path, {"proc/1/cgroup": "0::/init.scope\n", "proc/1/environ": "HOME=/\0TERM=linux\0"})
    lay(tmp_path, {"proc/sys/kernel/osrelease": "6.12.48+deb13-amd64\n", **mounts("ext4", "errors=remount-ro")})
    return tmp_path


def lay(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


@pytest.mark.parametrize(
    ("files", "shows"),
    [
        pytest.param({".dockerenv": ""}, "/.dockerenv", id="docker run"),
        pytest.param({"run/.containerenv": ""}, "/run/.containerenv", id="podman run, podman build, buildah"),
        pytest.param({"kaniko/executor": ""}, "/kaniko", id="kaniko"),
        pytest.param({"run/systemd/container": "lxc\n"}, "/run/systemd/container", id="LXC with systemd"),
        pytest.param({"run/host/container-manager": "systemd-nspawn\n"}, "/run/host/container-manager", id="nspawn"),
        pytest.param({"proc/1/environ": "A=1\0container=lxc\0"}, "/proc/1/environ", id="LXC without systemd"),
        pytest.param({"proc/1/cgroup": "0::/kubepods/besteffort/pod1\n"}, "/proc/1/cgroup", id="Kubernetes"),
        pytest.param({"proc/1/cgroup": "4:cpu:/docker/buildkit/x\n"}, "/proc/1/cgroup", id="docker build, cgroups v1"),
        pytest.param(OWN_CGROUP, "/sys/fs/cgroup", id="BuildKit with another snapshotter, cgroups v2"),
        pytest.param(overlay(f"{OVERLAY2}/b/diff"), "/proc/self/mountinfo", id="docker build"),
        pytest.param(overlay(f"{BUILDKIT}/4/fs"), "/proc/self/mountinfo", id="a builder of buildx"),
        pytest.param(overlay(f"{CONTAINERD}/17/fs"), "/proc/self/mountinfo", id="containerd"),
        pytest.param(overlay("17/fs", "16/fs:15/fs"), "/proc/self/mountinfo", id="containerd, many layers"),
        pytest.param(overlay("/data/store/overlay2/b/diff"), "/proc/self/mountinfo", id="a store of another name"),
        pytest.param(overlay(f"{STORAGE}/b/diff"), "/proc/self/mountinfo", id="rootless podman"),
        pytest.param(
            mounts("fuse.fuse-overlayfs", f"lowerdir={STORAGE}/l/A,upperdir={STORAGE}/b/diff"),
            "/proc/self/mountinfo",
            id="podman with fuse-overlayfs",
        ),
        pytest.param({**WSL, **overlay(f"{OVERLAY2}/b/diff")}, "/proc/self/mountinfo", id="docker build on WSL"),
        pytest.param({**WSL, ".dockerenv": ""}, "/.dockerenv", id="docker run on WSL"),
    ],
)
def test_a_container(tree: Path, files: Mapping[str, str], shows: str) -> None:
    lay(tree, files)
    assert find_container({}, str(tree)) == shows


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="a machine, a virtual machine, a hosted runner"),
        pytest.param(overlay(f"{OVERLAY2}/b/diff", at=f"{OVERLAY2}/b/merged"), id="a machine that runs docker"),
        pytest.param(overlay(f"{STORAGE}/b/diff", at=f"{STORAGE}/b/merged"), id="a machine that runs podman"),
        pytest.param(overlay("/run/live/overlay/rw", "/run/live/rootfs/filesystem.squashfs/"), id="Debian live"),
        pytest.param(overlay("/cow/upper", "/filesystem.squashfs", source="/cow"), id="Ubuntu live"),
        pytest.param(overlay("/run/overlayfs", "/run/rootfsbase", source="LiveOS_rootfs"), id="Fedora live"),
        pytest.param(overlay("/overlay/upper", "/rom", source="overlayfs:/overlay"), id="OpenWrt"),
        pytest.param(overlay("/media/root-rw/overlay", "/media/root-ro", source="overlayroot"), id="overlayroot"),
        pytest.param(
            mounts("overlay", "lowerdir=/run/ostree/.private/cfsroot-lower::/ostree/repo/objects", source="composefs"),
            id="an image-based system",
        ),
        pytest.param({**WSL, **OWN_CGROUP, "run/systemd/container": "wsl\n"}, id="WSL"),
        pytest.param({"sys/fs/cgroup/cgroup.events": ""}, id="a kernel that has events for the root, too"),
        pytest.param({"run/systemd/container": ""}, id="said to be none"),
        pytest.param({"proc/1/environ": "container=\0A=1\0"}, id="process 1 was told that it is none"),
        pytest.param({"proc/self/mountinfo": "", "proc/1/cgroup": "", "proc/1/environ": ""}, id="nothing to read"),
        pytest.param({"proc/self/mountinfo": "broken\n\n / \n"}, id="nothing that can be read"),
    ],
)
def test_no_container(tree: Path, files: Mapping[str, str]) -> None:
    lay(tree, files)
    assert find_container({}, str(tree)) == ""


def test_a_tree_without_proc_as_debootstrap_s_chroot_is_none(tmp_path: Path) -> None:
    assert find_container({}, str(tmp_path)) == ""


@pytest.mark.parametrize(
    ("env", "shows"),
    [
        pytest.param({"container": "podman"}, "container=podman", id="podman run"),
        pytest.param({"container": "oci"}, "container=oci", id="Fedora's images"),
        pytest.param({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "KUBERNETES_SERVICE_HOST", id="Kubernetes"),
        pytest.param({"container": ""}, "", id="set to nothing"),
    ],
)
def test_a_variable(tree: Path, env: Mapping[str, str], shows: str) -> None:
    assert find_container(env, str(tree)) == shows
