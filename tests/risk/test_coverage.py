"""The table of what the rules cover: complete, and true of the rules that there are."""

from __future__ import annotations

from collections import Counter

from tools import coverage
from watari.risk.registry import rules, unknown

#: How many names each source has; of the catalogue and the tools as they were read.
SOURCES = {
    "catalogue": 225,
    "Squawk 2.70": 78,
    "eugene": 15,
    "strong_migrations": 31,
    "online_migrations": 34,
    "Atlas": 37,
}
#: Rules that are watari's own: about comments to it, about several databases in one script, and one from its users' runbooks.
OWN = {"allow-refused", "allow-unused", "data-not-in-null", "rewrite-storage", "script-database-as-schema",
       "script-two-databases", "tx-commits-inside"}  # fmt: skip


def test_every_name_has_a_rule_or_a_reason() -> None:
    for line in coverage.lines():
        assert line.rules or line.reason, line
        assert not unknown(line.rules), line
        assert line.reason == "" or line.reason in coverage.REASONS, line


def test_no_source_lacks_a_name() -> None:
    names = [(line.source, line.name) for line in coverage.lines()]
    assert len(set(names)) == len(names)
    counted = Counter(source for source, _ in names)
    assert {source: counted[source] for source in SOURCES} == SOURCES


def test_every_rule_is_in_the_catalogue_or_known_as_an_own_one() -> None:
    spoken = {rule for line in coverage.lines() if line.source == "catalogue" for rule in line.rules}
    assert {rule.card.id for rule in rules()} - spoken - OWN == set()
