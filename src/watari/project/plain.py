"""Values as plain JSON values."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Any value of the house as dictionaries, lists, text and numbers; lock modes by PostgreSQL's own name."""
    import msgspec

    from watari.catalog.locks import LockMode

    return msgspec.to_builtins(value, enc_hook=str) if not isinstance(value, LockMode) else str(value)
