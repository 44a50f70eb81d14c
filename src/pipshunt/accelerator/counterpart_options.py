"""What each option of `pip install` comes to in uv: the table.

Measured with pip 23.0 to 26.3 and uv 0.13. A test holds every option of every pip against it, so that one which
a new pip brings has to be decided here.
"""

PIP = "pip"  # uv has no exact counterpart: pip runs where it is given
DROP = "drop"  # it changes nothing in what uv installs
READ = "read"  # read where the requirements, the indexes or the transport are put together

RULES: dict[str, str] = {
    # what pip itself does, or ends with
    "version": DROP,  # such a command ends early
    "help": DROP,
    "isolated": DROP,  # already in effect in the options at hand
    "python": DROP,
    "require-virtualenv": DROP,
    "debug": PIP,
    "verbose": READ,
    "quiet": READ,
    "log": PIP,
    "no-input": DROP,  # uv never asks
    "exists-action": DROP,  # of VCS checkouts alone
    "src": DROP,
    "disable-pip-version-check": DROP,
    "no-python-version-warning": DROP,
    "no-color": DROP,
    "use-feature": DROP,  # none of them changes what is installed
    "use-deprecated": PIP,  # the legacy resolver installs sets that conflict
    "progress-bar": READ,
    "root-user-action": DROP,
    "no-warn-script-location": DROP,
    "no-warn-conflicts": DROP,
    "resume-retries": DROP,
    "cache-dir": DROP,  # uv's cache has a form of its own
    "no-cache-dir": READ,
    "dry-run": PIP,  # what it prints is what it is for
    "report": PIP,
    "no-clean": PIP,
    # transport
    "proxy": READ,
    "no-proxy-env": READ,
    "retries": READ,
    "timeout": READ,
    "trusted-host": READ,
    "cert": READ,
    "client-cert": READ,
    "keyring-provider": READ,
    # where to
    "target": PIP,
    "prefix": PIP,
    "root": PIP,
    "user": PIP,
    "no-user": DROP,
    "platform": PIP,
    "python-version": PIP,
    "implementation": PIP,
    "abi": PIP,
    "break-system-packages": DROP,
    # what
    "requirement": READ,
    "constraint": READ,
    "build-constraint": READ,
    "editable": READ,
    "group": READ,
    "requirements-from-script": PIP,  # uv does not hold its requires-python
    "no-deps": READ,
    "only-deps": PIP,
    "upgrade": READ,
    "upgrade-strategy": READ,
    "force-reinstall": READ,
    "ignore-installed": PIP,  # pip overlays what uv removes first
    "ignore-requires-python": PIP,
    "pre": READ,
    "all-releases": READ,
    "only-final": READ,
    "uploaded-prior-to": PIP,  # indexes that name no time are treated otherwise
    "prefer-binary": PIP,  # uv takes another version
    "no-binary": READ,
    "only-binary": READ,
    "require-hashes": READ,
    "no-require-hashes": READ,
    # from where
    "index-url": READ,
    "extra-index-url": READ,
    "no-index": READ,
    "find-links": READ,
    "refresh-package": DROP,  # all are refreshed
    # how it is built
    "no-build-isolation": READ,
    "check-build-dependencies": PIP,
    "config-settings": READ,
    "use-pep517": DROP,  # uv builds no other way
    "no-use-pep517": PIP,
    "install-option": PIP,
    "global-option": PIP,
    "compile": READ,
    "no-compile": READ,
}
