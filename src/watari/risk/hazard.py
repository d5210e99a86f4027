"""One finding of one rule, and the card that a rule is known by."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Mapping
from enum import StrEnum

from watari.evidence.effect import StatementEffects
from watari.locale import Message, Text
from watari.sql.statement import Statement
from watari.values import dataclass, field, replace


class Level(StrEnum):
    """How loud a hazard is."""

    BLOCK = "block"
    WARN = "warn"
    INFO = "info"


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a rule is, for every face: terminal, JSON, report, manual and `watari explain`."""

    id: str  # kebab-case, as in the catalogue: "index-blocking"
    title: Text
    condition: Text  # when it speaks
    harm: Text  # what is blocked or broken, and for whom
    fact: str  # what it rests on: document, version, measurement
    safer: Text  # the safer way in words; a hazard carries it as SQL
    versions: str = "14-18"
    level: Level = Level.WARN  # the loudest that it gets; facts make it quieter


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """One finding: what happens, to which object, for whom and how long, the safer way as SQL."""

    rule: str
    level: Level
    file: str
    line: int
    column: int
    object: str  # as str(Name), or the object's own name
    message: Message
    facts: Mapping[str, builtins.object] = field(
        default_factory=dict
    )  # plain JSON values: rows, bytes, seconds, dependants
    safer: str | None = None  # SQL with the reader's own names
    sql: str = field(default="", repr=False)  # the statement, as far as it is at hand


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One statement with its predicted effects; `error` where it could not be parsed."""

    statement: Statement
    effects: StatementEffects
    migration: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """`-- watari: allow RULE because …` before a statement, and on how many hazards it was needed."""

    rules: tuple[str, ...]
    reason: str
    file: str
    line: int
    hazards: int


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Everything the judge has to say about a set of scripts."""

    statements: tuple[Judged, ...]
    hazards: tuple[Hazard, ...]
    with_facts: bool = True  # False: no database was at hand
    allowances: tuple[Allowance, ...] = ()
    unseen: tuple[str, ...] = ()  # ids of pending migrations that cannot be shown as SQL, so that nobody judged them

    @property
    def blocked(self) -> bool:
        """Whether a hazard of level block was found."""
        return any(hazard.level is Level.BLOCK for hazard in self.hazards)

    @property
    def new(self) -> tuple[Hazard, ...]:
        """The hazards that no baseline holds."""
        return tuple(hazard for hazard in self.hazards if "baseline" not in hazard.facts)

    def without(self, *rules: str, about: Collection[str] | None = None) -> Judgement:
        """The same without the hazards of these rules, those about certain objects alone where they are given."""
        gone = (h for h in self.hazards if h.rule in rules and (about is None or h.object in about))
        places = {id(hazard) for hazard in gone}
        return replace(self, hazards=tuple(hazard for hazard in self.hazards if id(hazard) not in places))
