"""Nothing that the grammar accepts makes the judge fall over: rare statements alone, and scripts put together at random."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from watari.catalog import Catalog, Column, Constraint, ConstraintKind, Index, Name, Sequence, Table, TableKind, Type
from watari.locale import Language
from watari.project.policy import Policy
from watari.risk.hazard import Judgement
from watari.risk.judge import judge
from watari.sql import Script, Statement

DATA = Path(__file__).parent / "data"
RARE = Script(file="statements.sql", data=(DATA / "statements.sql").read_bytes()).statements
MEASURED = tuple(
    statement
    for file in ("lock-forms.jsonl", "more-forms.jsonl")
    for line in (DATA / file).read_text("utf-8").splitlines()
    for statement in Script(file="form.sql", data=json.loads(line)["sql"].encode()).statements
)
TYPES = {"a": "integer", "b": "text", "c": "public.d", "x": "numeric(10,2)", "id": "bigint"}


def name(word: str) -> Name:
    return Name("public", word)


def table(word: str, kind: TableKind = TableKind.TABLE, **more: object) -> Table:
    columns = tuple(Column(name=c, position=place, type=t) for place, (c, t) in enumerate(TYPES.items(), 1))
    return Table(name=name(word), kind=kind, owner="app", columns=columns, rows=10**6, pages=10**4, bytes=10**8, **more)  # type: ignore[arg-type]


TABLES = (
    table("t"),
    table("u"),
    table("p", TableKind.PARTITIONED, partition_key="RANGE (a)"),
    table("p1", parents=(name("p"),), partition_bound="FOR VALUES FROM (1) TO (9)"),
    table("v", TableKind.VIEW, reads_from=(name("t"),), definition="SELECT a FROM t;"),
    table("m", TableKind.MATERIALIZED_VIEW, reads_from=(name("t"),), definition="SELECT a FROM t;"),
)
FULL = Catalog(
    database="x",
    server_version=150000,
    schemas=("public", "s"),
    tables={t.name: t for t in TABLES},
    indexes={
        name("i"): Index(
            name=name("i"),
            table=name("t"),
            definition="CREATE INDEX i ON public.t USING btree (lower(b)) WHERE (a > 1)",
            columns=(None,),
            predicate="(a > 1)",
        )
    },
    constraints=(
        Constraint(
            name="c",
            table=name("t"),
            kind=ConstraintKind.CHECK,
            definition="CHECK ((a > 0))",
            columns=("a",),
            validated=False,
        ),
        Constraint(
            name="fk",
            table=name("u"),
            kind=ConstraintKind.FOREIGN_KEY,
            definition="FOREIGN KEY (a) REFERENCES t(a)",
            columns=("a",),
            references=name("t"),
            referenced_columns=("a",),
        ),
    ),
    types={
        name("d"): Type(name=name("d"), kind="d", owner="app", base="integer", constraints=("x CHECK (VALUE > 0)",))
    },
    sequences={
        name("q"): Sequence(
            name=name("q"),
            owner="app",
            type="bigint",
            start=1,
            increment=1,
            minimum=1,
            maximum=9,
            owned_by="public.t.id",
        )
    },
)


def judged(statements: tuple[Statement, ...], catalog: Catalog | None) -> Judgement:
    judgement = judge([("001", statements, True)], catalog, Policy(), databases=("other",))
    for hazard in judgement.hazards:
        json.dumps(dict(hazard.facts))
        for language in Language:
            assert "{" not in hazard.message.render(language).replace("'{}'", "")
    return judgement


@pytest.mark.parametrize("catalog", [None, FULL], ids=["text alone", "with facts"])
def test_every_kind_of_statement_is_judged(catalog: Catalog | None) -> None:
    assert len(RARE) > 200
    for statement in RARE:
        (one,) = judged((statement,), catalog).statements
        assert one.error is None, statement.text


@pytest.mark.parametrize("seed", range(4))
def test_scripts_put_together_at_random_are_judged(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        script = tuple(chance.choices(RARE + MEASURED, k=chance.randint(2, 12)))
        judgement = judged(script, chance.choice((None, FULL)))
        assert len(judgement.statements) == len(script)
