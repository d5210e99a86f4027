"""A table is put in the place of another by renaming, and does not have what hung on it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import earlier
from watari.sql.grammar import choice

CARD = Card(
    id="compat-swap-loses",
    title=Text(en="A table swapped in lacks what hung on the old one", ja="入れ替えたテーブルに権限やトリガーがない"),
    condition=Text(
        en="two renames that put one table in the place of another", ja="2 つの RENAME で別のテーブルに入れ替える場合"
    ),
    harm=Text(
        en=(
            "Grants, triggers, policies, foreign keys of others, publications and owned sequences "
            "stay with the old table; LIKE … INCLUDING ALL copies none of them."
        ),
        ja=(
            "権限・トリガー・ポリシー・他テーブルからの外部キー・パブリケーション・所有シーケンスは旧"
            "テーブルに残ります。LIKE … INCLUDING ALL でも複製されません。"
        ),
    ),
    fact="grants gone (42501), no triggers, no foreign keys, measured on 15 and 18",
    safer=Text(
        en="Copy them by name before the swap, in the same transaction.",
        ja="同じトランザクションで、入れ替え前に 1 つずつ付け直します。",
    ),
)
KINDS = ("rename_stmt",)

_MESSAGE = Text(
    en="What takes the place of {table} does not have what hung on it: {names}.",
    ja="{table} の位置に入るテーブルには、次のものがありません: {names}。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard, at the second rename."""
    node = situation.node
    if choice(node, "rename_type") != "OBJECT_TABLE" or node.subname:
        return
    place = Name(situation.target.schema, node.newname)
    moved = next((name for name in _moved_away(situation, place)), None)
    if moved is None:
        return
    lost = _hanging(situation, moved)
    if lost or not situation.world.known:
        message = _MESSAGE(table=place, names=", ".join(lost) or "?")
        yield situation.hazard(CARD, Level.WARN, place, message, facts={"dependants": lost})


def _moved_away(situation: Situation, place: Name) -> Iterator[Name]:
    """What the table that was in this place is called now."""
    for node in earlier(situation, "rename_stmt"):
        relation = choice(node, "rename_type") == "OBJECT_TABLE" and node.relation.relname == place.name
        if relation and (node.relation.schemaname or place.schema) == place.schema:
            yield Name(place.schema, node.newname)


def _hanging(situation: Situation, table: Name) -> list[str]:
    world = situation.world
    found = world.table(table)
    grants = [acl for acl in found.acl if not acl.startswith(f"{found.owner}=")] if found else []
    return [
        *grants,
        *(trigger.name for trigger in world.triggers_of(table)),
        *(policy.name for policy in world.policies_of(table)),
        *(f"{key.table}.{key.name}" for key in world.referencing(table) if key.table != table),
    ]
