"""What a form of findings is: judgements in, a text in the reader's language out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from watari.locale import Language
from watari.risk.hazard import Card, Hazard, Judgement
from watari.values import dataclass

__all__ = ["Findings", "Form"]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Judgements (one a database), with the cards of all rules by their id."""

    judgements: tuple[Judgement, ...]
    cards: Mapping[str, Card]
    version: str = ""  # of watari

    def hazards(self) -> Iterator[Hazard]:
        """Every hazard that no baseline holds, in the order of the statements, each once however many databases have it."""
        seen = set()
        for judgement in self.judgements:
            for hazard in judgement.new:
                key = (hazard.rule, hazard.level, hazard.file, hazard.line, hazard.column, hazard.object)
                if len(self.judgements) == 1 or key not in seen:
                    seen.add(key)
                    yield hazard

    def errors(self) -> Iterator[tuple[str, int, int, str]]:
        """File, line, column and complaint of every statement that cannot be read."""
        found = {
            (judged.statement.file, judged.statement.line, judged.statement.column, judged.error)
            for judgement in self.judgements
            for judged in judgement.statements
            if judged.error
        }
        yield from sorted(found)


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form; `write` gives the whole text, without a newline at its end."""

    name: str
    write: Callable[[Findings, Language], str]
