"""Recorded against measured: every form of the data set, sent through the recorder, on the servers it was measured on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from bench.lock_forms import forms, load_fixture, session
from bench.scoring import Form, Outcome, measured, predicted
from watari.evidence import StatementEffects
from watari.evidence.recording import Recording, Seen
from watari.postgres.embedded import EmbeddedServer
from watari.recorder.recorder import Recorder
from watari.sql import Script

FORMS: list[Form] = forms("lock-forms.jsonl")
FIXTURE, RUN = "forms_fixture", "forms_recorded"

#: Forms that a look from inside cannot measure wholly, and why.
LISTED: dict[str, str] = {}

OPTIONS = (
    "-c timezone=UTC -c client_min_messages=error -c max_parallel_workers_per_gather=0 "
    "-c max_parallel_maintenance_workers=0 -c statement_timeout=60s"
)


@contextmanager
def copy_of_fixture(server: EmbeddedServer, form: Form) -> Iterator[None]:
    with session(server, "postgres") as admin:
        admin.execute(f"drop database if exists {RUN} with (force)")
        admin.execute(f"create database {RUN} template {FIXTURE}")
        yield
        admin.execute(f"drop database if exists {RUN} with (force)")
        for text in form.get("teardown", ()):
            admin.execute(text.encode())


def statements(text: str) -> list[str]:
    return [each.text for each in Script(file="form.sql", data=text.encode()).statements]


def record(form: Form, server: EmbeddedServer) -> Recording:
    """The form's setup past the recorder and its statements through it."""
    with session(server, RUN) as before:
        for text in form["setup"]:
            before.execute(text.encode())
    with Recorder(server.url(RUN)) as recorder:
        with psycopg.connect(**recorder.url.conninfo(), autocommit=True, options=OPTIONS) as through:
            for text in form["setup"]:
                if text.lower().startswith("set "):
                    through.execute(text.encode())
            inside = form.get("in_transaction_ok", True) and "begin" not in form["sql"].lower().split()
            if inside:
                through.execute("begin")
            try:
                for text in statements(form["sql"]):
                    through.execute(text.encode())
            except psycopg.Error:
                pass
            if inside:
                through.execute("rollback")
        return recorder.recording()


def outcome(form: Form, recording: Recording) -> Outcome:
    found = [
        StatementEffects(
            effects=tuple(replace(effect, relation=_named(effect.relation)) for effect in statement.effects)
        )
        for statement in recording.statements
    ]
    return predicted(found, form["target"])


def _named(relation: str) -> str:
    schema, _, name = relation.partition(".")
    return f"pg_temp.{name}" if schema.startswith("pg_temp_") else relation


def differences(form: Form, version: str, recording: Recording) -> list[str]:
    """Where what was recorded is not what was measured; sampled locks may be weaker."""
    expect = form["expect"][version]
    truth, seen = measured(expect, form["target"]), outcome(form, recording)
    empty = set(expect.get("rewrites_empty", ())), set(expect.get("scans_empty", ()))
    sampled = any(statement.seen is Seen.SAMPLED for statement in recording.statements)
    wrong = []
    if sampled:
        if (seen.lock or 0) > (truth.lock or 0):
            wrong.append(f"lock {seen.lock} is more than {truth.lock}")
        wrong += [f"{name} {mode}" for name, mode in seen.others.items() if mode > truth.others.get(name, 0)]
    else:
        if seen.lock != truth.lock:
            wrong.append(f"lock {seen.lock}, measured {truth.lock}")
        if seen.others != truth.others:
            wrong.append(f"others {seen.others}, measured {truth.others}")
    if seen.rewrites - empty[0] != truth.rewrites - empty[0]:
        wrong.append(f"rewrites {set(seen.rewrites)}, measured {set(truth.rewrites)}")
    if seen.scans - empty[1] != truth.scans - empty[1]:
        wrong.append(f"scans {set(seen.scans)}, measured {set(truth.scans)}")
    if not recording.sound:
        wrong.append(f"void: {recording.void}")
    return wrong


def compare(server: EmbeddedServer, version: str, forms: list[Form]) -> None:
    with session(server, "postgres") as admin:
        load_fixture(server, admin)
    wrong: dict[str, list[str]] = {}
    forms = [form for form in forms if not form["expect"][version]["error"]]  # what fails does nothing
    for form in forms:
        with copy_of_fixture(server, form):
            if found := differences(form, version, record(form, server)):
                wrong[form["id"]] = found
    print(f"\n{version}: {len(forms) - len(wrong)} of {len(forms)} forms recorded as measured")
    for id, found in wrong.items():
        print(f"  {id}: {'; '.join(found)}")
    assert set(wrong) <= set(LISTED)


def test_a_sample_of_the_forms_is_recorded_as_measured(server: EmbeddedServer) -> None:
    with session(server, "postgres") as connection:
        major = connection.info.server_version // 10000
    if major not in (15, 18):
        pytest.skip(f"the forms were measured on 15 and 18, this server is {major}")
    compare(server, str(major), random.Random(7).sample(FORMS, 24))


@pytest.mark.full
def test_every_form_is_recorded_as_measured_on_18(server: EmbeddedServer) -> None:
    with session(server, "postgres") as connection:
        if connection.info.server_version // 10000 != 18:
            pytest.skip("this server is not 18")
    compare(server, "18", FORMS)


@pytest.mark.full
def test_every_form_is_recorded_as_measured_on_15(server_15: EmbeddedServer) -> None:
    compare(server_15, "15", FORMS)
