"""CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY on 14.0 to 14.3 lose rows."""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import Situation
from watari.sql.grammar import option_words

CARD = Card(
    id="index-corruption-14",
    title=Text(
        en="A concurrent build on 14.0 to 14.3 can corrupt the index",
        ja="14.0〜14.3 の CONCURRENTLY はインデックスを壊すことがある",
    ),
    condition=Text(
        en="CREATE INDEX or REINDEX … CONCURRENTLY on a server of version 14.0 to 14.3",
        ja="14.0〜14.3 のサーバーでの CREATE INDEX・REINDEX … CONCURRENTLY の場合",
    ),
    harm=Text(
        en="Rows that are updated during the build may be missing in the index: queries do not find them, a unique key does not hold.",
        ja="作成中に更新された行がインデックスから漏れることがあり、検索で見つからない、一意性が保たれないといった事態になります。",
    ),
    fact="release notes of PostgreSQL 14.4, first item",
    safer=Text(
        en="Bring the server to the newest 14 first. What was built so before: check it with amcheck, or build it anew.",
        ja="先にサーバーを最新の 14.x へ更新します。過去に作成したものは amcheck で検査するか作り直します。",
    ),
    versions="14",
    level=Level.BLOCK,
)
KINDS = ("index_stmt", "reindex_stmt")

_MESSAGE = Text(
    en="On PostgreSQL 14.{minor} rows that change during this build may be missing in the index afterwards. Bring the server to 14.4 or later first.",
    ja="PostgreSQL 14.{minor} では、作成中に更新された行がインデックスから漏れることがあります。先にサーバーを 14.4 以降へ更新してください。",
)


#: Of `server_version_num`: the first version that has the mistake, and the first that has not.
_SINCE, _MENDED = 140_000, 140_004


def judge(situation: Situation) -> Iterator[Hazard]:
    """At most one hazard."""
    catalog, node = situation.world.catalog, situation.node
    if catalog is None or not _SINCE <= catalog.server_version < _MENDED:
        return
    if "concurrently" in option_words(node.params) if situation.kind == "reindex_stmt" else node.concurrent:
        message = _MESSAGE(minor=catalog.server_version - _SINCE)
        facts = {"server_version": catalog.server_version}
        about = situation.target if node.HasField("relation") else node.name
        yield situation.hazard(CARD, Level.BLOCK, about, message, facts=facts)
