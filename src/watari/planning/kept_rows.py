"""DELETE, UPDATE and TRUNCATE as written, with what they take away copied aside in the same statement.

Rows are taken as RETURNING gives them, so that what was deleted or written over is exactly what is kept, whatever others do
at the same moment. Before 18, whose RETURNING also tells what was there before an UPDATE, the rows are locked and read first;
the UPDATE then finds them by their key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, LiteralString

from watari.catalog import Kept, KeptKind, Name, Table
from watari.planning.aside import Aside, aside_of, copies, makes, taken_along, writable
from watari.planning.group import Entry
from watari.planning.keeping import holds_rows, keeps, not_kept
from watari.planning.plan import Back, Note
from watari.planning.rows_back import rows_back, values_back
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, expression, parsed
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, messages
from watari.values import dataclass, replace

__all__ = ["UNDER_LOCK", "KeptStatement", "aside_of_statement", "kept_statement", "stays", "truncated"]

_STAYS = {
    KeptKind.ROWS: Note(
        en="The rows stay as a copy in {place} (at most about {bytes} MB) until watari release; until then watari rollback "
        "puts them back.",
        ja="削除される行は {place} にコピーとして残り（最大で約 {bytes} MB）、watari release で削除されます。"
        "それまでは watari rollback で元に戻せます。",
    ),
    KeptKind.VALUES: Note(
        en="The values of before stay in {place} (at most about {bytes} MB) until watari release; until then watari rollback "
        "puts them back where nobody has written since.",
        ja="変更前の値は {place} に残り（最大で約 {bytes} MB）、watari release で削除されます。それまでは watari rollback で、"
        "その後書き込まれていない行の値を元に戻せます。",
    ),
}
_SHAPE = Note(
    en="the statement returns rows, or writes within WITH.", ja="RETURNING、または WITH の中に書き込みを含む文です。"
)
_PARTS = Note(en="it sets parts of columns.", ja="カラムの一部（配列要素など）への代入を含みます。")
_BEHIND_WITH = Note(
    en="before PostgreSQL 18, the values that an UPDATE behind WITH writes over cannot be had for certain.",
    ja="PostgreSQL 18 より前では、WITH の付いた UPDATE の変更前の値を確実には取得できません。",
)
_RETURNS_OLD = 18
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
_LOCK: LiteralString = "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"


@dataclass(frozen=True, kw_only=True)
class KeptStatement:
    """The statements to send instead, what they keep, what brings it back, and what is to be known of it."""

    sql: tuple[str, ...]
    keeps: tuple[Kept, ...]
    back: tuple[Back, ...]
    notes: tuple[Note, ...]

    def entries(self, written: Entry, migration: str) -> Iterator[Entry]:
        """The statements in the place of `written`; with the last one everything is kept."""
        *first, last = (replace(written.statement, text=text) for text in self.sql)
        for statement in first:
            yield Entry(statement=statement, undo=(), phase=written.phase)
        keeps = tuple(replace(kept, migration=migration) for kept in self.keeps)
        text = written.statement.text
        yield replace(written, statement=last, written=text, notes=self.notes, undo=None, keeps=keeps, back=self.back)


def kept_statement(kind: str, node: Any, scene: Scene) -> KeptStatement | Note | None:
    """What to send instead of the statement; why it keeps nothing; None where nothing is to be kept."""
    if not keeps(scene):
        return None
    match kind:
        case "delete_stmt":
            return _delete(node, scene)
        case "update_stmt":
            return _update(node, scene)
        case "truncate_stmt":
            return _truncate(node, scene)
        case _:
            return None


def stays(aside: Aside) -> Note:
    """What is kept, where, and what it costs."""
    note = _STAYS[aside.kind]
    words = {"place": str(aside.place), "bytes": f"{max(aside.bytes, 10_000) / 1_000_000:,.2f}"}
    return Note(en=note.en.format(**words), ja=note.ja.format(**words))


def _kept(sql: Iterator[str] | tuple[str, ...], aside: Aside, back: tuple[Back, ...]) -> KeptStatement:
    return KeptStatement(sql=(*makes(aside), *sql), keeps=(aside.kept,), back=back, notes=(stays(aside),))


def _is_plain(node: Any) -> bool:
    written = node.with_clause.ctes if node.HasField("with_clause") else ()
    writes = any(part.DESCRIPTOR.name in _WRITES for cte in written for part in messages(cte))
    return not (node.HasField("returning_clause") or writes) and node.relation.inh


def _named(node: Any) -> str:
    """How the statement's own expressions call the table."""
    return str(node.relation.alias.aliasname if node.relation.HasField("alias") else node.relation.relname)


# -- DELETE -------------------------------------------------------------------------------------------------------------


def _delete(node: Any, scene: Scene) -> KeptStatement | Note | None:
    aside = _rows_of(node, scene)
    if not isinstance(aside, Aside):
        return aside
    own = copied(parsed("DELETE FROM t"))
    own.delete_stmt.CopyFrom(node)
    _returning(own.delete_stmt, [_of(_named(node), column) for column in aside.columns])
    names = list(aside.columns)
    template: LiteralString = "WITH gone AS ({delete}) INSERT INTO {place} ({names}) SELECT {names} FROM gone"
    text = composed(template, delete=Raw(deparsed(own)), place=aside.place, names=names)
    return _kept((text,), aside, tuple(rows_back(aside, scene)))


def _rows_of(node: Any, scene: Scene) -> Aside | Note | None:
    """Where the rows go that a DELETE takes."""
    table = scene.table(scene.name_of(node.relation))
    if table is None or not holds_rows(table.name, scene):
        return None
    if not _is_plain(node):
        return not_kept(_SHAPE)
    if note := taken_along(table, None, scene):
        return not_kept(note)
    return aside_of(KeptKind.ROWS, node, table, writable(table), scene)


def _of(name: str, column: str) -> str:
    return composed("{name}.{column}", name=name, column=column)


def _returning(node: Any, parts: list[str]) -> None:
    again = parsed(composed("DELETE FROM t RETURNING {parts}", parts=Raw(", ".join(parts))))
    node.returning_clause.CopyFrom(again.delete_stmt.returning_clause)


# -- UPDATE -------------------------------------------------------------------------------------------------------------


def _update(node: Any, scene: Scene) -> KeptStatement | Note | None:
    aside = _values_of(node, scene)
    if not isinstance(aside, Aside):
        return aside
    if scene.catalog.major < _RETURNS_OLD and node.HasField("with_clause"):
        return not_kept(_BEHIND_WITH)
    text = _returning_old(node, aside) if scene.catalog.major >= _RETURNS_OLD else _read_first(node, aside)
    return _kept((text,), aside, tuple(values_back(aside, scene)))


def _values_of(node: Any, scene: Scene) -> Aside | Note | None:
    """Where the values go that an UPDATE writes over; columns that the migration itself adds held none."""
    table = scene.table(scene.name_of(node.relation))
    if table is None or not holds_rows(table.name, scene):
        return None
    set_here = dict.fromkeys(target.res_target.name for target in node.target_list)
    columns = tuple(name for name in set_here if name not in scene.columns_of_this_migration(table.name))
    if not columns:
        return None
    if not _is_plain(node):
        return not_kept(_SHAPE)
    if any(target.res_target.indirection for target in node.target_list):
        return not_kept(_PARTS)
    if note := taken_along(table, frozenset(columns), scene):
        return not_kept(note)
    return aside_of(KeptKind.VALUES, node, table, columns, scene)


def aside_of_statement(kind: str, node: Any, scene: Scene) -> Aside | Note | None:
    """Where what an UPDATE or DELETE takes away goes; why it is not kept; None where nothing is to be kept."""
    if not keeps(scene):
        return None
    return _rows_of(node, scene) if kind == "delete_stmt" else _values_of(node, scene)


def _names(aside: Aside) -> list[str]:
    return [*aside.key, *aside.columns, *map(aside.written, aside.columns)]


def _into(change: str, aside: Aside, reads: str = "") -> str:
    template: LiteralString = "WITH {reads}gone AS ({change}) INSERT INTO {place} ({names}) SELECT {names} FROM gone"
    return composed(template, reads=Raw(reads), change=Raw(change), place=aside.place, names=_names(aside))


def _returning_old(node: Any, aside: Aside) -> str:
    own = copied(parsed("UPDATE t SET a = 1"))
    own.update_stmt.CopyFrom(node)
    name = _named(node)
    parts = [_of(name, column) for column in aside.key]
    parts += [_of("watari_was", column) for column in aside.columns]
    parts += _after(name, aside)
    returning = parsed(
        composed("DELETE FROM t RETURNING WITH (OLD AS watari_was) {parts}", parts=Raw(", ".join(parts)))
    )
    own.update_stmt.returning_clause.CopyFrom(returning.delete_stmt.returning_clause)
    return _into(deparsed(own), aside)


def _after(name: str, aside: Aside) -> list[str]:
    return [
        composed("{name}.{column} AS {written}", name=name, column=column, written=aside.written(column))
        for column in aside.columns
    ]


def _read_first(node: Any, aside: Aside) -> str:
    """The UPDATE of the rows that a WITH before it has locked and read."""
    name = _named(node)
    was = {column: f"watari_{number}" for number, column in enumerate((*aside.key, *aside.columns))}
    same = " AND ".join(
        composed("{own} = watari_was.{was}", own=Raw(_of(name, column)), was=was[column]) for column in aside.key
    )
    if node.from_clause and node.HasField("where_clause"):
        same = composed("({where}) AND {same}", where=Raw(expression(node.where_clause)), same=Raw(same))
    own = copied(parsed("UPDATE t SET a = 1"))
    own.update_stmt.CopyFrom(node)
    found = parsed(composed("SELECT 1 FROM watari_was WHERE {same}", same=Raw(same))).select_stmt
    own.update_stmt.from_clause.extend(found.from_clause)
    own.update_stmt.where_clause.CopyFrom(found.where_clause)
    before = [composed("watari_was.{was} AS {column}", was=was[c], column=c) for c in (*aside.key, *aside.columns)]
    _returning(own.update_stmt, [*before, *_after(name, aside)])
    reads = composed("watari_was AS MATERIALIZED ({reads}), ", reads=Raw(_reads(node, was)))
    return _into(deparsed(own), aside, reads)


def _reads(node: Any, was: dict[str, str]) -> str:
    name = _named(node)
    listed = ", ".join(composed("{own} AS {was}", own=Raw(_of(name, column)), was=new) for column, new in was.items())
    template: LiteralString = "SELECT {listed} FROM t WHERE true FOR NO KEY UPDATE OF {name}"
    read = copied(parsed(composed(template, listed=Raw(listed), name=name)))
    select = read.select_stmt
    select.from_clause[0].range_var.CopyFrom(node.relation)
    select.from_clause.extend(node.from_clause)
    if node.HasField("where_clause"):
        select.where_clause.CopyFrom(node.where_clause)
    else:
        select.ClearField("where_clause")
    return deparsed(read)


# -- TRUNCATE -----------------------------------------------------------------------------------------------------------


def truncated(node: Any, scene: Scene) -> tuple[Table, ...]:
    """The tables that TRUNCATE empties, those that CASCADE reaches included; referenced ones first."""
    found: dict[Name, Table] = {}
    waiting = [scene.name_of(relation.range_var) for relation in node.relations]
    while waiting:
        name = waiting.pop(0)
        table = scene.table(name)
        if table is None or name in found:
            continue
        found[name] = table
        if choice(node, "behavior") == "DROP_CASCADE":
            waiting += [key.table for key in scene.referencing(name)]
    return tuple(sorted(found.values(), key=lambda table: _depth(table.name, found, scene)))


def _depth(name: Name, among: dict[Name, Table], scene: Scene, seen: frozenset[Name] = frozenset()) -> int:
    """How many foreign keys lead from the table through the others."""
    to = {c.references for c in scene.constraints(name).values() if c.references in among} - {name} - seen
    return max((1 + _depth(each, among, scene, seen | {name}) for each in to if each), default=0)


def _truncate(node: Any, scene: Scene) -> KeptStatement | Note | None:
    asides: list[Aside] = []
    for table in truncated(node, scene):
        aside = aside_of(KeptKind.ROWS, node, table, writable(table), scene)
        if isinstance(aside, Note):
            return aside
        if aside and aside.large:
            return not_kept(UNDER_LOCK)
        asides += [aside] if aside else []
    if not asides:
        return None
    return KeptStatement(
        sql=tuple(_truncating(node, asides)),
        keeps=tuple(aside.kept for aside in asides),
        back=tuple(back for aside in asides for back in rows_back(aside, scene, restarted=node.restart_seqs)),
        notes=tuple(map(stays, asides)),
    )


UNDER_LOCK = Note(
    en="everybody would have to wait while so many rows are copied under the lock of TRUNCATE.",
    ja="TRUNCATE のロック中に大量の行をコピーすることになり、全員を待たせてしまいます。",
)


def _truncating(node: Any, asides: list[Aside]) -> Iterator[str]:
    for aside in asides:
        yield from makes(aside)
    for aside in asides:
        yield composed(_LOCK, table=aside.table.name)
    for aside in asides:
        yield copies(aside)
    own = copied(parsed("TRUNCATE t"))
    own.truncate_stmt.CopyFrom(node)
    yield deparsed(own)
