"""What a restore did, what it costs, and what a swap left behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from watari.values import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What going back to a backup gives up: everything that was written since.

    `rows_then` are the backup's counts, `rows_now` those of the live database, by qualified table; `wal_bytes` is the
    distance between the backup's position and now, None where they are not of one server.
    """

    backup: str
    since: datetime | None
    seconds: float | None
    wal_bytes: int | None
    rows_then: Mapping[str, int] = field(default_factory=dict)
    rows_now: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> dict[str, tuple[int | None, int | None]]:
        """Tables whose number of rows differs: then and now, None where the table is not there."""
        names = sorted({*self.rows_then, *self.rows_now})
        pairs = {name: (self.rows_then.get(name), self.rows_now.get(name)) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """One restore: `database` is where the data is now reachable, `kept` the name of the database that stood there before.

    `swap_seconds` is how long sessions could not enter; `terminated` counts the sessions that were closed for it.
    `let_go` is the statement that drops what is kept. `findings` are sentences: where the copy differs from the manifest,
    or what does not move along; with a difference nothing is swapped.
    """

    source: str  # id of the backup, or the file
    database: str
    swapped: bool = False
    kept: str | None = None
    seconds: float = 0.0
    swap_seconds: float | None = None
    terminated: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    let_go: str | None = None


@dataclass(frozen=True, kw_only=True)
class KeptDatabase:
    """A database that watari left beside a live one: `kind` "before" a swap, "restore" or "verify" that was cut off."""

    name: str
    of: str
    kind: str
    bytes: int
    at: datetime | None
    sessions: int = 0
