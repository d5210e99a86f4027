"""The safer way of a hazard as SQL, with the reader's own names."""

from __future__ import annotations

from typing import Any, LiteralString

from watari.catalog import Name
from watari.risk.causes import Cause
from watari.risk.shapes import constraint_value
from watari.risk.situation import Situation
from watari.sql.automatic_names import clipped
from watari.sql.compose import Raw, composed
from watari.sql.deparsing import changed, deparsed
from watari.sql.grammar import choice, kept, strings, type_ref

__all__ = [
    "added_constraint",
    "default_apart",
    "key_through_index",
    "not_null",
    "plain_vacuum",
    "second_column",
]

#: Not-null constraints can be NOT VALID since then.
_NOT_NULL_NOT_VALID = 18


def _command(situation: Situation, subtype: str, matches: Any) -> Any | None:
    return next((command for command in situation.commands(subtype) if matches(command)), None)


def _alone(situation: Situation, command: Any) -> str:
    """The ALTER TABLE of the situation with this one subcommand."""
    alter = changed(situation.node)
    del alter.cmds[:]
    alter.cmds.add().alter_table_cmd.CopyFrom(command)
    return deparsed(alter) + ";"


def added_constraint(situation: Situation, name: str, kind: str) -> str | None:
    """The constraint NOT VALID, then validated apart."""

    def is_it(command: Any) -> bool:
        if choice(kept(command), "contype") != kind:
            return False
        value = constraint_value(kept(command), situation.target, situation.world)
        return value is not None and value.name == name

    command = _command(situation, "AT_AddConstraint", is_it)
    if command is None:
        return None
    later = changed(command)
    constraint = kept(later)
    constraint.conname, constraint.skip_validation, constraint.initially_valid = name, True, False
    validate = composed("ALTER TABLE {table} VALIDATE CONSTRAINT {name};", table=situation.target, name=name)
    return "\n".join([_alone(situation, later), "-- in a transaction of its own:", validate])


def not_null(situation: Situation, table: Name, column: str) -> str:
    """NOT NULL by a constraint that is validated while others pass."""
    name = clipped(f"{table.name}_{column}_not_null")
    if situation.world.major >= _NOT_NULL_NOT_VALID:
        return "\n".join(
            [
                composed(
                    "ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {column} NOT VALID;",
                    table=table,
                    name=name,
                    column=column,
                ),
                "-- in a transaction of its own:",
                composed("ALTER TABLE {table} VALIDATE CONSTRAINT {name};", table=table, name=name),
            ]
        )
    check = clipped(f"{name}_proof")
    template: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;"
    return "\n".join(
        [
            composed(template, table=table, name=check, column=column),
            "-- each in a transaction of its own:",
            composed("ALTER TABLE {table} VALIDATE CONSTRAINT {name};", table=table, name=check),
            composed("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL;", table=table, column=column),
            composed("ALTER TABLE {table} DROP CONSTRAINT {name};", table=table, name=check),
        ]
    )


def key_through_index(situation: Situation, name: str, kind: str) -> str | None:
    """The index built while others pass, then taken as the constraint."""
    columns: tuple[str, ...] = ()
    for command in situation.commands("AT_AddConstraint"):
        if choice(kept(command), "contype") == kind:
            columns = strings(kept(command).keys)
    for command in situation.commands("AT_AddColumn"):
        if kept(command).colname == name:
            return None
    if not columns:
        return None
    table, primary = situation.target, kind == "CONSTR_PRIMARY"
    lines = []
    if primary:
        found = situation.world.table(table)
        nullable = [c for c in columns if not ((k := found.column(c) if found else None) and k.not_null)]
        lines += [not_null(situation, table, column) for column in nullable]
    index = composed(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});", name=name, table=table, columns=list(columns)
    )
    what = Raw("PRIMARY KEY" if primary else "UNIQUE")
    take = composed(
        "ALTER TABLE {table} ADD CONSTRAINT {name} {what} USING INDEX {name};", table=table, name=name, what=what
    )
    return "\n".join([*lines, index, take])


def second_column(situation: Situation, column: str) -> str | None:
    """A column of the new type beside the old one, and the exchange of their names."""
    command = _command(situation, "AT_AlterColumnType", lambda found: found.name == column)
    if command is None:
        return None
    table, new, old = situation.target, clipped(f"{column}_new"), clipped(f"{column}_old")
    kind = Raw(str(type_ref(kept(command).type_name)))
    return "\n".join(
        [
            composed("ALTER TABLE {table} ADD COLUMN {new} {kind};", table=table, new=new, kind=kind),
            "-- a trigger for INSERT and UPDATE keeps both equal; then in batches, until no row is left:",
            composed(
                "UPDATE {table} SET {new} = {column}::{kind} WHERE {new} IS DISTINCT FROM {column}::{kind};",
                table=table,
                new=new,
                column=column,
                kind=kind,
            ),
            "-- indexes and constraints of the new column; then in one transaction:",
            composed("ALTER TABLE {table} RENAME COLUMN {column} TO {old};", table=table, column=column, old=old),
            composed("ALTER TABLE {table} RENAME COLUMN {new} TO {column};", table=table, column=column, new=new),
        ]
    )


def default_apart(situation: Situation, column: str) -> str | None:
    """The column without its default, the default for new rows, the rows that are there in batches."""
    command = _command(situation, "AT_AddColumn", lambda found: kept(found).colname == column)
    if command is None:
        return None
    bare = changed(command)
    written = kept(command).constraints
    kinds = [choice(node.constraint, "contype") for node in written]
    if "CONSTR_DEFAULT" not in kinds:
        return None
    del kept(bare).constraints[:]
    kept(bare).constraints.extend(
        node for node, kind in zip(written, kinds, strict=True) if kind not in ("CONSTR_DEFAULT", "CONSTR_NOTNULL")
    )
    alter = changed(situation.node)
    del alter.cmds[:]
    alter.cmds.add().alter_table_cmd.CopyFrom(bare)
    default = alter.cmds.add().alter_table_cmd
    default.subtype, default.name, default.behavior = _COLUMN_DEFAULT, column, bare.behavior
    getattr(default, "def").CopyFrom(written[kinds.index("CONSTR_DEFAULT")].constraint.raw_expr)
    fill = composed(
        "UPDATE {table} SET {column} = DEFAULT WHERE {column} IS NULL;", table=situation.target, column=column
    )
    lines = [deparsed(alter) + ";", "-- then in batches, until no row is left:", fill]
    if "CONSTR_NOTNULL" in kinds:
        lines.append(not_null(situation, situation.target, column))
    return "\n".join(lines)


#: AT_ColumnDefault in the grammar.
_COLUMN_DEFAULT = 3


def plain_vacuum(cause: Cause) -> str | None:
    """A VACUUM that closes nothing."""
    return composed("VACUUM (ANALYZE) {table};", table=cause.relations[0]) if cause.relations else None
