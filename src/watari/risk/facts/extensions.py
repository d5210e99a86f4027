"""The types that widely used extensions bring: with DROP EXTENSION … CASCADE the columns of these types go.

Source: the scripts of the extensions.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["TYPES"]

TYPES: Mapping[str, tuple[str, ...]] = {
    "plpgsql": (),
    "citext": ("citext",),
    "hstore": ("hstore",),
    "ltree": ("ltree", "lquery", "ltxtquery"),
    "cube": ("cube",),
    "seg": ("seg",),
    "isn": ("ean13", "isbn13", "ismn13", "issn13", "isbn", "ismn", "issn", "upc"),
    "intarray": ("query_int",),
    "vector": ("vector", "halfvec", "sparsevec"),
    "postgis": ("geometry", "geography", "box2d", "box3d"),
    "uuid-ossp": (),
    "pgcrypto": (),
    "pg_trgm": (),
    "btree_gist": (),
    "btree_gin": (),
    "unaccent": (),
    "pg_stat_statements": (),
    "fuzzystrmatch": (),
    "tablefunc": (),
}
