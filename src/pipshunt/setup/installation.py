"""Setting pipshunt up on this machine: what install.sh starts, from a checkout, with the standard library alone.

Under a lock: the engine is built beside the one in use and put in its place by one link; then the shims are laid; then
the profiles of the shells to come are told. Each step leaves what is right alone: a rerun repairs, and costs little.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from pipshunt import __version__
from pipshunt.call import Call, quoted
from pipshunt.hook import lay_hooks
from pipshunt.places import MACHINE_LINKS, find_places
from pipshunt.scripts import update_links
from pipshunt.setup.engine_folder import (
    build_engine,
    compute_stamp,
    drop_leftovers,
    find_engine,
    read_source,
    site_packages,
    use_engine,
)
from pipshunt.setup.engine_pip import SetupError
from pipshunt.setup.marked_block import needs_block, write_block
from pipshunt.setup.shell_profile import (
    Profile,
    find_machine_hooks,
    find_profiles,
    machine_profile,
    path_line,
    remember_profiles,
)
from pipshunt.setup.shim_folder import fill_template, find_tools, find_unreached, lay_shims, link_shims
from pipshunt.setup.sudo_path import offer_to_lead
from pipshunt.transparent.startup_hook import refresh_hooks


class Site(NamedTuple):
    """Where this installation goes, and whose it is."""

    prefix: str
    home: str  # whose profiles may be written; "" where there is none
    is_machine: bool

    @property
    def bin(self) -> str:
        """The folder of the shims."""
        return os.path.join(self.prefix, "bin")


def main() -> int:
    """Set pipshunt up; print the folder of the shims on stdout, for install.sh, and all else on stderr."""
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  (else `print` takes stdout)
    env, uid = dict(os.environ), os.geteuid()
    python = find_lasting(os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable))
    try:
        site = find_site(env, uid)
        names = set_up(site, env, python)
        update_links("", Call("", (), "", env, "/", uid), find_places(env, uid))  # an earlier installation's installs
        checkout = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
        installer, wanted = quoted(os.path.join(checkout, "install.sh")), "--sudoers" in sys.argv
        if site.is_machine and not offer_to_lead(site.bin, names, installer, say, wanted=wanted):
            return 1
    except SetupError as error:
        if error.output:
            print(error.output, file=sys.stderr)
        say(f"{error}; nothing was changed")
        return 1
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        say(f"setting up failed{where}: {error.strerror or error}; a rerun goes on from here")
        return 1
    except KeyboardInterrupt:
        say("interrupted; what was there before is as it was, and a rerun goes on from here")
        return 130
    sys.stdout.buffer.write(os.fsencode(site.bin) + b"\n")
    return 0


def find_site(env: Mapping[str, str], uid: int) -> Site:
    """Return where the installation of *uid* goes. Raises SetupError."""
    places = find_places(env, uid)
    if not places.data:
        raise SetupError(
            "there is no home folder to install into; set HOME or XDG_DATA_HOME to a folder that you may write"
        )
    if ":" in places.data:
        raise SetupError(f"{places.data} cannot stand on PATH, for it has a colon; set XDG_DATA_HOME to another folder")
    if uid == 0:
        # Not HOME's: sudo may have kept a user's.
        import pwd

        return Site(places.data, pwd.getpwuid(0).pw_dir, is_machine=True)
    return Site(places.data, places.home, is_machine=False)


def find_lasting(python: str) -> str:
    """Return the path of *python*, already resolved, that outlives an upgrade: Homebrew's Cellar path does not."""
    before, cellar, after = python.partition("/Cellar/")
    formula, _, rest = after.partition("/")
    lasting = "/".join([before, "opt", formula, *rest.split("/")[1:]])
    return lasting if cellar and os.path.exists(lasting) and os.path.samefile(lasting, python) else python


def set_up(site: Site, env: Mapping[str, str], python: str) -> list[str]:
    """Build the engine if need be, lay the shims, tell the profiles and the person; return the names of the shims.

    Raises SetupError, OSError.
    """
    if site.is_machine:
        os.umask(0o022)  # all users are to read what a careful root installs
    source = read_source(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with _prefix_locked(site.prefix) as engines:
        link = os.path.join(site.prefix, "engine")
        drop_leftovers(engines, link)
        stamp = compute_stamp(source, python, sys.version)
        known = find_engine(engines, stamp)
        engine = known or build_engine(engines, source, stamp, python, env, say)
        use_engine(link, engine)
        boot = os.path.join(link, os.path.relpath(site_packages(engine), engine), "pipshunt", "boot.py")
        names = find_tools(env.get("PATH", ""))
        if not known:
            say(f"3/4 laying the shims in {site.bin}: {', '.join(names)}")
        with open(os.path.join(source.shims, "shim"), encoding="utf-8") as shim:
            filled = fill_template(shim.read(), python, boot)
        with open(os.path.join(source.shims, "script"), "rb") as script:
            lay_shims(site.bin, filled, script.read(), names, os.path.join(link, "bin", "python"))
        lay_hooks(site.prefix, source.shims)
        if site.is_machine:
            if not known:
                say(f"4/4 linking them into {MACHINE_LINKS}")
            link_shims(MACHINE_LINKS, site.bin, names)
        startup = os.path.join(os.path.dirname(boot), "transparent", "startup.py")
        for file in refresh_hooks(find_places(env, os.geteuid()).state, startup):
            say(f"transparent mode goes on with the new engine, by {file}")
        unreached = find_unreached(names, env.get("PATH", ""))
        told = tell_profiles(site, env, unreached=bool(unreached)) or not (unreached or not site.is_machine)
    if known:
        say(f"version {__version__} is set up in {site.prefix}; there was nothing to build")
    say(summarise(names, unreached, path_line(site.bin, env), told=told))
    return names


def tell_profiles(site: Site, env: Mapping[str, str], *, unreached: bool) -> bool:
    """Tell the shells to come of the hook, and of the shims unless they are reached; each change is shown first.

    Where one cannot be written, say so; return whether all could be.
    """
    profiles = _choose_profiles(site, env, unreached=unreached)
    wanted, failed = [], []
    for profile in profiles:
        try:
            if needs_block(profile.path, profile.block, at_top=profile.at_top):
                wanted.append(profile)
        except OSError as error:
            failed.append(f"{profile.path} ({error.strerror or error})")
    if wanted:
        say("4/4 telling new shells of them: these lines go into the files named, and `pipshunt uninstall` undoes it")
        with suppress(OSError):
            remember_profiles(site.prefix, [profile.path for profile in wanted])
    for block in dict.fromkeys(profile.block for profile in wanted):
        files = [profile for profile in wanted if profile.block == block]
        show_block(block, [f"{file.path}{'' if os.path.exists(file.path) else ' (new)'}" for file in files])
    for profile in wanted:
        try:
            write_block(profile.path, profile.block, at_top=profile.at_top)
        except OSError as error:
            failed.append(f"{profile.path} ({error.strerror or error})")
    if failed or not (profiles or (site.is_machine and not unreached)):
        cannot = ", ".join(failed) or f"the profiles of your shells ({site.home or 'HOME'} is no folder)"
        say(f"cannot write {cannot}; add this line to what your shell reads: {path_line(site.bin, env)}")
    return not failed and bool(profiles)


def _choose_profiles(site: Site, env: Mapping[str, str], *, unreached: bool) -> list[Profile]:
    shell = env.get("SHELL", "") or _login_shell()
    if not site.is_machine:
        return find_profiles(site.home, {**env, "SHELL": shell}, site.bin) if os.path.isdir(site.home) else []
    profiles = [*find_machine_hooks(site.bin), machine_profile(site.bin, unreached=unreached)]
    if unreached:
        # A user's ZDOTDIR and XDG_CONFIG_HOME, kept by sudo -E, are not root's.
        env = {"PATH": env.get("PATH", ""), "SHELL": shell}
        profiles += find_profiles(site.home, env, site.bin) if os.path.isdir(site.home) else []
    return profiles


def _login_shell() -> str:
    """Return the user's login shell, "" if the password database has none."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_shell
    except KeyError:
        return ""


def show_block(block: bytes, files: Sequence[str]) -> None:
    """Show the lines that go into *files*, below what was said."""
    lines = [*(f"    {file}" for file in files), *(f"        {line}" for line in os.fsdecode(block).splitlines())]
    sys.stderr.write("".join(line.encode("utf-8", "backslashreplace").decode() + "\n" for line in lines))
    sys.stderr.flush()


def summarise(names: Sequence[str], unreached: Sequence[str], line: str, *, told: bool) -> str:
    """Return what the person who ran install.sh should know at the end; *line* puts the shims on PATH."""
    if not names:
        return "there is no pip on PATH to stand ahead of yet; run install.sh again when there is"
    if not unreached:
        return "ready: pip and python lead through pipshunt now; in a shell that has run them before: hash -r"
    which = "" if list(unreached) == list(names) else f" for {', '.join(unreached)}"
    return f"ready{' in new shells' if told else ''}; for this shell{which}: {line}"


def say(line: str) -> None:
    """Tell the person at the terminal, on stderr."""
    print(f"pipshunt: {line}", file=sys.stderr, flush=True)


@contextmanager
def _prefix_locked(prefix: str) -> Iterator[str]:
    """Make *prefix*, hold its lock and yield the folder of its engines; no empty folder is left. Raises SetupError."""
    engines = os.path.join(prefix, "engines")
    try:
        lock = open_locked(prefix)
        os.makedirs(engines, exist_ok=True)
    except OSError as error:
        remedy = "" if os.geteuid() == 0 else ": set XDG_DATA_HOME to a folder that you may write"
        raise SetupError(f"{error.filename} cannot be made ({error.strerror}){remedy}") from error
    try:
        yield engines
    finally:
        with suppress(OSError):
            os.rmdir(engines)  # only if empty: a first run that failed leaves nothing
            os.rmdir(prefix)
        os.close(lock)


def open_locked(prefix: str) -> int:
    """Return a descriptor of *prefix* that holds its lock, which a killed process cannot keep. Raises OSError."""
    import fcntl

    while True:
        os.makedirs(prefix, exist_ok=True)
        lock = os.open(prefix, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"waiting for another install or uninstall that is at work in {prefix}")
                fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # a file system without locks (some NFS) still gets an installation
            return lock
        # The run that we waited for may have failed, and taken its empty folder away.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), os.stat(prefix)):
                return lock
        os.close(lock)
