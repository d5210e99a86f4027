"""Rows change, and then their table, while deferred checks of those rows wait."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import LockMode, Name
from watari.errors.usage import ScriptSyntax
from watari.locale import Text
from watari.risk.ground import name_of
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import in_transaction
from watari.sql.grammar import body

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


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a table."""
    changed = _changed(situation)
    if not changed:
        return
    for effect in situation.effects.effects:
        name = name_of(effect.relation)
        if name in changed and effect.lock is not None and effect.lock >= LockMode.SHARE:
            key = changed[name]
            safer = "SET CONSTRAINTS ALL IMMEDIATE;"
            yield situation.hazard(CARD, Level.BLOCK, name, _MESSAGE(table=name, name=key), safer=safer)


def _changed(situation: Situation) -> dict[Name, str]:
    """Tables whose rows this transaction changed, with a deferred constraint of theirs that still has to be checked."""
    found: dict[Name, str] = {}
    for statement in in_transaction(situation):
        try:
            kind, node = body(statement.node)
        except ScriptSyntax:
            continue
        if kind == "constraints_set_stmt" and not node.deferred:
            found.clear()
        elif kind in ("insert_stmt", "update_stmt", "delete_stmt"):
            name = situation.name(node.relation)
            world = situation.world
            own = [c for c in world.constraints_of(name) if c.deferred and kind != "delete_stmt"]
            theirs = [c for c in world.referencing(name) if c.deferred and kind != "insert_stmt"]
            if own or theirs:
                found[name] = (own or theirs)[0].name
    return found
