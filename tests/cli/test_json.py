"""JSON keys that others script against, on a plain SQL project from pending to rolled back."""

from __future__ import annotations

import pytest
from fixtures.program import Folder


@pytest.fixture
def shop(folder: Folder) -> Folder:
    folder.write("migrations/001_customers.up.sql", "CREATE TABLE customers (id int PRIMARY KEY, name text);\n")
    folder.write("migrations/001_customers.down.sql", "DROP TABLE customers;\n")
    folder.write(
        "migrations/002_email.sql", "ALTER TABLE customers ADD COLUMN email text;\nCREATE INDEX ON customers (email);\n"
    )
    return folder


def test_status(shop: Folder) -> None:
    answer = shop.watari("status", "--json")
    assert answer.status == 1
    (entry,) = answer.document["databases"]
    assert set(entry) == {"database", "environment", "framework", "state", "applied", "pending", "problems"}
    assert entry["state"] == "pending"
    assert entry["pending"] == [{"id": "001", "name": "001_customers"}, {"id": "002", "name": "002_email"}]


def test_check(shop: Folder) -> None:
    answer = shop.watari("check", "--json")
    assert answer.status == 0
    statements = answer.document["statements"]
    assert len(statements) == 3
    for statement in statements:
        assert set(statement) == {"file", "line", "column", "sql", "blocks", "effects", "error"}
        assert statement["blocks"] in ("work", "moment", "none")
        for effect in statement["effects"]:
            assert set(effect) >= {"relation", "lock", "rewrite", "scan", "destroys"}
    assert isinstance(answer.document["hazards"], list)


def test_plan(shop: Folder) -> None:
    document = shop.watari("plan", "--json").document
    assert {"sha256", "database", "fingerprint", "steps"} <= set(document)
    assert len(document["sha256"]) == 64
    for step in document["steps"]:
        assert {"id", "phase", "kind", "migration", "sql", "effects", "undo"} <= set(step)


def test_apply_verify_runs_and_rollback(shop: Folder) -> None:
    applied = shop.watari("apply", "--yes", "--json")
    assert applied.status == 0, applied.err
    assert {"run", "state", "steps"} <= set(applied.document)
    assert applied.document["state"] == "done"
    for step in applied.document["steps"]:
        assert {"id", "state", "attempts", "seconds", "longest_lock_seconds"} <= set(step)
    assert shop.watari("status").status == 0
    verified = shop.watari("verify", "--json")
    assert verified.status == 0, verified.out
    runs = shop.watari("runs", "--json").document["runs"]
    assert [run["run"] for run in runs] == [applied.document["run"]]
    back = shop.watari("rollback", "-n", "2", "--yes", "--json")
    assert back.status == 0, back.err
    assert back.document["state"] == "done"
    assert len(shop.watari("status", "--json").document["databases"][0]["pending"]) == 2


def test_apply_again_has_nothing_to_do(shop: Folder) -> None:
    assert shop.watari("apply", "--yes").status == 0
    again = shop.watari("apply", "--yes")
    assert again.status == 0
    assert "nothing to do" in again.out


def test_without_a_terminal_yes_is_required(shop: Folder) -> None:
    answer = shop.watari("apply")
    assert answer.status == 2
    assert "--yes" in answer.err
    assert shop.watari("status", "--json").document["databases"][0]["applied"] == []


def test_events_are_written_as_json_lines(shop: Folder) -> None:
    import json

    shop.watari("apply", "--yes", "--events", "events.jsonl")
    kinds = [json.loads(line)["kind"] for line in (shop.path / "events.jsonl").read_text().splitlines()]
    assert {"run_began", "run_ended"} <= set(kinds)
