"""People's commands about the policy: `pipshunt policy init` and `pipshunt policy check`."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipshunt.policy import (
    PROJECT_FILE,
    SHARED_FILE,
    Layer,
    Policy,
    Problem,
    judge,
    load_file,
    load_policy,
)

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_CHECK = "pipshunt policy check"
_USER_FILE = "policy.toml"
_ACTIONS = """\
What becomes of an install that the system's Python would refuse (PEP 668), the strictest first:
  "refuse"     nothing is installed; pipshunt says why, and what to do instead
  "pass"       pip runs as it is, and refuses by itself
  "venv"       it goes to the environment of the project, of the user or of the machine (the default)
  "uv-system"  uv pip install --system
  "override"   pip install --break-system-packages
The last two can only be granted by the user's or the machine's policy. Where several speak, the strictest counts."""
_INSTALLER = """\
installer = "auto"  # uv where it does exactly what pip would do, else pip; or always "pip", or always "uv\""""
_RULE = """\
Rules are for single packages; the first that matches counts. * and ? are globs.

[[rule]]
packages = ["torch*", "nvidia-*"]
action = "refuse"
message = "Take them from apt: apt install python3-torch\""""


def init_policy(folder: str, where: str) -> int:
    """Write a commented starter file into *folder*, never over another; *where* is repository, user or machine."""
    if not folder:
        _complain("there is no folder for a policy: HOME is not set, or the working directory is gone")
        return 1
    file = os.path.join(folder, PROJECT_FILE if where == "repository" else _USER_FILE)
    shared = os.path.join(folder, SHARED_FILE)
    if where == "repository" and load_file(where, shared, folder, "", os.geteuid()) != (None, ()):
        _complain(f"{shared} speaks about pipshunt already, so {PROJECT_FILE} is not written")
        return 1
    try:
        if where != "repository":
            os.makedirs(folder, exist_ok=True)
        _write_new(file, _starter(where))
    except FileExistsError:
        _complain(f"{file} is there already, and stays as it is", f"check it: {_CHECK}")
        return 1
    except OSError as error:
        _complain(f"{file} cannot be written: {error.strerror}")
        return 1
    sys.stdout.write(f"Wrote {file}\nEdit it, then run: {_CHECK}\n")
    return 0


def check_policy(files: Sequence[str], project: str, user_file: str, machine_file: str, uid: int) -> int:
    """Report every mistake in *files*, without any in all the layers in effect; return 0 if there is none."""
    if files:
        policy = _load_files(files, uid)
    else:
        policy = load_policy(project, user_file, machine_file, "", uid)
        in_effect = [("machine", machine_file), ("user", user_file), ("repository", project)]
        sys.stdout.writelines(f"{_layer_line(policy, kind, place)}\n" for kind, place in in_effect)
    sys.stdout.writelines(f"{problem}\n" for problem in policy.problems)
    if not files:
        sys.stdout.writelines(f"note: {note}\n" for note in find_notes(policy))
    sys.stdout.write(f"{_summary(policy.problems)}\n")
    return 1 if policy.problems else 0


def _load_files(files: Sequence[str], uid: int) -> Policy:
    layers: list[Layer] = []
    problems: list[Problem] = []
    for name in files:
        file = os.path.abspath(name)
        kind = "user" if os.path.basename(file) == _USER_FILE else "repository"
        layer, found = load_file(kind, file, os.path.dirname(file), "", uid)
        if layer is None and not found:
            missing = "has no [tool.pipshunt]" if os.path.isfile(file) else "there is no such file"
            found = (Problem(file, 0, missing, "pipshunt policy init writes one"),)
        layers += [layer] if layer else []
        problems += found
    return Policy(tuple(layers), tuple(problems))


def _layer_line(policy: Policy, kind: str, place: str) -> str:
    layer = next((layer for layer in policy.layers if layer.kind == kind), None)
    if layer is None:
        return f"{kind:11} none" + (f" ({place})" if place else "")
    said = [f'action = "{layer.action}"'] if layer.action else []
    said += [f'installer = "{layer.installer}"'] if layer.installer else []
    said += [f"[grant] override = {', '.join(layer.grant) or 'nothing'}"] if layer.grant is not None else []
    said += [f'[venv] path = "{layer.venv_path}"'] if layer.venv_path else []
    if layer.system_site_packages is not None:
        said += [f"[venv] system-site-packages = {str(layer.system_site_packages).lower()}"]
    said += [_count(len(layer.rules), "rule")] if layer.rules else []
    return f"{kind:11} {layer.file}: {', '.join(said) or 'says nothing'}"


def find_notes(policy: Policy) -> tuple[str, ...]:
    """Return where the repository asks for more than it can have, each rule judged by a name that it matches."""
    patterns = [pattern for layer in policy.layers for rule in layer.rules for pattern in rule.packages]
    examples = [pattern.replace("*", "").replace("?", "x") for pattern in patterns]
    return judge(policy, ["", *examples]).notes


def _summary(problems: Sequence[Problem]) -> str:
    if not problems:
        return "No mistakes."
    files = len({problem.file for problem in problems})
    return f"{_count(len(problems), 'mistake')} in {_count(files, 'file')}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _starter(where: str) -> str:
    import tomlkit

    document = tomlkit.document()
    title = {
        "repository": "pipshunt's policy for this repository. It can only be stricter than its user's and machine's.",
        "user": "pipshunt's policy for you, in every folder.",
        "machine": "pipshunt's policy for everybody on this machine.",
    }[where]
    _add_comment(document, f"{title}\nCheck it: {_CHECK}\n\n{_ACTIONS}")
    document.add("action", tomlkit.item("venv"))
    _add_comment(document, _INSTALLER)
    document.add(tomlkit.nl())
    if where == "repository":
        venv = tomlkit.table()
        venv.add("path", ".venv")
        venv.add(tomlkit.comment("system-site-packages = true  # what apt installed stays importable in it"))
        document.add("venv", venv)
    else:
        _add_comment(
            document, '[venv]\npath = ".venv"\nsystem-site-packages = true  # what apt installed stays importable'
        )
    document.add(tomlkit.nl())
    _add_comment(document, _RULE)
    return tomlkit.dumps(document)


def _add_comment(document: "TOMLDocument", text: str) -> None:
    import tomlkit

    for line in text.split("\n"):
        document.add(tomlkit.comment(line))


def _write_new(file: str, text: str) -> None:
    """Write *file* whole or not at all; FileExistsError if it is there."""
    half = f"{file}.{os.getpid()}"
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as opened:
            opened.write(text)
        _put_new(half, file)
    finally:
        if os.path.exists(half):
            os.unlink(half)


def _put_new(half: str, file: str) -> None:
    try:
        os.link(half, file)  # unlike a rename, never over another
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(file):
            raise FileExistsError from None
        os.rename(half, file)


def _complain(*lines: str) -> None:
    sys.stderr.writelines(f"pipshunt: {line}\n" for line in lines)
