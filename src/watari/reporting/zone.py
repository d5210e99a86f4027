"""One zone of time for a whole report: servers, backups and people's machines each say theirs."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from watari.reporting.report import Report
from watari.values import fields, is_dataclass, replace


def in_one_zone(report: Report) -> Report:
    """The report with every moment in the zone of `made_at`, which is that of the people who made it."""
    zone = report.made_at.tzinfo
    return _moved(report, zone) if zone else report


def _moved(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return value if value.tzinfo in (None, zone) else value.astimezone(zone)
    if isinstance(value, tuple):
        inside = tuple(_moved(inner, zone) for inner in value)
        return inside if any(after is not before for after, before in zip(inside, value, strict=True)) else value
    if is_dataclass(value) and not isinstance(value, type):
        moved = {field.name: _moved(getattr(value, field.name), zone) for field in fields(value)}
        changed = {name: inner for name, inner in moved.items() if inner is not getattr(value, name)}
        return replace(value, **changed) if changed else value
    return value
