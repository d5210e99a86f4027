"""Is a sequence behind what its column holds, so that the next insert collides; or near its end?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Name
from watari.evidence.observation import SequencePosition
from watari.locale import Text
from watari.sql.compose import composed
from watari.values import replace
from watari.verification.check import Check, Subject, all_well
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

AHEAD = Text(
    en="every sequence is ahead of its column ({count})", ja="シーケンスはすべてカラムの値より先にあります({count} 件)"
)
BEHIND = Text(
    en="the next value of {sequence} is {following}, but {column} holds {furthest} already: the next insert collides; {statement}",
    ja="{sequence} の次の値は {following} ですが、{column} には既に {furthest} があり、次の INSERT が重複エラーになります。{statement}",
)
NEAR_END = Text(
    en="{sequence} is at {percent} % of what {column} can hold",
    ja="{sequence} は {column} が保持できる値の {percent} % に達しています",
)
NOT_ASKED = Text(en="sequences were not looked at", ja="シーケンスを確認していません")
UNKNOWN = Text(
    en="{sequence} was not compared with {column}: {why}", ja="{sequence} と {column} を比較できませんでした: {why}"
)
NO_RIGHT = Text(en="the user may not read the sequence", ja="シーケンスの参照権限がありません")

_LARGEST = {"smallint": 32_767, "integer": 2_147_483_647, "bigint": 9_223_372_036_854_775_807}
_NEAR = 0.8


def _compare(compared: Compared) -> Iterator[Verdict]:
    positions = compared.observation.sequences
    if positions is None:
        yield Subject(check=CHECK.name, object=compared.catalog.database).skipped(NOT_ASKED())
        return
    verdicts = [verdict for position in positions for verdict in _verdicts(compared, position)]
    yield from all_well(compared, CHECK.name, "verify_sequences", verdicts, AHEAD(count=len(positions)))


def _verdicts(compared: Compared, at: SequencePosition) -> Iterator[Verdict]:
    query, actual = compared.query("verify_sequences"), str(at.following)
    subject = Subject(check=CHECK.name, object=at.sequence, query=query)
    fields = {"sequence": at.sequence, "column": at.column}
    if at.why is not None or at.following is None:
        yield subject.skipped(UNKNOWN(**fields, why=at.why or NO_RIGHT()))
    elif at.furthest is not None and _behind(at, at.following, at.furthest):
        cure = _cure(compared, at, at.furthest)
        message = BEHIND(**fields, following=at.following, furthest=at.furthest, statement=cure)
        yield replace(subject, expected=f"{'>' if at.ascending else '<'} {at.furthest}").failed(message, actual)
    elif (used := _used(compared, at, at.following)) >= _NEAR:
        yield subject.warned(NEAR_END(**fields, percent=round(used * 100)), actual)


def _behind(at: SequencePosition, following: int, furthest: int) -> bool:
    return following <= furthest if at.ascending else following >= furthest


def _cure(compared: Compared, at: SequencePosition, furthest: int) -> str:
    name = next((name for name in compared.catalog.sequences if str(name) == at.sequence), Name("public", at.sequence))
    following = furthest + 1 if at.ascending else furthest - 1
    return composed("ALTER SEQUENCE {sequence} RESTART WITH {following}", sequence=name, following=following)


def _used(compared: Compared, at: SequencePosition, following: int) -> float:
    """How much of what the column can hold is used up, 0 to 1."""
    table, _, name = at.column.rpartition(".")
    for found in compared.catalog.tables.values():
        if str(found.name) == table and (column := found.column(name.strip('"'))):
            return abs(following) / _LARGEST.get(column.type, _LARGEST["bigint"])
    return 0.0


CHECK = Check(
    name="sequences",
    title=Text(en="sequences are ahead of their columns", ja="シーケンスの現在値"),
    question="verify_sequences",
    compare=_compare,
)
