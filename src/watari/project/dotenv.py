"""`.env` as its common readers agree on it: text in, names and values out.

`export` in front is allowed, `#` begins a comment at the start of a line or after a space, single quotes keep everything,
double quotes know `\\n`, `\\r`, `\\t`, `\\"`, `\\\\` and `\\$`, and both may span lines. `${NAME}` outside single quotes stands for a
variable that is set (python-dotenv and Prisma do so too); a lone `$` and a name that is not set stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from watari.late import pattern
from watari.values import dataclass, field

_NAME = pattern(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*")
_SINGLE = pattern(r"'([^']*)'")
_DOUBLE = pattern(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BARE = pattern(r"[^\n]*")
_COMMENT = pattern(r"(?:^|\s)#.*")
_REST = pattern(r"[ \t]*(?:#[^\n]*)?(?:\n|$)")
_LINE = pattern(r"[^\n]*(?:\n|$)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_REFERENCE = pattern(r"(?<!\\)\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, kw_only=True)
class Dotenv:
    """What a `.env` says; `damaged` are the numbers of the lines that say nothing readable."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)  # secrets among them
    damaged: tuple[int, ...] = ()


def read_dotenv(data: bytes, environ: Mapping[str, str]) -> Dotenv:
    """The variables of one file; `environ` serves references and wins over the file's own names."""
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    values: dict[str, str] = {}
    damaged: list[int] = []
    place = 0
    while place < len(text):
        line = _LINE.match(text, place)
        assert line is not None
        name = _NAME.match(text, place)
        if name and (found := _value(text, name.end(), {**values, **environ})):
            values[name[1]], place = found
            continue
        if line[0].strip() and not line[0].lstrip().startswith("#"):
            damaged.append(text.count("\n", 0, place) + 1)
        place = line.end()
    return Dotenv(values=values, damaged=tuple(damaged))


def _value(text: str, place: int, known: Mapping[str, str]) -> tuple[str, int] | None:
    """The value that begins at `place` and where the next line begins; None where a quote is not closed."""
    quote = text[place : place + 1]
    if quote in ("'", '"'):
        match = (_SINGLE if quote == "'" else _DOUBLE).match(text, place)
        rest = _REST.match(text, match.end()) if match else None
        if not match or not rest:
            return None
        value = match[1] if quote == "'" else _unescaped(_expanded(match[1], known))
        return value, rest.end()
    bare = _BARE.match(text, place)
    assert bare is not None
    return _expanded(_COMMENT.sub("", bare[0], count=1).strip(), known), bare.end() + 1


def _expanded(value: str, known: Mapping[str, str]) -> str:
    return _REFERENCE.sub(lambda match: known.get(match[1], match[0]), value)


def _unescaped(value: str) -> str:
    return re.sub(r'\\([nrt"\\$])', lambda match: _ESCAPES.get(match[1], match[1]), value)
