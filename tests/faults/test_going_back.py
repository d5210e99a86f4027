"""Going back to what was kept, and letting it go, cut off or killed at every message: the next start ends equal."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from fixtures.proxy import FAULTS, Network

from faults.cases import Case, case_of, kept_in, state
from faults.kinds import SCHEMA
from planning.test_way_back import back, of
from watari.catalog.fingerprint import fingerprint
from watari.evidence.run import RunState, StepState
from watari.planning.release import plan_release
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

pytestmark = pytest.mark.xdist_group("going_back")
KINDS = (
    "integer to bigint",
    "drop column with values",
    "drop table that is kept",
    "rename table that keeps its old name",
    "rename column that keeps its old name",
    "large update",
    "large delete",
    "update that stays whole",
    "truncate",
    "drop partition",
    "drop table cascade",
)
_SAMPLE = 4
_HIDDEN = ("public.listed",)


def going_back(case: Case, url: DatabaseUrl) -> Case:
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        catalog = read_catalog(own, leave_out=_HIDDEN)
    return replace(case, plan=back(catalog, *of(case.plan, *case.migrations)))


def release(case: Case, url: DatabaseUrl) -> Case:
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        catalog = read_catalog(own)
    fields = {"database": case.plan.database, "environment": "default", "framework": "plain", "fingerprint": ""}
    return replace(case, plan=plan_release(catalog.kept, server_version=catalog.server_version, **fields))


WAYS: dict[str, Callable[[Case, DatabaseUrl], Case]] = {"back": going_back, "release": release}


@pytest.fixture(scope="module")
def template(server) -> Iterator[DatabaseUrl]:
    name = f"back_{os.getpid()}"
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name}")
        with psycopg.connect(**server.url(name).conninfo(), autocommit=True) as own:
            own.execute(SCHEMA.encode())
            own.execute("analyze")
        yield server.url(name)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def crossed(template, lasting_database) -> Callable[[str], tuple[Case, DatabaseUrl]]:
    """A database that a kind of migration was taken across, with what it keeps."""
    known: dict[str, tuple[Case, DatabaseUrl]] = {}

    def take(kind: str) -> tuple[Case, DatabaseUrl]:
        if kind not in known:
            case, url = case_of(kind, template), lasting_database(template.database)
            case.run(url)
            known[kind] = case, url
        return known[kind]

    return take


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_cut_off_or_killed_it_ends_equal(kind, way, crossed, template, new_database):
    before, url = crossed(kind)
    case = WAYS[way](before, url)
    undisturbed = new_database(url.database)
    messages = Network(undisturbed).carry(case.run)
    expected = state(undisturbed)
    assert expected[-1] == []
    chance = random.Random(f"{kind}{way}{os.environ.get('WATARI_SEED', '20261127')}")
    for at in chance.sample(range(messages), min(_SAMPLE, messages)):
        copy = new_database(url.database)
        Network(copy, at, FAULTS[at % len(FAULTS)]).carry(case.run)
        run = case.run(copy)
        assert run.state is RunState.DONE and all(step.state is StepState.DONE for step in run.steps)
        assert state(copy) == expected, f"{way} of {kind}: message {at} of {messages}"
    if way == "back":
        with psycopg.connect(**template.conninfo(), autocommit=True) as own:
            first = fingerprint(read_catalog(own))
        with psycopg.connect(**undisturbed.conninfo(), autocommit=True) as own:
            assert fingerprint(read_catalog(own, leave_out=_HIDDEN)) == first
            assert kept_in(own) == []
