"""Triggers, rules and policies: parts of a table that other statements run through."""

from __future__ import annotations

from typing import Any

from watari.catalog import LockMode, Policy, TableKind, Trigger, quoted
from watari.risk.footprint import Footprint
from watari.risk.queries import read
from watari.sql.deparsing import deparsed
from watari.sql.grammar import body, strings

_AE = LockMode.ACCESS_EXCLUSIVE
_SRE = LockMode.SHARE_ROW_EXCLUSIVE


def create_trigger(statement: Any, footprint: Footprint) -> None:
    """CREATE TRIGGER: writers wait for a moment, those of the partitions too where it fires for each row."""
    table = footprint.relation(statement.relation)
    if table is None:
        return
    divided = statement.row and table.kind is TableKind.PARTITIONED
    members = footprint.world.family(table.name) if divided else (table.name,)
    for member in members:
        footprint.lock(member, _SRE)
    if statement.HasField("constrrel") and (other := footprint.relation(statement.constrrel)):
        footprint.lock(other.name, LockMode.ACCESS_SHARE)
    trigger = Trigger(
        name=statement.trigname,
        table=table.name,
        definition=deparsed(statement),
        function=".".join(quoted(word) for word in strings(statement.funcname)),
    )
    footprint.world.tell("put_trigger", trigger)


def create_rule(statement: Any, footprint: Footprint) -> None:
    """CREATE RULE closes the table or view."""
    table = footprint.relation(statement.relation)
    if table is None:
        return
    footprint.lock(table.name, _AE)
    for action in statement.actions:
        kind, inner = body(action)
        if kind in ("insert_stmt", "update_stmt", "delete_stmt") and (other := footprint.relation(inner.relation)):
            footprint.lock(other.name, LockMode.ROW_EXCLUSIVE)


def create_policy(statement: Any, footprint: Footprint) -> None:
    """CREATE POLICY closes the table for a moment."""
    table = footprint.relation(statement.table)
    if table is None:
        return
    footprint.lock(table.name, _AE)
    _look_at_conditions(statement, footprint)
    policy = Policy(
        name=statement.policy_name, table=table.name, command="*", permissive=statement.permissive, roles=()
    )
    footprint.world.tell("put_policy", policy)


def alter_policy(statement: Any, footprint: Footprint) -> None:
    """ALTER POLICY closes the table for a moment."""
    table = footprint.relation(statement.table)
    if table is not None:
        footprint.lock(table.name, _AE)
        _look_at_conditions(statement, footprint)


def _look_at_conditions(statement: Any, footprint: Footprint) -> None:
    """The tables that USING and WITH CHECK name."""
    for field in ("qual", "with_check"):
        if statement.HasField(field):
            read(getattr(statement, field), footprint, scans=False, deep=False)


FORESEES = {
    "create_trig_stmt": create_trigger,
    "rule_stmt": create_rule,
    "create_policy_stmt": create_policy,
    "alter_policy_stmt": alter_policy,
}
