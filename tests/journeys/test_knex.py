"""A real Knex project: watari plans what Knex sends on a clone, and each continues what the other began."""

from __future__ import annotations

from collections.abc import Callable

from fixtures.knex_projects import KnexProject
from fixtures.program import Answer

from journeys.comparing import asked, row_counts, same_schema, told
from journeys.test_interrupted import CTRL_C, interrupted
from watari.project.url import DatabaseUrl

SHOP = [
    "20260101000001_customers.js",
    "20260102000001_grades.js",
    "20260103000001_graded.js",
    "20260104000001_index.js",
    "20260105000001_mark.js",
]
CUSTOMERS = "insert into customers (email, name) select 'c' || n, 'c' || n from generate_series(1, 30000) n; analyze"
#: What the shop's migrations leave in its tables.
LEFT = (
    "select * from grades order by id",
    "select id, name, grade_id from customers where grade_id is not null order by id",
    "select name from knex_migrations order by id",
    "select is_locked from knex_migrations_lock",
)


def done(answer: Answer) -> Answer:
    assert answer.status == 0, answer.out + answer.err
    return answer


def begin(project: KnexProject, url: DatabaseUrl) -> None:
    """The database as Knex leaves it before the second migration, with customers."""
    project.knex(url, "migrate:up")
    told(url, CUSTOMERS)


def test_what_knex_sends_is_planned_in_safe_forms(shop_of_knex: KnexProject, database: DatabaseUrl) -> None:
    begin(shop_of_knex, database)
    folder = shop_of_knex.folder(database)
    steps: dict[str, list[dict]] = {}
    for step in done(folder.watari("plan", "--json")).document["steps"]:
        steps.setdefault(step["migration"], []).append(step)
    assert list(steps) == SHOP[1:]
    grades = steps[SHOP[1]][0]["sql"]
    assert "it''s second" in grades[1] and "last" in grades[3]
    texts = [text for step in steps[SHOP[2]] for text in step["sql"]]
    assert any("CREATE UNIQUE INDEX CONCURRENTLY" in text for text in texts)
    assert any("VALIDATE CONSTRAINT" in text for text in texts)
    assert steps[SHOP[3]][0]["kind"] == "concurrent"
    (by_knex,) = steps[SHOP[4]]
    assert by_knex["kind"] == "command" and 'select "id" from "customers"' in by_knex["notes"][0]["en"]
    assert not any("knex_migrations" in text for each in steps.values() for step in each for text in step["sql"])
    assert shop_of_knex.pending(database) == SHOP[1:]


def test_watari_continues_what_knex_began(
    shop_of_knex: KnexProject, database: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    other = new_database()
    for url in (database, other):
        begin(shop_of_knex, url)
    shop_of_knex.knex(other, "migrate:latest")
    folder = shop_of_knex.folder(database)
    done(folder.watari("apply", "--yes"))
    assert shop_of_knex.pending(database) == []
    assert "Already up to date" in shop_of_knex.knex(database, "migrate:latest")
    same_schema(database, other)
    assert row_counts(database) == row_counts(other)
    for query in LEFT:
        assert asked(database, query) == asked(other, query), query
    batches = "select batch from knex_migrations order by id"
    assert [batch for (batch,) in asked(database, batches)][:4] == [1, 2, 2, 2]
    shapes = (
        "select attname, atttypid::regtype::text, attnotnull from pg_attribute where attnum > 0 "
        "and attrelid in ('knex_migrations'::regclass, 'knex_migrations_lock'::regclass) order by 1"
    )
    assert asked(database, shapes) == asked(other, shapes)
    done(folder.watari("status"))
    done(folder.watari("verify"))
    shop_of_knex.knex(database, "migrate:rollback", "--all")
    assert shop_of_knex.pending(database) == SHOP


def test_knex_continues_what_watari_began_from_nothing(shop_of_knex: KnexProject, database: DatabaseUrl) -> None:
    folder = shop_of_knex.folder(database)
    done(folder.watari("apply", "--to", SHOP[2], "--yes"))
    assert shop_of_knex.pending(database) == SHOP[3:]
    shop_of_knex.knex(database, "migrate:rollback")
    assert shop_of_knex.pending(database) == SHOP  # one run is one batch
    done(folder.watari("apply", "--to", SHOP[2], "--yes"))
    shop_of_knex.knex(database, "migrate:latest")
    done(folder.watari("status"))


def test_the_way_back_goes_by_knexs_own_down(shop_of_knex: KnexProject, database: DatabaseUrl) -> None:
    begin(shop_of_knex, database)
    folder = shop_of_knex.folder(database)
    done(folder.watari("apply", "--yes"))
    done(folder.watari("rollback", "-n", "4", "--yes"))
    assert shop_of_knex.pending(database) == SHOP[1:]
    assert asked(database, "select to_regclass('grades')") == [(None,)]
    done(folder.watari("apply", "--yes"))
    assert shop_of_knex.pending(database) == []


def test_a_run_that_is_stopped_goes_on(shop_of_knex: KnexProject, database: DatabaseUrl) -> None:
    begin(shop_of_knex, database)
    folder = shop_of_knex.folder(database)
    reached = "select count(*) from watari.step where state = 'done'"
    interrupted(folder, database, CTRL_C, reached, 2, "apply", "--yes")
    done(folder.watari("apply", "--yes"))
    assert shop_of_knex.pending(database) == []
    assert len(asked(database, LEFT[1])) == 111


def test_a_lock_that_knex_holds_and_a_file_that_is_gone_stop_both(
    shop_of_knex: KnexProject, database: DatabaseUrl
) -> None:
    begin(shop_of_knex, database)
    folder = shop_of_knex.folder(database)
    told(database, "update knex_migrations_lock set is_locked = 1")
    refused = folder.watari("apply", "--yes")
    assert refused.status == 4 and "knex migrate:unlock" in refused.err
    shop_of_knex.knex(database, "migrate:unlock")
    told(database, "insert into knex_migrations (name, batch) values ('20250101_gone.js', 1)")
    refused = folder.watari("apply", "--yes")
    assert refused.status == 4 and "20250101_gone.js" in refused.err


HALF = """
exports.config = { transaction: false }

exports.up = async (knex) => {
  await knex('customers').select('id').limit(1)
  await knex.raw('create table one (id int)')
  await knex.raw('create table two (id int)')
}

exports.down = (knex) => knex.raw('drop table one, two')
"""


def test_a_tool_that_leaves_a_half_behind_where_it_is_cut_off_fails_the_proof(
    shop_of_knex: KnexProject, database: DatabaseUrl
) -> None:
    shop_of_knex.knex(database, "migrate:latest")
    folder = shop_of_knex.folder(database)
    folder.write("migrations/20260106000001_half.js", HALF)
    answer = folder.watari("rehearse", "--json")
    proofs = {proof["name"]: proof for proof in answer.document["proofs"]}
    assert answer.status == 1 and proofs["up"]["holds"] and proofs["down"]["holds"]
    assert not proofs["resumed"]["holds"]
    assert "Migration table is already locked" in proofs["resumed"]["differences"][0]  # a killed knex keeps its lock
