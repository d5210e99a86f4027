"""A view, function, policy or rule is dropped: it can be made again, from a definition that somebody kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Table, TableKind
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import dropped, later
from watari.sql.compose import Raw, composed
from watari.sql.grammar import Written, strings

CARD = Card(
    id="destroy-code-object",
    title=Text(en="A view, function, policy or rule is dropped", ja="ビュー・関数・ポリシー・ルールを削除する"),
    condition=Text(
        en=("DROP VIEW, FUNCTION, PROCEDURE, POLICY or RULE of one that does not come back in the same migration"),
        ja=("ビュー・関数・プロシージャ・ポリシー・ルールを削除し、同じマイグレーションで作り直さない場合"),
    ),
    harm=Text(
        en=("Code that is running and still asks for it fails; the definition is gone unless somebody keeps it."),
        ja="参照している稼働中のコードはエラーになります。定義は控えがなければ失われます。",
    ),
    fact="pg_get_viewdef, pg_get_functiondef of the live object",
    safer=Text(
        en="Keep the definition below; drop it when no release asks for it any more.",
        ja="下の定義を控え、参照するリリースがなくなってから削除します。",
    ),
    level=Level.INFO,
)
KINDS = ("drop_stmt",)

_MESSAGE = Text(
    en=("{object} is gone afterwards, and releases that ask for it fail; this is how it was defined."),
    ja="{object} は削除され、参照しているリリースはエラーになります。定義は次のとおりです。",
)
_GONE = Text(
    en="{object} is gone afterwards, and releases that name it fail.",
    ja="{object} は削除され、参照しているリリースはエラーになります。",
)


_VIEWS = ("OBJECT_VIEW", "OBJECT_MATVIEW")
_FUNCTIONS = ("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE")

#: What has no definition at hand, and what makes such a thing again.
_PLAIN = ("OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_SCHEMA", "OBJECT_RULE")
_MADE_BY = ("create_enum_stmt", "create_domain_stmt", "composite_type_stmt", "create_schema_stmt", "rule_stmt")


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an object; without a database the statement alone is not worth a word."""
    world = situation.world
    again = {situation.name(node.view) for node in later(situation, "view_stmt")}
    for name in dropped(situation, *_VIEWS):
        view = world.table(name)
        if view is not None and view.definition and situation.old(name) and name not in again:
            yield situation.hazard(CARD, Level.INFO, name, _MESSAGE(object=name), safer=_view(view))
    for name in dropped(situation, *_PLAIN):
        if name.name and not any(True for _ in later(situation, *_MADE_BY)):
            yield situation.hazard(CARD, Level.INFO, name.name, _GONE(object=name.name))
    made = {strings(node.funcname)[-1] for node in later(situation, "create_function_stmt")}
    for name in dropped(situation, *_FUNCTIONS):
        for routine in world.routines(Written(name.schema, name.name)):
            if name.name not in made:
                text = f"{routine.name}({routine.arguments})"
                yield situation.hazard(CARD, Level.INFO, text, _MESSAGE(object=text), safer=routine.definition)


def _view(view: Table) -> str:
    template: LiteralString = "-- as it was:\nCREATE {kind} {name} AS {definition}"
    kind = Raw("MATERIALIZED VIEW" if view.kind is TableKind.MATERIALIZED_VIEW else "VIEW")
    return composed(template, kind=kind, name=view.name, definition=Raw((view.definition or "").strip()))
