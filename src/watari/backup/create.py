"""A backup is made: one snapshot, used by the tool and by the exact row counts; the manifest is written last."""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from watari.backup import inventory, manifest, preflight, storage
from watari.backup.dump import PgDump
from watari.backup.questions import rows, value
from watari.backup.shelf import list_backups
from watari.backup.snapshot import Moment, count_rows, hold
from watari.backup.tool import BackupTool, Means, Order
from watari.catalog import Name
from watari.catalog.fingerprint import fingerprint
from watari.errors.backups import TablesLocked
from watari.errors.reach import DiskFull
from watari.evidence.backup import Backup, BackupContent, BackupFormat
from watari.evidence.event import Event, EventKind, EventSink, ignore
from watari.locale import Message, Text
from watari.postgres.connection import connect, reach_error, require_direct, server_version
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.values import dataclass, field, replace

#: Seconds that the dump may wait for a table: it takes them one after another and holds on to those that it has.
_LOCK_WAIT = 2.0
_SETTINGS = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "row_security": "off"}
_PROGRESS_SECONDS = 0.25

_HOLDER = Text(
    en='process {pid} ("{application}") holds {table}',
    ja='プロセス {pid}（"{application}"）が {table} を保持しています',
)
_AWAITS = Text(
    en='process {pid} ("{application}") waits for {table}',
    ja='プロセス {pid}（"{application}"）が {table} を待っています',
)
_RAN_FULL = Text(en="the disk ran full", ja="ディスクが一杯になりました")


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What is to be made, of what, where."""

    url: DatabaseUrl
    content: BackupContent
    format: BackupFormat
    folder: Path
    environment: str
    jobs: int
    lock_wait: float
    plan_sha256: str | None
    tool: BackupTool
    events: EventSink
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def id(self) -> str:
        return storage.backup_id(self.started_at, self.url.database, self.content)


def create(
    url: DatabaseUrl,
    *,
    folder: Path,
    content: BackupContent | str = BackupContent.FULL,
    format: BackupFormat | str = BackupFormat.CUSTOM,
    environment: str = "",
    jobs: int = 1,
    compression: str = "auto",
    events: EventSink = ignore,
    plan_sha256: str | None = None,
    policy: Policy | None = None,
    tool: BackupTool | None = None,
) -> Backup:
    """Dumps the database of `url` into a folder of its own below `folder`.

    `jobs` counts for the directory format only; `compression` is "auto", "zstd", "gzip" or "none". The backup that comes
    out has not been verified yet. Whatever goes wrong, nothing that is called a backup is left. Raises `ReachError`
    (`DiskFull`, `RowsHidden`, `TablesLocked`, `DumpFailed`, `ToolTooOld`, …).
    """
    wish = _Wish(
        url=url,
        content=BackupContent(content),
        format=BackupFormat(format),
        folder=folder.absolute(),
        environment=environment,
        jobs=jobs,
        lock_wait=max(_LOCK_WAIT, policy.lock_timeout if policy else 0.0),
        plan_sha256=plan_sha256,
        tool=tool or PgDump(),
        events=events,
    )
    with _session(wish) as connection:
        means = wish.tool.means(server_version=server_version(connection), compression=compression)
        require_direct(connection)
        preflight.require_readable(connection, rows_too=wish.content is not BackupContent.SCHEMA)
        _end_orphans(connection, wish.folder)
        earlier = tuple(b for b in list_backups(wish.folder) if b.database == url.database)
        with _conditions(wish, connection), storage.partial(wish.folder, wish.id) as unfinished:
            made = _make(wish, means, connection, unfinished, earlier)
    return manifest.load(wish.folder / made.id)


def session_name(id: str) -> str:
    """The name of a dump's sessions on the server: that of its backup, in what the server accepts as a name."""
    return re.sub(r"[^\x21-\x7e]", "_", f"dump-{id}")[:50]


def _make(
    wish: _Wish, means: Means, connection: psycopg.Connection, unfinished: Path, earlier: tuple[Backup, ...]
) -> Backup:
    began = time.monotonic()
    with hold(connection) as moment:
        needed = preflight.estimate(moment, wish.content, means.compression, earlier)
        preflight.require_space(wish.folder, needed)
        order = _order(wish, means, server_version(connection), moment, unfinished)
        counted = _dump(wish, order, connection, moment.tables, _progress(wish, unfinished, needed))
    storage.write(unfinished / storage.OBJECTS, inventory.dumps(inventory.inventory(moment.catalog)))
    backup = _describe(wish, means, moment, counted, server_version(connection), time.monotonic() - began)
    backup = replace(backup, id=unfinished.name.removesuffix(storage.PARTIAL), files=manifest.measure(unfinished))
    return manifest.write(unfinished, backup)


def _order(wish: _Wish, means: Means, version: int, moment: Moment, unfinished: Path) -> Order:
    return Order(
        url=wish.url,
        session=session_name(unfinished.name.removesuffix(storage.PARTIAL)),
        server_version=version,
        content=wish.content,
        format=wish.format,
        compression=means.compression,
        snapshot=moment.id,
        jobs=wish.jobs,
        lock_wait=wish.lock_wait,
        target=unfinished / storage.ARCHIVE[wish.format],
    )


def _dump(
    wish: _Wish,
    order: Order,
    connection: psycopg.Connection,
    tables: Mapping[Name, int],
    tick: Callable[[], None],
) -> dict[str, int]:
    """The tool writes while another thread counts in the same snapshot, each on a session of its own."""
    wanted = tables if wish.content is not BackupContent.SCHEMA else {}
    with ThreadPoolExecutor(1) as pool:
        counting = pool.submit(count_rows, connection, wanted)
        try:
            wish.tool.write(order, tick=lambda: _watch(counting, tick))
            while not counting.done():
                time.sleep(0.02)
            return counting.result()
        except BaseException:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=5)
            raise


def _watch(counting: Future[dict[str, int]], tick: Callable[[], None]) -> None:
    if counting.done():
        counting.result()  # its failure ends the dump too
    tick()


def _describe(
    wish: _Wish, means: Means, moment: Moment, counted: dict[str, int], version: int, seconds: float
) -> Backup:
    return Backup(
        id=wish.id,
        database=wish.url.database,
        environment=wish.environment,
        content=wish.content,
        format=wish.format,
        compression=means.compression,
        started_at=wish.started_at,
        seconds=round(seconds, 3),
        server_version=version,
        client_version=means.version,
        system_identifier=moment.system_identifier,
        lsn=moment.lsn,
        snapshot=moment.id,
        rows=counted,
        schema_fingerprint=fingerprint(moment.catalog),
        extensions=moment.extensions,
        database_settings=moment.settings,
        plan_sha256=wish.plan_sha256,
        role=moment.role,
        roles=moment.roles,
        table_bytes=moment.table_bytes,
        sequences=moment.sequences,
        large_objects=moment.large_objects,
        locale=moment.locale,
    )


def _progress(wish: _Wish, unfinished: Path, needed: int) -> Callable[[], None]:
    began = last = time.monotonic()

    def tell() -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _PROGRESS_SECONDS:
            return
        last = now
        done = storage.size(unfinished)
        data = {
            "what": "backup",
            "done": done,
            "total": max(done, needed),
            "unit": "bytes",
            "rate": done / (now - began),
        }
        wish.events(Event(kind=EventKind.PROGRESS, data=data, database=wish.url.database))

    return tell


@contextmanager
def _session(wish: _Wish) -> Iterator[psycopg.Connection]:
    settings = {**_SETTINGS, "lock_timeout": f"{round(wish.lock_wait * 1000)}ms"}
    connection = connect(wish.url, purpose="backup", settings=settings)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _conditions(wish: _Wish, connection: psycopg.Connection) -> Iterator[None]:
    """Names what a failure in the middle was."""
    try:
        yield
    except (TablesLocked, psycopg.errors.LockNotAvailable):
        holders = "; ".join(str(holder) for holder in _holders(wish.url)) or "-"
        raise TablesLocked(seconds=f"{wish.lock_wait:g}", holders=holders) from None
    except psycopg.Error as failure:
        raise reach_error(failure, connection) or failure from failure
    except OSError as failure:
        if failure.errno == errno.ENOSPC:
            raise DiskFull(folder=wish.folder, reason=_RAN_FULL()) from None
        raise


def _holders(url: DatabaseUrl) -> tuple[Message, ...]:
    connection = connect(url, purpose="backup")
    try:
        found = rows(connection, "holders")
    finally:
        connection.close()
    return tuple(
        (_HOLDER if granted else _AWAITS)(pid=pid, application=application, table=Name(schema, table))
        for pid, application, schema, table, granted in found
    )


def _end_orphans(connection: psycopg.Connection, folder: Path) -> None:
    """A command that was killed leaves its dump running: it would hold its locks to the end for nothing."""
    cut_off = [path.name.removesuffix(storage.PARTIAL) for path in storage.abandoned(folder)]
    if names := [f"watari {session_name(id)}" for id in cut_off]:
        value(connection, "orphans", {"names": names})
