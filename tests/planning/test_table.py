"""A plan's rows say in both languages what happens, what is locked and who waits."""

from __future__ import annotations

import psycopg

from planning.conftest import ALL_LARGE, migration, plan_of
from planning.test_planner import with_orders
from planning.test_undo import STATEMENTS
from watari.locale import Language
from watari.planning.table import rows
from watari.postgres.reader import read_catalog


def test_each_step_has_a_row_in_words() -> None:
    sql = "create index on orders (total); alter table orders alter total type bigint; create table t (id int)"
    plan = plan_of(with_orders(), migration("001", sql), migration("002", None), policy=ALL_LARGE)
    table = rows(plan)
    assert [row.step for row in table] == [step.id for step in plan.steps]
    words = [row.what.render(Language.EN) for row in table]
    assert words[0] == "build index orders_total_idx on orders while writes go on"
    assert "bring the rows of public.orders over in batches" in words
    assert any(
        each.startswith("put the new column public.orders.total in the place of the old one, kept") for each in words
    )
    assert words[-1] == "run the framework's own command for 002"
    assert table[0].locks == "public.orders: SHARE UPDATE EXCLUSIVE"
    waits = [row.waits.render(Language.EN) for row in table]
    assert waits[0] == "nobody waits" and waits[1] == "a moment, with patience" and waits[-1] == "not known beforehand"
    assert table[0].phase.render(Language.JA) == "拡張"


def test_what_stops_the_application_says_whom() -> None:
    sql = "create index on orders (total); alter table orders alter total type bigint"
    plan = plan_of(with_orders(), migration("001", sql), migration("002", "select 1"))
    whole = plan_of(with_orders(), migration("001", f"savepoint s; {sql}"))
    assert rows(whole)[0].waits.render(Language.EN) == "everybody, while it works"
    assert rows(plan)[-1].what.render(Language.EN) == "run a query"


def test_every_kind_of_statement_has_words_in_both_languages() -> None:
    for number, statement in enumerate(STATEMENTS):
        for row in rows(plan_of(with_orders(), migration(str(number), statement))):
            english, japanese = row.what.render(Language.EN), row.what.render(Language.JA)
            assert english and japanese and "run a statement" not in english, statement
            assert not any("぀" <= letter <= "ヿ" for letter in english), statement


def test_a_change_in_batches_says_what_it_changes_and_along_what(connection: psycopg.Connection) -> None:
    connection.execute("create table t (id int primary key, n int); insert into t values (1, 1); analyze t")
    plan = plan_of(read_catalog(connection), migration("001", "update t set n = 2; delete from t where n = 3"))
    said = [row.what.render(Language.EN) for row in rows(plan)]
    assert said[:4] == [
        "write down the keys of rows that are inserted into t meanwhile",
        "update rows of public.t in batches along id",
        "stop writing down the rows inserted into t",
        "write down the keys of rows that are inserted into t meanwhile",
    ]
    assert said[4] == "delete rows of public.t in batches along id"
