"""A call under sudo: whose it is, and becoming that user. In a project of the user who called sudo it is that user's.

sudo(8) says in SUDO_UID and SUDO_USER who called it; so do sudo-rs and systemd's run0.
"""

import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from pipshunt.call import Call, say
from pipshunt.context import find_project, upward
from pipshunt.decision import Decision
from pipshunt.engine import understand
from pipshunt.flow import Flow
from pipshunt.places import MACHINE_POLICY, Places, find_places
from pipshunt.plan import Plan

# What names a folder, or a file, that programs write to, besides HOME.
_FOLDERS = (
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_BIN_HOME", "XDG_RUNTIME_DIR"),
    *("PIP_CACHE_DIR", "UV_CACHE_DIR", "UV_TOOL_DIR", "UV_TOOL_BIN_DIR", "UV_PYTHON_INSTALL_DIR", "PIP_LOG"),
    *("PYTHONPYCACHEPREFIX", "PYTHONUSERBASE", "TMPDIR", "TEMP", "TMP", "CARGO_HOME", "RUSTUP_HOME", "CCACHE_DIR"),
)
_THEIRS, _ROOTS, _BARRED = 3, 4, 5  # exit statuses of the process that looks at a call as the user


class Person(NamedTuple):
    """The user who called sudo, as the password database has it."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str


class CannotBecome(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """Root's rights could not be given up; the text says why."""


def understand_under_sudo(call: Call, machine_policy: str = MACHINE_POLICY) -> tuple[Flow, Places]:
    """Return what is to become of root's *call*, and the places of whose it is: afterwards we are that user.

    Where root cannot become that user, the call passes: pip itself refuses it.
    """
    places = find_places(call.env, 0)
    person = find_person(call.env) if call.env.get("PIPSHUNT_TRACK") != "machine" else None
    try:
        if person is None or not _is_theirs(call, person, machine_policy):
            return _in_roots_folders(understand(_asking_as_root(call), places, machine_policy), call.env), places
        become(person)
    except CannotBecome as error:
        say(f"{error}, so {call.real} runs as it is")
        decision = Decision("pass", str(error), False)
        return Flow(call, None, None, None, None, decision, Plan("exec", (call.real, *call.args), {})), places
    call = as_person(call, person)
    os.environ.clear()  # what boot.py falls back to, and what is started without an environment of its own
    os.environ.update(call.env)
    places = find_places(call.env, call.uid)
    return _with_note(understand(call, places, machine_policy), person), places


def find_person(env: Mapping[str, str]) -> Person | None:
    """Return the ordinary user that SUDO_UID names; None where it names root, no account, or is no number."""
    import pwd

    said = env.get("SUDO_UID", "")
    if not (said.isascii() and said.isdecimal()):
        return None
    uid = int(said)
    if not 0 < uid < 2**32 - 1:
        return None
    try:
        entry = pwd.getpwnam(env.get("SUDO_USER", ""))  # two names may share a number
    except KeyError:
        entry = None
    try:
        entry = entry if entry and entry.pw_uid == uid else pwd.getpwuid(uid)
    except KeyError:
        return None
    return Person(*entry[:1], *entry[2:4], *entry[5:]) if entry.pw_dir.startswith("/") else None


def as_person(call: Call, person: Person) -> Call:
    """Return *call* as *person* would have made it."""
    return call._replace(env=persons_environment(call.env, person), uid=person.uid)


def persons_environment(env: Mapping[str, str], person: Person) -> dict[str, str]:
    """Return *env* as *person*'s: the password database's HOME, USER, LOGNAME and SHELL, and no folder of root's.

    SUDO_* stay, as sudo itself leaves them to a command that it runs as another ordinary user.
    """
    strange = {name for name in _FOLDERS if name in env and not is_theirs_to_write(env[name], person.uid)}
    kept = {name: value for name, value in env.items() if name not in strange and name != "MAIL"}
    known = {"HOME": person.home, "USER": person.name, "LOGNAME": person.name, "SHELL": person.shell or "/bin/sh"}
    return {**kept, **known}


def roots_changes(env: Mapping[str, str]) -> dict[str, str | None]:
    """Return the changes to *env* with which a program that root runs writes nothing into a user's home.

    `sudo -E` keeps HOME. Settings are still read where they would have been: for pip, which indexes it asks.
    """
    changes: dict[str, str | None] = {
        name: None for name in _FOLDERS if name in env and not is_theirs_to_write(env[name], 0)
    }
    home = env.get("HOME", "")
    if is_theirs_to_write(home, 0):
        return changes
    changes["HOME"] = _roots_home()
    if home.startswith("/"):
        settings = env.get("XDG_CONFIG_HOME", "")
        settings = settings if settings.startswith("/") else os.path.join(home, ".config")
        if any(os.path.exists(os.path.join(settings, file)) for file in ("pip/pip.conf", "uv/uv.toml")):
            changes["XDG_CONFIG_HOME"] = settings
        for name, file in (("PIP_CONFIG_FILE", ".pip/pip.conf"), ("NETRC", ".netrc")):
            if name not in env and os.path.exists(os.path.join(home, file)):
                changes[name] = os.path.join(home, file)
    return changes


def is_theirs_to_write(path: str, uid: int) -> bool:
    """Whether what *uid* makes at *path* lies in no other user's folder; one that all may write (/tmp) is no one's."""
    if not path.startswith("/"):
        return False
    there = [status for status in map(_status, [*upward(os.path.realpath(path)), "/"]) if status]
    nearest = there[0]
    if nearest.st_uid != uid and not nearest.st_mode & stat.S_IWOTH:
        return False
    return all(status.st_uid in (uid, 0) for status in there)


def become(person: Person) -> None:
    """Give up root's rights for *person*'s: groups, gid and uid, real, effective and saved. Raises CannotBecome."""
    try:
        os.initgroups(person.name, person.gid)
        os.setgid(person.gid)
        os.setuid(person.uid)  # root's setuid(2) sets all three
    except OSError as error:
        said = f"this is {person.name}'s project, and root cannot become {person.name} here ({error.strerror})"
        raise CannotBecome(said) from error
    try:
        os.setuid(0)
    except OSError:
        return
    raise CannotBecome(f"root's rights could not be given up for {person.name}'s")


def become_owner(env: Mapping[str, str], cwd: str) -> None:
    """Become the user who called sudo, if *cwd* lies in a project of theirs: what is written there is to be theirs.

    Raises CannotBecome.
    """
    person = find_person(env)
    if person:
        theirs = persons_environment(env, person)
        if find_project(cwd, person.uid, find_places(theirs, person.uid))[0]:
            become(person)
            os.environ.update(theirs)


def _is_theirs(call: Call, person: Person, machine_policy: str) -> bool:
    """Whether *call* is made in a project of *person*'s, and is more than passed when they make it.

    Asked in a process that has become that user: root may not even look into a home (NFS, FUSE), and what is asked
    leaves no file of root's. What would pass (--break-system-packages, --target, no marker) was meant to be root's.
    """
    made = as_person(call, person)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = _look_as_person(made, person, machine_policy)
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status == _BARRED:
        return bool(find_project(call.cwd, person.uid, find_places(made.env, person.uid))[0])  # `become` says the rest
    if status not in (_THEIRS, _ROOTS):
        raise CannotBecome(f"what {person.name} would have of this call could not be told")
    return status == _THEIRS


def _look_as_person(made: Call, person: Person, machine_policy: str) -> int:
    try:
        become(person)
    except CannotBecome:
        return _BARRED
    os.environ.clear()
    os.environ.update(made.env)
    places = find_places(made.env, made.uid)
    if not find_project(made.cwd, made.uid, places)[0]:
        return _ROOTS
    return _THEIRS if _is_touched(understand(made, places, machine_policy)) else _ROOTS


def _is_touched(flow: Flow) -> bool:
    """Whether something else than the call as it stands is to be done, or the policy leaves it to be refused."""
    if flow.decision.action != "pass" or flow.decision.refused_by_pip:
        return True
    return flow.call.tool == "uv" and flow.plan.argv != (flow.call.real, *flow.call.args)  # uv run takes us along


def _with_note(flow: Flow, person: Person) -> Flow:
    track = flow.decision.track
    if track is None:
        return flow
    note = f"run as {person.name}, whose project this is"
    track = track._replace(note=f"{track.note}; {note}" if track.note else note)
    return flow._replace(decision=flow.decision._replace(track=track))


def _asking_as_root(call: Call) -> Call:
    """Return *call* as root's own: uv, which is asked, keeps what it finds out, and does so in root's home."""
    if call.tool != "uv" or not {"HOME", "UV_CACHE_DIR", "XDG_CACHE_HOME"} & roots_changes(call.env).keys():
        return call
    return call._replace(env={**call.env, "UV_CACHE_DIR": os.path.join(_roots_home(), ".cache/uv")})


def _in_roots_folders(flow: Flow, env: Mapping[str, str]) -> Flow:
    """Return *flow* with nothing of it written into a user's home; a call that passes is left with *env*."""
    if flow.call.tool == "uv":
        flow = flow._replace(call=flow.call._replace(env=env))
    if flow.plan.kind != "run":
        return flow
    return flow._replace(plan=flow.plan._replace(changes={**roots_changes(env), **flow.plan.changes}))


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _roots_home() -> str:
    import pwd

    return pwd.getpwuid(0).pw_dir
