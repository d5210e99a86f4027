"""The change of one batch along a key, and what of it goes aside in the same statement.

What is deleted is put aside whole, of what is written over the key, the values before and those after. Before 18 there is no
RETURNING of what was there before (release notes of 18), so that the rows are locked and read first.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from watari.planning.plan import Backfill

__all__ = ["change_along"]

_UPDATE = sql.SQL("update {table} set {values} where {rows} and ({where})")
_DELETE = sql.SQL("delete from {table} where {rows} and ({where})")
# where rows come back from aside, what was written since stands
_ASIDE = sql.SQL(
    "with gone as ({change} returning {old}{taken}) insert into {into} ({names}) overriding system value "
    "select {names} from gone on conflict do nothing"
)
_BEFORE = sql.SQL(
    "with was as materialized (select {read} from {table} where {rows} and ({where}) order by {key} for no key update), "
    "gone as (update {table} set {values} from was where {same} returning {taken}) "
    "insert into {into} ({names}) select {names} from gone"
)
_RETURNS_OLD = 180_000
#: A table may itself be called "old".
_OLD, _NOTHING = sql.SQL("with (old as watari_was) "), sql.SQL("")


def change_along(
    work: Backfill, version: int, *, values: sql.Composable, rows: sql.Composable, where: sql.Composable
) -> sql.Composed:
    """The statement for the `rows` of one batch that fulfil `where`, on a server of this version; `values` is its SET list."""
    table = sql.SQL(work.table)
    place = {"table": table, "values": values, "rows": rows, "where": where}
    change = (_DELETE if work.delete else _UPDATE).format(**place)
    if not work.into:
        return change
    key, taken, written = map(_identifiers, (work.key, work.taken, work.written))
    into = sql.SQL(work.into)
    if work.delete:
        return _ASIDE.format(change=change, old=_NOTHING, taken=_listed(taken), into=into, names=_listed(taken))
    names = _listed([*key, *taken, *written])
    after = [_as(table, column, name) for column, name in zip(taken, written, strict=True)]
    if version >= _RETURNS_OLD:
        own = [sql.SQL("{}.{}").format(table, column) for column in key]
        before = [sql.SQL("watari_was.{}").format(column) for column in taken]
        return _ASIDE.format(change=change, old=_OLD, taken=_listed([*own, *before, *after]), into=into, names=names)
    was = [(column, sql.Identifier(f"watari_{number}")) for number, column in enumerate([*key, *taken])]
    return _BEFORE.format(
        **place,
        read=_listed([sql.SQL("{} as {}").format(column, name) for column, name in was]),
        key=_listed(key),
        same=sql.SQL(" and ").join(sql.SQL("{}.{} = was.{}").format(table, *pair) for pair in was[: len(key)]),
        taken=_listed([*(_as(sql.SQL("was"), name, column) for column, name in was), *after]),
        into=into,
        names=names,
    )


def _identifiers(names: Sequence[str]) -> list[sql.Composable]:
    return [sql.Identifier(name) for name in names]


def _as(table: sql.Composable, column: sql.Composable, name: sql.Composable) -> sql.Composed:
    return sql.SQL("{}.{} as {}").format(table, column, name)


def _listed(parts: Sequence[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
