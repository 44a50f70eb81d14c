"""Whether this is a container: what the engines leave, and what a container's view of file systems and processes shows.

A machine that runs containers shows many of the same words. What counts is what is seen from within: the file system
at /, the process 1. WSL is a machine, and so is a virtual machine; a chroot is part of the machine it is on.
"""

import os
from collections.abc import Mapping

# Docker; Podman and Buildah (RUN as well); Kaniko, which unpacks the image over its own root.
_FILES = (".dockerenv", "run/.containerenv", "kaniko")
# Written by the manager (systemd.io/CONTAINER_INTERFACE), and by systemd where it is process 1 of a container.
_NAMES = ("run/host/container-manager", "run/systemd/container")
_ENGINES = ("docker", "kubepods", "containerd", "libpod", "lxc", "buildkit")
_STORES = ("/docker/", "/containerd/", "/buildkit/", "/containers/storage/")
# The upper folder of a layer, wherever the store is: with overlay2 and Podman, and in a snapshot of containerd.
_LAYERS = ("diff", "fs")


def find_container(env: Mapping[str, str], root: str = "/") -> str:
    """Return what shows that this is a container, "" if nothing does. *root*: where the file system is looked at.

    The RUN steps of BuildKit (docker build) have no file and no variable (moby/buildkit#4503): there it is the root's
    layer and the control group's namespace.
    """
    for name in _FILES:
        if os.path.exists(os.path.join(root, name)):
            return f"/{name}"
    if env.get("container"):
        return f"container={env['container']}"
    if env.get("KUBERNETES_SERVICE_HOST"):
        return "KUBERNETES_SERVICE_HOST"
    for name in _NAMES:
        said = _read(root, name).strip()
        if said and said != "wsl":
            return f"/{name}"
    started_with = _read(root, "proc/1/environ").split("\0")
    if any(word.startswith("container=") and word != "container=" for word in started_with):
        return "/proc/1/environ"
    if any(word in _read(root, "proc/1/cgroup") for word in _ENGINES):
        return "/proc/1/cgroup"
    if _has_layer_at_root(_read(root, "proc/self/mountinfo")):
        return "/proc/self/mountinfo"
    return "/sys/fs/cgroup" if _has_own_control_group(root) else ""


def _has_layer_at_root(mounts: str) -> bool:
    """Whether the file system at / is an engine's layer: proc(5) has the mount point as fifth field, options as last.

    A live system's or a router's root is an overlay too, with upper folders of other names.
    """
    for line in mounts.splitlines():
        fields = line.split(" ")
        if fields[4:5] != ["/"] or not {"overlay", "fuse.fuse-overlayfs"} & set(fields):
            continue
        options = dict(option.partition("=")[::2] for option in fields[-1].split(","))
        if os.path.basename(options.get("upperdir", "")) in _LAYERS or any(store in line for store in _STORES):
            return True
    return False


def _has_own_control_group(root: str) -> bool:
    """Whether the control groups that are seen here are a part of the machine's: the root of all has no type.

    So systemd-detect-virt tells one (systemd/systemd#17902); BuildKit gives each RUN a namespace where version 2 is
    in use, but WSL gives one to each distribution, too (microsoft/WSL#41512).
    """
    if "microsoft" in _read(root, "proc/sys/kernel/osrelease").lower():
        return False
    groups = os.path.join(root, "sys/fs/cgroup")
    return all(os.path.exists(os.path.join(groups, name)) for name in ("cgroup.events", "cgroup.type"))


def _read(root: str, name: str) -> str:
    try:
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            return file.read(65536)
    except OSError:
        return ""
