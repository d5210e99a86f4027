"""The events of triggers as the grammar counts them. Source: `pg_trigger.h`, TRIGGER_TYPE_*."""

from __future__ import annotations

__all__ = ["DELETE", "INSERT", "TRUNCATE", "UPDATE"]

INSERT = 4
DELETE = 8
UPDATE = 16
TRUNCATE = 32
