"""What is kept of what a statement drops, replaces or renames: whether, under which name, and what brings it back.

Source: reference recipes R18 to R20; documentation, "ALTER TABLE" (RENAME and SET SCHEMA touch the catalog alone).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, LiteralString

from watari.catalog import Constraint, ConstraintKind, Index, LockMode, Name, Table, TableKind
from watari.evidence.effect import Effect
from watari.planning import definitions
from watari.planning.dependants import mentions
from watari.planning.naming import below
from watari.planning.plan import Back, Note
from watari.planning.rewrite import own_name
from watari.planning.scene import Scene
from watari.sql.compose import Raw, composed
from watari.sql.grammar import choice

__all__ = [
    "constraint_again",
    "filled",
    "free_name",
    "gone_with_cascade",
    "holds_rows",
    "keeps",
    "made_of_going",
    "not_kept",
    "orphans",
    "stays_unproved",
    "valid_again",
]

_NOT_KEPT = Note(
    en="What is dropped here goes for good, and is not kept: {why}",
    ja="ここで削除されるものは保持されず、元に戻せません: {why}",
)
_MADE_OF = Note(
    en="it is made of {name}, which is dropped later in this plan.",
    ja="この計画の後半で削除される {name} に依存しています。",
)
_STAYS_UNPROVED = Note(
    en="{{count}} rows of {table} no longer fulfil constraint {name}: it holds for new rows alone (NOT VALID).",
    ja="{table} の {{count}} 行が制約 {name} を満たさなくなっているため、制約は新しい行にのみ有効です (NOT VALID)。",
)


def keeps(scene: Scene) -> bool:
    """Whether the policy keeps anything; a way back keeps nothing: what it takes away came with what it takes back."""
    return scene.policy.keep > 0 and not scene.back and not scene.foggy


def pauses(scene: Scene) -> bool:
    """Whether the run stops for a deployment, so that a name may work on until then even where nothing is kept."""
    return scene.policy.pause_for_deployments and not scene.back and not scene.foggy


def holds_rows(name: Name, scene: Scene) -> Table | None:
    """The live table, if a row could be lost with it."""
    live = scene.live(name)
    if live is None or live.kind not in (TableKind.TABLE, TableKind.PARTITIONED):
        return None
    return live if _pages(live, scene) else None


def _pages(live: Table, scene: Scene) -> int:
    """Pages in which rows can be: an empty table has some bytes, too, where values can be moved out of line."""
    return live.pages or sum(_pages(part, scene) for part in scene.catalog.partitions_of(live.name))


def filled(live: Table, column: str, scene: Scene) -> bool:
    """Whether a value could be lost with the column: not of a generated one, nor where it is known to be NULL everywhere."""
    found = live.column(column)
    if found is None:  # made by this migration, or renamed by this plan
        return column not in scene.columns_of_this_migration(live.name)
    if found.generated:
        return False
    return live.rows is None or round(live.rows * (1 - (found.null_fraction or 0))) != 0


def not_kept(why: Note) -> Note:
    """The sentence for what goes for good."""
    return Note(en=_NOT_KEPT.en.format(why=why.en), ja=_NOT_KEPT.ja.format(why=why.ja))


def made_of_going(texts: Iterable[str | None], scene: Scene) -> Note | None:
    """Why nothing can be kept whose types, defaults or triggers, as `texts`, name what this plan drops later."""
    going = scene.kept.names_going()
    name = next((name for text in texts for name in sorted(going) if mentions(text, name)), None)
    return Note(en=_MADE_OF.en.format(name=name), ja=_MADE_OF.ja.format(name=name)) if name else None


def gone_with_cascade(node: Any) -> bool:
    """Whether the statement takes what depends on the object with it."""
    return choice(node, "behavior") == "DROP_CASCADE"


def free_name(what: str, words: Sequence[str], relation: Name | None, scene: Scene) -> str:
    """A name for what is kept that nothing has that was kept earlier: `watari_dropped_note`, `watari_dropped_note_2`.

    For a column of `relation`, or for a table in watari's schema.
    """
    names = (own_name(what, *words, *([str(number)] if number > 1 else [])) for number in count(1))
    places = ((name, below(relation, name) if relation else str(Name("watari", name))) for name in names)
    return next(name for name, place in places if place not in scene.kept.places)


def closed_for_a_moment(table: Name, going: Sequence[Constraint]) -> tuple[Effect, ...]:
    """The effects of what changes the catalog alone: on the table, and on those to which constraints that go connect it."""
    keys = (c for c in going if c.kind is ConstraintKind.FOREIGN_KEY)
    names = dict.fromkeys([table, *(name for key in keys for name in (key.table, key.references) if name)])
    return tuple(Effect(relation=str(name), lock=LockMode.ACCESS_EXCLUSIVE) for name in names)


# -- constraints that go with it, and come back with it -------------------------------------------------------------------


def constraint_again(found: Constraint, indexes: Sequence[Index]) -> str | None:
    """The constraint for new rows alone; None where it comes with an index, which has to be built."""
    if found.kind not in (ConstraintKind.CHECK, ConstraintKind.FOREIGN_KEY):
        return None
    add = definitions.constraint(found, indexes)[0]
    return add if "NOT VALID" in found.definition or "NOT ENFORCED" in found.definition else f"{add} NOT VALID"


def valid_again(found: Constraint, now: Name, columns: Mapping[str, str], parent: Name | None = None) -> Iterator[Back]:
    """The scan that proves it for every row, if every row fulfils it.

    `now`, `columns` and `parent` (the table that it leads to) are the names while something is kept.
    """
    if not found.validated or constraint_again(found, ()) is None:
        return
    template: LiteralString = "ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
    validate = composed(template, table=found.table, name=found.name)
    if found.references is None or len(found.columns) != len(found.referenced_columns):
        yield Back(sql=(validate,), scans=True)
        return
    lacking = stays_unproved(table=str(found.table), name=found.name)
    yield Back(sql=(validate,), scans=True, unless=orphans(found, now, columns, parent), lacking=lacking)


def stays_unproved(**words: str) -> Note:
    """The sentence about a foreign key (`table`, `name`) that not every row fulfils any more."""
    return Note(en=_STAYS_UNPROVED.en.format(**words), ja=_STAYS_UNPROVED.ja.format(**words))


def orphans(found: Constraint, now: Name, columns: Mapping[str, str], parent: Name | None = None) -> str:
    """The query for how many rows of the table, as it is called `now`, refer to none."""
    pairs = list(zip(found.columns, found.referenced_columns, strict=True))
    there = [composed("c.{column} IS NOT NULL", column=columns.get(of, of)) for of, _ in pairs]
    equal = [composed("p.{to} = c.{of}", to=to, of=columns.get(of, of)) for of, to in pairs]
    template: LiteralString = (
        "SELECT count(*) FROM {table} AS c WHERE {there} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {equal})"
    )
    return composed(
        template,
        table=now,
        parent=parent or found.references or now,
        there=Raw(" AND ".join(there)),
        equal=Raw(" AND ".join(equal)),
    )
