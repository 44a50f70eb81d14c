"""Whose shim or Python a program is, if it is another version manager's."""

import os

from pipshunt.doctor.diagnosis import read_text

# Told by a part of the path (as it stands, or resolved), or by words in the script.
_MANAGERS = (
    ("pyenv", ("/.pyenv/", "/pyenv/shims/", "/pyenv/versions/"), ("pyenv exec", '/pyenv" exec', "pyenv-exec")),
    ("asdf", ("/.asdf/", "/asdf/shims/"), ("asdf exec", "asdf-plugin:")),
    ("mise", ("/mise/shims/", "/mise/installs/", "/bin/mise"), ("mise x ", "mise exec")),
    ("rye", ("/.rye/",), ()),
    ("safe-chain", ("/.safe-chain/",), ("safe-chain", "aikido-pip")),
    ("conda", ("/miniconda", "/anaconda", "/miniforge", "/mambaforge", "/micromamba/"), ()),
    ("pixi", ("/.pixi/",), ()),
    ("hatch", ("/hatch/pythons/",), ()),
)


def name_manager(path: str) -> str:
    """Return whose the program at *path* is: pyenv, conda …, "" if none of them shows."""
    folder = os.path.dirname(path)
    if os.path.isdir(os.path.join(os.path.dirname(folder), "conda-meta")):
        return "conda"
    places = (path, os.path.realpath(path))
    head = read_text(path, 4096)
    text = head if head.startswith("#!") else ""
    for manager, parts, words in _MANAGERS:
        if any(part in place for part in parts for place in places) or any(word in text for word in words):
            return manager
    return ""
