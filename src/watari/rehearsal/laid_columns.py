"""One column of `pg_stats` as the row of `pg_statistic` that ANALYZE would have written. Pure.

The kinds of slots and what each holds: src/include/catalog/pg_statistic.h of PostgreSQL 14 to 17.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from watari.values import dataclass

_SLOTS = 5
_COMMON, _BOUNDS, _CORRELATION, _ELEMENTS, _ELEMENT_COUNTS, _RANGE_LENGTHS, _RANGE_BOUNDS = range(1, 8)
# float8: the operator and the type of lengths of ranges
_FLOAT_LESS, _FLOAT = 672, 701


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A column of the copy in the copy's own numbers: its type, and the operators that compare it and its elements."""

    relation: int
    column: int
    type: int
    collation: int
    equal: int
    less: int
    element: int
    element_equal: int


#: Kind, operator, collation, numbers, values as text, type of the values.
_Slot = tuple[int, int, int, Any, str | None, int]
_EMPTY: _Slot = (0, 0, 0, None, None, 0)


def slots(column: Mapping[str, Any], compared: Compared) -> list[Any]:
    """The values of one row, in the order of `lay_column.sql`; `column` is a row of `pg_stats`."""
    head = [compared.relation, compared.column, column["inherited"]]
    head += [column["null_frac"], column["avg_width"], column["n_distinct"]]
    filled = list(_filled(column, compared))[:_SLOTS]
    padded = filled + [_EMPTY] * (_SLOTS - len(filled))
    return head + [value for slot in padded for value in slot]


def _filled(column: Mapping[str, Any], compared: Compared) -> Iterator[_Slot]:
    own = compared.collation
    if column["most_common_vals"] is not None:
        yield _COMMON, compared.equal, own, column["most_common_freqs"], column["most_common_vals"], compared.type
    if column["histogram_bounds"] is not None:
        yield _BOUNDS, compared.less, own, None, column["histogram_bounds"], compared.type
    if column["correlation"] is not None:
        yield _CORRELATION, compared.less, own, [column["correlation"]], None, 0
    if column["most_common_elems"] is not None:
        elements = column["most_common_elems"]
        yield _ELEMENTS, compared.element_equal, own, column["most_common_elem_freqs"], elements, compared.element
    if column["elem_count_histogram"] is not None:
        yield _ELEMENT_COUNTS, compared.element_equal, own, column["elem_count_histogram"], None, 0
    if column["range_length_histogram"] is not None:
        empty = [column["range_empty_frac"] or 0.0]
        yield _RANGE_LENGTHS, _FLOAT_LESS, 0, empty, column["range_length_histogram"], _FLOAT
    if column["range_bounds_histogram"] is not None:
        yield _RANGE_BOUNDS, 0, 0, None, column["range_bounds_histogram"], compared.type
