"""What a database is at one moment: objects, rows, history; and how two moments differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from watari.catalog import Catalog
from watari.catalog.difference import Change, Difference, difference
from watari.frameworks.framework import Framework
from watari.locale import Message, Text
from watari.migrations import RowState
from watari.planning.plan import Loss
from watari.postgres.connection import connect
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl
from watari.rehearsal.digests import Comparison, Rows, compare_rows, digests, positions_apart
from watari.values import dataclass, field

_NO_LONGER = Text(en="the history no longer holds {migration}", ja="履歴から {migration} がなくなりました")
_NOW = Text(en="the history holds {migration}", ja="履歴に {migration} があります")


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Objects, rows by table (`str(Name)`), positions of sequences, and the ids that the framework's history holds."""

    catalog: Catalog
    rows: Mapping[str, Rows]
    history: tuple[str, ...]
    positions: Mapping[str, int] = field(default_factory=dict)


def look(url: DatabaseUrl, framework: Framework) -> Moment:
    """The database at `url` now; raises a `ReachError`."""
    with connect(url, purpose="rehearsal") as connection:
        catalog = read_catalog(connection, leave_out=framework.history_tables(), live=False)
        history = tuple(row.id for row in framework.history(connection) if row.state is RowState.APPLIED)
        return Moment(
            catalog=catalog,
            rows=digests(connection, catalog),
            history=history,
            positions={str(name): each.last_value for name, each in catalog.sequences.items() if each.last_value},
        )


def compare(before: Moment, after: Moment, *, lost: Sequence[Loss] = (), refilled: Collection[str] = ()) -> Comparison:
    """Everything that is not the same; empty where nothing differs.

    `lost`: what the plan says that it takes away for good. That its rows do not come back, and that a column comes back at
    the end of its table, was known before and is a loss. `refilled`: tables in which a column was replaced by
    a new one, which stands at the end; the plan's notes say so.
    """
    objects = [
        each.message
        for each in difference(before.catalog, after.catalog)
        if not any(_known(each, loss) for loss in lost) and not (each.object in refilled and _is_order(each))
    ]
    rows = compare_rows(before.rows, after.rows, lost)
    positions = positions_apart(before.positions, after.positions)
    return Comparison(
        differences=(*objects, *rows.differences, *positions.differences, *_history(before.history, after.history)),
        losses=(*rows.losses, *positions.losses),
    )


def _known(found: Difference, loss: Loss) -> bool:
    if loss.kind != "column" or found.change is not Change.CHANGED:
        return False
    table, _, _ = loss.object.rpartition(".")
    return found.object == table and _is_order(found)


def _is_order(found: Difference) -> bool:
    return found.change is Change.CHANGED and found.attribute == "columns"


def _history(before: Sequence[str], after: Sequence[str]) -> Iterator[Message]:
    for migration in before:
        if migration not in after:
            yield _NO_LONGER(migration=migration)
    for migration in after:
        if migration not in before:
            yield _NOW(migration=migration)
