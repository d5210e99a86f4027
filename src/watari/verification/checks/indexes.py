"""Are the indexes there that should be, and is every index of the database valid?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Index
from watari.locale import Message, Text
from watari.sql.compose import composed
from watari.verification.check import Check, Subject, all_well, differences, kept_promises
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

VALID = Text(en="{count} indexes, every one valid", ja="インデックス {count} 件、すべて有効")
INVALID = Text(
    en="index {object} is invalid: a concurrent build did not finish. No query uses it, and every write pays for it; {way}",
    ja="インデックス {object} は無効です。CONCURRENTLY による作成が完了していません。検索には使われず、書き込みの負荷だけが残ります。{way}",
)
BUILD_AGAIN = Text(en="build it again: {statement}", ja="再作成してください: {statement}")
DROP = Text(en="it is the remainder of a REINDEX: {statement}", ja="REINDEX の残骸です。削除してください: {statement}")
ATTACH = Text(
    en="an index of one of the partitions is missing or invalid",
    ja="パーティションのインデックスの不足または無効が原因です",
)
WAS_INVALID = Text(
    en="index {object} was invalid before already: {way}", ja="インデックス {object} は実行前から無効です。{way}"
)


def _compare(compared: Compared) -> Iterator[Verdict]:
    indexes = compared.catalog.indexes.values()
    there = {str(index.name) for index in indexes}
    verdicts = [
        *kept_promises(compared, CHECK.name, "verify_indexes", ("index",), lambda _, object: object in there),
        *differences(compared, CHECK.name, "verify_indexes", ("index",)),
        *(_invalid(compared, index) for index in indexes if not (index.valid and index.ready)),
    ]
    return all_well(compared, CHECK.name, "verify_indexes", verdicts, VALID(count=len(there)))


def _invalid(compared: Compared, index: Index) -> Verdict:
    before = compared.expectation.before
    known = before.indexes.get(index.name) if before else None
    promised = any(object == str(index.name) for _, object, _ in compared.promised("index"))
    words = WAS_INVALID if known and not known.valid and not promised else INVALID
    query = compared.query("verify_indexes")
    subject = Subject(check=CHECK.name, object=str(index.name), expected="valid", query=query)
    message = words(object=str(index.name), way=_way(compared, index))
    return (subject.warned if words is WAS_INVALID else subject.failed)(message, "invalid")


def _way(compared: Compared, index: Index) -> Message:
    name = index.name.name
    if any(other.parent == index.name for other in compared.catalog.indexes.values()) or " ONLY " in index.definition:
        return ATTACH()
    if "_ccnew" in name or "_ccold" in name:
        return DROP(statement=composed("DROP INDEX CONCURRENTLY {index}", index=index.name))
    return BUILD_AGAIN(statement=composed("REINDEX INDEX CONCURRENTLY {index}", index=index.name))


CHECK = Check(
    name="indexes",
    title=Text(en="indexes are there and valid", ja="インデックスの存在と有効性"),
    question="verify_indexes",
    compare=_compare,
)
