"""A copy beside the live database: made, loaded, compared with the manifest. Nothing that exists is ever written to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from watari.backup import inventory, names, properties, storage
from watari.backup.questions import rows, value
from watari.backup.shelf import archive, list_backups
from watari.backup.snapshot import count_rows, sequences_of, tables_of
from watari.backup.tool import BackupTool
from watari.errors.backups import RestoreFailed, RestoreNotAllowed
from watari.errors.reach import ClientNotAllowed, DatabaseClosed, DatabaseMissing, PrivilegeMissing, ServerDiskFull
from watari.errors.usage import RestoreOverLive, RowsWithoutSchema
from watari.evidence.backup import Backup, BackupContent
from watari.locale import Message, Text
from watari.postgres.connection import connect, require_primary, server_version
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl
from watari.values import dataclass

_MAINTENANCE = ("postgres", "template1", "defaultdb")
_PROGRESS_SECONDS = 0.5
#: A role's own statement_timeout is meant for the application, not for a restore.
PATIENT = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}

_CREATE = Text(en="create databases", ja="データベースの作成")
_ROWS = Text(
    en="table {table} has {found} rows, the manifest says {wanted}",
    ja="テーブル {table} は {found} 行ですが、マニフェストでは {wanted} 行です",
)
_NO_TABLE = Text(en="table {table} is missing", ja="テーブル {table} がありません")
_SEQUENCE = Text(
    en="sequence {sequence} stands at {found}, behind {wanted}",
    ja="シーケンス {sequence} の現在値 {found} が {wanted} より遅れています",
)
_LARGE_OBJECTS = Text(
    en="{found} large objects, the manifest says {wanted}",
    ja="ラージオブジェクトは {found} 個ですが、マニフェストでは {wanted} 個です",
)
NO_EXTENSIONS = Text(
    en="the server cannot install the extensions {names}", ja="拡張機能 {names} をインストールできません"
)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One archive to load, whole or one section of it."""

    archive: Path
    client_version: str
    section: str | None = None


@contextmanager
def maintenance(url: DatabaseUrl, purpose: str) -> Iterator[psycopg.Connection]:
    """A session on the server of `url`, in a database that is none of the team's. Raises a `ReachError`."""
    connection = _any_of([name for name in _MAINTENANCE if name != url.database], url, purpose)
    try:
        yield connection
    finally:
        connection.close()


def free_name(connection: psycopg.Connection, database: str, kind: str) -> str:
    """A name beside the database that nobody has yet."""
    at = datetime.now(UTC)
    while value(connection, "database_exists", {"database": names.beside(database, kind, at)}):
        at += timedelta(seconds=1)
    return names.beside(database, kind, at)


def require_creating(connection: psycopg.Connection) -> bool:
    """Whether the role is a superuser; raises `RestoreNotAllowed` where it may not create databases, `StandbyServer`."""
    require_primary(connection)
    found = rows(connection, "can_create")
    may, superuser = found[0] if found else (False, False)
    if not may:
        info = connection.info
        raise RestoreNotAllowed(role=info.user, action=_CREATE(), host=info.host, port=info.port)
    return bool(superuser)


def missing_extensions(connection: psycopg.Connection, wanted: Sequence[str]) -> list[str]:
    """Those of the extensions ("name version") that the server cannot install in any version."""
    names = [text.rpartition(" ")[0] for text in wanted]
    known = {name for name, _ in rows(connection, "available_extensions", {"names": names})}
    return [name for name in names if name not in known]


def layers(backup: Backup) -> tuple[Layer, ...]:
    """What has to be loaded, in order: rows only go between the two halves of a schema that stood at the same moment.

    Raises `RowsWithoutSchema`.
    """
    own = Layer(archive=archive(backup), client_version=backup.client_version)
    if backup.content is not BackupContent.DATA:
        return (own,)
    alike = [
        other
        for other in list_backups(Path(backup.folder).parent, database=backup.database)
        if other.content is not BackupContent.DATA and other.schema_fingerprint == backup.schema_fingerprint
    ]
    if not alike:
        raise RowsWithoutSchema(backup=backup.id)
    schema = max(alike, key=lambda other: other.started_at)
    before, after = (
        Layer(archive=archive(schema), client_version=schema.client_version, section=section)
        for section in ("pre-data", "post-data")
    )
    return (before, own, after)


@contextmanager
def fresh_database(
    connection: psycopg.Connection, name: str, locale: Mapping[str, str], *, keep: bool = False
) -> Iterator[None]:
    """An empty database for the block; dropped at its end, or with `keep` only when the block fails.

    Raises `RestoreOverLive` where the name is taken, `RestoreNotAllowed`, `ServerDiskFull`, `RestoreFailed`.
    """
    _create(connection, name, locale)
    try:
        yield
    except BaseException:
        drop(connection, name)
        raise
    if not keep:
        drop(connection, name)


def drop(connection: psycopg.Connection, name: str) -> None:
    """Drops a database that watari made, with whoever is still in it."""
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def load(
    tool: BackupTool,
    backup: Backup,
    into: DatabaseUrl,
    *,
    jobs: int,
    tick: Callable[[], None] = lambda: None,
) -> None:
    """Loads a backup into an empty database. Raises `RestoreFailed`, `ServerDiskFull`, `RowsWithoutSchema`."""
    version = _prepare(into, backup)
    for layer in layers(backup):
        tool.load(
            layer.archive,
            into=into,
            server_version=version,
            client_version=layer.client_version,
            jobs=jobs,
            section=layer.section,
            tick=tick,
        )


def compare(url: DatabaseUrl, backup: Backup) -> tuple[Message, ...]:
    """Where the database of `url` differs from what the manifest says: objects, exact rows, sequences, large objects."""
    connection = connect(url, purpose="restore", settings=PATIENT)
    try:
        now = inventory.inventory(read_catalog(connection, live=False))
        same_version = server_version(connection) // 10_000 == backup.server_version // 10_000
        found = list(inventory.differences(objects_of(backup), now, same_version=same_version))
        if backup.content is BackupContent.SCHEMA:
            return tuple(found)
        found += compare_rows(backup.rows, count_rows(connection, tables_of(connection)))
        found += _compare_sequences(backup.sequences, sequences_of(connection))
        large = value(connection, "large_objects")
        if backup.content is BackupContent.FULL and large != backup.large_objects:
            found.append(_LARGE_OBJECTS(found=large, wanted=backup.large_objects))
        return tuple(found)
    finally:
        connection.close()


def compare_rows(wanted: Mapping[str, int], found: Mapping[str, int]) -> Iterator[Message]:
    """Tables that are missing or hold another number of rows than wanted."""
    for table, count in sorted(wanted.items()):
        if table not in found:
            yield _NO_TABLE(table=table)
        elif found[table] != count:
            yield _ROWS(table=table, found=f"{found[table]:,}", wanted=f"{count:,}")


def objects_of(backup: Backup) -> inventory.Inventory:
    """The objects as they stood at the backup's moment."""
    return inventory.loads((Path(backup.folder) / storage.OBJECTS).read_bytes())


def growth(connection: psycopg.Connection, name: str, tell: Callable[[int], None]) -> Callable[[], None]:
    """A tick that tells now and then how many bytes the database has."""
    last = time.monotonic()

    def tick() -> None:
        nonlocal last
        if time.monotonic() - last >= _PROGRESS_SECONDS:
            last = time.monotonic()
            tell(int(value(connection, "database_bytes", {"database": name}) or 0))

    return tick


def _compare_sequences(wanted: Mapping[str, int], found: Mapping[str, int]) -> Iterator[Message]:
    # a snapshot does not bind a sequence: the dump may hold a later value, never an earlier one
    for sequence, last in sorted(wanted.items()):
        if sequence in found and abs(found[sequence]) < abs(last):
            yield _SEQUENCE(sequence=sequence, found=found[sequence], wanted=last)


def _create(connection: psycopg.Connection, name: str, locale: Mapping[str, str]) -> None:
    info = connection.info
    place = {"host": info.host, "port": info.port}
    try:
        connection.execute(properties.create_database(name, locale))
    except psycopg.errors.DuplicateDatabase:
        raise RestoreOverLive(database=name) from None
    except psycopg.errors.InsufficientPrivilege:
        raise RestoreNotAllowed(role=info.user, action=_CREATE(), **place) from None
    except psycopg.errors.DiskFull as failure:
        raise ServerDiskFull(database=name, reason=_first_line(failure), **place) from None
    except psycopg.Error as failure:
        raise RestoreFailed(source=name, database=name, reason=_first_line(failure)) from None


def _prepare(into: DatabaseUrl, backup: Backup) -> int:
    """What a dump takes for granted: no schema public where there was none, extensions in the version they had.

    The server's version comes out.
    """
    connection = connect(into, purpose="restore", settings=PATIENT)
    try:
        objects = objects_of(backup)
        if objects.get("schema") and "public" not in objects["schema"]:
            connection.execute("DROP SCHEMA public")
        _install(connection, backup.extensions, objects.get("extension", {}))
        return server_version(connection)
    finally:
        connection.close()


def _install(
    connection: psycopg.Connection, wanted: Sequence[str], objects: Mapping[str, Mapping[str, object]]
) -> None:
    """A dump installs the newest version; where the server still has the one that was used, that one is taken."""
    pairs = [text.rpartition(" ")[::2] for text in wanted]
    known = set(rows(connection, "available_extensions", {"names": [name for name, _ in pairs]}))
    for name, version in pairs:
        schema = objects.get(name, {}).get("schema")
        # one in a schema of its own comes with the dump, which makes that schema first
        if (name, version) in known and schema in ("public", "pg_catalog"):
            statement = sql.SQL("CREATE EXTENSION {} WITH SCHEMA {} VERSION {} CASCADE")
            parts = (sql.Identifier(name), sql.Identifier(str(schema)), sql.Literal(version))
            try:
                connection.execute(statement.format(*parts))
            except psycopg.Error:  # the dump's own statement will say it better
                continue


def _any_of(databases: Sequence[str], url: DatabaseUrl, purpose: str) -> psycopg.Connection:
    *first, last = databases
    for database in first:
        try:
            return connect(url.of_database(database), purpose=purpose, settings=PATIENT)
        except (DatabaseMissing, DatabaseClosed, PrivilegeMissing, ClientNotAllowed):
            continue
    return connect(url.of_database(last), purpose=purpose, settings=PATIENT)


def _first_line(failure: BaseException) -> str:
    return str(failure).partition("\n")[0]
