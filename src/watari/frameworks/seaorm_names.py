"""What SeaORM's identifiers stand for in SQL: `Users::RoleId` is `role_id`, unless an attribute says otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watari.frameworks.rust import bracketed, parts, snake_case, strings
from watari.late import pattern

__all__ = ["identified", "table_of"]

_IDEN = pattern(r'#\[\s*(?:sea_orm\(\s*)?iden\s*=\s*"([^"]+)"')
_VARIANT = pattern(r"\b(\w+)::(\w+)\s*\Z")


def table_of(enum: str, sources: Sequence[str]) -> str:
    """The table that `ENUM::Table` stands for: by its attribute where a source declares it, else by its name."""
    for source in sources:
        if found := _declared(enum, source):
            attributes, variants = found
            first = next(parts(variants), "")
            attribute = _IDEN.search(attributes) or (_IDEN.search(first) if first.endswith("Table") else None)
            return attribute.group(1) if attribute else snake_case(enum)
    return snake_case(enum)


def identified(argument: str, sources: Sequence[str]) -> str | None:
    """The name that an argument stands for: `Users::Table`, `Users::RoleId`, `Alias::new("users")`, `"users"`."""
    if written := strings(argument):
        return written[0]
    found = _VARIANT.search(argument.strip())
    if found is None:
        return None
    enum, variant = found.groups()
    return table_of(enum, sources) if variant == "Table" else _column_of(enum, variant, sources)


def _column_of(enum: str, variant: str, sources: Sequence[str]) -> str:
    for source in sources:
        if found := _declared(enum, source):
            entry = next((part for part in parts(found[1]) if re.search(rf"\b{variant}\Z", part)), "")
            attribute = _IDEN.search(entry)
            return attribute.group(1) if attribute else snake_case(variant)
    return snake_case(variant)


def _declared(enum: str, source: str) -> tuple[str, str] | None:
    """The attributes of an enum and what stands in it."""
    found = re.search(rf"((?:#\[[^\]]*\]\s*)*)(?:pub(?:\([^)]*\))?\s+)?enum\s+{enum}\b\s*(?=\{{)", source)
    return (found.group(1), bracketed(source, found.end())) if found else None
