"""Types: enums and composites touch no table; what restricts a domain looks at every table that uses it."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Name, Type
from watari.risk.causes import Why
from watari.risk.footprint import Footprint
from watari.sql.grammar import TypeRef, Written, kept, strings, type_of, type_ref


def create_domain(statement: Any, footprint: Footprint) -> None:
    """CREATE DOMAIN."""
    from watari.sql.grammar import choice

    kinds = [choice(node.constraint, "contype") for node in statement.constraints]
    domain = Type(
        name=_new_name(strings(statement.domainname), footprint),
        kind="d",
        owner="",
        base=str(type_ref(statement.type_name)),
        not_null="CONSTR_NOTNULL" in kinds,
        constraints=tuple(kind for kind in kinds if kind == "CONSTR_CHECK"),
    )
    footprint.world.tell("put_type", domain)


def create_enum(statement: Any, footprint: Footprint) -> None:
    """CREATE TYPE … AS ENUM."""
    name = _new_name(strings(statement.type_name), footprint)
    footprint.world.tell("put_type", Type(name=name, kind="e", owner="", labels=strings(statement.vals)))


def _new_name(words: tuple[str, ...], footprint: Footprint) -> Name:
    here = next(iter(footprint.world.search_path), "public")
    return Name(words[-2] if len(words) > 1 else here, words[-1])


def alter_domain(statement: Any, footprint: Footprint) -> None:
    """ALTER DOMAIN: a new restriction looks at the rows while their writers wait; NOT VALID leaves that for later."""
    subtype = statement.subtype
    looks = subtype in ("V", "O") or (subtype == "C" and not kept(statement).skip_validation)
    if not looks:
        return
    words = strings(statement.type_name)
    written = Written(words[-2] if len(words) > 1 else None, words[-1])
    domain = footprint.world.resolve_type(TypeRef(schema=written.schema, name=written.name))
    if domain is None:
        footprint.unknown = True
        return
    family = _family(domain.name, footprint)
    for table in tuple(footprint.world.tables()):
        if any(_is_of(column.type, name) for column in table.columns for name in family):
            footprint.lock(table.name, LockMode.SHARE)
            footprint.scan(table.name, Why.DOMAIN_CONSTRAINT, domain.name.name)


def _family(domain: Name, footprint: Footprint) -> tuple[Name, ...]:
    """The domain and those that are made of it."""
    found = [domain]
    for name in found:
        made = (t.name for t in footprint.world.domains() if t.base and _is_of(t.base, name))
        found += [other for other in made if other not in found]
    return tuple(found)


def _is_of(column_type: str, domain: Name) -> bool:
    ref = type_of(column_type)
    return ref is not None and ref.name == domain.name and ref.schema in (None, domain.schema)


def no_table(statement: Any, footprint: Footprint) -> None:
    """ALTER TYPE … ADD VALUE, RENAME VALUE and the like: the catalog alone."""


FORESEES = {
    "create_domain_stmt": create_domain,
    "create_enum_stmt": create_enum,
    "alter_domain_stmt": alter_domain,
    "alter_enum_stmt": no_table,
    "alter_type_stmt": no_table,
}
