"""Which changes of a column's type leave the table as it is.

Source: measured on 15 and 18 (the same on both); `ATColumnChangeRequiresRewrite` (tablecmds.c), `pg_cast` with method binary,
the support functions of length coercions, `CheckIndexCompatible` (indexcmds.c).
"""

from __future__ import annotations

from enum import IntEnum

from watari.sql.grammar import TypeRef
from watari.values import dataclass, replace

__all__ = ["Domain", "Retype", "constant_utc", "lossy", "retype"]


class Retype(IntEnum):
    """What a change of type costs, least first."""

    FREE = 0  # the catalog alone; index files are kept
    INDEX = 1  # the table stays, an index on the column is built anew
    REWRITE = 2


#: Pairs whose values are the same bytes; the second says whether B-trees of one serve the other (the same operator class).
_SAME_BYTES: dict[tuple[str, str], Retype] = {
    ("varchar", "text"): Retype.FREE,
    ("text", "varchar"): Retype.FREE,
    ("cidr", "inet"): Retype.FREE,
    ("bit", "varbit"): Retype.INDEX,
    ("varbit", "bit"): Retype.INDEX,
    ("int4", "oid"): Retype.INDEX,
    ("oid", "int4"): Retype.INDEX,
    ("int4", "regclass"): Retype.INDEX,
    ("oid", "regclass"): Retype.INDEX,
    ("regclass", "oid"): Retype.INDEX,
    ("text", "citext"): Retype.INDEX,
    ("varchar", "citext"): Retype.INDEX,
    ("citext", "text"): Retype.INDEX,
    ("citext", "varchar"): Retype.INDEX,
    ("xml", "text"): Retype.INDEX,
    ("xml", "varchar"): Retype.INDEX,
}

#: Types whose length coercion knows that a longer one changes nothing. bpchar has none: every length rewrites.
_WIDENS = frozenset({"varchar", "varbit", "timestamp", "timestamptz", "time", "timetz", "interval"})
_TIMES = frozenset({"timestamp", "timestamptz", "time", "timetz", "interval"})
_FINEST = 6  # digits of a second

#: Zones that the server takes as UTC without asking its tables. Measured: UTC, Etc/UTC, GMT, 0, Etc/GMT+0, Zulu; the others are
#: names of the same. Not Africa/Abidjan, Europe/London and the like: zero today, but not in history.
_CONSTANT_UTC = frozenset(
    """
    utc etc/utc gmt etc/gmt 0 etc/gmt+0 etc/gmt-0 etc/gmt0 gmt0 gmt+0 gmt-0 zulu etc/zulu uct etc/uct universal etc/universal
    greenwich etc/greenwich 00:00 00:00:00 +00 +00:00 <+00>-00
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain: the type below all its domains, and whether any of them restricts it."""

    base: TypeRef
    constrained: bool


def constant_utc(zone: str | None) -> bool:
    """Whether the session's time zone makes timestamp and timestamptz the same bytes; an unknown zone does not."""
    return zone is not None and zone.lower() in _CONSTANT_UTC


def retype(
    old: TypeRef, new: TypeRef, *, zone: str | None, old_domain: Domain | None = None, new_domain: Domain | None = None
) -> Retype:
    """What it costs to change a column from `old` to `new` without an expression of its own."""
    if old == new:
        return Retype.FREE
    if new_domain and new_domain.constrained:
        return Retype.REWRITE
    if old_domain:
        old = replace(old_domain.base, modifiers=())  # a domain's values come out without their length
    if new_domain:
        new = new_domain.base
    if old.array or new.array:
        return _retype_array(old, new)
    if old.name == new.name and old.schema == new.schema:
        return Retype.FREE if _keeps(old, new) else Retype.REWRITE
    if {old.name, new.name} == {"timestamp", "timestamptz"}:
        return Retype.INDEX if constant_utc(zone) and _keeps(old, new) else Retype.REWRITE
    cost = _SAME_BYTES.get((old.name, new.name))
    return cost if cost is not None and _keeps(old, new) else Retype.REWRITE


def _retype_array(old: TypeRef, new: TypeRef) -> Retype:
    """Arrays are taken as they are or coerced element by element: only losing the length is free."""
    same = old.array and new.array and (old.name, old.schema) == (new.name, new.schema)
    return Retype.FREE if same and new.modifiers in ((), old.modifiers) else Retype.REWRITE


def _keeps(old: TypeRef, new: TypeRef) -> bool:
    """Whether every value of the old length is one of the new length, and the server knows it."""
    if not new.modifiers or (new.modifiers == old.modifiers and new.name == old.name):
        return True
    if new.name in _TIMES and new.modifiers == (_FINEST,):
        return True
    if not old.modifiers or new.name != old.name:  # another type first, then its length: the server sees no further
        return False
    if new.name == "numeric":
        (precision, scale), (wider, same) = _digits(old), _digits(new)
        return wider >= precision and same == scale
    return new.name in _WIDENS and new.modifiers[0] >= old.modifiers[0]


def _digits(numeric: TypeRef) -> tuple[int, int]:
    return numeric.modifiers[0], numeric.modifiers[1] if len(numeric.modifiers) > 1 else 0


def lossy(old: TypeRef, new: TypeRef) -> bool:
    """Whether the change can lose something of a value without a word (digits, scale, fractions of a second)."""
    if old.array or new.array:
        return False
    if old.name == new.name == "numeric":
        return bool(new.modifiers) and (not old.modifiers or _digits(new)[1] < _digits(old)[1])
    if old.name in _TIMES and new.name in _TIMES and new.modifiers:
        return new.modifiers[0] < (old.modifiers[0] if old.modifiers else _FINEST)
    floats = ("float4", "float8", "numeric")
    if old.name in floats and new.name in ("int2", "int4", "int8"):
        return True
    if (old.name, new.name) in (("float8", "float4"), ("numeric", "float4"), ("numeric", "float8"), ("json", "jsonb")):
        return True
    if old.name in ("timestamp", "timestamptz") and new.name in ("date", "time"):
        return True
    return old.name == "bpchar" and new.name in ("text", "varchar")
