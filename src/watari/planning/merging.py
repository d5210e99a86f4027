"""The effects of a step: those of its statements, one for each relation and each thing destroyed."""

from __future__ import annotations

from collections.abc import Iterable

from watari.evidence.effect import Effect
from watari.values import replace

__all__ = ["merged"]


def merged(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """The strongest lock, any rewrite, any scan of effects on the same relation."""
    found: dict[tuple[str, str | None], Effect] = {}
    for effect in effects:
        key = (effect.relation, effect.destroys)
        before = found.get(key)
        found[key] = effect if before is None else _both(before, effect)
    return tuple(found.values())


def _both(one: Effect, other: Effect) -> Effect:
    locks = [lock for lock in (one.lock, other.lock) if lock is not None]
    return replace(
        one,
        lock=max(locks) if locks else None,
        rewrite=one.rewrite or other.rewrite,
        scan=one.scan or other.scan,
        created=one.created and other.created,
        released=one.released and other.released,
        rows=max((rows for rows in (one.rows, other.rows) if rows is not None), default=None),
    )
