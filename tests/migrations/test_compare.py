"""Files against history: every way in which they can agree and disagree."""

from __future__ import annotations

import pytest

from watari.locale import Language, Text
from watari.migrations import HistoryRow, Migration, Problem, ProblemKind, RowState, Standing, State
from watari.migrations.compare import compare


def files(*ids: str) -> list[Migration]:
    return [Migration(id=id, name=f"{id}_name", file=f"db/{id}.sql", up=None, checksum=f"sum {id}") for id in ids]


def rows(*ids: str, state: RowState = RowState.APPLIED) -> list[HistoryRow]:
    return [HistoryRow(id=id, name=f"{id}_name", state=state, checksum=f"sum {id}") for id in ids]


def stand(migrations: list[Migration], history: list[HistoryRow], *more: Problem) -> Standing:
    return compare(migrations, history, same_checksum=lambda m, row: m.checksum == row.checksum, more=more)


def kinds(standing: Standing) -> list[tuple[str, str]]:
    return [(problem.kind.value, problem.migration) for problem in standing.problems]


def test_without_history_everything_is_pending_in_order() -> None:
    standing = stand(files("b", "a"), [])
    assert [m.id for m in standing.pending] == ["b", "a"] and standing.state is State.PENDING


def test_with_every_row_there_it_is_up_to_date() -> None:
    standing = stand(files("a", "b"), rows("a", "b"))
    assert [row.id for row in standing.applied] == ["a", "b"]
    assert (standing.pending, standing.problems, standing.state) == ((), (), State.UP_TO_DATE)


def test_an_edited_file_stops() -> None:
    history = [HistoryRow(id="a", name="a", checksum="another")]
    standing = stand(files("a", "b"), history)
    assert kinds(standing) == [("edited", "a")] and standing.state is State.PROBLEM
    assert "db/a.sql" in str(standing.problems[0].message)


def test_a_vanished_file_is_told_and_does_not_hold_up_the_others() -> None:
    standing = stand(files("b"), rows("a"))
    assert kinds(standing) == [("vanished", "a")] and standing.state is State.PROBLEM
    assert not standing.problems[0].stops and [m.id for m in standing.pending] == ["b"]


def test_a_failed_migration_is_neither_applied_nor_pending() -> None:
    standing = stand(files("a", "b"), rows("a", state=RowState.FAILED))
    assert kinds(standing) == [("failed", "a")] and standing.problems[0].stops
    assert standing.applied == () and [m.id for m in standing.pending] == ["b"]


def test_a_row_that_was_rolled_back_counts_for_nothing() -> None:
    standing = stand(files("a"), rows("a", state=RowState.ROLLED_BACK))
    assert [m.id for m in standing.pending] == ["a"] and standing.problems == ()


def test_a_second_try_after_a_rolled_back_one_is_applied() -> None:
    standing = stand(files("a"), [*rows("a", state=RowState.ROLLED_BACK), *rows("a")])
    assert len(standing.applied) == 1 and standing.state is State.UP_TO_DATE


def test_two_files_with_one_id_are_both_named() -> None:
    twice = [*files("a"), Migration(id="a", name="a", file="db/again.sql", up=None)]
    standing = stand(twice, [])
    assert kinds(standing) == [("duplicate", "a")]
    assert "db/a.sql" in str(standing.problems[0].message) and "db/again.sql" in str(standing.problems[0].message)


def test_a_pending_one_before_an_applied_one_is_a_note() -> None:
    standing = stand(files("a", "b", "c", "d"), rows("a", "c"))
    assert kinds(standing) == [("out_of_order", "b")] and standing.state is State.PENDING
    assert "c_name" in str(standing.problems[0].message)


def test_branches_of_a_graph_have_no_order_to_be_out_of() -> None:
    graph = [
        Migration(id=id, name=id, file=f"{id}.py", up=None, parents=parents, checksum=f"sum {id}")
        for id, parents in (("base", ()), ("left", ("base",)), ("right", ("base",)))
    ]
    assert stand(graph, rows("base", "right")).problems == ()


def test_what_the_framework_says_replaces_the_general_sentence() -> None:
    own = Problem(kind=ProblemKind.FAILED, migration="a", message=Text(en="P3009", ja="P3009")())
    standing = stand(files("a"), rows("a", state=RowState.FAILED), own)
    assert [str(problem.message) for problem in standing.problems] == ["P3009"]


@pytest.mark.parametrize("language", list(Language))
def test_every_sentence_can_be_read_in_both_languages(language: Language) -> None:
    history = [*rows("b", "gone"), *rows("x", state=RowState.FAILED), HistoryRow(id="e", name="e", checksum="other")]
    standing = stand([*files("a", "b", "e", "x"), *files("x")], history)
    said = [problem.message.render(language) for problem in standing.problems]
    assert len(said) == 5 and all("{" not in sentence for sentence in said)
    if language is Language.JA:
        assert all("マイグレーション" in sentence or "ファイル" in sentence for sentence in said)


def test_five_thousand_known_migrations_are_compared_one_by_one_and_not_each_with_each() -> None:
    asked = 0

    def same(migration: Migration, row: HistoryRow) -> bool:
        nonlocal asked
        asked += 1
        return migration.checksum == row.checksum

    many = [f"{number:05}" for number in range(5_000)]
    standing = compare(files(*many), rows(*many), same_checksum=same)
    assert standing.state is State.UP_TO_DATE and asked == 5_000
