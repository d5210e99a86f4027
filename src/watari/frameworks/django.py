"""Django: migrations of all installed apps in the team's own environment, history in `django_migrations`.

Django and the team's settings run in the team's interpreter (`team/watari_django`), never in watari's own process. What was
rendered is kept in `.watari`, as long as the files it comes from are the same: Django needs seconds for a few hundred.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from watari.frameworks.folders import folders, told
from watari.frameworks.framework import Command, Detection, Framework, FrameworkSettings
from watari.frameworks.history_table import fetch, require_columns, table_name
from watari.frameworks.interpreter import WATARI, Interpreter, find_interpreter
from watari.frameworks.rendered import kept_answer
from watari.frameworks.sources import digest_of, installed, project_files
from watari.late import pattern
from watari.locale import Message, Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind
from watari.sql.statement import Script, Statement
from watari.values import replace

if TYPE_CHECKING:
    from watari.catalog import Name

__all__ = ["Django"]

_UNRENDERED = Text(
    en='Migration "{id}" ({file}) has no SQL to show: {reason}. watari plan and watari apply run it on a clone first and plan '
    "the SQL that it sends there; if that depends on the data, Django itself runs it, with the same timeouts.",
    ja='マイグレーション "{id}"（{file}）は SQL として表示できません（{reason}）。watari plan と watari apply は、まずクローン上で'
    "実行し、送られた SQL から計画を作ります。SQL がデータに依存する場合は、同じタイムアウトのもとで Django 自身が実行します。",
)
_CONFLICT = Text(
    en='App "{app}" has several last migrations ({names}), and Django refuses to migrate. Merge them: '
    "manage.py makemigrations --merge.",
    ja='アプリ "{app}" に最後のマイグレーションが複数あり（{names}）、Django は migrate を拒否します。'
    "manage.py makemigrations --merge で統合してください。",
)
_AHEAD = Text(
    en='Migration "{id}" is applied before "{parent}", on which it depends; Django refuses to go on '
    "(InconsistentMigrationHistory). Correct the rows of django_migrations.",
    ja='マイグレーション "{id}" は、依存先の "{parent}" より先に適用済みになっています。Django は InconsistentMigrationHistory で'
    "停止します。django_migrations の行を修正してください。",
)
_RUNS_IN = Text(
    en='Django {version} runs in "{python}" ({why}).', ja='Django {version} は "{python}"（{why}）で実行されます。'
)
_OWN = Text(
    en='Django {version} runs in "{python}", because no interpreter of the project has it: this is where watari itself is '
    "installed. Name the team's interpreter as python in watari.toml.",
    ja='プロジェクトの Python に Django がないため、watari 自身の "{python}" で Django {version} を実行します。'
    "チームの Python を watari.toml の python に指定してください。",
)
_PRUNABLE = Text(
    en="{count} row(s) of django_migrations belong to no migration that is there now, as Django leaves them (the first: "
    "{first}).",
    ja="django_migrations の {count} 行は、現在存在しないマイグレーションのものです（先頭: {first}）。Django はこれを無視します。",
)
_COLUMNS: dict[str, tuple[str, ...]] = {
    "app": ("character varying", "text"),
    "name": ("character varying", "text"),
    "applied": ("timestamp with time zone",),
}
#: How Django itself writes a row and takes one out (5.2).
_ROW = pattern(
    r'INSERT INTO "django_migrations" \("app", "name", "applied"\) VALUES \('
    r'|DELETE FROM "django_migrations" WHERE \("django_migrations"\."app" = '
)
_ZONE = pattern(r"SELECT set_config\('TimeZone', '([^']*)', false\)$")
_SEARCH_PATH = pattern(r"^(?:-c\s*|--)search[_-]path=(.*)$")


class Django(Framework):
    """The graph of all apps in the order of `migrate`; each migration is named `app.name`."""

    name = "django"
    records = True

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._folder = settings.folder.resolve()
        self._squashed: tuple[str, ...] = ()  # rows of migrations that a squashed one replaces, where not all are there
        self._prunable: tuple[str, ...] = ()

    @classmethod
    def detect(cls, root: Path) -> Detection | None:
        """A `manage.py` that speaks of Django."""
        for folder, depth in folders(root):
            manage = folder / "manage.py"
            if manage.is_file() and b"django" in manage.read_bytes():
                return Detection(framework=cls.name, folder=folder, certainty=94 - 3 * depth, why=told(manage, root))
        return None

    # -- migrations -------------------------------------------------------------------------------------------------------

    @cached_property
    def interpreter(self) -> Interpreter:
        """The team's interpreter; raises `FrameworkMissing` where none can import Django."""
        return find_interpreter(self.settings, "Django", "django", shows="manage.py showmigrations")

    def migrations(self) -> tuple[Migration, ...]:
        """Every migration of every installed app, with the SQL of those that have some."""
        return self._migrations

    def command(self, migration: Migration, url: str, *, down: bool = False) -> Command | None:
        """Django's own `migrate`, told to run exactly this one; the address goes through `WATARI_DATABASE_URL`.

        None for the way back of what has none.
        """
        if down and migration.id in self._answer["irreversible"]:
            return None
        request = self._request() | {"migration": migration.id}
        return self._command("downgrade" if down else "upgrade", request, url)

    def with_way_back(self, migrations: Sequence[Migration]) -> tuple[Migration, ...]:
        """With their SQL backwards, as far as Django can write it."""
        wanted = [migration.id for migration in migrations if migration.up is not None]
        found = self._asked({"down": wanted}).get("down", {}) if wanted else {}
        return tuple(self._with_down(migration, found.get(migration.id)) for migration in migrations)

    def _with_down(self, migration: Migration, down: Mapping[str, Any] | None) -> Migration:
        if down is None:
            return migration
        if "reason" in down:
            return replace(migration, down_by_tool=True)
        return replace(migration, down=_script(migration.file, down))

    def around(self) -> tuple[str, ...]:
        """`pre_migrate` where somebody listens, and `post_migrate`: content types, permissions, whatever the apps do."""
        return tuple(self._answer["signals"])

    def around_command(self, when: str, migrations: Sequence[str], url: str) -> Command:
        """Django's own `migrate` with nothing to apply, which sends the signal."""
        return self._command(when, self._request() | {"migrations": list(migrations)}, url)

    # -- history ----------------------------------------------------------------------------------------------------------

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """Rows of migrations that are there; a squashed one counts as applied when all that it replaces are."""
        if not require_columns(connection, self._table, "Django", _COLUMNS):
            return ()
        query = sql.SQL("select app, name, applied from {} order by id").format(self._identifier)
        rows = {f"{app}.{name}": applied for app, name, applied in fetch(connection, query)}
        self._heed_squashed(rows)
        for migration in self._migrations:
            replaced = self._answer["replacing"].get(migration.id, ())
            if migration.id not in rows and replaced and all(id in rows for id in replaced):
                rows[migration.id] = max(rows[id] for id in replaced)
        known = {migration.id for migration in self._migrations}
        others = {*self._answer["disk"], *(id for ids in self._answer["replacing"].values() for id in ids)}
        self._prunable = tuple(id for id in rows if id not in known and id not in others)
        return tuple(HistoryRow(id=id, name=id, applied_at=at) for id, at in rows.items() if id in known)

    def create_history(self) -> Sequence[sql.Composable]:
        """The table as this version of Django makes it."""
        made = 'CREATE TABLE "django_migrations"'
        instead = f"CREATE TABLE IF NOT EXISTS {self._identifier.as_string(None)}"
        return tuple(sql.SQL(text.replace(made, instead, 1)) for text in self._answer["create"])

    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """One row; for a squashed migration one for each that it replaces, and its own.

        The last of those that a squashed one replaces, where a database has only a part of them, brings that one's row too.
        """
        replacing = self._answer["replacing"]
        ids = (*replacing.get(migration.id, ()), migration.id)
        statements = [self._row(id, finished_at) for id in ids]
        return (*statements, *(self._row_when_all(by, replacing[by], finished_at) for by in self._completes(migration)))

    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Its rows are deleted, with those of what it replaces."""
        query = sql.SQL("delete from {} where app = {} and name = {}")
        ids = (*self._answer["replacing"].get(migration.id, ()), migration.id)
        return tuple(query.format(self._identifier, *map(sql.Literal, id.split(".", 1))) for id in ids)

    def history_tables(self) -> tuple[str, ...]:
        """`django_migrations`, in the first schema of the search path."""
        return (str(self._table),)

    def search_path(self) -> tuple[str, ...]:
        """What the settings give the sessions in OPTIONS."""
        words = shlex.split(self._answer["options"].replace("-c ", "-c"))
        found = [match.group(1) for word in words if (match := _SEARCH_PATH.match(word))]
        return tuple(name.strip().strip('"') for name in found[-1].split(",")) if found else ()

    def session_settings(self) -> Mapping[str, str]:
        """The time zone that Django sets in every session."""
        zone = self._answer["timezone"]
        return {"TimeZone": zone} if zone else {}

    def recorded_from(self) -> str:
        """The project's sources, and what is installed beside Django."""
        return digest_of(project_files(self._root), installed(self.interpreter.path))

    def is_bookkeeping(self, statement: Statement) -> bool:
        """The table made and read, and rows written as Django does (5.2); the time zone that begins each session."""
        if match := _ZONE.match(statement.text):
            return self.session_settings().get("TimeZone") == match.group(1)
        if not self.concerns_history(statement):
            return False
        return statement.kind in ("create_stmt", "select_stmt") or bool(_ROW.match(statement.text))

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """Apps with several last migrations, rows that stand before what they depend on, what has no SQL to show."""
        applied = {row.id for row in rows}
        found = [
            Problem(
                kind=ProblemKind.DUPLICATE,
                migration=app,
                message=_CONFLICT(app=app, names=", ".join(names)),
                halts=True,
            )
            for app, names in self._answer["conflicts"].items()
        ]
        for migration in migrations:
            early = [parent for parent in migration.parents if parent not in applied]
            if migration.id in applied and early:
                message = _AHEAD(id=migration.id, parent=early[0])
                found.append(
                    Problem(kind=ProblemKind.OUT_OF_ORDER, migration=migration.id, message=message, halts=True)
                )
            elif migration.unrendered and migration.id not in applied:
                message = _UNRENDERED(id=migration.id, file=migration.file, reason=migration.unrendered)
                found.append(Problem(kind=ProblemKind.UNRENDERED, migration=migration.id, message=message))
        return tuple(found)

    def notes(self) -> tuple[Message, ...]:
        """Which interpreter Django runs in, and rows that belong to nothing."""
        python, version = self.interpreter, self._answer["django"]
        own = python.why == WATARI
        found = [(_OWN if own else _RUNS_IN)(version=version, python=python.path, why=python.why)]
        if self._prunable:
            found.append(_PRUNABLE(count=len(self._prunable), first=self._prunable[0]))
        return tuple(found)

    # -- the team's side --------------------------------------------------------------------------------------------------

    @cached_property
    def _migrations(self) -> tuple[Migration, ...]:
        return tuple(self._migration(each) for each in self._answer["migrations"])

    @cached_property
    def _answer(self) -> Mapping[str, Any]:
        request = self._request()
        named = [os.environ.get(name, "") for name in ("DJANGO_SETTINGS_MODULE", "DJANGO_CONFIGURATION")]
        rests_on = json.dumps([self.recorded_from(), str(self.interpreter.path), request, named], sort_keys=True)
        return kept_answer(self._root, self.name, rests_on, lambda: self._asked({}))

    def _asked(self, more: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.interpreter.ask("watari_django", "render", self._request() | dict(more), self._folder)

    def _request(self) -> dict[str, Any]:
        manage = self._folder / "manage.py"
        return {
            "folder": str(self._folder),
            "manage": str(manage) if manage.is_file() else None,
            "database": self.settings.database,
            "applied": list(self._squashed),
        }

    def _command(self, mode: str, request: Mapping[str, Any], url: str) -> Command:
        return self.interpreter.command("watari_django", mode, request, self._folder, url)

    def _heed_squashed(self, rows: Mapping[str, datetime]) -> None:
        """The graph holds a squashed migration, or those that it replaces where a database has a part of them."""
        half = []
        for replaced in self._answer["replacing"].values():
            there = [id for id in replaced if id in rows]
            half += there if len(there) < len(replaced) else []
        if tuple(sorted(half)) != self._squashed:
            self._squashed = tuple(sorted(half))
            for name in ("_answer", "_migrations"):
                self.__dict__.pop(name, None)

    def _completes(self, migration: Migration) -> list[str]:
        """The squashed migrations that replace this one."""
        return [by for by, replaced in self._answer["replacing"].items() if migration.id in replaced]

    def _row(self, id: str, at: datetime) -> sql.Composed:
        query = sql.SQL("insert into {} (app, name, applied) values ({}, {}, {})")
        return query.format(self._identifier, *map(sql.Literal, (*id.split(".", 1), at)))

    def _row_when_all(self, id: str, replaced: Sequence[str], at: datetime) -> sql.Composed:
        query = sql.SQL(
            "insert into {0} (app, name, applied) select {1}, {2}, {3} where not exists "
            "(select from {0} where app = {1} and name = {2}) and "
            "(select count(distinct app || '.' || name) from {0} where app || '.' || name = any({4})) = {5}"
        )
        values = (*id.split(".", 1), at, list(replaced), len(replaced))
        return query.format(self._identifier, *map(sql.Literal, values))

    def _migration(self, found: Mapping[str, Any]) -> Migration:
        file = told(Path(found["file"]), self._root)
        migration = Migration(
            id=found["id"],
            name=found["id"],
            file=file,
            up=None,
            parents=tuple(found["parents"]),
            transactional=found["atomic"],
        )
        up = found["up"]
        return (
            replace(migration, unrendered=up["reason"]) if "reason" in up else replace(migration, up=_script(file, up))
        )

    @cached_property
    def _table(self) -> Name:
        schema = next(iter(self.search_path()), self.settings.schema or "public")
        return table_name(self.settings.history_table, table="django_migrations", schema=schema)

    @property
    def _identifier(self) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name)


def _script(file: str, answer: Mapping[str, Any]) -> Script:
    """The statements one below the other, each knowing the line of the operation that made it."""
    parts: list[str] = []
    lines: dict[int, int] = {}
    at = 1
    for statement, line in answer["statements"]:
        lines[at] = line
        ending = "\n" if statement.rstrip().endswith(";") else "\n;\n"
        parts.append(statement + ending)
        at += parts[-1].count("\n")
    return Script(file=file, data="".join(parts).encode(), lines=lines)
