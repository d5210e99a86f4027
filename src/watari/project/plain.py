"""Values as plain JSON values."""

from __future__ import annotations

from typing import Any


def plain(value: Any) -> Any:
    """Any value of the house as dictionaries, lists, text and numbers; lock modes by PostgreSQL's own name."""
    import msgspec

    from watari.catalog.locks import LockMode

    def named(inner: Any) -> Any:
        if isinstance(inner, dict):
            lock = inner.get("lock")
            known = {"lock": str(LockMode(lock))} if isinstance(lock, int) and "relation" in inner else {}
            return {name: named(each) for name, each in inner.items()} | known
        return [named(each) for each in inner] if isinstance(inner, list | tuple) else inner

    return str(value) if isinstance(value, LockMode) else named(msgspec.to_builtins(value, enc_hook=str))
