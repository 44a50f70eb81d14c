"""The one call of pip that sets pipshunt up: with the user's index and network settings, and nothing else of theirs."""

import os
from collections.abc import Mapping, Sequence

# pip's options that say where packages come from and how to get there. Any other (target, user, dry-run …) would lead
# this one install astray. pip.conf is read all the same.
NETWORK_OPTIONS = frozenset(
    {
        *("index-url", "pypi-url", "extra-index-url", "find-links", "no-index", "trusted-host", "config-file"),
        *("cert", "client-cert", "proxy", "no-proxy-env", "keyring-provider", "timeout", "default-timeout", "retries"),
        *("cache-dir", "no-cache-dir", "use-feature", "use-deprecated"),
    }
)
# What a pip.conf may say, put right: pip ranks the environment above its files.
OWN_OPTIONS = {"PIP_USER": "0", "PIP_NO_DEPS": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_REQUIRE_HASHES": "0"}

LIKELY_CAUSES = (
    ("No space left on device", "the disk is full"),
    ("Disk quota exceeded", "the disk quota is used up"),
    (
        "CERTIFICATE_VERIFY_FAILED",
        "the index's certificate is not trusted here (PIP_CERT=FILE names the certificates to trust)",
    ),
    ("Failed building wheel", "there is no ready-made wheel for this machine, and building one failed"),
    ("subprocess-exited-with-error", "there is no ready-made wheel for this machine, and building one failed"),
    (
        "Retrying (",
        "the package index cannot be reached (PIP_INDEX_URL=URL names another, PIP_FIND_LINKS=FOLDER local wheels)",
    ),
    (
        "No matching distribution",
        "the package index does not have them (PIP_INDEX_URL=URL names another, PIP_FIND_LINKS=FOLDER local wheels)",
    ),
)


class SetupError(Exception):
    """What stopped the setup, as one sentence for who ran it; `output` is what the program that failed said."""

    def __init__(self, sentence: str, output: str = "") -> None:
        super().__init__(sentence)
        self.output = output


def install_dependencies(
    python: str, engine: str, dependencies: Sequence[str], env: Mapping[str, str], *, alone: bool
) -> None:
    """Let the pip of *python* install *dependencies* into *engine*, *alone* or with theirs.

    Raises SetupError, OSError.
    """
    # The places are said outright, for pip.conf may name others; an empty target is none.
    places = ["--target=", f"--prefix={engine}", "--root=/"]
    options = ["--disable-pip-version-check", "--no-input", "--quiet", *places]
    if alone:
        options.append("--no-deps")
    target = os.path.join(engine, "bin", "python")
    argv = [python, "-I", "-m", "pip", "--python", target, "install", *options, "--", *dependencies]
    run_quietly(argv, env, "pip could not install what pipshunt needs")


def run_quietly(argv: Sequence[str], env: Mapping[str, str], failure: str) -> None:
    """Run *argv* and keep its output for the case that it fails. Raises SetupError, OSError."""
    import subprocess

    done = subprocess.run(
        argv,
        env=child_environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        output = done.stdout.decode(errors="replace").strip()
        cause = likely_cause(output)
        raise SetupError(f"{failure}: {cause}" if cause else f"{failure} (exit status {done.returncode})", output)


def child_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return *env* with only pip's network options, and with nothing that makes an interpreter another one."""
    kept = {key: value for key, value in env.items() if not key.startswith("PYTHON") and _is_kept(key)}
    return {**kept, **OWN_OPTIONS, "PIPSHUNT": "off"}


def likely_cause(output: str) -> str:
    """Return what pip's *output* points to, or ""."""
    return next((cause for sign, cause in LIKELY_CAUSES if sign in output), "")


def _is_kept(key: str) -> bool:
    """Whether *key* is no option of pip, or one that we keep, in any spelling that pip's configuration.py takes."""
    option = key.removeprefix("PIP_")
    return option == key or option.lower().replace("_", "-").removeprefix("--") in NETWORK_OPTIONS
