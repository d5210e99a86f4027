"""The application's statements are sent to the clone with values that fit, while the plan runs."""

from __future__ import annotations

import time

import psycopg
import pytest
from fixtures.runs import Runs, plan_of, transaction

from watari.evidence.application import ApplicationQuery
from watari.migrations import Migration
from watari.planning import canonical
from watari.rehearsal.rehearse import rehearse
from watari.rehearsal.traffic.parameters import Against, asked

SHOP = """
create table customers (id int primary key, email text unique);
create table orders (id bigint primary key, customer_id int references customers, total int not null);
insert into customers select g, 'c' || g from generate_series(1, 500) g;
insert into orders select g, g % 500 + 1, g from generate_series(1, 5000) g;
analyze;
"""
QUERIES = (
    "select id from customers where email = $1",
    "select total from orders where customer_id = $1 order by id desc limit $2",
    "insert into orders (id, customer_id, total) values ($1, $2, $3)",
    "update orders set total = $1 where id = $2",
)


def queries(texts=QUERIES):
    return [ApplicationQuery(text=text, source="test", calls=10) for text in texts]


@pytest.fixture
def shop(connection):
    connection.execute(SHOP)
    connection.close()


def rehearsed(database, *statements, texts=QUERIES, rate=300.0):
    runs = Runs(database)
    plan = plan_of(*(transaction(*each.split("; ")) for each in statements))
    return rehearse(
        plan,
        canonical.dumps(plan),
        url=database,
        framework=runs.framework,
        migrations=[Migration(id=name, name=name, file=f"{name}.sql", up=None) for name in plan.migrations],
        policy=runs.policy,
        queries=queries(texts),
        traffic=rate,
    )


def test_each_parameter_stands_against_its_column():
    found = asked("select 1 from orders o where o.customer_id = $1 and total in ($2, $3) limit $4")
    assert [(each.number, each.column) for each in found.parameters] == [
        (1, "customer_id"), (2, "total"), (3, "total"), (4, None),
    ]  # fmt: skip
    inserted = asked("insert into orders (id, total) values ($1::bigint, $2) on conflict (id) do update set total = $3")
    assert [each for each in inserted.parameters if each.new] == [
        Against(number=1, column="id", new=True), Against(number=2, column="total", new=True),
    ]  # fmt: skip
    assert inserted.relations[0].name == "orders"
    assert asked("select from where") is None


def test_a_stall_is_seen_in_the_step_that_makes_it(database, shop):
    evidence = rehearsed(
        database,
        "create table elsewhere (id int)",
        "lock table orders in access exclusive mode; select pg_sleep(0.6)",
    )
    traffic = evidence.traffic
    by_step = {span.step: span for span in traffic.steps}
    assert traffic.statements == 4 and traffic.idle.operations > 100
    assert traffic.idle.failed == 0 and not traffic.failures
    last = by_step["0001.2"]
    assert last.longest > 0.5 and traffic.longest == last.longest
    # values fit: rows were found and brought in, and nearly none was refused
    assert traffic.refused <= traffic.idle.operations / 10


def test_what_fails_under_load_is_said_in_the_servers_words(database, shop):
    evidence = rehearsed(database, "alter table customers rename column email to mail", "select pg_sleep(0.3)")
    assert any("email" in failure for failure in evidence.traffic.failures)
    assert sum(span.failed for span in evidence.traffic.steps) > 0


def test_the_load_goes_to_a_clone_of_its_own_and_ends(database, shop, server):
    evidence = rehearsed(database, "create table elsewhere (id int)")
    assert evidence.sound
    time.sleep(0.2)
    with psycopg.connect(**server.url().conninfo()) as admin:
        left = admin.execute("select count(*) from pg_stat_activity where application_name like '%traffic%'").fetchone()
        clones = admin.execute("select count(*) from pg_database where datname like 'watari_clone%'").fetchone()
        assert (left, clones) == ((0,), (0,))
    with psycopg.connect(**database.conninfo()) as own:
        assert own.execute("select count(*) from orders").fetchone() == (5000,)


def test_without_statements_there_is_no_load(database, shop):
    assert rehearsed(database, "select 1", texts=("select from nowhere",)).traffic is None
