"""A restore stands beside the live database, equals it, and takes its place only when asked to."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from fixtures.shops import SHOP, ask, databases, drop, run

from watari.backup import manifest, storage, swap
from watari.backup.create import create
from watari.backup.loss import loss
from watari.backup.restore import restore
from watari.backup.shelf import archive, list_backups
from watari.backup.verification import verify
from watari.catalog.fingerprint import fingerprint
from watari.errors.backups import BackupDamaged, RestoreFailed, RestoreNotAllowed, SwapBlocked
from watari.errors.running import RunBusy
from watari.errors.usage import BackupOfAnotherServer, NotADump, RestoreOverLive, RowsWithoutSchema
from watari.evidence import KeptDatabase, Loss, VerificationLevel
from watari.locale import Language
from watari.postgres.client_tools import tool
from watari.postgres.connection import connect
from watari.postgres.embedded import EmbeddedServer
from watari.postgres.reader import read_catalog
from watari.project.url import DatabaseUrl

pytestmark = pytest.mark.usefixtures("drop_copies")


def fingerprint_of(url: DatabaseUrl) -> str:
    with connect(url, purpose="test") as connection:
        return fingerprint(read_catalog(connection))


@pytest.mark.parametrize("format", ["custom", "directory"])
def test_a_restore_stands_beside_and_equals(shop: DatabaseUrl, folder: Path, format: str) -> None:
    backup = create(shop, folder=folder, format=format)
    done = restore(backup, url=shop, as_database=f"{shop.database}_watari_check", jobs=2)
    assert (done.database, done.swapped, done.kept, done.findings) == (f"{shop.database}_watari_check", False, None, ())
    copy = shop.of_database(done.database)
    assert fingerprint_of(copy) == fingerprint_of(shop)
    assert ask(copy, "select convert_from(lo_get(oid), 'UTF8') from pg_largeobject_metadata") == "a large object"
    query = "select md5(string_agg(c::text, '|' order by id)) from customers c"
    assert ask(copy, query) == ask(shop, query)
    assert ask(copy, "select count(*) from pg_stats where tablename = 'customers'") == 3  # it has been analysed


def test_a_restore_never_writes_into_a_database_that_exists(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    for name in (shop.database, "postgres"):
        with pytest.raises(RestoreOverLive) as refused:
            restore(backup, url=shop, as_database=name)
        assert name in str(refused.value)
    assert ask(shop, "select count(*) from customers") == 2000


def test_a_swap_brings_everything_back_and_keeps_what_was_there(shop: DatabaseUrl, folder: Path) -> None:
    name = psycopg.sql.Identifier(shop.database).as_string(None)
    run(shop, f"alter database {name} set work_mem to '7MB'; alter database {name} set search_path to sales, public")
    run(shop, f"comment on database {name} is 'the ''shop'''; alter database {name} connection limit 50")
    run(shop, f"create role clerk login; revoke connect on database {name} from public")
    run(shop, f"grant connect on database {name} to clerk with grant option; grant select on customers to clerk")
    run(shop, f"alter role clerk in database {name} set statement_timeout to '3s'")
    before = fingerprint_of(shop)
    properties = """select row(datconnlimit, array(select a::text from unnest(datacl) a order by 1),
                               shobj_description(oid, 'pg_database'))::text
                    from pg_database where datname = current_database()"""
    own = ask(shop, properties)
    backup = create(shop, folder=folder)
    run(shop, 'drop table customers cascade; alter table sales."Order" add column extra int')
    done = restore(backup, url=shop, swap=True)
    clerk = replace(shop, user="clerk")
    assert (done.swapped, done.findings, done.database) == (True, (), shop.database)
    assert fingerprint_of(shop) == before
    assert ask(shop, properties) == own
    assert ask(shop, "show work_mem") == "7MB"
    assert ask(shop, "show search_path") == "sales, public"
    assert ask(clerk, "show statement_timeout") == "3s"
    assert ask(clerk, "select count(*) from customers") == 2000
    assert done.kept and done.kept in databases(shop)
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        ask(shop.of_database(done.kept), "select 1")
    (kept,) = swap.kept_databases(shop)
    assert (kept.name, kept.of, kept.kind) == (done.kept, shop.database, "before")
    assert kept.bytes > 0 and kept.at
    swap.let_go(shop, kept)
    assert swap.kept_databases(shop) == ()
    run(shop, f"drop owned by clerk; alter role clerk in database {name} reset all")
    run(shop.of_database("postgres"), "drop owned by clerk; drop role clerk")


def test_what_was_kept_can_take_its_place_again(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    run(shop, 'delete from sales."Order" where id > 10')
    first = restore(backup, url=shop, swap=True)
    assert ask(shop, 'select count(*) from sales."Order"') == 5000
    assert first.kept
    back = swap.swap(shop, first.kept)
    assert ask(shop, 'select count(*) from sales."Order"') == 10
    assert back.kept and back.kept != first.kept
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        ask(shop.of_database(back.kept), "select 1")


def test_a_live_database_that_is_gone_comes_back(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    drop(shop.of_database("postgres"), shop.database)
    done = restore(backup, url=shop, swap=True)
    assert (done.swapped, done.kept, done.findings) == (True, None, ())
    assert ask(shop, "select count(*) from customers") == 2000


class Client(threading.Thread):
    """An application: one session after another, each used until it breaks."""

    def __init__(self, url: DatabaseUrl) -> None:
        super().__init__()
        self.url = url
        self.stop = threading.Event()
        self.answers: list[tuple[float, int]] = []
        self.errors: list[str] = []
        self.unexpected: list[BaseException] = []

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                with psycopg.connect(**self.url.conninfo(), autocommit=True) as connection:
                    while not self.stop.is_set():
                        row = connection.execute("select count(*) from sales.marker").fetchone()
                        assert row
                        self.answers.append((time.monotonic(), row[0]))
            except psycopg.OperationalError as error:
                self.errors.append(str(error).partition("\n")[0])
            except BaseException as error:
                self.unexpected.append(error)
                return


def test_an_application_that_reconnects_goes_on_over_a_swap(shop: DatabaseUrl, folder: Path) -> None:
    run(shop, "create table sales.marker (id int)")
    backup = create(shop, folder=folder)
    run(shop, "insert into sales.marker values (1)")
    clients = [Client(shop) for _ in range(4)]
    for client in clients:
        client.start()
    try:
        done = restore(backup, url=shop, swap=True)
        time.sleep(0.3)
    finally:
        for client in clients:
            client.stop.set()
        for client in clients:
            client.join()
    assert done.swapped and done.terminated >= 4
    assert done.swap_seconds is not None and done.swap_seconds < 10
    for client in clients:
        assert client.unexpected == []
        seen = [answer for _, answer in client.answers]
        assert seen[0] == 1 and seen[-1] == 0, "from the database of now to the restored one"
        assert seen == sorted(seen, reverse=True), "and never back"
        assert client.errors


def test_a_copy_that_differs_is_told_and_not_swapped(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    sealed = manifest.write(Path(backup.folder), replace(backup, rows={**backup.rows, "public.customers": 1}))
    done = restore(replace(sealed, folder=backup.folder), url=shop, swap=True, language=Language.EN)
    assert (done.swapped, done.kept) == (False, None)
    assert "2,000" in done.findings[0]
    assert "nothing was swapped" in done.findings[-1]
    assert done.database in databases(shop)


def test_a_damaged_backup_is_not_restored(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    data = bytearray(archive(backup).read_bytes())
    data[len(data) // 2] ^= 4
    archive(backup).write_bytes(data)
    before = databases(shop)
    with pytest.raises(BackupDamaged):
        restore(backup, url=shop, swap=True)
    assert databases(shop) == before


def test_a_restore_that_fails_leaves_no_copy(shop: DatabaseUrl, folder: Path) -> None:
    run(shop, "create role seller; alter table empty_one owner to seller")
    backup = create(shop, folder=folder)
    run(shop, "alter table empty_one owner to postgres; drop role seller")
    before = databases(shop)
    with pytest.raises(RestoreFailed) as failed:
        restore(backup, url=shop, swap=True)
    assert 'role "seller" does not exist' in str(failed.value)
    assert databases(shop) == before
    assert verify(backup, url=shop).verified is VerificationLevel.RESTORED  # where the throw-away server knows the role


def test_rows_alone_go_into_the_schema_of_the_same_moment(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder, content="data")
    with pytest.raises(RowsWithoutSchema):
        restore(backup, url=shop)
    schema = create(shop, folder=folder, content="schema")
    for part in (schema, backup):
        proved = verify(part, url=shop)
        assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())
    done = restore(backup, url=shop, as_database=f"{shop.database}_watari_rows")
    assert done.findings == ()
    copy = shop.of_database(done.database)
    assert ask(copy, "select count(*) from customers") == 2000
    assert fingerprint_of(copy) == fingerprint_of(shop)


def test_a_database_without_schema_public_comes_back_without_it(shop: DatabaseUrl, folder: Path) -> None:
    run(shop, "drop schema public cascade")
    proved = verify(create(shop, folder=folder), url=shop)
    assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())


def test_a_person_is_asked_once_with_what_is_lost(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    run(
        shop, "insert into customers (email) select 'n' || g from generate_series(1, 25) g; create table later (id int)"
    )
    told: list[Loss] = []
    before = databases(shop)
    done = restore(backup, url=shop, swap=True, confirm=lambda lost: bool(told.append(lost)))
    assert (done.swapped, len(done.findings)) == (False, 1)
    assert databases(shop) == before
    (lost,) = told
    assert lost.changed == {"public.customers": (2000, 2025), "public.later": (None, 0)}
    assert lost.wal_bytes and lost.wal_bytes > 0
    assert lost.seconds is not None and lost.seconds > 0
    assert loss(backup, url=shop, count=False).changed == {}
    assert loss(backup, url=shop.of_database("no_such_database")).rows_now == {}


# -- dumps that watari did not make -------------------------------------------------------------------------------------


@pytest.fixture
def dump(shop: DatabaseUrl, tmp_path: Path) -> Callable[..., Path]:
    """Makes a dump by hand, as the runbooks do."""

    def make(*arguments: str, name: str = "backup_20250101.sql") -> Path:
        version = int(str(ask(shop, "show server_version_num")))
        program = tool("pg_dump", at_least=version // 10_000).path
        target = tmp_path / name
        command = [str(program), "-h", shop.host, "-p", str(shop.port), "-U", "postgres", "-f", str(target), *arguments]
        subprocess.run([*command, shop.database], check=True)
        return target

    return make


@pytest.mark.parametrize("arguments", [(), ("-Fc",), ("-Ft",), ("-Fd",)], ids=["plain", "custom", "tar", "directory"])
def test_a_dump_by_hand_is_restored_and_swapped_too(
    shop: DatabaseUrl, dump: Callable[..., Path], arguments: tuple[str, ...]
) -> None:
    name = psycopg.sql.Identifier(shop.database).as_string(None)
    run(shop, f"alter database {name} set work_mem to '6MB'")
    before = fingerprint_of(shop)
    path = dump(*arguments)
    run(shop, "drop table customers cascade")
    done = restore(path, url=shop, swap=True)
    assert (done.swapped, done.findings) == (True, ())
    assert done.rows["public.customers"] == 2000
    assert fingerprint_of(shop) == before
    assert ask(shop, "show work_mem") == "6MB"


def test_a_script_that_leaves_its_database_is_refused(shop: DatabaseUrl, dump: Callable[..., Path]) -> None:
    for extra, word in ((("--create",), "CREATE DATABASE"), (("--create", "--clean"), "DATABASE")):
        path = dump(*extra)
        before = databases(shop)
        with pytest.raises(NotADump) as refused:
            restore(path, url=shop)
        assert word in str(refused.value)
        assert databases(shop) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\\connect shop\ndrop table customers;\n", "\\connect"),
        ("\\c shop\n", "\\c"),
        ("select 1;\n\\! rm -rf /\n", "\\!"),
        ("  Create  Database x;\n", "Create Database x"),
        ("copy public.customers from stdin;\n1\ta\n", "in the middle of the rows of public.customers"),
    ],
)
def test_scripts_that_may_not_run(shop: DatabaseUrl, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "by-hand.sql"
    path.write_text(text)
    with pytest.raises(NotADump) as refused:
        restore(path, url=shop)
    assert words in str(refused.value)


def test_an_error_in_a_script_stops_it_and_leaves_no_copy(shop: DatabaseUrl, tmp_path: Path) -> None:
    path = tmp_path / "half.sql"
    path.write_text("create table a (id int);\nselect no_such_column;\ncreate table b (id int);\n")
    before = databases(shop)
    with pytest.raises(RestoreFailed) as failed:
        restore(path, url=shop, swap=True)
    assert "no_such_column" in str(failed.value)
    assert databases(shop) == before


def test_files_that_are_no_dumps(shop: DatabaseUrl, tmp_path: Path) -> None:
    (tmp_path / "empty.sql").touch()
    (tmp_path / "packed.sql.gz").write_bytes(b"\x1f\x8b\x08\x00")
    (tmp_path / "folder").mkdir()
    for name in ("empty.sql", "packed.sql.gz", "folder", "missing.sql"):
        with pytest.raises(NotADump) as refused:
            restore(tmp_path / name, url=shop)
        assert name in str(refused.value)


def test_a_cut_archive_by_hand_is_refused_before_anything_is_made(shop: DatabaseUrl, dump: Callable[..., Path]) -> None:
    path = dump("-Fc", name="cut.dump")
    path.write_bytes(path.read_bytes()[:-2000])
    before = databases(shop)
    with pytest.raises(Exception, match=r"cut\.dump"):
        restore(path, url=shop)
    assert databases(shop) == before


# -- servers and rights -------------------------------------------------------------------------------------------------


@pytest.fixture
def strict_shop(strict_server: EmbeddedServer) -> Iterator[DatabaseUrl]:
    """A shop on a server with passwords, slots and prepared transactions, which belongs to a login without privileges."""
    admin = strict_server.url()
    run(admin, "create role owner login createdb password 'owner-secret'")
    run(admin, "create database strict_shop owner owner template template0")
    url = strict_server.url("strict_shop")
    run(url, "grant all on schema public to owner")
    owner = DatabaseUrl(
        host=url.host,
        port=url.port,
        user="owner",
        password=type(admin.password)("owner-secret"),
        database="strict_shop",
    )
    run(owner, SHOP)
    yield owner
    for name in databases(admin):
        if name.startswith("strict_shop"):
            drop(admin, name)
    run(admin, "drop role owner")


def test_a_backup_of_another_server_is_not_swapped_in(
    shop: DatabaseUrl, strict_server: EmbeddedServer, folder: Path
) -> None:
    backup = create(shop, folder=folder)
    other = strict_server.url(shop.database)
    before = databases(strict_server.url())
    for wish in ({"swap": True}, {}, {"swap": True, "as_database": "copy"}):
        with pytest.raises(BackupOfAnotherServer):
            restore(backup, url=other, **wish)
    assert databases(strict_server.url()) == before
    done = restore(backup, url=other, as_database="staging_copy")
    assert (done.database, done.findings) == ("staging_copy", ())
    moved = restore(backup, url=other, swap=True, other_server=True)
    assert (moved.swapped, moved.kept) == (True, None)
    for name in ("staging_copy", shop.database):
        drop(strict_server.url(), name)


def test_an_owner_with_the_right_to_create_databases_is_enough(strict_shop: DatabaseUrl, folder: Path) -> None:
    backup = create(strict_shop, folder=folder)
    proved = verify(backup, url=strict_shop)
    assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())
    run(strict_shop, "drop table empty_one")
    done = restore(backup, url=strict_shop, swap=True)
    assert (done.swapped, done.findings) == (True, ())
    assert ask(strict_shop, "select count(*) from empty_one") == 0


def test_without_that_right_nothing_is_begun(
    strict_shop: DatabaseUrl, strict_server: EmbeddedServer, folder: Path
) -> None:
    backup = create(strict_shop, folder=folder)
    admin = strict_server.url()
    run(admin, "alter role owner nocreatedb")
    with pytest.raises(RestoreNotAllowed) as refused:
        restore(backup, url=strict_shop, swap=True)
    assert "owner" in str(refused.value)
    proved = verify(backup, url=strict_shop)  # a throw-away server has the right
    assert (proved.verified, proved.findings) == (VerificationLevel.RESTORED, ())
    run(admin, "create role guest login createdb password 'guest-secret'")
    guest = replace(strict_shop, user="guest", password=type(admin.password)("guest-secret"))
    with pytest.raises(RestoreNotAllowed, match="owner"):
        restore(backup, url=guest, swap=True)
    run(admin, "drop role guest")


def test_sessions_that_may_not_be_closed_stop_a_swap(
    strict_shop: DatabaseUrl, strict_server: EmbeddedServer, folder: Path
) -> None:
    backup = create(strict_shop, folder=folder)
    run(strict_shop, "create table since (id int)")
    with psycopg.connect(**strict_server.url("strict_shop").conninfo(), autocommit=True) as superuser:
        with pytest.raises(SwapBlocked) as refused:
            restore(backup, url=strict_shop, swap=True)
        assert "postgres" in str(refused.value)
        assert superuser.execute("select count(*) from since").fetchone() == (0,)
    assert ask(strict_shop, "select count(*) from since") == 0
    (copy,) = (name for name in databases(strict_shop) if "_watari_restore_" in name)
    assert swap.swap(strict_shop, copy).kept


def test_prepared_transactions_stop_a_swap_before_it_begins(strict_shop: DatabaseUrl, folder: Path) -> None:
    backup = create(strict_shop, folder=folder)
    with psycopg.connect(**strict_shop.conninfo()) as connection:
        connection.execute("insert into empty_one values (1)")
        connection.execute("prepare transaction 'half'")
    before = databases(strict_shop)
    with pytest.raises(SwapBlocked) as refused:
        restore(backup, url=strict_shop, swap=True)
    assert "ROLLBACK PREPARED" in str(refused.value)
    assert databases(strict_shop) == before
    run(strict_shop, "rollback prepared 'half'")


def test_a_logical_slot_is_told_and_never_dropped_without_a_word(
    strict_shop: DatabaseUrl, strict_server: EmbeddedServer, folder: Path
) -> None:
    admin = strict_server.url("strict_shop")
    backup = create(admin, folder=folder)
    run(admin, "select pg_create_logical_replication_slot('downstream', 'pgoutput')")
    done = restore(backup, url=admin, swap=True)
    assert done.swapped and "downstream" in done.findings[0]
    (kept,) = swap.kept_databases(admin)
    with pytest.raises(SwapBlocked, match="downstream"):
        swap.let_go(admin, kept)
    run(admin.of_database("postgres"), "select pg_drop_replication_slot('downstream')")
    swap.let_go(admin, kept)


def test_a_run_under_way_stops_a_swap_before_it_begins(shop: DatabaseUrl, folder: Path) -> None:
    from watari.execution.session import GUARD, KEYSPACE

    backup = create(shop, folder=folder)
    before = databases(shop)
    with psycopg.connect(**shop.conninfo(), application_name="watari run 7", autocommit=True) as runner:
        runner.execute("select pg_advisory_lock(%s, %s)", [KEYSPACE, GUARD])
        with pytest.raises(RunBusy, match="watari run 7"):
            restore(backup, url=shop, swap=True)
        assert runner.execute("select 1").fetchone() == (1,)
    assert databases(shop) == before


def test_only_databases_that_a_swap_kept_are_let_go(shop: DatabaseUrl) -> None:
    stranger = KeptDatabase(name=shop.database, of=shop.database, kind="before", bytes=0, at=None)
    with pytest.raises(RestoreOverLive):
        swap.let_go(shop, stranger)
    assert shop.database in databases(shop)


_SWAPPING = """
import sys
from watari.backup.swap import swap
from watari.project.url import DatabaseUrl
swap(DatabaseUrl(host="127.0.0.1", port=int(sys.argv[1]), user="postgres", database=sys.argv[2]), sys.argv[3])
"""


def test_a_swap_that_is_killed_in_the_middle_leaves_both_as_they_were(shop: DatabaseUrl, folder: Path) -> None:
    done = restore(create(shop, folder=folder), url=shop)
    run(shop, 'delete from sales."Order" where id > 7')
    waiting = (
        "select count(*) from pg_stat_activity where application_name = 'watari swap' and wait_event_type = 'Lock'"
    )
    with psycopg.connect(**shop.of_database("postgres").conninfo()) as other:
        # the second rename has to wait for this one, so that the first is done and not committed
        copy = psycopg.sql.Identifier(done.database)
        other.execute(psycopg.sql.SQL("alter database {} connection limit 9").format(copy))
        arguments = [sys.executable, "-c", _SWAPPING, str(shop.port), shop.database, done.database]
        process = subprocess.Popen(arguments)
        deadline = time.monotonic() + 30
        while ask(shop.of_database("postgres"), waiting) != 1:
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
        other.rollback()
    assert ask(shop, 'select count(*) from sales."Order"') == 7
    assert ask(shop.of_database(done.database), 'select count(*) from sales."Order"') == 5000
    assert swap.kept_databases(shop) == ()
    assert swap.swap(shop, done.database).kept
    assert ask(shop, 'select count(*) from sales."Order"') == 5000


def test_the_listing_knows_what_was_proved(shop: DatabaseUrl, folder: Path) -> None:
    backup = create(shop, folder=folder)
    assert (Path(backup.folder) / storage.VERIFICATION).exists() is False
    verify(backup, url=shop)
    assert list_backups(folder)[0].verified is VerificationLevel.RESTORED
