"""Which file a name leads to on a PATH, whose that is, and what that means for pipshunt."""

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipshunt.doctor.diagnosis import Finding, World, notice, problem, read_text
from pipshunt.doctor.shells import TOOLS, View
from pipshunt.search import SHIM, is_shim

# Kinds of views that lead around pipshunt for people; in the others it is nothing to be alarmed about.
_PEOPLES = ("here", "interactive", "login", "bash")
# How other managers' shims are told: by a part of their path (resolved or not), or by words in them.
_MANAGERS = (
    ("pyenv", ("/.pyenv/", "/pyenv/shims/"), ("pyenv exec", "/pyenv ")),
    ("asdf", ("/.asdf/", "/asdf/shims/"), ("asdf exec", "asdf-plugin:")),
    ("mise", ("/mise/shims/", "/mise/installs/", "/bin/mise"), ("mise x --", "mise exec")),
    ("rye", ("/.rye/",), ()),
    ("safe-chain", ("/.safe-chain/",), ("safe-chain", "aikido-pip")),
    ("conda", ("/miniconda", "/anaconda", "/miniforge", "/mambaforge", "/micromamba/"), ()),
    ("pixi", ("/.pixi/",), ()),
    ("hatch", ("/hatch/pythons/",), ()),
)


class Sighting(NamedTuple):
    """What a name leads to: the first file on PATH, and where that is a shim of ours, the first behind it."""

    name: str
    path: str  # "" where there is none
    is_ours: bool
    behind: str
    alias: str | None  # what the alias says that comes before PATH; "" for a function, None for neither


def sight(name: str, view: View, cwd: str) -> Sighting:
    """Return what *name* leads to in *view*."""
    alias = view.words.get(name)
    files = candidates(name, view.path or "", cwd)
    first = next(files, "")
    if not first or not is_shim(first):
        return Sighting(name, first, False, "", alias)
    behind = next((path for path in files if not is_shim(path)), "")
    return Sighting(name, first, True, behind, alias)


def candidates(name: str, path: str, cwd: str) -> Iterator[str]:
    """Return the programs called *name* on *path*, in its order; an empty entry is the working directory."""
    for folder in path.split(":") if path else ():
        candidate = os.path.join(cwd, folder, name)
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            yield candidate


def name_manager(path: str) -> str:
    """Return whose shim or Python stands at *path* if it is another version manager's, else ""."""
    real = os.path.realpath(path)
    if os.path.isdir(os.path.join(os.path.dirname(os.path.dirname(path)), "conda-meta")):
        return "conda"
    with_shebang = _starts_with_shebang(path)
    text = read_text(path, 4096) if with_shebang else ""
    for manager, parts, words in _MANAGERS:
        if any(part in place for part in parts for place in (path, real)) or any(word in text for word in words):
            return manager
    return ""


def judge_views(
    world: World, views: Sequence[View], folder: str, names: Sequence[str], is_machine: bool
) -> list[Finding]:
    """Return where the shims in *folder*, which stand for *names*, are not what is found."""
    findings = [_silent(world, view) for view in views if view.path is None]
    unreached = [view for view in views if view.path is not None and not _is_reached(view, names, world.cwd)]
    findings += _judge_unreached(world, unreached, folder, is_machine)
    reached = [view for view in views if view.path is not None and view not in unreached]
    findings += _judge_shadows(world, reached, names)
    findings += [found for view in views for found in _judge_words(view, names)]
    return findings


def _is_reached(view: View, names: Sequence[str], cwd: str) -> bool:
    """Whether any shim of ours stands in the folders of the view."""
    return any(is_shim(path) for name in (*names, SHIM) for path in candidates(name, view.path or "", cwd))


def _silent(world: World, view: View) -> Finding:
    said = f"{view.label}: did not answer within {world.patience:g} s, so what it sees is not known"
    return notice(
        "shell-silent", f"{said}; the files that it reads as it starts are slow, or end it", "pipshunt doctor --wait 10"
    )


def _judge_unreached(world: World, views: Sequence[View], folder: str, is_machine: bool) -> list[Finding]:
    findings = []
    people = [view for view in views if view.kind in _PEOPLES]
    shells = [view for view in people if view.kind != "here"]
    place = world.shown(folder)
    if shells:
        who = " and ".join(view.label for view in shells)
        said = f"{who}: {place} is not on PATH there, so pip leads around pipshunt; in a checkout of pipshunt"
        findings.append(problem("shell-unreached", f"{said}, this tells the shells", "./install.sh"))
    elif people:
        from pipshunt.setup.shell_profile import path_line

        said = f"this shell: {place} is not on PATH, so pip leads around pipshunt; new shells have it"
        findings.append(problem("here-unreached", said, path_line(folder, world.env)))
    findings += [_sudo(world, folder, is_machine) for view in views if view.kind == "sudo"]
    jobs = [view.label for view in views if view.kind in ("cron", "crontab", "systemd")]
    if jobs:
        said = f"{' and '.join(jobs)}: {place} is not on PATH there, so a job's pip leads around pipshunt"
        fix = f"(echo PATH={folder}:/usr/bin:/bin; crontab -l) | crontab -" if "cron" in jobs else ""
        findings.append(notice("jobs-unreached", said, fix))
    return findings


def _sudo(world: World, folder: str, is_machine: bool) -> Finding:
    if is_machine:
        said = f"sudo: its secure_path leaves out {world.shown(folder)}, so `sudo pip` leads around pipshunt"
        return problem("sudo-unreached", said, f"{world.sudo}./install.sh --system --sudoers")
    said = "sudo: its secure_path leads around your shims, so `sudo pip` is the system's own; in a checkout"
    return notice("sudo-unreached", said, "sudo ./install.sh --system --sudoers")


def _judge_shadows(world: World, views: Sequence[View], names: Sequence[str]) -> list[Finding]:
    """Return what stands before the shims, each file once, with all the views that find it."""
    seen: dict[str, list[str]] = {}
    people: set[str] = set()
    for view in views:
        for name in names:
            found = sight(name, view, world.cwd)
            if found.path and not found.is_ours and not _is_environment(found.path):
                seen.setdefault(found.path, []).append(view.label)
                people |= {found.path} if view.kind in _PEOPLES else set()
    managers: dict[tuple[str, str], list[str]] = {}
    findings = []
    for path, labels in seen.items():
        manager = name_manager(path)
        if manager:
            managers.setdefault((manager, ", ".join(labels)), []).append(path)
            continue
        said = f"{world.shown(path)} stands before pipshunt's {os.path.basename(path)} on PATH: {', '.join(labels)}"
        fix = f"ls -l {world.typed(path)}"
        findings.append((problem if path in people else notice)("shadowed", said, fix))
    for (manager, who), paths in managers.items():
        said = f"{manager} comes before pipshunt: {', '.join(map(world.shown, paths))} ({who}); put its PATH line first"
        findings.append(notice("foreign-shim", said))
    return findings


def _judge_words(view: View, names: Sequence[str]) -> list[Finding]:
    """Return the aliases and functions that stand before the shims; an alias for a plain name comes to them again."""
    findings = []
    for name, said in view.words.items():
        if name not in names:
            continue
        word = said.split()[0] if said.split() else ""
        if not said:
            text = f"{view.label}: a function called {name} stands before pipshunt's shim"
            findings.append(notice("function", text, f"unset -f {name}"))
        elif "/" in word and not is_shim(os.path.expanduser(word)):
            text = f"{view.label}: alias {name}='{said}' leads around pipshunt's shim"
            findings.append(problem("alias", text, f"unalias {name}"))
    return findings


def shown_cell(sighting: Sighting, world: World) -> str:
    """Return what a table says of it."""
    if sighting.alias is not None:
        return f"alias {sighting.alias}" if sighting.alias else "a function"
    if sighting.is_ours:
        return "pipshunt" if sighting.behind else "pipshunt, no more"
    return world.shown(sighting.path) or "-"


def sight_all(view: View, cwd: str) -> list[Sighting]:
    """Return what each tool's name leads to in *view*."""
    return [sight(name, view, cwd) for name in TOOLS]


def _is_environment(path: str) -> bool:
    return os.path.exists(os.path.join(os.path.dirname(os.path.dirname(path)), "pyvenv.cfg"))


def _starts_with_shebang(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False
