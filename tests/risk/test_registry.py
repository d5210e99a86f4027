"""What rules listen to: every word of `KINDS` is one that a statement can have, or the rule would be silent for ever."""

from __future__ import annotations

import pytest
from postgast import pg_query_pb2

from watari.catalog import Catalog
from watari.project.policy import Policy
from watari.risk.judge import judge
from watari.risk.registry import Rule, rules
from watari.sql import Script

KINDS = {field.name for field in pg_query_pb2.Node.DESCRIPTOR.fields} | {"*"}
WORDS = {
    *pg_query_pb2.AlterTableType.DESCRIPTOR.values_by_name,
    *pg_query_pb2.ObjectType.DESCRIPTOR.values_by_name,
    *("remarks", "apart", "absent", "held", "existing", "stops", "closes", "rewrites"),
}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.card.id)
def test_a_rule_listens_to_what_there_is(rule: Rule) -> None:
    assert set(rule.kinds) <= KINDS
    assert {word for needed in rule.kinds.values() for words in needed for word in words} <= WORDS
    assert rule.kinds or rule.whys or rule.card.id == "allow-unused"  # which the judge itself asks


def found(text: str, **made: object) -> set[tuple[str, str]]:
    catalog = Catalog(database="d", server_version=180000, **made)  # type: ignore[arg-type]
    statements = Script(file="a.sql", data=text.encode()).statements
    return {(hazard.rule, hazard.object) for hazard in judge([("a", statements, True)], catalog, Policy()).hazards}


def test_a_rule_that_needs_something_of_before_is_silent_of_what_the_migration_makes() -> None:
    text = "CREATE TABLE t (id int); ALTER TABLE t ADD COLUMN b json NOT NULL;"
    assert not {rule for rule, _ in found(text)} & {"compat-json", "compat-required-column"}


def test_a_remark_that_names_no_rule_is_told_whatever_the_statement() -> None:
    assert ("allow-refused", "no-such-rule") in found("-- watari: allow no-such-rule because it is so\nSELECT 1;")
