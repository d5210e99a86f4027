"""A concurrent build under a lock_timeout: its waits for old transactions count, and an INVALID index stays."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.risk.surroundings import earlier
from watari.sql.grammar import option_words

CARD = Card(
    id="index-lock-timeout",
    title=Text(
        en="A concurrent build runs under a short lock_timeout", ja="短い lock_timeout のまま CONCURRENTLY を実行する"
    ),
    condition=Text(
        en="CREATE, DROP or REINDEX … CONCURRENTLY after SET lock_timeout in the same session",
        ja=("同じセッションで SET lock_timeout の後に CREATE・DROP・REINDEX … CONCURRENTLY を実行する場合"),
    ),
    harm=Text(
        en=(
            "Its waits for older transactions count as waits for a lock: it fails halfway and leaves an INVALID index."
        ),
        ja=("古いトランザクションを待つ時間も対象になるため途中で失敗し、INVALID なインデックスが残ります。"),
    ),
    fact="200 ms left an INVALID index, measured on 15 and 18",
    safer=Text(
        en=(
            "SET lock_timeout = 0 for this statement, with somebody who watches; watari gives such "
            "steps a budget of their own."
        ),
        ja=("この文だけ SET lock_timeout = 0 とし、監視しながら実行します（watari は専用の時間枠で実行します）。"),
    ),
)
KINDS = (
    "index_stmt",
    "drop_stmt",
    "reindex_stmt",
)

_MESSAGE = Text(
    en=(
        "lock_timeout is {limit} here: an older transaction that lives longer makes the build "
        "fail halfway, and an INVALID index stays."
    ),
    ja=(
        "lock_timeout が {limit} のままです。それより長いトランザクションがあると途中で失敗し、IN"
        "VALID なインデックスが残ります。"
    ),
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    if not _concurrently(situation):
        return
    limit = None
    for node in earlier(situation, "variable_set_stmt"):
        if node.name == "lock_timeout" and not node.is_local:
            value = node.args[0].a_const if node.args else None
            text = (value.sval.sval or str(value.ival.ival)) if value is not None else "0"
            limit = None if not text.strip("0 ms") else text
    if limit is not None:
        message = _MESSAGE(limit=limit)
        yield situation.hazard(CARD, Level.WARN, "lock_timeout", message, safer="SET lock_timeout = 0;")


def _concurrently(situation: Situation) -> bool:
    node = situation.node
    if situation.kind == "reindex_stmt":
        return "concurrently" in option_words(node.params)
    return bool(node.concurrent)
