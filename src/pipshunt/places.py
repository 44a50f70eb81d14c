"""Where pipshunt keeps things: a user's by the XDG base directories, the machine's (root's) by the FHS."""

import os
from collections.abc import Mapping
from typing import NamedTuple

MACHINE_DATA = "/opt/pipshunt"
MACHINE_LINKS = "/usr/local/bin"  # on everyone's PATH
MACHINE_STATE = "/var/lib/pipshunt"
MACHINE_LOG = "/var/log/pipshunt"
MACHINE_CACHE = "/var/cache/pipshunt"
MACHINE_POLICY = "/etc/pipshunt/policy.toml"


class Places(NamedTuple):
    """The folders and files of one user; a field is empty where there is no home to put it in."""

    home: str
    data: str
    state: str
    cache: str
    policy: str
    log: str


def find_places(env: Mapping[str, str], uid: int) -> Places:
    """Return where *uid* keeps pipshunt's things; root's are the machine's, whatever HOME says (sudo -E keeps one)."""
    home = find_home(env, uid)
    if uid == 0:
        log = os.path.join(MACHINE_LOG, "audit.jsonl")
        return Places(home, MACHINE_DATA, MACHINE_STATE, MACHINE_CACHE, "", log)
    data = _xdg(env, "XDG_DATA_HOME", home, ".local/share")
    state = _xdg(env, "XDG_STATE_HOME", home, ".local/state")
    cache = _xdg(env, "XDG_CACHE_HOME", home, ".cache")
    config = _xdg(env, "XDG_CONFIG_HOME", home, ".config")
    return Places(
        home,
        data,
        state,
        cache,
        os.path.join(config, "policy.toml") if config else "",
        os.path.join(state, "audit.jsonl") if state else "",
    )


def find_home(env: Mapping[str, str], uid: int) -> str:
    """Return HOME if it is absolute, else the password database's, else ""."""
    home = env.get("HOME", "")
    if home.startswith("/"):
        return home
    import pwd

    try:
        return pwd.getpwuid(uid).pw_dir
    except KeyError:
        return ""


def _xdg(env: Mapping[str, str], name: str, home: str, default: str) -> str:
    """Return our folder below a base directory; a relative value is to be ignored (XDG Base Directory Spec)."""
    base = env.get(name, "")
    if not base.startswith("/"):
        base = os.path.join(home, default) if home else ""
    return os.path.join(base, "pipshunt") if base else ""
