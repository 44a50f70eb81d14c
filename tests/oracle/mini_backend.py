"""A build backend in one file: what the tests' source distributions and projects are built with, without a network.

It goes by `[project]`, `[tool.poetry]` or setup.cfg, as backends do. `fail` in `[tool.mini]` ends a build like a missing
compiler does; `stamp` names a module whose version is then required of `shared`, so that the build's environment shows.
`-C note=x` adds a module that shows it.
"""

import configparser
import importlib
import os
import sys
import tomllib
import zipfile
from typing import Any


def read_project() -> dict[str, Any]:
    """Read what the project in the working directory says of itself, in the words of pyproject.toml."""
    table: dict[str, Any] = {}
    if os.path.exists("pyproject.toml"):
        with open("pyproject.toml", "rb") as file:
            table = tomllib.load(file)
    mini = table.get("tool", {}).get("mini", {})
    if "fail" in mini:
        print(mini["fail"], file=sys.stderr)
        raise SystemExit(1)
    poetry = table.get("tool", {}).get("poetry", {})
    project = table.get("project") or ({**poetry, "dependencies": []} if poetry else read_setup_cfg())
    if "stamp" in mini:
        module = importlib.import_module(mini["stamp"])
        return {**project, "dependencies": [f"shared=={module.__version__}"]}
    return project


def read_setup_cfg() -> dict[str, Any]:
    """Read setup.cfg."""
    parser = configparser.ConfigParser()
    parser.read("setup.cfg")
    sections = {name: dict(section) for name, section in parser.items()}
    options, extras = sections.get("options", {}), sections.get("options.extras_require", {})
    return {
        "name": parser["metadata"]["name"],
        "version": parser["metadata"]["version"],
        "dependencies": options.get("install_requires", "").split("\n"),
        "optional-dependencies": {name: lines.split("\n") for name, lines in extras.items()},
    }


def metadata_lines(project: dict[str, Any], version: str) -> list[str]:
    """Return the lines of METADATA."""
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {version}"]
    if "requires-python" in project:
        lines.append(f"Requires-Python: {project['requires-python']}")
    lines += [f"Requires-Dist: {line}" for line in project.get("dependencies", ()) if line]
    for extra, requirements in project.get("optional-dependencies", {}).items():
        lines.append(f"Provides-Extra: {extra}")
        for line in filter(None, requirements):
            requirement, _, marker = (part.strip() for part in line.partition(";"))
            condition = f'({marker}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
            lines.append(f"Requires-Dist: {requirement} ; {condition}")
    return lines


def write_wheel(folder: str, settings: dict[str, Any] | None, *, editable: bool) -> str:
    """Write the wheel into *folder* and return its name."""
    project = read_project()
    version = project["version"]
    module = project["name"].replace("-", "_").replace(".", "_")
    info = f"{module}-{version}.dist-info"
    files = {f"{module}.py": f'__version__ = "{version}"\n\n\ndef main():\n    print("{module} {version}")\n'}
    if editable:
        files = {f"__editable__.{module}.pth": os.getcwd() + "\n"}
    if settings and "note" in settings:
        files[f"{module}_{settings['note']}.py"] = ""
    files[f"{info}/METADATA"] = "\n".join(metadata_lines(project, version)) + "\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: mini\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if "scripts" in project:
        rows = "".join(f"{name} = {place}\n" for name, place in project["scripts"].items())
        files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{rows}"
    name = f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"]))
    return name


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Build a wheel (PEP 517)."""
    return write_wheel(wheel_directory, config_settings, editable=False)


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: Any = None) -> str:
    """Build an editable wheel (PEP 660)."""
    return write_wheel(wheel_directory, config_settings, editable=True)
