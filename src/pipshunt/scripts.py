"""Console scripts of the machine's environment, linked into /usr/local/bin where the name is free."""

import os

LINKS = "/usr/local/bin"
_NOT_SCRIPTS = ("activate", "Activate.ps1", "python", "pip", "𝜋thon")


def link_scripts(environment: str, folder: str = LINKS) -> None:
    """Link the scripts of *environment* into *folder*, unlink those that are gone; others' files stay as they are."""
    own = os.path.join(environment, "bin")
    try:
        scripts = [name for name in os.listdir(own) if not name.startswith(_NOT_SCRIPTS)]
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        link = os.path.join(folder, name)
        if os.path.islink(link) and os.readlink(link) == os.path.join(own, name) and name not in scripts:
            os.unlink(link)
    for name in scripts:
        try:
            os.symlink(os.path.join(own, name), os.path.join(folder, name))
        except OSError:
            continue  # taken: whoever was there first stays
