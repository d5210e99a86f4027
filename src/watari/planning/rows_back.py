"""Rows and values that were copied aside, brought back: what was written since stands, and is counted beforehand.

Small ones in one transaction; large ones in batches along a key, so that nobody waits longer than a batch for a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import LiteralString

from watari.catalog import Name
from watari.planning.aside import Aside, parents_of
from watari.planning.naming import below
from watari.planning.plan import Back, Backfill, Note
from watari.planning.scene import Scene
from watari.sql.compose import Raw, Value, composed

__all__ = ["rows_back", "values_back"]

_TAKEN = Note(
    en="{{count}} of the deleted rows of {table} do not come back: rows with the same {key} were written since.",
    ja="{table} から削除された行のうち {{count}} 行は元に戻りません。同じ {key} の行がその後書き込まれています。",
)
_ORPHANS = Note(
    en="{{count}} of the deleted rows of {table} do not come back: the rows of {parent} that they refer to are gone.",
    ja="{table} から削除された行のうち {{count}} 行は元に戻りません。参照先の {parent} の行がなくなっています。",
)
_WRITTEN = Note(
    en="{{count}} rows of {table} keep what they hold now: they were written since.",
    ja="{table} の {{count}} 行は、その後書き込まれたため、現在の値のままとします。",
)
#: Types of which equal values are the same value; of others the texts are compared.
_EXACT = frozenset(
    {"smallint", "integer", "bigint", "boolean", "date", "uuid", "oid", "bytea", "text", "character varying", "inet"}
    | {"timestamp without time zone", "timestamp with time zone", "time without time zone", "interval"}
)
_DROP: LiteralString = "DROP TABLE {place}"


def rows_back(aside: Aside, scene: Scene, *, restarted: bool = False) -> Iterator[Back]:
    """What puts deleted rows back, and lets the copy go; `restarted`: the sequences of the table began anew."""
    yield from _counted(aside, scene)
    table, place = aside.table.name, aside.place
    there = " AND ".join(_parent_there(*each) for each in parents_of(aside.table, scene)) or "true"
    drop = composed(_DROP, place=place)
    if aside.large and aside.key:
        yield Back(sql=(composed("CREATE INDEX ON {place} ({key})", place=place, key=list(aside.key)),))
        yield Back(
            backfill=Backfill(
                table=str(place),
                assignments=(),
                where=there,
                key=aside.key,
                delete=True,
                into=str(table),
                taken=aside.columns,
            )
        )
        yield Back(sql=(*_positions(aside, scene, restarted), drop), returns=str(place))
        return
    template: LiteralString = (
        "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM {place} WHERE {there} "
        "ON CONFLICT DO NOTHING"
    )
    again = composed(template, table=table, names=list(aside.columns), place=place, there=Raw(there))
    yield Back(sql=(again, *_positions(aside, scene, restarted), drop), returns=str(place))


def _counted(aside: Aside, scene: Scene) -> Iterator[Back]:
    """Questions beforehand: which rows have no place any more."""
    table = aside.table.name
    for index in scene.indexes_of(table):
        columns = [column for column in index.columns if column]
        if index.unique and index.valid and index.predicate is None and len(columns) == len(index.columns):
            same = _same_key(columns, "t", "k")
            template: LiteralString = (
                "SELECT count(*) FROM {place} AS k WHERE EXISTS (SELECT FROM {table} AS t WHERE {same})"
            )
            query = composed(template, place=aside.place, table=table, same=Raw(same))
            yield Back(unless=query, lacking=_filled(_TAKEN, table=str(table), key=", ".join(columns)))
    for columns_of, parent, to in parents_of(aside.table, scene):
        there = _parent_there(columns_of, parent, to)
        query = composed("SELECT count(*) FROM {place} WHERE NOT ({there})", place=aside.place, there=Raw(there))
        yield Back(unless=query, lacking=_filled(_ORPHANS, table=str(table), parent=str(parent)))


def _filled(note: Note, **words: str) -> Note:
    return Note(en=note.en.format(**words), ja=note.ja.format(**words))


def _same_key(columns: list[str] | tuple[str, ...], one: str, other: str) -> str:
    equal = (composed("{one}.{column} = {other}.{column}", one=one, other=other, column=column) for column in columns)
    return " AND ".join(equal)


def _parent_there(columns: tuple[str, ...], parent: Name, to: tuple[str, ...]) -> str:
    lacks = " OR ".join(composed("{column} IS NULL", column=column) for column in columns)
    equal = " AND ".join(
        composed("p.{to} = {column}", to=there, column=column) for column, there in zip(columns, to, strict=True)
    )
    template: LiteralString = "({lacks} OR EXISTS (SELECT FROM {parent} AS p WHERE {equal}))"
    return composed(template, lacks=Raw(lacks), parent=parent, equal=Raw(equal))


def _positions(aside: Aside, scene: Scene, restarted: bool) -> Iterator[str]:
    """Sequences that began anew go past the rows that are back."""
    for column in aside.table.columns if restarted else ():
        place = below(scene.live_name(aside.table.name), column.name)
        for sequence in scene.catalog.sequences.values():
            if sequence.owned_by == place and sequence.increment > 0:
                template: LiteralString = (
                    "SELECT pg_catalog.setval({sequence}, greatest(max({column}), (SELECT last_value FROM {name}))) "
                    "FROM {table} HAVING max({column}) IS NOT NULL"
                )
                yield composed(
                    template,
                    sequence=Value(str(sequence.name)),
                    name=sequence.name,
                    column=column.name,
                    table=aside.table.name,
                )


# -- values -------------------------------------------------------------------------------------------------------------


def values_back(aside: Aside, scene: Scene) -> Iterator[Back]:
    """What sets values back where the row still holds what was written, and lets the copy go."""
    table, place, key = aside.table.name, aside.place, list(aside.key)
    found, same = Raw(_same_key(key, "t", "k")), Raw(_same_values(aside, "t"))
    template: LiteralString = (
        "SELECT count(*) FROM {place} AS k WHERE EXISTS (SELECT FROM {table} AS t WHERE {found} AND NOT ({same}))"
    )
    query = composed(template, place=place, table=table, found=found, same=same)
    mine = composed("{found} AND {same}", found=found, same=same)
    yield Back(unless=query, lacking=_filled(_WRITTEN, table=str(table)))
    drop = composed(_DROP, place=place)
    if not aside.large:
        sets = ", ".join(composed("{column} = k.{column}", column=column) for column in aside.columns)
        template = "UPDATE {table} AS t SET {sets} FROM {place} AS k WHERE {mine}"
        again = composed(template, table=table, sets=Raw(sets), place=place, mine=Raw(mine))
        yield Back(sql=(again, drop), returns=str(place))
        return
    yield Back(sql=(composed("CREATE UNIQUE INDEX ON {place} ({key})", place=place, key=key),))
    yield Back(backfill=_in_batches(aside))
    yield Back(sql=(drop,), returns=str(place))


def _in_batches(aside: Aside) -> Backfill:
    table = Raw(composed("{table}", table=aside.table.name))
    found = " AND ".join(composed("k.{c} = {table}.{c}", c=column, table=table) for column in aside.key)
    value: LiteralString = "(SELECT k.{column} FROM {place} AS k WHERE {found})"
    place = aside.place
    there: LiteralString = "EXISTS (SELECT FROM {place} AS k WHERE {found} AND {same})"
    same = _same_values(aside, table)
    return Backfill(
        table=str(aside.table.name),
        assignments=tuple(
            (column, composed(value, column=column, place=place, found=Raw(found))) for column in aside.columns
        ),
        where=composed(there, place=place, found=Raw(found), same=Raw(same)),
        key=aside.key,
    )


def _same_values(aside: Aside, table: str) -> str:
    """Whether the row still holds what the migration wrote; `table` is what it is called."""
    return " AND ".join(_same_value(aside, column, table) for column in aside.columns)


def _same_value(aside: Aside, column: str, table: str) -> str:
    template: LiteralString = "{table}.{column} IS NOT DISTINCT FROM k.{written}"
    if not _exact(aside, column):
        template = '{table}.{column}::text COLLATE "C" IS NOT DISTINCT FROM k.{written}::text COLLATE "C"'
    return composed(template, table=table, column=column, written=aside.written(column))


def _exact(aside: Aside, column: str) -> bool:
    found = aside.table.column(column)
    return found is not None and found.collation is None and found.type.partition("(")[0] in _EXACT
