"""ATTACH PARTITION without reading rows under its locks: what it would prove or build is proved and built before.

The bound as a validated check on the new partition, its exclusion on the default one, every index and foreign key of the
table under the names that ATTACH would give them. Source: reference recipe R13.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, LiteralString

from watari.catalog import Constraint, ConstraintKind, Index, LockMode, Name, Table, TableKind
from watari.evidence.effect import Effect
from watari.planning.bounds import bound_of, key_of_table
from watari.planning.partitions import Member, members
from watari.planning.plan import Note, Phase
from watari.planning.rewrite import Form, Left, Part, Piece, Rewritten, own_name
from watari.planning.rewrites.index import concurrently
from watari.planning.scene import Scene
from watari.planning.trees import deparsed, only_subcommand, parsed
from watari.planning.validation import DROP, DROP_IF_THERE, for_a_moment, not_valid, validate
from watari.sql.automatic_names import index_column_names, index_name, primary_key_name, unique_name
from watari.sql.compose import Raw, composed
from watari.values import dataclass, replace

_UNWRITTEN = Note(
    en="The bound cannot be proved by a check beforehand (a hash, a collation, or a computed value): the partition is read "
    "while it is attached.",
    ja="境界を CHECK 制約で事前に証明できないため（ハッシュ・照合順序・計算値）、アタッチ中に全行が検査されます。",
)
_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


def _rewrite(part: Part, scene: Scene) -> Rewritten:
    definition = getattr(part.node, "def").partition_cmd
    table, new = scene.table(part.table), scene.table(scene.name_of(definition.name))
    key = key_of_table(table) if table else None
    if table is None or new is None or key is None:
        return None
    default = _default(table, scene)
    if not scene.is_large(new.name) and not (default and scene.is_large(default.name)):
        return None
    bound = bound_of(key, definition.bound)
    if bound is None:
        return Left(note=_UNWRITTEN)
    before = [_Proof(table=new.name, name=own_name("bound"), holds=bound)]
    if default:
        before.append(_Proof(table=default.name, name=own_name("outside", new.name.name), holds=f"NOT ({bound})"))
    plain = new.kind is TableKind.TABLE
    return (
        *(piece for proof in before for piece in _proved(proof)),
        *(piece for index in scene.indexes_of(part.table) if plain for piece in _index(index, new, scene)),
        *(piece for key in _foreign_keys(table, new, scene) if plain for piece in _foreign_key(key, new)),
        _attached(part, table, new, before, scene),
    )


def _default(table: Table, scene: Scene) -> Table | None:
    found = scene.partitions_of(table.name)
    return next((each for each in found if each.partition_bound == "DEFAULT"), None)


@dataclass(frozen=True, kw_only=True)
class _Proof:
    """A check that stays until the partition is attached."""

    table: Name
    name: str
    holds: str


def _proved(proof: _Proof) -> Iterator[Piece]:
    template: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({holds}) NOT VALID"
    text = composed(template, table=proof.table, name=proof.name, holds=Raw(proof.holds))
    yield Piece(sql=(text,), phase=Phase.EXPAND, undo=(composed(DROP_IF_THERE, table=proof.table, name=proof.name),))
    yield validate(proof.table, proof.name)


def _index(index: Index, new: Table, scene: Scene) -> Iterator[Piece]:
    """An index of the table that the new partition lacks; that of an exclusion constraint can only be built by ATTACH."""
    if not index.definition or not index.valid:
        return
    node = parsed(index.definition).index_stmt
    behind = next((c for c in scene.constraints(index.table).values() if c.index == index.name), None)
    if behind and behind.kind not in _KEYS:
        return
    member = _member(index, node, behind, new, scene)
    if member.there:
        return
    built = concurrently(node, member.name, new.name)
    yield replace(built, undo=(composed("DROP INDEX IF EXISTS {name}", name=member.name),))
    if behind:
        yield _key(behind, member.name.name, new.name)


def _member(index: Index, node: Any, behind: Constraint | None, new: Table, scene: Scene) -> Member:
    names = index_column_names([*node.index_params, *node.index_including_params])

    def naming(table: str, taken: Container[str]) -> str:
        if behind is None:
            return index_name(table, names, taken)
        if behind.kind is ConstraintKind.PRIMARY_KEY:
            return primary_key_name(table, taken)
        return unique_name(table, names, taken)

    (found,) = members(index, naming, scene, key=behind is not None, only=new)
    return found


def _key(behind: Constraint, name: str, table: Name) -> Piece:
    kind: LiteralString = "PRIMARY KEY" if behind.kind is ConstraintKind.PRIMARY_KEY else "UNIQUE"
    template: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} {kind} USING INDEX {name}{later}"
    later = " DEFERRABLE" if behind.deferrable else ""
    later += " INITIALLY DEFERRED" if behind.deferred else ""
    text = composed(template, table=table, name=name, kind=Raw(kind), later=Raw(later))
    undo = (composed(DROP_IF_THERE, table=table, name=name),)
    return Piece(sql=(text,), phase=Phase.EXPAND, effects=(for_a_moment(table),), undo=undo)


def _foreign_keys(table: Table, new: Table, scene: Scene) -> Iterator[Constraint]:
    there = scene.constraints(new.name)
    same = {c.definition for c in there.values() if c.kind is ConstraintKind.FOREIGN_KEY and c.validated}
    for found in scene.constraints(table.name).values():
        wanted = found.kind is ConstraintKind.FOREIGN_KEY and found.validated
        if wanted and found.definition not in same and found.name not in there:
            yield found


def _foreign_key(key: Constraint, new: Table) -> Iterator[Piece]:
    written = composed("ALTER TABLE t ADD {definition}", definition=Raw(key.definition))
    node = getattr(parsed(written).alter_table_stmt.cmds[0].alter_table_cmd, "def").constraint
    undo = (composed(DROP_IF_THERE, table=new.name, name=key.name),)
    yield Piece(sql=(not_valid(node, key.name, new.name),), phase=Phase.EXPAND, undo=undo)
    yield validate(new.name, key.name)


def _attached(part: Part, table: Table, new: Table, proofs: list[_Proof], scene: Scene) -> Piece:
    keys = (c.references for c in scene.constraints(table.name).values() if c.references)
    closed = dict.fromkeys([*(proof.table for proof in proofs), *keys])
    back: LiteralString = "ALTER TABLE {table} DETACH PARTITION {part}"
    return Piece(
        sql=(
            deparsed(only_subcommand(part.statement, part.node, part.table)),
            *(composed(DROP, table=proof.table, name=proof.name) for proof in proofs),
        ),
        phase=Phase.MIGRATE,
        effects=(
            Effect(relation=str(part.table), lock=LockMode.SHARE_UPDATE_EXCLUSIVE),
            *map(for_a_moment, closed),
        ),
        undo=(composed(back, table=part.table, part=new.name),),
    )


FORM = Form(name="proved-attach", policy="partition", keys=("AT_AttachPartition",), rewrite=_rewrite)
