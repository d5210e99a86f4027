"""Files against history: which migrations are applied, which are pending, and where the two disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from watari.locale import Message, Text
from watari.migrations.migration import HistoryRow, Migration, Problem, ProblemKind, RowState, Standing

__all__ = ["compare"]

_EDITED = Text(
    en='The file "{file}" has changed since migration "{name}" was applied. '
    "Put it back as it was applied, and write the change as a new migration.",
    ja='マイグレーション "{name}" の適用後にファイル "{file}" が変更されています。'
    "適用時の内容に戻し、変更は新しいマイグレーションとして追加してください。",
)
_VANISHED = Text(
    en='Migration "{name}" is applied, but its file is gone. '
    "Restore the file from version control; if it was removed on purpose, nothing takes this migration back any more.",
    ja='マイグレーション "{name}" は適用済みですが、ファイルがありません。'
    "バージョン管理から復元してください。意図的に削除した場合、このマイグレーションはロールバックできません。",
)
_FAILED = Text(
    en='Migration "{name}" ({file}) was started and did not finish. '
    "Find out which of its statements took effect, undo or finish them, and correct the row in the history.",
    ja='マイグレーション "{name}"（{file}）は開始後、完了していません。'
    "どの文が反映されたかを確認し、取り消すか完了させたうえで、履歴の行を修正してください。",
)
_DUPLICATE = Text(
    en='Two files have the id "{id}": "{first}" and "{second}". Give the one that is not applied anywhere yet a new id.',
    ja='ID "{id}" のファイルが 2 つあります: "{first}" と "{second}"。'
    "まだどこにも適用していない方の ID を変更してください。",
)
_OUT_OF_ORDER = Text(
    en='Migration "{name}" ({file}) is pending, although "{later}", which comes after it, is applied. '
    "It will run now; make sure that it does not count on the state before the later one.",
    ja='マイグレーション "{name}"（{file}）は未適用ですが、後続の "{later}" は適用済みです。'
    "このまま適用されるため、後続の適用前の状態を前提にしていないか確認してください。",
)


def compare(
    migrations: Sequence[Migration],
    rows: Sequence[HistoryRow],
    *,
    same_checksum: Callable[[Migration, HistoryRow], bool],
    more: Sequence[Problem] = (),
) -> Standing:
    """What is applied, pending in order, and wrong.

    `migrations` in the framework's order, `rows` of its history in the order of their application; `same_checksum` is the
    framework's rule; `more` are the problems that only the framework knows, and what it says about a migration replaces
    the general sentence of the same kind. A migration that failed is neither applied nor pending.
    """
    standing = [row for row in rows if row.state is not RowState.ROLLED_BACK]
    applied = {row.id: row for row in standing if row.state is RowState.APPLIED}
    failed = {row.id for row in standing if row.state is RowState.FAILED}
    files = {migration.id: migration for migration in migrations}
    pending = tuple(m for m in migrations if m.id not in applied and m.id not in failed)
    found = [
        *_failed(standing, files),
        *_duplicates(migrations),
        *_edited(migrations, applied, same_checksum),
        *_vanished(standing, files),
        *_out_of_order(migrations, applied, failed),
    ]
    said = {(problem.kind, problem.migration) for problem in more}
    problems = [*more, *(problem for problem in found if (problem.kind, problem.migration) not in said)]
    return Standing(
        applied=tuple(row for row in standing if applied.get(row.id) is row),
        pending=pending,
        problems=tuple(problems),
    )


def _failed(rows: Sequence[HistoryRow], files: Mapping[str, Migration]) -> Iterable[Problem]:
    for row in {row.id: row for row in rows if row.state is RowState.FAILED}.values():
        file = files[row.id].file if row.id in files else "-"
        yield _problem(ProblemKind.FAILED, row.id, _FAILED(name=row.name, file=file))


def _duplicates(migrations: Sequence[Migration]) -> Iterable[Problem]:
    if all(count == 1 for count in Counter(migration.id for migration in migrations).values()):
        return
    first: dict[str, Migration] = {}
    for migration in migrations:
        earlier = first.setdefault(migration.id, migration)
        if earlier is not migration:
            message = _DUPLICATE(id=migration.id, first=earlier.file, second=migration.file)
            yield _problem(ProblemKind.DUPLICATE, migration.id, message)


def _edited(
    migrations: Sequence[Migration],
    applied: Mapping[str, HistoryRow],
    same_checksum: Callable[[Migration, HistoryRow], bool],
) -> Iterable[Problem]:
    for migration in migrations:
        row = applied.get(migration.id)
        if row is not None and not same_checksum(migration, row):
            yield _problem(ProblemKind.EDITED, migration.id, _EDITED(name=migration.name, file=migration.file))


def _vanished(rows: Sequence[HistoryRow], files: Mapping[str, Migration]) -> Iterable[Problem]:
    for row in {row.id: row for row in rows if row.id not in files}.values():
        yield _problem(ProblemKind.VANISHED, row.id, _VANISHED(name=row.name))


def _out_of_order(
    migrations: Sequence[Migration], applied: Mapping[str, HistoryRow], failed: Iterable[str]
) -> Iterable[Problem]:
    """Pending migrations before the last applied one; a graph with parents has branches instead of an order."""
    if any(migration.parents for migration in migrations):
        return
    last = max((place for place, m in enumerate(migrations) if m.id in applied), default=-1)
    for migration in migrations[: max(last, 0)]:
        if migration.id not in applied and migration.id not in failed:
            message = _OUT_OF_ORDER(name=migration.name, file=migration.file, later=migrations[last].name)
            yield _problem(ProblemKind.OUT_OF_ORDER, migration.id, message)


def _problem(kind: ProblemKind, migration: str, message: Message) -> Problem:
    return Problem(kind=kind, migration=migration, message=message)
