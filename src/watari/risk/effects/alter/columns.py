"""Columns are added, dropped, made NOT NULL, given a default, an identity or another expression."""

from __future__ import annotations

from typing import Any

from watari.catalog import ConstraintKind, LockMode, Name, Sequence
from watari.risk.alteration import Alteration, drop_users
from watari.risk.calls import look_at_sequences, touch_sequences
from watari.risk.causes import Why
from watari.risk.keys import BUILDS, add_inline_key, lock_referenced, scan_referenced
from watari.risk.proofs import is_proved_not_null
from watari.risk.queries import judge_calls
from watari.risk.shapes import constraint_value, domain_of, new_column
from watari.risk.volatility import is_volatile
from watari.risk.world import World
from watari.sql.automatic_names import sequence_name
from watari.sql.grammar import kept, type_ref
from watari.sql.names import constraints_of
from watari.values import replace

_AE = LockMode.ACCESS_EXCLUSIVE


class _Added:
    """What a ColumnDef of ADD COLUMN asks for."""

    def __init__(self, definition: Any, world: World) -> None:
        self.definition = definition
        self.constraints = constraints_of(definition)
        self.kinds = dict(self.constraints)
        self.type = type_ref(definition.type_name)
        default = self.kinds.get("CONSTR_DEFAULT")
        generated = self.kinds.get("CONSTR_GENERATED")
        self.virtual = generated is not None and generated.generated_kind == "v"
        self.stored = generated is not None and not self.virtual
        self.default = default.raw_expr if default is not None else None
        domain = domain_of(self.type, world)
        self.rewrites = self._rewrites(domain is not None and domain.constrained, world)
        self.has_value = self.type.serial or self.default is not None or self.stored
        not_null = bool({"CONSTR_NOTNULL", "CONSTR_PRIMARY"} & self.kinds.keys())
        check = self.kinds.get("CONSTR_CHECK")
        self.scans: Why | None = None
        if not_null and not self.has_value:
            self.scans = Why.NOT_NULL if self.virtual else Why.REQUIRED
        if check is not None and check.is_enforced:
            self.scans = Why.NEW_CHECK

    def _rewrites(self, restricted: bool, world: World) -> Why | None:
        """Why every row has to be written, if it has."""
        if self.type.serial or "CONSTR_IDENTITY" in self.kinds:
            return Why.SERIAL
        if self.stored:
            return Why.STORED
        if restricted:
            return Why.DOMAIN
        return Why.VOLATILE_DEFAULT if self.default is not None and is_volatile(self.default, world) else None


def add_column(alteration: Alteration) -> None:
    """ADD COLUMN: free unless every row needs a value of its own, or a constraint has to look at the rows."""
    definition, world, footprint = kept(alteration.command), alteration.world, alteration.footprint
    if alteration.command.missing_ok and alteration.table(alteration.name).column(definition.colname):
        return
    added = _Added(definition, world)
    if added.default is not None:
        touch_sequences(added.default, footprint)
        judge_calls(added.default, footprint)
    for member in alteration.family:
        if added.rewrites:
            footprint.rewrite_whole(member, added.rewrites, definition.colname)
        elif added.scans:
            footprint.scan(member, added.scans, definition.colname)
        if not added.has_value and not added.rewrites:
            footprint.fresh.add((member, definition.colname))
        table = alteration.table(member)
        column = new_column(definition, len(table.columns) + 1, added.constraints)
        world.tell("put_table", table.having((*table.columns, column)))
    for kind, constraint in added.constraints:
        if kind not in _SAYS_OF_COLUMN:
            _add_constraint(alteration, kind, constraint, added)
    if added.type.serial or "CONSTR_IDENTITY" in added.kinds:
        _add_sequence(alteration.name, definition.colname, world)


#: What is written like a constraint and is one of the column's own attributes.
_SAYS_OF_COLUMN = frozenset({"CONSTR_NULL", "CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"})


def _add_constraint(alteration: Alteration, kind: str, constraint: Any, added: _Added) -> None:
    column = added.definition.colname
    if kind == "CONSTR_FOREIGN":
        lock_referenced(alteration.footprint, constraint)
        if added.has_value:  # all NULL otherwise, and the server knows it
            scan_referenced(alteration.footprint, constraint, alteration.family, (column,))
    elif kind in ("CONSTR_UNIQUE", "CONSTR_PRIMARY"):
        for member in alteration.family:
            alteration.footprint.scan(member, BUILDS[kind], column)
            add_inline_key(alteration.footprint, member, constraint, (column,))
        return
    for member in alteration.family:
        if value := constraint_value(constraint, member, alteration.world, (column,), word=kind):
            alteration.world.tell("put_constraint", value)


def _add_sequence(table: Name, column: str, world: World) -> None:
    name = Name(table.schema, sequence_name(table.name, column, ()))
    sequence = Sequence(
        name=name,
        owner="",
        type="bigint",
        start=1,
        increment=1,
        minimum=1,
        maximum=2**63 - 1,
        owned_by=f"{table}.{column}",
    )
    world.tell("put_sequence", sequence, table)
    world.tell("create", name)


def drop_column(alteration: Alteration) -> None:
    """DROP COLUMN: everything that has the column goes with it, other tables are closed for that."""
    column, footprint = alteration.command.name, alteration.footprint
    for child in alteration.world.children_of(alteration.name):  # also with ONLY: they keep the column as their own
        footprint.lock(child, _AE)
    for member in alteration.family:
        table = alteration.table(member)
        assumed = not table.owner and not alteration.world.is_new(member)  # some of its columns may be known, not all
        if table.columns and table.column(column) is None and not assumed:
            continue
        footprint.destroy(member, f"column {column}")
        drop_users(footprint, member, column, cascades=alteration.cascades)
        columns = tuple(c for c in alteration.table(member).columns if c.name != column)
        alteration.world.tell("put_table", alteration.table(member).having(columns))


def set_not_null(alteration: Alteration) -> None:
    """SET NOT NULL: every row is looked at, unless something valid proves it already."""
    column = alteration.command.name
    for member in alteration.leaves:
        if not is_proved_not_null(alteration.world, member, column):
            alteration.footprint.scan(member, Why.NOT_NULL, column)
    alteration.change_column(column, not_null=True)
    for constraint in alteration.world.constraints_of(alteration.name, ConstraintKind.NOT_NULL):
        if constraint.columns == (column,):
            alteration.world.tell("put_constraint", replace(constraint, validated=True))


def drop_not_null(alteration: Alteration) -> None:
    """DROP NOT NULL."""
    alteration.change_column(alteration.command.name, not_null=False)


def column_default(alteration: Alteration) -> None:
    """SET DEFAULT and DROP DEFAULT: the rows that are there keep what they have."""
    default = "" if alteration.command.HasField("def") else None
    if default is not None:
        look_at_sequences(getattr(alteration.command, "def"), alteration.footprint)
    alteration.change_column(alteration.command.name, default=default)


def set_expression(alteration: Alteration) -> None:
    """SET EXPRESSION: a stored generated column is worked out again for every row."""
    for member in alteration.family:
        column = alteration.table(member).column(alteration.command.name)
        if column is None or column.generated != "v":
            alteration.footprint.rewrite_whole(member, Why.EXPRESSION, alteration.command.name)


def drop_expression(alteration: Alteration) -> None:
    """DROP EXPRESSION."""
    alteration.change_column(alteration.command.name, generated="", default=None)


def add_identity(alteration: Alteration) -> None:
    """ADD GENERATED … AS IDENTITY."""
    alteration.change_column(alteration.command.name, identity=kept(alteration.command).generated_when)
    _add_sequence(alteration.name, alteration.command.name, alteration.world)


def set_identity(alteration: Alteration) -> None:
    """SET GENERATED, RESTART and other changes of the sequence behind an identity column."""
    for sequence in alteration.world.sequences_of(alteration.name, alteration.command.name):
        alteration.footprint.lock(sequence.name, LockMode.SHARE_ROW_EXCLUSIVE)


def drop_identity(alteration: Alteration) -> None:
    """DROP IDENTITY: its sequence goes."""
    for sequence in alteration.world.sequences_of(alteration.name, alteration.command.name):
        alteration.footprint.lock(sequence.name, _AE)
        alteration.world.tell("drop_sequence", sequence.name)
    alteration.change_column(alteration.command.name, identity="")


ALTERS = {
    "AT_AddColumn": add_column,
    "AT_DropColumn": drop_column,
    "AT_SetNotNull": set_not_null,
    "AT_DropNotNull": drop_not_null,
    "AT_ColumnDefault": column_default,
    "AT_SetExpression": set_expression,
    "AT_DropExpression": drop_expression,
    "AT_AddIdentity": add_identity,
    "AT_SetIdentity": set_identity,
    "AT_DropIdentity": drop_identity,
}
