"""Everything that must be right before the night, asked of one database; changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from watari.errors import WatariError
from watari.errors.reach import ReachError
from watari.locale import Message, Text
from watari.values import dataclass

if TYPE_CHECKING:
    import psycopg

    from watari.crossing.line import Crossing


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at; `note`: not right, but nothing that stops a run."""

    name: str
    right: bool
    message: Message
    note: bool = False


_SERVER = Text(en="PostgreSQL {version} at {address}", ja="PostgreSQL {version}（{address}）")
_PRIMARY = Text(en="a primary that can be written", ja="書き込み可能なプライマリ")
_DIRECT = Text(en="the connection is direct, no pooler in between", ja="プーラーを経由しない直接接続")
_MAY = Text(en='role "{role}" may create watari\'s schema', ja='ロール "{role}" は watari 用スキーマを作成できる')
_MAY_NOT = Text(
    en='role "{role}" may not create a schema in "{database}"; as its owner: GRANT CREATE ON DATABASE {database} TO {role};',
    ja='ロール "{role}" は "{database}" にスキーマを作成できません。所有者で GRANT CREATE ON DATABASE {database} TO {role}; を実行してください',
)
_OWNS = Text(en='role "{role}" owns every table', ja='ロール "{role}" は全テーブルを所有している')
_OWNS_NOT = Text(
    en='role "{role}" does not own {count} tables, among them {first}; changing them is refused by the server',
    ja='ロール "{role}" は {first} など {count} テーブルの所有者ではないため、変更はサーバーに拒否されます',
)
_FRAMEWORK = Text(en="{framework}, {count} migrations in {folder}", ja="{framework}、{folder} に {count} 件")
_TOOL = Text(en="{tool} {version} at {path}", ja="{tool} {version}（{path}）")
_DISK = Text(
    en="{free} MB free for backups in {folder}, the database has {needed} MB",
    ja="バックアップ先 {folder} の空き {free} MB、データベース {needed} MB",
)
_SLOTS = Text(en="{used} of {limit} connections in use", ja="接続数 {used} / {limit}")
_TIMEOUT = Text(
    en="the role's {name} is {value}; watari sets its own in its sessions",
    ja="ロールの {name} は {value}。watari はセッション内で独自に設定します",
)
_NO_STATEMENTS = Text(
    en="pg_stat_statements is not installed: no slow statements in the report",
    ja="pg_stat_statements が未導入のため、レポートに遅いクエリは載りません",
)
_STATEMENTS = Text(en="pg_stat_statements is there", ja="pg_stat_statements 導入済み")
_INVALID = Text(
    en="index {index} is INVALID, left by a build that broke off; drop it with DROP INDEX CONCURRENTLY {index};",
    ja="インデックス {index} が INVALID です（作成の中断）。DROP INDEX CONCURRENTLY {index}; で削除してください",
)
_VALID = Text(en="every index is valid", ja="すべてのインデックスが有効")
_OLD = Text(
    en="session {pid} ({user}, {application}) has a transaction open for {seconds} s; steps will wait for it",
    ja="セッション {pid}（{user}、{application}）のトランザクションが {seconds} 秒間開いたままです。ステップが待たされます",
)
_NO_OLD = Text(en="no transaction is open for longer than a minute", ja="1 分を超えるトランザクションはない")
_PREPARED = Text(
    en="prepared transaction {gid} ({user}) has been open for {seconds} s and keeps its locks; "
    "COMMIT PREPARED or ROLLBACK PREPARED '{gid}';",
    ja="プリペアドトランザクション {gid}（{user}）が {seconds} 秒間ロックを保持しています。"
    "COMMIT PREPARED または ROLLBACK PREPARED '{gid}'; を実行してください",
)
_SLOT = Text(
    en="replication slot {slot} is not being read and holds {held} of WAL on the disk",
    ja="レプリケーションスロット {slot} は読まれておらず、WAL を {held} 保持しています",
)
_NO_STANDBY = Text(
    en="synchronous_standby_names is {names} and no such standby is connected: no commit comes to its end",
    ja="synchronous_standby_names は {names} ですが該当スタンバイが接続されておらず、コミットが終わりません",
)
_STALE = Text(
    en="the order of collation {collation} has changed since its indexes were built; REINDEX them, then REFRESH VERSION",
    ja="照合順序 {collation} がインデックス作成後に変わっています。REINDEX の後、REFRESH VERSION を実行してください",
)
_LONG = 60.0


def examine(crossing: Crossing) -> tuple[Finding, ...]:
    """What was looked at, in the order in which it matters; where the server is out of reach, that and what needs no server."""
    findings = [_asked("migrations", lambda: _framework(crossing))]
    findings += [Finding(name="settings", right=False, note=True, message=words) for words in crossing.project.warnings]
    findings += _notes(crossing)
    findings += [Finding(name="address", right=False, note=True, message=words) for words in crossing.target.notes]
    try:
        with crossing.connection("doctor") as connection:
            findings += _server(crossing, connection)
    except ReachError as condition:
        findings.append(Finding(name="server", right=False, message=condition.message))
    return tuple(findings)


def _notes(crossing: Crossing) -> list[Finding]:
    try:
        return [Finding(name="framework", right=True, message=words) for words in crossing.framework.notes()]
    except WatariError:  # told already, as what is wrong with the migrations
        return []


def _server(crossing: Crossing, connection: psycopg.Connection) -> Iterator[Finding]:
    from watari.postgres.connection import require_direct, require_primary

    version = connection.info.parameter_status("server_version") or ""
    server = _SERVER(version=version.split(" ")[0], address=crossing.target.url)
    yield Finding(name="server", right=True, message=server)
    yield _required("primary", require_primary, connection, _PRIMARY())
    yield _required("pooler", require_direct, connection, _DIRECT())
    yield from _privileges(crossing, connection)
    major = connection.info.server_version // 10000
    for name in ("pg_dump", "pg_restore"):
        yield _asked(name, lambda name=name: _tool(name, major))  # type: ignore[misc]
    yield from _circumstances(crossing, connection)
    yield from _around(connection)


def _around(connection: psycopg.Connection) -> Iterator[Finding]:
    """What is true of the server around the database and will be in the way."""
    from watari.postgres.live_facts import read_cluster
    from watari.postgres.queries import load
    from watari.risk.phrases import size

    for gid, user, seconds in connection.execute(load("doctor_prepared")).fetchall():
        words = _PREPARED(gid=gid, user=user, seconds=round(seconds))
        yield Finding(name="prepared", right=False, message=words)
    cluster = read_cluster(connection)
    if cluster is None:
        return
    for slot in cluster.slots:
        if not slot.active:
            words = _SLOT(slot=slot.name, held=size(slot.retained))
            yield Finding(name="slots", right=False, note=True, message=words)
    row = connection.execute("select current_setting('synchronous_standby_names')").fetchone()
    names = row[0] if row else ""
    if names and not any(standby.synchronous for standby in cluster.standbys):
        yield Finding(name="standbys", right=False, note=True, message=_NO_STANDBY(names=names))
    for collation in cluster.stale_collations:
        yield Finding(name="collations", right=False, note=True, message=_STALE(collation=collation))


def _required(
    name: str, require: Callable[[psycopg.Connection], None], connection: psycopg.Connection, words: Message
) -> Finding:
    try:
        require(connection)
    except WatariError as condition:
        return Finding(name=name, right=False, message=condition.message)
    return Finding(name=name, right=True, message=words)


def _asked(name: str, ask: Callable[[], Message]) -> Finding:
    """A question that raises what is wrong."""
    try:
        return Finding(name=name, right=True, message=ask())
    except WatariError as condition:
        return Finding(name=name, right=False, message=condition.message)


def _framework(crossing: Crossing) -> Message:
    folder = crossing.framework.settings.folder
    return _FRAMEWORK(framework=crossing.framework.name, count=len(crossing.migrations), folder=folder)


def _tool(name: str, major: int) -> Message:
    from watari.postgres.client_tools import tool

    found = tool(name, at_least=major)
    return _TOOL(tool=name, version=found.version, path=found.path)


def _privileges(crossing: Crossing, connection: psycopg.Connection) -> Iterator[Finding]:
    from watari.postgres.queries import load

    row = connection.execute(load("doctor_privileges")).fetchone()
    if row is None:
        return
    role, may_create, not_owned, first = row
    words = (_MAY if may_create else _MAY_NOT)(role=role, database=crossing.target.url.database)
    yield Finding(name="schema", right=may_create, message=words)
    words = _OWNS(role=role) if not not_owned else _OWNS_NOT(role=role, count=not_owned, first=first)
    yield Finding(name="owner", right=not not_owned, message=words)


def _circumstances(crossing: Crossing, connection: psycopg.Connection) -> Iterator[Finding]:
    from watari.postgres.queries import load

    row = connection.execute(load("doctor_circumstances")).fetchone()
    if row is None:
        return
    size, used, limit, statements = row
    yield _disk(crossing, size)
    slots = _SLOTS(used=used, limit=limit)
    yield Finding(name="connections", right=limit - used >= 5, message=slots)
    words = _STATEMENTS() if statements else _NO_STATEMENTS()
    yield Finding(name="statistics", right=statements, note=True, message=words)
    invalid = connection.execute(load("doctor_invalid_indexes")).fetchall()
    for (index,) in invalid:
        yield Finding(name="indexes", right=False, message=_INVALID(index=index))
    if not invalid:
        yield Finding(name="indexes", right=True, message=_VALID())
    old = connection.execute(load("doctor_old_transactions"), [_LONG]).fetchall()
    for pid, user, application, seconds in old:
        words = _OLD(pid=pid, user=user, application=application or "-", seconds=round(seconds))
        yield Finding(name="transactions", right=False, note=True, message=words)
    if not old:
        yield Finding(name="transactions", right=True, message=_NO_OLD())
    for name, value in connection.execute(load("doctor_timeouts")).fetchall():
        yield Finding(name="timeouts", right=False, note=True, message=_TIMEOUT(name=name, value=value))


def _disk(crossing: Crossing, size: int) -> Finding:
    folder = crossing.project.backup_folder
    there = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(there).free
    words = _DISK(free=f"{free // 2**20:,}", folder=folder, needed=f"{size // 2**20:,}")
    return Finding(name="disk", right=free > size, message=words)
