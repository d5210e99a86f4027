"""What others script against, exactly: the options of each verb, the exit statuses, the keys of each JSON document."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fixtures.program import Answer, Folder

from watari.cli.parsing import build, command_names
from watari.errors import ExitStatus
from watari.locale import Language
from watari.project.url import DatabaseUrl

COMMON = {
    "-e": "--env", "--database": None, "--config": None, "--url": None, "--dir": None, "--framework": None,
    "--json": None, "--lang": None, "--events": None, "-q": "--quiet", "-v": "--verbose", "-h": "--help",
}  # fmt: skip

#: What each verb takes beside that. More may be added to a verb; nothing of this may go.
OWN: dict[str, set[str]] = {
    "init": set(),
    "doctor": set(),
    "status": set(),
    "check": {"FILE", "--git"},
    "plan": {"-o", "--to"},
    "rehearse": {"PLAN"},
    "backup": {"VERB"},
    "restore": {"--swap"},
    "apply": {"PLAN", "--to", "--deployed", "--yes"},
    "cross": {"--deployed", "--yes"},
    "verify": set(),
    "rollback": {"-n", "--to", "--run", "--yes"},
    "runs": {"N"},
    "report": {"RUN", "-o"},
    "release": {"RUN", "--due", "--yes"},
    "guard": {"COMMAND"},
    "explain": {"NAME"},
    "demo": {"--keep"},
}
BACKUP_VERBS = {"create", "list", "show", "verify", "stats", "prune"}

STATEMENT = {"file", "line", "column", "sql", "blocks", "effects", "error"}
EFFECT = {"relation", "lock", "rewrite", "scan", "destroys"}
HAZARD = {"rule", "level", "file", "line", "column", "object", "message", "facts", "safer"}
PLAN = {"sha256", "database", "fingerprint", "steps"}
PLAN_STEP = {"id", "phase", "kind", "migration", "sql", "effects", "undo"}
RUN = {"run", "state", "steps"}
RUN_STEP = {"id", "state", "attempts", "seconds", "longest_lock_seconds"}


def words_of(parser: argparse.ArgumentParser) -> set[str]:
    """Options in every spelling, and the words that stand without one."""
    found: set[str] = set()
    for action in parser._actions:
        found.update(action.option_strings or [str(action.metavar or action.dest)])
    return found


def parser_of(verb: str) -> argparse.ArgumentParser:
    root = build(command_names(), Language.EN)
    verbs = next(action for action in root._actions if isinstance(action, argparse._SubParsersAction))
    return verbs.choices[verb]  # type: ignore[no-any-return]


@pytest.mark.parametrize("verb", sorted(OWN))
def test_a_verb_takes_the_options_of_the_contract(verb: str) -> None:
    takes = words_of(parser_of(verb))
    wanted = {*COMMON, *(long for long in COMMON.values() if long), *OWN[verb]}
    assert wanted <= takes


def test_backup_has_its_verbs_each_with_an_example(tmp_path: Path) -> None:
    verbs = next(a for a in parser_of("backup")._actions if isinstance(a, argparse._SubParsersAction))
    assert set(verbs.choices) == BACKUP_VERBS
    for verb, parser in verbs.choices.items():
        assert words_of(parser) >= set(COMMON), verb
        said = Folder(tmp_path).watari("backup", verb, "--help", language="ja").out
        assert f"例:\n  watari backup {verb}" in said and "show this help" not in said


def test_the_exit_statuses_are_seven() -> None:
    assert {status.name: int(status) for status in ExitStatus} == {
        "DONE": 0, "LOOK": 1, "USAGE": 2, "REACH": 3, "GATE": 4, "STOPPED": 5, "INTERRUPTED": 130,
    }  # fmt: skip


@pytest.fixture
def shop(folder: Folder) -> Folder:
    """Two migrations, the first with a way back of its own."""
    folder.write("migrations/001_customers.up.sql", "CREATE TABLE customers (id int PRIMARY KEY, name text);\n")
    folder.write("migrations/001_customers.down.sql", "DROP TABLE customers;\n")
    folder.write("migrations/002_email.sql", "ALTER TABLE customers ADD COLUMN email text;\n")
    return folder


def one_document(answer: Answer) -> Any:
    """What standard output holds, which is one document and nothing else."""
    document, end = json.JSONDecoder().raw_decode(answer.out)
    assert answer.out[end:] == "\n"
    return document


def test_each_status_is_what_the_design_says(shop: Folder, make_folder: Callable[..., Folder]) -> None:
    assert shop.watari("status").status == 1
    assert shop.watari("check").status == 0
    assert shop.watari("plan", "-o", "plan.json").status == 0
    assert shop.watari("rehearse", "plan.json").status == 0
    assert shop.watari("apply", "plan.json").status == 2
    assert shop.watari("apply", "plan.json", "--yes").status == 0
    assert shop.watari("apply", "--yes").status == 0
    assert shop.watari("status").status == 0
    assert shop.watari("guard", "--yes", "--", "/bin/false").status == 1
    assert shop.watari("status", "--url", "postgresql://u@127.0.0.1:1/d").status == 3
    with psycopg.connect(shop.environ["DATABASE_URL"], autocommit=True) as own:
        own.execute("insert into customers select g from generate_series(100, 200) g; analyze")
    shop.write("migrations/003_drop.sql", "TRUNCATE customers CASCADE;\n")
    unkept = '[environments.default]\nurl = "${DATABASE_URL}"\n[environments.default.policy]\nkeep_bytes = 0\n'
    shop.write("watari.toml", unkept)
    assert shop.watari("check").status == 1
    assert shop.watari("apply", "--yes").status == 4
    shop.write("migrations/003_drop.sql", "CREATE TABLE more (id int);\n")
    shop.write("migrations/004_fails.sql", "SELECT 1 / 0;\n")
    assert shop.watari("rehearse").status == 1
    assert shop.watari("apply", "--yes").status == 5
    assert shop.watari("rollback", "--yes").status == 0
    assert make_folder("nothing").watari("status").status == 2


def test_status_document(shop: Folder) -> None:
    shop.watari("apply", "--yes", "--to", "001")
    shop.write("migrations/001_customers.up.sql", "CREATE TABLE customers (id bigint PRIMARY KEY);\n")
    document = one_document(shop.watari("status", "--json"))
    assert set(document) == {"databases"}
    (entry,) = document["databases"]
    assert set(entry) == {"database", "environment", "framework", "state", "applied", "pending", "problems"}
    assert [set(row) for row in entry["applied"]] == [{"id", "name", "applied_at"}]
    assert entry["pending"] == [{"id": "002", "name": "002_email"}]
    assert [set(problem) for problem in entry["problems"]] == [{"kind", "migration", "message"}]


def test_check_document(shop: Folder, database: DatabaseUrl) -> None:
    shop.watari("apply", "--yes", "--to", "001")
    shop.write("migrations/003_drop.sql", "DROP TABLE customers;\nSELECT 1;\n")
    document = one_document(shop.watari("check", "--json"))
    assert set(document) >= {"statements", "hazards"}
    assert [set(statement) for statement in document["statements"]] == [STATEMENT] * 3
    assert {statement["blocks"] for statement in document["statements"]} <= {"work", "moment", "none"}
    effects = [effect for statement in document["statements"] for effect in statement["effects"]]
    assert effects and all(set(effect) >= EFFECT for effect in effects)
    assert all("." in effect["relation"] and effect["lock"] == effect["lock"].upper() for effect in effects)
    assert document["statements"][1]["effects"][0]["lock"] == "ACCESS EXCLUSIVE"
    assert document["hazards"] and all(set(hazard) >= HAZARD for hazard in document["hazards"])
    assert {hazard["level"] for hazard in document["hazards"]} <= {"block", "warn", "info"}
    assert all(isinstance(hazard["facts"], dict) for hazard in document["hazards"])


def test_plan_and_run_documents(shop: Folder) -> None:
    plan = one_document(shop.watari("plan", "--json", "-o", "plan.json"))
    assert set(plan) >= PLAN and all(set(step) >= PLAN_STEP for step in plan["steps"])
    assert len(plan["sha256"]) == 64 and all(isinstance(step["sql"], list) for step in plan["steps"])
    for words in (("apply", "plan.json", "--yes"), ("rollback", "-n", "2", "--yes")):
        run = one_document(shop.watari(*words, "--json"))
        assert set(run) >= RUN and run["state"] in ("done", "rolled_back")
        assert run["steps"] and all(set(step) >= RUN_STEP for step in run["steps"])


def test_every_other_command_prints_one_document(shop: Folder) -> None:
    calls = [
        "init", "doctor", "rehearse", "backup create", "backup list", "backup show", "backup stats", "backup verify",
        "backup prune", "apply --yes", "verify", "runs", "runs 1", "report", "explain", "explain exit 5",
        "release --yes", "guard --yes --json -- echo said", "restore --as contract_copy",
    ]  # fmt: skip
    try:
        for call in calls:
            words = call.split()
            answer = shop.watari(*words) if "--json" in words else shop.watari(*words, "--json")
            assert isinstance(one_document(answer), dict), call
    finally:
        drop(shop, "contract_copy")


def drop(folder: Folder, name: str) -> None:
    with psycopg.connect(folder.environ["DATABASE_URL"], autocommit=True) as own:
        own.execute(f"drop database if exists {name} with (force)")


def test_words_that_are_wrong_print_no_document(shop: Folder) -> None:
    answer = shop.watari("status", "--json", "--bogus")
    assert (answer.status, answer.out) == (2, "")


def test_events_stream_while_it_happens(shop: Folder) -> None:
    assert shop.watari("apply", "--yes", "-q", "--events", "events.jsonl").status == 0
    events = [json.loads(line) for line in (shop.path / "events.jsonl").read_text().splitlines()]
    kinds = [event["kind"] for event in events]
    assert kinds.index("run_began") < kinds.index("step_ended") < kinds.index("run_ended")
    assert all({"kind", "at"} <= set(event) for event in events)
    assert (shop.path / "events.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_is_a_script_of_that_shell(tmp_path: Path, shell: str) -> None:
    script = Folder(tmp_path).watari("--print-completion", shell).out
    for word in ("status", "rollback", "prune"):
        assert word in script
    assert shell == "tcsh" or "--framework" in script
    if shell == "bash":
        asked = (
            f"{script}\nCOMP_WORDS=(watari ro); COMP_CWORD=1; COMPREPLY=(); "
            '$(complete -p watari | sed "s/.*-F \\([^ ]*\\) .*/\\1/") watari ro watari; echo "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "rollback", done.stderr
