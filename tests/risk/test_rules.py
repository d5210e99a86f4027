"""Each rule has a folder with an unsafe and a safe script; both are judged on live facts and run on a real server.

The unsafe one raises the rule's hazard, and where that is one of work the server is watched doing it: rows read or files
written anew under a lock that stops others. The safe one runs through, raises no such hazard, and does no such thing.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from fixtures.odd_servers import VERSIONS
from fixtures.runs import wait_until

from watari.catalog import Catalog, Cluster, LockMode, Slot, Standby
from watari.evidence import Blocks
from watari.locale import Language
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.policy import Policy
from watari.project.url import DatabaseUrl
from watari.risk.cards import cards
from watari.risk.hazard import Judgement, Level
from watari.risk.judge import judge
from watari.risk.registry import card_of, rules
from watari.sql import Script, Statement
from watari.sql.names import refuses_transaction, transaction_word

_numbers = itertools.count(1)
FOLDER = Path(__file__).parent.parent / "rules"
RULES = [rule.card.id for rule in rules()]

#: Refused by the server as written, which is what the rule says.
REFUSED = {
    "compat-dependant-refuses": "0A000",
    "compat-required-column": "23502",
    "destroy-database": "3D000",
    "index-backs-constraint": "2BP01",
    "index-concurrently-in-tx": "25001",
    "part-detach-impossible": "55000",
    "part-unsupported": "0A000",
    "proof-index-unfit": "42809",
    "script-database-as-schema": "3F000",
    "script-two-databases": "3F000",
    "compat-view-shape": "42P16",
    "tx-enum-value": "55P04",
    "tx-pending-triggers": "55006",
    "type-attribute-slots": "54011",
    "type-duplicate-column": "42701",
    "env-version": "42601",
}
#: Rules that rest on what only a database knows.
FACTUAL = {
    "compat-dependant-refuses",
    "compat-cached-plan",
    "data-unbatched",
    "destroy-lossy-type",
    "index-backs-constraint",
    "index-duplicate",
    "index-if-not-exists",
    "index-in-use",
    "index-is-replica-identity",
    "index-rename-path",
    "index-replace-order",
    "index-supports-fk",
    "part-attach-scan",
    "part-detach-impossible",
    "part-recursion",
    "part-unsupported",
    "proof-domain",
    "proof-fk-hot-parent",
    "proof-fk-no-index",
    "proof-fk-types",
    "proof-index-unfit",
    "proof-two-foreign-keys",
    "rewrite-constrained-domain",
    "rewrite-index-rebuild",
    "rewrite-recheck",
    "wait-foreign-victim",
    "destroy-cascade",
    "destroy-type-columns",
    "destroy-code-object",
    "destroy-rename-as-drop",
    "compat-default-changed",
    "compat-function-text",
    "compat-view-shape",
    "compat-function-overload",
    "compat-volatility",
    "compat-immutable-body",
    "compat-composite-attribute",
    "tx-pending-triggers",
    "tx-idempotence-lies",
    "data-trigger-fires",
    "data-create-as",
    "type-int-exhaustion",
    "type-sequence-left-int",
    "sec-shim-bypasses-rls",
    "sec-grants-lost",
    "sec-new-table-open",
    "repl-ddl-not-carried",
    "repl-new-table-unpublished",
    "repl-identity-lost",
    "env-version",
    "wait-many-tables",
    "wait-work-after-lock",
    "wait-long-transaction",
    "wait-old-snapshot",
    "wait-noop-still-locks",
    "wait-lock-table-full",
    "rewrite-old-snapshots",
    "rewrite-statistics-lost",
    "rewrite-visibility-lost",
    "index-corruption-14",
    "index-collation-version",
    "type-attribute-slots",
    "repl-standby-readers",
    "repl-standby-conflict",
    "repl-slot-holds-wal",
    "repl-sync-standby",
    "repl-checksum-wal",
}
#: Rules about the server around the database: with these facts. What a real one tells is in tests/risk/test_cluster.py.
AROUND: dict[str, dict[str, object]] = {
    "index-corruption-14": {"server_version": 140_003},
    "index-collation-version": {"cluster": Cluster(stale_collations=("default",))},
    "repl-standby-readers": {"cluster": Cluster(standbys=(Standby(name="replica"),))},
    "repl-standby-conflict": {"cluster": Cluster(standbys=(Standby(name="replica", snapshot_age=5_000),))},
    "repl-slot-holds-wal": {
        "cluster": Cluster(slots=(Slot(name="old", kind="logical", active=False, retained=10**9),))
    },
    "repl-sync-standby": {"cluster": Cluster(), "settings": {"synchronous_standby_names": "replica"}},
    "repl-checksum-wal": {"settings": {"data_checksums": "on"}},
    "wait-lock-table-full": {
        "settings": {"max_locks_per_transaction": "1", "max_connections": "2", "max_prepared_transactions": "0"}
    },
}
#: Rules about what other sessions do at the moment.
BUSY = {"rewrite-old-snapshots", "wait-long-transaction", "wait-old-snapshot"}
#: Rules of work: the server must be seen reading or writing under a strong lock. REINDEX, VACUUM and CLUSTER apart.
WORK = [rule.card.id for rule in rules() if rule.whys and rule.card.id not in ("rewrite-vacuum-full",)]


def script(rule: str, which: str) -> tuple[Statement, ...]:
    file = FOLDER / rule / f"{which}.sql"
    return Script(file=f"{rule}/{which}.sql", data=file.read_bytes()).statements


@pytest.fixture(scope="module", params=VERSIONS)
def place(request: pytest.FixtureRequest, server_of: Callable[[str], EmbeddedServer]) -> EmbeddedServer:
    """The servers that the scripts run on."""
    return server_of(request.param)


@pytest.fixture(scope="module")
def template(place: EmbeddedServer) -> Iterator[str]:
    """The shop that every script starts from, as a template."""
    name = "rules_shop"
    with psycopg.connect(**place.url().conninfo(), autocommit=True) as admin:
        admin.execute(f"create database {name} template template0")
        with psycopg.connect(**place.url(name).conninfo(), autocommit=True) as connection:
            for statement in Script(file="fixture.sql", data=(FOLDER / "fixture.sql").read_bytes()).statements:
                connection.execute(statement.text.encode())
        with psycopg.connect(**place.url(name).conninfo(), autocommit=True) as connection:
            # before 15 a process of its own gathers the counters, and they are there a little later
            used = "select pg_stat_get_numscans('orders_created'::regclass) > 0"
            wait_until(lambda: connection.execute(used).fetchone() == (True,))
        yield name
        admin.execute(f"drop database {name}")


@pytest.fixture(scope="module")
def shop(template: str, place: EmbeddedServer) -> Catalog:
    """The facts of the shop."""
    with psycopg.connect(**place.url(template).conninfo(), autocommit=True) as connection:
        return read_catalog(connection)


def skip_where_unknown(rule: str, catalog: Catalog) -> None:
    """Skips a rule about something that the server does not have yet."""
    since, _, until = card_of(rule).versions.partition("-")
    if not int(since) <= catalog.major <= int(until or 99):
        pytest.skip(f"{rule} is about PostgreSQL {card_of(rule).versions}")


@contextmanager
def circumstances(rule: str, shop: Catalog, url: DatabaseUrl) -> Iterator[Catalog]:
    """The facts of the shop and what the rule is about around it; of other sessions a real one, with a snapshot on the large table."""
    if rule in AROUND:
        told = dict(AROUND[rule])
        settings = {**shop.settings, **told.pop("settings", {})}  # type: ignore[dict-item]
        yield replace(shop, settings=settings, **told)  # type: ignore[arg-type]
    elif rule in BUSY:
        with psycopg.connect(**url.conninfo()) as other, psycopg.connect(**url.conninfo(), autocommit=True) as reading:
            other.execute("set transaction isolation level repeatable read")
            other.execute("select count(*) from orders")
            yield read_catalog(reading)
    else:
        yield shop


def judged(rule: str, which: str, catalog: Catalog | None) -> Judgement:
    migration = "001" if rule == "tx-nested" else None
    return judge(
        [(migration, script(rule, which), rule == "tx-nested")],
        catalog,
        Policy(blocker_age=0.0),
        databases=("apidb", "admindb"),
    )


class Watch:
    """A session that says of each statement whether it worked through data under a lock that stops others."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.inside = False
        self.tables = self.names()
        self.closed: list[set[str] | None] = []  # by statement: tables of before that others cannot write to, or read

    def names(self) -> dict[int, str]:
        query = """select c.oid::int, quote_ident(nspname) || '.' || quote_ident(relname) from pg_class c
                     join pg_namespace n on n.oid = relnamespace where c.oid >= 16384 and relkind in ('r', 'p')"""
        return dict(self.connection.execute(query).fetchall())

    def run(self, statement: Statement) -> bool:
        word = transaction_word(statement.node)
        if word is not None:
            self.connection.execute(statement.text.encode())
            self.inside = word in ("begin", "start")
            self.closed.append(None)
            return False
        if refuses_transaction(statement.node) and not self.inside:
            self.connection.execute(statement.text.encode())
            self.closed.append(None)
            return False
        if not self.inside:
            self.connection.execute("begin")
        before, scans = self.files(), self.scans()
        self.connection.execute(statement.text.encode())
        strong = self.strong()
        self.closed.append({self.tables[oid] for oid in strong if oid in self.tables})
        works = any(self.scans().get(table, 0) > scans.get(table, 0) for table in strong)
        now = self.files()
        works = works or any(now.get(oid, node) != node and oid in strong for oid, node in before.items())
        if not self.inside:
            self.connection.execute("commit")
        return works

    def proves(self, rule: str) -> bool | None:
        """What the rule's own proof.sql says of the database afterwards; None where there is none."""
        file = FOLDER / rule / "proof.sql"
        if not file.exists():
            return None
        row = self.connection.execute(file.read_bytes()).fetchone()
        assert row is not None
        return bool(row[0])

    def strong(self) -> set[int]:
        """Relations of before that others cannot write to, or read, now."""
        query = """select relation::int from pg_locks where pid = pg_backend_pid() and locktype = 'relation' and relation >= 16384
                   and mode in ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"""
        return {row[0] for row in self.connection.execute(query).fetchall()}

    def files(self) -> dict[int, int]:
        query = """select c.oid::int, pg_relation_filenode(c.oid)::int
                     from pg_class c left join pg_index i on i.indexrelid = c.oid
                    where c.oid >= 16384 and relkind in ('r', 'i', 'm') and pg_relation_size(coalesce(i.indrelid, c.oid)) > 0"""
        return dict(self.connection.execute(query).fetchall())

    def scans(self) -> dict[int, int]:
        query = "select oid::int, pg_stat_get_xact_numscans(oid)::int from pg_class where oid >= 16384 and relkind in ('r', 'm') and relpages > 0"
        return dict(self.connection.execute(query).fetchall())


def foreseen_closed(watch: Watch, judgement: Judgement) -> list[set[str] | None]:
    """What `Watch.closed` was foreseen to be: SHARE and stronger on tables of before, to the end of the transaction."""
    found: list[set[str] | None] = []
    held: set[str] = set()
    inside = False
    before = set(watch.tables.values())
    for place, judged in enumerate(judgement.statements[: len(watch.closed)]):
        word = transaction_word(judged.statement.node)
        inside = word in ("begin", "start") if word else inside
        effects = judged.effects.effects
        now = {e.relation for e in effects if e.lock and e.lock >= LockMode.SHARE and not e.created} & before
        held = held | now if inside and not word else now
        nobody_knows = watch.closed[place] is None or judged.effects.unknown
        found.append(watch.closed[place] if nobody_knows else held)
    return found


@pytest.fixture
def watch(place: EmbeddedServer, template: str) -> Iterator[Watch]:
    name = psycopg.sql.Identifier(f"rules_{os.getpid()}_{next(_numbers)}")
    with psycopg.connect(**place.url().conninfo(), autocommit=True) as admin:
        admin.execute(psycopg.sql.SQL("create database {} template {}").format(name, psycopg.sql.Identifier(template)))
        try:
            with psycopg.connect(
                **place.url(name.as_string(None).strip('"')).conninfo(), autocommit=True
            ) as connection:
                connection.execute("set max_parallel_workers_per_gather = 0; set max_parallel_maintenance_workers = 0")
                yield Watch(connection)
        finally:
            admin.execute(psycopg.sql.SQL("drop database {} with (force)").format(name))


def test_every_rule_has_its_folder_and_every_folder_its_rule() -> None:
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == RULES


def test_cards_are_complete_in_both_languages_and_their_ids_unique() -> None:
    assert len({card.id for card in cards()}) == len(cards())
    for card in cards():
        for text in (card.title, card.condition, card.harm, card.safer):
            assert text.en and text.ja and text.en != text.ja, card.id
        assert card.fact


def test_every_rule_is_in_a_file_of_its_name() -> None:
    from watari.risk import rules as folder

    files = {path.stem.replace("_", "-") for path in Path(folder.__path__[0]).glob("*.py")} - {"--init--"}
    assert files == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_the_unsafe_script_is_caught(rule: str, shop: Catalog, place: EmbeddedServer, template: str) -> None:
    skip_where_unknown(rule, shop)
    with circumstances(rule, shop, place.url(template)) as facts:
        hazards = judged(rule, "unsafe", facts).hazards
    found = [hazard for hazard in hazards if hazard.rule == rule]
    assert found, [hazard.rule for hazard in hazards]
    for hazard in found:
        assert hazard.level is not Level.INFO or card_of(rule).level is Level.INFO
        assert hazard.file == f"{rule}/unsafe.sql" and hazard.line >= 1
        english, japanese = (hazard.message.render(language) for language in Language)
        assert english != japanese and "{" not in english + japanese
        assert english.endswith(".") and japanese.endswith("。")


@pytest.mark.parametrize("rule", RULES)
def test_the_safe_script_is_not_flagged(rule: str, shop: Catalog, place: EmbeddedServer, template: str) -> None:
    with circumstances(rule, shop, place.url(template)) as facts:
        judgement = judged(rule, "safe", facts)
    assert [
        hazard.level for hazard in judgement.hazards if hazard.rule == rule and hazard.level is not Level.INFO
    ] == []
    assert not judgement.blocked, judgement.hazards


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in FACTUAL])
def test_the_unsafe_script_is_caught_without_a_database(rule: str) -> None:
    judgement = judged(rule, "unsafe", None)
    assert rule in [hazard.rule for hazard in judgement.hazards]
    assert not judgement.with_facts


@pytest.mark.parametrize("rule", RULES)
def test_the_unsafe_script_does_what_the_card_says(rule: str, watch: Watch, shop: Catalog) -> None:
    skip_where_unknown(rule, shop)
    works = []
    try:
        works = [watch.run(statement) for statement in script(rule, "unsafe")]
    except psycopg.Error as error:
        assert error.sqlstate == REFUSED.get(rule), error
        return
    assert rule not in REFUSED
    if rule in WORK:
        assert any(works)
    foreseen = [judged.effects.blocks is Blocks.WORK for judged in judged(rule, "unsafe", shop).statements]
    apart = [refuses_transaction(statement.node) for statement in script(rule, "unsafe")]
    assert watch.proves(rule) is not False, "what the card says did not come about"
    assert watch.closed == foreseen_closed(watch, judged(rule, "unsafe", shop))
    assert [f for f, a in zip(foreseen, apart, strict=True) if not a] == [
        w for w, a in zip(works, apart, strict=True) if not a
    ]


@pytest.mark.parametrize("rule", RULES)
def test_the_safe_script_runs_and_makes_nobody_wait(rule: str, watch: Watch, shop: Catalog) -> None:
    skip_where_unknown(rule, shop)
    works = [watch.run(statement) for statement in script(rule, "safe")]
    assert watch.proves(rule) is not True, "what the card says came about all the same"
    assert watch.closed == foreseen_closed(watch, judged(rule, "safe", shop))
    large = [h.line for h in judged(rule, "safe", shop).hazards if h.level is Level.BLOCK]
    assert not large
    small = {h.line for h in judged(rule, "safe", shop).hazards if h.level is Level.INFO}
    if rule == "rewrite-matview":
        return  # CONCURRENTLY keeps out other refreshes alone, and that is what a materialised view's writers are
    assert not [s.text for s, w in zip(script(rule, "safe"), works, strict=True) if w and s.line not in small]
