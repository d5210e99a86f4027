"""Does the planner know the columns of the large tables, or have they lost their statistics (a changed type does that)?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Table, TableKind
from watari.locale import Text
from watari.sql.compose import composed
from watari.verification.check import Check, Subject, all_well
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

KNOWN = Text(en="the large tables are analysed ({count})", ja="大きなテーブルはすべて ANALYZE 済みです({count} 件)")
NEVER = Text(
    en="{table} has about {rows} rows and was never analysed, so the planner guesses; {statement}",
    ja="{table}(約 {rows} 件)は ANALYZE が未実行のため、実行計画が推測になります。{statement}",
)
LOST = Text(
    en="the planner knows nothing of {columns} in {table} (about {rows} rows); {statement}",
    ja="{table}(約 {rows} 件)の {columns} に統計情報がありません。{statement}",
)
HIDDEN = Text(en="the user may not see the planner's statistics", ja="プランナー統計を参照する権限がありません")

#: Smaller tables are read from end to end anyway.
_LARGE = 10_000


def _compare(compared: Compared) -> Iterator[Verdict]:
    tables = compared.catalog.tables.values()
    large = [t for t in tables if t.kind is TableKind.TABLE and (t.rows or 0) >= _LARGE]
    if large and not any(_known(table) for table in tables):
        yield Subject(check=CHECK.name, object=compared.catalog.database).skipped(HIDDEN())
        return
    verdicts = [verdict for table in large if (verdict := _verdict(table))]
    yield from all_well(compared, CHECK.name, "verify_tables", verdicts, KNOWN(count=len(large)))


def _known(table: Table) -> bool:
    return any(column.null_fraction is not None for column in table.columns)


def _verdict(table: Table) -> Verdict | None:
    lost = [
        c.name for c in table.columns if c.null_fraction is None and c.statistics_target != 0 and c.generated != "v"
    ]
    if not lost:
        return None
    fields = {"table": str(table.name), "rows": table.rows}
    subject = Subject(check=CHECK.name, object=str(table.name), expected="analysed")
    if not _known(table):
        return subject.warned(
            NEVER(**fields, statement=composed("ANALYZE {table}", table=table.name)), "never analysed"
        )
    statement = composed("ANALYZE {table} ({columns})", table=table.name, columns=lost)
    return subject.warned(LOST(**fields, columns=", ".join(lost), statement=statement), ", ".join(lost))


CHECK = Check(
    name="analysed",
    title=Text(en="the planner knows the large tables", ja="プランナー統計の有無"),
    question="verify_tables",
    compare=_compare,
)
