"""A replaced column that is kept: written backwards by a trigger, and the exchange that puts it in its place again.

Going back changes names alone, whatever the size, and keeps every row written since. Nothing is rebuilt for it: indexes and
unique constraints of the old column stay on it, and where it is the primary key, a second unique index is made ready before
the exchange. Source: reference recipe R16, step 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, LiteralString

from watari.catalog import Constraint, ConstraintKind, Index, Kept, KeptKind, Name
from watari.planning import definitions
from watari.planning.dependants import after
from watari.planning.keeping import constraint_again, valid_again
from watari.planning.naming import below
from watari.planning.plan import Back, Note, Phase
from watari.planning.rewrite import Piece, own_name
from watari.planning.rewrites.index import concurrently
from watari.planning.trees import parsed
from watari.planning.validation import required
from watari.sql.compose import Raw, Value, composed

if TYPE_CHECKING:
    from watari.planning.replacement import Replacement

__all__ = ["RENAME_CONSTRAINT", "kept_switch", "key_of_old", "renamed_index", "stays", "stays_index"]

RENAME_CONSTRAINT: LiteralString = "ALTER TABLE {table} RENAME CONSTRAINT {now} TO {name}"

_STAYS = Note(
    en="The old column stays as {old} until watari release, and every write goes to it, too; until then watari rollback "
    "exchanges the two again at once. Values that do not fit {type} are not written back.",
    ja="旧カラムは {old} として watari release まで残り、以後の書き込みも反映されます。それまでは watari rollback で"
    "すぐに入れ替え直せます。ただし {type} に収まらない値は反映されません。",
)
_STAYS_AS_IT_IS = Note(
    en="The old column stays as {old} until watari release, with the values of before.",
    ja="旧カラムは変更前の値のまま {old} として watari release まで残ります。",
)
_DO_NOT_FIT = Note(
    en="{{count}} values of {column} do not fit {type}: they will be NULL.",
    ja="{column} の {{count}} 件の値は {type} に収まらないため、NULL になります。",
)
_NOT_REQUIRED = Note(en=" The column is not NOT NULL again.", ja="カラムの NOT NULL 制約も元に戻しません。")
_KEY_DOES_NOT_FIT = Note(
    en="{{count}} values of the primary key {column} do not fit {type}",
    ja="主キー {column} の {{count}} 件の値が {type} に収まりません",
)


# -- what of the old column stays on it ---------------------------------------------------------------------------------


def stays(constraint: Constraint, work: Replacement) -> bool:
    """Whether the constraint stays on the old column: one that forbids nothing else than the new one does."""
    written = work.keeps and work.reverse is not None
    return written and constraint.kind is ConstraintKind.UNIQUE and "NULLS NOT DISTINCT" not in constraint.definition


def stays_index(index: Index, work: Replacement) -> bool:
    """Whether the index stays on the old column."""
    if work.keeps and work.reverse is not None:
        return "NULLS NOT DISTINCT" not in index.definition
    return not (index.unique or index.predicate is not None or None in index.columns)


def renamed_index(index: Name, name: str) -> str:
    """ALTER INDEX … RENAME TO."""
    return composed("ALTER INDEX {index} RENAME TO {name}", index=index, name=name)


def key_of_old(work: Replacement) -> Iterator[Piece]:
    """A second unique index on the old column where it is in the primary key, which the exchange takes away."""
    index = _key_index(work)
    if index and work.keeps and work.reverse:
        name = Name(index.name.schema, work.aside(index.name.name))
        built = concurrently(parsed(definitions.index(index)[0]).index_stmt, name, work.table.name)
        undo = (composed("DROP INDEX IF EXISTS {name}", name=name),)
        yield Piece(sql=built.sql, kind=built.kind, settle=built.settle, phase=Phase.MIGRATE, undo=undo)


def _key(work: Replacement) -> Constraint | None:
    return next((c for c in work.constraints if c.kind is ConstraintKind.PRIMARY_KEY), None)


def _key_index(work: Replacement) -> Index | None:
    key = _key(work)
    return work.scene.index(key.index) if key and key.index else None


# -- the exchange ---------------------------------------------------------------------------------------------------------


def kept_switch(work: Replacement, exchange: tuple[str, ...], plans: Note) -> tuple[Piece, ...]:
    """The exchange that keeps the old column; the way back is in it."""
    parts = [("index", str(Name(i.name.schema, work.aside(i.name.name)))) for i in _indexes_that_stay(work)]
    if work.reverse:
        parts += [("trigger", _trigger(work)), ("function", _function(work).name)]
    kept = Kept(
        kind=KeptKind.REPLACED,
        object=below(work.table.name, work.column.name),
        migration="",
        relation=str(work.table.name),
        column=work.old,
        parts=tuple(parts),
    )
    drop = work.sql("ALTER TABLE {table} DROP COLUMN IF EXISTS {old}")
    return (
        Piece(
            sql=(*exchange, *_written_backwards(work)),
            phase=Phase.MIGRATE,
            undo=(drop, *work.back) if work.back is not None else None,
            note=_note(work, plans),
            keeps=(kept,),
            back=tuple(_back(work)) if work.reverse else (),
        ),
    )


def _indexes_that_stay(work: Replacement) -> Iterator[Index]:
    yield from (index for index in work.indexes if stays_index(index, work))
    for constraint in work.constraints:
        if constraint.index and stays(constraint, work) and (index := work.scene.index(constraint.index)):
            yield index
    if work.reverse and (index := _key_index(work)):
        yield index


def _note(work: Replacement, plans: Note) -> Note:
    said = _STAYS if work.reverse else _STAYS_AS_IT_IS
    words = {"old": below(work.table.name, work.old), "type": work.column.type}
    return Note(en=f"{plans.en} {said.en.format(**words)}", ja=plans.ja + said.ja.format(**words))


def _function(work: Replacement) -> Name:
    return Name("watari", own_name("back", work.table.name.schema, work.table.name.name, work.old))


def _trigger(work: Replacement) -> str:
    return after(own_name("back", work.old), work.table, work.scene)


def _written_backwards(work: Replacement) -> Iterator[str]:
    if work.reverse is None:
        return
    same: LiteralString = "new.{column} IS NOT DISTINCT FROM old.{column}"
    if not work.reverse.comparable:
        same = "new.{column}::text IS NOT DISTINCT FROM old.{column}::text"
    body: LiteralString = (
        "BEGIN IF TG_OP = 'UPDATE' THEN IF {same} THEN RETURN new; END IF; END IF; {assign} RETURN new; "
        # somebody has dropped or renamed one of the two with another tool: that is no reason to refuse a write
        "EXCEPTION WHEN undefined_column THEN RETURN new; END"
    )
    assign = work.sql("BEGIN new.{old} := new.{column}; EXCEPTION WHEN OTHERS THEN new.{old} := NULL; END;")
    if work.reverse.bounds:
        low, high = work.reverse.bounds
        within: LiteralString = "new.{old} := CASE WHEN new.{column} BETWEEN {low} AND {high} THEN new.{column} END;"
        assign = work.sql(within, low=low, high=high)
    text = composed(body, same=Raw(work.sql(same)), assign=Raw(assign))
    function: LiteralString = (
        "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql "
        "SET search_path FROM CURRENT{pinned} AS {body}"
    )
    yield composed(function, function=_function(work), pinned=Raw(work.pinned), body=Value(text))
    trigger: LiteralString = (
        "CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    yield work.sql(trigger, trigger=_trigger(work), function=_function(work))


# -- the way back -------------------------------------------------------------------------------------------------------


def _back(work: Replacement) -> Iterator[Back]:
    query = work.sql("SELECT count(*) FROM {table} WHERE {old} IS NULL AND {column} IS NOT NULL")
    is_key = _key(work) is not None
    said = _KEY_DOES_NOT_FIT if is_key else _DO_NOT_FIT
    words = {"column": below(work.table.name, work.column.name), "type": work.column.type}
    more = _NOT_REQUIRED if work.column.not_null and not is_key else Note(en="", ja="")
    lacking = Note(en=said.en.format(**words) + more.en, ja=said.ja.format(**words) + more.ja)
    yield Back(unless=query, lacking=lacking, refuses=is_key)
    name = own_name("not_null", work.column.name)
    if work.column.not_null:
        for piece in required(work.table.name, work.old, work.scene, name):
            yield Back(sql=piece.sql, scans=any("VALIDATE" in text for text in piece.sql), unless=query)
    yield Back(sql=tuple(_exchange_again(work)), releases=True)
    if work.column.not_null and work.scene.catalog.major >= 18:
        yield from (Back(sql=(text,), unless=query) for text in _not_null_by_its_name(work, name))
    for constraint in work.constraints:
        yield from valid_again(constraint, work.table.name, {work.column.name: work.old})


def _exchange_again(work: Replacement) -> Iterator[str]:
    yield work.sql("DROP TRIGGER {trigger} ON {table}", trigger=_trigger(work))
    yield composed("DROP FUNCTION {function}()", function=_function(work))
    place = below(work.scene.live_name(work.table.name), work.column.name)
    for sequence in work.scene.catalog.sequences.values():
        if sequence.owned_by == place:
            yield work.sql("ALTER SEQUENCE {sequence} OWNED BY {table}.{old}", sequence=sequence.name)
    yield work.sql("ALTER TABLE {table} DROP COLUMN {column}")
    yield work.sql("ALTER TABLE {table} RENAME COLUMN {old} TO {column}")
    if work.column.default is not None:
        set_default: LiteralString = "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}"
        yield work.sql(set_default, default=Raw(work.column.default))
    for index in work.indexes:
        if stays_index(index, work):
            yield renamed_index(Name(index.name.schema, work.aside(index.name.name)), index.name.name)
        else:
            yield from definitions.index(index)
    for constraint in work.constraints:
        yield from _constraint_again(constraint, work)


def _constraint_again(constraint: Constraint, work: Replacement) -> Iterator[str]:
    made = definitions.constraint(constraint, work.scene.indexes_of(work.table.name))
    if stays(constraint, work):
        yield work.sql(RENAME_CONSTRAINT, now=work.aside(constraint.name), name=constraint.name)
        return  # its comment stayed with it
    if constraint.kind is ConstraintKind.PRIMARY_KEY and constraint.index:
        yield renamed_index(Name(constraint.index.schema, work.aside(constraint.index.name)), constraint.name)
        later = " DEFERRABLE" if constraint.deferrable else ""
        later += " INITIALLY DEFERRED" if constraint.deferred else ""
        using: LiteralString = "ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}{later}"
        yield work.sql(using, name=constraint.name, later=Raw(later))
    else:
        yield constraint_again(constraint, ()) or made[0]
    yield from made[1:]


def _not_null_by_its_name(work: Replacement, now: str) -> Iterator[str]:
    for found in work.scene.constraints(work.table.name).values():
        if found.kind is ConstraintKind.NOT_NULL and found.columns == (work.column.name,):
            yield work.sql(RENAME_CONSTRAINT, now=now, name=found.name)
