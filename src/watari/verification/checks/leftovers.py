"""Has watari left something of its own behind: columns, triggers, functions, checks, indexes of unfinished work?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog.facts import on_table
from watari.catalog.name import quoted
from watari.locale import Text
from watari.verification.check import Check, Subject
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

#: How the names begin that the planner gives to what it makes for itself.
PREFIX = "watari_"

NONE = Text(en="nothing of watari's own is left behind", ja="watari の作業用オブジェクトは残っていません")
LEFT = Text(
    en="{object} was made by watari for its work and is still there; the run that made it was not finished or was given up",
    ja="watari の作業用オブジェクト {object} が残っています。作成した実行が未完了か中止されています",
)
IN_USE = Text(
    en="{object} belongs to the run that stands half-way; the same command finishes it",
    ja="{object} は途中で停止した実行のものです。同じコマンドを再実行すると完了します",
)


def _compare(compared: Compared) -> Iterator[Verdict]:
    query, unfinished = compared.query("verify_leftovers"), compared.expectation.unfinished
    found = list(_left(compared))
    for object in found:
        subject = Subject(check=CHECK.name, object=object, expected="absent", query=query)
        if unfinished:
            yield subject.warned(IN_USE(object=object), "present")
        else:
            yield subject.failed(LEFT(object=object), "present")
    if not found:
        yield Subject(check=CHECK.name, object=compared.catalog.database, query=query).passed(NONE())


def _left(compared: Compared) -> Iterator[str]:
    catalog = compared.catalog
    for table in catalog.tables.values():
        if table.name.name.startswith(PREFIX):
            yield str(table.name)
        yield from (f"{table.name}.{quoted(c.name)}" for c in table.columns if c.name.startswith(PREFIX))
    yield from (str(index.name) for index in catalog.indexes.values() if index.name.name.startswith(PREFIX))
    own = set(compared.observation.own_routines)
    for trigger in catalog.triggers:
        if trigger.name.startswith(PREFIX) or trigger.function in own:
            yield on_table(trigger)
    yield from (on_table(one) for one in catalog.constraints if one.name.startswith(PREFIX))
    yield from sorted(own)


CHECK = Check(
    name="leftovers",
    title=Text(en="nothing of watari's own is left behind", ja="作業用オブジェクトの残存確認"),
    question="verify_leftovers",
    compare=_compare,
)
