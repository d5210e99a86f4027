"""Line by line: what each other tool's rule and each name of the catalogue is about, and that watari says so.

`data/examples.tsv` holds a statement or a situation a name, after the tool's own documentation and on the tables of
`tests/rules/fixture.sql`. What no statement can show (a session, a run, `doctor`) is proved by a test elsewhere, named in
`PROOFS`. A name that is a matter of taste is shown to stop nobody and to lose nothing.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from risk.test_rules import AROUND, FOLDER
from tools import coverage
from watari.catalog import Catalog, Name, Session
from watari.evidence import Blocks
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.risk.hazard import Judgement, Level
from watari.risk.judge import judge
from watari.risk.registry import rules
from watari.sql import Script

TESTS = Path(__file__).parents[1]
RULES = {rule.card.id for rule in rules()}
LINES = {(line.source, line.name): line for line in coverage.lines()}
#: Reasons that only say that there is nothing to catch.
NOTHING = {"framework", "not-postgresql"}

#: What no single statement can show, and the tests that do.
PROOFS: Mapping[str, tuple[str, ...]] = {
    "wait-no-lock-timeout": ("execution/test_patience.py::",),
}


@dataclass(frozen=True)
class Example:
    """`how`: "whole" (in one transaction, as a migration), "facts:RULE" (the server around it as in the tests of that rule),
    "version:NUMBER", "session:KIND" (one that has been reading the table for long)."""

    source: str
    name: str
    how: str
    sql: str

    def __str__(self) -> str:
        return f"{self.source}: {self.name}"


def examples() -> list[Example]:
    with (Path(__file__).parent / "data" / "examples.tsv").open(encoding="utf-8", newline="") as file:
        return [Example(row["source"], row["name"], row["how"], row["sql"].replace("\\n", "\n"))
                for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]  # fmt: skip


@pytest.fixture(scope="module")
def shop(server: EmbeddedServer) -> Iterator[Catalog]:
    """The facts of the shop of the rules' scripts."""
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute("create database examples_shop template template0")
        with psycopg.connect(**server.url("examples_shop").conninfo(), autocommit=True) as connection:
            for statement in Script(file="fixture.sql", data=(FOLDER / "fixture.sql").read_bytes()).statements:
                connection.execute(statement.text.encode())
        with psycopg.connect(**server.url("examples_shop").conninfo(), autocommit=True) as connection:
            yield read_catalog(connection)
        admin.execute("drop database examples_shop")


def reader(kind: str) -> Session:
    """A session that has been on the table for an hour."""
    return Session(
        pid=1, user="u", application="pg_dump" if kind == "dump" else "", query="autovacuum: VACUUM (to prevent wraparound)",
        kind="autovacuum worker" if kind == "autovacuum" else "client backend", state="active", transaction_age=3600.0,
        snapshot_age=9, locks=((Name("public", "orders"), "ShareUpdateExclusiveLock"),),
    )  # fmt: skip


def judged(example: Example, shop: Catalog) -> Judgement:
    facts = shop
    way, _, what = example.how.partition(":")
    if way == "facts":
        facts = replace(shop, **AROUND[what])  # type: ignore[arg-type]
    elif way == "version":
        facts = replace(shop, server_version=int(what))
    elif way == "session":
        facts = replace(shop, sessions=(reader(what),))
    whole = way == "whole"
    statements = Script(file="example.sql", data=example.sql.encode()).statements
    return judge([("001" if whole else None, statements, whole)], facts, Policy(), databases=("apidb", "admindb"))


@pytest.mark.parametrize("example", examples(), ids=str)
def test_what_a_name_is_about_is_said(example: Example, shop: Catalog) -> None:
    line = LINES[example.source, example.name]
    judgement = judged(example, shop)
    assert [one.error for one in judgement.statements if one.error] == []
    said = {hazard.rule for hazard in judgement.hazards}
    if line.rules:
        assert set(line.rules) <= said, said
    elif line.reason == "style":
        assert not judgement.blocked
        assert all(one.effects.blocks is not Blocks.WORK for one in judgement.statements)
        assert not any(hazard.rule.startswith("destroy-") and hazard.level is not Level.INFO for hazard in judgement.hazards)
