"""Has every table the rows that it should have, and has none lost rows that nobody deleted?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.evidence.observation import RowCount
from watari.locale import Text
from watari.sql.compose import composed
from watari.values import replace
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

AS_EXPECTED = Text(en="{object} has {rows} rows, as expected", ja="{object} のレコード数は想定どおり {rows} 件です")
NOT_AS_EXPECTED = Text(
    en="{object} has {rows} rows instead of {expected}",
    ja="{object} のレコード数は {rows} 件で、想定の {expected} 件と異なります",
)
LOST = Text(
    en="{object} had {before} rows and has {rows}; {lost} are lost, and nothing in the plan deletes any",
    ja="{object} のレコード数が {before} 件から {rows} 件に減っています({lost} 件減少)。計画に削除の記述はありません",
)
DELETED = Text(
    en="{object} had {before} rows and has {rows}; sessions deleted {deleted} meanwhile",
    ja="{object} のレコード数は {before} 件から {rows} 件になりました(その間に {deleted} 件がアプリケーション等により削除)",
)
KEPT = Text(en="{object} had {before} rows and has {rows}", ja="{object} のレコード数は {before} 件から {rows} 件です")
CHANGES = Text(
    en="{object} had {before} rows and has {rows}; the plan changes its rows",
    ja="{object} のレコード数は {before} 件から {rows} 件です(計画による変更の対象)",
)
FEWER = Text(
    en="{object} is estimated at {rows} rows, {before} before; count it to be sure",
    ja="{object} の推定レコード数は {before} 件から {rows} 件に減っています。正確な件数を確認してください",
)
UNCOUNTED = Text(en="{object} was not counted: {why}", ja="{object} は件数を確認できませんでした: {why}")
UNKNOWN = Text(en="the server has no estimate for it", ja="推定値がありません")
TOTAL = Text(
    en="{counted} tables counted, {estimated} estimated; nothing is known of before",
    ja="{counted} テーブルを実測、{estimated} テーブルを推定しました(実行前の件数はありません)",
)

#: A table that shrank by more than this share is worth a look, whoever deleted.
_NOTICEABLE = 0.1
#: Sessions report what they deleted up to ten seconds late (source: pgstat.c, PGSTAT_IDLE_INTERVAL).
_LAG, _LAG_ROWS = 0.01, 100


def _compare(compared: Compared) -> Iterator[Verdict]:
    found, expectation = compared.observation.rows, compared.expectation
    for table, wanted in expectation.rows.items():
        yield _exactly(compared, table, wanted, found.get(table))
    for table, before in expectation.rows_before.items():
        if table in found and table not in expectation.rows:
            yield _since(compared, table, before, found[table])
    if not expectation.rows and not expectation.rows_before:
        exact = sum(count.exact for count in found.values())
        message = TOTAL(counted=exact, estimated=len(found) - exact)
        yield Subject(check=CHECK.name, object=compared.catalog.database).skipped(message)


def _exactly(compared: Compared, table: str, wanted: int, found: RowCount | None) -> Verdict:
    subject = Subject(check=CHECK.name, object=table, expected=str(wanted), query=_query(compared, table))
    if found is None or found.rows is None or not found.exact:
        return subject.skipped(UNCOUNTED(object=table, why=(found and found.why) or UNKNOWN()))
    fields = {"object": table, "rows": found.rows, "expected": wanted}
    if found.rows == wanted:
        return subject.passed(AS_EXPECTED(**fields), str(found.rows))
    return subject.failed(NOT_AS_EXPECTED(**fields), str(found.rows))


def _since(compared: Compared, table: str, before: RowCount, now: RowCount) -> Verdict:
    expected = f">= {before.rows}" if before.rows is not None else None
    subject = Subject(check=CHECK.name, object=table, expected=expected, query=_query(compared, table))
    if before.rows is None or now.rows is None:
        return subject.skipped(UNCOUNTED(object=table, why=now.why or before.why or UNKNOWN()))
    may_change, actual = compared.expectation.rows_may_change, str(now.rows)
    fields = {"object": table, "before": before.rows, "rows": now.rows}
    if may_change is None or table in may_change:
        return replace(subject, expected=None).passed(CHANGES(**fields), actual)
    lost = before.rows - now.rows
    if lost <= 0:
        return subject.passed(KEPT(**fields), actual)
    if not (before.exact and now.exact):
        noticeable = lost > before.rows * _NOTICEABLE
        return subject.warned(FEWER(**fields), actual) if noticeable else subject.passed(KEPT(**fields), actual)
    deleted = _deleted(compared, table)
    if not deleted or lost - deleted > max(_LAG_ROWS, before.rows * _LAG):
        return subject.failed(LOST(**fields, lost=lost), actual)
    message = DELETED(**fields, deleted=deleted)
    few = deleted >= lost and lost <= before.rows * _NOTICEABLE
    return subject.passed(message, actual) if few else subject.warned(message, actual)


def _deleted(compared: Compared, table: str) -> int | None:
    """How many rows of the table sessions have deleted since; None where the server's counters do not say."""
    before, now = compared.expectation.statistics_before, compared.observation.statistics
    if before is None or now is None or before.reset_at != now.reset_at:
        return None
    if table not in before.tables or table not in now.tables:
        return None
    return now.tables[table].deleted - before.tables[table].deleted


def _query(compared: Compared, table: str) -> str | None:
    name = next((name for name in compared.catalog.tables if str(name) == table), None)
    return composed("SELECT count(*) FROM {table}", table=name) if name else None


CHECK = Check(
    name="rows",
    title=Text(en="row counts are as expected", ja="レコード数の確認"),
    question=None,
    compare=_compare,
)
