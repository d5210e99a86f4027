"""Is the framework's history up to date, and does it agree with the files?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.locale import Text
from watari.migrations.migration import STOPPING, ProblemKind, Standing
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict, VerdictState

UP_TO_DATE = Text(
    en="{applied} migrations are applied, none is pending",
    ja="適用済みマイグレーション {applied} 件、未適用なし",
)
AS_MEANT = Text(
    en="{applied} migrations are applied; {pending} are pending, as meant",
    ja="適用済みマイグレーション {applied} 件、未適用 {pending} 件(想定どおり)",
)
PENDING = Text(en='migration "{migration}" is pending', ja='マイグレーション "{migration}" が未適用です')
NOT_APPLIED = Text(
    en='migration "{migration}" is not in the history although it ran',
    ja='実行済みのマイグレーション "{migration}" が履歴にありません',
)
NOT_ASKED = Text(en="the framework's history was not read", ja="フレームワークの履歴を確認していません")


def _compare(compared: Compared) -> Iterator[Verdict]:
    standing, whole = compared.observation.standing, Subject(check=CHECK.name, object=compared.catalog.database)
    if standing is None:
        yield whole.skipped(NOT_ASKED())
        return
    verdicts = [*_problems(standing), *_pending(compared, standing), *_missing(compared, standing)]
    yield from verdicts
    if not any(verdict.state is VerdictState.FAIL for verdict in verdicts):
        words = AS_MEANT if standing.pending else UP_TO_DATE
        yield whole.passed(words(applied=len(standing.applied), pending=len(standing.pending)))


def _problems(standing: Standing) -> Iterator[Verdict]:
    for problem in standing.problems:
        subject = Subject(check=CHECK.name, object=problem.migration)
        stops = problem.kind in STOPPING or problem.kind is ProblemKind.VANISHED
        yield (subject.failed if stops else subject.warned)(problem.message, problem.kind.value)


def _pending(compared: Compared, standing: Standing) -> Iterator[Verdict]:
    allowed = compared.expectation.may_be_pending
    for migration in standing.pending:
        if allowed is not None and migration.id not in allowed:
            subject = Subject(check=CHECK.name, object=migration.id, expected="applied")
            yield subject.failed(PENDING(migration=migration.id), "pending")


def _missing(compared: Compared, standing: Standing) -> Iterator[Verdict]:
    known = {row.id for row in standing.applied} | {migration.id for migration in standing.pending}
    for migration in compared.expectation.must_be_applied:
        if migration not in known:
            subject = Subject(check=CHECK.name, object=migration, expected="applied")
            yield subject.failed(NOT_APPLIED(migration=migration), "absent")


CHECK = Check(
    name="status",
    title=Text(en="the framework's history is up to date", ja="マイグレーションの適用状態"),
    question=None,
    compare=_compare,
)
