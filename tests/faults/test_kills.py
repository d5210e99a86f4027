"""The runner is cut off or killed at every message that it sends, for every kind of migration; the next start ends as if
nothing had happened: schema, data, history and journal equal those of a run that nobody disturbed."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import psycopg
import pytest
from fixtures.proxy import FAULTS, Fault, Network

from faults.cases import OWN_TOOL, Case, Undisturbed, state
from faults.kinds import KINDS, SCHEMA
from watari.evidence.run import RunState, StepState
from watari.project.url import DatabaseUrl

pytestmark = pytest.mark.xdist_group("kills")
_SAMPLE = 40


@pytest.fixture(scope="module")
def template(server) -> Iterator[DatabaseUrl]:
    name = f"faults_{os.getpid()}"
    with psycopg.connect(**server.url().conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name}")
        with psycopg.connect(**server.url(name).conninfo(), autocommit=True) as own:
            own.execute(SCHEMA.encode())
            own.execute("analyze")
        yield server.url(name)
        admin.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def undisturbed(template, lasting_database) -> Undisturbed:
    return Undisturbed(template, lasting_database)


def disturb(case: Case, url: DatabaseUrl, at: int, fault: Fault) -> None:
    """Runs the case through a network that fails, and then once more."""
    Network(url, at, fault).carry(case.run)
    if fault is Fault.INTERRUPT:
        assert standing(url) in ([], ["stopped"], ["done"]), "Ctrl-C leaves a named state"
    run = case.run(url)
    assert run.state is RunState.DONE and all(step.state is StepState.DONE for step in run.steps)


def standing(url: DatabaseUrl) -> list[str]:
    """The states of the runs that the journal knows."""
    with psycopg.connect(**url.conninfo(), autocommit=True) as own:
        if own.execute("select to_regclass('watari.run')").fetchone() == (None,):
            return []
        return [state for (state,) in own.execute("select state from watari.run")]


def points(undisturbed: Undisturbed) -> list[tuple[str, int, Fault]]:
    """Every kind, every message of it, and one of the faults in turn."""
    found = []
    for number, kind in enumerate([*KINDS, OWN_TOOL]):
        _, messages, _ = undisturbed(kind)
        found += [(kind, at, FAULTS[(number + at) % len(FAULTS)]) for at in range(messages)]
    return found


def check(drawn: list[tuple[str, int, Fault]], undisturbed: Undisturbed, make, template: DatabaseUrl) -> None:
    for kind, at, fault in drawn:
        case, messages, expected = undisturbed(kind)
        url = make(template.database)
        disturb(case, url, at, fault)
        assert state(url) == expected, f"{kind}: message {at} of {messages}: {fault.value}"


def test_there_are_more_than_thirty_kinds_and_five_hundred_points(undisturbed, capsys):
    found = points(undisturbed)
    with capsys.disabled():
        print(f"\n{len(found)} kill points in {len(KINDS) + 1} kinds of migration, {len(FAULTS)} faults in turn")
    assert len(KINDS) + 1 >= 30 and len(found) >= 500


def test_cut_off_or_killed_at_some_messages_it_ends_equal(undisturbed, new_database, template):
    drawn = random.Random(int(os.environ.get("WATARI_SEED", "20261127")))
    check(drawn.sample(points(undisturbed), _SAMPLE), undisturbed, new_database, template)


@pytest.mark.full
@pytest.mark.parametrize("kind", [*KINDS, OWN_TOOL])
def test_cut_off_or_killed_at_every_message_it_ends_equal(kind, undisturbed, new_database, template):
    mine = [point for point in points(undisturbed) if point[0] == kind]
    check(mine, undisturbed, new_database, template)
