"""The plan on a clone: what it does, whether it comes back, and that nobody notices."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from fixtures.runs import Runs, backfill, index, plan_of, transaction

from watari.catalog import LockMode
from watari.errors.running import NoClone
from watari.evidence.event import Event, EventKind
from watari.evidence.run import Direction, StepState
from watari.locale import Language
from watari.migrations import Migration
from watari.planning import canonical
from watari.planning.plan import Loss, Phase, Settle, Step, StepKind
from watari.rehearsal.rehearse import rehearse
from watari.rehearsal.stops import Stops


@pytest.fixture
def shop(connection) -> None:
    """A database with rows; nobody is connected to it afterwards."""
    connection.execute(
        "create table users (id int primary key, email text); "
        "create table orders (id int primary key, user_id int references users, amount int); "
        "insert into users select g, 'u' || g from generate_series(1, 100) g; "
        "insert into orders select g, g % 100 + 1, g from generate_series(1, 2000) g"
    )
    connection.close()


class Rehearsals:
    def __init__(self, url) -> None:
        self.runs = Runs(url)

    def __call__(self, plan, back=(), **fields):
        migrations = [Migration(id=name, name=name, file=f"{name}.sql", up=None) for name in plan.migrations]
        way_back = None
        if back:

            def way_back(plan, run, catalog):
                made = plan_of(*back, direction=Direction.BACK, of_run=run.id)
                return made, canonical.dumps(made)

        return rehearse(
            plan,
            canonical.dumps(plan),
            url=self.runs.url,
            framework=self.runs.framework,
            migrations=migrations,
            policy=self.runs.policy,
            events=self.runs.events.append,
            way_back=way_back,
            **fields,
        )

    def said(self) -> str:
        return " | ".join(str(event.data.get("message")) for event in self.runs.told(EventKind.NOTICE))


@pytest.fixture
def rehearsals(database) -> Rehearsals:
    return Rehearsals(database)


PLAN = (
    transaction("alter table orders add column note text"),
    backfill("public.orders", "note", "'n' || id", "note is null"),
    index("orders_note", "create index concurrently orders_note on orders (note)"),
    transaction("create table audit (id int); insert into audit values (1)", migration="002", waits_for_locks=False),
)
BACK = (
    transaction("drop table audit", migration="002"),
    transaction("alter table orders drop column note"),
)


def databases(server) -> set[str]:
    with psycopg.connect(**server.url().conninfo()) as admin:
        return {name for (name,) in admin.execute("select datname from pg_database")}


def proofs(evidence) -> dict[str, object]:
    return {proof.name: proof.skipped or proof.holds for proof in evidence.proofs}


def test_a_plan_that_comes_back_is_proved_on_a_copy_by_the_server(rehearsals, shop, server, database):
    before = databases(server)
    kept = []
    evidence = rehearsals(plan_of(*PLAN), BACK, keep=kept.append)
    assert evidence.clone == "template" and evidence.sound
    assert proofs(evidence) == {"up": True, "once": True, "down": True, "up_again": True, "resumed": True}
    assert [step.state for step in evidence.steps] == [StepState.DONE] * 4
    seen = {effect.relation: effect for step in evidence.steps for effect in step.effects}
    assert seen["public.orders"].lock is LockMode.SHARE_UPDATE_EXCLUSIVE or seen["public.orders"].rows == 2000
    assert evidence.clone_bytes > 0 and evidence.seconds > evidence.clone_seconds > 0
    assert kept[0].index("public", "orders_note")
    assert databases(server) == before
    with psycopg.connect(**database.conninfo()) as own:
        assert own.execute("select to_regclass('watari.run'), to_regclass('audit')").fetchone() == (None, None)


def test_with_somebody_connected_the_copy_is_made_elsewhere(rehearsals, shop, server, database):
    before = databases(server)
    with psycopg.connect(**database.conninfo(), application_name="shop-api", autocommit=True) as other:
        evidence = rehearsals(plan_of(*PLAN), BACK)
        assert other.execute("select count(*) from orders").fetchone() == (2000,)
    assert evidence.clone == "dump" and evidence.sound and evidence.clone_bytes > 0
    assert "shop-api" in rehearsals.said()
    assert databases(server) == before


def test_a_plan_that_fails_is_evidence_with_its_reason(rehearsals, shop, server):
    before = databases(server)
    evidence = rehearsals(plan_of(*PLAN, transaction("alter table users add unique (nothing)", migration="003")), BACK)
    assert not evidence.sound and 'column "nothing" named in key does not exist' in evidence.error
    assert [step.state for step in evidence.steps][-1] is StepState.FAILED
    assert proofs(evidence)["up"] is False and isinstance(proofs(evidence)["down"], str)
    assert databases(server) == before


def test_a_way_back_that_leaves_something_is_told_line_by_line(rehearsals, shop):
    evidence = rehearsals(
        plan_of(*PLAN), (transaction("drop table orders; delete from users"), BACK[0]), language=Language.JA
    )
    down = next(proof for proof in evidence.proofs if proof.name == "down")
    assert not down.holds and not evidence.sound
    assert any("public.users" in line and "100" in line and "行数" in line for line in down.differences)
    assert any("public.orders" in line for line in down.differences)


def test_a_way_back_that_fails_says_why(rehearsals, shop):
    evidence = rehearsals(plan_of(*PLAN), (transaction("drop table nobody"), BACK[0]))
    down, again, _ = evidence.proofs[2:]
    assert not down.holds and "nobody" in down.differences[0] and again.skipped


def test_without_a_way_back_those_proofs_are_skipped_with_a_reason(rehearsals, shop):
    evidence = rehearsals(plan_of(*PLAN))
    assert evidence.sound and proofs(evidence)["down"] == "no plan leads back"


def test_what_the_plan_says_it_loses_is_no_difference(rehearsals, shop):
    losses = (
        Loss(kind="column", object="public.orders.user_id", migration="001"),
        Loss(kind="table", object="public.gone", migration="001"),
    )
    with psycopg.connect(**rehearsals.runs.url.conninfo(), autocommit=True) as own:
        own.execute("create table gone (id int); insert into gone values (1)")
    plan = plan_of(transaction("drop table gone", "alter table orders drop column user_id"), losses=losses)
    back = transaction(
        "create table gone (id int)",
        "alter table orders add column user_id int",
        "alter table orders add foreign key (user_id) references users",
    )
    assert proofs(rehearsals(plan, (back,)))["down"] is True


def test_an_unsound_second_start_is_seen(rehearsals, shop):
    """A history that forgets lets the same plan run twice."""
    rehearsals.runs.framework.record = lambda *_: ()
    evidence = rehearsals(plan_of(transaction("insert into users values ((select max(id) + 1 from users), 'x')")))
    once = next(proof for proof in evidence.proofs if proof.name == "once")
    assert not once.holds and any("public.users" in line for line in once.differences)


def test_a_plan_that_reaches_beyond_its_database_is_not_rehearsed_beside_it(rehearsals, shop, server):
    evidence = rehearsals(
        plan_of(transaction("create role watari_rehearsed", "grant select on users to watari_rehearsed"))
    )
    assert evidence.clone == "dump" and evidence.sound
    with psycopg.connect(**server.url().conninfo()) as admin:
        assert admin.execute("select count(*) from pg_roles where rolname = 'watari_rehearsed'").fetchone() == (0,)
    with pytest.raises(NoClone, match="step 0001"):
        rehearsals(plan_of(transaction("do $$ begin execute 'create role x'; end $$")), clone="template")


def test_a_database_that_the_plan_makes_is_rehearsed_in_an_empty_server(server):
    rehearsals = Rehearsals(server.url("not_there_yet"))
    settle = Settle(kind="database_exists", relation="not_there_yet")
    create = Step(
        id="",
        phase=Phase.EXPAND,
        kind=StepKind.CREATE_DATABASE,
        migration="init",
        sql=("create database not_there_yet",),
        settle=settle,
    )
    evidence = rehearsals(plan_of(create, transaction("create table a (id int)", migration="init")))
    assert evidence.clone == "dump" and evidence.sound
    assert "not_there_yet" not in databases(server)


def test_an_unknown_way_is_named(rehearsals, shop):
    with pytest.raises(NoClone, match="branch, template, docker, dump"):
        rehearsals(plan_of(*PLAN), clone="magic")


# -- rows as digests --------------------------------------------------------------------------------------------------


def test_rows_that_come_back_as_others_are_named_by_column(rehearsals, shop):
    up = (transaction("update orders set amount = amount + 1 where id = 7"),)
    evidence = rehearsals(plan_of(*up), (transaction("select 1"),))
    (down,) = [proof for proof in evidence.proofs if proof.name == "down"]
    assert not down.holds and down.differences == ("public.orders.amount holds other values",)


def test_what_the_plan_says_it_takes_away_is_a_loss_with_rows(rehearsals, shop):
    plan = replace(
        plan_of(transaction("update orders set amount = null where id <= 5")),
        losses=(Loss(kind="values", object="public.orders.amount", migration="001"),),
    )
    evidence = rehearsals(plan, (transaction("select 1"),))
    (down,) = [proof for proof in evidence.proofs if proof.name == "down"]
    assert down.holds and down.losses == ("public.orders.amount held 2000 values and holds 1995",)


def test_values_that_changed_places_are_seen(rehearsals, shop):
    swap = "update orders set amount = case id when 1 then 2 when 2 then 1 end where id in (1, 2)"
    evidence = rehearsals(plan_of(transaction(swap)), (transaction("select 1"),))
    (down,) = [proof for proof in evidence.proofs if proof.name == "down"]
    assert down.differences == ("the values of public.orders stand in other rows than before",)


def test_a_sequence_that_went_back_would_give_numbers_twice(rehearsals, connection):
    connection.execute("create table t (id serial); insert into t select from generate_series(1, 5)")
    connection.close()
    evidence = rehearsals(
        plan_of(transaction("select nextval('t_id_seq')")), (transaction("select setval('t_id_seq', 2)"),)
    )
    (down,) = [proof for proof in evidence.proofs if proof.name == "down"]
    assert down.differences == (
        "sequence public.t_id_seq stands at 2, before it stood at 5: numbers would be given twice",
    )


def test_a_sequence_that_went_on_leaves_a_gap(rehearsals, connection):
    connection.execute("create table t (id serial); insert into t select from generate_series(1, 5)")
    connection.close()
    evidence = rehearsals(plan_of(transaction("select nextval('t_id_seq')")), (transaction("select 1"),))
    (down,) = [proof for proof in evidence.proofs if proof.name == "down"]
    assert down.holds and "6" in down.losses[0]


# -- stopped anywhere -------------------------------------------------------------------------------------------------


def test_the_second_time_it_is_stopped_at_every_statement_and_batch(rehearsals, shop):
    evidence = rehearsals(plan_of(*PLAN), BACK)
    begun = [event for event in rehearsals.runs.told(EventKind.STEP_BEGAN) if event.step == "0001.2"]
    assert proofs(evidence)["resumed"] is True
    # once at first, once the second time, and once more after it was stopped in its first batch
    assert len(begun) == 3
    assert len(rehearsals.runs.told(EventKind.RUN_RESUMED)) <= 1


def test_stops_are_made_once_each_and_never_in_a_tools_own_command():
    tool = Step(id="0001.1", phase=Phase.EXPAND, kind=StepKind.COMMAND, migration="001")
    plan = plan_of(transaction("select 1"), tool)
    stops = Stops(plan, lambda event: None)
    first, second = (step.id for step in plan.steps)
    ended = Event(kind=EventKind.STEP_ENDED, step=first)
    with pytest.raises(KeyboardInterrupt):
        stops.hear(ended)
    stops.hear(ended)
    stops.go_on()
    stops.hear(ended)
    stops.hear(Event(kind=EventKind.STEP_ENDED, step=second))
    assert stops.made == 1


def test_a_plan_without_a_way_back_is_stopped_on_a_clone_of_its_own(rehearsals, shop, server):
    evidence = rehearsals(plan_of(*PLAN))
    assert proofs(evidence) == {
        "up": True,
        "once": True,
        "down": "no plan leads back",
        "up_again": "no plan leads back",
        "resumed": True,
    }
    assert not [name for name in databases(server) if name.startswith("watari_clone")]
