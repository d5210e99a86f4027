"""Objects of the catalog as the statements that make them again; what a dropped or replaced object's undo consists of.

Every function takes the value and gives statements in order: the object, then its comment, its privileges and whatever else
hangs on it. Definitions are the server's own text, so names in them are qualified.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Many
from typing import LiteralString

from watari.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    Extension,
    Index,
    Name,
    Policy,
    Routine,
    Sequence,
    Table,
    TableKind,
    Trigger,
    Type,
)
from watari.planning.naming import below
from watari.planning.scene import Scene
from watari.sql.compose import Raw, Value, composed

__all__ = [
    "column",
    "constraint",
    "extension",
    "grants",
    "index",
    "policy",
    "routine",
    "sequence",
    "table",
    "trigger",
    "type_",
    "view",
]

#: Letters of an access privilege. Source: documentation, "Privileges", table "ACL Privilege Abbreviations".
_PRIVILEGES: dict[str, LiteralString] = {
    "r": "SELECT",
    "a": "INSERT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "x": "REFERENCES",
    "t": "TRIGGER",
    "X": "EXECUTE",
    "U": "USAGE",
    "m": "MAINTAIN",
}

#: Letters of a policy's command (pg_policy.polcmd).
_COMMANDS = {"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}


def index(found: Index) -> tuple[str, ...]:
    """CREATE INDEX and its comment; the server's definition leaves out the tablespace."""
    definition = found.definition
    if found.tablespace:
        definition = _in_tablespace(definition, found.tablespace)
    return (definition, *_comment("COMMENT ON INDEX {name} IS {text}", found.name, found.comment))


def _in_tablespace(definition: str, tablespace: str) -> str:
    from watari.planning.trees import copied, deparsed, parsed

    node = copied(parsed(definition))
    node.index_stmt.table_space = tablespace
    return deparsed(node)


def constraint(found: Constraint, indexes: Many[Index] = ()) -> tuple[str, ...]:
    """ALTER TABLE … ADD CONSTRAINT and its comment; `indexes` may hold the one behind it, for its tablespace."""
    add = composed(
        "ALTER TABLE {table} ADD CONSTRAINT {name} {definition}",
        table=found.table,
        name=found.name,
        definition=Raw(found.definition),
    )
    behind = next((i for i in indexes if i.name == found.index and i.tablespace), None)
    if behind and behind.tablespace:
        add = _constraint_in_tablespace(add, behind.tablespace)
    if found.comment is None:
        return (add,)
    template: LiteralString = "COMMENT ON CONSTRAINT {name} ON {table} IS {text}"
    return (add, composed(template, name=found.name, table=found.table, text=Value(found.comment)))


def _constraint_in_tablespace(add: str, tablespace: str) -> str:
    from watari.planning.trees import copied, deparsed, parsed

    node = copied(parsed(add))
    getattr(node.alter_table_stmt.cmds[0].alter_table_cmd, "def").constraint.indexspace = tablespace
    return deparsed(node)


def column(found: Column) -> str:
    """The column as it stands in CREATE TABLE, with type, collation, default, generation, identity and NOT NULL."""
    generated = {"s": "STORED", "v": "VIRTUAL"}.get(found.generated)
    default = None if generated or found.identity else found.default
    identity = {"a": "ALWAYS", "d": "BY DEFAULT"}.get(found.identity)
    return composed(
        "{name} {type}{collation}{generated}{identity}{default}{not_null}",
        name=found.name,
        type=Raw(found.type),
        collation=_clause(" COLLATE {text}", found.collation),
        generated=_clause(" GENERATED ALWAYS AS ({text})", found.default if generated else None, generated),
        identity=_clause(" GENERATED {text} AS IDENTITY", identity),
        default=_clause(" DEFAULT {text}", default),
        not_null=Raw(" NOT NULL" if found.not_null else ""),
    )


def _clause(template: LiteralString, text: str | None, word: str | None = None) -> Raw:
    """A part of a statement with the server's own text in it, and perhaps a word behind; nothing without a text."""
    if not text:
        return Raw("")
    part = composed(template, text=Raw(text))
    return Raw(" ".join((part, word)) if word else part)


def column_extras(table: Name, found: Column) -> Iterator[str]:
    """What belongs to a column and cannot stand in its definition: comment, privileges, statistics target."""
    place: dict[str, Name | str] = {"table": table, "column": found.name}
    if found.comment is not None:
        yield composed("COMMENT ON COLUMN {table}.{column} IS {text}", **place, text=Value(found.comment))
    if found.statistics_target is not None and found.statistics_target >= 0:
        template: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS {target}"
        yield composed(template, **place, target=found.statistics_target)
    storage = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}.get(found.storage)
    if storage:
        template = "ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE {storage}"
        yield composed(template, **place, storage=Raw(storage))
    compression = {"p": "pglz", "l": "lz4"}.get(found.compression)
    if compression:
        template = "ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION {compression}"
        yield composed(template, **place, compression=Raw(compression))
    if found.options:
        template = "ALTER TABLE {table} ALTER COLUMN {column} SET ({options})"
        yield composed(template, **place, options=Raw(", ".join(found.options)))
    yield from grants("TABLE", table, found.acl, column=found.name)


def grants(kind: LiteralString, name: Name | Raw, acl: Many[str], *, column: str | None = None) -> Iterator[str]:
    """GRANT statements that give the access privileges `acl` (as the server writes them: `app=rw*/owner`)."""
    for item in acl:
        role, _, rest = item.rpartition("/")[0].rpartition("=")
        for option in (False, True):
            letters = [
                a for a, after in zip(rest, [*rest[1:], ""], strict=True) if a != "*" and (after == "*") is option
            ]
            words = [_PRIVILEGES[letter] for letter in letters if letter in _PRIVILEGES]
            if words:
                yield _grant(kind, name, words, role, column, with_option=option)


def _grant(
    kind: LiteralString, name: Name | Raw, words: Many[str], role: str, column: str | None, *, with_option: bool
) -> str:
    of_column = composed(" ({column})", column=column) if column else ""
    # the server quotes a role in an aclitem only where it holds more than letters and digits
    grantee = Raw(role) if role.startswith('"') else role
    return composed(
        "GRANT {privileges} ON {kind} {name} TO {role}{option}",
        privileges=Raw(", ".join(word + of_column for word in words)),
        kind=Raw(kind),
        name=name,
        role=grantee or Raw("PUBLIC"),
        option=Raw(" WITH GRANT OPTION" if with_option else ""),
    )


def _comment(template: LiteralString, name: Name, comment: str | None) -> tuple[str, ...]:
    return () if comment is None else (composed(template, name=name, text=Value(comment)),)


def view(found: Table) -> tuple[str, ...]:
    """CREATE VIEW or CREATE MATERIALIZED VIEW with options, comment and privileges (indexes aside)."""
    kind: LiteralString = "MATERIALIZED VIEW" if found.kind is TableKind.MATERIALIZED_VIEW else "VIEW"
    options = _clause(" WITH ({text})", ", ".join(found.options))
    body = Raw((found.definition or "").rstrip().rstrip(";"))
    create = composed(
        "CREATE {kind} {name}{options} AS {body}", kind=Raw(kind), name=found.name, options=options, body=body
    )
    comment = _comment("COMMENT ON VIEW {name} IS {text}", found.name, found.comment)
    if found.kind is TableKind.MATERIALIZED_VIEW:
        comment = _comment("COMMENT ON MATERIALIZED VIEW {name} IS {text}", found.name, found.comment)
    return (create, *comment, *grants("TABLE", found.name, found.acl))


def routine(found: Routine) -> tuple[str, ...]:
    """CREATE OR REPLACE FUNCTION or PROCEDURE, its comment and its privileges."""
    kind: LiteralString = "PROCEDURE" if found.kind == "p" else "FUNCTION"
    name = Raw(composed("{name}", name=found.name))
    signature = Raw(composed("{name}({arguments})", name=name, arguments=Raw(found.arguments)))
    statements = [found.definition.rstrip().rstrip(";")]
    if found.comment is not None:
        template: LiteralString = "COMMENT ON {kind} {signature} IS {text}"
        statements.append(composed(template, kind=Raw(kind), signature=signature, text=Value(found.comment)))
    return (*statements, *grants(kind, signature, found.acl))


def type_(found: Type) -> tuple[str, ...] | None:
    """CREATE TYPE … AS ENUM, a composite type, or CREATE DOMAIN; None for other types."""
    if found.kind == "e":
        labels = Raw(", ".join(composed("{label}", label=Value(label)) for label in found.labels))
        create = composed("CREATE TYPE {name} AS ENUM ({labels})", name=found.name, labels=labels)
    elif found.kind == "c":
        create = composed("CREATE TYPE {name} AS ({parts})", name=found.name, parts=Raw(", ".join(found.attributes)))
    elif found.kind == "d":
        create = composed(
            "CREATE DOMAIN {name} AS {base}{default}{not_null}{constraints}",
            name=found.name,
            base=Raw(found.base or ""),
            default=_clause(" DEFAULT {text}", found.default),
            not_null=Raw(" NOT NULL" if found.not_null else ""),
            constraints=Raw("".join(_clause(" CONSTRAINT {text}", each) for each in found.constraints)),
        )
    else:
        return None
    kind: LiteralString = (
        "COMMENT ON DOMAIN {name} IS {text}" if found.kind == "d" else "COMMENT ON TYPE {name} IS {text}"
    )
    return (create, *_comment(kind, found.name, found.comment))


def extension(found: Extension) -> tuple[str, ...]:
    """CREATE EXTENSION with schema and version."""
    template: LiteralString = "CREATE EXTENSION {name} SCHEMA {schema} VERSION {version}"
    return (composed(template, name=found.name, schema=found.schema, version=Value(found.version)),)


def trigger(found: Trigger) -> tuple[str, ...]:
    """CREATE TRIGGER, whether it fires, and its comment."""
    statements = [found.definition.rstrip(";")]
    state = {"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}.get(found.enabled)
    if state:
        template: LiteralString = "ALTER TABLE {table} {state} TRIGGER {name}"
        statements.append(composed(template, table=found.table, state=Raw(state), name=found.name))
    if found.comment is not None:
        template = "COMMENT ON TRIGGER {name} ON {table} IS {text}"
        statements.append(composed(template, name=found.name, table=found.table, text=Value(found.comment)))
    return tuple(statements)


def policy(found: Policy) -> tuple[str, ...]:
    """CREATE POLICY."""
    roles = ", ".join("PUBLIC" if role.lower() == "public" else composed("{role}", role=role) for role in found.roles)
    create = composed(
        "CREATE POLICY {name} ON {table} AS {kind} FOR {command} TO {roles}{using}{check}",
        name=found.name,
        table=found.table,
        kind=Raw("PERMISSIVE" if found.permissive else "RESTRICTIVE"),
        command=Raw(_COMMANDS.get(found.command, found.command)),
        roles=Raw(roles or "PUBLIC"),
        using=_clause(" USING ({text})", found.using),
        check=_clause(" WITH CHECK ({text})", found.check),
    )
    if found.comment is None:
        return (create,)
    template: LiteralString = "COMMENT ON POLICY {name} ON {table} IS {text}"
    return (create, composed(template, name=found.name, table=found.table, text=Value(found.comment)))


def sequence(found: Sequence) -> tuple[str, ...]:
    """CREATE SEQUENCE from its first value, and its comment; `owned_by` is left to the table."""
    template: LiteralString = (
        "CREATE SEQUENCE {name} AS {type} INCREMENT BY {increment} MINVALUE {minimum} MAXVALUE {maximum} "
        "START WITH {start} CACHE {cache}{cycle}"
    )
    create = composed(
        template,
        name=found.name,
        type=Raw(found.type),
        increment=found.increment,
        minimum=found.minimum,
        maximum=found.maximum,
        start=found.start,
        cache=found.cache,
        cycle=Raw(" CYCLE" if found.cycle else ""),
    )
    return (create, *_comment("COMMENT ON SEQUENCE {name} IS {text}", found.name, found.comment))


def table(found: Table, scene: Scene) -> tuple[str, ...] | None:
    """A plain table with everything on it, empty; None for one that cannot be made again from what is known."""
    if found.kind is not TableKind.TABLE or found.parents or found.persistence == "t":
        return None
    owned = [(c, s) for c in found.columns if not c.identity and (s := _sequence_of(found, c, scene))]
    columns = Raw(", ".join(column(c) for c in found.columns))
    kind = Raw("UNLOGGED TABLE" if found.persistence == "u" else "TABLE")
    options = _clause(" WITH ({text})", ", ".join(found.options))
    template: LiteralString = "CREATE {kind} {name} ({columns}){options}"
    create = composed(template, kind=kind, name=found.name, columns=columns, options=options)
    template = "ALTER SEQUENCE {sequence} OWNED BY {table}.{column}"
    owners = (composed(template, sequence=s.name, table=found.name, column=c.name) for c, s in owned)
    comment = _comment("COMMENT ON TABLE {name} IS {text}", found.name, found.comment)
    made = [statement for _, s in owned for statement in sequence(s)]
    return (*made, create, *owners, *comment, *_on_table(found, scene))


def _sequence_of(found: Table, of: Column, scene: Scene) -> Sequence | None:
    place = below(scene.live_name(found.name), of.name)
    return next((s for s in scene.catalog.sequences.values() if s.owned_by == place), None)


def _on_table(found: Table, scene: Scene) -> Iterator[str]:
    indexes = scene.indexes_of(found.name)
    order = {ConstraintKind.PRIMARY_KEY: 0, ConstraintKind.UNIQUE: 1}
    kept = [c for c in scene.constraints(found.name).values() if c.kind is not ConstraintKind.NOT_NULL]
    for each in sorted(kept, key=lambda c: (order.get(c.kind, 2), c.name)):
        yield from constraint(each, indexes)
    for each_index in indexes:
        if not each_index.constraint:
            yield from index(each_index)
    for each_column in found.columns:
        yield from column_extras(found.name, each_column)
    for each_trigger in scene.triggers_of(found.name):
        yield from trigger(each_trigger)
    yield from _row_security(found, scene)
    yield from grants("TABLE", found.name, found.acl)


def _row_security(found: Table, scene: Scene) -> Iterator[str]:
    if found.row_security:
        yield composed("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", table=found.name)
    if found.force_row_security:
        yield composed("ALTER TABLE {table} FORCE ROW LEVEL SECURITY", table=found.name)
    for each in scene.catalog.policies:
        if each.table == scene.live_name(found.name):
            yield from policy(each)
