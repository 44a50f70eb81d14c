"""The options of `uv run` and `uv pip install|uninstall|sync`, hidden ones and aliases included, by their arity.

From uv 0.13.9; a test compares with what the uv at hand says of itself, and names what is new.
"""

# ruff: noqa: SIM905  (tables for people)

GLOBAL_FLAGS = frozenset(
    """
    --allow-python-downloads --help --isolated --managed-python --native-tls --no-cache --no-color --no-config
    --no-installer-metadata --no-managed-python --no-native-tls --no-offline --no-preview --no-progress
    --no-python-downloads --no-system-certs --offline --preview --quiet --show-settings --system-certs --verbose
    --version -V -h -n -q -v
    """.split()
)
GLOBAL_VALUES = frozenset(
    """
    --allow-insecure-host --cache-dir --color --config-file --directory --preview-feature --preview-features --project
    --python-fetch --python-preference --trusted-host
    """.split()
)
RUN_FLAGS = GLOBAL_FLAGS | frozenset(
    """
    --active --all-extras --all-groups --all-packages --binary --build --build-isolation --compile --compile-bytecode
    --dev --editable --exact --force-reinstall --frozen --gui-script --inexact --locked --module --no-active
    --no-all-extras --no-binary --no-build --no-build-isolation --no-compile --no-compile-bytecode --no-default-groups
    --no-dev --no-editable --no-env-file --no-exact --no-frozen --no-index --no-locked --no-project --no-refresh
    --no-reinstall --no-require-build-hashes --no-sources --no-sync --no-upgrade --no_workspace --only-dev --pre
    --refresh --reinstall --require-build-hashes --script --show-resolution --upgrade -U -m -s
    """.split()
)
RUN_VALUES = GLOBAL_VALUES | frozenset(
    """
    --config-setting --config-settings --config-settings-package --default-index --env-file --exclude-newer
    --exclude-newer-package --extra --extra-index-url --find-links --fork-strategy --group --index --index-strategy
    --index-url --keyring-provider --link-mode --max-recursion-depth --no-binary-package --no-build-isolation-package
    --no-build-package --no-editable-package --no-extra --no-group --no-sources-package --only-group --package
    --prerelease --prerelease-package --python --python-platform --refresh-package --reinstall-package --resolution
    --upgrade-group --upgrade-package --with --with-editable --with-requirements -C -P -f -i -p -w
    """.split()
)
PIP_FLAGS = GLOBAL_FLAGS | frozenset(
    """
    --all-extras --allow-empty-requirements --ask --break-system-packages --build --build-isolation --check --compile
    --compile-bytecode --deps --disable-pip-version-check --dry-run --exact --force-reinstall --inexact --no-all-extras
    --no-allow-empty-requirements --no-break-system-packages --no-build --no-build-isolation --no-compile
    --no-compile-bytecode --no-deps --no-editable --no-exact --no-index --no-refresh --no-reinstall
    --no-require-build-hashes --no-require-hashes --no-sources --no-strict --no-system --no-upgrade --no-verify-hashes
    --pre --refresh --reinstall --require-build-hashes --require-hashes --strict --system --upgrade --user
    --verify-hashes --yes -U -a -y
    """.split()
)
PIP_VALUES = GLOBAL_VALUES | frozenset(
    """
    --build-constraint --build-constraints --cert --client-cert --config --config-setting --config-settings
    --config-settings-package --constraint --constraints --default-index --editable --exclude --exclude-newer
    --exclude-newer-package --excludes --extra --extra-index-url --find-links --fork-strategy --group --index
    --index-strategy --index-url --keyring-provider --link-mode --no-binary --no-build-isolation-package
    --no-editable-package --no-sources-package --only-binary --output-format --override --overrides --pip-args --prefix
    --prerelease --prerelease-package --python --python-executable --python-platform --python-version
    --refresh-package --reinstall-package --requirement --requirements --resolution --target --torch-backend
    --upgrade-group --upgrade-package -C -P -b -c -e -f -i -p -r -t
    """.split()
)
# Short and alternative spellings of those that we look at; what we need not tell apart is left out.
LONG = {
    "-p": "--python",
    "-t": "--target",
    "-m": "--module",
    "-r": "--requirements",
    "--requirement": "--requirements",
    "-e": "--editable",
    "-q": "--quiet",
    "-h": "--help",
    "-V": "--version",
}
# After any of these uv ends without having done anything, or says so itself.
ENDING = ("--help", "--version", "--show-settings")
# What says which interpreter `uv pip` works on, and whether it may: they give way to `--python ENVIRONMENT`.
CHOOSING = ("--python", "--system", "--no-system", "--break-system-packages", "--no-break-system-packages")
CHOOSING_VARIABLES = ("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES")
