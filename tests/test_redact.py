"""No secret of a command line reaches the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipshunt.redact import redact, redact_text


@pytest.mark.parametrize(
    ("given_words", "expected"),
    [
        pytest.param(["--index-url=https://u:p@h/simple"], ["--index-url=https://****@h/simple"], id="option"),
        pytest.param(["-i", "https://u:p@h:8443/x"], ["-i", "https://****@h:8443/x"], id="separate value"),
        pytest.param(["-ihttps://u:p@h"], ["-ihttps://****@h"], id="attached value"),
        pytest.param(["git+https://ghp_token@h/r.git@v1#egg=x"], ["git+https://****@h/r.git@v1#egg=x"], id="token as the user"),
        pytest.param(["name @ https://u:p@h/x.whl"], ["name @ https://****@h/x.whl"], id="direct reference"),
        pytest.param(["name@https://u:p@h/x.whl ; python_version>'3'"], ["name@https://****@h/x.whl ; python_version>'3'"], id="with a marker"),
        pytest.param(["PIP_INDEX_URL=https://u:p@h"], ["PIP_INDEX_URL=https://****@h"], id="environment"),
        pytest.param(["API_TOKEN=abc", "GH_TOKEN=https://h/x"], ["API_TOKEN=****", "GH_TOKEN=****"], id="secret in the environment"),
        pytest.param(["sh", "-c", "PW_SECRET=a pip install -i 'https://u:p@h/' x"], ["sh", "-c", "PW_SECRET=**** pip install -i 'https://****@h/' x"], id="script"),
        pytest.param(["--proxy", "user:pass@host:3128"], ["--proxy", "****@host:3128"], id="proxy"),
        pytest.param(["--proxy=user@host:3128"], ["--proxy=****@host:3128"], id="proxy with equals"),
        pytest.param(["--prox", "token@host"], ["--prox", "****@host"], id="proxy abbreviated"),
        pytest.param(["--proxy", "http://u:p@host:3128"], ["--proxy", "http://****@host:3128"], id="proxy with a scheme"),
        pytest.param(["--proxy", "host:3128"], ["--proxy", "host:3128"], id="proxy without a user"),
        pytest.param(["--config-settings", "token=abc"], ["--config-settings", "token=****"], id="setting"),
        pytest.param(["--config-settings=auth-key=abc=="], ["--config-settings=auth-key=****"], id="setting with equals"),
        pytest.param(["-Ctoken=abc", "-C", "secret=1", "-C", "jobs=4"], ["-Ctoken=****", "-C", "secret=****", "-C", "jobs=4"], id="short setting"),
        pytest.param(["--password", "abc", "--user", "abc"], ["--password", "****", "--user", "abc"], id="another program's"),
        pytest.param(["https://h/x?token=abc&v=1&X-Amz-Signature=1#frag"], ["https://h/x?token=****&v=1&X-Amz-Signature=****#frag"], id="query"),
        pytest.param(["https://u:p/w@h/x"], ["https://****@h/x"], id="slash in the password"),
        pytest.param(["https://u:p'w\"x@h/x"], ["https://****@h/x"], id="quotes in the password"),
        pytest.param(["https://u:p@w@h/x"], ["https://****@h/x"], id="at sign in the password"),
        pytest.param(["https://mirror/https://u:p@h/x"], ["https://mirror/https://****@h/x"], id="URL in a URL"),
        pytest.param(["a://x@y,b://u:p@z"], ["a://****@y,b://****@z"], id="list of URLs"),
        pytest.param(["https://h:8080/@scope/x", "git@github.com:o/r"], ["https://h:8080/@scope/x", "git@github.com:o/r"], id="no secret"),
        pytest.param(["--keyring-provider", "import", "--keyring-provider=import"], ["--keyring-provider", "import", "--keyring-provider=import"], id="keyring"),
        pytest.param(["--client-cert", "/etc/ssl/me.pem"], ["--client-cert", "/etc/ssl/me.pem"], id="certificate's place"),
        pytest.param(["flask==3.0", "a[b]>=1,<2; extra == 'c'", "", "-", "./x@y"], ["flask==3.0", "a[b]>=1,<2; extra == 'c'", "", "-", "./x@y"], id="plain requirements"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_secrets_are_hidden_and_the_rest_stays(given_words: list[str], expected: list[str]) -> None:
    assert redact(given_words) == tuple(expected)


def test_text_keeps_its_white_space() -> None:
    assert redact_text("a\n\thttps://u:p@h  b\r\n") == "a\n\thttps://****@h  b\r\n"


USERINFO = st.text("abcXYZ019-._~!$&'()*+,;=:%\"@\\|é", min_size=6, max_size=12).map(lambda text: f"Q{text}Q")
FORMS = st.sampled_from(
    [
        "https://{}@h/simple", "--index-url=http://{}@h:80", "-ihttps://{}@h", "git+ssh://{}@h/r.git@v1", "n @ https://{}@h/x.whl#sha256=1",
        "X=https://{}@h", "https://m/?u=https://{}@h", "a,https://{}@h,https://b@c", "'https://{}@h'", "<https://{}@h/>", "https://h,https://{}@h",
        "SOCKS5H://{}@[::1]:80/", "https://x@h/ https://{}@h/", "--find-links=file://{}@h/a/b/c?x=1#y",
    ]
)  # fmt: skip


@given(form=FORMS, secret=USERINFO)
def test_no_user_part_survives_in_any_url(form: str, secret: str) -> None:
    assert secret not in "\n".join(redact([form.format(secret)]))
    assert secret.partition("@")[0] not in "\n".join(redact([form.format(secret)]))


@given(st.lists(st.text("ab:/@?&#=-C \ttokenproxy'\"", max_size=25), max_size=4))
def test_what_is_redacted_stays_as_it_is(words: list[str]) -> None:
    once = redact(words)
    assert len(once) == len(words)
    assert redact(once) == once


@given(st.text())
def test_text_without_urls_and_equals_is_kept(text: str) -> None:
    plain = text.replace(":", "").replace("=", "")
    assert redact_text(plain) == plain
