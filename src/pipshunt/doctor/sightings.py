"""Which file a name leads to on a PATH, and where that is none of pipshunt's shims."""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipshunt.call import quoted
from pipshunt.doctor.diagnosis import Finding, World, fine, notice, problem
from pipshunt.doctor.foreign import name_manager
from pipshunt.doctor.installations import Installation
from pipshunt.doctor.pythons import Python
from pipshunt.doctor.rc_files import Line, edit_command
from pipshunt.doctor.shells import TOOLS, View
from pipshunt.hook import hook_path
from pipshunt.search import SHIM, is_shim, read_shebang
from pipshunt.setup.shell_profile import path_line

# The views of people who type; in the others a pip that is not ours is nothing to be alarmed about.
_PEOPLES = ("here", "interactive", "login", "bash")
_HOOK_FILES = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/config.fish"}
_JOBS = ("cron", "crontab", "systemd")


class Sighting(NamedTuple):
    """What a name leads to: the first file on PATH, and where that is a shim of ours, the first behind it."""

    name: str
    path: str  # "" where there is none
    is_ours: bool
    behind: str
    alias: str | None  # what the alias says that comes before PATH; "" for a function, None for neither


def sight(name: str, view: View, cwd: str) -> Sighting:
    """Return what *name* leads to in *view*."""
    files = candidates(name, view.path or "", cwd)
    first = next(files, "")
    is_ours = bool(first) and is_shim(first)
    behind = next((path for path in files if not is_shim(path)), "") if is_ours else ""
    return Sighting(name, first, is_ours, behind, view.words.get(name))


def candidates(name: str, path: str, cwd: str) -> Iterator[str]:
    """Give the programs called *name* on *path*, in its order; an empty entry is the working directory."""
    for folder in path.split(":") if path else ():
        candidate = os.path.join(cwd, folder, name)
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            yield candidate


def judge_views(
    world: World,
    views: Sequence[View],
    installations: Sequence[Installation],
    pythons: Sequence[Python],
    lines: Sequence[Line],
) -> list[Finding]:
    """Return where the shims of the first of *installations* are not what is found, and why."""
    installation = installations[0]
    known = [view for view in views if view.path is not None]
    unreached = [view for view in known if not _is_reached(view, installation.names, world.cwd)]
    reached = [view for view in known if view not in unreached]
    forgetting = "makes a running shell forget where it found pip before the shims were there"
    return [
        fine("hash -r", forgetting),
        *_judge_unreached(world, unreached, installation),
        *_judge_unknown(world, views, installations),
        *_judge_shadows(world, reached, installation, pythons),
        *_judge_words(world, views, lines),
        *_judge_hook(world, reached, installation),
    ]


def _is_reached(view: View, names: Sequence[str], cwd: str) -> bool:
    """Whether any shim of ours stands in the folders of the view."""
    return any(is_shim(path) for name in (*names, SHIM) for path in candidates(name, view.path or "", cwd))


def _judge_unreached(world: World, views: Sequence[View], installation: Installation) -> list[Finding]:
    """Return which kinds of shells have no shim on PATH: of those that people type in, it is a problem."""
    findings = []
    place = world.shown(installation.bin)
    people = [view for view in views if view.kind in _PEOPLES]
    started = [view.label for view in people if view.kind != "here"]
    if started:
        said = f"{' and '.join(started)}: {place} is not on PATH, so pip leads around pipshunt"
        fix = f"{world.sudo if installation.is_machine else ''}./install.sh"
        findings.append(problem("shell-unreached", f"{said}; in a checkout of pipshunt, this tells the shells", fix))
    elif people:
        said = f"this shell: {place} is not on PATH, so pip leads around pipshunt; new shells have it"
        findings.append(problem("here-unreached", said, path_line(installation.bin, world.env)))
    if any(view.kind == "sudo" for view in views):
        findings.append(_hidden_from_sudo(world, installation))
    # The machine's jobs are no concern of a user's own shims.
    jobs = [view for view in views if view.kind in (_JOBS if installation.is_machine else ("cron",))]
    if jobs:
        said = (
            f"{' and '.join(view.label for view in jobs)}: {place} is not on PATH, so a job's pip leads around pipshunt"
        )
        path = next((view.path for view in jobs if view.kind == "cron"), None)
        fix = f"(echo PATH={installation.bin}:{path}; crontab -l) | crontab -" if path else ""
        findings.append(notice("jobs-unreached", said, fix))
    return findings


def _judge_unknown(world: World, views: Sequence[View], installations: Sequence[Installation]) -> list[Finding]:
    """Return what to do where a shell did not answer, and where only root may know sudo's PATH."""
    findings = []
    if world.stranger:
        said = f"your shells were not asked, for others may have written {world.shown(world.stranger)}"
        findings.append(notice("shell-untrusted", said, f"ls -ld {world.typed(world.stranger)}"))
    unknown = [view for view in views if view.path is None and view.kind in _PEOPLES]
    for view in unknown:
        if view.status is not None:
            why = "its rc files end it, or send elsewhere what it prints"
            said = f"{view.label} ended with status {view.status} and no answer: {why}"
            findings.append(notice("shell-ended", said, _trace_command(world, view)))
    silent = [view.label for view in unknown if view.status is None]
    if silent:
        said = f"{' and '.join(silent)} did not answer within {world.patience:g} s: slow or broken rc files"
        findings.append(notice("shell-silent", said, "pipshunt doctor --wait 10"))
    is_users_alone = not any(installation.is_machine for installation in installations)
    if is_users_alone and any(view.path is None and view.kind == "sudo" for view in views):
        findings.append(_hidden_from_sudo(world, installations[0]))
    return findings


def _trace_command(world: World, view: View) -> str:
    """Return the command that shows which line a shell ends at, "" for one that does not trace its lines."""
    shell = "bash" if view.kind == "bash" else world.shell
    option = "-i" if view.kind == "interactive" else "-l"
    return "" if os.path.basename(shell) == "fish" else f"{quoted(shell)} {option} -x -c :"


def _hidden_from_sudo(world: World, installation: Installation) -> Finding:
    if installation.is_machine:
        said = f"sudo: secure_path leaves out {world.shown(installation.bin)}, so `sudo pip` leads around pipshunt"
        fix = f"{world.sudo}./install.sh --system --sudoers"
        return problem("sudo-unreached", f"{said}; in a checkout of pipshunt", fix)
    said = "sudo finds no shim of an ordinary user's, so `sudo pip` is the system's own; in a checkout of pipshunt"
    return notice("sudo-without-shims", said, "sudo ./install.sh --system --sudoers")


def _judge_shadows(
    world: World, views: Sequence[View], installation: Installation, pythons: Sequence[Python]
) -> list[Finding]:
    """Return what stands before the shims: the files of one folder or one manager together, with all who find them."""
    seen: dict[str, list[View]] = {}
    for view in views:
        for name in installation.names:
            found = sight(name, view, world.cwd)
            if found.path and not found.is_ours and not is_environments(found.path):
                seen.setdefault(found.path, []).append(view)
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for path, where in seen.items():
        labels = "; ".join(view.label for view in where)
        manager = name_manager(path)
        is_bad = not manager and any(view.kind in _PEOPLES for view in where) and is_guarded(path, pythons)
        groups.setdefault((manager or os.path.dirname(path), labels, is_bad), []).append(path)
    fix = path_line(installation.bin, world.env)
    findings = []
    for (whose, labels, is_bad), paths in groups.items():
        files = f"{' and '.join(map(world.shown, paths[:2]))}{' …' if len(paths) > 2 else ''}"
        if "/" not in whose:
            said = f"{whose} comes before pipshunt, which sees nothing of {files} ({labels})"
            findings.append(notice("foreign-shim", said, fix))
            continue
        said = f"before pipshunt's shims on PATH: {files} ({labels})"
        if is_bad:
            findings.append(problem("shadowed", said, fix))
        else:
            findings.append(notice("shadowed-harmless", f"{said}, whose Python has no marker", fix))
    return findings


def is_guarded(path: str, pythons: Sequence[Python]) -> bool:
    """Whether the program at *path* is uv, or runs with a Python that has a marker."""
    if os.path.basename(path) == "uv":
        return True
    interpreter = path if os.path.basename(path).startswith("python") else read_shebang(path, {"PATH": ""}, "/")
    real = os.path.realpath(interpreter) if interpreter.startswith("/") else ""
    return not real or any(python.marker and real.startswith(f"{python.prefix}/bin/") for python in pythons)


def _judge_words(world: World, views: Sequence[View], lines: Sequence[Line]) -> list[Finding]:
    """Return the aliases and functions that stand before the shims; an alias of a bare name comes to them again."""
    findings = []
    for view in views:
        for name, said in view.words.items():
            if name not in TOOLS:
                continue
            line = _find_definition(name, lines)
            where = f" ({world.shown(line.file)} line {line.number})" if line else ""
            fix = edit_command(world, line.file, line.number) if line else ""
            word = os.path.expanduser(said.split()[0]) if said.split() else ""
            if not said:
                text = f"{view.label}: a function called {name} stands before pipshunt's shim{where}"
                findings.append(notice("function", text, fix or f"unset -f {name}"))
            elif "/" in word and not is_shim(word):
                text = f"{view.label}: alias {name}='{said}' leads around pipshunt{where}"
                findings.append(problem("alias", text, fix or f"unalias {name}"))
    return findings


def _judge_hook(world: World, views: Sequence[View], installation: Installation) -> list[Finding]:
    """Return whether the shell that people type in has the hook, where there is one for it."""
    shell = os.path.basename(world.shell)
    for view in views:
        if view.kind == "interactive" and os.path.exists(hook_path(installation.prefix, shell)):
            if view.has_hook:
                return [fine("hook", f"{view.label}: enters a project's environment at the prompt")]
            file = _HOOK_FILES[shell]
            line = "pipshunt hook fish | source" if shell == "fish" else f'eval "$(pipshunt hook {shell})"'
            said = f"{view.label}: the hook is not loaded, so a project's environment is not entered at the prompt"
            return [notice("hook-missing", said, f"echo '{line}' >> {file}")]
    return []


def _find_definition(name: str, lines: Sequence[Line]) -> Line | None:
    """Return the line that defines an alias or function called *name*."""
    starts = (f"alias {name}=", f"alias {name} ", f"function {name} ", f"function {name}(", f"{name}()", f"{name} ()")
    return next((line for line in lines if line.text.lstrip().startswith(starts)), None)


def sight_all(view: View, cwd: str) -> list[Sighting]:
    """Return what each tool's name leads to in *view*."""
    return [sight(name, view, cwd) for name in TOOLS]


def is_environments(path: str) -> bool:
    """Whether the program at *path* is a virtual environment's."""
    return os.path.exists(os.path.join(os.path.dirname(os.path.dirname(path)), "pyvenv.cfg"))
