"""About how much disk a step takes on the server, from its effects and the sizes of what they touch.

A rewrite writes what lives of the table, and its indexes, anew and keeps the old files until it commits (measured: reference,
lock forms); an index build needs the index and as much again for its sort; rows that are changed leave their old versions
behind. All of it also goes into the log, with an image of each page that was not touched since the last checkpoint. Measured on
PostgreSQL 18.6, 300,000 rows of 68 bytes with two indexes: 118 MB of log for a backfill of 33 MB. These are estimates for a
gate, not promises: a table without statistics is taken at its size on disk.
"""

from __future__ import annotations

from collections.abc import Mapping

from watari.catalog import Catalog
from watari.planning.plan import Plan, Step
from watari.values import dataclass, field

#: An index on columns of unknown width, against its heap.
_INDEX_SHARE = 0.3
#: Of an index: header and place of an entry (nbtree/README), an entry for an expression, and how full its pages are built.
_ENTRY, _EXPRESSION, _FILLED = 12, 32, 0.9
#: In the log: a changed row beside its own columns, and its entry in one index.
_LOGGED_ROW, _LOGGED_ENTRY = 120, 80
_SHORT_ROW = 28


@dataclass(frozen=True, kw_only=True)
class Size:
    """What is known of a table (or an index) now; `lives` is the part of its rows that a vacuum would leave."""

    bytes: int = 0  # heap and TOAST
    index_bytes: int = 0
    rows: float = 0.0
    lives: float = 1.0
    indexes: int = 0
    widths: Mapping[str, int] = field(default_factory=dict)  # average bytes of its columns, where analysed

    @property
    def row(self) -> float:
        """Bytes of one row."""
        return max(_SHORT_ROW, self.bytes * self.lives / self.rows) if self.rows else _SHORT_ROW


@dataclass(frozen=True, kw_only=True)
class Need:
    """Bytes that a step writes: into the table's own files, for sorts, and into the log."""

    files: float = 0.0
    sorts: float = 0.0
    log: float = 0.0

    def __add__(self, other: Need) -> Need:
        return Need(files=self.files + other.files, sorts=self.sorts + other.sorts, log=self.log + other.log)


def takes_room(step: Step) -> bool:
    """Whether a step writes so much that the disk could fill."""
    builds = step.settle is not None and step.settle.kind in ("index_valid", "reindexed")
    return bool(step.backfill) or builds or any((e.rewrite or e.rows) and not e.created for e in step.effects)


def need_of(step: Step, sizes: Mapping[str, Size]) -> Need:
    """What one step needs, if none of it is given back meanwhile; `sizes` are of the relations that the step names."""
    need = Need()
    for effect in step.effects:
        size = sizes.get(effect.relation)
        if size is None or effect.created:
            continue
        if effect.rewrite:
            whole = size.lives * (size.bytes + size.index_bytes)
            need += Need(files=whole, log=whole)
        elif effect.rows and size.rows and not step.backfill:
            need += _changed(size, min(1.0, effect.rows / size.rows))
    if step.settle and step.settle.kind in ("index_valid", "reindexed"):
        need += _built(step, sizes)
    if step.backfill and (size := sizes.get(step.backfill.table)):
        need += _changed(size, 1.0)
        if step.backfill.into:  # the copy of what is deleted or written over
            need += Need(files=size.bytes, log=size.bytes)
    return need


def relations_of(step: Step) -> tuple[str, ...]:
    """The relations whose sizes say what a step needs."""
    names = [effect.relation for effect in step.effects]
    if step.settle:
        names += [step.settle.relation, *([step.settle.table] if step.settle.table else [])]
    return tuple(dict.fromkeys([*names, *([step.backfill.table] if step.backfill else [])]))


def needed_bytes(plan: Plan, catalog: Catalog) -> int:
    """Bytes that the steps write to the server's disk, its log included, if none of it is given back meanwhile."""
    sizes = sizes_in(catalog)
    needs = [need_of(step, sizes) for step in plan.steps if takes_room(step)]
    # of the log, what is older than two checkpoints is given back: no more of it stays than was written into the files
    return round(sum(need.files + need.sorts + min(need.log, need.files) for need in needs))


def sizes_in(catalog: Catalog) -> dict[str, Size]:
    """The size of every table and index of a catalog, by its name."""
    counted: dict[object, int] = {}
    for index in catalog.indexes.values():
        counted[index.table] = counted.get(index.table, 0) + 1
    tables = {
        str(name): Size(
            bytes=table.bytes,
            index_bytes=table.index_bytes,
            rows=table.rows or 0,
            lives=1.0 - table.dead_share,
            indexes=counted.get(name, 0),
            widths={column.name: column.average_width for column in table.columns if column.average_width is not None},
        )
        for name, table in catalog.tables.items()
    }
    return tables | {str(name): Size(index_bytes=index.bytes) for name, index in catalog.indexes.items()}


def _changed(size: Size, share: float) -> Need:
    """New versions of that part of the rows, with new entries in every index."""
    logged = size.rows * (size.row + _LOGGED_ROW + size.indexes * _LOGGED_ENTRY)
    files = size.bytes + size.index_bytes
    return Need(files=share * files, log=share * (logged + files))


def _built(step: Step, sizes: Mapping[str, Size]) -> Need:
    """A new index, its sort and its log; of REINDEX, the index or the table's indexes once more."""
    settle = step.settle
    if settle is None:
        return Need()
    table = sizes.get(settle.table or "") or sizes.get(settle.relation, Size())
    if settle.kind == "reindexed":
        size: float = sizes.get(settle.relation, table).index_bytes
    else:
        entry = _entry(step.sql[0] if step.sql else "", table.widths)
        known = entry is not None and table.rows
        size = table.rows * (entry or 0.0) / _FILLED if known else _INDEX_SHARE * table.bytes
    return Need(files=size, sorts=size, log=size)


def _entry(statement: str, widths: Mapping[str, int]) -> float | None:
    """Bytes of one entry of the index that a statement makes; None where nothing is known of one of its columns."""
    from watari.sql.parsing import parse_statement
    from watari.sql.statement import Statement

    node = parse_statement(Statement(text=statement, file="watari")).index_stmt
    columns = [each.index_elem for each in (*node.index_params, *node.index_including_params)]
    if not columns or any(column.name and column.name not in widths for column in columns):
        return None
    data = sum(widths[column.name] if column.name else _EXPRESSION for column in columns)
    return _ENTRY + 8 * ((data + 7) // 8)
