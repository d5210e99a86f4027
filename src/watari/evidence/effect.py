"""What one statement does to which relation: predicted, rehearsed and measured in one type."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from watari.catalog.locks import LockMode
from watari.values import dataclass, field


class Blocks(StrEnum):
    """How long others wait because of a statement."""

    WORK = "work"  # for as long as data is read, rewritten or built
    MOMENT = "moment"  # a short exclusive lock, if it is not queued
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What one statement does to one relation.

    `relation` is schema-qualified as `str(Name)` writes it. `lock` is the strongest mode taken on it, held to the end of
    the transaction unless `released` says that the statement gives it back. `rewrite`: its file is written anew; `scan`: it
    is read through; `destroys` names what of it is lost: "table", "column email", "index", "rows", "constraint x".
    `created`: the relation is made by this statement or earlier in the same transaction, so nobody waits for it.
    `sampled`: the lock was seen from outside now and then, and so is a lower bound.
    """

    relation: str
    lock: LockMode | None = None
    rewrite: bool = False
    scan: bool = False
    destroys: str | None = None
    created: bool = False
    released: bool = False
    seconds: float | None = None  # how long the lock was held, where measured
    wal_bytes: int | None = None
    rows: int | None = None
    sampled: bool = False


@dataclass(frozen=True, kw_only=True)
class StatementEffects:
    """One statement's effects and how long it makes others wait; `unknown` where the judge cannot tell.

    Effects name a relation as the statement finds it. `formerly` has, for those that statements before it have renamed, what
    the live database calls them.
    """

    effects: tuple[Effect, ...] = ()
    blocks: Blocks = Blocks.NONE
    unknown: bool = False
    formerly: Mapping[str, str] = field(default_factory=dict)
