"""Constraints that are added for new rows at first and then checked against all rows, which stops nobody."""

from __future__ import annotations

from typing import Any, LiteralString

from watari.catalog import Constraint, ConstraintKind, LockMode, Name
from watari.evidence.effect import Effect
from watari.planning.partitions import below_table
from watari.planning.plan import Phase
from watari.planning.rewrite import Part, Piece, own_name
from watari.planning.scene import Scene
from watari.planning.trees import copied, deparsed, only_subcommand, parsed
from watari.sql.automatic_names import not_null_name
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice

VALIDATE: LiteralString = "ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
DROP: LiteralString = "ALTER TABLE {table} DROP CONSTRAINT {name}"
DROP_NOT_NULL: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL"
DROP_IF_THERE: LiteralString = "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"


def in_two_steps(constraint: Any, name: str, part: Part) -> tuple[Piece, ...]:
    """ADD CONSTRAINT … NOT VALID, then VALIDATE, each its own transaction."""
    return (
        Piece(
            sql=(not_valid(constraint, name, part.table, part.statement),),
            phase=Phase.EXPAND,
            undo=(composed(DROP, table=part.table, name=name),),
            joins=True,
        ),
        validate(part.table, name),
    )


def not_valid(constraint: Any, name: str, table: Name, statement: Any | None = None) -> str:
    """ALTER TABLE … ADD CONSTRAINT … NOT VALID for a constraint's tree."""
    command = copied(parsed("ALTER TABLE t ADD CONSTRAINT c CHECK (true)").alter_table_stmt.cmds[0].alter_table_cmd)
    own = getattr(command, "def").constraint
    own.CopyFrom(constraint)
    own.conname, own.skip_validation, own.initially_valid = name, True, False
    statement = statement or parsed("ALTER TABLE t ADD CHECK (true)").alter_table_stmt
    return deparsed(only_subcommand(statement, command, table))


def validate(table: Name, name: str) -> Piece:
    """The scan, under a lock that stops neither readers nor writers."""
    return Piece(sql=(composed(VALIDATE, table=table, name=name),), phase=Phase.MIGRATE)


def required(table: Name, column: str, scene: Scene, name: str | None = None) -> tuple[Piece, ...]:
    """The steps after which a column is NOT NULL, none of them a scan under a strong lock.

    Since 18 the constraint itself is added NOT VALID, under `name` or the one that SET NOT NULL gives it. Before, a check
    proves that no NULL is there, and SET NOT NULL then believes it (documentation, "ALTER TABLE", SET NOT NULL); so it is for
    partitioned tables on 18 too, where no NOT NULL can be NOT VALID.
    """
    family = (table, *(part.name for part in below_table(table, scene)))
    if scene.catalog.major >= 18 and len(family) == 1:
        name = name or not_null_name(table.name, column, scene.constraint_names(table.schema))
        template: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {column} NOT VALID"
        add = composed(template, table=table, name=name, column=column)
        # for a run that ends before the column is required; afterwards the constraint is gone with DROP NOT NULL
        undo = (composed(DROP_NOT_NULL, table=table, column=column),)
        return (Piece(sql=(add,), phase=Phase.EXPAND, undo=undo), validate(table, name))
    proof = own_name("not_null", column)
    template = "ALTER TABLE {table} ADD CONSTRAINT {proof} CHECK ({column} IS NOT NULL) NOT VALID"
    set_it = composed("ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL", table=table, column=column)
    if name and scene.catalog.major >= 18:
        named: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {column}"
        set_it = composed(named, table=table, name=name, column=column)
    return (
        Piece(
            sql=(composed(template, table=table, proof=proof, column=column),),
            phase=Phase.EXPAND,
            undo=(composed(DROP_IF_THERE, table=table, name=proof),),
        ),
        validate(table, proof),
        Piece(
            sql=(set_it, composed(DROP, table=table, name=proof)),
            phase=Phase.MIGRATE,
            effects=tuple(map(for_a_moment, family)),
            undo=tuple(composed(DROP_NOT_NULL, table=each, column=column) for each in family),
        ),
    )


def for_a_moment(table: Name) -> Effect:
    """The effect of what only changes the catalog: every reader waits, and nothing is read or written for it."""
    return Effect(relation=str(table), lock=LockMode.ACCESS_EXCLUSIVE)


def proves_values(constraint: Constraint, column: str) -> bool:
    """Whether a valid check says that the column holds no NULL, so that SET NOT NULL need not look."""
    if constraint.kind is not ConstraintKind.CHECK or not constraint.validated or not constraint.definition:
        return False
    written = composed("ALTER TABLE t ADD {definition}", definition=Raw(constraint.definition))
    node = parsed(written).alter_table_stmt.cmds[0].alter_table_cmd
    return _proves(getattr(node, "def").constraint.raw_expr, column)


def _proves(tree: Any, column: str) -> bool:
    kind = tree.WhichOneof("node")
    if kind == "bool_expr" and choice(tree.bool_expr, "boolop") == "AND_EXPR":
        return any(_proves(argument, column) for argument in tree.bool_expr.args)
    if kind != "null_test" or choice(tree.null_test, "nulltesttype") != "IS_NOT_NULL":
        return False
    fields = tree.null_test.arg.column_ref.fields
    return bool(fields) and fields[-1].string.sval == column
