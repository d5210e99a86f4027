"""What changes no object: queries, settings, locks, maintenance; and code, of which nobody can tell beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from watari.catalog import Table, TableKind
from watari.locale import Message, Text
from watari.planning.kind import Kind, Undo, migrate, nothing, unknown
from watari.planning.scene import Scene
from watari.sql.compose import composed
from watari.sql.grammar import function_calls, option_words

_QUERY = Text(en="run a query", ja="クエリを実行")
_MAKE = Text(en="create table {name}", ja="テーブル {name} を作成")
_SETTING = Text(en="change a setting of the session", ja="セッションの設定を変更")
_LOCK = Text(en="lock {name}", ja="{name} をロック")
_ANALYZE = Text(en="collect statistics of {name}", ja="{name} の統計情報を収集")
_MAINTAIN = Text(en="maintenance of {name}", ja="{name} のメンテナンス")
_REINDEX = Text(en="build the indexes of {name} anew", ja="{name} のインデックスを再構築")
_REINDEX_CONCURRENTLY = Text(
    en="build the indexes of {name} anew while writes go on", ja="{name} のインデックスを書き込みを止めずに再構築"
)
_REFRESH_CONCURRENTLY = Text(
    en="refresh materialized view {name} while readers go on", ja="マテリアライズドビュー {name} を参照を止めずに更新"
)
_REFRESH = Text(en="refresh materialized view {name}", ja="マテリアライズドビュー {name} を更新")
_CODE = Text(en="run code", ja="コードを実行")

#: Functions of a query that change nothing that an undo would have to take back.
_HARMLESS = frozenset(
    {
        "set_config", "setval", "now", "version", "current_setting", "pg_notify", "pg_sleep", "count", "min", "max",
        "sum", "coalesce", "pg_advisory_lock", "pg_advisory_xact_lock", "pg_advisory_unlock", "to_regclass", "format",
    }
)  # fmt: skip


def _undo_query(node: Any, scene: Scene) -> Undo:
    if node.HasField("into_clause"):
        return (composed("DROP TABLE {name}", name=scene.name_of(node.into_clause.rel)),)
    return () if all(call.name in _HARMLESS for call in function_calls(node)) else None


def _query_happens(node: Any, scene: Scene, text: str) -> None:
    if node.HasField("into_clause"):
        name = scene.name_of(node.into_clause.rel)
        scene.make(name, Table(name=name, kind=TableKind.TABLE, owner=""))
        scene.stories.tell("table", str(name), text)


def _query_words(node: Any) -> Message:
    return _MAKE(name=node.into_clause.rel.relname) if node.HasField("into_clause") else _QUERY()


def _setting_happens(node: Any, scene: Scene, text: str) -> None:
    if node.DESCRIPTOR.name != "VariableSetStmt" or node.name != "search_path":
        return
    path = tuple(part.a_const.sval.sval for part in node.args)
    if path:
        scene.search_path = tuple(schema for schema in path if schema not in ("$user", ""))
    else:
        scene.search_path = scene.catalog.search_path


def _named(text: Text, relations: Callable[[Any], list[str]]) -> Callable[[Any], Message]:
    return lambda node: text(name=", ".join(relations(node)))


def _code_happens(node: Any, scene: Scene, text: str) -> None:
    """What code names may be gone afterwards; what it puts together at run time may be anything."""
    scene.doubt(None if "execute" in text.lower() else text)


def _vacuum_words(node: Any) -> Message:
    names = [relation.vacuum_relation.relation.relname for relation in node.rels] or ["*"]
    return (_MAINTAIN if node.is_vacuumcmd else _ANALYZE)(name=", ".join(names))


def _reindex_words(node: Any) -> Message:
    beside = option_words(node.params).get("concurrently", "false") in ("true", "on", "1", "yes")
    return (_REINDEX_CONCURRENTLY if beside else _REINDEX)(name=node.relation.relname or node.name or "*")


_SETTINGS = ("variable_set_stmt", "variable_show_stmt", "discard_stmt", "constraints_set_stmt")
_OTHERS = ("explain_stmt", "prepare_stmt", "execute_stmt", "deallocate_stmt", "declare_cursor_stmt", "fetch_stmt")
_SIGNALS = ("close_portal_stmt", "notify_stmt", "listen_stmt", "unlisten_stmt", "checkpoint_stmt", "load_stmt")

KINDS = (
    Kind(nodes=("select_stmt",), words=_query_words, undo=_undo_query, happens=_query_happens, phase=migrate),
    Kind(nodes=_SETTINGS, words=lambda node: _SETTING(), undo=nothing, happens=_setting_happens),
    Kind(nodes=(*_OTHERS, *_SIGNALS), words=lambda node: _QUERY(), undo=nothing),
    Kind(nodes=("transaction_stmt",), words=lambda node: _SETTING(), undo=nothing),
    Kind(
        nodes=("lock_stmt",),
        words=_named(_LOCK, lambda node: [r.range_var.relname for r in node.relations]),
        undo=nothing,
    ),
    Kind(
        nodes=("vacuum_stmt",),
        words=_vacuum_words,
        undo=nothing,
        phase=migrate,
    ),
    Kind(
        nodes=("reindex_stmt",),
        words=_reindex_words,
        undo=nothing,
        phase=migrate,
    ),
    Kind(
        nodes=("cluster_stmt",),
        words=_named(_MAINTAIN, lambda node: [node.relation.relname or "*"]),
        undo=nothing,
        phase=migrate,
    ),
    Kind(
        nodes=("refresh_mat_view_stmt",),
        words=lambda node: (_REFRESH_CONCURRENTLY if node.concurrent else _REFRESH)(name=node.relation.relname),
        undo=nothing,
        phase=migrate,
    ),
    Kind(
        nodes=("do_stmt", "call_stmt"), words=lambda node: _CODE(), undo=unknown, happens=_code_happens, phase=migrate
    ),
)
