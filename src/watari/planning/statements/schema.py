"""CREATE SCHEMA and CREATE EXTENSION, statistics objects, publications, roles: what is dropped again by its name."""

from __future__ import annotations

from typing import Any

from watari.locale import Text
from watari.planning.kind import Kind, Undo
from watari.planning.scene import Scene
from watari.sql.compose import composed
from watari.sql.grammar import strings

_SCHEMA = Text(en="create schema {name}", ja="スキーマ {name} を作成")
_EXTENSION = Text(en="install extension {name}", ja="拡張機能 {name} を導入")
_STATISTICS = Text(en="create statistics {name}", ja="拡張統計 {name} を作成")
_PUBLICATION = Text(en="create publication {name}", ja="パブリケーション {name} を作成")
_ROLE = Text(en="create role {name}", ja="ロール {name} を作成")
_DATABASE = Text(en="create database {name}", ja="データベース {name} を作成")


def _schema_name(node: Any) -> str:
    return str(node.schemaname or node.authrole.rolename)


def _schema_there(node: Any, scene: Scene) -> bool:
    name = _schema_name(node)
    return bool(node.if_not_exists) and (name in scene.catalog.schemas or scene.stories.of("schema", name) is not None)


def _undo_schema(node: Any, scene: Scene) -> Undo:
    if _schema_there(node, scene):
        return ()
    if node.schema_elts:
        return None
    return (composed("DROP SCHEMA {name}", name=_schema_name(node)),)


def _schema_happens(node: Any, scene: Scene, text: str) -> None:
    scene.expect("schema", _schema_name(node), "present")
    if not _schema_there(node, scene):
        scene.stories.tell("schema", _schema_name(node), text)


def _extension_there(node: Any, scene: Scene) -> bool:
    known = node.extname in scene.catalog.extensions or scene.stories.of("extension", node.extname) is not None
    return bool(node.if_not_exists) and known


def _undo_extension(node: Any, scene: Scene) -> Undo:
    return () if _extension_there(node, scene) else (composed("DROP EXTENSION {name}", name=node.extname),)


def _extension_happens(node: Any, scene: Scene, text: str) -> None:
    scene.expect("extension", node.extname, "present")
    if not _extension_there(node, scene):
        scene.stories.tell("extension", node.extname, text)


def _undo_statistics(node: Any, scene: Scene) -> Undo:
    if not node.defnames or node.if_not_exists:
        return None
    return (composed("DROP STATISTICS {name}", name=scene.new(strings(node.defnames))),)


def _undo_role(node: Any, scene: Scene) -> Undo:
    # roles belong to the whole server: other databases may use them by then
    return ()


def _role_words(node: Any) -> Any:
    return _ROLE(name=node.role)


KINDS = (
    Kind(
        nodes=("create_schema_stmt",),
        words=lambda node: _SCHEMA(name=_schema_name(node)),
        undo=_undo_schema,
        happens=_schema_happens,
        no_op=_schema_there,
    ),
    Kind(
        nodes=("create_extension_stmt",),
        words=lambda node: _EXTENSION(name=node.extname),
        undo=_undo_extension,
        happens=_extension_happens,
        no_op=_extension_there,
    ),
    Kind(
        nodes=("create_stats_stmt",),
        words=lambda node: _STATISTICS(name=strings(node.defnames)[-1] if node.defnames else ""),
        undo=_undo_statistics,
    ),
    Kind(
        nodes=("create_publication_stmt",),
        words=lambda node: _PUBLICATION(name=node.pubname),
        undo=lambda node, scene: (composed("DROP PUBLICATION {name}", name=node.pubname),),
    ),
    Kind(nodes=("create_role_stmt",), words=_role_words, undo=_undo_role),
    Kind(nodes=("createdb_stmt",), words=lambda node: _DATABASE(name=node.dbname), undo=_undo_role),
)
