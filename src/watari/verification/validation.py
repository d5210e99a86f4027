"""Constraints of one kind: there, as rehearsed, and validated over every row. Shared by the checks of each kind."""

from __future__ import annotations

from collections.abc import Iterator

from watari.catalog import Constraint, ConstraintKind
from watari.catalog.facts import CONSTRAINTS, on_table
from watari.catalog.words import kind_word
from watari.locale import Message, Text
from watari.sql.compose import composed
from watari.verification.check import Subject, all_well, differences
from watari.verification.compared import Compared
from watari.verification.verdict import Verdict

VALIDATED = Text(en="{count} of kind {kind}, every one validated", ja="{kind} {count} 件、すべて検証済み")
NONE = Text(en="there is no {kind}", ja="{kind}はありません")
NOT_VALIDATED = Text(
    en="{kind} {object} holds for new rows only, the old ones were never checked: {statement}",
    ja="{kind} {object} は既存の行に対して検証されていません(新しい行にのみ有効): {statement}",
)
NOT_ENFORCED = Text(
    en="{kind} {object} is not enforced: the server neither checked nor checks it",
    ja="{kind} {object} は NOT ENFORCED のため、サーバーによる検査は行われません",
)

_QUESTION = "verify_constraints"


def validated(compared: Compared, *, name: str, kinds: tuple[ConstraintKind, ...]) -> Iterator[Verdict]:
    """Verdicts on every constraint of these kinds: fails where the plan validates it, or nobody said that it need not be."""
    mine = [constraint for constraint in compared.catalog.constraints if constraint.kind in kinds]
    verdicts = [
        *differences(compared, name, _QUESTION, {CONSTRAINTS[kind] for kind in kinds}),
        *(_unproven(compared, name, one) for one in mine if not (one.validated and one.enforced)),
    ]
    return all_well(compared, name, _QUESTION, verdicts, _well(len(mine), kinds[0]))


def _well(count: int, kind: ConstraintKind) -> Message:
    word = kind_word(CONSTRAINTS[kind])()
    return VALIDATED(count=count, kind=word) if count else NONE(kind=word)


def _unproven(compared: Compared, name: str, constraint: Constraint) -> Verdict:
    object = on_table(constraint)
    template = "ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
    statement = composed(template, table=constraint.table, name=constraint.name)
    fields = {"kind": kind_word(CONSTRAINTS[constraint.kind])(), "object": object}
    message = NOT_VALIDATED(**fields, statement=statement) if constraint.enforced else NOT_ENFORCED(**fields)
    # the team's own file may say NOT VALID; only what the plan was to validate must be
    must = object in compared.expectation.validated
    subject = Subject(check=name, object=object, expected="validated", query=compared.query(_QUESTION))
    actual = "not validated" if constraint.enforced else "not enforced"
    return (subject.failed if must else subject.warned)(message, actual)
