"""What a backfill leaves behind for a vacuum, and why its rows could not stay where they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from watari.evidence.event import EventKind, said
from watari.execution.backfill.relations import Relation
from watari.execution.execution import Execution
from watari.execution.queries import load
from watari.locale import Text
from watari.planning.plan import Step

# from so many dead rows on a table is read noticeably slower, and autovacuum's own threshold (20 %) is reached or near
_MANY, _SHARE = 10_000, 0.1
# where less than this stayed within their page, every index was written for the others
_FEW_IN_PLACE = 0.5
# PostgreSQL's own default of a table's fillfactor
_FULL = 100
# the first version whose sessions can be told to hand over their counters at once
_FLUSHES = 150_000

_DEAD = Text(
    en="{table}: about {dead} dead rows are left ({share} % of it); autovacuum takes them away in its time, VACUUM (ANALYZE) {table} at once",
    ja="{table} に不要行が約 {dead} 行（{share} %）残っています。autovacuum がいずれ回収しますが、VACUUM (ANALYZE) {table} で今すぐ回収できます",
)
_OFF = Text(
    en="{table}: about {dead} dead rows are left ({share} % of it), and autovacuum is off for it: VACUUM (ANALYZE) {table}",
    ja="{table} に不要行が約 {dead} 行（{share} %）残っています。autovacuum が無効なため VACUUM (ANALYZE) {table} を実行してください",
)
_MOVED = Text(
    en="{table}: only {share} % of the rows found room in their own page, the others were written into every index as well; "
    "with a fillfactor below 100 (now {fillfactor}) later updates that change no indexed column find room",
    ja="{table} で同じページ内に収まった行は {share} % のみで、残りは全インデックスにも書き込まれました。fillfactor（現在 {fillfactor}）を "
    "100 未満にすると、インデックス対象外のカラムの更新は以後ページ内に収まりやすくなります",
)


class Advice:
    """Looks at a table's counters when a backfill begins, and tells at its end what they say."""

    def __init__(self, step: Step, execution: Execution, relations: Sequence[Relation]) -> None:
        self._step, self._execution = step, execution
        # what is emptied for good needs no vacuum: a copy of watari's own, a table before its TRUNCATE
        emptied = step.rewritten == "kept-truncate" or any(relation.schema == "watari" for relation in relations)
        self._oids = [] if emptied else [relation.oid for relation in relations]
        self._before = {row[0]: row for row in self._counters()}

    def tell(self) -> None:
        """One notice for each file with many dead rows, and for each whose rows found no room in their pages."""
        work = self._execution.session.work
        if work.info.server_version >= _FLUSHES:
            work.execute("select pg_stat_force_next_flush()")
            work.execute("select 1")
        for row in self._counters():
            self._of(row)

    def _counters(self) -> list[tuple[Any, ...]]:
        return self._execution.session.guard.execute(load("backfill_left"), [self._oids]).fetchall()

    def _of(self, row: tuple[Any, ...]) -> None:
        name, live, dead, updates, in_place, fillfactor, autovacuum = row
        if dead >= _MANY and dead > _SHARE * (live + dead):
            share = f"{100 * dead / (live + dead):.0f}"
            words = (_DEAD if autovacuum else _OFF)(table=name, dead=f"{dead:,}", share=share)
            self._execution.tell(EventKind.NOTICE, self._step, **said(words, dead=dead))
        before = self._before.get(name, (name, 0, 0, 0, 0))
        rows, stayed = updates - before[3], in_place - before[4]
        if rows >= _MANY and stayed < _FEW_IN_PLACE * rows and fillfactor >= _FULL:
            words = _MOVED(table=name, share=f"{100 * stayed / rows:.0f}", fillfactor=fillfactor)
            self._execution.tell(EventKind.NOTICE, self._step, **said(words, in_place=round(stayed / rows, 3)))
