"""The pip that serves an environment without one of its own (uv makes such): its base's, else the pip of the call."""

import os

from pipshunt.environment import site_packages, version_of

RUNNER = "__pip-runner__.py"  # what `pip --python` itself execs; pip >= 22.3


def has_pip(environment: str) -> bool:
    """Whether the environment has a pip that can be run."""
    script = os.path.join(environment, "bin", "pip")
    return os.path.isfile(script) and os.path.isfile(os.path.join(site_packages(environment), "pip", "__init__.py"))


def find_runner(environment: str, pip: str) -> str:
    """Return the script that runs a pip in *environment*: what is left of its own, its base's, or *pip*, the call's.

    A base's pip runs under its Python; the call's may not: pip before 23.1 fails from Python 3.12 on (ImpImporter).
    """
    for folder in (os.path.join(site_packages(environment), "pip"), _pip_of_base(environment)):
        runner = os.path.join(folder, RUNNER)
        if folder and os.path.isfile(runner) and os.stat(folder).st_uid in (0, os.geteuid()):
            return runner
    return os.path.join(pip, RUNNER)


def _pip_of_base(environment: str) -> str:
    """Return where the interpreter that pyvenv.cfg names as `home` may have a pip."""
    try:
        with open(os.path.join(environment, "pyvenv.cfg"), encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.partition("=") for line in file.read(65536).splitlines()]
    except OSError:
        return ""
    home = next((value.strip() for name, _, value in lines if name.strip().lower() == "home"), "")
    if not home.startswith("/"):
        return ""  # a relative one could lead into a clone
    return os.path.join(os.path.dirname(home), "lib", version_of(environment), "site-packages", "pip")
