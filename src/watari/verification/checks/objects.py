"""Are schemas, sequences, types, routines, triggers, policies, extensions and the rarer objects as they should be?"""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog.catalog import Catalog
from watari.catalog.facts import CONSTRAINTS, RELATIONS, on_table
from watari.catalog.name import quoted
from watari.locale import Text
from watari.verification.check import Check, all_well, differences, kept_promises
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

THERE = Text(
    en="{count} sequences, types, routines, triggers, policies and others, none missing or changed",
    ja="シーケンス・型・関数・トリガー・ポリシーなど {count} 件、不足・差異なし",
)

_PROMISED = (
    "schema",
    "extension",
    "sequence",
    "type",
    "function",
    "procedure",
    "routine",
    "trigger",
    "policy",
)
#: Kinds that have a check of their own.
_ELSEWHERE = {*RELATIONS.values(), *CONSTRAINTS.values(), "column", "index"}


def _compare(compared: Compared) -> Iterator[Verdict]:
    there = _objects(compared.catalog)
    kinds = {one.kind for one in (*compared.drift, *compared.unexplained)} - _ELSEWHERE

    def is_there(kind: str, object: str) -> bool:
        return ("routine" if kind in ("function", "procedure") else kind, object) in there

    verdicts = [
        *kept_promises(compared, CHECK.name, "verify_objects", _PROMISED, is_there),
        *differences(compared, CHECK.name, "verify_objects", kinds),
    ]
    return all_well(compared, CHECK.name, "verify_objects", verdicts, THERE(count=len(there)))


def _objects(catalog: Catalog) -> set[tuple[str, str]]:
    """Every object by kind and name; a routine without its arguments, as a plan names it."""
    found = {("schema", name) for name in catalog.schemas} | {("schema", quoted(name)) for name in catalog.schemas}
    found |= {("extension", name) for name in catalog.extensions}
    found |= {("sequence", str(name)) for name in catalog.sequences}
    found |= {("type", str(name)) for name in catalog.types}
    found |= {("routine", str(routine.name)) for routine in catalog.routines}
    found |= {("trigger", on_table(trigger)) for trigger in catalog.triggers}
    return found | {("policy", on_table(policy)) for policy in catalog.policies}


CHECK = Check(
    name="other objects",
    title=Text(en="sequences, types, routines and the rest are there", ja="その他のオブジェクト"),
    question="verify_objects",
    compare=_compare,
)
