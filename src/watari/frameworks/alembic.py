"""Alembic: revisions in the team's own environment, heads in `alembic_version`.

Alembic and the team's `env.py` run in the team's interpreter (`team/watari_alembic`), never in watari's own process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from watari.catalog.name import Name
from watari.frameworks.folders import folders, told
from watari.frameworks.framework import Command, Detection, Framework, FrameworkSettings
from watari.frameworks.graph import ancestors, descendants
from watari.frameworks.history_table import fetch, require_columns, table_name
from watari.frameworks.interpreter import WATARI, Interpreter, find_interpreter
from watari.frameworks.sources import digest_of, installed, project_files
from watari.late import pattern
from watari.locale import Message, Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind
from watari.sql.statement import Script, Statement
from watari.values import replace

__all__ = ["Alembic"]

_UNKNOWN_HEAD = Text(
    en='The database stands at revision "{id}" and no file has it, so Alembic cannot tell what is applied and refuses '
    "to go on. Check out the version of the project that was deployed, or the branch that has this revision.",
    ja='データベースはリビジョン "{id}" を指していますが、該当するファイルがありません。適用済みの範囲を判断できないため、'
    "Alembic も処理を中止します。デプロイ済みのバージョン、またはこのリビジョンを含むブランチを取得してください。",
)
_UNRENDERED = Text(
    en='Revision "{id}" ({file}) cannot be shown as SQL: {reason}. Alembic itself runs it, with the same timeouts for locks '
    "and statements; what it locks is only known from a rehearsal.",
    ja='リビジョン "{id}"（{file}）は SQL として表示できません（{reason}）。同じロック・文のタイムアウトのもとで '
    "Alembic 自身が実行します。どのロックを取るかはリハーサルでのみ確認できます。",
)
_DUPLICATE = Text(
    en='Several files have the revision "{id}", and Alembic silently takes only one of them. Give the others a new id.',
    ja='リビジョン "{id}" のファイルが複数あり、Alembic はそのうち 1 つだけを使用します。ほかのファイルの ID を変更してください。',
)
_RUNS_IN = Text(
    en='Alembic {version} runs in "{python}" ({why}).', ja='Alembic {version} は "{python}"（{why}）で実行されます。'
)
_OWN = Text(
    en='Alembic {version} runs in "{python}", because no interpreter of the project has it: this is where watari itself is '
    "installed. If env.py needs the team's own packages, name the team's interpreter as python in watari.toml.",
    ja='プロジェクトの Python に Alembic がないため、watari 自身の "{python}" で Alembic {version} を実行します。'
    "env.py がチームのパッケージを必要とする場合は、その Python を watari.toml の python に指定してください。",
)
_CAUTION = pattern(r"Revision (\S+) is present more than once")
#: How Alembic itself moves a head.
_MOVES_HEAD = pattern(
    r"INSERT INTO \S+ \(version_num\) VALUES \('[^']*'\)( RETURNING \S+)?$"
    r"|UPDATE \S+ SET version_num='[^']*' WHERE \S+\.version_num = '[^']*'$"
    r"|DELETE FROM \S+ WHERE \S+\.version_num = '[^']*'$"
)
_COLUMNS = {"version_num": ("character varying", "text")}


class Alembic(Framework):
    """Revisions as a graph with branches and merges; the history holds its current heads and nothing else."""

    name = "alembic"
    records = True

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._folder = settings.folder.resolve()
        self._unknown: tuple[str, ...] = ()

    @classmethod
    def detect(cls, root: Path) -> Detection | None:
        """An `alembic.ini`, or `env.py` beside `script.py.mako` or `versions`."""
        for folder, depth in folders(root):
            ini, env = folder / "alembic.ini", folder / "env.py"
            if env.is_file() and ((folder / "versions").is_dir() or (folder / "script.py.mako").is_file()):
                return Detection(framework=cls.name, folder=folder, certainty=90 - 3 * depth, why=told(env, root))
            located = _script_location(ini) if ini.is_file() else None
            if located is not None and located.is_dir():
                return Detection(framework=cls.name, folder=located, certainty=93 - 3 * depth, why=told(ini, root))
        return None

    # -- migrations -------------------------------------------------------------------------------------------------------

    @cached_property
    def interpreter(self) -> Interpreter:
        """The team's interpreter; raises `FrameworkMissing` where none can import Alembic."""
        return find_interpreter(self.settings, "Alembic", "alembic", shows="-m alembic history")

    def migrations(self) -> tuple[Migration, ...]:
        """Every revision with the SQL that Alembic makes of it offline, parents first."""
        return self._migrations

    def command(self, migration: Migration, url: str, *, down: bool = False) -> Command:
        """Runs exactly this revision in the team's interpreter; the address goes through `WATARI_DATABASE_URL`."""
        request = self._request() | {"revision": migration.id}
        mode = "downgrade" if down else "upgrade"
        return self.interpreter.command("watari_alembic", mode, request, self._working_folder, url)

    # -- history ----------------------------------------------------------------------------------------------------------

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """Every revision that the heads in the table stand for, in order; a head that no file has comes last."""
        self._unknown = ()
        if not require_columns(connection, self._table, "Alembic", _COLUMNS):
            return ()
        query = sql.SQL("select version_num from {} order by version_num").format(self._identifier)
        heads = [head for (head,) in fetch(connection, query)]
        known = {migration.id: migration for migration in self._migrations}
        self._unknown = tuple(head for head in heads if head not in known)
        applied = ancestors(heads, {id: migration.parents for id, migration in known.items()})
        rows = [HistoryRow(id=id, name=m.name) for id, m in known.items() if id in applied]
        return (*rows, *(HistoryRow(id=head, name=head) for head in self._unknown))

    def create_history(self) -> Sequence[sql.Composable]:
        """The table as Alembic makes it."""
        constraint = sql.Identifier(f"{self._table.name}_pkc")
        statement = sql.SQL(
            "create table if not exists {} (version_num varchar(32) not null, constraint {} primary key (version_num))"
        )
        return (statement.format(self._identifier, constraint),)

    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """The revision takes the place of its parents; where none of them is a head any more, it is a new branch."""
        insert = sql.SQL("insert into {} (version_num) values ({})").format(self._identifier, sql.Literal(migration.id))
        if not migration.parents:
            return (insert,)
        return (
            sql.SQL("delete from {} where version_num = any({})").format(
                self._identifier, sql.Literal(list(migration.parents))
            ),
            insert,
        )

    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Its parents take its place again, but for those that another head still stands for."""
        parents = {m.id: m.parents for m in self._migrations}
        delete = sql.SQL("delete from {} where version_num = {}").format(self._identifier, sql.Literal(migration.id))
        restore = sql.SQL(
            "insert into {} (version_num) select {} where not exists (select from {} where version_num = any({}))"
        )
        return (
            delete,
            *(
                restore.format(
                    self._identifier,
                    sql.Literal(parent),
                    self._identifier,
                    sql.Literal(sorted({parent} | descendants(parent, parents) - {migration.id})),
                )
                for parent in migration.parents
            ),
        )

    def history_tables(self) -> tuple[str, ...]:
        """`alembic_version`, by the name and schema that env.py gives it."""
        return (str(self._table),)

    def recorded_from(self) -> str:
        """The project's sources, and what is installed beside Alembic."""
        return digest_of(project_files(self._root), installed(self.interpreter.path))

    def is_bookkeeping(self, statement: Statement) -> bool:
        """The heads read, and moved as Alembic does (1.20.1): a revision that writes there itself does it in another form."""
        if not self.concerns_history(statement):
            return False
        return statement.kind in ("create_stmt", "select_stmt") or bool(_MOVES_HEAD.match(statement.text))

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """Heads that no file has, ids that several files have, pending revisions that only Alembic itself can run."""
        applied = {row.id for row in rows}
        found = [_problem(ProblemKind.VANISHED, head, _UNKNOWN_HEAD, halts=True) for head in self._unknown]
        repeated = (match for caution in self._graph["cautions"] if (match := _CAUTION.search(caution)))
        found += [_problem(ProblemKind.DUPLICATE, match.group(1), _DUPLICATE) for match in repeated]
        found += [
            _problem(ProblemKind.UNRENDERED, m.id, _UNRENDERED, file=m.file, reason=m.unrendered)
            for m in migrations
            if m.unrendered and m.id not in applied
        ]
        return tuple(found)

    def notes(self) -> tuple[Message, ...]:
        """Which interpreter Alembic runs in; one that is only there with watari may lack the team's own code."""
        found, version = self.interpreter, self._graph["alembic"]
        own = found.why == WATARI
        return ((_OWN if own else _RUNS_IN)(version=version, python=found.path, why=found.why),)

    # -- the team's side --------------------------------------------------------------------------------------------------

    @cached_property
    def _migrations(self) -> tuple[Migration, ...]:
        return tuple(self._migration(revision) for revision in self._graph["revisions"])

    @cached_property
    def _graph(self) -> Mapping[str, Any]:
        return self.interpreter.ask("watari_alembic", "render", self._request(), self._working_folder)

    @cached_property
    def _table(self) -> Name:
        table, schema = self._graph["table"]
        named = self.settings.history_table
        return table_name(named, table=table, schema=schema or self.settings.schema or "public")

    @property
    def _identifier(self) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name)

    def _request(self) -> dict[str, Any]:
        variables = self.settings.options.get("url_variables", "").replace(",", " ").split()
        config = str(self._config) if self._config else None
        return {"config": config, "folder": str(self._folder), "variables": variables}

    @cached_property
    def _config(self) -> Path | None:
        """The settings file: as set, else the nearest one from the folder of the migrations up to the project's."""
        if named := self.settings.options.get("config"):
            return (self._root / named).resolve()
        inside = [folder for folder in (self._folder, *self._folder.parents) if folder.is_relative_to(self._root)]
        for folder in inside or [self._folder]:
            for name in ("alembic.ini", "pyproject.toml"):
                if _is_settings(folder / name):
                    return folder / name
        return None

    @property
    def _working_folder(self) -> Path:
        """Where the team would start Alembic."""
        return self._config.parent if self._config else self._root

    def _migration(self, revision: Mapping[str, Any]) -> Migration:
        file = told(Path(os.path.abspath(self._working_folder / revision["file"])), self._root)  # noqa: PTH100
        first, *_ = (revision["name"] or revision["id"]).splitlines()
        migration = Migration(id=revision["id"], name=first, file=file, up=None, parents=tuple(revision["parents"]))
        up, down = revision["up"], revision["down"]
        if "reason" in up:
            return replace(migration, unrendered=up["reason"])
        back = None if "reason" in down or (up["statements"] and not down["statements"]) else _script(file, down)
        return replace(migration, up=_script(file, up), down=back, transactional=not up["autocommit"])


def _script(file: str, answer: Mapping[str, Any]) -> Script:
    """The statements one below the other, each knowing the line of the revision that made it."""
    parts: list[str] = []
    lines: dict[int, int] = {}
    at = 1
    for statement, line in answer["statements"]:
        lines[at] = line
        parts.append(statement + "\n;\n")
        at += parts[-1].count("\n")
    return Script(file=file, data="".join(parts).encode(), lines=lines)


def _problem(kind: ProblemKind, id: str, text: Text, *, halts: bool = False, **fields: object) -> Problem:
    return Problem(kind=kind, migration=id, message=text(id=id, **fields), halts=halts)


def _script_location(ini: Path) -> Path | None:
    """The folder that an alembic.ini names, None where it names a package or nothing."""
    import configparser

    parser = configparser.ConfigParser(defaults={"here": str(ini.parent)})
    try:
        parser.read(ini, encoding="utf-8")
        location = parser.get("alembic", "script_location", fallback="")
    except (configparser.Error, UnicodeDecodeError):
        return None
    return (ini.parent / location).resolve() if location and ":" not in location else None


def _is_settings(file: Path) -> bool:
    if not file.is_file():
        return False
    return file.name == "alembic.ini" or b"[tool.alembic" in file.read_bytes()
