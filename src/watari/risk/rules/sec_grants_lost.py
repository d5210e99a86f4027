"""Something is dropped and made again, without the rights on it."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped, later

CARD = Card(
    id="sec-grants-lost",
    title=Text(en="Rights are lost when something is dropped and made again", ja="作り直しで権限が失われる"),
    condition=Text(
        en="DROP and CREATE of one view, table or function that has grants, without GRANT afterwards",
        ja="権限の付いたビュー・テーブル・関数を DROP して CREATE し、その後に GRANT がない場合",
    ),
    harm=Text(
        en="Roles that had rights on it fail with 42501 from then on.",
        ja="権限を持っていたロールは、以後 42501 で失敗します。",
    ),
    fact="42501, measured on 15 and 18; acl of the live object",
    safer=Text(
        en="GRANT again in the same transaction; or CREATE OR REPLACE, which keeps them.",
        ja="同じトランザクションで GRANT し直すか、権限が残る CREATE OR REPLACE を使います。",
    ),
)
KINDS = ("drop_stmt OBJECT_VIEW", "drop_stmt OBJECT_MATVIEW", "drop_stmt OBJECT_TABLE")

_MESSAGE = Text(
    en="{object} is made again without the rights that it had: {acl}.",
    ja="{object} は作り直されますが、次の権限は失われます: {acl}。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an object, at its DROP."""
    made = {situation.name(node.view) for node in later(situation, "view_stmt")}
    made |= {situation.name(node.relation) for node in later(situation, "create_stmt")}
    granted = {
        situation.name(item.range_var)
        for node in later(situation, "grant_stmt")
        for item in node.objects
        if item.WhichOneof("node") == "range_var"
    }
    for name in dropped(situation, "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_TABLE"):
        table = situation.world.table(name)
        acl = [entry for entry in table.acl if not entry.startswith(f"{table.owner}=")] if table else []
        if acl and name in made and name not in granted:
            message = _MESSAGE(object=name, acl=", ".join(acl))
            yield situation.hazard(CARD, Level.WARN, name, message, facts={"acl": acl})
