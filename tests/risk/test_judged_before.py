"""A judgement that is asked for again: the same, and no rule is asked about what has not changed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from watari.catalog import Catalog
from watari.crossing.judged_before import judge_what_changed
from watari.locale import Language
from watari.project.policy import Policy
from watari.risk import judge as judging
from watari.risk.hazard import Judgement
from watari.sql.statement import Script, Statement

_FACTS = Catalog(database="shop", server_version=180000)
_REMARK = "-- watari: allow column-type-rewrite because nobody reads it yet\n"


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    return tmp_path / ".watari"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements about which rules were asked."""
    texts: list[str] = []
    before = judging.rules_for
    monkeypatch.setattr(
        judging, "rules_for", lambda situation: texts.append(situation.statement.text) or before(situation)
    )
    return texts


def units(
    last: str = "alter table t59 alter column id type bigint",
) -> list[tuple[str | None, tuple[Statement, ...], bool]]:
    texts = [f"create table t{n} (id int); create index on t{n} (id);" for n in range(60)]
    texts += ["drop table elsewhere;", _REMARK + "alter table t1 alter column id type bigint;", last + ";"]
    return [
        (f"{n:03}", Script(file=f"{n:03}.sql", data=text.encode()).statements, True) for n, text in enumerate(texts)
    ]


def judged(
    memory: Path, given: list[tuple[str | None, tuple[Statement, ...], bool]], facts: Catalog = _FACTS
) -> Judgement:
    return judge_what_changed(memory, given, facts, Policy(), databases=(), own_runner=False)


def told(judgement: Judgement) -> str:
    """Everything that a face can show."""
    hazards = [
        [h.rule, h.level, h.file, h.line, h.column, h.object, h.safer, h.sql, dict(h.facts)]
        + [h.message.render(language) for language in Language]
        for h in judgement.hazards
    ]
    statements = [[s.statement.text, repr(s.effects), s.migration, s.error] for s in judgement.statements]
    allowances = [repr(allowance) for allowance in judgement.allowances]
    return json.dumps([hazards, statements, allowances, judgement.with_facts], default=str)


def test_the_second_judgement_is_the_first_and_asks_no_rule(memory: Path, asked: list[str]) -> None:
    first = judged(memory, units())
    assert first.hazards
    assert len(asked) == 123
    (file,) = memory.glob("judged-*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    asked.clear()
    assert told(judged(memory, units())) == told(first)
    assert asked == []


def test_only_what_changed_is_judged_again(memory: Path, asked: list[str]) -> None:
    judged(memory, units())
    asked.clear()
    again = judged(memory, units("drop table t59"))
    assert asked == ["drop table t59"]
    assert told(again) == told(judged(memory.with_name("other"), units("drop table t59")))


def test_other_facts_are_judged_anew(memory: Path, asked: list[str]) -> None:
    judged(memory, units())
    asked.clear()
    judged(memory, units(), replace(_FACTS, server_version=140000))
    assert len(asked) == 123


@pytest.mark.parametrize("damage", [b"", b"[]", b"{}", b'{"keys": 1, "units": []}', b"\xff\xfe", b"[" * 100_000])
def test_a_damaged_memory_is_none(memory: Path, damage: bytes) -> None:
    first = judged(memory, units())
    (file,) = memory.glob("judged-*.json")
    file.write_bytes(damage)
    assert told(judged(memory, units())) == told(first)


def test_a_unit_of_another_shape_is_judged_again(memory: Path) -> None:
    first = judged(memory, units())
    (file,) = memory.glob("judged-*.json")
    document = json.loads(file.read_bytes())
    document["units"][3] = {"statements": [[{"blocks": "sometimes"}, None], [{}, 7]], "hazards": 3}
    file.write_text(json.dumps(document))
    assert told(judged(memory, units())) == told(first)


def test_a_memory_that_cannot_be_written_costs_nothing_else(memory: Path) -> None:
    memory.write_text("a file where the folder should be")
    assert judged(memory, units()).hazards
