"""A schema is renamed: every name in it changes."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice

CARD = Card(
    id="compat-rename-schema",
    title=Text(en="Renaming a schema breaks running code", ja="スキーマ名の変更で稼働中のコードが壊れる"),
    condition=Text(
        en="ALTER SCHEMA … RENAME TO of a schema that was there before",
        ja="既存スキーマの ALTER SCHEMA … RENAME TO を実行する場合",
    ),
    harm=Text(
        en="Every statement and search_path with the old name fails or finds other tables, at once.",
        ja="旧名を使う SQL や search_path は、その瞬間からエラーになるか別のテーブルを参照します。",
    ),
    fact="no lock on the tables, 42P01 afterwards, measured on 15 and 18",
    safer=Text(
        en="A new schema with views of the old names, until no release uses the old one.",
        ja="新スキーマを作り、旧名のビューを残して、旧名を使うリリースがなくなってから外します。",
    ),
)
KINDS = ("rename_stmt",)

_MESSAGE = Text(
    en=("Code that is running still asks for {old}.… and fails from the moment that it is called {new}."),
    ja="{old} が {new} に変わった瞬間から、{old}.… を参照する稼働中のコードはエラーになります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if choice(node, "rename_type") == "OBJECT_SCHEMA" and situation.world.has_schema(node.subname):
        message = _MESSAGE(old=node.subname, new=node.newname)
        yield situation.hazard(CARD, Level.WARN, node.subname, message)
