"""TRUNCATE: all rows are gone, with CASCADE those of every table that points here."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard
from watari.risk.loss import loss_level, weight
from watari.risk.situation import Situation, effect_names

CARD = Card(
    id="destroy-truncate",
    title=Text(en="TRUNCATE empties a table", ja="TRUNCATE でテーブルが空になる"),
    condition=Text(
        en="TRUNCATE of a table that was there before and holds rows",
        ja="既存でデータのあるテーブルを TRUNCATE する場合",
    ),
    harm=Text(
        en="All rows are gone, with CASCADE also those of every referencing table; readers and writers wait; "
        "open snapshots read an empty table.",
        ja="全行が失われます（CASCADE "
        "では参照元の全テーブルも）。読み書きは待たされ、開いているスナップショットからは空に見えます。",
    ),
    fact="rows and foreign keys of the live catalog; ACCESS EXCLUSIVE, measured on 15 and 18",
    safer=Text(
        en="Keep a copy, or exchange the table for an empty one; name each table instead of CASCADE.",
        ja="コピーを残すか、空のテーブルと入れ替えます。CASCADE ではなく対象テーブルを明記します。",
    ),
)
KINDS = ("truncate_stmt", "do_stmt")

_MESSAGE = Text(
    en="Every row of {table} is gone after this ({weight}).",
    ja="{table} の全行が失われます（{weight}）。",
)
_CASCADED = Text(
    en="Every row of {table} is gone too ({weight}): it references a table that is truncated with CASCADE.",
    ja="CASCADE により、参照元の {table} の全行も失われます（{weight}）。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table; those that CASCADE reaches are told apart."""
    if situation.kind != "truncate_stmt":
        return
    named = {situation.name(node.range_var) for node in situation.node.relations}
    for name in effect_names(situation, "rows"):
        level = loss_level(situation, name)
        if level is None:
            continue
        facts = situation.size_facts(name)
        words = _MESSAGE if name in named else _CASCADED
        message = words(table=name, weight=weight(situation, name, facts))
        yield situation.hazard(CARD, level, name, message, facts=facts)
