"""One install by uv: run in a stage, questioned, described as pip describes it, and moved in."""

import os
import signal
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.accelerator import install_audit, voice
from pipshunt.accelerator.compilation import cache_tag, compile_files, compiled_path
from pipshunt.accelerator.install_record import Row, rewrite_description
from pipshunt.accelerator.pip_library import PipLibrary
from pipshunt.accelerator.retrace import Root, Way, retrace
from pipshunt.accelerator.snapshot import (
    Lookup,
    Project,
    Snapshot,
    owned_files,
    project_lookup,
    read_project,
    read_record,
    take_snapshot,
)
from pipshunt.accelerator.staging import Stage, clear_placed, lay_stage, move_in, remove_stage
from pipshunt.accelerator.uv_run import run_uv
from pipshunt.environment import sees_system_packages
from pipshunt.plan import changed_environment
from pipshunt.requirements import normalised, requirement_name

if TYPE_CHECKING:
    from pipshunt.accelerator.counterpart import Counterpart

HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_ROUNDS = 4  # a pre-release may name another
_NO_SIGHT = install_audit.Visible(frozenset(), frozenset())


class PipsTurn(Exception):  # noqa: N818  (reads as a sentence where it is raised)
    """It is pip's to do; the text is the reason."""


class Job(NamedTuple):
    """One install, with all that is known before anything is run."""

    uv: str
    counterpart: "Counterpart"
    environment: str
    version: str  # the interpreter's: 3.11.2
    env: Mapping[str, str]
    cwd: str
    snapshot: Snapshot
    library: PipLibrary

    @property
    def python(self) -> str:
        """The environment's interpreter."""
        return os.path.join(self.environment, "bin", "python")

    @property
    def tag(self) -> str:
        """What stands in the names of what the interpreter compiles."""
        return cache_tag("python" + ".".join(self.version.split(".")[:2]))

    def says(self, option: str) -> bool:
        """Whether uv is given *option*."""
        return option in self.counterpart.argv


class Installed(NamedTuple):
    """What uv has put into the stage, by normalised name."""

    infos: Mapping[str, str]
    rows: Mapping[str, list[Row]]
    projects: Mapping[str, Project]


def install(job: Job) -> list[str]:
    """Install, and return what pip would have said.

    Raises PipsTurn, Unclear, CannotCompile, OSError and what stops us: then the environment is as it was.
    """
    times = os.stat(job.environment)
    allowed: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        try:
            stage = lay_stage(job.environment, job.snapshot)
            try:
                outcome = _try(job, stage, allowed)
            finally:
                remove_stage(stage.folder, stage.held)
        except BaseException:
            os.utime(job.environment, ns=(times.st_atime_ns, times.st_mtime_ns))
            raise
        if isinstance(outcome, list):
            return outcome
        allowed |= outcome
    os.utime(job.environment, ns=(times.st_atime_ns, times.st_mtime_ns))
    raise PipsTurn(f"pre-releases of {', '.join(sorted(allowed))} lead to ever more of them")


def _try(job: Job, stage: Stage, allowed: frozenset[str]) -> list[str] | frozenset[str]:
    """Return what pip would have said; or, with nothing done, of which projects pre-releases are to be considered."""
    installed = _run(job, stage, allowed)
    before = project_lookup(job.snapshot)

    def after(name: str) -> Project | None:
        return installed.projects.get(name) or before(name)

    roots = _roots(job, installed)
    way = retrace(
        roots,
        _constraints(job),
        before,
        after,
        frozenset(installed.infos),
        job.library,
        dependencies=not job.says("--no-deps"),
        reinstall=job.says("--reinstall"),
    )
    settled = _settled(job.counterpart.argv)
    if settled is not None:
        named = allowed | settled
        more = install_audit.find_prereleases(way, installed.infos) - named
        if more:
            return more
        unnamed = install_audit.question_prereleases(installed.projects, named, job.library)
        if unnamed:
            raise PipsTurn(unnamed)
    _question(job, installed, way, after)
    said, shown = voice.in_normal_form(before, job.library), voice.in_normal_form(after, job.library)
    lines = [  # now, for what is replaced cannot be read afterwards
        *voice.tell_met(way, said, job.snapshot.site, job.cwd),
        *voice.tell_installed(way, said, shown),
    ]
    _complete(job, stage, installed, frozenset(root.direct or requirement_name(root.text) for root in roots))
    _move(job, stage, installed)
    return lines


def _run(job: Job, stage: Stage, allowed: frozenset[str]) -> Installed:
    """Have uv install into the stage; returns what is new there."""
    import json

    argv = job.counterpart.argv
    more = [word for name in sorted(allowed) for word in ("--prerelease-package", f"{name}=allow")]
    words = [job.uv, *argv[:2], "--prefix", stage.prefix, "--output-format", "json", *more]
    words += [word for word in argv[2:] if word not in ("--compile-bytecode", "-q", "--quiet")]
    env = {**changed_environment(job.env, job.counterpart.changes), **install_audit.TELL_CHOICES}
    log = os.path.join(stage.folder, "log")
    status, output = run_uv(words, env, log, tell=os.isatty(2) and job.counterpart.quiet == 0)
    with open(log, encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    if status != 0:
        raise PipsTurn(f"uv failed (exit status {status})\n{_own_words(lines)}".rstrip())
    reason = install_audit.question_choices(lines)
    if reason:
        raise PipsTurn(reason)
    infos: dict[str, str] = {}
    for change in json.loads(output)["changes"]:
        if change["action"] != "uninstalled":
            infos[normalised(change["name"])] = ""
    for entry in os.listdir(stage.site):
        name = normalised(entry.removesuffix(".dist-info").partition("-")[0])
        if entry.endswith(".dist-info") and name in infos and _is_uvs(os.path.join(stage.site, entry)):
            infos[name] = os.path.join(stage.site, entry)
    if not all(infos.values()):
        raise PipsTurn("uv has not installed what it says")
    clear_placed(stage, frozenset(os.path.basename(info) for info in infos.values()))
    rows = {name: read_record(info) for name, info in infos.items()}
    return Installed(infos, rows, {name: read_project(info) for name, info in infos.items()})


def _own_words(log: list[str]) -> str:
    """Return what uv says to people, without what we had it tell us."""
    return "".join(line for line in log[-200:] if not line.startswith(("DEBUG ", "TRACE ", "INFO ")))[:4000]


def _is_uvs(info: str) -> bool:
    """Whether uv has written this description; ours, of what is installed already, names no installer."""
    return os.path.exists(os.path.join(info, "INSTALLER"))


def _roots(job: Job, installed: Installed) -> list[Root]:
    """Return what was asked for; what has no name (a folder) is the one of which nothing but its place is known."""
    direct = {name for name, info in installed.infos.items() if os.path.exists(os.path.join(info, "direct_url.json"))}
    asked = job.counterpart.requested
    others = direct - {requirement_name(text) for text in asked}
    roots = []
    for text, origin in zip(asked, job.counterpart.origins, strict=True):
        if not is_direct(text):
            roots.append(Root(text, origin))
            continue
        name = requirement_name(text) or (others.pop() if len(others) == 1 else "")
        if name not in installed.projects or name not in direct:
            raise PipsTurn(f"what {text} is among what is installed cannot be told")
        project = installed.projects[name]
        bracket, extras = text.partition("[")[1:]
        roots.append(Root(f"{project.name}{bracket}{extras}=={project.version}", origin, name))
    return roots


def is_direct(text: str) -> bool:
    """Whether a requirement says where it is, not which version of it."""
    return not requirement_name(text) or "/" in text.partition(";")[0]


def _constraints(job: Job) -> list[str]:
    """Return the requirements of the constraints files, which were read before."""
    from pipshunt.accelerator.requirement_file import read_constraint_file

    files = [file for option, file in pairwise(job.counterpart.argv) if option == "--constraint"]
    return [line.value for file in files for line in read_constraint_file(file, job.env, job.cwd)]


def _settled(argv: tuple[str, ...]) -> frozenset[str] | None:
    """Return the names for which the command says whether pre-releases count; None if it does so for all."""
    pairs = list(pairwise(argv))
    if ("--prerelease", "if-necessary") not in pairs:
        return None
    return frozenset(word.partition("=")[0] for option, word in pairs if option == "--prerelease-package")


def _question(job: Job, installed: Installed, way: Way, after: Lookup) -> None:
    visible = _NO_SIGHT
    if installed.infos and sees_system_packages(job.environment):
        visible = install_audit.look_around(job.python, job.snapshot.site, job.env)
    reason = (
        install_audit.question_metadata(installed.projects, job.library, job.version)
        or install_audit.question_files(installed.rows)
        or install_audit.question_scripts(installed.infos.values())
        or install_audit.question_extras(way, after, job.library)
        or install_audit.question_neighbours(job.snapshot, installed.projects, visible)
    )
    if not reason and not job.says("--no-deps"):
        reason = install_audit.question_consistency(job.snapshot, installed.projects, visible, job.library)
    if not reason and (way.missing or set(way.order) != installed.infos.keys()):
        reason = "uv has installed what nobody asked for, or not all of it"
    if reason:
        raise PipsTurn(reason)


def _complete(job: Job, stage: Stage, installed: Installed, requested: frozenset[str]) -> None:
    """Compile what is new, and describe it as pip does."""
    sources = {
        name: [row[0] for row in rows if row[0].endswith(".py") and not row[0].startswith("/")]
        for name, rows in installed.rows.items()
    }
    if job.says("--compile-bytecode"):
        paths = [os.path.normpath(os.path.join(stage.site, path)) for many in sources.values() for path in many]
        compile_files(job.python, stage.prefix, job.environment, paths, job.tag, job.env)
    for name, info in installed.infos.items():
        compiled = [compiled_path(path, job.tag) for path in sources[name]]
        there = [path for path in compiled if os.path.exists(os.path.join(stage.site, path))]
        rewrite_description(info, installed.rows[name], there, requested=name in requested)


def _move(job: Job, stage: Stage, installed: Installed) -> None:
    """Move everything in, with signals held back: they find it done, or not begun."""
    old = [job.snapshot.distributions[name] for name in installed.infos if name in job.snapshot.distributions]
    if take_snapshot(job.snapshot.site) != job.snapshot:
        raise PipsTurn("what is installed has changed meanwhile")
    replaced = [path for distribution in old for path in owned_files(distribution, job.environment, job.tag)]
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    try:
        move_in(stage, job.environment, replaced, job.snapshot.site)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
