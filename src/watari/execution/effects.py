"""Effects as plain JSON values, for the journal's rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from watari.catalog import LockMode
from watari.evidence.effect import Effect
from watari.values import asdict, fields

_DEFAULTS = {field.name: field.default for field in fields(Effect)}


def packed(effects: Sequence[Effect]) -> list[dict[str, object]]:
    """Effects with everything left out that is as by default; locks by PostgreSQL's own names."""
    return [
        {
            name: str(value) if isinstance(value, LockMode) else value
            for name, value in asdict(effect).items()
            if value != _DEFAULTS[name]
        }
        for effect in effects
    ]


def unpacked(values: Sequence[Mapping[str, Any]] | None) -> tuple[Effect, ...]:
    """The effects that `packed` wrote."""
    return tuple(
        Effect(**{**value, "lock": LockMode.of(value["lock"])} if value.get("lock") else dict(value))
        for value in values or ()
    )
