"""Where packages come from, and by which way, told to uv as pip understands it: indexes, links, certificates, proxies.

pip looks at all indexes and takes the best version, of equal ones that of the index named last; uv does so with
`unsafe-best-match` and the order turned round.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from pipshunt.accelerator.requirement_text import NoLikeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pipshunt.command import Command

PYPI = "https://pypi.org/simple"
_SYSTEM_STORES = (
    *("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem"),
    *("/etc/ssl/cert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_UNFIT = frozenset(" \t\n,$?#\\\"'")  # in a URL or path: uv splits values there, or fills variables in


class Sources(NamedTuple):
    """The final lists, in pip's order."""

    indexes: tuple[str, ...]
    links: tuple[str, ...]
    trusted: tuple[str, ...]
    no_index: bool


def read_sources(command: "Command", lines: "Iterable[tuple[str, str]]") -> Sources:
    """Put together what the command and the *lines* (option, value) of its files say. Raises NoLikeness."""
    no_index = command.flag("no-index")
    chosen = command.value("index-url")
    indexes = [PYPI if chosen is None else chosen, *command.values("extra-index-url")]
    links, trusted = list(command.values("find-links")), list(command.values("trusted-host"))
    changed = False
    for option, value in lines:
        if option == "index-url":
            indexes, changed = [value], True
        elif option == "extra-index-url":
            indexes.append(value)
            changed = True
        elif option == "find-links":
            links.append(value)
        elif option == "trusted-host":
            trusted.append(value)
        elif option == "no-index":
            no_index = True
    if changed and no_index:
        raise NoLikeness("--no-index stands beside the indexes of a requirements file")
    return Sources(() if no_index else tuple(indexes), tuple(links), tuple(trusted), no_index)


def source_words(sources: Sources, env: "Mapping[str, str]", cwd: str) -> tuple[list[str], dict[str, str | None]]:
    """Give uv's words for the sources, and variables for what must not be seen in a list of processes."""
    words = ["--no-index"] if sources.no_index else []
    changes: dict[str, str | None] = {}
    indexes = list(dict.fromkeys(url.rstrip("/") for url in reversed(sources.indexes)))
    for url in indexes:
        _check_url(url, sources.trusted)
    for host in sources.trusted:
        if not _is_plain(host) or not host.replace(".", "a").replace("-", "a").replace(":", "a").isalnum():
            raise NoLikeness(f"--trusted-host {host} is no plain host")
    default = sources.indexes[0].rstrip("/") if sources.indexes else ""
    extra = [url for url in indexes if url != default]
    if any("@" in url for url in indexes):
        changes["UV_INDEX_URL"] = default
        changes["UV_EXTRA_INDEX_URL"] = " ".join(extra) or None
    else:
        words += ["--index-url", default] if default not in ("", PYPI) else []
        words += [word for url in extra for word in ("--extra-index-url", url)]
    for link in sources.links:
        place = _link(link, sources.trusted, env, cwd)
        words += ["--find-links", place] if place else []
    return words + [word for host in sources.trusted for word in ("--allow-insecure-host", host)], changes


def _check_url(url: str, trusted: tuple[str, ...]) -> None:
    """Check that both take this URL for the same index, and both are willing to ask it."""
    scheme, colon, rest = url.partition("://")
    if not colon or scheme not in ("http", "https", "file") or not _is_plain(rest):
        raise NoLikeness(f"{_shown(url)} is no plain URL")
    if scheme == "file" and not rest.startswith("/"):
        raise NoLikeness(f"{url} is no plain URL")
    if scheme == "http" and not _is_secure(rest.partition("/")[0].rpartition("@")[2], trusted):
        raise NoLikeness(f"pip does not trust {_shown(url)}, but uv would")


def _is_plain(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and not _UNFIT.intersection(text)


def _is_secure(place: str, trusted: tuple[str, ...]) -> bool:
    """Tell whether pip asks a host over plain http: this machine, or a trusted one (network.session)."""
    host = place.rpartition(":")[0] if ":" in place.rpartition("]")[2] else place
    numbers = host.split(".")
    if host in ("localhost", "[::1]") or (len(numbers) == 4 and host.startswith("127.") and "".join(numbers).isdigit()):
        return True
    return place in trusted or host in trusted


def _shown(url: str) -> str:
    """Leave out what stands for a name and a password."""
    scheme, colon, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return scheme + colon + place.rpartition("@")[2] + slash + path


def _link(link: str, trusted: tuple[str, ...], env: "Mapping[str, str]", cwd: str) -> str:
    """Give a place of links as uv takes it; "" for a folder that is not there, which pip passes over."""
    if "://" in link:
        _check_url(link, trusted)
        if "@" in link or link.startswith("file:"):
            raise NoLikeness(f"{_shown(link)} holds links that uv may take otherwise")
        return link
    path = _path(link, env, cwd)
    if not os.path.exists(path):
        path = os.path.join(cwd, link)
    if _UNFIT.intersection(path) or "%" in path or ":" in link:
        raise NoLikeness(f"{link} is no plain path")
    if not os.path.isdir(path):
        if os.path.lexists(path):
            raise NoLikeness(f"{link} is no folder of links")
        return ""
    return path


def transport_words(command: "Command", env: "Mapping[str, str]", cwd: str) -> tuple[list[str], dict[str, str | None]]:
    """Give uv's words and variables for certificates, proxies, time-outs and retries. Raises NoLikeness."""
    changes: dict[str, str | None] = {
        "UV_HTTP_TIMEOUT": _seconds(command.value("timeout") or "15"),
        # Once is enough: a uv that fails costs nothing but time, and pip then retries as often as it is told to.
        "UV_HTTP_RETRIES": min(_count(command.value("retries") or "5"), "1"),
    }
    provider = command.value("keyring-provider") or "auto"
    if provider not in ("auto", "disabled"):
        raise NoLikeness(f"uv asks a keyring otherwise than --keyring-provider {provider}")
    trusting = _set_proxies(command, env, changes)
    client = command.value("client-cert")
    if client:
        changes["SSL_CLIENT_CERT"] = _path(client, env, cwd)
    bundle = (env.get("REQUESTS_CA_BUNDLE") or env.get("CURL_CA_BUNDLE") or "") if trusting else ""
    cert = command.value("cert")
    if cert or bundle:
        path = _path(cert, env, cwd) if cert else os.path.join(cwd, bundle)
        if not os.path.isfile(path):
            raise NoLikeness(f"{path} is no file of certificates")
        return ["--cert", path], changes
    if env.get("SSL_CERT_FILE") or env.get("SSL_CERT_DIR") or any(map(os.path.exists, _SYSTEM_STORES)):
        changes["UV_SYSTEM_CERTS"] = "true"
    return [], changes


def _set_proxies(command: "Command", env: "Mapping[str, str]", changes: dict[str, str | None]) -> bool:
    """Set the proxies; tell whether the environment's say on the transport still counts."""
    proxy = command.value("proxy")
    if proxy is None and not command.flag("no-proxy-env"):
        return True
    if proxy == "" or (proxy and "://" in proxy and not proxy.startswith("http://")):
        raise NoLikeness(f"uv has no counterpart of --proxy {_shown(proxy) or repr('')}")
    others = (*_PROXIES, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC")
    if command.pip.version < (25, 1) and any(env.get(name) for name in others):
        raise NoLikeness("this pip mixes --proxy with what the environment says of the transport")
    changes.update({name: None for name in _PROXIES if name in env})
    changes["NETRC"] = os.devnull
    if proxy:
        address = proxy if "://" in proxy else f"http://{proxy}"
        changes.update({"HTTP_PROXY": address, "HTTPS_PROXY": address, "ALL_PROXY": address})
    return False


def _path(text: str, env: "Mapping[str, str]", cwd: str) -> str:
    """Give a path from *cwd* on; pip puts the home folder in for `~` itself."""
    if text.startswith("~/") and env.get("HOME"):
        text = env["HOME"] + text[1:]
    elif text.startswith("~"):
        raise NoLikeness(f"only pip knows where {text} is")
    return os.path.join(cwd, text)


def _seconds(text: str) -> str:
    """Round up to whole seconds, at least one."""
    seconds = float(text)
    if not 0 < seconds < 1e6:
        raise NoLikeness(f"uv has no counterpart of --timeout {text}")
    return str(max(1, -int(-seconds // 1)))


def _count(text: str) -> str:
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 4:
        raise NoLikeness(f"uv has no counterpart of --retries {text}")
    return text
