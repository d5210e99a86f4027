"""The way back: applied migrations in, newest first, another plan out.

By the team's own down script where there is one, by the undo that the plan noted when it took the migration across where
there is none; both go through the same planner, so that the way back does not stop the application either.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

from watari.catalog import COPIED, Catalog, Kept, Name
from watari.errors.refused import NoWayBack
from watari.evidence.run import Direction
from watari.locale import Message, Text
from watari.migrations import Migration
from watari.planning.parts_back import Ready, down_parts, undo_parts
from watari.planning.plan import Note, Plan, Step, StepKind
from watari.planning.planner import plan_of, write_statements
from watari.planning.returning import counted, without_newer
from watari.planning.scene import Predict, Scene
from watari.planning.trees import words
from watari.planning.writing import StepWriter
from watari.project.policy import Policy
from watari.sql.grammar import body, choice
from watari.sql.statement import Script, Statement
from watari.values import dataclass, replace

__all__ = ["Crossed", "lasting", "make_way_back", "questions"]

_NOT_ALLOWED = Text(
    en="the environment's policy allows only {ways}", ja="この環境のポリシーで許可されているのは {ways} のみです"
)
_UNKNOWN = Text(
    en="there is no down script, and no plan of watari took it across",
    ja="down スクリプトがなく、watari の計画で適用された記録もありません",
)
_LOST = Text(
    en="there is no down script, and step {step} cannot be undone ({what}){rest}",
    ja="down スクリプトがなく、ステップ {step} は取り消せません（{what}）{rest}",
)
_HALF = Text(
    en="it was left half-way, and step {step} cannot be undone ({what}){rest}",
    ja="途中で停止しており、ステップ {step} は取り消せません（{what}）{rest}",
)


_REST = Text(
    en="; watari rollback --leave takes back everything else",
    ja="。watari rollback --leave なら、それ以外をすべて戻せます",
)
_NOTHING_ELSE = Text(en="", ja="")


@dataclass(frozen=True, kw_only=True)
class Crossed:
    """A migration that is to be taken back, and how it came.

    `steps` are those of the stored plan that are done, in order; empty where another tool applied it. `begun` are steps of
    which nobody knows whether they happened: a transaction is none of them, since it is recorded or has not happened. Without `complete` the run stopped within the migration. `command`: the
    framework's own tool can take it back.
    """

    migration: Migration
    steps: tuple[Step, ...] = ()
    begun: tuple[Step, ...] = ()
    complete: bool = True
    command: bool = False


def make_way_back(
    crossed: Sequence[Crossed],
    *,
    statements_of: Callable[[Script], Sequence[Statement]],
    catalog: Catalog,
    policy: Policy,
    predict: Predict,
    database: str,
    environment: str,
    framework: str,
    fingerprint: str,
    of_run: str | None = None,
    answers: Mapping[str, int] | None = None,
    leaving: bool = False,
) -> Plan:
    """The plan that takes `crossed` back, in the order given (newest first), history rows included.

    `statements_of` gives the statements of a down script for this database. `answers` are those, other than 0, of the queries
    (`questions`) on which the way back of what is still kept depends. `Plan.ways` says which way each migration goes,
    `Plan.losses` what will be gone. `leaving`: what changed rows alone, and cannot be undone, may stay. Raises `NoWayBack` where a migration has none that the policy allows; the last way,
    restoring a backup, is not a plan.
    """
    scene = Scene(catalog, policy, predict, back=True)
    crossed = lasting(crossed, catalog)
    ways = [(each.migration.id, _way(each, policy, answers or {}, leaving=leaving)) for each in crossed]
    writers = []
    for ordinal, (each, (_, way)) in enumerate(zip(crossed, ways, strict=True), 1):
        scene.begin_migration()
        writer = StepWriter(ordinal, each.migration.id, scene)
        if way == "undo":
            begun = [step for step in each.begun if step.kind is StepKind.CONCURRENT]
            for part in undo_parts(begun, each.steps, f"undo of {each.migration.id}"):
                if isinstance(part, Ready):
                    _write_ready(writer, part, answers or {})
                else:
                    write_statements(writer, _without_needless(part, scene), transactional=True)
        elif each.migration.down is not None:
            for part in down_parts(statements_of(each.migration.down), each.steps, scene):
                if isinstance(part, Ready):
                    _write_ready(writer, part, answers or {})
                else:
                    write_statements(writer, part, transactional=each.migration.transactional)
        else:
            writer.command()
        writer.end()
        writers.append(writer)
    used = sorted({way for _, way in ways})
    return plan_of(
        writers,
        scene,
        database=database,
        environment=environment,
        framework=framework,
        fingerprint=fingerprint,
        direction=Direction.BACK,
        migrations=tuple(each.migration.id for each in crossed),
        way_back=used[0] if len(used) == 1 else "mixed",
        ways=tuple(ways),
        of_run=of_run,
    )


def _write_ready(writer: StepWriter, part: Ready, answers: Mapping[str, int]) -> None:
    if part.note:
        writer.note(part.note)
    writer.ready(part.step, part.backs, answers)


_Key = tuple[str, str, str, str | None, tuple[tuple[str, str], ...]]


def questions(crossed: Sequence[Crossed], catalog: Catalog) -> tuple[str, ...]:
    """The queries on which the way back of what these migrations still keep depends."""
    found = (back.unless for each in lasting(crossed, catalog) for step in each.steps for back in step.back)
    return tuple(dict.fromkeys(query for query in found if query))


def lasting(crossed: Sequence[Crossed], catalog: Catalog) -> list[Crossed]:
    """The migrations as they can be taken back now: a step whose kept things were let go has only its undo."""
    kept = {_key(each) for each in catalog.kept}
    newer: list[Kept] = []
    found = []
    for each in crossed:
        steps = [without_newer(_as_far_as_kept(step, kept), newer) for step in reversed(each.steps)]
        found.append(replace(each, steps=tuple(reversed(steps))))
    return found


def _as_far_as_kept(step: Step, kept: Container[_Key]) -> Step:
    if all(_key(each) in kept for each in step.keeps):
        return step
    return replace(step, keeps=(), back=())


def _key(kept: Kept) -> _Key:
    """What stays the same of a kept thing: where it is now may be called otherwise, but for copies in watari's own schema."""
    parts = kept.parts if kept.kind in COPIED else ()
    return (kept.migration, kept.kind, kept.object, kept.column, parts)


def _way(each: Crossed, policy: Policy, answers: Mapping[str, int], *, leaving: bool) -> str:
    """The first way in the policy's order that this migration has; undo first while it keeps what it took away."""
    keeps = any(step.back for step in each.steps) and "undo" in policy.ways_back
    if (keeps or leaving) and _cannot_undo(each, leaving=leaving) is None and not _refused(each, answers):
        return "undo"
    for way in policy.ways_back:
        if way == "down" and each.complete and (each.migration.down is not None or each.command):
            return way
        began = each.steps or each.begun or not each.complete
        if way == "undo" and began and _cannot_undo(each) is None and not _refused(each, answers):
            return way
    raise NoWayBack(migration=each.migration.id, reason=_reason(each, policy, answers))


def _refused(each: Crossed, answers: Mapping[str, int]) -> bool:
    return next(_refused_notes(each, answers), None) is not None


def _refused_notes(each: Crossed, answers: Mapping[str, int]) -> Iterator[Note]:
    """Why what is kept cannot take the place of what replaced it."""
    for back in (back for step in each.steps for back in step.back if back.refuses):
        if (count := answers.get(back.unless or "")) and back.lacking:
            yield counted(back.lacking, count)


def _reason(each: Crossed, policy: Policy, answers: Mapping[str, int]) -> Message:
    ways = [way for way in policy.ways_back if way != "restore"]
    has_down = each.migration.down is not None and "down" not in ways
    if has_down or "undo" not in ways:
        return _NOT_ALLOWED(ways=", ".join(policy.ways_back) or "-")
    step = _cannot_undo(each)
    if note := next(_refused_notes(each, answers), None):
        return Text(en=note.en, ja=note.ja)()
    if step is None:
        return _UNKNOWN()
    text = step.final or next(iter(step.sql), step.kind.value)
    what = text.split("\n")[0][:80]
    rest = _REST() if _cannot_undo(each, leaving=True) is None else _NOTHING_ELSE()
    return (_LOST if each.complete else _HALF)(step=step.id, what=what, rest=rest)


def _cannot_undo(each: Crossed, *, leaving: bool = False) -> Step | None:
    """The last step that nothing takes back, or not all of it; `leaving`: that its changes of rows may stay."""
    steps = (step for step in reversed((*each.steps, *each.begun)) if step.undo is None)
    return next((step for step in steps if (not leaving if step.leaves else not step.back)), None)


def _without_needless(statements: Sequence[Statement], scene: Scene) -> list[Statement]:
    """The statements without those on a table that a later one drops: what is on it goes with it."""
    final = _final_names(statements, scene)
    kept: list[Statement] = []
    going: set[Name] = set()
    for statement in reversed(statements):
        kind, node = body(statement.node)
        if not {final.get(name, name) for name in _table_of(kind, node, scene)} & going:
            kept.append(statement)
        if kind == "drop_stmt" and choice(node, "remove_type") == "OBJECT_TABLE":
            going |= {scene.dotted(words(object)) for object in node.objects}
    return kept[::-1]


def _final_names(statements: Sequence[Statement], scene: Scene) -> dict[Name, Name]:
    """What tables are called at the end that statements rename, by what they are called before."""
    final: dict[Name, Name] = {}
    for kind, node in (body(statement.node) for statement in statements):
        if kind == "rename_stmt" and choice(node, "rename_type") == "OBJECT_TABLE":
            old = scene.name_of(node.relation)
            new = Name(old.schema, node.newname)
            final = {name: new if last == old else last for name, last in final.items()} | {old: new}
    return final


def _table_of(kind: str, node: Any, scene: Scene) -> set[Name]:
    """The one table that a statement is about and goes with; nothing for other statements."""
    if kind == "alter_table_stmt":
        return {scene.name_of(node.relation)}
    if kind == "comment_stmt" and choice(node, "objtype") == "OBJECT_TABLE":
        return {scene.dotted(words(node.object))}
    if kind != "drop_stmt" or len(node.objects) != 1:
        return set()
    named = words(node.objects[0])
    match choice(node, "remove_type"):
        case "OBJECT_INDEX":
            index = scene.index(scene.dotted(named))
            return {index.table} if index else set()
        case "OBJECT_TRIGGER" | "OBJECT_POLICY":
            return {scene.dotted(named[:-1])}
        case _:
            return set()
