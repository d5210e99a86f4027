"""Knex: JavaScript or TypeScript migrations, history with batches in `knex_migrations`.

The knexfile and the migrations run in the team's own Node.js (`team/watari_knex`). What a migration sends is code, so that each
is recorded on a clone before it is planned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from watari.frameworks.folders import folders, told
from watari.frameworks.framework import Command, Detection, Framework, FrameworkSettings
from watari.frameworks.history_table import columns, fetch, require_columns, table_name
from watari.frameworks.node import ask_node, find_node, installed_modules, words
from watari.frameworks.sources import digest_of, project_files
from watari.late import pattern
from watari.locale import Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind

if TYPE_CHECKING:
    from watari.catalog import Name
    from watari.sql.statement import Statement

__all__ = ["Knex"]

_CODE = "Knex migrations are code, and their SQL is only known once they run"
_RECORDED = Text(
    en='Migration "{name}" is code: watari plan and watari apply run it on a clone first and plan the SQL that it sends there.',
    ja='マイグレーション "{name}" はコードです。watari plan と watari apply は、まずクローン上で実行し、送られた SQL から計画を作ります。',
)
_VANISHED = Text(
    en='Migration "{name}" is applied, and its file is missing; Knex calls the directory corrupt and refuses every command. '
    "Check out the version that was deployed.",
    ja='マイグレーション "{name}" は適用済みですがファイルがなく、Knex はディレクトリ破損としてすべてのコマンドを拒否します。'
    "デプロイ済みのバージョンを取得してください。",
)
_LOCKED = Text(
    en="{table} says that another knex is migrating, or one was killed while it did. Wait for it; if there is none, "
    "knex migrate:unlock.",
    ja="{table} によると、別の knex が実行中か、途中で強制終了されています。終了を待つか、実行中でなければ "
    "knex migrate:unlock を実行してください。",
)
_FILES = ("knexfile.js", "knexfile.cjs", "knexfile.mjs", "knexfile.ts", "knexfile.cts", "knexfile.mts")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "name": ("character varying", "text"),
    "batch": ("integer",),
    "migration_time": ("timestamp with time zone",),
}
#: How Knex itself writes and takes out rows, and holds its lock (3.3).
_OWN = pattern(
    r'(?i)insert into (\S+\.)?"[^"]+" \("batch", "migration_time", "name"\) values'
    r'|delete from (\S+\.)?"[^"]+" where "name"'
    r'|update (\S+\.)?"[^"]+_lock" set "is_locked"'
    r'|insert into (\S+\.)?"[^"]+_lock" \("is_locked"\)',
)


class Knex(Framework):
    """The files in Knex's own order; every run of watari is a batch of its own."""

    name = "knex"
    records = True

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._folder = settings.folder.resolve()
        self._locked = False

    @classmethod
    def detect(cls, root: Path) -> Detection | None:
        """A knexfile."""
        for folder, depth in folders(root):
            for name in _FILES:
                if (folder / name).is_file():
                    why = told(folder / name, root)
                    return Detection(framework=cls.name, folder=folder, certainty=93 - 3 * depth, why=why)
        return None

    def migrations(self) -> tuple[Migration, ...]:
        """Every file that Knex finds; none has a script."""
        return tuple(
            Migration(
                id=each["name"],
                name=each["name"],
                file=told(Path(each["file"]), self._root) if each["file"] else each["name"],
                up=None,
                transactional=each["transaction"],
                unrendered=_CODE,
            )
            for each in self._listed["migrations"]
        )

    def command(self, migration: Migration, url: str, *, down: bool = False) -> Command | None:
        """Knex's own `migrate.up` or `down` by name; None for the way back of a migration without one."""
        known = {each["name"]: each for each in self._listed["migrations"]}
        if down and not known.get(migration.id, {"down": False})["down"]:
            return None
        request = self._request() | {"migration": migration.id}
        return Command(
            argv=words(self._node, self.name, "down" if down else "up", request),
            folder=self._folder,
            environment={"WATARI_DATABASE_URL": url},
        )

    # -- history ----------------------------------------------------------------------------------------------------------

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """The rows in the order in which they were written."""
        self._locked = self._is_locked(connection)
        if not require_columns(connection, self._table, "Knex", _COLUMNS):
            return ()
        query = sql.SQL("select name, migration_time from {} order by id").format(self._identifier(self._table))
        return tuple(HistoryRow(id=name, name=name, applied_at=at) for name, at in fetch(connection, query))

    def create_history(self) -> Sequence[sql.Composable]:
        """Both tables as Knex makes them (3.3)."""
        table, lock = self._identifier(self._table), self._identifier(self._lock)
        return (
            sql.SQL(
                "create table if not exists {} (id serial primary key, name varchar(255), batch integer, "
                "migration_time timestamptz)"
            ).format(table),
            sql.SQL("create table if not exists {} (index serial primary key, is_locked integer)").format(lock),
            sql.SQL("insert into {0} (is_locked) select 0 where not exists (select from {0})").format(lock),
        )

    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """One row; what one session records is one batch, which is what `knex migrate:rollback` takes back.

        The rows of this session are told by their time, so that it is the server's own.
        """
        query = sql.SQL(
            "insert into {0} (batch, migration_time, name) select coalesce((select max(batch) from {0} "
            "where migration_time >= backend_start), (select coalesce(max(batch), 0) + 1 from {0})), clock_timestamp(), {1} "
            "from pg_stat_activity where pid = pg_backend_pid()"
        )
        return (query.format(self._identifier(self._table), sql.Literal(migration.id)),)

    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Its row is deleted."""
        query = sql.SQL("delete from {} where name = {}")
        return (query.format(self._identifier(self._table), sql.Literal(migration.id)),)

    def history_tables(self) -> tuple[str, ...]:
        """`knex_migrations` and its lock, by the name and schema that the knexfile gives them."""
        return (str(self._table), str(self._lock))

    def search_path(self) -> tuple[str, ...]:
        """What the knexfile sets in every session."""
        return tuple(self._listed["search_path"])

    def recorded_from(self) -> str:
        """The project's sources, and what npm installed."""
        return digest_of([*project_files(self._root), *installed_modules(self._folder)])

    def is_bookkeeping(self, statement: Statement) -> bool:
        """Both tables made, read and written as Knex does; the search path that begins each session."""
        if statement.kind == "variable_set_stmt":
            setting = statement.node.variable_set_stmt
            path = tuple(value.a_const.sval.sval for value in setting.args)
            return bool(setting.name == "search_path" and path == self.search_path())
        if not self.concerns_history(statement):
            return False
        return statement.kind in ("create_stmt", "select_stmt", "lock_stmt") or bool(_OWN.match(statement.text))

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """Rows without a file, a lock that somebody holds or left, what is only known once it runs."""
        applied, known = {row.id for row in rows}, {migration.id for migration in migrations}
        found = [
            Problem(kind=ProblemKind.VANISHED, migration=row.id, message=_VANISHED(name=row.id), halts=True)
            for row in rows
            if row.id not in known and not self._listed["lenient"]
        ]
        if self._locked and known - applied:
            message = _LOCKED(table=self._lock)
            found.append(Problem(kind=ProblemKind.UNENDED, migration="", message=message, halts=True))
        found += [
            Problem(kind=ProblemKind.UNRENDERED, migration=each.id, message=_RECORDED(name=each.name))
            for each in migrations
            if each.id not in applied
        ]
        return tuple(found)

    # -- the team's side --------------------------------------------------------------------------------------------------

    @cached_property
    def _node(self) -> str:
        return find_node(self._folder, "Knex", "knex")

    @cached_property
    def _listed(self) -> Mapping[str, Any]:
        return ask_node(
            self._node,
            self.name,
            "list",
            self._request(),
            folder=self._folder,
            framework="Knex",
            shows="npx knex migrate:list",
        )

    def _request(self) -> dict[str, Any]:
        file = next((name for name in _FILES if (self._folder / name).is_file()), _FILES[0])
        return {"knexfile": file}

    def _is_locked(self, connection: psycopg.Connection) -> bool:
        if not columns(connection, self._lock):
            return False
        query = sql.SQL("select coalesce(bool_or(is_locked = 1), false) from {}").format(self._identifier(self._lock))
        return bool(fetch(connection, query)[0][0])

    @cached_property
    def _table(self) -> Name:
        schema = self._listed["schema"] or next(iter(self.search_path()), self.settings.schema or "public")
        return table_name(self.settings.history_table, table=self._listed["table"], schema=schema)

    @property
    def _lock(self) -> Name:
        from watari.catalog import Name

        return Name(self._table.schema, f"{self._table.name}_lock")

    def _identifier(self, name: Name) -> sql.Identifier:
        return sql.Identifier(name.schema, name.name)
