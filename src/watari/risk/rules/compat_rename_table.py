"""RENAME TO and SET SCHEMA: code that is running fails at once."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import OWN_PREFIX, Situation
from watari.sql.compose import composed
from watari.sql.grammar import choice

CARD = Card(
    id="compat-rename-table",
    title=Text(en="A table gets another name under running code", ja="稼働中のコードが参照するテーブルの名前が変わる"),
    condition=Text(
        en="RENAME TO or SET SCHEMA of a table or view that was there before",
        ja="既存のテーブルやビューに RENAME TO または SET SCHEMA を実行する場合",
    ),
    harm=Text(
        en="Every statement of the release that is running fails with 42P01 from that moment; the text of "
        "functions does not follow.",
        ja="稼働中のリリースの文は、その瞬間から 42P01 エラーになります。関数の本文は追随しません。",
    ),
    fact="ACCESS EXCLUSIVE for a moment; views follow, function texts do not, measured on 15 and 18",
    safer=Text(
        en="In the same transaction a view of the old name (security_invoker on 15 and later), dropped after "
        "the new release is out.",
        ja="同じトランザクションで旧名のビュー（15 以降は security_invoker）を作成し、新リリースの展開後に削除します。",
    ),
)
KINDS = ("rename_stmt", "alter_object_schema_stmt")
_RELATIONS = ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW")

_MESSAGE = Text(
    en="Code that is running still asks for {old} and fails from the moment that it is called {new}.",
    ja="{old} が {new} に変わった瞬間から、旧名を参照する稼働中のコードはエラーになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    moves = situation.kind == "alter_object_schema_stmt"
    if choice(node, "object_type" if moves else "rename_type") not in _RELATIONS:
        return
    old = situation.target
    if not situation.old(old) or situation.world.index(old) or old.name.startswith(OWN_PREFIX):
        return
    new = Name(node.newschema, old.name) if moves else Name(old.schema, node.newname)
    safer = "\n".join(
        [
            "-- in one transaction:",
            situation.statement.text.rstrip().rstrip(";") + ";",
            composed("CREATE VIEW {old} WITH (security_invoker = true) AS SELECT * FROM {new};", old=old, new=new),
        ]
    )
    message = _MESSAGE(old=old, new=new)
    yield situation.hazard(CARD, Level.WARN, old, message, facts=situation.size_facts(old), safer=safer)
