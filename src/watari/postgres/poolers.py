"""Connection poolers: how to tell that one stands in the way, and where its server can be reached directly.

In transaction pooling each transaction may run on another server process: session locks, settings and concurrent builds
do not belong to anybody there. Session pooling is harmless.
"""

from __future__ import annotations

import os
import re

import psycopg
from psycopg.conninfo import make_conninfo

from watari.errors.reach import PoolerInTheWay
from watari.locale import Message, Text
from watari.postgres.queries import load

#: Host or port by which a pooler of a known service is recognised, and where the server itself is.
_KNOWN: tuple[tuple[str, Text], ...] = (
    (
        r"-pooler\.[^:]*:\d+$",
        Text(
            en="connect to the same host without -pooler (Neon's direct address)",
            ja="ホスト名から -pooler を除いた Neon の直接接続先を指定してください",
        ),
    ),
    (
        r"\.pooler\.supabase\.com:6543$",
        Text(
            en="connect to port 5432 of the same host (Supabase's session mode) or to db.<project>.supabase.co",
            ja="同じホストの 5432 番ポート(Supabase のセッションモード)または db.<project>.supabase.co を指定してください",
        ),
    ),
    (
        r"\.proxy-[^:]*\.rds\.amazonaws\.com:\d+$",
        Text(
            en="connect to the instance's or cluster's own endpoint instead of RDS Proxy",
            ja="RDS Proxy ではなく、インスタンスまたはクラスターのエンドポイントを指定してください",
        ),
    ),
    (
        r"\.db\.ondigitalocean\.com:25061$",
        Text(
            en="connect to port 25060 of the same host",
            ja="同じホストの 25060 番ポートを指定してください",
        ),
    ),
    (
        r":(6432|6543)$",
        Text(
            en="connect to the server itself, usually port 5432 behind this one",
            ja="プーラーの背後にあるサーバー自体(通常は 5432 番ポート)を指定してください",
        ),
    ),
)
_ANY = Text(
    en="give the server's own address, or set the pooler to session mode for this user",
    ja="サーバー自体の接続先を指定するか、このユーザーのプールをセッションモードにしてください",
)

MOVES = Text(
    en="statements of one session ran in several server processes",
    ja="1 つのセッションの文が複数のサーバープロセスで実行されました",
)
SHARED = Text(
    en="two sessions share one server process, so it pools transactions",
    ja="2 つのセッションが 1 つのサーバープロセスを共有しています(トランザクションプーリング)",
)

_STATEMENTS = 6


def direct_address(host: str, port: int) -> Message:
    """Where to connect instead, for a pooler at this address."""
    address = f"{host}:{port}"
    return next((text for pattern, text in _KNOWN if re.search(pattern, address)), _ANY)()


def require_direct(connection: psycopg.Connection) -> None:
    """Returns if the session keeps one server process for itself; raises `PoolerInTheWay`.

    Costs a few small statements, and a second connection only where something stands between: the process number of
    the greeting is then not that of the server process. The connection is to be idle.
    """
    pids = {_pid(connection) for _ in range(_STATEMENTS)}
    if len(pids) > 1:
        raise _refused(connection, MOVES())
    if pids != {connection.info.backend_pid} and _shares(connection):
        raise _refused(connection, SHARED())


def _pid(connection: psycopg.Connection) -> int:
    # each on its own: a pooler may give every transaction another process
    row = connection.execute(load("backend_pid")).fetchone()
    if not connection.autocommit:
        connection.rollback()
    return int(row[0]) if row else 0


def _shares(connection: psycopg.Connection) -> bool:
    """Whether a second session meets the process, or the setting, of the first while that one is still there."""
    token = os.urandom(8).hex()
    info = connection.info
    try:
        dsn = make_conninfo(info.dsn, password=info.password)
        other = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError:
        return False
    with other:
        for _ in range(_STATEMENTS):
            first = connection.execute(load("mark_session"), [token]).fetchone()
            second = other.execute(load("session_mark")).fetchone()
            if not connection.autocommit:
                connection.rollback()
            if first and second and (first[0] == second[0] or second[1] == token):
                return True
    return False


def _refused(connection: psycopg.Connection, reason: Message) -> PoolerInTheWay:
    info = connection.info
    return PoolerInTheWay(host=info.host, port=info.port, reason=reason, direct=direct_address(info.host, info.port))
