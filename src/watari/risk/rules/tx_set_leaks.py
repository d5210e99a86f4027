"""SET without LOCAL outlives the transaction, and in a pool the client."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import choice

CARD = Card(
    id="tx-set-leaks",
    title=Text(en="A setting outlives its transaction", ja="設定がトランザクション後も残る"),
    condition=Text(en="SET without LOCAL in a transaction", ja="トランザクション内で LOCAL なしの SET を実行する場合"),
    harm=Text(
        en="It holds for the rest of the session; through a pooler the next client gets it.",
        ja="セッションの残りに効き続けます。プーラー経由では次のクライアントにも引き継がれます。",
    ),
    fact="manual, SET",
    safer=Text(en="SET LOCAL.", ja="SET LOCAL を使います。"),
    level=Level.INFO,
)
KINDS = ("variable_set_stmt",)

_MESSAGE = Text(
    en="{name} stays set after the transaction, for whoever has the session then.",
    ja="{name} の設定はトランザクション後も残り、次にセッションを使う処理にも効きます。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    node = situation.node
    if choice(node, "kind") != "VAR_SET_VALUE" or node.is_local:
        return
    if situation.inside or (situation.unit.transactional and situation.unit.migration is not None):
        safer = f"SET LOCAL {situation.statement.text.strip()[4:].strip()};"
        yield situation.hazard(CARD, Level.INFO, node.name, _MESSAGE(name=node.name), safer=safer)
