"""An extension needs its files on every server, and its scripts are not to be read here."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice

CARD = Card(
    id="env-extension",
    title=Text(en="An extension comes, changes or goes", ja="拡張機能の追加・更新・削除"),
    condition=Text(
        en=("CREATE EXTENSION of one that is not installed, ALTER EXTENSION … UPDATE or DROP EXTENSION"),
        ja=("未導入の拡張機能の CREATE EXTENSION、ALTER EXTENSION … UPDATE、DROP EXTENSION を実行する場合"),
    ),
    harm=Text(
        en=(
            "Where its files are not installed, or the role may not, the migration fails halfway; "
            "what its scripts lock and rewrite is not in this file."
        ),
        ja=(
            "ファイルが未導入、または権限がないと途中で失敗します。スクリプトのロックや書き換えはこの"
            "ファイルからは分かりません。"
        ),
    ),
    fact="manual, CREATE EXTENSION, ALTER EXTENSION; pg_available_extensions, trusted",
    safer=Text(
        en=("Look at pg_available_extensions on the primary and on standbys first; rehearse an UPDATE on a clone."),
        ja=("先にプライマリとスタンバイで pg_available_extensions を確認し、UPDATE はクローンでリハーサルします。"),
    ),
)
KINDS = ("create_extension_stmt", "alter_extension_stmt", "drop_stmt OBJECT_EXTENSION")

_MADE = Text(
    en=("{name} has to be installed on the server and its standbys, and the role has to be allowed to create it."),
    ja=("{name} のファイルがサーバーとスタンバイに導入済みで、ロールに作成権限があることが必要です。"),
)
_UPDATED = Text(
    en="What the update scripts of {name} lock and rewrite is not in this file.",
    ja="{name} の更新スクリプトが行うロックや書き換えは、このファイルからは分かりません。",
)
_GONE = Text(
    en=("{name} goes with its types, operators and functions; what uses them goes too or keeps it from going."),
    ja=("{name} の型・演算子・関数が失われます。使用中のものがあれば一緒に消えるか、削除が拒否されます。"),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard an extension."""
    node = situation.node
    catalog = situation.world.catalog
    installed = catalog.extensions if catalog else {}
    if situation.kind == "drop_stmt":
        if choice(node, "remove_type") == "OBJECT_EXTENSION":
            for item in node.objects:
                yield situation.hazard(CARD, Level.WARN, item.string.sval, _GONE(name=item.string.sval))
    elif situation.kind == "alter_extension_stmt":
        yield situation.hazard(CARD, Level.WARN, node.extname, _UPDATED(name=node.extname))
    elif node.extname not in installed and node.extname != "plpgsql":
        yield situation.hazard(CARD, Level.INFO, node.extname, _MADE(name=node.extname))
