"""Prisma Migrate: one folder a migration, history in `_prisma_migrations`.

Shape of the table, checksum rule and states follow Prisma's schema engine 6 (`sql-migration-persistence`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql

from watari.errors.commands import ResolveTakesNothingBack
from watari.errors.usage import FrameworkFolder
from watari.frameworks.folders import content, folders, told
from watari.frameworks.framework import Detection, Framework, FrameworkSettings
from watari.frameworks.history_table import fetch, question, require_columns, table_name
from watari.late import pattern
from watari.locale import Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind, RowState
from watari.sql.statement import Script

__all__ = ["Prisma"]

#: Key of the advisory lock that `prisma migrate` takes for as long as it runs.
_LOCK = 72_707_369
_POSTGRES = frozenset({"postgresql", "postgres"})

_NO_FOLDER = Text(en="there is no such folder", ja="フォルダーがありません")
_NO_FOLDERS = Text(en="it holds no folder of a migration", ja="マイグレーションのフォルダーがありません")
_OTHER_PROVIDER = Text(
    en='its {file} says provider "{provider}"', ja='{file} の provider が "{provider}" になっています'
)
_NO_SCRIPT = Text(
    en='The folder "{folder}" has no migration.sql; Prisma refuses to go on (P3015). Restore the file or delete the folder.',
    ja='フォルダー "{folder}" に migration.sql がなく、Prisma は処理を中止します（P3015）。'
    "ファイルを復元するか、フォルダーを削除してください。",
)
_FAILED = Text(
    en='Migration "{name}" failed on {at}{error} and Prisma refuses everything until it is settled (P3009). '
    "Look at what it left in the database. If nothing, or you have undone it: "
    'npx prisma migrate resolve --rolled-back "{name}", and it is pending again. If you have finished it by hand: '
    'npx prisma migrate resolve --applied "{name}". Both only write into the history; neither takes anything back.',
    ja='マイグレーション "{name}" は {at} に失敗しており{error}、解決するまで Prisma はすべてのマイグレーションを拒否します'
    "（P3009）。データベースに何が残っているかを確認してください。何も残っていない、または取り消し済みの場合は "
    'npx prisma migrate resolve --rolled-back "{name}" で未適用に戻ります。手作業で完了させた場合は '
    'npx prisma migrate resolve --applied "{name}" を実行してください。'
    "どちらも履歴を書き換えるだけで、変更を元に戻すものではありません。",
)
_BASELINE = Text(
    en='Schema "{schema}" already holds {count} tables ({tables}) and no history of Prisma, which refuses such a database '
    "(P3005). For each migration whose objects are there: "
    'npx prisma migrate resolve --applied "{name}"; what is left is then pending.',
    ja='スキーマ "{schema}" にはすでに {count} 個のテーブル（{tables}）がありますが Prisma の履歴がないため、Prisma は処理を'
    "拒否します（P3005）。すでに反映されているマイグレーションごとに "
    'npx prisma migrate resolve --applied "{name}" を実行すると、残りが未適用として扱われます。',
)
_COLUMNS = {
    "id": ("character varying", "text"),
    "checksum": ("character varying", "text"),
    "finished_at": ("timestamp with time zone",),
    "migration_name": ("character varying", "text"),
    "logs": (),
    "rolled_back_at": ("timestamp with time zone",),
    "started_at": ("timestamp with time zone",),
    "applied_steps_count": ("integer",),
}
_SERVER_ERROR = pattern(r"ERROR: .*")
_PROVIDER = pattern(r'^\s*provider\s*=\s*"([^"]*)"', re.M)


class Prisma(Framework):
    """Folders with a `migration.sql`; a `down.sql` beside it, as Prisma's guide to down migrations makes it, is the way down."""

    name = "prisma"

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._folder = settings.folder.resolve()
        self._schema = settings.schema or "public"
        self._table = table_name(settings.history_table, schema=self._schema, table="_prisma_migrations")
        self._empty_folders: tuple[str, ...] = ()
        self._tables_without_history: tuple[str, ...] = ()

    @classmethod
    def detect(cls, root: Path) -> Detection | None:
        """A folder with `migration_lock.toml`, or `migrations` beside a `schema.prisma`."""
        for folder, depth in folders(root):
            below = folder / "migrations"
            for found, evidence, certainty in (
                (folder, folder / "migration_lock.toml", 95),
                (below, below / "migration_lock.toml", 95),
                (below, folder / "schema.prisma", 90),
            ):
                if evidence.is_file() and found.is_dir():
                    why = told(evidence, root)
                    return Detection(framework=cls.name, folder=found, certainty=certainty - 3 * depth, why=why)
        return None

    def migrations(self) -> tuple[Migration, ...]:
        """One for each folder, by the folder's whole name in byte order."""
        if not self._folder.is_dir():
            raise FrameworkFolder(folder=told(self._folder, self._root), framework="Prisma", reason=_NO_FOLDER())
        self._require_postgres()
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
        if not names:
            raise FrameworkFolder(folder=told(self._folder, self._root), framework="Prisma", reason=_NO_FOLDERS())
        read = [(name, self._read(name)) for name in names]
        self._empty_folders = tuple(name for name, migration in read if migration is None)
        return tuple(migration for _, migration in read if migration is not None)

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """Every row with its state, in the order of their start."""
        self._tables_without_history = ()
        if not require_columns(connection, self._table, "Prisma", _COLUMNS):
            found = fetch(connection, question("tables_of_schema"), {"schema": self._schema})
            self._tables_without_history = tuple(name for (name,) in found)
            return ()
        query = sql.SQL(
            "select migration_name, checksum, started_at, finished_at, rolled_back_at, logs from {}"
            " order by started_at, finished_at"
        ).format(self._identifier())
        return tuple(_row(*values) for values in fetch(connection, query))

    def create_history(self) -> Sequence[sql.Composable]:
        """The table exactly as `migrate deploy` makes it, and its schema where it is not `public`."""
        table = sql.SQL(
            "create table if not exists {} ("
            '"id" varchar(36) primary key not null, '
            '"checksum" varchar(64) not null, '
            '"finished_at" timestamptz, '
            '"migration_name" varchar(255) not null, '
            '"logs" text, '
            '"rolled_back_at" timestamptz, '
            '"started_at" timestamptz not null default now(), '
            '"applied_steps_count" integer not null default 0)'
        ).format(self._identifier())
        if self._table.schema == "public":
            return (table,)
        return sql.SQL("create schema if not exists {}").format(sql.Identifier(self._table.schema)), table

    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """One row as a successful deploy leaves it."""
        import uuid

        query = sql.SQL(
            "insert into {} (id, checksum, finished_at, migration_name, logs, rolled_back_at, started_at,"
            " applied_steps_count) values ({}, {}, {}, {}, null, null, {}, 1)"
        )
        values = (str(uuid.uuid4()), migration.checksum, finished_at, migration.id, started_at)
        return (query.format(self._identifier(), *map(sql.Literal, values)),)

    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Its applied rows are deleted, so that it is pending again.

        Prisma has no way down of its own. A row that is merely marked as rolled back still counts as applied for
        `migrate status` once it has finished (6.19.3), so the mark would not do.
        """
        query = sql.SQL(
            "delete from {} where migration_name = {} and finished_at is not null and rolled_back_at is null"
        )
        return (query.format(self._identifier(), sql.Literal(migration.id)),)

    def history_tables(self) -> tuple[str, ...]:
        """`_prisma_migrations` in the schema of the connection."""
        return (str(self._table),)

    def search_path(self) -> tuple[str, ...]:
        """The schema of the address (`?schema=`)."""
        return (self.settings.schema,) if self.settings.schema else ()

    def lock_keys(self) -> tuple[int, ...]:
        """The lock of `prisma migrate`."""
        return (_LOCK,)

    def same_checksum(self, migration: Migration, row: HistoryRow) -> bool:
        """SHA-256 of the bytes as they are, or with the other kind of line ends; very old rows hold it unpadded."""
        if super().same_checksum(migration, row) or migration.up is None:
            return True
        unix = migration.up.data.replace(b"\r\n", b"\n")
        texts = (migration.up.data, unix, unix.replace(b"\n", b"\r\n"))
        digests = [sha256(text).digest() for text in texts]
        return row.checksum in {form for d in digests for form in (d.hex(), "".join(f"{byte:x}" for byte in d))}

    def require_sensible(self, argv: Sequence[str], rows: Sequence[HistoryRow]) -> None:
        """`migrate resolve --rolled-back` is no rollback; raises `ResolveTakesNothingBack` where nothing failed."""
        words = [word for arg in argv for word in arg.split("=", 1)]
        if "resolve" not in words or "--rolled-back" not in words:
            return
        named = words[words.index("--rolled-back") + 1 :][:1]
        last = {row.id: row for row in rows if row.state is not RowState.ROLLED_BACK}
        asked = [last[name] for name in named if name in last] if named else list(last.values())[-1:]
        if asked and asked[0].state is RowState.APPLIED:
            raise ResolveTakesNothingBack(migration=asked[0].id)

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """What makes Prisma itself refuse: a failed migration, a folder without a script, objects without a history."""
        failed = [_failed(row) for row in rows if row.state is RowState.FAILED]
        empty = [
            Problem(kind=ProblemKind.UNREADABLE, migration=name, message=_NO_SCRIPT(folder=self._told(name)))
            for name in self._empty_folders
        ]
        return (*failed, *empty, *self._baseline(migrations))

    # -- files --------------------------------------------------------------------------------------------------------

    def _read(self, name: str) -> Migration | None:
        folder = self._folder / name
        if not (folder / "migration.sql").exists():
            return None
        data = content(folder / "migration.sql", self._root)
        file = f"{self._told(name)}/migration.sql"
        return Migration(
            id=name,
            name=name,
            file=file,
            up=Script(file=file, data=data),
            down=self._down(folder / "down.sql"),
            checksum=sha256(data).hexdigest(),
        )

    def _down(self, path: Path) -> Script | None:
        return Script(file=told(path, self._root), data=content(path, self._root)) if path.exists() else None

    def _require_postgres(self) -> None:
        lock = self._folder / "migration_lock.toml"
        written = content(lock, self._root).decode(errors="replace") if lock.is_file() else ""
        provider = _PROVIDER.search(written)
        if provider and provider.group(1) not in _POSTGRES:
            reason = _OTHER_PROVIDER(file=lock.name, provider=provider.group(1))
            raise FrameworkFolder(folder=told(self._folder, self._root), framework="Prisma", reason=reason)

    def _baseline(self, migrations: Sequence[Migration]) -> tuple[Problem, ...]:
        tables = self._tables_without_history
        if not tables or not migrations:
            return ()
        shown = ", ".join(tables[:3]) + (", …" if len(tables) > 3 else "")
        message = _BASELINE(schema=self._schema, count=len(tables), tables=shown, name=migrations[0].id)
        return (Problem(kind=ProblemKind.BASELINE, migration=migrations[0].id, message=message, halts=True),)

    def _told(self, name: str) -> str:
        return f"{told(self._folder, self._root)}/{name}"

    def _identifier(self) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name)


def _row(
    name: str,
    checksum: str,
    started_at: datetime,
    finished_at: datetime | None,
    rolled_back_at: datetime | None,
    logs: str | None,
) -> HistoryRow:
    if rolled_back_at is not None:
        state = RowState.ROLLED_BACK
    else:
        state = RowState.FAILED if finished_at is None else RowState.APPLIED
    return HistoryRow(
        id=name, name=name, state=state, checksum=checksum, applied_at=finished_at or started_at, logs=logs or None
    )


def _failed(row: HistoryRow) -> Problem:
    found = _SERVER_ERROR.search(row.logs or "")
    said = f" ({found.group()})" if found else ""
    at = f"{row.applied_at:%Y-%m-%d %H:%M}" if row.applied_at else "?"
    message = _FAILED(name=row.id, at=at, error=said)
    return Problem(kind=ProblemKind.FAILED, migration=row.id, message=message)
