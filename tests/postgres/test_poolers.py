"""A transaction pooler in the way is found, also when nobody else uses it; a session pooler is let through."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from fixtures.pooler import pgbouncer

from watari.errors.reach import PoolerInTheWay
from watari.locale import Language
from watari.postgres.connection import connect, require_direct
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.poolers import direct_address


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_an_idle_transaction_pooler_is_found(server: EmbeddedServer, scratch: Path, mode: str) -> None:
    with (
        pgbouncer(server, scratch / f"idle-{mode}", mode=mode) as url,
        connect(url, purpose="x") as session,
        pytest.raises(PoolerInTheWay),
    ):
        require_direct(session)


def test_a_busy_transaction_pooler_is_found(server: EmbeddedServer, scratch: Path) -> None:
    with pgbouncer(server, scratch / "busy", mode="transaction", more="server_round_robin=1") as url:
        others = [psycopg.connect(**url.conninfo()) for _ in range(4)]
        for other in others:
            other.execute("select 1")  # each holds a server process in its transaction
        for other in others:
            other.rollback()
        with connect(url, purpose="x") as session, pytest.raises(PoolerInTheWay, match="several server processes"):
            require_direct(session)
        for other in others:
            other.close()


def test_settings_are_refused_through_a_transaction_pooler_and_never_left_there(
    server: EmbeddedServer, scratch: Path
) -> None:
    with pgbouncer(server, scratch / "settings", mode="transaction") as url:
        with pytest.raises(PoolerInTheWay):
            connect(url, purpose="apply", settings={"lock_timeout": "77ms"})
        with connect(url, purpose="x") as session:
            assert session.execute("show lock_timeout").fetchone() == ("0",)


def test_a_pooler_that_ignores_settings_is_still_found(server: EmbeddedServer, scratch: Path) -> None:
    more = "ignore_startup_parameters=options"
    with (
        pgbouncer(server, scratch / "ignoring", mode="transaction", more=more) as url,
        connect(url, purpose="apply", settings={"lock_timeout": "77ms"}) as session,
        pytest.raises(PoolerInTheWay),
    ):
        require_direct(session)


def test_a_session_pooler_is_let_through_with_its_settings(server: EmbeddedServer, scratch: Path) -> None:
    with (
        pgbouncer(server, scratch / "session", mode="session") as url,
        connect(url, purpose="apply", settings={"lock_timeout": "77ms"}) as session,
    ):
        require_direct(session)
        assert session.execute("show lock_timeout").fetchone() == ("77ms",)


@pytest.mark.parametrize(
    ("host", "port", "named"),
    [
        ("ep-cool-1-pooler.eu-central-1.aws.neon.tech", 5432, "Neon"),
        ("aws-0-eu-central-1.pooler.supabase.com", 6543, "Supabase"),
        ("x.proxy-abc.eu-west-1.rds.amazonaws.com", 5432, "RDS Proxy"),
        ("shop-do-user-1.db.ondigitalocean.com", 25061, "25060"),
        ("db.example.test", 6432, "5432"),
        ("db.example.test", 5433, "session mode"),
    ],
)
def test_the_hint_knows_the_way_around(host: str, port: int, named: str) -> None:
    error = PoolerInTheWay(host=host, port=port, reason="x", direct=direct_address(host, port))
    assert error.advice and named in error.advice.render(Language.EN)
    assert error.advice.render(Language.JA) != error.advice.render(Language.EN)
