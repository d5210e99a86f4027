"""A name that is too long is cut without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from watari.late import pattern
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="type-identifier-length",
    title=Text(en="A name is longer than the server keeps", ja="サーバーの上限より長い名前"),
    condition=Text(en="an identifier of more than 63 bytes", ja="63 バイトを超える識別子がある場合"),
    harm=Text(
        en=(
            "The server cuts it with a notice only: the object has another name than the code and the "
            "next migration say, and two of them may become one."
        ),
        ja=(
            "通知だけで切り詰められ、コードや後続のマイグレーションと名前が食い違います。別々の名前が"
            "同じになることもあります。"
        ),
    ),
    fact="NAMEDATALEN of 64, manual, Identifiers and Key Words",
    safer=Text(en="A shorter name.", ja="短い名前にします。"),
)
KINDS = (
    "create_stmt",
    "alter_table_stmt",
    "index_stmt",
    "rename_stmt",
    "create_trig_stmt",
    "view_stmt",
    "create_function_stmt",
)

_MESSAGE = Text(
    en="{name} is longer than 63 bytes: the server calls it {kept}.",
    ja="{name} は 63 バイトを超えるため、サーバー上では {kept} になります。",
)


#: The longest name in bytes that the server keeps (NAMEDATALEN - 1).
_MOST = 63
#: Strings and comments are passed over; then every word and every quoted name.
#: Where a text has none of these, no name is longer: a character has four bytes at most.
_SUSPECT = {True: pattern(r"(?<![\w$])[\w$]{64}|\"[^\"]{64}"), False: pattern(r"(?<![\w$])[\w$]{16}|\"[^\"]{16}")}
_NAME = pattern(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\"((?:[^\"]|\"\")+)\"|([^\W\d][\w$]*)", re.S)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a name."""
    text = situation.statement.text
    if not _SUSPECT[text.isascii()].search(text):
        return
    seen = set()
    for found in _NAME.finditer(text):
        name = found[1] or found[2] or ""
        if len(name) > _MOST // 4 and len(name.encode()) > _MOST and name not in seen:
            seen.add(name)
            kept_name = name.encode()[:_MOST].decode(errors="ignore")
            yield situation.hazard(CARD, Level.WARN, name, _MESSAGE(name=name, kept=kept_name))
