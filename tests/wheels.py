"""Small wheels, built by the tests: most of the suite runs without an index."""

import zipfile
from collections.abc import Mapping
from pathlib import Path


def build_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    requires: tuple[str, ...] = (),
    scripts: Mapping[str, str] | None = None,
    headers: tuple[str, ...] = (),
    tag: str = "py3-none-any",
    contents: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Build a wheel of one module `name` that knows its version; *scripts*: name of a console script → `module:function`.

    *headers*: further lines of the metadata; *tag*: with a build number ahead of it if wanted; *contents*: files in
    place of the module.
    """
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_").replace(".", "_")
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(
        [*(f"{line}\n" for line in headers), *(f"Requires-Dist: {r}\n" for r in requires)]
    )
    wheel_tag = "-".join(tag.split("-")[-3:])
    module_text = f'__version__ = "{version}"\n\n\ndef main():\n    print("{name} {version}")\n'
    files: dict[str, str | bytes] = {
        **(contents or {f"{module}.py": module_text}),
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {wheel_tag}\n",
    }
    if scripts:
        files[f"{info}/entry_points.txt"] = "[console_scripts]\n" + "".join(f"{n} = {f}\n" for n, f in scripts.items())
    path = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
        archive.writestr(f"{info}/RECORD", record)
    return path
