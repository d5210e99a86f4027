"""Words for people, in both languages, beside the place that says them.

A `Text` goes in with both languages filled; a `Message` (text and its fields) comes out and is rendered once, at the
face, in the reader's language. There is no catalogue of keys: a text that lacks a language does not type-check.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum

from watari.values import dataclass

__all__ = ["Language", "Message", "Text", "language_of_environment"]


class Language(StrEnum):
    """A language that watari speaks."""

    EN = "en"
    JA = "ja"


@dataclass(frozen=True)
class Text:
    """One sentence in both languages, with `{named}` places for values."""

    en: str
    ja: str

    def __call__(self, **fields: object) -> Message:
        """The sentence with its values, still in no language."""
        return Message(text=self, fields=fields)


@dataclass(frozen=True, kw_only=True)
class Message:
    """A `Text` with the values for its places; a value may itself be a message."""

    text: Text
    fields: Mapping[str, object]

    def render(self, language: Language) -> str:
        """The sentence in `language`; messages among the values are rendered in it too."""
        values = {
            name: value.render(language) if isinstance(value, Message) else value for name, value in self.fields.items()
        }
        return (self.text.ja if language is Language.JA else self.text.en).format_map(values)

    def __str__(self) -> str:
        return self.render(Language.EN)


def language_of_environment(environ: Mapping[str, str] = os.environ) -> Language:
    """`WATARI_LANG`, else the locale in POSIX order (`LC_ALL`, `LC_MESSAGES`, `LANG`); English where neither says."""
    for name in ("WATARI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return Language.JA if value.lower().startswith("ja") else Language.EN
    return Language.EN
