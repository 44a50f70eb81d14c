"""Small projects to install from source. Their build backend lies in the tree (PEP 517, backend-path): no index is asked."""

from collections.abc import Mapping

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "engine-shed"
version = "3.0"
"""
BACKEND = """\
import os
import zipfile

INFO = "engine_shed-3.0.dist-info"


def build(folder, files):
    name = "engine_shed-3.0-py3-none-any.whl"
    files[INFO + "/METADATA"] = "Metadata-Version: 2.1\\nName: engine-shed\\nVersion: 3.0\\n"
    files[INFO + "/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(INFO + "/RECORD", "".join(path + ",,\\n" for path in [*files, INFO + "/RECORD"]))
    return name


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    with open("engine_shed.py") as module:
        return build(wheel_directory, {"engine_shed.py": module.read()})


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return build(wheel_directory, {"engine_shed.pth": os.getcwd() + "\\n"})
"""
PROJECT: Mapping[str, str] = {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "engine_shed.py": "SHED = 3\n"}
