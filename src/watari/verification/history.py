"""What the files of applied and pending migrations promise, replayed as text: which objects must exist, which must not.

Only objects that a statement names are promised; names that the server chooses are not. Of what the body of a DO block
mentions nothing is promised any more; where a later migration does what no text tells (a framework's code, CALL, EXECUTE of
a composed text), what came before is no longer certain.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from watari.catalog.catalog import Catalog
from watari.catalog.name import Name, quoted
from watari.errors.usage import UsageError
from watari.locale import Text
from watari.migrations.migration import Migration, Problem, ProblemKind
from watari.sql.databases import of_database
from watari.sql.grammar import Written, body, choice, kept, strings, written
from watari.sql.names import dropped_relations, renamed_relation
from watari.values import replace
from watari.verification.expectation import HistoryPromise

HALF_APPLIED = Text(
    en='Migration "{migration}" is not in the history, but {object} exists already. '
    "If it was applied by hand, record it in the history; if it failed half-way, remove what it left, then start again.",
    ja='マイグレーション "{migration}" は履歴にありませんが、{object} が既に存在します。'
    "手動で適用済みの場合は履歴に登録し、途中で失敗した場合は残ったオブジェクトを削除してから再実行してください。",
)

#: Words of a DO block after which a table takes its columns and indexes along.
_WHOLE = ("drop table", "rename to", "drop schema")
#: What CASCADE can take along of these is a view or a constraint, never a table or a column.
_TAKE_VIEWS_ALONG = {"OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_INDEX"}
_RELATIONS = {
    "create_stmt": "relation",
    "create_table_as_stmt": "into",
    "view_stmt": "view",
    "create_seq_stmt": "sequence",
}


def history_promises(
    migrations: Sequence[Migration],
    applied: Collection[str],
    *,
    database: str,
    search_path: Sequence[str] = ("public",),
) -> tuple[HistoryPromise, ...]:
    """What must exist because an applied migration made it, and what must not because only a pending one would.

    `migrations` in the framework's order, `applied` the ids that the history holds, `database` the one at hand where a script
    names several. A migration that cannot be parsed promises nothing.
    """
    world = _World(search_path)
    for migration in migrations:
        if migration.id in applied:
            world.migrate(migration, database)
    pending = _World(search_path)
    for migration in migrations:
        if migration.id not in applied:
            pending.migrate(migration, database)
    made = tuple(world.objects.values())
    known = {(one.kind, one.object) for one in made} | pending.recreated
    later = (replace(one, applied=False) for one in pending.objects.values())
    return (*made, *(one for one in later if (one.kind, one.object) not in known))


def half_applied(promises: Sequence[HistoryPromise], catalog: Catalog) -> tuple[Problem, ...]:
    """Pending migrations of which an object exists already: one problem a migration, for the first object found."""
    relations, columns = _existing(catalog)
    found: dict[str, Problem] = {}
    for one in promises:
        if (
            not one.applied
            and one.migration not in found
            and one.object in (relations if one.kind == "relation" else columns)
        ):
            message = HALF_APPLIED(migration=one.migration, object=one.object)
            found[one.migration] = Problem(kind=ProblemKind.HALF_APPLIED, migration=one.migration, message=message)
    return tuple(found.values())


def first_refused(promises: Sequence[HistoryPromise], catalog: Catalog) -> HistoryPromise | None:
    """The first object of a pending migration that is there already and that its statement does not put up with."""
    relations, columns = _existing(catalog)
    for one in promises:
        if one.refuses and not one.applied and one.object in (relations if one.kind == "relation" else columns):
            return one
    return None


def _existing(catalog: Catalog) -> tuple[set[str], set[str]]:
    """Relations and columns of a database, as promises name them."""
    relations = {str(name) for name in (*catalog.tables, *catalog.indexes, *catalog.sequences)}
    columns = {f"{table.name}.{quoted(c.name)}" for table in catalog.tables.values() for c in table.columns}
    return relations, columns


class _World:
    """The objects that a sequence of migrations leaves, with the migration that made each."""

    def __init__(self, search_path: Sequence[str]) -> None:
        self.objects: dict[tuple[str, str], HistoryPromise] = {}
        self.recreated: set[tuple[str, str]] = set()  # dropped before they were made: they may exist already
        self._default = tuple(search_path) or ("public",)
        self._path = self._default
        self._tables: dict[str, str] = {}  # of an index: the table
        self._views: set[str] = set()
        self._migration = ""
        self._dropped: set[tuple[str, str]] = set()
        self._place = ""
        self._plain = True  # nothing so far can have taken an object away

    def migrate(self, migration: Migration, database: str) -> None:
        """Replays one migration."""
        self._migration, self._path = migration.id, self._default
        try:
            statements = of_database(migration.up.statements, database) if migration.up else None
            replayed = [(statement.node, statement) for statement in statements or ()]
        except UsageError:
            statements = None
        if statements is None:
            self._doubt()
            self._plain = False
            return
        for node, statement in replayed:
            self._place = f"{statement.file}:{statement.line}"
            self._replay(node, statement.text)
            self._plain = self._plain and _only_adds(node)

    def _replay(self, node: Any, text: str) -> None:
        kind, statement = body(node)
        if kind == "do_stmt":
            self._forget_mentioned(text.lower())
        elif kind == "call_stmt":
            self._doubt()
        elif kind == "variable_set_stmt" and statement.name == "search_path":
            named = [arg.a_const.sval.sval for arg in statement.args if arg.WhichOneof("node") == "a_const"]
            self._path = tuple(name for name in named if name and not name.startswith("$")) or self._default
        elif kind in _RELATIONS:
            self._make(kind, statement)
        elif kind == "index_stmt" and statement.idxname:
            table = self._name(written(statement.relation))
            index = Name(table.schema, statement.idxname)
            self._add("relation", str(index), refuses=not statement.if_not_exists)
            self._tables[str(index)] = str(table)
        elif kind == "drop_stmt":
            self._drop(node, statement)
        elif kind == "alter_table_stmt":
            self._alter(statement)
        else:
            self._rename(node, kind, statement)

    def _make(self, kind: str, statement: Any) -> None:
        place = getattr(statement, _RELATIONS[kind])
        relation = place.rel if kind == "create_table_as_stmt" else place
        if relation.relpersistence == "t":
            return
        name = str(self._name(written(relation)))
        replaces = getattr(statement, "if_not_exists", False) or getattr(statement, "replace", False)
        self._add("relation", name, refuses=not replaces)
        if kind in ("view_stmt", "create_table_as_stmt"):
            self._views.add(name)
        for element in statement.table_elts if kind == "create_stmt" else ():
            if element.WhichOneof("node") == "column_def":
                self._add("column", f"{name}.{quoted(element.column_def.colname)}")

    def _alter(self, statement: Any) -> None:
        table = str(self._name(written(statement.relation)))
        for command in statement.cmds:
            action = choice(command.alter_table_cmd, "subtype")
            if action == "AT_AddColumn":
                column = f"{table}.{quoted(kept(command.alter_table_cmd).colname)}"
                self._add("column", column, refuses=not command.alter_table_cmd.missing_ok)
            elif action == "AT_DropColumn":
                self._remove("column", f"{table}.{quoted(command.alter_table_cmd.name)}")
                self._doubt_indexes(table)  # those on the column go with it
                self._doubt(self._views)

    def _drop(self, node: Any, statement: Any) -> None:
        kind = choice(statement, "remove_type")
        if choice(statement, "behavior") == "DROP_CASCADE":
            self._doubt(self._views if kind in _TAKE_VIEWS_ALONG else None)
        if kind == "OBJECT_SCHEMA":
            for schema in (name for item in statement.objects for name in strings([item])):
                self._forget(f"{quoted(schema)}.")
        for name in dropped_relations(node):
            whole = str(self._name(name))
            self._remove("relation", whole)
            self._forget(f"{whole}.")
            for index in [index for index, table in self._tables.items() if table == whole]:
                self._remove("relation", index)

    def _rename(self, node: Any, kind: str, statement: Any) -> None:
        if kind == "rename_stmt" and choice(statement, "rename_type") == "OBJECT_COLUMN":
            table = str(self._name(written(statement.relation)))
            self._remove("column", f"{table}.{quoted(statement.subname)}")
            self._add("column", f"{table}.{quoted(statement.newname)}")
        elif renamed := renamed_relation(node):
            old = self._name(renamed.old)
            new = Name(renamed.schema or old.schema, renamed.name)
            self._move(str(old), str(new))

    def _move(self, old: str, new: str) -> None:
        moving = [key for key in self.objects if key[1] == old or key[1].startswith(f"{old}.")]
        for kind, object in moving:
            one = self.objects.pop((kind, object))
            moved = new + object[len(old) :]
            self.objects[kind, moved] = replace(one, object=moved)
        self._tables = {index: new if table == old else table for index, table in self._tables.items()}
        self._remove("relation", old)
        self._add("relation", new)

    def _add(self, kind: str, object: str, *, refuses: bool = False) -> None:
        if (kind, object) in self._dropped:
            self.recreated.add((kind, object))
        known = self.objects.get((kind, object))
        if known is None:
            self.objects[kind, object] = HistoryPromise(
                migration=self._migration,
                applied=True,
                kind=kind,
                object=object,
                place=self._place,
                refuses=refuses and self._plain,
            )

    def _remove(self, kind: str, object: str) -> None:
        self.objects.pop((kind, object), None)
        self._dropped.add((kind, object))

    def _forget(self, prefix: str) -> None:
        for key in [key for key in self.objects if key[1].startswith(prefix)]:
            self._remove(*key)

    def _doubt(self, only: Collection[str] | None = None) -> None:
        for key, one in self.objects.items():
            if only is None or one.object in only:
                self.objects[key] = replace(one, certain=False)

    def _doubt_indexes(self, table: str) -> None:
        self._doubt([index for index, of in self._tables.items() if of == table])

    def _forget_mentioned(self, text: str) -> None:
        """Takes back what a DO block may have changed; where it composes statements, nothing is certain."""
        words, whole = set(re.findall(r"\w+", text)), any(phrase in text for phrase in _WHOLE)
        for kind, object in list(self.objects):
            table, _, last = object.rpartition(".")
            owner = table if kind == "column" else self._tables.get(object)
            mentioned = _mentioned(last, words) and (kind == "relation" or _mentioned(table, words))
            if mentioned or (whole and _mentioned(owner, words)):
                self.objects.pop((kind, object))
        if re.search(r"\bexecute\s+(?!')", text):
            self._doubt()

    def _name(self, name: Written) -> Name:
        return Name(name.schema or self._path[0], name.name)


#: Statements that take nothing away, so that what is there before them is there after them.
_ADDING = frozenset(
    {
        *_RELATIONS,
        "index_stmt",
        "create_enum_stmt",
        "create_function_stmt",
        "create_schema_stmt",
        "create_extension_stmt",
    }
    | {
        "comment_stmt",
        "insert_stmt",
        "update_stmt",
        "delete_stmt",
        "copy_stmt",
        "variable_set_stmt",
        "transaction_stmt",
        "grant_stmt",
    }
)
_ADDING_TO_A_TABLE = frozenset(
    {"AT_AddColumn", "AT_AddConstraint", "AT_ColumnDefault", "AT_SetNotNull", "AT_DropNotNull"}
)


def _only_adds(node: Any) -> bool:
    kind, statement = body(node)
    if kind == "alter_table_stmt":
        return all(choice(c.alter_table_cmd, "subtype") in _ADDING_TO_A_TABLE for c in statement.cmds)
    return kind in _ADDING


def _mentioned(object: str | None, words: Collection[str]) -> bool:
    """Whether the last part of a name is one of the words of a text (in lower case)."""
    if object is None:
        return False
    last = object.rpartition(".")[2].strip('"').lower()
    return all(word in words for word in re.findall(r"\w+", last))
