"""Plain SQL: a folder of numbered files, or an `init.sql`; its history is watari's own table `watari.history`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql

from watari.errors import WatariError
from watari.errors.usage import FrameworkFolder
from watari.frameworks.assignment import Named, assign, known_databases, named_databases
from watari.frameworks.folders import content, folders, told
from watari.frameworks.framework import Detection, Framework, FrameworkSettings
from watari.frameworks.history_table import fetch, require_columns, table_name
from watari.frameworks.included import included_files
from watari.frameworks.numbered import NumberedFile, has_numbered_files, numbered_files
from watari.frameworks.other_histories import refuse_other_history
from watari.frameworks.sections import Section, read_sections
from watari.locale import Message, Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind
from watari.sql.compose import Template
from watari.sql.databases import databases_named
from watari.sql.statement import Script
from watari.values import dataclass, field, replace

__all__ = ["Sql"]

_NO_FOLDER = Text(en="there is no such folder", ja="フォルダーがありません")
_NO_FILES = Text(en="it holds no SQL file", ja="SQL ファイルがありません")
_SECTION = Text(
    en='"{file}" cannot be run as it is: {reason}.',
    ja='"{file}" はこのままでは実行できません。{reason}。',
)
_ONLY_DOWN = Text(
    en='"{file}" goes down and there is no file that goes up. Add {name}.up.sql, or remove it.',
    ja='"{file}" は down 用ですが、対応する up 用のファイルがありません。{name}.up.sql を追加するか、削除してください。',
)
_NO_NUMBER = Text(
    en='"{file}" has no number, so nobody can tell when it is to run among the numbered files. '
    "Number it, or move it to another folder.",
    ja='"{file}" には番号がないため、ほかのファイルとの実行順を決められません。番号を付けるか、別のフォルダーに移してください。',
)
_SAME_NUMBER = Text(
    en='"{first}" and "{second}" have the same number. Give the one that is not applied anywhere yet a new number.',
    ja='"{first}" と "{second}" の番号が同じです。まだどこにも適用していない方の番号を変更してください。',
)
_ROW = Template("insert into {} (id, name, checksum, started_at, applied_at) values ({}, {}, {}, {}, {})")
_COLUMNS = {
    "id": ("text", "character varying"),
    "name": (),
    "checksum": (),
    "applied_at": ("timestamp with time zone",),
}
_FOLDER_NAMES = frozenset({"migrations", "migration", "migrate"})


@dataclass(frozen=True, kw_only=True)
class _Read:
    """One file as it was read, and what makes it unusable."""

    entry: NumberedFile
    migration: Migration
    named: Named = field(default_factory=Named)
    belongs: bool = True
    trouble: Message | None = None


class Sql(Framework):
    """Numbered SQL files; up and down as pairs of files or as sections of one file."""

    name = "sql"
    own_runner = False

    def __init__(self, settings: FrameworkSettings) -> None:
        super().__init__(settings)
        self._root = settings.root.resolve()
        self._folder = settings.folder.resolve()
        self._table = table_name(settings.history_table, schema="watari", table="history")
        self._files: tuple[_Read, ...] = ()

    @classmethod
    def detect(cls, root: Path) -> Detection | None:
        """A folder with numbered SQL files or an `init.sql`; the name of the folder makes it surer."""
        best: tuple[int, Path, str] | None = None
        for folder, depth in folders(root):
            certainty, why = _likeness(folder, root)
            if certainty and (best is None or certainty - 3 * depth > best[0]):
                best = (certainty - 3 * depth, folder, why)
        if best is None:
            return None
        certainty, folder, why = best
        named = _databases_of(folder / "init.sql")
        return Detection(framework=cls.name, folder=folder, certainty=certainty, why=why, databases=named)

    def migrations(self) -> tuple[Migration, ...]:
        """The files that belong to the database at hand, `init.sql` first, then by number."""
        if not self._folder.is_dir():
            raise FrameworkFolder(folder=told(self._folder, self._root), framework="SQL", reason=_NO_FOLDER())
        entries = numbered_files(self._folder)
        if not entries:
            raise FrameworkFolder(folder=told(self._folder, self._root), framework="SQL", reason=_NO_FILES())
        numbered = any(entry.place is not None for entry in entries)
        read = [self._read(entry, numbered) for entry in entries]
        known = self._known(read)
        self._files = tuple(self._assigned(file, known) for file in read)
        return tuple(file.migration for file in self._files if file.belongs)

    def history(self, connection: psycopg.Connection) -> tuple[HistoryRow, ...]:
        """The rows of `watari.history`; raises `HistoryElsewhere` where only another tool's table knows these files."""
        if not require_columns(connection, self._table, "watari", _COLUMNS):
            if not self._files:
                self.migrations()
            files = [file.entry for file in self._files]
            refuse_other_history(connection, files, self.create_history())
            return ()
        query = sql.SQL("select id, name, checksum, applied_at from {} order by applied_at, id").format(
            self._identifier()
        )
        return tuple(
            HistoryRow(id=id, name=name, checksum=checksum, applied_at=at)
            for id, name, checksum, at in fetch(connection, query)
        )

    def create_history(self) -> Sequence[sql.Composable]:
        """The schema and the table; a row without checksum was taken over from another tool."""
        return (
            sql.SQL("create schema if not exists {}").format(sql.Identifier(self._table.schema)),
            sql.SQL(
                "create table if not exists {} ("
                "id text primary key, name text not null, checksum text, "
                "started_at timestamptz, applied_at timestamptz not null default now(), "
                "applied_by text not null default session_user)"
            ).format(self._identifier()),
        )

    def record(self, migration: Migration, started_at: datetime, finished_at: datetime) -> Sequence[sql.Composable]:
        """One row."""
        values = (migration.id, migration.name, migration.checksum, started_at, finished_at)
        return (_ROW.format(self._identifier(), *map(sql.Literal, values)),)

    def forget(self, migration: Migration) -> Sequence[sql.Composable]:
        """Its row is deleted."""
        return (sql.SQL("delete from {} where id = {}").format(self._identifier(), sql.Literal(migration.id)),)

    def history_tables(self) -> tuple[str, ...]:
        """Watari's own table."""
        return (str(self._table),)

    def overtaken(self, migration: Migration, connection: psycopg.Connection) -> bool:
        """Never: watari itself is the runner of plain SQL, and holds its own lock."""
        return False

    def same_checksum(self, migration: Migration, row: HistoryRow) -> bool:
        """SHA-256 of what runs, with either kind of line ends; a row taken over from another tool has none."""
        if super().same_checksum(migration, row):
            return True
        content = _content(migration.up, migration.database)
        unix = content.replace(b"\r\n", b"\n")
        return row.checksum in (_hash(unix), _hash(unix.replace(b"\n", b"\r\n")))

    def problems(self, migrations: Sequence[Migration], rows: Sequence[HistoryRow]) -> tuple[Problem, ...]:
        """Files that cannot be run as they are (pending ones only), and numbers given twice."""
        applied = {row.id for row in rows}
        found = [
            Problem(kind=ProblemKind.UNREADABLE, migration=file.migration.id, message=file.trouble)
            for file in self._files
            if file.trouble and file.belongs and file.migration.id not in applied
        ]
        return (*found, *self._same_numbers())

    # -- files --------------------------------------------------------------------------------------------------------

    def _read(self, entry: NumberedFile, numbered: bool) -> _Read:
        if entry.up is None:
            file = told(entry.down or self._folder, self._root)
            migration = Migration(id=entry.id, name=entry.name, file=file, up=Script(file=file, data=b""))
            return _Read(entry=entry, migration=migration, trouble=_ONLY_DOWN(file=file, name=entry.name))
        file, data = told(entry.up, self._root), content(entry.up, self._root)
        sections = read_sections(data)
        up, trouble = self._script(file, sections.up if sections else Section(data=data, first_line=1))
        trouble = sections.trouble if sections and sections.trouble else trouble
        if trouble is not None:
            trouble = _SECTION(file=file, reason=trouble)
        elif numbered and entry.place is None and entry.id != "init":
            trouble = _NO_NUMBER(file=file)
        migration = Migration(
            id=entry.id,
            name=entry.name,
            file=file,
            up=up,
            down=self._down(entry, file, sections.down if sections else None),
            transactional=sections.transactional if sections else True,
        )
        return _Read(entry=entry, migration=migration, named=named_databases(up, data), trouble=trouble)

    def _known(self, files: Sequence[_Read]) -> tuple[str, ...]:
        named = (file.named for file in files)
        return known_databases(named, database=self.settings.database, databases=self.settings.databases)

    def _assigned(self, file: _Read, known: tuple[str, ...]) -> _Read:
        """The file with its database and its checksum, its scripts with only what belongs to the database at hand."""
        migration, up, down = file.migration, file.migration.up, file.migration.down
        if file.entry.up is None or up is None:
            return file
        place = assign(up, file.named, database=self.settings.database, known=known)
        if file.named.switches:
            up, down = self._own_part(up), self._own_part(down) if down else None
        checksum = _hash(_content(up, place.only))
        sealed = replace(migration, up=up, down=down, database=place.only, checksum=checksum)
        return replace(file, migration=sealed, belongs=place.belongs, trouble=file.trouble or place.trouble)

    def _script(self, file: str, section: Section) -> tuple[Script, Message | None]:
        includes, trouble = included_files(self._root, file, section.data)
        return Script(file=file, data=section.data, first_line=section.first_line, includes=includes), trouble

    def _down(self, entry: NumberedFile, file: str, section: Section | None) -> Script | None:
        if entry.down is not None:
            file, section = told(entry.down, self._root), Section(data=content(entry.down, self._root), first_line=1)
        return self._script(file, section)[0] if section else None

    def _own_part(self, script: Script) -> Script:
        """The script with only what belongs to the database at hand."""
        return Script(
            file=script.file,
            data=script.data,
            first_line=script.first_line,
            includes=script.includes,
            database=self.settings.database,
        )

    def _same_numbers(self) -> list[Problem]:
        """Numbers that are equal and written differently (001 and 1); equal ids are the common comparison's."""
        found: list[Problem] = []
        seen: dict[object, _Read] = {}
        for file in self._files:
            if file.entry.place is None or not file.belongs:
                continue
            first = seen.setdefault(file.entry.place, file)
            if first.migration.id != file.migration.id:
                message = _SAME_NUMBER(first=first.migration.file, second=file.migration.file)
                found.append(Problem(kind=ProblemKind.DUPLICATE, migration=file.migration.id, message=message))
        return found

    def _identifier(self) -> sql.Identifier:
        return sql.Identifier(self._table.schema, self._table.name)


def _content(script: Script | None, only: str | None) -> bytes:
    """What a checksum covers: the up script and what it includes; of a script for several databases this one's part."""
    if script is None:
        return b""
    if script.database is not None and only is None:
        try:
            own = [s.text.encode() + b";" + (s.copy_data or b"") for s in script.statements]
        except WatariError:
            own = [script.data]
        return b"\n".join(own)
    parts = [script.data, *(path.encode() + b"\n" + script.includes[path] for path in sorted(script.includes))]
    return b"\n".join(parts)


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()


# -- detection ------------------------------------------------------------------------------------------------------------


def _likeness(folder: Path, root: Path) -> tuple[int, str]:
    """How sure it is that SQL migrations stand here (0 to 100), and by which files."""
    initial = folder / "init.sql"
    count = has_numbered_files(folder)
    if initial.is_file():
        below = has_numbered_files(folder / "migrations")
        why = told(initial, root) + (f", {told(folder / 'migrations', root)}/*.sql" if below else "")
        return (75 if below else 50), why
    if not count:
        return 0, ""
    certainty = 75 if folder == root else 70 if folder.name in _FOLDER_NAMES else 40
    return certainty, f"{told(folder, root)}/*.sql"


def _databases_of(file: Path) -> tuple[str, ...]:
    try:
        return databases_named(Script(file=file.name, data=file.read_bytes()).statements)
    except (OSError, WatariError):
        return ()
