"""What statements rename is followed by those after them, and told by the name that the live database has for it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from watari.catalog import Catalog, Name
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.risk.hazard import Judgement
from watari.risk.judge import judge
from watari.sql import Script

SCHEMA = """
create schema apart; create type pair as (a int, b int); create domain amount as int; create type mood as enum ('a');
create table parent (id bigint primary key, note text); insert into parent select g, 'x' from generate_series(1, 2000) g;
create table child (id bigint primary key, parent_id bigint constraint child_parent references parent, price amount);
insert into child select g, g, g from generate_series(1, 2000) g;
create index child_price on child (price); create view seen as select id from parent;
create table apart.log (id serial primary key, note text); insert into apart.log (note) select 'x' from generate_series(1, 2000);
create table typed of pair; insert into typed select g, g from generate_series(1, 2000) g;
create publication news for table child, apart.log; analyze
"""


@pytest.fixture(scope="module")
def catalog(lasting_database: Callable[..., DatabaseUrl]) -> Catalog:
    with psycopg.connect(**lasting_database().conninfo(), autocommit=True) as connection:
        for statement in SCHEMA.split(";"):
            connection.execute(statement.encode())
        return read_catalog(connection)


def judged(catalog: Catalog | None, text: str) -> Judgement:
    return judge([("m", Script(file="m.sql", data=text.encode()).statements, True)], catalog, Policy())


def last_effects(judgement: Judgement) -> dict[str, str | None]:
    """Live names of what the last statement locks, with the modes."""
    effects = judgement.statements[-1].effects
    return {effects.formerly.get(e.relation, e.relation): str(e.lock) for e in effects.effects if not e.created}


@pytest.mark.parametrize(
    ("text", "relation", "lock"),
    [
        ("alter table parent rename to p; alter table p add column z int", "public.parent", "ACCESS EXCLUSIVE"),
        ("alter index child_price rename to x; drop index x", "public.child_price", "ACCESS EXCLUSIVE"),
        (
            "alter table child rename constraint child_pkey to k; reindex index k",
            "public.child_pkey",
            "ACCESS EXCLUSIVE",
        ),
        ("alter schema apart rename to a; create index on a.log (note)", "apart.log", "SHARE"),
        (
            "alter table child rename parent_id to p; alter table child drop column p",
            "public.parent",
            "ACCESS EXCLUSIVE",
        ),
        ("alter domain amount rename to sum; alter domain sum add check (value > 0)", "public.child", "SHARE"),
        (
            "alter type pair rename to two; alter type two add attribute c int cascade",
            "public.typed",
            "ACCESS EXCLUSIVE",
        ),
        ("alter view seen rename to shown; drop view shown", "public.seen", "ACCESS EXCLUSIVE"),
        (
            "alter publication news rename to n; alter publication n set table parent",
            "apart.log",
            "SHARE UPDATE EXCLUSIVE",
        ),
    ],
)
def test_the_statement_after_a_rename_reaches_the_same_thing(
    catalog: Catalog, text: str, relation: str, lock: str
) -> None:
    assert last_effects(judged(catalog, text))[relation] == lock


def test_names_that_are_exchanged_stay_apart(catalog: Catalog) -> None:
    text = "alter table parent rename to x; alter table child rename to parent; alter table x rename to child; drop index child_price"
    judgement = judged(catalog, text)
    assert last_effects(judgement)["public.child"] == "ACCESS EXCLUSIVE"  # which is called parent by then
    assert judgement.statements[-1].effects.formerly["public.parent"] == "public.child"


def test_a_name_given_back_is_the_old_one(catalog: Catalog) -> None:
    text = "alter table parent rename to x; alter table x rename to parent; lock table parent"
    assert not judged(catalog, text).statements[-1].effects.formerly


def test_rules_know_a_renamed_table_with_its_size(catalog: Catalog) -> None:
    found = judged(catalog, "alter table parent rename to p; create index on p (note)").hazards
    (blocking,) = [hazard for hazard in found if hazard.rule == "index-blocking"]
    assert blocking.facts["rows"] == 2000 and "public.p" in str(blocking.message)


def test_a_table_in_the_place_of_a_renamed_one_is_new(catalog: Catalog) -> None:
    judgement = judged(
        catalog, "alter table parent rename to old; create table parent (id int); create index on parent (id)"
    )
    assert not [hazard for hazard in judgement.hazards if hazard.rule == "index-blocking"]


def test_tables_of_a_type_are_read(catalog: Catalog) -> None:
    assert catalog.tables[Name("public", "typed")].of_type == Name("public", "pair")


@pytest.mark.parametrize(
    "made", ["create table z as select 1::bigint as p with no data", "create table z (like child)"]
)
def test_a_key_from_an_empty_table_is_a_moment(catalog: Catalog, made: str) -> None:
    column = "p" if "select" in made else "parent_id"
    judgement = judged(catalog, f"{made}; alter table z add foreign key ({column}) references parent")
    assert judgement.statements[-1].effects.blocks == "moment"
    assert last_effects(judgement) == {"public.parent": "SHARE ROW EXCLUSIVE"}
