"""SeaORM: a crate of Rust migrations, history in `seaql_migrations`.

Read natively, from the crate's source and the table; the migrations themselves are compiled code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from watari.errors.commands import FreshDropsEverything
from watari.errors.usage import FrameworkFolder
from watari.frameworks.folders import folders, told
from watari.frameworks.framework import Command, Detection, Framework, FrameworkSettings
from watari.frameworks.history_table import fetch, question, require_columns, table_name
from watari.frameworks.seaorm_crate import (
    CrateMigration,
    history_table,
    is_crate,
    listed_migrations,
    named_migrations,
    unlisted_files,
)
from watari.locale import Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind

if TYPE_CHECKING:
    from watari.catalog import Constraint, Name
    from watari.sql.statement import Statement

__all__ = ["SeaOrm"]

_NO_CRATE = Text(
    en="there is no Cargo.toml with sea-orm-migration beside a src/lib.rs",
    ja="sea-orm-migration を使う Cargo.toml と src/lib.rs がありません",
)
_NO_LIST = Text(
    en="src/lib.rs has no migrations() with a vec![] that lists them, and no built binary names them",
    ja="src/lib.rs に migrations() の vec![] による一覧がなく、ビルド済みバイナリからも取得できません",
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
_RECORDED = Text(
    en='Migration "{name}" ({file}) is Rust code: watari plan and watari apply run it on a clone first and plan the SQL that '
    "it sends there.",
    ja='マイグレーション "{name}"（{file}）は Rust のコードです。watari plan と watari apply は、まずクローン上で実行し、'
    "そこで送られた SQL から計画を作ります。",
)
_RUNS_ELSEWHERE = Text(
    en='Migration "{name}" ({file}) is Rust code, and its binary is neither built nor is cargo here to build it. Build it, so '
    'that watari can record it on a clone, or run it where it is built with "sea-orm-cli migrate up -n 1".',
    ja='マイグレーション "{name}"（{file}）は Rust のコードですが、ビルド済みのバイナリも cargo も見つかりません。'
    'ビルドすればクローン上で記録して適用できます。または、ビルド環境で "sea-orm-cli migrate up -n 1" を実行してください。',
)
#: How the row of a migration is written, whatever the table is called.
_ROW_GIVEN = '("version", "applied_at") VALUES ($1, $2) RETURNING "version"'
#: Names of environments whose rows nobody will miss.
_FOR_DEVELOPMENT = ("development", "dev", "local", "test")
_COLUMNS = {"version": ("character varying", "text"), "applied_at": ("bigint",)}
_LAST_SECOND = 253_402_300_799  # of the year 9999


class SeaOrm(Framework):
    """The list in `src/lib.rs` in its own order; status and history, without running anything."""

    name = "seaorm"
    records = True

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._crate = settings.folder.resolve()
        if self._crate.name == "src" and not is_crate(self._crate):
            self._crate = self._crate.parent
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
        if self._known is None:
            raise FrameworkFolder(folder=folder, framework="SeaORM", reason=_NO_LIST())
        listed = self._known
        return tuple(
            Migration(
                id=entry.name,
                name=entry.name,
                file=self._told(entry),
                up=None,
                checksum=entry.digest,
                transactional=entry.transactional,
                unrendered=_COMPILED,
            )
            for entry in listed
        )

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """The rows in the order of the list, which is the one that SeaORM goes back by; unlike its `status`, this makes no table."""
        found = fetch(connection, question("relations_of_schema"), {"schema": self._table.schema})
        self._objects = frozenset(name for (name,) in found)
        if not require_columns(connection, self._table, "SeaORM", _COLUMNS):
            return ()
        query = sql.SQL("select version, applied_at from {} order by version").format(self._identifier)
        places = {entry.name: place for place, entry in enumerate(self._entries)}
        rows = sorted(fetch(connection, query), key=lambda row: places.get(row[0], -1))
        return tuple(HistoryRow(id=version, name=version, applied_at=_moment(seconds)) for version, seconds in rows)

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

    def session_settings(self) -> Mapping[str, str]:
        """What sqlx sends at the start of every session (0.8.6 and 0.9.0, measured)."""
        return {"TimeZone": "UTC", "DateStyle": "ISO,MDY"}

    def command(self, migration: Migration, url: str, *, down: bool = False) -> Command | None:
        """`up -n 1` or `down -n 1` of the team's own binary; its address in `DATABASE_URL`.

        None where it is neither built nor buildable, and for the way back of a migration without `down()`.
        """
        entry = next((entry for entry in self._entries if entry.name == migration.id), None)
        if down and (entry is None or not entry.goes_back):
            return None
        if self._tool is None:
            return None
        schema = ("-s", self.settings.schema) if self.settings.schema else ()
        return Command(
            argv=(*self._tool, *schema, "down" if down else "up", "-n", "1"),
            folder=self._crate,
            environment={"DATABASE_URL": url, "RUST_BACKTRACE": "0"},  # its error would drown in frames
        )

    def next_of_tool(self, rows: Sequence[HistoryRow], *, down: bool = False) -> str | None:
        """The first of the list that is pending, or the last that is applied."""
        applied = {row.id for row in rows}
        names = [entry.name for entry in self._entries if (entry.name in applied) is down]
        return (names[-1] if down else names[0]) if names else ""

    def recorded_from(self) -> str:
        """The project's sources and the binary that was built of them."""
        from watari.frameworks.sources import digest_of, project_files

        built = Path(self._tool[0]) if self._tool else None
        return digest_of([*project_files(self._root), *([built] if built else [])])

    def is_bookkeeping(self, statement: Statement) -> bool:
        """`seaql_migrations` made, read, and given a row by two parameters; the search path that begins each session of its pool.

        A migration that writes to the history itself does it in another form (2.0.4 and 1.1.20 write only this one).
        """
        if statement.kind != "variable_set_stmt":
            own = statement.kind in ("create_stmt", "select_stmt")
            given = statement.kind == "insert_stmt" and statement.text.rstrip("; ").endswith(_ROW_GIVEN)
            return (own or given) and self.concerns_history(statement)
        setting = statement.node.variable_set_stmt
        told = tuple(value.a_const.sval.sval for value in setting.args)
        return bool(setting.name == "search_path") and told == self.search_path()

    def require_sensible(self, argv: Sequence[str], rows: Sequence[HistoryRow]) -> None:
        """`fresh` is for development only; raises `FreshDropsEverything`."""
        words = [word for word in argv if not word.startswith("-")]
        if "fresh" in words[1:] and self.settings.environment not in _FOR_DEVELOPMENT:
            raise FreshDropsEverything(
                environment=self.settings.environment or "default", known=", ".join(_FOR_DEVELOPMENT)
            )

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """What makes SeaORM refuse or fail: rows without an entry, entries without a file, objects that are there already."""
        applied, known = {row.id for row in rows}, {migration.id for migration in migrations}
        found = [
            Problem(kind=ProblemKind.VANISHED, migration=row.id, message=_VANISHED(name=row.id), halts=True)
            for row in rows
            if row.id not in known
        ]
        for entry in self._entries:
            if entry.file is None:
                message = _NO_FILE(entry=entry.entry)
                found.append(Problem(kind=ProblemKind.UNREADABLE, migration=entry.name, message=message))
            elif entry.name not in applied:
                found += self._pending(entry)
        for file in () if self._only_the_binary_knows else unlisted_files(self._crate, self._entries):
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
            for entry in self._entries
            if entry.name == migration.id
            for key in entry.keys
        )

    def _pending(self, entry: CrateMigration) -> list[Problem]:
        file = self._told(entry)
        message = (_RECORDED if self._tool else _RUNS_ELSEWHERE)(name=entry.name, file=file)
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
    def _known(self) -> tuple[CrateMigration, ...] | None:
        """The list of the source, else that of the binary; None where neither tells."""
        if not is_crate(self._crate):
            return None
        if not self._only_the_binary_knows:
            return listed_migrations(self._crate)
        from watari.frameworks.seaorm_list import names_in_binary

        names = names_in_binary(self._tool) if self._tool else None
        return named_migrations(self._crate, names) if names else listed_migrations(self._crate)

    @cached_property
    def _only_the_binary_knows(self) -> bool:
        """Whether the source puts the list together while it runs."""
        return not listed_migrations(self._crate) and bool(unlisted_files(self._crate, ()))

    @property
    def _entries(self) -> tuple[CrateMigration, ...]:
        return self._known or ()

    @cached_property
    def _tool(self) -> tuple[str, ...] | None:
        from watari.frameworks.seaorm_tool import seaorm_tool

        return seaorm_tool(self._crate, self._root) if is_crate(self._crate) else None

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
