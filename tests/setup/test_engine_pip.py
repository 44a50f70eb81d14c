"""The environment of the one pip call that sets pipshunt up, and what its failures are called."""

import os
import sys

import pytest

from pipshunt.setup.engine_pip import SetupError, child_environment, likely_cause, run_quietly


@pytest.mark.parametrize(
    "name",
    [
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
        "PIP_NO_INDEX",
        "PIP_CERT",
        "PIP_CONFIG_FILE",
        "PIP_Proxy",
        "PIP_TRUSTED_HOST",
        "PIP___INDEX_URL",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "HOME",
        "PATH",
        "pip_target",
        "PIPX_HOME",
    ],
)
def test_where_packages_come_from_is_kept(name: str) -> None:
    assert child_environment({name: "x"})[name] == "x"


@pytest.mark.parametrize(
    "name",
    [
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_PYTHON",
        "PIP_DRY_RUN",
        "PIP_BREAK_SYSTEM_PACKAGES",
        "PIP_Target",
        "PIP_REQUIREMENT",
        "PIP_CONSTRAINT",
        "PIP_REPORT",
        "PIP___TARGET",
        "PYTHONPATH",
        "PYTHONHOME",
        "PYTHONSTARTUP",
    ],
)
def test_what_would_lead_pip_astray_is_not_kept(name: str) -> None:
    assert name not in child_environment({name: "x"})


def test_what_a_pip_conf_may_say_is_put_right() -> None:
    own = {
        "PIP_USER": "0",
        "PIP_NO_DEPS": "0",
        "PIP_REQUIRE_VIRTUALENV": "0",
        "PIP_REQUIRE_HASHES": "0",
        "PIPSHUNT": "off",
    }
    assert child_environment({"PIP_USER": "1", "PIP_REQUIRE_VIRTUALENV": "1"}) == own


@pytest.mark.parametrize(
    ("output", "start"),
    [
        pytest.param(
            "WARNING: Retrying (Retry(total=4))\nERROR: No matching distribution found for x",
            "the package index cannot",
            id="offline",
        ),
        pytest.param("ERROR: No matching distribution found for x", "the package index does not have", id="not there"),
        pytest.param("Retrying (…CERTIFICATE_VERIFY_FAILED…)", "the index's certificate", id="certificate"),
        pytest.param("OSError: [Errno 28] No space left on device", "the disk is full", id="disk"),
        pytest.param("error: subprocess-exited-with-error", "there is no ready-made wheel", id="no wheel"),
        pytest.param("what?", "", id="unknown"),
    ],
)
def test_the_likely_cause_of_a_failure(output: str, start: str) -> None:
    cause = likely_cause(output)
    assert cause.startswith(start)
    assert bool(cause) == bool(start)


def test_a_failure_carries_what_the_program_said() -> None:
    program = "import sys; print('out'); sys.stdout.flush(); print('err', file=sys.stderr); sys.exit(3)"
    with pytest.raises(SetupError, match=r"^it failed \(exit status 3\)$") as caught:
        run_quietly([sys.executable, "-c", program], os.environ, "it failed")
    assert caught.value.output == "out\nerr"
