"""The judge: levels rest on facts, statements before count, and what the policy or a remark allows does not block."""

from __future__ import annotations

from dataclasses import replace

from watari.catalog import Catalog, Column, Constraint, ConstraintKind, Index, Name, Query, Routine, Table, TableKind
from watari.evidence import Blocks
from watari.locale import Language
from watari.project.policy import Action, Policy
from watari.risk.hazard import Hazard, Judgement, Level
from watari.risk.judge import judge
from watari.sql import Script

ORDERS, CUSTOMERS, TINY = Name("public", "orders"), Name("public", "customers"), Name("public", "tiny")


def table(name: Name, rows: int, **more: object) -> Table:
    columns = (
        Column(name="id", position=1, type="bigint", not_null=True),
        Column(name="code", position=2, type="character varying(20)"),
        Column(name="顧客", position=3, type="integer"),
    )
    size = rows * 100
    return Table(
        name=name,
        kind=TableKind.TABLE,
        owner="app",
        columns=columns,
        rows=rows,
        bytes=size,
        pages=size // 8192 + 1,
        **more,
    )  # type: ignore[arg-type]


SHOP = Catalog(
    database="shop",
    server_version=180006,
    schemas=("public", "archive"),
    tables={t.name: t for t in (table(ORDERS, 2_000_000), table(CUSTOMERS, 500_000), table(TINY, 6))},
    indexes={
        Name("public", "orders_code"): Index(
            name=Name("public", "orders_code"), table=ORDERS, definition="", columns=("code",), scans=12
        )
    },
    constraints=(
        Constraint(
            name="orders_pkey",
            table=ORDERS,
            kind=ConstraintKind.PRIMARY_KEY,
            definition="PRIMARY KEY (id)",
            columns=("id",),
        ),
    ),
    settings={"TimeZone": "UTC"},
)


def judged(
    text: str,
    catalog: Catalog | None = SHOP,
    *,
    migration: str | None = "001",
    transactional: bool = True,
    policy: Policy | None = None,
    databases: tuple[str, ...] = (),
) -> Judgement:
    statements = Script(file="001.sql", data=text.encode()).statements
    return judge([(migration, statements, transactional)], catalog, policy or Policy(), databases=databases)


def found(text: str, *args: object, **more: object) -> dict[str, Hazard]:
    return {hazard.rule: hazard for hazard in judged(text, *args, **more).hazards}  # type: ignore[arg-type]


def test_a_large_table_blocks_and_says_how_large_and_how_long() -> None:
    hazard = found("CREATE INDEX orders_customer ON orders (顧客)")["index-blocking"]
    assert hazard.level is Level.BLOCK
    assert hazard.facts["rows"] == 2_000_000 and hazard.facts["lock"] == "SHARE"
    assert isinstance(hazard.facts["seconds"], float) and hazard.facts["seconds"] > 0.5
    assert "2,000,000 rows" in str(hazard.message) and "writers" in str(hazard.message)
    assert "2,000,000 行" in hazard.message.render(Language.JA)
    assert hazard.safer == 'CREATE INDEX CONCURRENTLY orders_customer ON orders USING btree ("顧客");'


def test_a_small_table_is_mentioned_and_does_not_block() -> None:
    judgement = judged("CREATE INDEX ON tiny (code); ALTER TABLE tiny ALTER code SET NOT NULL;")
    assert {hazard.level for hazard in judgement.hazards} == {Level.INFO}
    assert not judgement.blocked


def test_the_policy_says_what_is_small() -> None:
    assert not judged("CREATE INDEX ON orders (code)", policy=Policy(small_table_rows=5_000_000)).blocked


def test_nobody_waits_for_a_table_made_before() -> None:
    assert not judged(
        "CREATE TABLE fresh (id int); INSERT INTO fresh SELECT id FROM orders; CREATE INDEX ON fresh (id);"
    ).hazards
    units = [
        ("001", Script(file="1.sql", data=b"CREATE TABLE fresh (id int, code text)").statements, True),
        ("002", Script(file="2.sql", data=b"CREATE INDEX ON fresh (id); ALTER TABLE fresh ALTER code TYPE varchar(5)").statements, True),
    ]  # fmt: skip
    judgement = judge(units, SHOP, Policy())
    assert not judgement.hazards
    assert all(s.effects.blocks is Blocks.NONE for s in judgement.statements)


def test_statements_before_are_known() -> None:
    proved = """ALTER TABLE orders ADD CONSTRAINT c CHECK (code IS NOT NULL) NOT VALID; COMMIT;
        ALTER TABLE orders VALIDATE CONSTRAINT c; ALTER TABLE orders ALTER code SET NOT NULL; ALTER TABLE orders DROP CONSTRAINT c;"""
    assert "proof-set-not-null" not in found(proved, migration=None)
    renamed = "ALTER TABLE orders RENAME COLUMN code TO label; ALTER TABLE orders ALTER label TYPE varchar(40)"
    assert "rewrite-type-change" not in found(renamed)
    moved = "ALTER TABLE orders SET SCHEMA archive; CREATE INDEX ON archive.orders (id)"
    assert found(moved)["index-blocking"].facts["rows"] == 2_000_000
    dropped = "ALTER TABLE orders ADD COLUMN c varchar(5); ALTER TABLE orders ALTER c TYPE text"
    assert "rewrite-type-change" not in found(dropped)


def test_locks_add_up_in_one_transaction_only() -> None:
    text = "ALTER TABLE orders ADD CONSTRAINT c CHECK (id > 0) NOT VALID; ALTER TABLE orders VALIDATE CONSTRAINT c"
    assert "proof-same-transaction" in found(text)
    assert "proof-same-transaction" not in found(text, transactional=False)


def test_without_a_database_the_text_is_judged_and_that_is_said() -> None:
    judgement = judged("CREATE INDEX ON orders (code)", None)
    assert judgement.blocked and not judgement.with_facts
    assert "size unknown" in str(judgement.hazards[0].message)
    assert "rows" not in judgement.hazards[0].facts


def test_what_the_policy_allows_is_told_and_does_not_block() -> None:
    judgement = judged("DROP TABLE tiny", policy=Policy(rules=(("destroy-table", Action.WARN),)))
    assert [hazard.level for hazard in judgement.hazards] == [Level.WARN]


def test_what_a_remark_in_the_file_allows_is_told_with_its_reason() -> None:
    allowed = found("-- watari: allow destroy-table because the table was copied\nDROP TABLE tiny;")["destroy-table"]
    assert allowed.level is Level.INFO and allowed.facts["allowed"] == "the table was copied"
    without_reason = found("-- watari: allow destroy-table\nDROP TABLE tiny;")["destroy-table"]
    assert without_reason.level is Level.BLOCK


def test_a_statement_that_cannot_be_read_is_unknown_and_never_passed_over() -> None:
    judgement = judged("SELECT 1;\nALTER TABLE orders ADDD COLUMN x int;\nCREATE INDEX ON orders (id);")
    first, second, third = judgement.statements
    assert second.error is not None and "001.sql:2:20" in second.error and second.effects.unknown
    assert first.error is None and third.effects.blocks is Blocks.WORK


def test_code_in_a_block_is_judged_where_it_can_be_read() -> None:
    text = "DO $$ BEGIN IF true THEN ALTER TABLE orders ALTER id TYPE numeric; END IF; END $$"
    assert "rewrite-type-change" in found(text) and "tx-opaque" not in found(text)
    assert "destroy-table" in found("DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'or' || 'ders'); END $$")
    assert "tx-opaque" in found("DO $$ DECLARE t text; BEGIN EXECUTE 'DROP TABLE ' || t; END $$")


# -- the runbooks' own mistakes ---------------------------------------------------------------------------------------------

RUNBOOK = """BEGIN;
-- Add column
ALTER TABLE apidb.profiles ADD COLUMN IF NOT EXISTS birth_date DATE;
-- Update version
UPDATE admindb.system_settings SET value = '{}' WHERE key = 'schema_version';
COMMIT;
"""


def test_a_database_named_as_a_schema_is_told_with_the_way_out() -> None:
    apidb = Catalog(database="apidb", server_version=150000, schemas=("public",))
    hazards = judged(RUNBOOK, apidb, databases=("authdb", "apidb", "admindb")).hazards
    words = {(h.rule, h.object): str(h.message) for h in hazards}
    assert "Write profiles or public.profiles" in words["script-database-as-schema", "apidb.profiles"]
    assert "\\connect admindb" in words["script-database-as-schema", "admindb.system_settings"]
    assert "no transaction over several databases" in words["script-two-databases", "apidb, admindb"]
    assert any(h.rule == "tx-nested" for h in hazards)


def test_one_transaction_over_two_databases_is_seen_in_psql_commands_too() -> None:
    text = "\\c apidb\nBEGIN;\nSELECT 1;\n\\c admindb\nSELECT 2;\nCOMMIT;\n"
    assert found(text, None)["script-two-databases"].object == "apidb, admindb"


def test_a_block_that_commits_in_a_loop_is_told() -> None:
    text = """DO $$
    DECLARE batch int := 1000;
    BEGIN
      LOOP
        UPDATE orders SET code = 'x' WHERE id IN (SELECT id FROM orders WHERE code IS NULL LIMIT batch);
        EXIT WHEN NOT FOUND;
        COMMIT;
      END LOOP;
    END $$"""
    assert "batches" in str(found(text)["tx-commits-inside"].message)


def test_not_in_speaks_only_where_null_can_be() -> None:
    assert "data-not-in-null" in found("DELETE FROM orders WHERE 顧客 NOT IN (SELECT 顧客 FROM customers)")
    assert "data-not-in-null" not in found("DELETE FROM orders WHERE 顧客 NOT IN (SELECT id FROM customers)")
    assert "data-not-in-null" not in found(
        "DELETE FROM orders WHERE 顧客 NOT IN (SELECT 顧客 FROM customers WHERE 顧客 IS NOT NULL)"
    )


def test_what_watari_makes_for_its_own_forms_is_no_loss() -> None:
    text = "ALTER TABLE orders RENAME COLUMN code TO watari_old_code; ALTER TABLE orders DROP COLUMN watari_old_code"
    assert not {"destroy-column", "compat-rename-column"} & found(text).keys()


# -- live facts -----------------------------------------------------------------------------------------------------------


def test_who_uses_the_object_is_among_the_facts() -> None:
    count = Routine(
        name=Name("public", "count_codes"),
        arguments="",
        kind="f",
        language="plpgsql",
        owner="app",
        definition="begin return (select count(code) from orders); end",
    )
    asked = (
        Query(text="select id from orders", calls=500),
        Query(text="select code from orders where id = $1", calls=90),
        Query(text="alter table orders add column code text", calls=1),
    )
    catalog = replace(SHOP, routines=(count,), queries=asked)
    facts = found("ALTER TABLE orders DROP COLUMN code", catalog)["destroy-column"].facts
    assert facts["used_by"] == ["function public.count_codes()"]
    assert facts["queries"] == [{"query": "select code from orders where id = $1", "calls": 90}]
    assert found("ALTER TABLE orders DROP COLUMN code", catalog)["compat-function-text"].level is Level.WARN
    whole = found("DROP TABLE orders", catalog)["destroy-table"].facts
    assert whole["queries_naming_it"] == 2 and whole["queries"][0]["calls"] == 500  # type: ignore[index]


def test_the_measured_speed_of_the_server_says_how_long_others_wait() -> None:
    text = "CREATE INDEX ON orders (code)"
    guessed, measured = found(text)["index-blocking"], found(text, replace(SHOP, scan_rate=150e6))["index-blocking"]
    assert abs(float(str(measured.facts["seconds"])) - 10 * float(str(guessed.facts["seconds"]))) < 0.02
    assert "at least" in str(guessed.message) and "about" in str(measured.message)
    fast = found(text, replace(SHOP, scan_rate=90e9))["index-blocking"]
    assert fast.facts["seconds"] == guessed.facts["seconds"]
