"""Every safe form ends in the schema and the rows in which the statement as written ends, on every version."""

from __future__ import annotations

import pytest
from fixtures.odd_servers import VERSIONS

from planning.conftest import forms, migration, plan_of, run
from planning.equality import Case, for_this_server, pair_on, unequal
from planning.form_cases import CASES, ENDS, PARTED, READY
from planning.test_registries import modules
from planning.test_way_back import back, changes, of
from watari.planning import rewrites
from watari.postgres.embedded import EmbeddedServer


def hold(case: Case, server: EmbeddedServer) -> None:
    for_this_server(case, server)
    with pair_on(server, case.setup) as pair:
        plan = pair.cross(case.statement, policy=case.policy)
        assert case.form in forms(plan), [note.en for step in plan.steps for note in step.notes]
        assert unequal(pair, unlike=case.unlike, reordered=case.reordered) == []


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("version", VERSIONS)
def test_a_safe_form_ends_as_written(case: Case, version: str, server_of) -> None:
    hold(case, server_of(version))


#: Forms that make no steps: they refuse a statement, or say why it stays as it is.
NO_STEPS = {"dropped-type", "refused-rewrite", "whole-table"}


@pytest.mark.parametrize(
    "case", [case for case in ENDS if case.form != "cut-by-key" and "drop type" not in case.statement], ids=str
)
def test_the_way_back_of_a_safe_form_leads_to_what_was_there(case: Case, server) -> None:
    with pair_on(server, case.setup) as pair:
        one = migration("001", case.statement)
        plan = plan_of(pair.before, one, policy=case.policy)
        run(pair.planned, plan.steps)
        run(pair.planned, back(pair.catalog(), *of(plan, one)).steps)
        assert [str(each) for each in changes(pair.before, pair.catalog())] == []


def test_every_safe_form_has_cases() -> None:
    # what keeps something ends as written only when it is let go: tests/planning/test_keeping.py
    keeping = {"kept-column", "kept-name", "kept-table", "kept-truncate", "kept-schema"}
    assert {module.FORM.name for module in modules(rewrites)} - NO_STEPS - keeping == {case.form for case in CASES}


def test_a_partition_that_the_plan_itself_attaches_gets_its_part_of_a_later_key(server) -> None:
    attach = "alter table events attach partition fresh for values from ('2030-01-01') to ('2031-01-01');"
    more = "create table events_2040 partition of events for values from ('2040-01-01') to ('2041-01-01');"
    with pair_on(server, PARTED + READY) as pair:
        pair.cross(
            attach + more + "create index on events (amount, kind); alter table events detach partition events_rest"
        )
        assert unequal(pair) == []
