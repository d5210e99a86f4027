"""The measured forms, and what watari foresees for each of them on a server of the version that it was measured on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench.scoring import Form, Score, measured, predicted
from watari.catalog import Catalog
from watari.evidence import StatementEffects
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.risk.effects import predict
from watari.sql import Script, Statement

DATA = Path(__file__).parents[1] / "tests" / "risk" / "data"
FILES = ("lock-forms.jsonl", "more-forms.jsonl", "further-forms.jsonl", "strange-forms.jsonl")


def forms(file: str) -> list[Form]:
    """The forms of one file."""
    return [json.loads(line) for line in (DATA / file).read_text("utf-8").splitlines()]


FIXTURE, RUN = "forms_fixture", "forms_run"


def statements(text: str) -> tuple[Statement, ...]:
    return Script(file="form.sql", data=text.encode()).statements


@contextmanager
def session(server: EmbeddedServer, database: str) -> Iterator[psycopg.Connection]:
    options = "-c timezone=UTC -c client_min_messages=error"
    with psycopg.connect(**server.url(database).conninfo(), autocommit=True, options=options) as opened:
        yield opened


def load_fixture(server: EmbeddedServer, admin: psycopg.Connection) -> None:
    admin.execute(f"drop database if exists {FIXTURE} with (force)")
    admin.execute(f"create database {FIXTURE} template template0")
    with session(server, FIXTURE) as connection:
        for statement in statements((DATA / "lock-fixture.sql").read_text("utf-8")):
            connection.execute(statement.text.encode())


def catalog_of(form: Form, fixture: psycopg.Connection) -> Catalog:
    """What the form starts from: the fixture and its setup, in a transaction that is taken back."""
    with fixture.transaction(force_rollback=True):
        for text in form["setup"]:
            fixture.execute(text.encode())
        return read_catalog(fixture)


def catalog_of_copy(form: Form, server: EmbeddedServer, admin: psycopg.Connection) -> Catalog:
    """The same in a copy of the fixture, for a setup that refuses transactions."""
    admin.execute(f"drop database if exists {RUN} with (force)")
    admin.execute(f"create database {RUN} template {FIXTURE}")
    try:
        with session(server, RUN) as connection:
            for text in form["setup"]:
                connection.execute(text.encode())
        with session(server, RUN) as connection:  # another one: the server has counted by then what the first did
            return read_catalog(connection)
    finally:
        admin.execute(f"drop database {RUN} with (force)")
        for text in form.get("teardown", ()):
            admin.execute(text.encode())


def foreseen(
    server: EmbeddedServer, version: str, wanted: Iterable[Form]
) -> Iterator[tuple[Form, tuple[StatementEffects, ...]]]:
    """What is foreseen for every form that does not fail on this version."""
    with session(server, "postgres") as admin:
        load_fixture(server, admin)
        copied = []
        with session(server, FIXTURE) as fixture:
            plain = read_catalog(fixture)
            for form in wanted:
                if form["expect"][version]["error"]:  # fails on this version; there is nothing to foresee
                    continue
                try:
                    if form["setup"] and not form["in_transaction_ok"]:
                        raise psycopg.errors.ActiveSqlTransaction
                    catalog = catalog_of(form, fixture) if form["setup"] else plain
                except psycopg.errors.ActiveSqlTransaction:
                    copied.append(form)
                    continue
                yield form, predict(statements(form["sql"]), catalog)
        for form in copied:  # a database is no template while somebody is connected
            yield form, predict(statements(form["sql"]), catalog_of_copy(form, server, admin))
        admin.execute(f"drop database {FIXTURE} with (force)")


def score(server: EmbeddedServer, version: str, wanted: Iterable[Form]) -> Score:
    """Predictions against measurements."""
    result = Score(version=version)
    for form, effects in foreseen(server, version, wanted):
        truth = measured(form["expect"][version], form["target"])
        result.add(form, truth, predicted(effects, form["target"]))
    return result
