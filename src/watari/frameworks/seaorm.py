"""SeaORM: a crate of Rust migrations, history in `seaql_migrations`.

Read natively, from the crate's source and the table; the migrations themselves are compiled code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from watari.errors.usage import FrameworkFolder
from watari.frameworks.folders import folders, told
from watari.frameworks.framework import Detection, Framework, FrameworkSettings
from watari.frameworks.history_table import fetch, question, require_columns, table_name
from watari.frameworks.seaorm_crate import CrateMigration, history_table, is_crate, listed_migrations, unlisted_files
from watari.locale import Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind

if TYPE_CHECKING:
    from watari.catalog import Constraint, Name

__all__ = ["SeaOrm"]

_NO_CRATE = Text(
    en="there is no Cargo.toml with sea-orm-migration beside a src/lib.rs",
    ja="sea-orm-migration を使う Cargo.toml と src/lib.rs がありません",
)
_NO_LIST = Text(
    en="src/lib.rs has no migrations() with a vec![] that lists them",
    ja="src/lib.rs に migrations() の vec![] による一覧がありません",
)
_COMPILED = "SeaORM migrations are Rust code, and their SQL is only known once they run"
_VANISHED = Text(
    en='Migration "{name}" is applied, and src/lib.rs does not list it; SeaORM refuses every command over that. '
    "Check out the version of the crate that was deployed, or list the migration again.",
    ja='マイグレーション "{name}" は適用済みですが、src/lib.rs の一覧にありません。SeaORM はこの状態ではすべてのコマンドを拒否します。'
    "デプロイ済みのバージョンのクレートを使うか、一覧に戻してください。",
)
_NO_FILE = Text(
    en='src/lib.rs lists "{entry}", and no file of the crate is known for it. Correct the entry, or add the file.',
    ja='src/lib.rs の一覧にある "{entry}" に対応するファイルがありません。記述を修正するか、ファイルを追加してください。',
)
_UNLISTED = Text(
    en='"{file}" is not in the vec![] of src/lib.rs, so SeaORM never runs it. List it there, or delete the file.',
    ja='"{file}" が src/lib.rs の vec![] にないため、SeaORM では実行されません。一覧に追加するか、ファイルを削除してください。',
)
_THERE = Text(
    en='Migration "{name}" is pending, but "{objects}" is there already, so SeaORM would stop at "already exists". If the '
    "database has everything that this migration makes, write it into the history: {sql}. If only a part is there, add "
    ".if_not_exists() to it in {file}.",
    ja='マイグレーション "{name}" は未適用ですが "{objects}" はすでに存在するため、SeaORM は already exists で停止します。'
    "このマイグレーションの内容がすべて反映済みであれば、履歴に登録してください: {sql}。"
    "一部だけが存在する場合は、{file} の該当箇所に .if_not_exists() を追加してください。",
)
_RUNS_ELSEWHERE = Text(
    en='Migration "{name}" ({file}) is Rust code: watari cannot show its SQL yet. Run it with "sea-orm-cli migrate up -n 1".',
    ja='マイグレーション "{name}"（{file}）は Rust のコードのため、SQL をまだ表示できません。'
    '"sea-orm-cli migrate up -n 1" で実行してください。',
)
_COLUMNS = {"version": ("character varying", "text"), "applied_at": ("bigint",)}
_LAST_SECOND = 253_402_300_799  # of the year 9999


class SeaOrm(Framework):
    """The list in `src/lib.rs` in its own order; status and history, without running anything."""

    name = "seaorm"

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._crate = settings.folder.resolve()
        if self._crate.name == "src" and not is_crate(self._crate):
            self._crate = self._crate.parent
        self._listed: tuple[CrateMigration, ...] = ()
        self._objects: frozenset[str] = frozenset()

    @classmethod
    def detect(cls, root: Path) -> Detection | None:
        """A crate that depends on `sea-orm-migration`."""
        for folder, depth in folders(root):
            crate = folder.parent if folder == root and folder.name == "src" else folder
            if is_crate(crate):
                why = told(crate / "src" / "lib.rs", root)
                return Detection(framework=cls.name, folder=crate, certainty=92 - 3 * depth, why=why)
        return None

    def migrations(self) -> tuple[Migration, ...]:
        """One for each entry of the list, in its order; none has a script."""
        folder = told(self._crate, self._root)
        if not is_crate(self._crate):
            raise FrameworkFolder(folder=folder, framework="SeaORM", reason=_NO_CRATE())
        listed = listed_migrations(self._crate)
        if listed is None:
            raise FrameworkFolder(folder=folder, framework="SeaORM", reason=_NO_LIST())
        self._listed = listed
        return tuple(
            Migration(
                id=entry.name,
                name=entry.name,
                file=self._told(entry),
                up=None,
                transactional=entry.transactional,
                unrendered=_COMPILED,
            )
            for entry in listed
        )

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """The rows by version, as SeaORM reads them; unlike its `status`, this makes no table."""
        found = fetch(connection, question("relations_of_schema"), {"schema": self._table.schema})
        self._objects = frozenset(name for (name,) in found)
        if not require_columns(connection, self._table, "SeaORM", _COLUMNS):
            return ()
        query = sql.SQL("select version, applied_at from {} order by version").format(self._identifier)
        return tuple(
            HistoryRow(id=version, name=version, applied_at=_moment(seconds))
            for version, seconds in fetch(connection, query)
        )

    def create_history(self) -> Sequence[sql.Composable]:
        """The table as SeaORM makes it."""
        statement = sql.SQL(
            "create table if not exists {} (version varchar not null primary key, applied_at bigint not null)"
        )
        return (statement.format(self._identifier),)

    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """One row; the moment in whole seconds of Unix time."""
        query = sql.SQL("insert into {} (version, applied_at) values ({}, {})")
        values = (migration.id, int(finished_at.timestamp()))
        return (query.format(self._identifier, *map(sql.Literal, values)),)

    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Its row is deleted."""
        query = sql.SQL("delete from {} where version = {}")
        return (query.format(self._identifier, sql.Literal(migration.id)),)

    def history_tables(self) -> tuple[str, ...]:
        """`seaql_migrations`, by the name that the migrator gives it, in the first schema of `-s`."""
        return (str(self._table),)

    def search_path(self) -> tuple[str, ...]:
        """SeaORM always sets it: to `public`, or to what `-s` says."""
        return tuple(name.strip() for name in (self.settings.schema or "public").split(","))

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """What makes SeaORM refuse or fail: rows without an entry, entries without a file, objects that are there already."""
        applied, known = {row.id for row in rows}, {migration.id for migration in migrations}
        found = [
            Problem(kind=ProblemKind.VANISHED, migration=row.id, message=_VANISHED(name=row.id), halts=True)
            for row in rows
            if row.id not in known
        ]
        for entry in self._listed:
            if entry.file is None:
                message = _NO_FILE(entry=entry.entry)
                found.append(Problem(kind=ProblemKind.UNREADABLE, migration=entry.name, message=message))
            elif entry.name not in applied:
                found += self._pending(entry)
        for file in unlisted_files(self._crate, self._listed):
            message = _UNLISTED(file=told(file, self._root))
            found.append(Problem(kind=ProblemKind.UNREADABLE, migration=file.stem, message=message))
        return tuple(found)

    def foreign_keys(self, migration: Migration) -> tuple[Constraint, ...]:
        """Those of `ForeignKey::create()` in its `up`."""
        from watari.catalog import Constraint, ConstraintKind, Name

        return tuple(
            Constraint(
                name=key.name or f"{key.table}_{'_'.join(key.columns)}_fkey",
                table=Name(self._table.schema, key.table),
                kind=ConstraintKind.FOREIGN_KEY,
                definition="",
                columns=key.columns,
                validated=False,
                references=Name(self._table.schema, key.parent),
                referenced_columns=key.parent_columns,
            )
            for entry in self._listed
            if entry.name == migration.id
            for key in entry.keys
        )

    def _pending(self, entry: CrateMigration) -> list[Problem]:
        file = self._told(entry)
        message = _RUNS_ELSEWHERE(name=entry.name, file=file)
        found = [Problem(kind=ProblemKind.UNRENDERED, migration=entry.name, message=message)]
        there = [name for name in entry.makes if name in self._objects]
        if there:
            statement = sql.SQL(
                "INSERT INTO {} (version, applied_at) VALUES ({}, extract(epoch FROM now())::bigint) ON CONFLICT DO NOTHING"
            ).format(self._identifier, sql.Literal(entry.name))
            message = _THERE(name=entry.name, objects='", "'.join(there), file=file, sql=statement.as_string(None))
            found.append(Problem(kind=ProblemKind.HALF_APPLIED, migration=entry.name, message=message))
        return found

    def _told(self, entry: CrateMigration) -> str:
        return told(entry.file or self._crate / "src" / "lib.rs", self._root)

    @cached_property
    def _table(self) -> Name:
        named = self.settings.history_table or (history_table(self._crate) if is_crate(self._crate) else None)
        return table_name(named, table="seaql_migrations", schema=self.search_path()[0])

    @property
    def _identifier(self) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name)


def _moment(seconds: int) -> datetime | None:
    """The row's moment; rows written by hand may hold any number."""
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LAST_SECOND else None
