"""Real SeaORM crates: watari plans what their binary sends on a clone, and each continues what the other began."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import psycopg
import pytest
from fixtures.crates import Crate, CrateCopy
from fixtures.program import Answer, Folder
from psycopg import sql

from journeys.comparing import asked, row_counts, same_schema, told
from journeys.test_interrupted import CTRL_C, KILLED, begun, interrupted
from watari.project.url import DatabaseUrl

SHOP = [
    "m20260101_000001_create_customers",
    "m20260102_000001_create_grades",
    "m20260103_000001_index_customers",
    "m20260104_000001_index_names",
    "m20260105_000001_grade_customers",
    "m20260106_000001_mark_customers",
]
CUSTOMERS = (
    "insert into customers (email, name) select 'c' || n || '@example.com', 'c' || n from generate_series(1, 30000) n; "
    "analyze customers"
)
GRADES = "select * from grades order by id"
GRADED = "select id, grade, mark from customers where grade is not null order by id"


@pytest.fixture
def shop(crate: CrateCopy) -> Crate:
    """The crate whose migrations have all that is peculiar: values, indexes, one that reads rows."""
    return crate("seaorm_shop")


def far_east(url: DatabaseUrl) -> DatabaseUrl:
    """The database with a time zone of its own, which SeaORM's sessions overrule."""
    statement = sql.SQL("alter database {} set timezone to 'Asia/Tokyo'").format(sql.Identifier(url.database))
    told(url, statement.as_string(None))
    return url


def done(answer: Answer) -> Answer:
    assert answer.status == 0, answer.out + answer.err
    return answer


def states(crate: Crate, url: DatabaseUrl) -> list[str]:
    """SeaORM's own word for each migration of the shop, in order."""
    said = crate.status(url)
    assert list(said) == SHOP
    return list(said.values())


def steps_of(folder: Folder, *words: str) -> dict[str, list[dict]]:
    """The steps that watari plans, by migration."""
    found: dict[str, list[dict]] = {}
    for step in done(folder.watari("plan", "--json", *words)).document["steps"]:
        found.setdefault(step["migration"], []).append(step)
    return found


def test_what_the_binary_sends_is_planned_in_safe_forms(shop: Crate, database: DatabaseUrl) -> None:
    shop.seaorm(database, "up", "-n", "1")
    told(database, CUSTOMERS)
    before = asked(database, "select datname from pg_database order by 1")
    steps = steps_of(Folder(shop.root, database))
    assert list(steps) == SHOP[1:]
    assert [step["kind"] for step in steps[SHOP[2]]] == ["concurrent", "transaction"]
    assert "CONCURRENTLY" in steps[SHOP[2]][0]["sql"][0]
    assert steps[SHOP[3]][0]["kind"] == "concurrent"
    (by_tool,) = steps[SHOP[4]]
    assert by_tool["kind"] == "command" and "may depend on the answer" in by_tool["notes"][0]["en"]
    assert "結果に依存する可能性" in by_tool["notes"][0]["ja"]
    assert any("what''s new" in text for step in steps[SHOP[1]] for text in step["sql"])
    assert not any("seaql" in text for each in steps.values() for step in each for text in step["sql"])
    assert states(shop, database) == ["Applied", *["Pending"] * 5]
    assert asked(database, "select datname from pg_database order by 1") == before


def test_watari_continues_what_seaorm_began(
    shop: Crate, database: DatabaseUrl, new_database: Callable[..., DatabaseUrl]
) -> None:
    other = far_east(new_database())
    for url in (far_east(database), other):
        shop.seaorm(url, "up", "-n", "1")
        told(url, CUSTOMERS)
    shop.seaorm(other, "up")
    folder = Folder(shop.root, database)
    done(folder.watari("apply", "--yes"))
    assert states(shop, database) == ["Applied"] * 6
    done(folder.watari("status"))
    done(folder.watari("verify"))
    same_schema(database, other)
    assert row_counts(database) == row_counts(other)
    assert asked(database, GRADES) == asked(other, GRADES)
    assert asked(database, GRADED) == asked(other, GRADED) and len(asked(database, GRADED)) == 3
    history = "select version, pg_typeof(applied_at)::text from seaql_migrations order by 1"
    assert asked(database, history) == asked(other, history)
    age = "select max(abs(extract(epoch from now()) - applied_at)) < 600 from seaql_migrations"
    assert asked(database, age) == [(True,)]
    assert "No pending migrations" in shop.seaorm(database, "up")
    shop.seaorm(database, "down", "-n", "6")
    assert states(shop, database) == ["Pending"] * 6


def test_seaorm_continues_what_watari_began(shop: Crate, database: DatabaseUrl) -> None:
    folder = Folder(shop.root, database)
    done(folder.watari("apply", "--to", SHOP[2], "--yes"))
    assert states(shop, database) == [*["Applied"] * 3, *["Pending"] * 3]
    assert folder.watari("status").status == 1
    shop.seaorm(database, "up")
    done(folder.watari("status"))
    assert states(shop, database) == ["Applied"] * 6


def test_the_way_back_goes_by_seaorms_own_down(shop: Crate, database: DatabaseUrl) -> None:
    folder = Folder(shop.root, database)
    done(folder.watari("apply", "--yes"))
    done(folder.watari("rollback", "-n", "2", "--yes"))
    assert states(shop, database) == [*["Applied"] * 4, *["Pending"] * 2]
    done(folder.watari("rollback", "-n", "999", "--yes"))
    assert states(shop, database) == ["Pending"] * 6
    assert row_counts(database) == {}
    done(folder.watari("apply", "--yes"))
    assert states(shop, database) == ["Applied"] * 6


def test_down_never_takes_another_migration_than_the_one_that_is_meant(shop: Crate, database: DatabaseUrl) -> None:
    folder = Folder(shop.root, database)
    done(folder.watari("apply", "--to", SHOP[1], "--yes"))
    first = asked(database, "select id from watari.run order by started_at")[0][0]
    shop.seaorm(database, "up", "-n", "1")
    answer = folder.watari("rollback", "--run", first, "--yes", "--way", "down")
    assert answer.status == 5 and f'would take "{SHOP[2]}" now' in answer.err
    assert states(shop, database) == [*["Applied"] * 3, *["Pending"] * 3]


@pytest.mark.parametrize("number", [KILLED, CTRL_C])
def test_a_run_that_is_stopped_goes_on(shop: Crate, database: DatabaseUrl, number: signal.Signals) -> None:
    shop.seaorm(database, "up", "-n", "1")
    told(database, CUSTOMERS)
    folder = Folder(shop.root, database)
    reached = "select count(*) from watari.step where state = 'done'"
    interrupted(folder, database, number, reached, 2, "apply", "--yes")
    done(folder.watari("apply", "--yes"))
    assert states(shop, database) == ["Applied"] * 6
    assert len(asked(database, GRADED)) == 3
    done(folder.watari("status"))


def test_a_migration_that_fails_on_the_clone_is_refused_before_anything_is_begun(
    shop: Crate, database: DatabaseUrl
) -> None:
    told(database, "create table customers (id int)")
    answer = Folder(shop.root, database).watari("apply", "--yes")
    assert answer.status == 4, answer.out + answer.err
    assert asked(database, "select to_regclass('seaql_migrations'), to_regnamespace('watari')") == [(None, None)]


def test_the_runbooks_commands_behind_watari(shop: Crate, database: DatabaseUrl) -> None:
    folder = Folder(shop.root, database)
    binary = str(shop.binary)
    done(folder.watari("guard", "--yes", "--", binary, "up", "-n", "2"))
    assert states(shop, database) == [*["Applied"] * 2, *["Pending"] * 4]
    done(folder.watari("guard", "--yes", "--", binary, "down"))
    done(folder.watari("guard", "--yes", "--", binary, "up"))
    assert states(shop, database) == ["Applied"] * 6
    answer = folder.watari("guard", "--yes", "--", binary, "status")
    assert answer.status == 0 and "Applied" in answer.out + answer.err
    done(folder.watari("guard", "--yes", "--", binary, "reset"))
    assert row_counts(database) == {} and asked(database, "select to_regclass('seaql_migrations')") == [(None,)]


def test_fresh_is_for_development_only(shop: Crate, database: DatabaseUrl) -> None:
    folder = Folder(shop.root, database)
    shop.seaorm(database, "up", "-n", "2")
    told(database, "create table bystander (id int)")
    answer = folder.watari("guard", "--yes", "--", str(shop.binary), "fresh")
    assert answer.status == 2 and "drops every table" in answer.err
    assert asked(database, "select count(*) from grades, bystander") == [(0,)]
    folder.write("watari.toml", '[environments.development]\nurl = "env:DATABASE_URL"\n')
    done(folder.watari("guard", "--yes", "--", str(shop.binary), "fresh"))
    assert states(shop, database) == ["Applied"] * 6
    assert asked(database, "select to_regclass('bystander')") == [(None,)]


def test_the_crate_of_runbook_001_is_taken_across_whole(crate: CrateCopy, database: DatabaseUrl) -> None:
    tasks = crate("seaorm_tasks")
    folder = Folder(tasks.root, database)
    done(folder.watari("apply", "--yes"))
    assert set(tasks.status(database).values()) == {"Applied"}
    assert "m20250612_000002_create_roles" in tasks.status(database)
    (valid,) = asked(database, "select convalidated from pg_constraint where conname = 'fk_users_role_id'")
    assert valid == (True,)
    done(folder.watari("rollback", "-n", "3", "--yes"))
    assert list(tasks.status(database).values()) == ["Applied", "Applied", "Pending", "Pending", "Pending"]


@pytest.mark.full
def test_the_older_line_with_one_transaction_around_everything(crate: CrateCopy, database: DatabaseUrl) -> None:
    old = crate("seaorm_old")
    folder = Folder(old.root, database)
    old.seaorm(database, "up", "-n", "1")
    planned = [step["kind"] for steps in steps_of(folder).values() for step in steps]
    assert planned == ["transaction", "transaction"]
    done(folder.watari("apply", "--yes"))
    assert set(old.status(database).values()) == {"Applied"}
    done(folder.watari("rollback", "-n", "1", "--yes"))
    assert list(old.status(database).values())[-1] == "Pending"
    old.seaorm(database, "up")
    done(folder.watari("status"))


LISTED = ["m20260201_000001_create_places", "m20260202_add_height", "m20260202_add_depth"]


def test_a_list_that_only_the_binary_knows_in_a_schema_and_a_table_of_its_own(
    crate: CrateCopy, database: DatabaseUrl
) -> None:
    listed = crate("seaorm_listed")
    told(database, "create schema app")
    folder = Folder(listed.root, database)
    folder.write("watari.toml", 'schema = "app"\n')
    (standing,) = folder.watari("status", "--json").document["databases"]
    assert [migration["name"] for migration in standing["pending"]] == LISTED
    assert asked(database, "select relname from pg_class where relnamespace = 'app'::regnamespace") == []
    listed.seaorm(database, "-s", "app", "up", "-n", "1")
    done(folder.watari("apply", "--to", LISTED[1], "--yes"))
    written = "select version from app.places_history order by applied_at, version"
    assert asked(database, written) == [(LISTED[0],), (LISTED[1],)]
    assert "1 pending" in listed.seaorm(database, "-s", "app", "up", "-n", "1")
    done(folder.watari("status"))
    done(folder.watari("rollback", "-n", "2", "--yes"))
    assert asked(database, written) == [(LISTED[0],)]
    assert asked(database, "select count(*) from pg_tables where schemaname = 'public'") == [(0,)]


def test_a_migration_that_was_left_out_is_taken_next_and_a_missing_one_stops_both(
    shop: Crate, database: DatabaseUrl
) -> None:
    shop.seaorm(database, "up", "-n", "3")
    told(database, "drop table grades; delete from seaql_migrations where version like '%grades'")
    folder = Folder(shop.root, database)
    assert "out_of_order" in folder.watari("status", "--json").out
    done(folder.watari("apply", "--to", SHOP[1], "--yes"))
    assert states(shop, database) == [*["Applied"] * 3, *["Pending"] * 3]
    told(database, "insert into seaql_migrations values ('m20990101_000001_ghost', 0)")
    assert shop.ended(database, "up").returncode == 1
    refused = folder.watari("apply", "--yes")
    assert refused.status == 4 and "m20990101_000001_ghost" in refused.err


def test_a_migration_without_rows_to_act_on_now_may_have_some_then(shop: Crate, database: DatabaseUrl) -> None:
    (by_tool,) = steps_of(Folder(shop.root, database))[SHOP[4]]
    assert by_tool["kind"] == "command"


def test_the_binary_itself_gives_way_to_the_application_and_is_tried_again(shop: Crate, database: DatabaseUrl) -> None:
    shop.seaorm(database, "up", "-n", "4")
    told(database, CUSTOMERS)
    folder = Folder(shop.root, database)
    done(folder.watari("plan", "-o", "plan.json"))
    with psycopg.connect(**database.conninfo()) as application:
        application.execute("select from customers limit 1")  # its transaction stays open
        program = begun(folder, "apply", "plan.json", "--yes")
        gave_way = "select exists (select from watari.step where state = 'gave_way')"
        for _ in range(1500):
            try:
                if asked(database, gave_way) == [(True,)]:
                    break
            except psycopg.errors.UndefinedTable:
                pass
            assert program.poll() is None, program.communicate()[1].decode()
            time.sleep(0.05)
    said = program.communicate(timeout=120)[1].decode()
    assert program.returncode == 0 and "gave way" in said, said
    assert states(shop, database) == ["Applied"] * 6
    assert len(asked(database, GRADED)) == 3
