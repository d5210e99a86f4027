"""How far a backup can be trusted: its files hashed, its archive read through, the whole of it restored and compared.

A level is reached only when the one below it holds. Why reading is not enough: pg_dump writes zstd frames without a content
checksum, so that most flipped bits decode to other rows without an error; only the manifest's SHA-256 finds them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from watari.backup import beside, manifest, names, preflight, storage
from watari.backup.dump import PgDump
from watari.backup.questions import rows
from watari.backup.shelf import archive
from watari.backup.tool import BackupTool
from watari.errors import WatariError
from watari.errors.backups import RestoreFailed
from watari.errors.usage import ManifestUnreadable
from watari.evidence.backup import Backup, VerificationLevel
from watari.evidence.event import Event, EventKind, EventSink, ignore
from watari.locale import Language, Message, Text, language_of_environment
from watari.project.url import DatabaseUrl
from watari.values import dataclass, replace

#: A copy that nobody is in is what a killed verification left, once it is older than any verification takes to begin.
_LEFT_ALONE_SECONDS = 3600
#: Tables, their indexes, and the WAL of loading them.
_ROOM = 3

_CHANGED = Text(
    en='file "{file}" is not the one that was written (SHA-256 differs)',
    ja='ファイル "{file}" は作成時と内容が異なります（SHA-256 不一致）',
)
_MANIFEST_CHANGED = Text(
    en="the manifest is not the one that was written with the backup (SHA-256 differs)",
    ja="マニフェストが作成時のものと異なります（SHA-256 不一致）",
)
_STRANGER = Text(en='file "{file}" is not in the manifest', ja='ファイル "{file}" はマニフェストにありません')
_UNREADABLE = Text(en="the archive cannot be read through: {reason}", ja="アーカイブを最後まで読み取れません: {reason}")
_NOT_COVERED = Text(en="not restored on {place}: {reason}", ja="{place} では復元を検証していません: {reason}")
_THE_SERVER = Text(en="the server itself", ja="元のサーバー")
_THROW_AWAY = Text(en="a throw-away server", ja="使い捨てサーバー")
_DIFFERS = Text(en="the restored copy differs: {difference}", ja="復元した複製が異なります: {difference}")
_NO_ADDRESS = Text(en="no server was named", ja="サーバーが指定されていません")
_MORE = Text(en="… and {count} more differences", ja="…ほか {count} 件の差異")
_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """One try to restore: `reason` where the place could not have it, else the differences that were found."""

    place: Text
    reason: Message | str | None = None
    differences: tuple[Message, ...] = ()


def verify(
    backup: Backup,
    *,
    url: DatabaseUrl | None = None,
    level: VerificationLevel = VerificationLevel.RESTORED,
    jobs: int = 2,
    events: EventSink = ignore,
    language: Language | None = None,
    tool: BackupTool | None = None,
) -> Backup:
    """The backup with how far it holds, up to `level`, and what was found, as sentences in `language`.

    It is restored beside on the server of `url` where that login may create databases, else on a throw-away server of the
    same major version where there is one; where neither can have it, the level stays lower and a finding says why. What
    comes out is remembered in the backup's folder.
    """
    told = language or language_of_environment()
    reached, findings = _examine(backup, url, level, jobs, events, tool or PgDump())
    words = tuple(finding.render(told) for finding in findings)
    proved = replace(backup, verified=reached, verified_at=datetime.now(UTC), findings=words)
    with suppress(OSError):  # a copy on a read-only medium is as good as before
        if (Path(backup.folder) / storage.MANIFEST).is_file():
            manifest.write_verification(proved)
    return proved


def hashed(backup: Backup) -> tuple[Message, ...]:
    """What of the backup's files is not as the manifest says; empty where everything is."""
    folder = Path(backup.folder)
    return (*_manifest_findings(backup, folder), *_file_findings(backup, folder))


def _examine(
    backup: Backup,
    url: DatabaseUrl | None,
    level: VerificationLevel,
    jobs: int,
    events: EventSink,
    tool: BackupTool,
) -> tuple[VerificationLevel, tuple[Message, ...]]:
    if wrong := hashed(backup):
        return VerificationLevel.EXISTS, wrong
    if level < VerificationLevel.READ:
        return VerificationLevel.HASHED, ()
    if wrong := _read_through(backup, tool):
        return VerificationLevel.HASHED, wrong
    if level < VerificationLevel.RESTORED:
        return VerificationLevel.READ, ()
    attempts: list[_Attempt] = []
    for attempt in _attempts(backup, url, jobs, events, tool):
        if attempt.reason is None:
            restored = not attempt.differences
            findings = tuple(_limited(attempt.differences))
            return (VerificationLevel.RESTORED if restored else VerificationLevel.READ), findings
        attempts.append(attempt)
    return VerificationLevel.READ, tuple(_NOT_COVERED(place=a.place(), reason=a.reason) for a in attempts)


def _manifest_findings(backup: Backup, folder: Path) -> Iterator[Message]:
    try:
        written = manifest.sha256(folder / storage.MANIFEST)
    except OSError:
        yield manifest.MISSING(file=storage.MANIFEST)
        return
    sums = manifest.written_sums(folder)
    known = {sums.get(storage.MANIFEST), backup.manifest_sha256}
    if known != {written}:
        yield _MANIFEST_CHANGED()
    try:
        manifest.load(folder)
    except ManifestUnreadable as unreadable:
        yield unreadable.message


def _file_findings(backup: Backup, folder: Path) -> Iterator[Message]:
    wanted = {file.path: file for file in backup.files}
    there = {path.relative_to(folder).as_posix(): path for path in storage.files_of(folder)}
    for name, file in wanted.items():
        if name not in there:
            yield manifest.MISSING(file=name)
        elif (found := there[name].stat().st_size) != file.bytes:
            yield manifest.OTHER_SIZE(file=name, found=found, wanted=file.bytes)
        elif manifest.sha256(there[name]) != file.sha256:
            yield _CHANGED(file=name)
    for name in there.keys() - wanted.keys():
        yield _STRANGER(file=name)


def _read_through(backup: Backup, tool: BackupTool) -> tuple[Message, ...]:
    encoding = backup.locale.get("encoding", "UTF8")
    try:
        found = tool.read(archive(backup), client_version=backup.client_version, encoding=encoding)
    except WatariError as failure:
        return (_UNREADABLE(reason=failure.message),)
    return tuple(beside.compare_rows(backup.rows, found))


def _attempts(
    backup: Backup, url: DatabaseUrl | None, jobs: int, events: EventSink, tool: BackupTool
) -> Iterator[_Attempt]:
    if url is None:
        yield _Attempt(place=_THE_SERVER, reason=_NO_ADDRESS())
    else:
        yield _attempt(_THE_SERVER, lambda: _restore_at(url, backup, jobs, events, tool))
    yield _attempt(_THROW_AWAY, lambda: _restore_on_throw_away(backup, jobs, events, tool))


def _attempt(place: Text, restore: Callable[[], tuple[Message, ...]]) -> _Attempt:
    try:
        return _Attempt(place=place, differences=restore())
    except WatariError as failure:
        return _Attempt(place=place, reason=failure.message)
    except (psycopg.Error, OSError) as failure:
        return _Attempt(place=place, reason=str(failure).partition("\n")[0])


def _restore_at(
    url: DatabaseUrl, backup: Backup, jobs: int, events: EventSink, tool: BackupTool
) -> tuple[Message, ...]:
    with beside.maintenance(url, "verify") as connection:
        beside.require_creating(connection)
        _drop_left_alone(connection, backup.database)
        if missing := beside.missing_extensions(connection, backup.extensions):
            reason = beside.NO_EXTENSIONS(names=", ".join(missing))
            raise RestoreFailed(source=backup.id, database=backup.database, reason=reason)
        name = beside.free_name(connection, backup.database, names.VERIFY)
        copy = url.of_database(name)
        with beside.fresh_database(connection, name, backup.locale):
            tick = beside.growth(connection, name, _progress(backup, events))
            beside.load(tool, backup, copy, jobs=jobs, tick=tick)
            return beside.compare(copy, backup)


def _restore_on_throw_away(backup: Backup, jobs: int, events: EventSink, tool: BackupTool) -> tuple[Message, ...]:
    preflight.require_space(Path(tempfile.gettempdir()), _ROOM * backup.table_bytes)
    with _throw_away(backup.server_version // 10_000) as url:
        with beside.maintenance(url, "verify") as connection:
            known = {name for (name,) in rows(connection, "known_roles", {"names": list(backup.roles)})}
            for role in backup.roles:
                if role not in known:
                    connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        return _restore_at(url, backup, jobs, events, tool)


@contextmanager
def _throw_away(major: int) -> Iterator[DatabaseUrl]:
    from watari.postgres.embedded import EmbeddedServer
    from watari.postgres.installations import server_programs

    programs = server_programs(major=major)
    folder = Path(tempfile.mkdtemp(prefix="watari-verify-"))
    folder.chmod(0o711)  # the server runs as another user where this one is root
    try:
        with EmbeddedServer.start(folder / "server", bin_folder=programs, scratch=folder) as server:
            yield server.url("postgres")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _drop_left_alone(connection: psycopg.Connection, database: str) -> None:
    """Copies that a killed verification left: hours old and with nobody in them."""
    prefix = names.prefix(database, names.VERIFY)
    for name, _, sessions in rows(connection, "kept", {"prefix": prefix}):
        at = names.made_at(name, database, names.VERIFY)
        if at and not sessions and (datetime.now(UTC) - at).total_seconds() > _LEFT_ALONE_SECONDS:
            beside.drop(connection, name)


def _progress(backup: Backup, events: EventSink) -> Callable[[int], None]:
    def tell(done: int) -> None:
        data = {"what": "verify", "done": done, "total": max(done, backup.table_bytes), "unit": "bytes"}
        events(Event(kind=EventKind.PROGRESS, data=data, database=backup.database))

    return tell


def _limited(differences: tuple[Message, ...]) -> Iterator[Message]:
    for difference in differences[:_SHOWN]:
        yield _DIFFERS(difference=difference)
    if len(differences) > _SHOWN:
        yield _MORE(count=len(differences) - _SHOWN)
