"""Objects that differ from an expected catalog: another environment, a clone, or what files and history promise."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from watari.catalog.catalog import Catalog
from watari.catalog.difference import Change, difference
from watari.catalog.facts import CONSTRAINTS, RELATIONS
from watari.locale import Text
from watari.verification.check import Subject, sides
from watari.verification.verdict import Verdict

NAME = "drift"

NONE = Text(
    en="every object is as expected ({count} tables and views)",
    ja="すべてのオブジェクトが想定と一致しています(テーブル・ビュー {count} 件)",
)
DIFFERS = Text(en="{difference}", ja="{difference}")

_QUESTIONS = {
    **dict.fromkeys(RELATIONS.values(), "verify_tables"),
    **dict.fromkeys(CONSTRAINTS.values(), "verify_constraints"),
    "column": "verify_columns",
    "index": "verify_indexes",
}


def drift(
    expected: Catalog, actual: Catalog, *, ignore: Collection[str] = (), queries: Mapping[str, str] | None = None
) -> tuple[Verdict, ...]:
    """A failing verdict for each object or attribute that is not as expected; one that passes where none is.

    `ignore` names attributes that do not count ("owner", "acl"); `queries` are the texts of the questions by name.
    """
    found = []
    for one in difference(expected, actual, ignore=ignore):
        wanted, there = sides(one)
        query = (queries or {}).get(_QUESTIONS.get(one.kind, "verify_objects"))
        subject = Subject(check=NAME, object=one.object, expected=wanted, query=query)
        surplus = one.change is Change.ADDED
        message = DIFFERS(difference=one.message)
        found.append(subject.warned(message, there) if surplus else subject.failed(message, there))
    if not found:
        return (Subject(check=NAME, object=actual.database).passed(NONE(count=len(actual.tables))),)
    return tuple(found)
