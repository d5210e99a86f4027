"""A guarantee is given up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Constraint, ConstraintKind, Name
from watari.locale import Text
from watari.risk.hazard import Card, Hazard, Level
from watari.risk.situation import OWN_PREFIX, Situation
from watari.risk.surroundings import column_of, commands_in, later
from watari.risk.world import World
from watari.sql.compose import Raw, composed
from watari.sql.grammar import kept

CARD = Card(
    id="destroy-constraint",
    title=Text(en="A constraint is dropped", ja="制約を削除する"),
    condition=Text(
        en=("DROP CONSTRAINT of a constraint that was there before and does not come back in the same migration"),
        ja="既存の制約を DROP CONSTRAINT し、同じマイグレーションで作り直さない場合",
    ),
    harm=Text(
        en=(
            "Rows that break it are accepted from then on, and the constraint cannot come back before "
            "they are found; without a foreign key, orphans."
        ),
        ja=("以後は違反する行も受け入れられ、それらを直すまで制約を戻せません。外部キーなら孤児レコードが生じます。"),
    ),
    fact="pg_constraint; manual, ALTER TABLE",
    safer=Text(
        en=("Keep the definition; bring it back NOT VALID, and VALIDATE when the rows are right again."),
        ja="定義を控えておき、戻すときは NOT VALID で追加してから VALIDATE します。",
    ),
)
KINDS = ("alter_table_stmt AT_DropConstraint",)

_MESSAGE = Text(
    en="{table} is no longer kept to {name}: {definition}.",
    ja="{table} に対する {name}（{definition}）の保証がなくなります。",
)


def judge(situation: Situation) -> Iterator[Hazard]:
    """One hazard a constraint."""
    table, world = situation.target, situation.world
    for command in situation.commands("AT_DropConstraint"):
        known = next((c for c in world.constraints_of(table) if c.name == command.name), None)
        absent = known is None and situation.world.known
        if absent or not situation.old(table) or command.name.startswith(OWN_PREFIX) or _proof(world, table, known):
            continue
        if _comes_back(situation, command.name):
            continue
        definition = known.definition if known else "?"
        safer = _way_back(table, known) if known else None
        message = _MESSAGE(name=command.name, table=table, definition=definition)
        level = situation.level_of(table) if not world.is_empty(table) else Level.INFO
        yield situation.hazard(CARD, level, f"{table}.{command.name}", message, safer=safer)


def _proof(world: World, table: Name, known: Constraint | None) -> bool:
    """A check that only proves what the column says by now, or one that was never validated."""
    if known is None or known.kind is not ConstraintKind.CHECK:
        return False
    columns = [column_of(world, table, column) for column in known.columns]
    stated = " IS NOT NULL" in known.definition and all(column is not None and column.not_null for column in columns)
    return stated and " AND " not in known.definition


def _comes_back(situation: Situation, name: str) -> bool:
    """Whether the same statement or a later one adds a constraint, or makes a unique index, in its place."""
    nodes = [situation.node, *later(situation, "alter_table_stmt")]
    return any(kept(command).conname == name for node in nodes for command in commands_in(node, "AT_AddConstraint"))


def _way_back(table: Name, known: Constraint) -> str:
    later_on = known.kind in (ConstraintKind.CHECK, ConstraintKind.FOREIGN_KEY)
    template: LiteralString = "-- the way back:\nALTER TABLE {table} ADD CONSTRAINT {name} {definition}{how};"
    how = Raw(" NOT VALID" if later_on and "NOT VALID" not in known.definition else "")
    return composed(template, table=table, name=known.name, definition=Raw(known.definition), how=how)
