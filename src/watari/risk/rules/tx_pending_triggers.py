"""Rows change, and then their table, while deferred checks of those rows wait."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode, Name
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import earlier, transaction_begins

CARD = Card(
    id="tx-pending-triggers",
    title=Text(
        en="A table is altered while deferred checks of its rows wait", ja="遅延制約の検査が残るテーブルを変更する"
    ),
    condition=Text(
        en=(
            "INSERT, UPDATE or DELETE and then ALTER, CREATE INDEX, TRUNCATE or DROP of the same "
            "table in one transaction, with a DEFERRABLE INITIALLY DEFERRED constraint"
        ),
        ja=(
            "INITIALLY DEFERRED の制約を持つテーブルの行を変更した後、同じトランザクションでそのテーブ"
            "ルに ALTER・CREATE INDEX・TRUNCATE・DROP を実行する場合"
        ),
    ),
    harm=Text(
        en="The server refuses (55006, pending trigger events), and the transaction is lost.",
        ja=("サーバーがエラー（55006、pending trigger events）を返し、トランザクション全体が失敗します。"),
    ),
    fact="55006, measured on 15 and 18; the default foreign key of Django is of that kind",
    safer=Text(
        en="SET CONSTRAINTS ALL IMMEDIATE between the two, or two migrations.",
        ja="間に SET CONSTRAINTS ALL IMMEDIATE を実行するか、マイグレーションを分けます。",
    ),
    level=Level.BLOCK,
)
KINDS = (
    "alter_table_stmt",
    "index_stmt",
    "drop_stmt",
    "truncate_stmt",
)

_MESSAGE = Text(
    en=(
        "Rows of {table} were changed in this transaction and {name} is still to be checked: the "
        "server refuses (55006)."
    ),
    ja=("このトランザクションで {table} の行を変更済みで、{name} の検査が残っているため拒否されます（55006）。"),
)


_CHANGES = frozenset({"insert_stmt", "update_stmt", "delete_stmt"})


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    begins = transaction_begins(situation) if not _CHANGES.isdisjoint(situation.unit.by_kind) else None
    if begins is None:
        return
    for effect in situation.effects.effects:
        name = name_of(effect.relation)
        if name is None or effect.lock is None or effect.lock < LockMode.SHARE:
            continue
        waiting = _waiting(situation, name, begins)
        if waiting is not None:
            message = _MESSAGE(table=name, name=waiting)
            yield situation.hazard(CARD, Level.BLOCK, name, message, safer="SET CONSTRAINTS ALL IMMEDIATE;")


def _waiting(situation: Situation, table: Name, begins: int) -> str | None:
    """A deferred constraint that rows changed in this transaction are still to be checked against."""
    world = situation.world
    own = [constraint.name for constraint in world.constraints_of(table) if constraint.deferred]
    theirs = [constraint.name for constraint in world.referencing(table) if constraint.deferred]
    places, nodes = situation.unit.by_kind.get("constraints_set_stmt", ((), ()))
    checked = [
        place for place, node in zip(places, nodes, strict=True) if place < situation.place and not node.deferred
    ]
    since = max([begins, *(place + 1 for place in checked)])
    for kind, names in (("insert_stmt", own), ("delete_stmt", theirs), ("update_stmt", own + theirs)):
        for node in earlier(situation, kind, since=since) if names else ():
            if situation.name(node.relation) == table:
                return names[0]
    return None
