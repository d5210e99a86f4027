"""One short string for the whole schema of a database."""

from __future__ import annotations

import hashlib
import json

from watari.catalog.catalog import Catalog
from watari.catalog.facts import facts

#: Goes into every fingerprint; raised when the facts change their shape, so that old ones never match by chance.
VERSION = 1


def fingerprint(catalog: Catalog) -> str:
    """SHA-256, in hexadecimal, over every fact of the schema that `catalog.facts` names, in a stable order.

    Covers schemas, tables, views, columns and their order, indexes and their validity, constraints and their validation,
    triggers, policies, sequences' definitions, routines, types, extensions with their versions, the rarer objects, and of
    all of them owner, privileges, comments and settings. Two databases with the same schema have the same fingerprint,
    whatever their OIDs, sizes, rows, sequence values, sessions, settings and name; equal exactly where `difference` is
    empty.
    """
    told = sorted((kind, name, sorted(attributes.items())) for (kind, name), attributes in facts(catalog).items())
    text = json.dumps([VERSION, told], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
