"""A slot that nobody reads keeps all the WAL that the step writes."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.causes import Why
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.phrases import size
from watari.risk.situation import Situation
from watari.sql.compose import Value, composed

CARD = Card(
    id="repl-slot-holds-wal",
    title=Text(
        en="An idle replication slot keeps all WAL on the disk",
        ja="使われていないレプリケーションスロットが WAL を残し続ける",
    ),
    condition=Text(
        en="a statement that writes a large table anew, builds an index on it or changes its rows, while a replication slot is inactive",
        ja="非アクティブなレプリケーションスロットがある間に、大きなテーブルの書き直し・インデックス作成・行の変更を行う場合",
    ),
    harm=Text(
        en="The server removes no WAL that the slot has not seen: what the step writes stays, until the disk is full and the server stops.",
        ja="スロットが受け取っていない WAL は削除されず、書き込んだ分だけ残り続け、ディスクが満杯になるとサーバーが停止します。",
    ),
    fact="24 to 26 MB held by one idle slot after one rewrite and one full UPDATE of small tables: measured on 15 and 18",
    safer=Text(
        en="Let whoever reads the slot catch up, or drop the slot if it is of no use any more.",
        ja="スロットの利用者を追いつかせるか、不要なスロットを削除します。",
    ),
    level=Level.BLOCK,
)
KINDS = (
    "alter_table_stmt",
    "index_stmt",
    "update_stmt",
    "delete_stmt",
    "reindex_stmt",
    "vacuum_stmt",
    "cluster_stmt",
    "refresh_mat_view_stmt",
    "do_stmt",
)

_MESSAGE = Text(
    en="Slot {slot} is not being read and holds {held} of WAL back; this statement adds about {more}.",
    ja="スロット {slot} は読まれておらず、WAL を {held}保持しています。この文でさらに約 {more}増えます。",
)


#: From so many bytes that the statement adds on, the disk is in danger.
_MUCH = 1_000_000_000


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a slot; it blocks where much is written and no limit keeps the slot from filling the disk."""
    catalog = situation.world.catalog
    slots = [slot for slot in catalog.cluster.slots if not slot.active] if catalog and catalog.cluster else []
    more = _written(situation) if slots else 0
    for slot in slots if more else ():
        limited = catalog is not None and catalog.settings.get("max_slot_wal_keep_size", "-1") != "-1"
        level = Level.BLOCK if more >= _MUCH and not limited else Level.WARN
        safer = composed(
            "SELECT pg_drop_replication_slot({slot}); -- if nobody needs it any more", slot=Value(slot.name)
        )
        facts = {"slot": slot.name, "kind": slot.kind, "retained_bytes": slot.retained, "wal_bytes": more}
        message = _MESSAGE(slot=slot.name, held=size(slot.retained), more=size(more))
        yield situation.hazard(CARD, level, slot.name, message, facts=facts, safer=safer)


def _written(situation: Situation) -> int:
    """About how many bytes of WAL the work on large tables writes: tables and indexes as large as they are now."""
    names: set[Name] = set()
    for cause in situation.causes:
        if cause.why in _WRITING:
            names.update(table.name for table in situation.tables(cause) if situation.is_large(table))
    names.update(n for e in situation.effects.effects if e.rewrite and not e.created and (n := name_of(e.relation)))
    tables = [table for name in names if (table := situation.world.table(name)) and situation.is_large(table)]
    return sum(table.bytes + table.index_bytes for table in tables)


_WRITING = frozenset({Why.INDEX, Why.REINDEX, Why.UNIQUE, Why.PRIMARY_KEY, Why.EXCLUSION, Why.ROWS, Why.TYPE_INDEX})
