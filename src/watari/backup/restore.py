"""A restore never writes to the live database: a copy is made beside it, compared, and only then may take its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from watari.backup import beside, child, foreign, names, properties
from watari.backup.dump import PgDump, load_condition, older_server, play
from watari.backup.loss import loss as loss_of
from watari.backup.questions import value
from watari.backup.snapshot import count_rows, system_identifier, tables_of
from watari.backup.swap import Swapped, left_behind, require_swappable, swap
from watari.backup.tool import BackupTool
from watari.backup.verification import hashed
from watari.errors.backups import BackupDamaged, RestoreFailed
from watari.errors.usage import BackupOfAnotherServer, RestoreOverLive
from watari.evidence.backup import Backup
from watari.evidence.event import Event, EventKind, EventSink, ignore
from watari.evidence.restoration import Loss, Restoration
from watari.locale import Language, Message, Text, language_of_environment
from watari.postgres.connection import connect, server_version
from watari.project.url import DatabaseUrl
from watari.values import dataclass

#: For `explain`: why a restore does not do what the runbooks' commands do.
WHY_BESIDE = Text(
    en="pg_restore --clean (-c) over a live database drops what it finds, object by object, while the application works; "
    "where a drop fails because something depends on it, it goes on and copies the old rows on top of the new ones. "
    "Measured on a migrated shop: 15 errors, 40,001 customers instead of 20,000, primary key, unique key and foreign key "
    "gone, the migration's column still there. psql without ON_ERROR_STOP ends with success after any number of errors. "
    "watari restores into a database beside, stops at the first error, compares objects and exact row counts with the "
    "manifest, and swaps the names in one transaction; the database of before is kept until somebody lets it go.",
    ja="稼働中のデータベースへの pg_restore --clean (-c) は、アプリケーションが動作している間にオブジェクトを 1 つずつ削除します。"
    "依存関係で削除に失敗しても処理は続き、古い行が新しい行の上にコピーされます。マイグレーション済みのショップでの実測: "
    "エラー 15 件、顧客 20,000 件のはずが 40,001 件、主キー・ユニークキー・外部キーが消失し、マイグレーションで追加したカラムは残ったまま。"
    "ON_ERROR_STOP なしの psql はエラーがいくつあっても正常終了します。watari は別のデータベースに復元し、最初のエラーで停止し、"
    "オブジェクトと行数をマニフェストと照合してから、1 つのトランザクションで名前を入れ替えます。元のデータベースは明示的に削除するまで残ります。",
)

_DIFFERS = Text(en="the restored copy differs: {difference}", ja="復元した複製が異なります: {difference}")
_DECLINED = Text(en="nobody agreed; nothing was done", ja="承認されなかったため、何も実行していません")
_NOT_SWAPPED = Text(
    en='nothing was swapped; the copy stands as "{database}"',
    ja='入れ替えは行っていません。複製は "{database}" にあります',
)
_EXCHANGED = Text(
    en='"{copy}" is now called "{live}"; {terminated} sessions were closed for it',
    ja='"{copy}" が "{live}" になりました（切断したセッション {terminated} 件）',
)
_NOT_SET = Text(
    en="not set for the restored database: {statement} ({reason})",
    ja="復元したデータベースに設定できませんでした: {statement}（{reason}）",
)


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What is restored: how it is loaded and compared, and what belongs to the database itself."""

    name: str
    rows: Mapping[str, int]
    locale: Mapping[str, str]
    settings: tuple[str, ...]  # for a database of the name `of`
    of: str
    expected_bytes: int
    load: Callable[[DatabaseUrl, Callable[[], None]], None]
    compare: Callable[[DatabaseUrl], tuple[Message, ...]]


def restore(
    source: Backup | Path,
    *,
    url: DatabaseUrl,
    as_database: str | None = None,
    swap: bool = False,
    other_server: bool = False,
    confirm: Callable[[Loss], bool] | None = None,
    jobs: int = 2,
    events: EventSink = ignore,
    language: Language | None = None,
    tool: BackupTool | None = None,
) -> Restoration:
    """Restores a backup, or a dump file, beside the url's database; with `swap` the copy then takes its place.

    The copy is called `as_database`, or `<database>_watari_restore_<time>`. `confirm` is asked once, before anything is
    done, with what going back gives up. A copy that differs from its manifest is left standing, told in `findings`, and
    not swapped. A backup of another server is restored only under a name given, and swapped only with `other_server`.
    Raises `RestoreOverLive`, `BackupOfAnotherServer`, `BackupDamaged`, `NotADump`, `RestoreFailed`, `SwapBlocked`, ….
    """
    began = time.monotonic()
    told = language or language_of_environment()
    with beside.maintenance(url, "restore") as connection:
        name = as_database or beside.free_name(connection, url.database, names.RESTORE)
        _require_place(connection, url, name, swap=swap)
        known = _known(source, connection, url, tool or PgDump(), jobs)
        if isinstance(source, Backup) and not other_server:
            _require_same_server(connection, source, named=as_database is not None and not swap)
        if confirm and not confirm(loss_of(source if isinstance(source, Backup) else None, url=url)):
            return Restoration(source=known.name, database=url.database, findings=(_DECLINED().render(told),))
        rows, differences = _make_copy(connection, known, url.of_database(name), events)
        notes = tuple(_settle(connection, known, name))
        exchanged = None
        if swap and not differences:
            notes += left_behind(connection, url.database)
    if swap and not differences:
        exchanged = _exchange(url, name, events, told)
    found = [_DIFFERS(difference=d) for d in differences] + list(notes)
    if swap and differences:
        found.append(_NOT_SWAPPED(database=name))
    return _tell(known, name, url, rows, exchanged, time.monotonic() - began, tuple(f.render(told) for f in found))


def _tell(
    known: _Source,
    name: str,
    url: DatabaseUrl,
    rows: Mapping[str, int],
    exchanged: Swapped | None,
    seconds: float,
    findings: tuple[str, ...],
) -> Restoration:
    kept = exchanged.kept if exchanged else None
    return Restoration(
        source=known.name,
        database=url.database if exchanged else name,
        swapped=exchanged is not None,
        kept=kept,
        seconds=seconds,
        swap_seconds=exchanged.seconds if exchanged else None,
        terminated=exchanged.terminated if exchanged else 0,
        rows=rows,
        findings=findings,
        let_go=sql.SQL("DROP DATABASE {}").format(sql.Identifier(kept)).as_string(None) if kept else None,
    )


def _require_place(connection: psycopg.Connection, url: DatabaseUrl, name: str, *, swap: bool) -> None:
    beside.require_creating(connection)
    if value(connection, "database_exists", {"database": name}):
        raise RestoreOverLive(database=name)
    if swap:
        require_swappable(connection, url.database, name)


def _require_same_server(connection: psycopg.Connection, backup: Backup, *, named: bool) -> None:
    target = system_identifier(connection)
    if named or None in (target, backup.system_identifier) or target == backup.system_identifier:
        return
    info = connection.info
    place = {"host": info.host, "port": info.port}
    raise BackupOfAnotherServer(backup=backup.id, origin=backup.system_identifier, target=target, **place)


def _known(
    source: Backup | Path, connection: psycopg.Connection, url: DatabaseUrl, tool: BackupTool, jobs: int
) -> _Source:
    if isinstance(source, Backup):
        return _of_backup(source, connection, tool, jobs)
    return _of_file(source, connection, url, tool, jobs)


def _of_backup(backup: Backup, connection: psycopg.Connection, tool: BackupTool, jobs: int) -> _Source:
    if wrong := hashed(backup):
        raise BackupDamaged(backup=backup.id, reason=wrong[0])
    if missing := beside.missing_extensions(connection, backup.extensions):
        reason = beside.NO_EXTENSIONS(names=", ".join(missing))
        raise RestoreFailed(source=backup.id, database=backup.database, reason=reason)
    beside.layers(backup)  # says at once where rows have no schema to go into
    return _Source(
        name=backup.id,
        rows=backup.rows,
        locale=backup.locale,
        settings=backup.database_settings,
        of=backup.database,
        expected_bytes=backup.table_bytes,
        load=lambda into, tick: beside.load(tool, backup, into, jobs=jobs, tick=tick),
        compare=lambda copy: beside.compare(copy, backup),
    )


def _of_file(path: Path, connection: psycopg.Connection, url: DatabaseUrl, tool: BackupTool, jobs: int) -> _Source:
    """A dump without a manifest: its own rows are what it is held to, the live database gives the rest."""
    version = server_version(connection)
    if foreign.kind_of(path) is foreign.DumpKind.SCRIPT:
        rows = foreign.rows_of_script(path)

        def load(into: DatabaseUrl, tick: Callable[[], None]) -> None:
            script = foreign.pieces(path)
            _play(older_server(script) if version < 170_000 else script, into, path, version)
    else:
        rows = dict(tool.read(path, client_version=str(version // 10_000), encoding="UTF8"))

        def load(into: DatabaseUrl, tick: Callable[[], None]) -> None:
            tool.load(path, into=into, server_version=version, client_version=None, jobs=jobs, tick=tick)

    return _Source(
        name=path.name,
        rows=rows,
        locale=properties.locale(connection, url.database),
        settings=properties.statements(connection, url.database),
        of=url.database,
        expected_bytes=sum(file.stat().st_size for file in ([path] if path.is_file() else path.iterdir())),
        load=load,
        compare=lambda copy: tuple(beside.compare_rows(rows, _rows_in(copy))),
    )


def _play(script: Iterator[bytes], into: DatabaseUrl, path: Path, version: int) -> None:
    try:
        play(script, into=into, server_version=version)
    except child.ToolFailed as failed:
        raise load_condition(failed, path.name, into) from None


def _make_copy(
    connection: psycopg.Connection, known: _Source, copy: DatabaseUrl, events: EventSink
) -> tuple[Mapping[str, int], tuple[Message, ...]]:
    """The copy, loaded, compared and analysed: a database without statistics would answer its first queries slowly."""

    def tell(done: int) -> None:
        data = {"what": "restore", "done": done, "total": max(done, known.expected_bytes), "unit": "bytes"}
        events(Event(kind=EventKind.PROGRESS, data=data, database=copy.database))

    with beside.fresh_database(connection, copy.database, known.locale, keep=True):
        known.load(copy, beside.growth(connection, copy.database, tell))
        differences = known.compare(copy)
        with _session(copy) as session:
            session.execute("ANALYZE")
        return known.rows, differences


def _settle(connection: psycopg.Connection, known: _Source, name: str) -> Iterator[Message]:
    """Gives the copy what belongs to the database itself: before the swap, where a failure costs nothing."""
    for statement in properties.of_database(known.settings, known.of, name):
        try:
            connection.execute(sql.SQL(statement))  # composed and quoted when it was read
        except psycopg.Error as failure:
            yield _NOT_SET(statement=statement, reason=str(failure).partition("\n")[0])


def _exchange(url: DatabaseUrl, name: str, events: EventSink, language: Language) -> Swapped:
    exchanged = swap(url, name)
    data = {
        "message": _EXCHANGED(copy=name, live=url.database, terminated=exchanged.terminated).render(language),
        "seconds": exchanged.seconds,
        "terminated": exchanged.terminated,
        "kept": exchanged.kept,
    }
    events(Event(kind=EventKind.NOTICE, data=data, database=url.database))
    return exchanged


def _rows_in(copy: DatabaseUrl) -> dict[str, int]:
    with _session(copy) as connection:
        return count_rows(connection, tables_of(connection))


@contextmanager
def _session(url: DatabaseUrl) -> Iterator[psycopg.Connection]:
    connection = connect(url, purpose="restore", settings=beside.PATIENT)
    try:
        yield connection
    finally:
        connection.close()
