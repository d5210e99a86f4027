"""`watari check` as people, continuous integration and hooks call it: where scripts come from, forms, policy, baseline, status."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import psycopg
import pytest
from fixtures.program import Answer, Folder

ROOT = Path(__file__).parents[2]

SCRIPT = """-- watari: allow destroy-table because nobody has read it since May
DROP TABLE old;
  CREATE INDEX orders_code ON orders (code);
ALTER TABLE 注文
  ADD COLUMN 備考 text,
  ALTER COLUMN 合計 TYPE bigint;
"""


@pytest.fixture
def texts(tmp_path: Path) -> Folder:
    """A folder without a database."""
    folder = Folder(tmp_path)
    folder.write("migrations/2_two.sql", SCRIPT)
    folder.write("migrations/10_ten.sql", "ALTER TABLE orders ADD COLUMN x int;\n")
    folder.write("migrations/10_ten.down.sql", "DROP TABLE orders;\n")
    return folder


def git(folder: Folder, *words: str) -> str:
    named = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *named, *words], cwd=folder.path, env=clean, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def rules_in(answer: Answer) -> list[str]:
    return [hazard["rule"] for hazard in answer.document["hazards"]]


# -- where scripts come from --------------------------------------------------------------------------------------------------


def test_files_are_judged_by_their_text_where_nobody_says_which_database(texts: Folder) -> None:
    answer = texts.watari("check", "migrations/2_two.sql")
    assert answer.status == 1 and "No database was at hand" in answer.out
    assert texts.watari("check", "migrations/10_ten.sql").status == 0
    assert texts.watari("check").status == 2  # what is pending cannot be known then


def test_a_folder_is_read_in_order_without_what_takes_migrations_back(texts: Folder) -> None:
    answer = texts.watari("check", "migrations", "--json")
    files = list(dict.fromkeys(statement["file"] for statement in answer.document["statements"]))
    assert files == ["migrations/2_two.sql", "migrations/10_ten.sql"]


def test_a_folder_without_scripts_and_a_missing_file_are_refused(texts: Folder) -> None:
    (texts.path / "empty").mkdir()
    answer = texts.watari("check", "empty")
    assert answer.status == 2 and "no .sql file" in answer.err
    assert texts.watari("check", "absent.sql").status == 2


def test_standard_input(texts: Folder) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("WATARI", "DATABASE", "PG"))}
    done = subprocess.run(
        [str(ROOT / ".venv/bin/watari"), "check", "-", "--json"],
        cwd=texts.path, env=clean, input="CREATE INDEX ON t (a);", capture_output=True, text=True, check=False,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert done.returncode == 1 and document["hazards"][0]["file"] == "<stdin>"


def test_a_git_range_is_judged_as_it_is_at_its_end(texts: Folder) -> None:
    git(texts, "init", "-q", "-b", "main")
    texts.write("migrations/1_old.sql", "DROP TABLE untouched;\n")
    (texts.path / "migrations/2_two.sql").unlink()
    git(texts, "add", ".")
    git(texts, "commit", "-q", "-m", "one")
    git(texts, "checkout", "-q", "-b", "change")
    texts.write("migrations/3_索引.sql", "CREATE INDEX ON orders (code);\n")
    git(texts, "mv", "migrations/10_ten.down.sql", "migrations/9_ten.down.sql")
    git(texts, "add", ".")
    git(texts, "commit", "-q", "-m", "two")
    texts.write("migrations/3_索引.sql", "SELECT 1;\n")  # not committed
    answer = texts.watari("check", "--git", "main..change", "--json")
    assert rules_in(answer) == ["index-blocking"]
    assert answer.document["hazards"][0]["file"] == "migrations/3_索引.sql"
    assert texts.watari("check", "--git", "main", "--json").document["hazards"] == []  # against what is here
    refused = texts.watari("check", "--git", "main..nowhere")
    assert refused.status == 2 and "nowhere" in refused.err


# -- forms -------------------------------------------------------------------------------------------------------------------


def test_text_underlines_the_offending_part(texts: Folder) -> None:
    lines = texts.watari("check", "migrations/2_two.sql").out.splitlines()
    place = next(number for number, line in enumerate(lines) if "ALTER COLUMN 合計" in line)
    assert lines[place].startswith("    6 |   ALTER COLUMN")
    marks = lines[place + 1].partition("|")[2]
    assert marks == "   " + "^" * 29  # two columns a Japanese letter
    index = next(number for number, line in enumerate(lines) if "CREATE INDEX orders_code ON" in line)
    assert lines[index + 1].partition("|")[2] == "   " + "^" * len("CREATE INDEX orders_code ON orders (code)")
    assert any(line.strip() == "allowed: nobody has read it since May" for line in lines)


def test_text_in_japanese(texts: Folder) -> None:
    out = texts.watari("check", "migrations/2_two.sql", language="ja").out
    assert "[要対応] index-blocking" in out and "許可済み: nobody has read" in out


def test_json_has_the_keys_that_others_build_on(texts: Folder) -> None:
    answer = texts.watari("check", "migrations/2_two.sql", "--format", "json")
    assert answer.document == texts.watari("check", "migrations/2_two.sql", "--json").document
    for hazard in answer.document["hazards"]:
        assert {"rule", "level", "file", "line", "column", "object", "message", "facts", "safer"} <= set(hazard)
        assert hazard["level"] in ("block", "warn", "info")
    (allowance,) = answer.document["allowances"]
    assert allowance["rules"] == ["destroy-table"] and allowance["hazards"] == 1
    assert texts.watari("check", "--json", "--format", "sarif", "migrations").status == 2


def test_sarif_follows_its_schema(texts: Folder, sarif_schema: Path, tools_python: Path) -> None:
    texts.write("migrations/11_bad.sql", "CREATE INDX;\n")
    out = texts.path / "out.sarif"
    answer = texts.watari("check", "migrations", "--format", "sarif")
    assert answer.status == 1
    out.write_text(answer.out, encoding="utf-8")
    script = (
        "import json, sys, jsonschema\n"
        "schema, log = (json.load(open(name, encoding='utf-8')) for name in sys.argv[1:])\n"
        "for error in jsonschema.Draft7Validator(schema).iter_errors(log): print(list(error.path), error.message)\n"
        "log['version'] = '9'; assert list(jsonschema.Draft7Validator(schema).iter_errors(log))\n"
    )
    checked = subprocess.run(
        [str(tools_python), "-c", script, str(sarif_schema), str(out)], capture_output=True, text=True, check=True
    )
    assert checked.stdout == ""
    (run,) = answer.document["runs"]
    results = {result["ruleId"]: result for result in run["results"]}
    assert results["index-blocking"]["level"] == "error"
    assert results["index-blocking"]["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 3, "startColumn": 3, "endLine": 3, "endColumn": 44,
    }  # fmt: skip
    assert results["destroy-table"]["suppressions"][0]["kind"] == "inSource"
    assert run["invocations"][0]["executionSuccessful"] is False


def test_github_annotations_keep_to_one_line_each(texts: Folder) -> None:
    out = texts.watari("check", "migrations", "--format", "github").out
    commands = [line for line in out.splitlines() if line.startswith("::")]
    assert any(line.startswith("::error file=migrations/2_two.sql,line=3,endLine=3,col=3") for line in commands)
    assert any(line.startswith("::notice ") and "destroy-table" in line for line in commands)
    assert all("%0A" in line for line in commands if "safer" in line)


def test_markdown_stands_alone_as_a_comment(texts: Folder) -> None:
    out = texts.watari("check", "migrations", "--format", "markdown").out
    assert out.startswith("## watari") and "| 🛑 BLOCK | `index-blocking` | `public.orders` |" in out
    assert out.count("<details") == out.count("</details>") and out.count("```") % 2 == 0


# -- policy, allowances, baseline ----------------------------------------------------------------------------------------------


def settings(folder: Folder, rules: str = "", policy: str = "") -> None:
    folder.write(
        "watari.toml", f"[environments.default.policy]\n{policy}\n[environments.default.policy.rules]\n{rules}\n"
    )


@pytest.mark.parametrize(
    ("action", "level", "status"),
    [("allow", "info", 0), ("warn", "warn", 0), ("rewrite", "warn", 0), ("block", "block", 1)],
)
def test_the_policy_settles_single_rules(texts: Folder, action: str, level: str, status: int) -> None:
    texts.write("one.sql", "CREATE INDEX ON orders (code);\n")
    settings(texts, f'index-blocking = "{action}"')
    answer = texts.watari("check", "one.sql", "--json")
    assert (answer.document["hazards"][0]["level"], answer.status) == (level, status)


def test_a_policy_with_unknown_words_is_refused(texts: Folder) -> None:
    settings(texts, 'index-bloking = "warn"')
    refused = texts.watari("check", "migrations")
    assert refused.status == 2 and "index-bloking" in refused.err and "index-blocking" in refused.err
    settings(texts, 'index-blocking = "maybe"')
    refused = texts.watari("check", "migrations")
    assert refused.status == 2 and "rewrite, warn, block, allow" in refused.err


@pytest.mark.parametrize(
    ("remark", "words"),
    [
        ("allow destroy-table", "gives no reason"),
        ("allow destroy-table because", "gives no reason"),
        ("allow destroy-tabel because x", "destroy-table"),
        ("please ignore", "cannot be read"),
    ],
)
def test_an_allowance_that_is_none_is_refused_with_a_sentence(texts: Folder, remark: str, words: str) -> None:
    texts.write("one.sql", f"-- watari: {remark}\nSELECT 1;\n")
    answer = texts.watari("check", "one.sql", "--json")
    assert answer.status == 1 and rules_in(answer) == ["allow-refused"]
    assert words in answer.document["hazards"][0]["message"]


def test_an_allowance_that_allows_nothing_is_named(texts: Folder) -> None:
    texts.write("one.sql", "-- watari: allow destroy-table, destroy-column because we may\nSELECT 1;\n")
    answer = texts.watari("check", "one.sql", "--json")
    assert answer.status == 0 and rules_in(answer) == ["allow-unused"]


def test_a_baseline_keeps_what_is_known_quiet_and_nothing_else(texts: Folder) -> None:
    written = texts.watari("check", "migrations", "--write-baseline", "known.json")
    assert written.status == 0 and "3 hazards" in written.out
    again = texts.watari("check", "migrations", "--baseline", "known.json")
    assert again.status == 0 and "index-blocking" not in again.out and "3 hazards of the baseline" in again.out
    texts.write("migrations/2_two.sql", "SELECT 1;\n\n" + SCRIPT + "CREATE INDEX orders_other ON orders (other);\n")
    moved = texts.watari("check", "migrations", "--baseline", "known.json")
    assert moved.status == 1 and moved.out.count("[BLOCK]") == 1 and "orders_other" in moved.out
    texts.write("watari.toml", 'baseline = "known.json"\n')
    settled = texts.watari("check", "migrations", "--json")
    assert [hazard["level"] for hazard in settled.document["hazards"]].count("block") == 1
    texts.write("known.json", "[]")
    refused = texts.watari("check", "migrations")
    assert refused.status == 2 and "not a baseline" in refused.err


def test_thresholds_in_rows_bytes_and_seconds(folder: Folder, connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TABLE big (id int, note text); INSERT INTO big SELECT g, repeat('x', 500) FROM generate_series(1, 40000) g"
    )
    connection.execute("ANALYZE big")
    folder.write("one.sql", "CREATE INDEX ON big (id);\n")
    assert folder.watari("check", "one.sql").status == 1
    for policy, status in (
        ("small_table_rows = 50000", 0),
        ("small_table_rows = 50000\nsmall_table_bytes = 1000000", 1),
        ('short_work = "10min"', 0),
        ('short_work = "1ms"', 1),
    ):
        settings(folder, policy=policy)
        assert folder.watari("check", "one.sql").status == status, policy


# -- the hook ------------------------------------------------------------------------------------------------------------------


def test_the_hook_of_pre_commit_stops_a_commit(texts: Folder, tools_python: Path, tmp_path: Path) -> None:
    """pre-commit itself, on a real repository; the hook's own environment is the one that the tests run in."""
    hooks = Folder(tmp_path / "hooks")
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    assert "language: python" in text
    hooks.write(".pre-commit-hooks.yaml", text.replace("language: python", "language: system"))
    git(hooks, "init", "-q", "-b", "main")
    git(hooks, "add", ".")
    git(hooks, "commit", "-q", "-m", "hooks")
    shop = Folder(tmp_path / "shop")
    shop.write("migrations/1.sql", "ALTER TABLE orders ADD COLUMN x int;\n")
    shop.write("migrations/1.down.sql", "DROP TABLE orders;\n")
    revision = git(hooks, "rev-parse", "HEAD")
    shop.write(
        ".pre-commit-config.yaml",
        f"repos:\n- repo: {hooks.path}\n  rev: {revision}\n  hooks:\n  - id: watari-check\n",
    )
    git(shop, "init", "-q", "-b", "main")
    git(shop, "add", ".")

    def hook() -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "WATARI_", "DATABASE_", "PG"))}
        place = {
            "PRE_COMMIT_HOME": str(tmp_path / "cache"),
            "PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}",
        }
        command = [str(tools_python), "-m", "pre_commit", "run", "--all-files"]
        return subprocess.run(
            command, cwd=shop.path, env={**clean, **place}, capture_output=True, text=True, check=False
        )

    passed = hook()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    shop.write("migrations/2.sql", "CREATE INDEX ON orders (code);\n")
    git(shop, "add", ".")
    stopped = hook()
    assert stopped.returncode == 1 and "index-blocking" in stopped.stdout
    assert "1.down.sql" not in stopped.stdout


# -- allowances ---------------------------------------------------------------------------------------------------------------

ALLOWED = """-- watari: allow destroy-table because nobody has read it since May
DROP TABLE old;
-- watari: allow index-blocking because the table is small today
CREATE TABLE fresh (id int PRIMARY KEY);
-- watari: allow destroy-tabel because it is a slip
DROP TABLE one;
-- watari: allow destroy-table
DROP TABLE two;
DROP TABLE -- watari: allow destroy-table because it stands inside
  three;
-- watari: let me
DROP TABLE four; -- watari: allow destroy-table because it stands behind
"""


def test_allowances_are_a_list_of_their_own_in_every_form(texts: Folder) -> None:
    texts.write("a.sql", ALLOWED)
    answer = texts.watari("check", "a.sql")
    assert "Allowed in the files:" in answer.out
    assert "a.sql:2  destroy-table: nobody has read it since May (1 hazards)" in answer.out
    assert "a.sql:4  index-blocking: the table is small today (nothing was found here: take it out)" in answer.out
    markdown = texts.watari("check", "a.sql", "--format", "markdown").out
    assert "**Allowed in the files:**" in markdown and "- `a.sql:2` destroy-table: nobody" in markdown
    assert "ファイル内の許可" in texts.watari("check", "a.sql", language="ja").out
    listed = texts.watari("check", "a.sql", "--json").document["allowances"]
    assert [(one["line"], one["rules"], one["reason"], one["hazards"]) for one in listed] == [
        (2, ["destroy-table"], "nobody has read it since May", 1),
        (4, ["index-blocking"], "the table is small today", 0),
        (6, ["destroy-tabel"], "it is a slip", 0),
    ]


def test_an_allowance_that_allows_nothing_gets_a_sentence(texts: Folder) -> None:
    texts.write("a.sql", ALLOWED)
    hazards = texts.watari("check", "a.sql", "--json").document["hazards"]
    told = [(h["line"], h["rule"], h["message"]) for h in hazards if h["rule"].startswith("allow-")]
    assert [(line, rule) for line, rule, _ in told] == [
        (4, "allow-unused"), (6, "allow-refused"), (8, "allow-refused"), (9, "allow-refused"), (12, "allow-refused"),
        (12, "allow-refused"),
    ]  # fmt: skip
    words = ["nothing of that kind was found", 'no rule "destroy-tabel"', "gives no reason", "stands inside or behind",
             "cannot be read", "stands inside or behind"]  # fmt: skip
    assert all(word in message for word, (_, _, message) in zip(words, told, strict=True))
    levels = {h["line"]: h["level"] for h in hazards if h["rule"] == "destroy-table"}
    assert levels == {2: "info", 6: "block", 8: "block", 9: "block", 12: "block"}


def test_the_setting_that_rules_took_the_place_of_is_refused_with_what_to_write(texts: Folder) -> None:
    texts.write("watari.toml", '[environments.default.policy]\nallow_rules = ["destroy-table"]\n')
    answer = texts.watari("check", "migrations/10_ten.sql")
    assert answer.status == 2 and "watari.toml:2" in answer.err and 'rules = { "destroy-table" = "warn" }' in answer.err
