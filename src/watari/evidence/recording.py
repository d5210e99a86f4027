"""What a tool's own command did to a database, statement by statement, as the recorder saw it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from watari.evidence.effect import Effect
from watari.values import dataclass, field

#: Tags of statements that change nothing of themselves.
_QUIET = frozenset(
    {"SELECT", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET", "SHOW", "RESET", "DEALLOCATE", "DISCARD"}
)


class Seen(StrEnum):
    """How the recorder looked at a statement."""

    ALONG = "along"  # only passed on: what it locked and read is told of the next statement that was looked at
    PROBED = "probed"  # from inside its session, directly after it
    SAMPLED = "sampled"  # from outside, while it ran: its locks are a lower bound


class Ending(StrEnum):
    """How the transaction of a statement ended."""

    OPEN = "open"  # not yet, when the recording was taken
    COMMITTED = "committed"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One value bound to a statement, as the tool sent it; `type_oid` is 0 where the tool left it to the server."""

    data: bytes | None  # None: NULL
    binary: bool = False
    type_oid: int = 0

    @property
    def text(self) -> str | None:
        """The value for people and for text formats; a binary one in PostgreSQL's hexadecimal notation of bytes."""
        if self.data is None:
            return None
        return "\\x" + self.data.hex() if self.binary else self.data.decode(errors="replace")


@dataclass(frozen=True, kw_only=True)
class Told:
    """An error or a notice of the server; `position` counts characters of the statement from 1."""

    severity: str
    code: str
    message: str
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class RecordedStatement:
    """One statement as it went over the wire.

    `connection` numbers the tool's sessions from 1 in the order they came, `transaction` the transactions over all of them.
    `began` counts seconds from the beginning of the recording. `effects` are measured; where `group` is larger than 1 they
    belong to one of the last so many statements of the session. `wal_bytes` is what the server wrote meanwhile, others'
    share included.
    """

    number: int
    connection: int
    transaction: int
    sql: str
    parameters: tuple[Parameter, ...] = ()
    database: str = ""
    seen: Seen = Seen.ALONG
    began: float = 0.0
    seconds: float = 0.0
    tag: str | None = None
    rows: int | None = None
    error: Told | None = None
    notices: tuple[Told, ...] = ()
    effects: tuple[Effect, ...] = ()
    group: int = 1
    wal_bytes: int | None = None
    waited_for: tuple[str, ...] = ()  # what it was seen waiting for, where it was sampled
    ending: Ending = Ending.OPEN
    in_block: bool = False  # in a transaction that the tool opened itself
    cut: bool = False  # too long to be kept whole

    @property
    def quiet(self) -> bool:
        """Whether it only read, set something, or began or ended a transaction, as its tag tells."""
        return (self.tag or "").partition(" ")[0] in _QUIET


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Everything that went through one recorder, in the order in which the statements ended.

    `void` says why what was seen is not to be relied upon: a look of the recorder failed in the tool's own session.
    """

    started_at: datetime
    seconds: float
    statements: tuple[RecordedStatement, ...] = ()
    connections: int = 0
    temporary_bytes: int | None = None  # written to temporary files by the database, over all
    void: tuple[str, ...] = ()
    cut: bool = False  # some texts or values were too large to be kept

    @property
    def sound(self) -> bool:
        """Whether no look failed."""
        return not self.void

    def transactions(self) -> Iterator[tuple[RecordedStatement, ...]]:
        """The statements of each transaction, by the transactions' first statements."""
        groups: dict[int, list[RecordedStatement]] = {}
        for statement in self.statements:
            groups.setdefault(statement.transaction, []).append(statement)
        yield from (tuple(group) for group in groups.values())


@dataclass(frozen=True, kw_only=True)
class RecordedCommand:
    """A tool's own command on a clone: how it ended, the last of its output, and what it did."""

    command: tuple[str, ...]
    status: int
    output: tuple[str, ...]
    database: str
    clone: str  # which way the clone was made
    clone_seconds: float
    clone_bytes: int
    recording: Recording

    @property
    def sound(self) -> bool:
        """Whether it went through, and what was seen of it can be relied upon."""
        return self.status == 0 and self.recording.sound and self.recording.connections > 0


@dataclass(frozen=True, kw_only=True)
class RelationRecord:
    """The strongest lock on one relation over a recording, and how long the longest such lock was held."""

    effect: Effect
    statements: tuple[int, ...] = field(default=())


def by_relation(recording: Recording) -> tuple[RelationRecord, ...]:
    """One entry a relation that was there before, the strongest locks first."""
    found: dict[str, list[tuple[int, Effect]]] = {}
    for statement in recording.statements:
        for effect in statement.effects:
            if not effect.created:
                found.setdefault(effect.relation, []).append((statement.number, effect))
    records = [_together(relation, effects) for relation, effects in found.items()]
    return tuple(sorted(records, key=lambda each: (-(each.effect.lock or 0), each.effect.relation)))


def _together(relation: str, effects: list[tuple[int, Effect]]) -> RelationRecord:
    strongest = max((effect.lock or 0) for _, effect in effects)
    holding = [effect for _, effect in effects if (effect.lock or 0) == strongest]
    written = [effect.rows for _, effect in effects if effect.rows is not None]
    return RelationRecord(
        effect=Effect(
            relation=relation,
            lock=holding[0].lock,
            rewrite=any(effect.rewrite for _, effect in effects),
            scan=any(effect.scan for _, effect in effects),
            destroys=next((effect.destroys for _, effect in effects if effect.destroys), None),
            seconds=max((effect.seconds for effect in holding if effect.seconds is not None), default=None),
            rows=sum(written) if written else None,
            sampled=any(effect.sampled for _, effect in effects),
        ),
        statements=tuple(number for number, _ in effects),
    )
