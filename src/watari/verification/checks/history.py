"""Do the objects that the history claims exist, and does none exist that it denies?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog.name import quoted
from watari.locale import Text
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.expectation import HistoryPromise
from watari.verification.verdict import Verdict

MISSING = Text(
    en='the history says that migration "{migration}" is applied, but {object} does not exist',
    ja='履歴ではマイグレーション "{migration}" は適用済みですが、{object} が存在しません',
)
PERHAPS = Text(
    en='{object} of migration "{migration}" does not exist; a later migration may have removed it in a way that cannot be read',
    ja='マイグレーション "{migration}" の {object} が存在しません。後続のマイグレーションが削除した可能性があります',
)
THERE_ALREADY = Text(
    en='migration "{migration}" is not in the history, but its {object} exists already',
    ja='マイグレーション "{migration}" は履歴にありませんが、{object} が既に存在します',
)
AGREES = Text(
    en="{count} objects of the applied migrations exist, and none of a pending one",
    ja="適用済みマイグレーションのオブジェクト {count} 件がすべて存在し、未適用のものはありません",
)
NOT_ASKED = Text(en="the files were not read", ja="マイグレーションファイルを確認していません")


def _compare(compared: Compared) -> Iterator[Verdict]:
    promises, whole = compared.expectation.history, Subject(check=CHECK.name, object=compared.catalog.database)
    if not promises:
        yield whole.skipped(NOT_ASKED())
        return
    there = _objects(compared)
    verdicts = [_verdict(compared, one) for one in promises if ((one.kind, one.object) in there) != one.applied]
    yield from verdicts
    if not verdicts:
        yield whole.passed(AGREES(count=sum(one.applied for one in promises)))


def _verdict(compared: Compared, one: HistoryPromise) -> Verdict:
    query = compared.query("verify_tables" if one.kind == "relation" else "verify_columns")
    expected, actual = ("present", "absent") if one.applied else ("absent", "present")
    subject = Subject(check=CHECK.name, object=one.object, expected=expected, query=query)
    fields = {"migration": one.migration, "object": one.object}
    if not one.applied:
        return subject.warned(THERE_ALREADY(**fields), actual)
    return subject.failed(MISSING(**fields), actual) if one.certain else subject.warned(PERHAPS(**fields), actual)


def _objects(compared: Compared) -> set[tuple[str, str]]:
    catalog = compared.catalog
    names = [*catalog.tables, *catalog.indexes, *catalog.sequences, *catalog.types]
    relations = {("relation", str(name)) for name in names}
    columns = {
        ("column", f"{table.name}.{quoted(column.name)}")
        for table in catalog.tables.values()
        for column in table.columns
    }
    return relations | columns


CHECK = Check(
    name="history",
    title=Text(en="the history and the real objects agree", ja="履歴と実際のオブジェクトの一致"),
    question="verify_tables",
    compare=_compare,
)
