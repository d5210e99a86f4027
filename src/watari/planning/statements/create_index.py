"""CREATE INDEX."""

from __future__ import annotations

from typing import Any

from watari.catalog import Index, Name
from watari.locale import Text
from watari.planning.kind import Kind, Undo
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, expression
from watari.sql.automatic_names import clipped, index_column_names, index_name
from watari.sql.compose import composed

_MAKE = Text(en="create index {name} on {table}", ja="{table} にインデックス {name} を作成")
_MAKE_CONCURRENTLY = Text(
    en="build index {name} on {table} while writes go on", ja="{table} のインデックス {name} を書き込みを止めずに構築"
)
_UNNAMED = Text(en="(automatic name)", ja="（自動命名）")


def name_of(node: Any, scene: Scene) -> Name:
    """The index's full name: the one written, else the one that PostgreSQL will choose."""
    table = scene.name_of(node.relation)
    if node.idxname:
        return Name(table.schema, clipped(node.idxname))
    columns = index_column_names([*node.index_params, *node.index_including_params])
    return Name(table.schema, index_name(table.name, columns, scene.taken(table.schema)))


def there(node: Any, scene: Scene) -> bool:
    """Whether IF NOT EXISTS finds a relation of that name, and nothing will be made."""
    return bool(node.if_not_exists and node.idxname) and scene.exists(name_of(node, scene))


def index_of(node: Any, scene: Scene) -> Index:
    """The index as a value; its definition is worked out for live tables only."""
    name, table = name_of(node, scene), scene.name_of(node.relation)
    return Index(
        name=name,
        table=table,
        definition="" if scene.is_created(table) else _definition(node, name, table),
        columns=tuple(element.index_elem.name or None for element in node.index_params),
        included=tuple(element.index_elem.name for element in node.index_including_params),
        method=node.access_method or "btree",
        unique=node.unique,
        predicate=expression(node.where_clause) if node.HasField("where_clause") else None,
        tablespace=node.table_space or None,
    )


def _definition(node: Any, name: Name, table: Name) -> str:
    from watari.planning.trees import parsed

    whole = copied(parsed("CREATE INDEX i ON t (c)"))
    whole.index_stmt.CopyFrom(node)
    own = whole.index_stmt
    own.idxname, own.concurrent, own.if_not_exists = name.name, False, False
    own.relation.schemaname, own.relation.relname = table.schema, table.name
    return deparsed(whole)


def _undo(node: Any, scene: Scene) -> Undo:
    return () if there(node, scene) else (composed("DROP INDEX {name}", name=name_of(node, scene)),)


def _happens(node: Any, scene: Scene, text: str) -> None:
    if there(node, scene):
        return
    index = index_of(node, scene)
    scene.put_index(index)
    scene.stories.tell("index", str(index.name), text)
    scene.stories.tell_if_known("table", str(index.table), text)


def _words(node: Any) -> Any:
    text = _MAKE_CONCURRENTLY if node.concurrent else _MAKE
    return text(name=node.idxname or _UNNAMED(), table=node.relation.relname)


KINDS = (Kind(nodes=("index_stmt",), words=_words, undo=_undo, happens=_happens, no_op=there),)
