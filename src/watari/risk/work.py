"""Hazards of work: something is read, built or rewritten while others wait. Most rules differ only in what they say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from watari.catalog import Name
from watari.locale import Text
from watari.risk.causes import Cause, Why
from watari.risk.hazard import Card, Hazard
from watari.risk.phrases import amount, lasting, who
from watari.risk.situation import Situation

__all__ = ["Safer", "subject", "work_hazards"]

Safer = Callable[[Situation, Cause], str | None]


def work_hazards(
    situation: Situation, card: Card, message: Text, safer: Safer | None = None, *whys: Why
) -> Iterator[Hazard]:
    """A hazard for each reason of these kinds for which others wait.

    `message` may use `{table}`, `{detail}` (the column, index or constraint), `{who}` waits, `{lasting}` and `{amount}`.
    """
    for cause in situation.because(*whys):
        facts = situation.work_facts(cause)
        table = subject(situation, cause)
        words = message(
            table=table,
            detail=cause.detail or table.name,
            who=who(cause.lock),
            lasting=lasting(facts),
            amount=amount(facts),
        )
        advice = safer(situation, cause) if safer and situation.kind != "do_stmt" else None
        yield situation.hazard(card, situation.level(cause), table, words, facts=facts, safer=advice)


def subject(situation: Situation, cause: Cause) -> Name:
    """The table that a hazard is about: the statement's own, else the first that is worked through."""
    fields = situation.node.DESCRIPTOR.fields_by_name
    if "relation" in fields and situation.node.HasField("relation"):
        target = situation.target
        if situation.world.index(target) is None:
            return target
    tables = situation.tables(cause)
    return tables[0].name if tables else cause.relations[0]
