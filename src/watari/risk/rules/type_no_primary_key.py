"""A table without a key, in a database that publishes every table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import commands_in, earlier, later, publications_of
from watari.sql.grammar import choice, kept

CARD = Card(
    id="type-no-primary-key",
    title=Text(en="A published table without a key cannot be updated", ja="キーのない公開テーブルは更新できない"),
    condition=Text(
        en="CREATE TABLE without a primary key where a publication FOR ALL TABLES is there",
        ja="FOR ALL TABLES のパブリケーションがある環境で、主キーのない CREATE TABLE を実行する場合",
    ),
    harm=Text(
        en="The first UPDATE or DELETE of the table fails with 55000.",
        ja="最初の UPDATE・DELETE が 55000 で失敗します。",
    ),
    fact="55000, measured on 15 and 18",
    safer=Text(
        en="A primary key, or REPLICA IDENTITY FULL where there is none.",
        ja="主キーを付けるか、なければ REPLICA IDENTITY FULL を指定します。",
    ),
)
KINDS = ("create_stmt",)

_MESSAGE = Text(
    en=("{table} has no primary key and {names} publishes it: the first UPDATE or DELETE fails with 55000."),
    ja=("{table} には主キーがなく、{names} で公開されるため、最初の UPDATE・DELETE が 55000 で失敗します。"),
)


_KEYS = ("CONSTR_PRIMARY",)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node, table = situation.node, situation.target
    if node.HasField("partbound") or node.relation.relpersistence == "t":
        return
    names = _everything(situation, table)
    if (
        not names
        or any(kind in _KEYS for kind, _ in situation.constraints)
        or _is_copy(node)
        or _comes(situation, table)
    ):
        return
    yield situation.hazard(CARD, Level.WARN, table, _MESSAGE(table=table, names=", ".join(names)))


def _is_copy(node: Any) -> bool:
    """LIKE … may bring a key along."""
    return any(part.WhichOneof("node") == "table_like_clause" for part in node.table_elts)


def _comes(situation: Situation, table: Name) -> bool:
    """Whether a later statement of the migration adds the key, or chooses another identity."""
    for node in later(situation, "alter_table_stmt"):
        keys = any(choice(kept(command), "contype") in _KEYS for command in commands_in(node, "AT_AddConstraint"))
        if situation.name(node.relation) == table and (
            keys or any(True for _ in commands_in(node, "AT_ReplicaIdentity"))
        ):
            return True
    return False


def _everything(situation: Situation, table: Name) -> tuple[str, ...]:
    """The publications that have every table, those that these migrations make too."""
    made = tuple(node.pubname for node in earlier(situation, "create_publication_stmt") if node.for_all_tables)
    return (*publications_of(situation.world, table), *made)
