"""Asked within the Python that is verified: what it is, what is installed in it, and whether that fits together.

This file is run by that Python (3.8 or later), and imports nothing of ours: stdin brings the question as JSON, stdout
takes the answer, between two MARKs. Requirements are read by the packaging library that its own pip carries, else by
packaging itself, else by the pip whose folder the question names. The rules are those of `pip check`
(pip/_internal/operations/check.py); extras and Requires-Python come in addition.
"""

from __future__ import annotations

import importlib
import importlib.metadata as metadata  # noqa: PLR0402, TID253
import json  # noqa: TID253
import os
import re
import sys
import sysconfig
from typing import Any

MARK = "\n-- pipshunt verify --\n"


def main() -> None:
    """Answer the question on stdin."""
    question = json.load(sys.stdin)
    installed, damaged = find_installed()
    answer = {**describe_python(), "distributions": list(installed.values()), "damaged": damaged}
    library = load_packaging(question["pip"])
    answer["rules"] = library.said if library else ""
    if library:
        check = Consistency(library, installed)
        answer["asked"] = [check.read_asked(**asked) for asked in question["requirements"]]
        answer["problems"] = check.find_problems()
        for said in installed.values():
            said["optional"] = check.find_optional(said["key"])
    else:
        answer["asked"] = [find_asked(asked["key"], asked["url"], installed) for asked in question["requirements"]]
    sys.stdout.write(MARK + json.dumps(answer) + MARK)
    sys.stdout.flush()
    os._exit(0)  # what a sitecustomize has started is not waited for


def describe_python() -> dict[str, Any]:
    """Return what this interpreter is."""
    return {
        "executable": sys.executable,
        "version": "{}.{}.{}".format(*sys.version_info),
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "base": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
        "stdlib": sysconfig.get_path("stdlib"),
        "scripts": sysconfig.get_path("scripts"),
    }


def find_installed() -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return what is installed by its normalised name, the first on sys.path each, and the folders that are damaged."""
    found: dict[str, dict[str, Any]] = {}
    damaged = []
    for distribution in metadata.distributions():
        info = str(getattr(distribution, "_path", ""))
        name, version = _name_and_version(distribution)
        if not name or not version:
            damaged.append(info)
            continue
        found.setdefault(
            normalised(name),
            {
                "key": normalised(name),
                "name": name,
                "version": version,
                "info": info,
                "requested": distribution.read_text("REQUESTED") is not None,
                "requires": list(distribution.requires or ()),
                "requires_python": distribution.metadata["Requires-Python"] or "",
                "extras": distribution.metadata.get_all("Provides-Extra") or [],
                "tags": _tags(distribution),
                "url": _origin(distribution),
            },
        )
    return found, damaged


def normalised(name: str) -> str:
    """Return *name* as PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _name_and_version(distribution: metadata.Distribution) -> tuple[str, str]:
    try:
        return distribution.metadata["Name"] or "", distribution.version or ""
    except Exception:  # noqa: BLE001  (another error in each Python; damaged all the same)
        return "", ""


def _tags(distribution: metadata.Distribution) -> list[str]:
    lines = (distribution.read_text("WHEEL") or "").splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")]


def _origin(distribution: metadata.Distribution) -> str:
    """Return where it was installed from, where that was no index (Direct URL Data Structure, PyPA)."""
    try:
        return str(json.loads(distribution.read_text("direct_url.json") or "{}").get("url", "")).rstrip("/")
    except (ValueError, AttributeError):
        return ""


def find_asked(key: str, url: str, installed: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Find what was asked for by its name, or else by where it was installed from."""
    found = key or next((known for known, said in installed.items() if url and said["url"] == url), "")
    return {"key": found, "applies": True, "fits": True}


class Packaging:
    """The packaging library that reads versions, specifiers, markers and tags."""

    def __init__(self, package: str, said: str) -> None:
        """Import its modules from *package*; raises ImportError."""
        requirements, specifiers, tags = (
            importlib.import_module(f"{package}.{module}") for module in ("requirements", "specifiers", "tags")
        )
        self.requirement = requirements.Requirement
        self.specifiers = specifiers.SpecifierSet
        self.parse_tag = tags.parse_tag
        self.supported = frozenset(tags.sys_tags())
        self.said = said


def load_packaging(lent_pip: str) -> Packaging | None:
    """Return the library that the environment's own pip reads with, else the next best, None if there is none."""
    for folder, package in (("", "pip._vendor.packaging"), ("", "packaging"), (lent_pip, "pip._vendor.packaging")):
        if folder:
            sys.path.insert(0, os.path.dirname(folder))
        try:
            version = importlib.import_module(package.partition(".")[0]).__version__
            return Packaging(package, f"{package.partition('.')[0]} {version}")
        except Exception:  # noqa: BLE001  (missing, or damaged: another may do)
            for name in [name for name in sys.modules if name.partition(".")[0] == package.partition(".")[0]]:
                del sys.modules[name]
    return None


class Consistency:
    """Whether what is installed fits together, and with what was asked for."""

    def __init__(self, library: Packaging, installed: dict[str, dict[str, Any]]) -> None:
        """Keep what to read with and what to look at."""
        self.library = library
        self.installed = installed
        self.extras: list[tuple[str, str]] = []  # (distribution, extra) that something asks for
        self.problems: list[dict[str, str]] = []

    def read_asked(self, text: str, key: str, url: str, extras: list[str]) -> dict[str, Any]:
        """Read one requirement that a person has asked for; its extras count from now on."""
        try:
            requirement = self.library.requirement(text)
            applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        except Exception:  # noqa: BLE001  (a path, a URL, or what only an older pip reads)
            asked = find_asked(key, url, self.installed)
        else:
            key = normalised(requirement.name)
            there = self.installed.get(key)
            fits = there is None or self._fits(requirement, there["version"])
            asked = {"key": key, "applies": applies, "fits": fits}
            extras = sorted(requirement.extras)
        if asked["applies"] and asked["key"] in self.installed:
            self.extras += [(asked["key"], extra) for extra in extras]
        return asked

    def find_problems(self) -> list[dict[str, str]]:
        """Return all that does not fit, in the order of the distributions' names."""
        for key in sorted(self.installed):
            self._check_distribution(key)
        seen = set()
        while self.extras:
            pair = self.extras.pop(0)
            if pair not in seen:
                seen.add(pair)
                self._check_extra(*pair)
        return self.problems

    def find_optional(self, key: str) -> dict[str, str]:
        """Return what *key* requires for an extra alone: each name with that extra."""
        optional: dict[str, str] = {}
        needed = set()
        for text in self.installed[key]["requires"]:
            try:
                requirement = self.library.requirement(text)
                name, marker = normalised(requirement.name), requirement.marker
                if marker is None or "extra" not in str(marker) or marker.evaluate({"extra": ""}):
                    needed.add(name)
                    continue
                of = [extra for extra in self.installed[key]["extras"] if marker.evaluate({"extra": extra})]
            except Exception:  # noqa: BLE001, S112  (what cannot be read is told elsewhere)
                continue
            if of:
                optional.setdefault(name, of[0])
        return {name: extra for name, extra in optional.items() if name not in needed}

    def _check_distribution(self, key: str) -> None:
        said = self.installed[key]
        for text in said["requires"]:
            self._check_requirement(key, text, "")
        if said["requires_python"]:
            python = "{}.{}.{}".format(*sys.version_info)
            try:
                fits = self.library.specifiers(said["requires_python"]).contains(python, prereleases=True)
            except Exception:  # noqa: BLE001  (pip ignores what it cannot read)
                fits = True
            if not fits:
                self._add(key, "", f"requires Python {said['requires_python']}, and this is {python}")
        if said["tags"] and not self._is_supported(said["tags"]):
            self._add(key, "", f"was built for another platform or Python ({said['tags'][0]})")

    def _check_extra(self, key: str, extra: str) -> None:
        said = self.installed[key]
        written = next((name for name in said["extras"] if normalised(name) == normalised(extra)), "")
        if not written:
            self._add(key, "", f"has no extra {extra}", "extra")
            return
        for text in said["requires"]:
            self._check_requirement(key, text, written)

    def _check_requirement(self, key: str, text: str, extra: str) -> None:
        """Check one requirement of *key*; with *extra* only if it is that extra's."""
        try:
            requirement = self.library.requirement(text)
            marker = requirement.marker
            applies = marker is None or marker.evaluate({"extra": ""})
            if extra:
                applies = not applies and marker is not None and marker.evaluate({"extra": extra})
        except Exception:  # noqa: BLE001  (another error in each release of packaging)
            if not extra:
                self._add(key, "", f"has a requirement that cannot be read: {text}")
            return
        if not applies:
            return
        of = f"{key}[{extra}]" if extra else key
        needed = normalised(requirement.name)
        there = self.installed.get(needed)
        if there is None:
            self._add(of, needed, f"requires {_plain(requirement)}, which is not installed", "missing")
            return
        if not self._fits(requirement, there["version"]):
            self._add(
                of, needed, f"requires {_plain(requirement)}, and {there['name']} {there['version']} is installed"
            )
        self.extras += [(needed, name) for name in sorted(requirement.extras)]

    def _fits(self, requirement: Any, version: str) -> bool:
        try:
            return bool(requirement.specifier.contains(version, prereleases=True))
        except Exception:  # noqa: BLE001  (a version that is none)
            return False

    def _is_supported(self, tags: list[str]) -> bool:
        try:
            return any(tag in self.library.supported for text in tags for tag in self.library.parse_tag(text))
        except Exception:  # noqa: BLE001  (no tag: pip says nothing of it either)
            return True

    def _add(self, key: str, other: str, message: str, kind: str = "unfit") -> None:
        self.problems.append({"key": key, "other": other, "message": message, "kind": kind})


def _plain(requirement: Any) -> str:
    """Return *requirement* without its marker."""
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"


if __name__ == "__main__":
    main()
