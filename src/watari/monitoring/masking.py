"""Secrets that a migration's own SQL holds, taken out of what is written down."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from watari.late import pattern
from watari.project.secret import Secret

_MASK = "****"
_QUOTED = r"(?:[EeNn]?'(?:[^'\\]|''|\\.)*'|\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)"
#: `password 'x'`, `PASSWORD = 'x'`, `password: 'x'` and the words that foreign servers and subscriptions use.
_NAMED = pattern(
    rf"\b(?P<word>pass(?:word|wd|phrase)|secret|token|api_?key)\b(?P<between>\s*[=:]?\s*){_QUOTED}",
    re.IGNORECASE | re.DOTALL,
)
_KEYWORD = pattern(r"\b(password|sslpassword|passwd)\s*=\s*(?!['\s])[^\s&'\"]+", re.IGNORECASE)
_LOGIN = pattern(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*:)[^\s@'\"]*@", re.IGNORECASE)
#: What each of the three holds; most texts hold none of it.
_SUSPECT = pattern(r"pass|secret|token|api_?key|://", re.IGNORECASE)


#: Takes secrets out of a text.
Mask = Callable[[str], str]


def masker(secrets: Sequence[Secret] = ()) -> Mask:
    """A function that takes out of a text the given secrets and everything that is written as a password."""
    known = [re.escape(secret.reveal()) for secret in secrets if secret.reveal()]
    exact = re.compile("|".join(rf"(?<!\w){value}(?!\w)" for value in sorted(known, key=len, reverse=True)))

    def masked(text: str) -> str:
        if _SUSPECT.search(text):
            text = _NAMED.sub(lambda match: f"{match['word']}{match['between']}'{_MASK}'", text)
            text = _KEYWORD.sub(lambda match: f"{match[1]}={_MASK}", text)
            text = _LOGIN.sub(lambda match: f"{match[1]}{_MASK}@", text)
        return exact.sub(_MASK, text) if known else text

    return masked


def masked_values(value: object, mask: Mask) -> object:
    """A JSON value with every text in it masked; before it is written as JSON, where quotes would be escaped."""
    if isinstance(value, str):
        return mask(value)
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict | Mapping):
        return {name: masked_values(inner, mask) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_values(inner, mask) for inner in value]
    return value
