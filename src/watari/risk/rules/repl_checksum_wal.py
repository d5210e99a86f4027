"""With checksums the first reading of fresh rows writes the table to WAL once more."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import size
from watari.risk.situation import Situation
from watari.sql.compose import composed
from watari.sql.grammar import body

CARD = Card(
    id="repl-checksum-wal",
    title=Text(
        en="Reading fresh rows writes WAL",
        ja="書き込んだばかりの行を読むと WAL が書かれる",
    ),
    condition=Text(
        en="a statement that reads a table through whose rows the same migration has just written, on a cluster with data checksums",
        ja="データチェックサムが有効なクラスタで、同じマイグレーションで書き込んだテーブルを全件読む文の場合",
    ),
    harm=Text(
        en="The first reader sets hint bits, and with checksums each page goes to WAL for it: about as much as the table has bytes, once.",
        ja="最初に読むときヒントビットが設定され、チェックサムが有効だとページごとに WAL が書かれます。一度だけ、ほぼテーブルの容量分です。",
    ),
    fact="a SELECT over a fresh table of 14.2 MB wrote 13.8 MB of WAL on 18, once; 15 without checksums wrote none: measured",
    safer=Text(
        en="VACUUM of the table between the two, as a step of its own, and room for that WAL.",
        ja="間に独立したステップとして VACUUM を行い、その分の WAL の容量を見込みます。",
    ),
    level=Level.INFO,
)
KINDS = ("alter_table_stmt", "index_stmt", "create_table_as_stmt", "refresh_mat_view_stmt", "select_stmt", "do_stmt")

_MESSAGE = Text(
    en="The rows of {table} that line {line} writes are read here for the first time: with data checksums that writes about {more} of WAL more.",
    ja="{line} 行目で書いた {table} の行をここで初めて読みます。データチェックサムが有効なため、さらに約 {more}の WAL が書かれます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    catalog = situation.world.catalog
    if (
        catalog is None
        or catalog.settings.get("data_checksums") != "on"
        or situation.kind in (*_WRITERS, "vacuum_stmt")
    ):
        return
    read = {name for e in situation.effects.effects if e.scan and (name := name_of(e.relation))}
    for name in sorted(read):
        table, line = situation.world.table(name), _written_at(situation, name)
        if table is not None and line is not None and situation.is_large(table):
            message = _MESSAGE(table=name, line=line, more=size(table.bytes))
            safer = composed("VACUUM {table};", table=name)
            yield situation.hazard(CARD, Level.INFO, name, message, facts={"wal_bytes": table.bytes}, safer=safer)


def _written_at(situation: Situation, name: Name) -> int | None:
    """The line of the statement before that writes rows of the table, where no VACUUM came between."""
    line = None
    for place, statement in enumerate(situation.unit.statements[: situation.place]):
        if statement.kind in _WRITERS:
            node = situation.unit.statements[place].node
            if situation.name(body(node)[1].relation) == name:
                line = statement.line
        elif statement.kind == "vacuum_stmt":
            line = None
    return line


_WRITERS = frozenset({"insert_stmt", "update_stmt", "copy_stmt"})
