"""PATH where no shell is asked for it: what files of the machine or fixed defaults say.

Sources: login.defs(5), environment(5), crontab(5) (Debian's and cronie's), systemd.exec(5), systemd-system.conf(5).
"""

import os

from pipshunt import process
from pipshunt.container import find_container
from pipshunt.doctor.diagnosis import World, read_text

_LOGIN = "/usr/local/bin:/usr/bin:/bin"
_SECONDS = 0.2  # for crontab to answer
_CRON = ("/usr/bin", "/bin")
_SYSTEMD = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SUDO_SIGNS = ("/usr/bin/sudo", "/bin/sudo", "/usr/local/bin/sudo")
_CRON_SIGNS = ("/etc/crontab", "/usr/sbin/cron", "/usr/sbin/crond", "/usr/bin/crontab", "/var/spool/cron/crontabs")
_SYSTEMD_SIGNS = ("/run/systemd/system", "/usr/lib/systemd/systemd", "/lib/systemd/systemd")


def login_path(world: World) -> str:
    """Return what PATH a session starts with, before any shell has read a file of its own."""
    if find_container(world.env, world.root or "/"):
        # The image's PATH: what `docker exec` and the first process start with.
        for setting in read_text(world.at("/proc/1/environ")).split("\0"):
            if setting.startswith("PATH="):
                return setting[5:]
    said = _setting(read_text(world.at("/etc/environment")), "PATH")
    if said:
        return said
    wanted = "ENV_SUPATH" if world.uid == 0 else "ENV_PATH"
    for line in read_text(world.at("/etc/login.defs")).splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == wanted:
            return words[1].removeprefix("PATH=")
    return _LOGIN


def cron_paths(world: World) -> list[tuple[str, str, str]]:
    """Return kind, label and PATH of cron's jobs, those of users and those of /etc/crontab; none without a cron."""
    signs = [os.path.realpath(world.at(sign)) for sign in _CRON_SIGNS if os.path.exists(world.at(sign))]
    if not any(os.path.basename(sign) != "busybox" for sign in signs):  # whose jobs have its own PATH
        return []
    own = _setting(_list_crontab(world), "PATH") or ":".join(map(world.at, _CRON))
    said = _setting(read_text(world.at("/etc/crontab")), "PATH")
    return [("cron", "cron", own), *([("crontab", "/etc/crontab", said)] if said else [])]


def _list_crontab(world: World) -> str:
    """Return the user's own crontab, which only crontab(1) may read."""
    try:
        argv = [world.at("/usr/bin/crontab"), "-l"]
        status, said = process.capture(argv, {"PATH": _LOGIN, "LC_ALL": "C"}, seconds=_SECONDS, errors=False)
    except OSError:
        return ""
    return said if status == 0 else ""


def systemd_path(world: World) -> str:
    """Return the PATH of systemd's services, "" where there is no systemd."""
    if not any(os.path.exists(world.at(sign)) for sign in _SYSTEMD_SIGNS):
        return ""
    for line in read_text(world.at("/etc/systemd/system.conf")).splitlines():
        name, _, values = line.partition("=")
        if name.strip() == "DefaultEnvironment":
            for value in values.replace('"', " ").split():
                if value.startswith("PATH="):
                    return value[5:]
    return _SYSTEMD


def has_sudo(world: World) -> bool:
    """Whether there is a sudo."""
    return any(os.path.exists(world.at(sign)) for sign in _SUDO_SIGNS)


def _setting(text: str, name: str) -> str:
    """Return what the last line `NAME=VALUE` of *text* sets, "" if none does."""
    found = ""
    for line in text.splitlines():
        key, equals, value = line.removeprefix("export ").partition("=")
        if equals and key.strip() == name:
            found = value.strip().strip("'\"")
    return found
