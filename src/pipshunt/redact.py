"""Secrets out of what is logged or shown: who logs in (in URLs and `--proxy`), tokens in queries and in settings.

Where it is not sure it hides: a word too many hidden does no harm, a password in a log does.
"""

from collections.abc import Sequence

_HIDDEN = "****"
_SECRET_WORDS = ("token", "passw", "secret", "key", "sig", "auth", "credential")
_NO_SECRETS = ("keyring",)  # --keyring-provider names a program
_SETTINGS = ("-C", "--config-setting", "--config-settings")  # of a build backend: NAME=VALUE
_PROXY = "--proxy"


def redact(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a command line with their secrets hidden."""
    return tuple(_redact_word(before, word) for before, word in zip(("", *words), words, strict=False))


def redact_text(text: str) -> str:
    """Return *text* with the secrets in its URLs and NAME=VALUE words hidden, wherever in it they stand."""
    done, start = "", 0
    for index, letter in enumerate(text):
        if letter in " \t\r\n":
            done += _redact_piece(text[start:index]) + letter
            start = index + 1
    return done + _redact_piece(text[start:])


def _redact_word(before: str, word: str) -> str:
    """Hide what is secret in *word* by itself, and what is because of the option that it belongs to."""
    option, given, value = before, "", word
    if word.startswith("--") and "=" in word:
        option, _, value = word.partition("=")
        given = f"{option}="
    if len(option) > 3 and _PROXY.startswith(option) and "@" in value and "://" not in value:
        return f"{given}{_HIDDEN}@{value.rpartition('@')[2]}"  # pip allows a proxy without a scheme
    if option in _SETTINGS:
        return given + _redact_pair(redact_text(value))
    if option.startswith("--") and "=" not in option and _is_secret(option):
        return given + _HIDDEN
    if word.startswith("-C"):
        return "-C" + _redact_pair(redact_text(word[2:]))
    return redact_text(word)


def _redact_piece(piece: str) -> str:
    """Hide the whole user part of each URL (a token often stands as the user) and what is secret by its name."""
    before, mark, rest = piece.partition("://")
    if not mark:
        return _redact_plain(piece)
    authority = rest.partition("/")[0]
    if "@" in authority:
        end = authority.rindex("@")
    elif "@" in rest and ":" in authority and not authority.rpartition(":")[2].isdecimal():
        end = rest.rindex("@")  # a password with a raw slash in it: everything up to the last @ may be secret
    else:
        return _redact_pair(f"{before}{mark}{authority}{_redact_piece(rest[len(authority) :])}")
    return _redact_pair(f"{before}{mark}{_HIDDEN}@{_redact_piece(rest[end + 1 :])}")


def _redact_plain(piece: str) -> str:
    """Hide the secrets of a piece without `://`: user:password@host, NAME=VALUE, the query of a URL's end."""
    user, at, host = piece.rpartition("@")
    if ":" in user:
        name, equals, _ = user.partition("=")
        return f"{name}{equals}{_HIDDEN}{at}{host}" if equals else f"{_HIDDEN}{at}{host}"
    path, question, query = piece.partition("?")
    if not question:
        return _redact_pair(piece)
    query, hash_mark, fragment = query.partition("#")
    return f"{path}?{'&'.join(_redact_pair(pair) for pair in query.split('&'))}{hash_mark}{fragment}"


def _redact_pair(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    plain = all(letter.isalnum() or letter in "_.-" for letter in name)
    return f"{name}{equals}{_HIDDEN}" if equals and plain and _is_secret(name) else pair


def _is_secret(name: str) -> bool:
    lower = name.lower()
    for word in _NO_SECRETS:
        lower = lower.replace(word, "")
    return any(word in lower for word in _SECRET_WORDS)
