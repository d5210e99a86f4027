"""Expectation and observation side by side, with what several checks need of both worked out once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property

from watari.catalog.difference import Change, Difference, difference
from watari.evidence.observation import Observation
from watari.verification.expectation import Expectation


class Compared:
    """One verification: what was expected, what is there."""

    def __init__(self, expectation: Expectation, observation: Observation) -> None:
        self.expectation = expectation
        self.observation = observation
        self.catalog = observation.catalog

    def query(self, question: str) -> str | None:
        """The text of a question, for anyone to run."""
        return self.observation.queries.get(question)

    def promised(self, *kinds: str) -> Iterator[tuple[str, str, str]]:
        """The plan's promises about objects of these kinds."""
        return (promise for promise in self.expectation.promises if promise[0] in kinds)

    @cached_property
    def drift(self) -> tuple[Difference, ...]:
        """Where the database is not what the rehearsal ended with; empty without a rehearsal."""
        expected = self.expectation.expected
        return difference(expected, self.catalog, ignore=self.expectation.ignore) if expected else ()

    @cached_property
    def unexplained(self) -> tuple[Difference, ...]:
        """What has changed since before and the plan does not account for.

        Empty where the rehearsal says how it must come out, where nobody can tell what the plan touches, or where nothing is
        known of before.
        """
        before, touched = self.expectation.before, self.expectation.touched
        if before is None or touched is None or self.expectation.expected is not None:
            return ()
        promised = {object for _, object, _ in self.expectation.promises}
        return tuple(
            one
            for one in difference(before, self.catalog, ignore=self.expectation.ignore)
            if not self._accounted_for(one, promised, touched)
        )

    def _accounted_for(self, one: Difference, promised: Collection[str], touched: Collection[str]) -> bool:
        """Whether the plan promises the object, or changes the table that it belongs to."""
        places = {one.object, *self._above(one)}
        return bool(places & {*promised, *touched})

    def _above(self, one: Difference) -> Iterator[str]:
        """The table of an index or sequence, and every prefix of a name: of `public.orders.id` also `public.orders`."""
        for catalog in (self.expectation.before, self.catalog):
            if catalog is None:
                continue
            for index in catalog.indexes.values() if one.kind == "index" else ():
                if str(index.name) == one.object:
                    yield str(index.table)
            for sequence in catalog.sequences.values() if one.kind == "sequence" else ():
                if str(sequence.name) == one.object and sequence.owned_by:
                    yield from _prefixes(sequence.owned_by)
        yield from _prefixes(one.object)

    def gone(self, *kinds: str) -> Iterator[Difference]:
        """Objects of these kinds that were there before, that the plan does not drop, and that are not there now."""
        return (one for one in self.unexplained if one.kind in kinds and one.change is Change.REMOVED)


def _prefixes(name: str) -> Iterator[str]:
    place = name.find(".")
    while place >= 0:
        yield name[:place]
        place = name.find(".", place + 1)
