"""The judge: statements in order, their effects, and what the rules think of them on the facts of this database."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from watari.catalog import Catalog
from watari.project.policy import Policy
from watari.risk.effects.foresight import Foreseen, Foresight
from watari.risk.hazard import Hazard, Judged, Judgement, Level
from watari.risk.registry import rules_for
from watari.risk.situation import Situation, Unit
from watari.risk.world import World
from watari.sql.names import transaction_word
from watari.sql.statement import Statement

__all__ = ["judge"]

_ALLOWED = re.compile(r"watari:\s*allow\s+(?P<rules>[a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s+because\s+(?P<reason>\S.*)")


def judge(
    units: Sequence[tuple[str | None, tuple[Statement, ...], bool]],
    catalog: Catalog | None,
    policy: Policy,
    *,
    databases: Collection[str] = (),
    database: str | None = None,
    own_runner: bool = True,
) -> Judgement:
    """What the statements do, one after the other, and what is wrong with that.

    A unit is a migration's id (None for a file that is none), its statements and whether whoever runs it does so in one
    transaction. `catalog` is the live database before the first of them; without one the text alone is judged, as if every
    table were large. `databases` are the names of the project's databases, `database` that of the one at hand, for where
    no catalog tells it; `own_runner`: the framework has a tool of its own, whose transactions are not
    watari's. Pure: nothing is read or run.
    """
    court = _Court(catalog, policy)
    judged, hazards = [], []
    for migration, statements, transactional in units:
        unit = Unit(
            migration=migration,
            statements=statements,
            transactional=transactional,
            databases=frozenset(databases),
            database=database,
            own_runner=own_runner,
        )
        for verdict, found in court.unit(unit):
            judged.append(verdict)
            hazards += found
    return Judgement(statements=tuple(judged), hazards=tuple(hazards), with_facts=catalog is not None)


class _Court:
    """The judge in the middle of the units: `ahead` has seen the statement at hand, `before` has not."""

    def __init__(self, catalog: Catalog | None, policy: Policy) -> None:
        self.ahead = Foresight(catalog)
        self.before = World(catalog)
        self.policy = policy

    def unit(self, unit: Unit) -> Iterator[tuple[Judged, list[Hazard]]]:
        """Each statement of a unit, with its hazards."""
        self.ahead.begin()
        inside = False
        for place, statement in enumerate(unit.statements):
            foreseen = self._foresee(statement, unit, inside)
            if foreseen.error is None:
                word = transaction_word(statement.node)
                inside = word in ("begin", "start") or (inside and word not in ("commit", "rollback"))
            judged = Judged(
                statement=statement,
                effects=foreseen.effects,
                migration=unit.migration,
                error=str(foreseen.error) if foreseen.error else None,
            )
            yield judged, self._hazards(statement, foreseen, unit, place, inside)
            self.before.follow(self.ahead.world)

    def _foresee(self, statement: Statement, unit: Unit, inside: bool) -> Foreseen:
        """Locks add up within a transaction only."""
        if not unit.transactional and not inside:
            self.ahead.begin()
        return self.ahead.foresee(statement)

    def _hazards(self, statement: Statement, foreseen: Foreseen, unit: Unit, place: int, inside: bool) -> list[Hazard]:
        if foreseen.error is not None:
            return []
        situation = Situation(
            statement=statement,
            effects=foreseen.effects,
            causes=foreseen.causes,
            absent=foreseen.absent,
            world=self.before,
            policy=self.policy,
            unit=unit,
            place=place,
            inside=inside,
        )
        found = [hazard for rule in rules_for(situation) for hazard in rule.judge(situation)]
        return [self._weighed(hazard, statement) for hazard in found]

    def _weighed(self, hazard: Hazard, statement: Statement) -> Hazard:
        """What the policy or a remark in the file allows is told and does not block."""
        for remark in statement.remarks:
            allowed = _ALLOWED.match(remark)
            if allowed and hazard.rule in re.split(r"\s*,\s*", allowed["rules"]):
                return replace(hazard, level=Level.INFO, facts={**hazard.facts, "allowed": allowed["reason"]})
        if hazard.rule in self.policy.allow_rules and hazard.level is Level.BLOCK:
            return replace(hazard, level=Level.WARN)
        return hazard
