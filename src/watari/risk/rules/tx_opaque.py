"""DO, CALL, EXECUTE: part of what runs is only known while it runs."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation

CARD = Card(
    id="tx-opaque",
    title=Text(en="What runs is only known while it runs", ja="実行内容が実行時まで分からない"),
    condition=Text(
        en="DO with EXECUTE or CALL, CALL, EXECUTE of a prepared statement, SELECT of a volatile function "
        "that people made",
        ja="EXECUTE や CALL を含む DO、CALL、プリペアド文の EXECUTE、ユーザー定義の揮発性関数の SELECT の場合",
    ),
    harm=Text(
        en="Its locks and losses cannot be told beforehand; the rehearsal sees them.",
        ja="ロックや失われるものを事前に判断できません。リハーサルで確認できます。",
    ),
    fact="code that is put together at run time is text to every parser",
    safer=Text(
        en="Write out the statements; else rehearse and read what they did.",
        ja="実行する文をそのまま記述するか、リハーサルで影響を確認します。",
    ),
)
KINDS = ("do_stmt", "call_stmt", "execute_stmt", "select_stmt", "alter_extension_stmt")

_MESSAGE = Text(
    en="Part of what this does cannot be read from its text; it is not judged. The rehearsal shows it.",
    ja="この文の一部は内容から判断できないため、判定していません。リハーサルで確認してください。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if situation.effects.unknown:
        yield situation.hazard(CARD, Level.WARN, situation.statement.text.partition("\n")[0][:60], _MESSAGE())
