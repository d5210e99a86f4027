"""What is kept in, a plan out that lets it go: one transaction each, so that one that has to wait holds up no other."""

from __future__ import annotations

from collections.abc import Sequence

from watari.catalog import Kept, KeptKind
from watari.evidence.run import Direction
from watari.planning.canonical import VERSION, sealed
from watari.planning.letting_go import letting_go
from watari.planning.plan import Loss, Plan, Step

__all__ = ["plan_release"]

_LOSSES = {
    KeptKind.COLUMN: "column", KeptKind.TABLE: "table", KeptKind.SCHEMA: "table", KeptKind.ROWS: "rows", KeptKind.VALUES: "values",
}  # fmt: skip


def plan_release(
    kept: Sequence[Kept], *, database: str, environment: str, framework: str, fingerprint: str, server_version: int
) -> Plan:
    """The plan that lets `kept` go for good, in the order given (newest first: what was kept last lies upon the rest)."""
    plan = Plan(
        sha256="",
        version=VERSION,
        database=database,
        environment=environment,
        framework=framework,
        direction=Direction.RELEASE,
        fingerprint=fingerprint,
        server_version=server_version,
        migrations=(),
        steps=tuple(_step(number, each) for number, each in enumerate(kept, 1)),
        losses=tuple(
            Loss(kind=_LOSSES[each.kind], object=each.object, migration=each.migration)
            for each in kept
            if each.kind in _LOSSES
        ),
    )
    return sealed(plan)


def _step(number: int, kept: Kept) -> Step:
    piece = letting_go(kept)
    return Step(
        id=f"{number:04d}.1",
        phase=piece.phase,
        kind=piece.kind,
        migration=None,
        sql=piece.sql,
        effects=piece.effects or (),
        undo=None,
        releases=(kept,),
    )
