"""VACUUM FULL and CLUSTER of a large table: refused, since everybody waits for as long as it is written anew.

Source: reference recipe R25; rule `rewrite-vacuum-full`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from watari.catalog import Name
from watari.locale import Text
from watari.planning.rewrite import Form, Part, Refused, Rewritten
from watari.planning.scene import Scene
from watari.sql.compose import composed
from watari.sql.grammar import option_words

_RULE = "rewrite-vacuum-full"
_REASON = Text(
    en="{what} would close {tables} to readers and writers until everything in it is written anew",
    ja="{what} は {tables} の全データを書き直し終わるまで、読み書きをすべて止めます",
)
_INSTEAD = Text(
    en="{plain} makes the space free for new rows and stops nobody; to give it back to the system online, use pg_repack or pg_squeeze.",
    ja="{plain} なら誰も止めずに空き領域を再利用できます。OS に領域を返すには pg_repack や pg_squeeze を使ってください。",
)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    cluster = part.node.DESCRIPTOR.name == "ClusterStmt"
    if not cluster and not _is_full(part.node):
        return None
    large = sorted(filter(scene.is_large, _tables(part.node, cluster, scene)))
    if not large:
        return None
    plain = "; ".join(composed("VACUUM (ANALYZE) {table}", table=table) for table in large[:3])
    return Refused(
        reason=_REASON(what="CLUSTER" if cluster else "VACUUM FULL", tables=", ".join(map(str, large))),
        instead=_INSTEAD(plain=plain),
        rule=_RULE,
    )


def _is_full(node: Any) -> bool:
    return bool(node.is_vacuumcmd) and option_words(node.options).get("full", "false") in ("true", "on", "1", "yes")


def _tables(node: Any, cluster: bool, scene: Scene) -> Iterable[Name]:
    """The tables that the statement names; without a name, all of them, or all that were clustered before."""
    if cluster and node.HasField("relation"):
        return [scene.name_of(node.relation)]
    if not cluster and node.rels:
        return [scene.name_of(each.vacuum_relation.relation) for each in node.rels]
    if cluster:
        return {index.table for index in scene.catalog.indexes.values() if index.clustered}
    return tuple(scene.catalog.tables)


FORM = Form(name="refused-rewrite", policy="vacuum_full", keys=("vacuum_stmt", "cluster_stmt"), rewrite=_rewrite)
