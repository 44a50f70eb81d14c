"""Where packages come from, told to uv as pip understands it."""

import shlex
from pathlib import Path

import pytest

from pipshunt.accelerator.package_sources import PYPI, Sources, read_sources, source_words, transport_words
from pipshunt.accelerator.requirement_text import NoLikeness
from pipshunt.command import Command, PipFacts, read_command

A, B, C = "https://a.example/simple", "https://b.example/simple", "https://c.example/simple"
NEWEST = PipFacts((26, 3), "/nowhere", in_environment=True)


def command(line: str, pip: PipFacts = NEWEST, **env: str) -> Command:
    return read_command(shlex.split(f"install {line}"), {"PIP_CONFIG_FILE": "/dev/null", **env}, "/", pip)


@pytest.mark.parametrize(
    ("line", "lines", "expected"),
    [
        pytest.param("", [], Sources((PYPI,), (), (), no_index=False), id="nothing said"),
        pytest.param(f"-i {A} -i {B}", [], Sources((B,), (), (), no_index=False), id="the last one"),
        pytest.param(
            f"--extra-index-url {A} --extra-index-url {B}",
            [],
            Sources((PYPI, A, B), (), (), no_index=False),
            id="extra",
        ),
        pytest.param(
            f"-i {A} --extra-index-url {B}",
            [("index-url", C)],
            Sources((C,), (), (), no_index=False),
            id="a file's index puts all others out",
        ),
        pytest.param(
            f"-i {A}",
            [("extra-index-url", B), ("extra-index-url", C)],
            Sources((A, B, C), (), (), no_index=False),
            id="adds",
        ),
        pytest.param(
            f"--no-index -i {A} -f x", [("find-links", "y")], Sources((), ("x", "y"), (), no_index=True), id="no index"
        ),
        pytest.param("-f x", [("no-index", "")], Sources((), ("x",), (), no_index=True), id="no index in a file"),
        pytest.param(
            "--trusted-host h",
            [("trusted-host", "i:80")],
            Sources((PYPI,), (), ("h", "i:80"), no_index=False),
            id="trust",
        ),
    ],
)
def test_command_and_files_are_put_together_as_pip_does(
    line: str, lines: list[tuple[str, str]], expected: Sources
) -> None:
    assert read_sources(command(line), lines) == expected


def test_no_index_beside_the_indexes_of_a_file_is_pips() -> None:
    with pytest.raises(NoLikeness):
        read_sources(command("--no-index"), [("index-url", A)])


def words(*indexes: str, links: tuple[str, ...] = (), trusted: tuple[str, ...] = ()) -> list[str]:
    found, changes = source_words(Sources(indexes, links, trusted, no_index=False), {"HOME": "/root"}, "/")
    assert changes == {}
    return found


def test_of_equal_versions_pip_takes_the_last_index_and_uv_the_first() -> None:
    assert words(A, B, C) == ["--index-url", A, "--extra-index-url", C, "--extra-index-url", B]
    assert words(PYPI, B) == ["--extra-index-url", B]
    assert words(A, B + "/", A, B) == ["--index-url", A, "--extra-index-url", B]


def test_who_looks_at_the_processes_sees_no_password() -> None:
    found, changes = source_words(
        Sources(("https://ana:s3cret@a.example/simple", B, C), (), (), no_index=False), {}, "/"
    )
    assert found == []
    assert changes == {"UV_INDEX_URL": "https://ana:s3cret@a.example/simple", "UV_EXTRA_INDEX_URL": f"{C} {B}"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "simple",
        "/srv/simple",
        "./simple",
        "ftp://a.example/simple",
        "https://",
        "file://simple",
        "file:///srv/simple?x=1",
        "https://a.example/simple?token=1",
        "https://a.example/simple#x",
        "https://a.example/${X}",
        "https://a.example/a b",
        "https://a.example/a,b",
        "https://\u00e4.example/simple",
        "http://a.example/simple",
        "http://ana:pw@a.example:80/simple",
        "http://localhost.example/simple",
        "http://127.example/simple",
        "http://10.0.0.1/simple",
    ],
)
def test_an_index_that_the_two_may_take_otherwise_is_pips(url: str) -> None:
    with pytest.raises(NoLikeness) as why:
        words(url)
    assert "pw" not in str(why.value)


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("http://127.0.0.1:8080/simple", ()),
        ("http://localhost/simple", ()),
        ("http://[::1]:80/simple", ()),
        ("http://a.example:80/simple", ("a.example",)),
        ("http://a.example:80/simple", ("a.example:80",)),
        ("file:///srv/simple", ()),
    ],
)
def test_a_secure_or_trusted_index_is_uvs_too(url: str, trusted: tuple[str, ...]) -> None:
    assert words(url, trusted=trusted)[:2] == ["--index-url", url]


def test_trust_is_told() -> None:
    assert words(PYPI, trusted=("a.example", "b:1")) == [
        "--allow-insecure-host",
        "a.example",
        "--allow-insecure-host",
        "b:1",
    ]
    with pytest.raises(NoLikeness):
        words(PYPI, trusted=("http://a.example",))


def test_links_are_folders_or_pages_and_missing_ones_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "links").mkdir()
    (tmp_path / "page.html").touch()
    env = {"HOME": str(tmp_path)}

    def told(link: str) -> list[str]:
        return source_words(Sources((), (link,), (), no_index=True), env, str(tmp_path))[0]

    assert told("links") == told("~/links") == ["--no-index", "--find-links", str(tmp_path / "links")]
    assert told("missing") == told("~/missing") == ["--no-index"]
    assert told("https://a.example/links/") == ["--no-index", "--find-links", "https://a.example/links/"]
    for link in (
        "page.html",
        "file:///links",
        "http://a.example/links",
        "~ana/links",
        "li,nks",
        "https://u:p@a.example/",
    ):
        with pytest.raises(NoLikeness):
            told(link)


def transport(line: str, pip: PipFacts = NEWEST, **env: str) -> tuple[list[str], dict[str, str | None]]:
    return transport_words(command(line, pip), env, "/")


def test_time_is_what_pip_gives_itself() -> None:
    for line, timeout, retries in (
        ("", "15", "1"),
        ("--timeout 0.5 --retries 0", "1", "0"),
        ("--timeout 60.1 --retries 9", "61", "1"),
    ):
        changes = transport(line)[1]
        assert (changes["UV_HTTP_TIMEOUT"], changes["UV_HTTP_RETRIES"]) == (timeout, retries)


@pytest.mark.parametrize(
    "line",
    [
        "--timeout 0",
        "--timeout inf",
        "--timeout nan",
        "--retries -1",
        "--retries 0x10",
        "--retries 010",
        "--keyring-provider import",
        "--keyring-provider subprocess",
        "--proxy ''",
        "--proxy socks5://u:pw@h:1",
        "--cert /missing",
        "--cert /",
        "--cert ~ana/cert",
    ],
)
def test_a_transport_without_a_counterpart_is_pips(line: str) -> None:
    with pytest.raises(NoLikeness) as why:
        transport(line)
    assert "pw" not in str(why.value)


def test_certificates_come_from_the_option_else_from_what_pip_reads(tmp_path: Path) -> None:
    one, two = tmp_path / "one.pem", tmp_path / "two.pem"
    one.touch()
    two.touch()
    assert transport(f"--cert {one}", REQUESTS_CA_BUNDLE=str(two))[0] == ["--cert", str(one)]
    assert transport("", REQUESTS_CA_BUNDLE=str(two), CURL_CA_BUNDLE="/x")[0] == ["--cert", str(two)]
    assert transport("", CURL_CA_BUNDLE=str(two))[0] == ["--cert", str(two)]
    assert transport("--cert ~/one.pem", HOME=str(tmp_path))[0] == ["--cert", str(one)]
    words, changes = transport(f"--client-cert {one}", SSL_CERT_FILE=str(two))
    assert words == []
    assert changes["SSL_CLIENT_CERT"] == str(one)
    assert changes["UV_SYSTEM_CERTS"] == "true"


def test_a_proxy_of_pips_is_the_only_one_and_shuts_out_what_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / "cert").touch()
    words, changes = transport(
        "--proxy u:pw@h:1", no_proxy="*", HTTPS_PROXY="x", REQUESTS_CA_BUNDLE=str(tmp_path / "cert")
    )
    assert words == []
    assert changes["no_proxy"] is None
    assert changes["NETRC"] == "/dev/null"
    assert [changes[name] for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")] == ["http://u:pw@h:1"] * 3
    changes = transport("--no-proxy-env", http_proxy="x")[1]
    assert changes["http_proxy"] is None
    assert "HTTP_PROXY" not in changes


def test_an_older_pip_mixes_its_proxy_with_the_environments() -> None:
    old = NEWEST._replace(version=(25, 0, 1))
    assert transport("--proxy http://h:1", old)[1]["HTTP_PROXY"] == "http://h:1"
    with pytest.raises(NoLikeness):
        transport("--proxy http://h:1", old, NO_PROXY="h")
