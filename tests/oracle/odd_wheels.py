"""Wheels that are unlike most: each is right or wrong in a way of its own, and named after it."""

import sys
from pathlib import Path
from zipfile import ZipFile

from wheels import build_wheel

WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {}\nTag: py3-none-any\n"


def build_odd_wheels(folder: Path) -> None:
    """Build them into *folder*."""
    _build_wrong(folder)
    _build_odd_contents(folder)
    _build_odd_scripts(folder)
    _build_odd_metadata(folder)


def _build_wrong(folder: Path) -> None:
    """Build what no index should hold: half a wheel, one that is another's inside, one without its metadata."""
    build_wheel(folder, "torn", "1.0")
    wheel = build_wheel(folder, "torn", "2.0")
    wheel.write_bytes(wheel.read_bytes()[:-200])
    build_wheel(folder, "inner", "1.0").rename(folder / "outer-1.0-py3-none-any.whl")
    build_wheel(folder, "misversioned", "1.0").rename(folder / "misversioned-2.0-py3-none-any.whl")
    with ZipFile(folder / "hollow-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("hollow.py", "")
    build_wheel(folder, "escaping", "1.0", contents={"../../../escaped.py": "", "escaping.py": ""})
    build_wheel(folder, "old-tool", "1.0", contents={"old_tool.py": "x = 1\nprint x\n"})  # Python 2's: does not compile


def _build_odd_contents(folder: Path) -> None:
    """Build what lies in unusual places, or belongs to two."""
    build_wheel(folder, "clash-a", "1.0", contents={"clash/__init__.py": "", "clash/shared.py": "a = 1\n"})
    build_wheel(folder, "clash-b", "1.0", contents={"clash/__init__.py": "", "clash/shared.py": "b = 2\n"})
    build_wheel(folder, "moved", "1.0", contents={"moved/__init__.py": "", "moved/old.py": "", "moved/data.txt": "1"})
    build_wheel(folder, "moved", "2.0", contents={"moved/__init__.py": "", "moved/new.py": ""})
    build_wheel(folder, "to-module", "1.0", contents={"to_module/__init__.py": ""})
    build_wheel(folder, "to-module", "2.0", contents={"to_module.py": ""})
    build_wheel(
        folder, "unicode-files", "1.0", contents={"unicode_files/fünf.py": "", "unicode_files/data/日本.txt": "x"}
    )
    build_wheel(folder, "startup", "1.0", contents={"startup.pth": "import os\n", "startup.py": ""})
    compiled = f"precompiled/__pycache__/module.{sys.implementation.cache_tag}.pyc"  # as numpy 1.26 brings some
    build_wheel(folder, "precompiled", "1.0", contents={"precompiled/module.py": "x = 1\n", compiled: b"\0" * 16})
    build_wheel(folder, "empty", "1.0", contents={"empty-1.0.dist-info/licenses/LICENSE": "free\n"})
    data = "laid_out-1.0.data"
    build_wheel(
        folder,
        "laid-out",
        "1.0",
        contents={
            f"{data}/purelib/laid_out/__init__.py": "",
            f"{data}/platlib/laid_out/native.py": "",
            f"{data}/headers/laid_out.h": "/* h */\n",
            f"{data}/data/etc/laid_out.conf": "x=1\n",
            f"{data}/scripts/laid-out-py": "#!python\nprint('py')\n",
            f"{data}/scripts/laid-out-sh": "#!/bin/sh\necho sh\n",
        },
    )
    build_wheel(
        folder,
        "many-scripts",
        "1.0",
        contents={
            "many_scripts.py": "def main(): pass\n",
            "many_scripts-1.0.dist-info/entry_points.txt": "[console_scripts]\nmany = many_scripts:main\n"
            "many-extra = many_scripts:main [gui]\nMany.Two = many_scripts:main\n[gui_scripts]\nmany-gui = many_scripts:main\n"
            "[pytest11]\nmany = many_scripts\n",
        },
    )


def _build_odd_scripts(folder: Path) -> None:
    """Build console scripts whose entries pip and uv may read in two ways."""
    for name, entry in (
        ("blank", "x = {} : main"),
        ("bare", "x = {}"),
        ("deep", "x = {}:Class.method"),
        ("dash", "x-y.z={}:main"),
    ):
        module = f"script_{name}"
        text = f"[console_scripts]\n{entry.format(module)}\n"
        contents: dict[str, str | bytes] = {
            f"{module}.py": "def main(): pass\n",
            f"{module}-1.0.dist-info/entry_points.txt": text,
        }
        build_wheel(folder, f"script-{name}", "1.0", contents=contents)


def _build_odd_metadata(folder: Path) -> None:
    """Build what says of itself in unusual words what is right, or nearly."""
    build_wheel(folder, "padded", "2020.06.20")
    build_wheel(folder, "vee", "1.0.0-beta2".replace("-", ""))
    build_wheel(folder, "zeroes", "1.0.0")
    build_wheel(folder, "parentheses", "1.0", requires=("six (>=1.15,<2)", "idna(==3.10)", "click ( >=7 )"))
    build_wheel(
        folder, "spaced", "1.0", requires=("six>=1.15 , <2", "requests [socks] >=2.30", 'idna;python_version>="3"')
    )
    build_wheel(
        folder, "quoted", "1.0", requires=("six ; extra == 'a' or extra == 'b'", 'idna ; "linux" in sys_platform')
    )
    build_wheel(folder, "self-extra", "1.0", headers=("Provides-Extra: a", "Provides-Extra: all"), requires=(
        "six ; extra == 'a'", "self-extra[a] ; extra == 'all'"))  # fmt: skip
    build_wheel(folder, "needs-setuptools", "1.0", requires=("setuptools>=70",))
    build_wheel(folder, "needs-pip", "1.0", requires=("pip",))
    build_wheel(folder, "needs-missing-extra", "1.0", requires=("requests[nothing]",))
    build_wheel(folder, "needs-absent", "1.0", requires=("no-such-project",))
    build_wheel(folder, "needs-absent-elsewhere", "1.0", requires=("no-such-project ; sys_platform == 'win32'",))
    build_wheel(folder, "needs-local", "1.0", requires=("local-build==1.0",))
    build_wheel(folder, "triple", "1.0", requires=("local-build===1.0",))
    build_wheel(folder, "excludes", "1.0", requires=("urllib3!=2.2.3", "urllib3>1.26.20"))
    build_wheel(folder, "bad-requirement", "1.0", requires=("six>=1.0 garbage",))
    build_wheel(folder, "bad-requirement-elsewhere", "1.0", requires=("six>=1.0 garbage ; extra == 'x'",))
    build_wheel(
        folder, "long-metadata", "1.0", headers=("Metadata-Version: 2.4", "Summary: fünf Wörter"), requires=("six",)
    )
    build_wheel(folder, "unicode-author", "1.0", headers=("Author: Jürgen\n        Müller", "License-Expression: MIT"))
