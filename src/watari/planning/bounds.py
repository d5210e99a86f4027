"""The rows that a partition may hold, as an expression over its own columns.

Written so that the server sees it as implied by, or the same as, its own: then ATTACH PARTITION believes a check and reads no
row. Source: `get_qual_for_range` and `get_qual_for_list` (partbounds.c), `ConstraintImpliedByRelConstraint` (tablecmds.c).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watari.catalog import Table
from watari.planning.trees import expression, parsed
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice, column_references, function_calls, strings
from watari.values import dataclass

__all__ = ["PartitionKey", "bound_of", "key_of_table"]


@dataclass(frozen=True, kw_only=True)
class PartitionKey:
    """What a table is partitioned by; each part is an expression, or a column's name as SQL."""

    strategy: str  # "PARTITION_STRATEGY_RANGE", …
    parts: tuple[str, ...]
    columns: tuple[str, ...]
    collated: bool


def key_of_table(table: Table) -> PartitionKey | None:
    """The key of a partitioned table, from the server's own text."""
    if not table.partition_key:
        return None
    text = composed("CREATE TABLE t (c int) PARTITION BY {key}", key=Raw(table.partition_key))
    spec = parsed(text).create_stmt.partspec
    elements = [each.partition_elem for each in spec.part_params]
    parts = tuple(
        composed("{name}", name=each.name) if each.name else f"({expression(each.expr)})" for each in elements
    )
    columns = [name for each in elements for name in ([each.name] if each.name else column_references(each.expr))]
    return PartitionKey(
        strategy=choice(spec, "strategy"),
        parts=parts,
        columns=tuple(dict.fromkeys(columns)),
        collated=any(each.collation for each in elements),
    )


def bound_of(key: PartitionKey, bound: Any) -> str | None:
    """The expression for FOR VALUES; None where it cannot be written down here (hashes, collations, computed bounds)."""
    if bound.is_default or key.collated or function_calls(bound):
        return None
    if key.strategy.endswith("LIST"):
        return _list(key.parts[0], bound.listdatums)
    if key.strategy.endswith("RANGE"):
        return _range(key.parts, bound)
    return None


def _list(part: str, values: Sequence[Any]) -> str:
    given = [
        expression(value) for value in values if not (value.WhichOneof("node") == "a_const" and value.a_const.isnull)
    ]
    alternatives = " OR ".join(_compared(part, "=", value) for value in given)
    if len(given) == len(values):
        return f"{part} IS NOT NULL AND ({alternatives})"
    return f"{part} IS NULL OR {alternatives}" if given else f"{part} IS NULL"


def _range(parts: Sequence[str], bound: Any) -> str:
    there = [f"{part} IS NOT NULL" for part in parts]
    pairs = [(_value(low), _value(high)) for low, high in zip(bound.lowerdatums, bound.upperdatums, strict=True)]
    same = next((place for place, (low, high) in enumerate(pairs) if low != high or low is None), len(pairs))
    fixed = [f"{part} = {low}" for part, (low, _) in zip(parts[:same], pairs, strict=False)]
    lower = _side(parts[same:], bound.lowerdatums[same:], ">", ">=")
    upper = _side(parts[same:], bound.upperdatums[same:], "<", "<")
    return " AND ".join([*there, *fixed, *(f"({side})" for side in (lower, upper) if side)])


def _value(node: Any) -> str | None:
    return None if _limitless(node) else expression(node)


def _side(parts: Sequence[str], values: Sequence[Any], strict: str, last: str) -> str:
    """`a > 1 OR (a = 1 AND b >= 2)`; a part without limit ends the comparison."""
    alternatives: list[str] = []
    same: list[str] = []
    for place, (part, value) in enumerate(zip(parts, values, strict=True)):
        word = _limitless(value)
        if word:
            # everything is above MINVALUE, and below MAXVALUE
            if (word == "minvalue") is (strict == ">") and same:
                alternatives.append(" AND ".join(same))
            break
        operator = last if place == len(parts) - 1 else strict
        alternatives.append(" AND ".join([*same, _compared(part, operator, expression(value))]))
        same.append(_compared(part, "=", expression(value)))
    return " OR ".join(f"({each})" for each in alternatives) if len(alternatives) > 1 else "".join(alternatives)


def _limitless(value: Any) -> str:
    words = strings(value.column_ref.fields) if value.WhichOneof("node") == "column_ref" else ()
    return words[0].lower() if words and words[0].lower() in ("minvalue", "maxvalue") else ""


def _compared(part: str, operator: str, value: str) -> str:
    return f"{part} {operator} {value}"
