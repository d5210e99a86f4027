"""A plan survives its file, and a changed file is noticed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from watari.catalog.locks import LockMode
from watari.errors.usage import PlanDamaged, PlanVersion
from watari.evidence import Direction, Effect
from watari.planning.canonical import dumps, loads, sealed
from watari.planning.plan import (
    Backfill,
    CopyRows,
    Loss,
    Note,
    Phase,
    Plan,
    Precheck,
    Settle,
    Step,
    StepKind,
)


def plan() -> Plan:
    effect = Effect(
        relation='public."顧客"', lock=LockMode.ACCESS_EXCLUSIVE, rewrite=True, destroys="column 名前", rows=3
    )
    step = Step(
        id="0001.1",
        phase=Phase.CONTRACT,
        kind=StepKind.TRANSACTION,
        migration="001",
        sql=('ALTER TABLE "顧客" DROP COLUMN "名前"', "COPY t FROM stdin"),
        effects=(effect, Effect(relation="public.t", seconds=0.25)),
        undo=None,
        copies=(CopyRows(statement=1, rows="1\ta\\N\n"),),
        completes=True,
        notes=(Note(en="as written", ja="そのまま"),),
    )
    other = replace(
        step,
        id="0001.2",
        kind=StepKind.BACKFILL,
        undo=(),
        settle=Settle(kind="again", relation="public.t"),
        backfill=Backfill(table="public.t", assignments=(("a", "1"),), where="a IS NULL"),
    )
    return sealed(
        Plan(
            sha256="",
            version=1,
            database="shop",
            environment="default",
            framework="plain",
            direction=Direction.BACK,
            fingerprint="f",
            server_version=180000,
            migrations=("001",),
            steps=(step, other),
            prechecks=(Precheck(name="nulls", step="0001.1", object="public.t.a", query="SELECT 0"),),
            expected=(("table", "public.t", "present"),),
            ways=(("001", "down"),),
            losses=(Loss(kind="table", object="public.t", migration="001", rows=4),),
        )
    )


def test_a_plan_comes_back_as_it_was() -> None:
    assert loads(dumps(plan())) == plan()


def test_the_json_has_the_promised_keys_and_the_servers_own_lock_names() -> None:
    document = json.loads(dumps(plan()))
    assert {"sha256", "database", "fingerprint", "steps"} <= set(document)
    assert {"id", "phase", "kind", "migration", "sql", "effects", "undo"} <= set(document["steps"][0])
    assert document["steps"][0]["effects"][0]["lock"] == "ACCESS EXCLUSIVE"
    assert document["steps"][0]["undo"] is None
    assert document["steps"][1]["undo"] == []


def test_keys_are_sorted_and_japanese_stays_readable() -> None:
    text = dumps(plan()).decode()
    assert "顧客" in text
    assert text == json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"


def test_a_file_that_was_laid_out_anew_is_the_same_plan() -> None:
    document = json.loads(dumps(plan()))
    again = json.dumps(dict(reversed(document.items())), indent=4, ensure_ascii=True).encode()
    assert loads(again) == plan()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["steps"][0].update(sql=["DROP TABLE t"]),
        lambda d: d["steps"].pop(),
        lambda d: d.update(database="other"),
        lambda d: d.update(sha256="0" * 64),
        lambda d: d.pop("sha256"),
        lambda d: d["steps"][0]["effects"][0].update(lock="SHARE"),
    ],
)
def test_a_changed_plan_is_refused(change: object) -> None:
    document = json.loads(dumps(plan()))
    change(document)  # type: ignore[operator]
    with pytest.raises(PlanDamaged):
        loads(json.dumps(document).encode())


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"{}", b'{"version": "1"}', b'{"steps": 1', b"null"])
def test_what_is_no_plan_is_refused(data: bytes) -> None:
    with pytest.raises(PlanDamaged):
        loads(data)


def test_a_plan_with_a_right_hash_and_a_wrong_shape_is_refused() -> None:
    import hashlib

    rest = {"version": 1, "steps": [{"effects": [{"lock": "LOUD"}]}]}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(PlanDamaged):
        loads(json.dumps({**rest, "sha256": hashlib.sha256(text).hexdigest()}).encode())


def test_another_format_is_named() -> None:
    document = json.loads(dumps(plan())) | {"version": 2}
    with pytest.raises(PlanVersion) as refused:
        loads(json.dumps(document).encode())
    assert '"2"' in str(refused.value)


def test_the_hash_is_that_of_everything_else() -> None:
    assert sealed(replace(plan(), sha256="something")) == plan()
    assert sealed(replace(plan(), environment="staging")).sha256 != plan().sha256
