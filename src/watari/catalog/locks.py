"""Lock modes of tables and their conflicts, as data.

Source: PostgreSQL documentation, "Explicit Locking", table "Conflicting Lock Modes" (the same in 14 to 18).
"""

from __future__ import annotations

from enum import IntEnum


class LockMode(IntEnum):
    """A table-level lock mode, weakest first; the number is the server's own."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    def __str__(self) -> str:
        """PostgreSQL's own name in capitals: `ACCESS EXCLUSIVE`."""
        return self.name.replace("_", " ")

    @classmethod
    def of(cls, name: str) -> LockMode:
        """The mode of `ACCESS EXCLUSIVE`, or of `AccessExclusiveLock` as `pg_locks` writes it."""
        return _BY_NAME[name]


_BY_NAME = {str(mode): mode for mode in LockMode} | {
    "".join(word.capitalize() for word in mode.name.split("_")) + "Lock": mode for mode in LockMode
}

CONFLICTS: dict[LockMode, frozenset[LockMode]] = {
    LockMode.ACCESS_SHARE: frozenset({LockMode.ACCESS_EXCLUSIVE}),
    LockMode.ROW_SHARE: frozenset({LockMode.EXCLUSIVE, LockMode.ACCESS_EXCLUSIVE}),
    LockMode.ROW_EXCLUSIVE: frozenset(LockMode(n) for n in (5, 6, 7, 8)),
    LockMode.SHARE_UPDATE_EXCLUSIVE: frozenset(LockMode(n) for n in (4, 5, 6, 7, 8)),
    LockMode.SHARE: frozenset(LockMode(n) for n in (3, 4, 6, 7, 8)),
    LockMode.SHARE_ROW_EXCLUSIVE: frozenset(LockMode(n) for n in (3, 4, 5, 6, 7, 8)),
    LockMode.EXCLUSIVE: frozenset(LockMode(n) for n in (2, 3, 4, 5, 6, 7, 8)),
    LockMode.ACCESS_EXCLUSIVE: frozenset(LockMode),
}


def blocks_reads(mode: LockMode) -> bool:
    """Whether a plain SELECT waits for a holder of `mode`."""
    return LockMode.ACCESS_SHARE in CONFLICTS[mode]


def blocks_writes(mode: LockMode) -> bool:
    """Whether INSERT, UPDATE and DELETE wait for a holder of `mode`."""
    return LockMode.ROW_EXCLUSIVE in CONFLICTS[mode]
