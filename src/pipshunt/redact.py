"""Secrets out of what is logged or shown: the user part of URLs, and tokens in their query strings."""

from collections.abc import Sequence

_HIDDEN = "****"
_SECRET_WORDS = ("token", "password", "passwd", "secret", "key", "sig", "auth")


def redact(words: Sequence[str]) -> tuple[str, ...]:
    """Return *words* with the secrets of every URL in them hidden, wherever in a word the URL stands."""
    return tuple(redact_text(word) for word in words)


def redact_text(text: str) -> str:
    """Hide the whole user part (a token often stands as the user) and secret query values of each URL in *text*."""
    done, rest = "", text
    while "://" in rest:
        before, _, rest = rest.partition("://")
        end = _end(rest)
        done += before + "://" + _redact_url(rest[:end])
        rest = rest[end:]
    return done + rest


def _end(rest: str) -> int:
    """Return where the URL at the beginning of *rest* ends: at white space, a quote or an angle bracket."""
    for index, letter in enumerate(rest):
        if letter in " \t\r\n\"'<>":
            return index
    return len(rest)


def _redact_url(url: str) -> str:
    authority, slash, path = url.partition("/")
    if "@" in authority:
        authority = f"{_HIDDEN}@{authority.rpartition('@')[2]}"
    elif "@" in url and "#" not in url.partition("@")[0] and ":" in authority and not _is_port(authority):
        # a password with a raw slash in it: everything up to the last @ may be secret
        authority, slash, path = f"{_HIDDEN}@{url.rpartition('@')[2]}", "", ""
    before, question, query = path.partition("?")
    if question:
        query, hash_mark, fragment = query.partition("#")
        query = "&".join(_redact_pair(pair) for pair in query.split("&"))
        path = f"{before}?{query}{hash_mark}{fragment}"
    return authority + slash + path


def _is_port(authority: str) -> bool:
    return authority.rpartition(":")[2].isdecimal()


def _redact_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    secret = any(word in name.lower() for word in _SECRET_WORDS)
    return f"{name}{equals}{_HIDDEN}" if equals and secret else pair
