"""From what a tool sent to a script that can be planned, and the recordings that are none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from watari.postgres.connection import connect
from watari.project.url import DatabaseUrl
from watari.recorder.recorder import Recorder
from watari.rehearsal.transcript import NoScript, script_of
from watari.sql.statement import Statement

MADE = "create table kept (id int, word text, number float8, at timestamptz, items int[], extra jsonb)"


def transcript(url: DatabaseUrl, tool: Callable[[psycopg.Connection], None]) -> str:
    """The script of what `tool` does in one session through the recorder."""
    with Recorder(url) as recorder:
        with psycopg.connect(**recorder.url.conninfo(), autocommit=True) as session:
            tool(session)
        recording = recorder.recording()
    assert recording.sound
    with connect(url, purpose="rehearsal") as own:

        def bookkeeping(statement: Statement) -> bool:
            return "history" in statement.text

        return script_of(recording, file="m.rs", bookkeeping=bookkeeping, connection=own).data.decode()


def sends(*texts: str) -> Callable[[psycopg.Connection], None]:
    def tool(session: psycopg.Connection) -> None:
        for text in texts:
            session.execute(text)

    return tool


def test_statements_keep_their_transactions(database: DatabaseUrl) -> None:
    texts = (
        *("create table history (id int)", "begin", "create table a (id int)", "create index on a (id)"),
        *(
            "insert into history values (1)",
            "commit",
            "comment on table a is 'x;y'",
            "create index concurrently b on a (id)",
        ),
    )
    assert transcript(database, sends(*texts)) == (
        "BEGIN;\ncreate table a (id int);\ncreate index on a (id);\nCOMMIT;\n"
        "comment on table a is 'x;y';\ncreate index concurrently b on a (id);\n"
    )


def test_statements_sent_together_stay_together(database: DatabaseUrl) -> None:
    assert transcript(database, sends("create table a (id int); create table b (id int); ")) == (
        "BEGIN;\ncreate table a (id int);\ncreate table b (id int);\nCOMMIT;\n"
    )


def test_what_only_asks_the_catalog_is_left_out(database: DatabaseUrl) -> None:
    asked = (
        *("select version()", "show timezone", "select count(*) from information_schema.tables"),
        *("select oid from pg_class limit 1", "select 1 from pg_catalog.pg_type limit 1"),
    )
    assert transcript(database, sends(*asked, "create table a (id int)")) == "create table a (id int);\n"


def test_savepoints_that_take_nothing_back_do_no_harm(database: DatabaseUrl) -> None:
    kept = ("begin", "create table a (id int)", "savepoint s", "create table b (id int)", "release s", "commit")
    looked = ("begin", "savepoint t", "select oid from pg_class limit 1", "rollback to t", "rollback")
    assert transcript(database, sends(*kept, *looked)) == (
        "BEGIN;\ncreate table a (id int);\ncreate table b (id int);\nCOMMIT;\n"
    )


VALUES = (
    (1, "it's \\ 金", 0.1, datetime(2026, 1, 2, 3, 4, 5, 678901, UTC), [1, None, 3], Jsonb({"a": "'$1'"})),
    (-5, "", float("nan"), None, [], Jsonb(None)),
    (2**31 - 1, "$2", 1 / 3, datetime(1901, 1, 1, tzinfo=UTC), None, Jsonb([1.10])),
)


@pytest.mark.parametrize("values", VALUES, ids=("words", "less", "most"))
@pytest.mark.parametrize("binary", [False, True], ids=("text", "binary"))
def test_values_stand_as_the_literals_that_are_them(database: DatabaseUrl, values: tuple, binary: bool) -> None:
    def tool(session: psycopg.Connection) -> None:
        with session.cursor(binary=binary) as cursor:
            places = ", ".join(["%b" if binary else "%s"] * len(values))
            cursor.execute(sql.SQL("insert into kept values ({})").format(sql.SQL(places)), values)

    with connect(database, purpose="test") as own:
        own.execute(MADE)
        text = transcript(database, tool)
        assert "$3" not in text
        sent = own.execute("select kept::text from kept").fetchall()
        own.execute("truncate kept")
        own.execute(text)
        assert own.execute("select kept::text from kept").fetchall() == sent


def test_values_of_other_types_and_places(database: DatabaseUrl) -> None:
    with connect(database, purpose="test") as own:
        own.execute(
            "create table others as select 1::numeric n, 'x'::uuid u, date 'today' d, interval '1' i, ''::bytea b limit 0".replace(
                "'x'::uuid", "gen_random_uuid()"
            )
        )
    values = [Decimal("1.50"), UUID(int=7), date(2026, 1, 2), timedelta(days=1, seconds=2), b"\x00\xff"]

    def tool(session: psycopg.Connection) -> None:
        with session.cursor(binary=True) as cursor:
            cursor.execute("insert into others values (%s, %s, %s, %s, %s)", values)
            cursor.execute("update others set n = -(%b::int[])[1] where d = %s", [[4, 5], date(2026, 1, 2)])

    text = transcript(database, tool)
    with connect(database, purpose="test") as own:
        sent = own.execute("select others::text from others").fetchall()
        assert sent and sent[0][0].startswith("(-4,")
        own.execute("truncate others")
        own.execute(text)
        assert own.execute("select others::text from others").fetchall() == sent


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (("create table a (id int)", "select count(*) from a", "drop table a"), "may depend on the answer"),
        (("create sequence s", "select nextval('s')", "create table a (id int)"), "may depend"),
        (
            (
                "with x as (delete from pg_description where false returning 1) select * from x",
                "select now()",
                "vacuum",
            ),
            "may",
        ),
        (("create table a (id int)", "select count(*) from a"), "may depend on the answer"),
        (("create table a (id int)", "update a set id = 1 returning id"), "may depend on the answer"),
        (("begin", "savepoint s", "create table a (id int)", "rollback to s", "commit"), "savepoints"),
        (("begin", "create table a (id int)", "rollback"), "taken back"),
    ],
)
def test_what_cannot_be_vouched_for_is_no_script(database: DatabaseUrl, texts: tuple[str, ...], why: str) -> None:
    with pytest.raises(NoScript, match=why):
        transcript(database, sends(*texts))


def test_a_failure_that_was_swallowed_is_no_script(database: DatabaseUrl) -> None:
    def tool(session: psycopg.Connection) -> None:
        with pytest.raises(psycopg.Error):
            session.execute("drop table nowhere")
        session.execute("create table a (id int)")

    with pytest.raises(NoScript, match="failed and it went on"):
        transcript(database, tool)


def test_rows_by_copy_are_no_script(database: DatabaseUrl) -> None:
    def tool(session: psycopg.Connection) -> None:
        session.execute("create table a (id int)")
        with session.cursor().copy("copy a from stdin") as copy:
            copy.write_row((1,))

    with pytest.raises(NoScript, match="COPY"):
        transcript(database, tool)


def test_a_value_that_is_learnt_at_the_end_steers_nothing(database: DatabaseUrl) -> None:
    text = transcript(database, sends("create table a (id serial)", "insert into a default values returning id"))
    assert text.endswith("insert into a default values returning id;\n")
