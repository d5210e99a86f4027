"""The server around one database at the moment of reading: who follows it, what holds its WAL, whose order is stale."""

from __future__ import annotations

from watari.values import dataclass, replace

__all__ = ["Cluster", "Slot", "Standby"]


@dataclass(frozen=True, kw_only=True)
class Standby:
    """One standby that replays what this server writes. A role without `pg_monitor` sees none of them."""

    name: str
    synchronous: bool = False
    behind: float | None = None  # seconds between a write here and its replay there; None: nothing is left to replay
    snapshot_age: int | None = None  # transactions behind, of its oldest query; None: it does not tell


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One replication slot and how many bytes of WAL it keeps the server from removing."""

    name: str
    kind: str  # "physical" | "logical"
    active: bool
    retained: int


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What is true of the whole server, or of the database but of no object in it.

    `stale_collations` are those whose order the operating system has changed since the database wrote down its version:
    `schema.name` as a column tells it, "default" for the database's own.
    """

    standbys: tuple[Standby, ...] = ()
    slots: tuple[Slot, ...] = ()
    stale_collations: tuple[str, ...] = ()

    @property
    def roughly(self) -> Cluster:
        """The same with numbers to a power of two: what a sentence would say otherwise, and not what passes in a second."""
        return replace(
            self,
            standbys=tuple(
                replace(s, behind=_power(s.behind), snapshot_age=_power(s.snapshot_age)) for s in self.standbys
            ),
            slots=tuple(replace(slot, retained=_power(slot.retained) or 0) for slot in self.slots),
        )


def _power(number: float | None) -> int | None:
    return None if number is None else 1 << int(number).bit_length()
