"""Addresses as teams write them, against libpq's own reading of them."""

from __future__ import annotations

import traceback

import pytest
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from watari.errors.settings import BadDatabaseUrl
from watari.locale import Language
from watari.project import parameters
from watari.project.secret import Secret
from watari.project.url import DatabaseUrl, parse_url

RUNBOOK_002 = (
    "postgresql://user:password@host:5432/database?sslmode=require&connect_timeout=10&statement_timeout=30000"
    "&connection_limit=10&pool_timeout=10"
)


def test_the_address_of_the_prisma_runbook_is_understood_by_libpq() -> None:
    url = parse_url(RUNBOOK_002)
    assert url.conninfo() == {
        "host": "host",
        "port": "5432",
        "user": "user",
        "password": "password",
        "dbname": "database",
        "sslmode": "require",
        "connect_timeout": "10",
        "options": "-c statement_timeout=30000",
    }
    assert url.framework_parameters == {"connection_limit": "10", "pool_timeout": "10"}


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://user:secret@db.example.com:6543/shop",
        "postgres://user:p%40ss%2Fw%3Ard%25@db/shop?sslmode=require&application_name=x%20y",
        "postgresql://[::1]:5433/shop",
        "postgresql://[fe80::1%25eth0]/shop?user=u",
        "postgresql://u@%2Fvar%2Frun%2Fpostgresql/shop",
        "postgresql://u@/shop?host=/tmp&port=5499",
        "postgresql://u@a:1,b:2/shop?target_session_attrs=read-write",
        "postgresql://u@a,b/shop",
        "postgresql://u:a+b@db/shop",
        "host=db port=6000 dbname=shop user=u",
        r"host=db dbname='my shop' user=u password='a\'b\\c'",
        r"host = db  dbname = shop user=u password=a\ b options='-c geqo=off'",
        "host=a,b port=1,2 dbname=shop user=u password=",
    ],
)
def test_it_reads_an_address_as_libpq_does(text: str) -> None:
    theirs = {name: str(value) for name, value in conninfo_to_dict(text).items() if value}
    ours = parse_url(text).conninfo()
    theirs["port"] = ",".join(port or "5432" for port in theirs.get("port", "").split(","))
    assert ours == theirs


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://app:p%40ss%2Fw@[::1]:5433/shop?sslmode=require&connection_limit=5&options=-c%20geqo%3Doff",
        "postgresql://u@%2Fvar%2Frun%2Fpostgresql:5444/shop",
        "postgresql://u@a:1,b:2/shop",
        "postgresql:///shop",
        "host=db dbname='my shop' user='a b' sslpassword=x",
    ],
)
def test_what_is_handed_to_the_frameworks_tool_reads_back_as_the_same_address(text: str) -> None:
    url = parse_url(text)
    assert parse_url(url.reveal().reveal()) == url
    libpq_only = {name: value for name, value in url.conninfo().items() if value}
    framework_free = DatabaseUrl(
        **{name: getattr(url, name) for name in url.__dataclass_fields__} | {"framework_parameters": {}}
    )
    theirs = conninfo_to_dict(framework_free.reveal().reveal())
    assert {name: str(value) for name, value in theirs.items()} == libpq_only


def test_every_parameter_of_libpq_is_in_the_table() -> None:
    theirs = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    assert theirs - parameters.LIBPQ - parameters.PLACES == set()


def test_no_parameter_has_two_owners() -> None:
    owners = [parameters.LIBPQ, parameters.PLACES, parameters.SERVER_SETTINGS, *parameters.FRAMEWORKS.values()]
    every = [name for owner in owners for name in owner]
    assert sorted(every) == sorted(set(every))


def test_sqlalchemys_driver_and_list_of_hosts_are_kept() -> None:
    url = parse_url("postgresql+psycopg2://scott:tiger@/test?host=a:1&host=b:2")
    assert (url.driver, url.host, url.port, url.more_hosts) == ("psycopg2", "a", 1, (("b", 2),))
    assert parse_url("postgresql+asyncpg://u@h/d?ssl=verify-full").parameters == {"sslmode": "verify-full"}


def test_an_address_of_jdbc_is_understood() -> None:
    url = parse_url("jdbc:postgresql://h:5432/d?user=u&password=p&currentSchema=app&ssl=true&prepareThreshold=0")
    assert (url.user, url.password, url.schema) == ("u", Secret("p"), "app")
    assert url.parameters == {"sslmode": "require"}
    assert url.framework_parameters["prepareThreshold"] == "0"


def test_an_address_without_a_host_leaves_the_choice_to_libpq() -> None:
    assert parse_url("postgresql:///shop").conninfo() == {"dbname": "shop"}
    assert str(parse_url("postgresql:///shop")) == "postgresql:///shop"


def test_an_address_without_a_database_means_the_users_own() -> None:
    assert parse_url("postgresql://app@h").database == "app"


def test_settings_of_the_server_go_into_options_and_the_addresss_own_options_win() -> None:
    url = parse_url("postgresql://h/d?options=-c%20lock_timeout%3D1s&lock_timeout=2s&search_path=a%2C%20b")
    assert url.parameters["options"] == r"-c lock_timeout=2s -c search_path=a,\ b -c lock_timeout=1s"
    assert len(url.notes) == 2


def test_prismas_tls_is_never_understood_as_less_than_was_asked() -> None:
    url = parse_url("postgresql://h/d?sslmode=require&sslaccept=strict&sslcert=/ca.pem")
    assert url.parameters == {"sslmode": "verify-full", "sslrootcert": "/ca.pem"}
    assert parse_url("postgresql://h/d?sslmode=no-verify").parameters == {"sslmode": "require"}
    assert parse_url("postgresql://h/d?sslcert=/c&sslkey=/k").parameters == {"sslcert": "/c", "sslkey": "/k"}


def test_a_parameter_that_nobody_knows_is_kept_for_the_framework_and_told() -> None:
    url = parse_url("postgresql://h/d?flavour=mild")
    assert url.framework_parameters == {"flavour": "mild"}
    assert "flavour" in url.notes[0].render(Language.EN)
    assert "flavour" not in url.conninfo()


def test_nothing_secret_can_be_read_off_the_value() -> None:
    url = parse_url("postgresql://u:hunter2@h/d?sslpassword=hunter3&options=-c%20x%3Dhunter4&flavour=hunter5")
    for shown in (str(url), repr(url), f"{url}", f"{[url]}"):
        assert "hunter" not in shown
    assert url.conninfo()["sslpassword"] == "hunter3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("hunter2", "neither"),
        ("mysql://u:hunter2@h/d", 'mysql://" is not PostgreSQL'),
        ("prisma+postgres://accelerate.prisma-data.net/?api_key=hunter2", "proxy"),
        ("postgresql://u:hunter2@h:fivefour/d", "port"),
        ("postgresql://u:hunter2@h:70000/d", "port"),
        ("postgresql://u:hunter2@[::1:5432/d", "bracket"),
        ("postgresql://u:12/hunter2@h/d", '"/" or "?"'),
        ("postgresql://u:12?hunter2@h/d", '"/" or "?"'),
        ("postgresql://u:hunter2%ff@h/d", "UTF-8"),
        ("postgresql://u:hunter2%00@h/d", "NUL"),
        ("postgresql://u:hunter2@a,b:1,c:2/d?port=1,2", "differ"),
        ("postgresql://u:hunter2@h/d?sslmode=hunter2", "sslmode"),
        ("host=h password='hunter2", "item 2"),
        ("host=h hunter2", "item 2"),
    ],
)
def test_a_bad_address_gets_a_reason_and_never_shows_the_password(text: str, reason: str) -> None:
    with pytest.raises(BadDatabaseUrl) as caught:
        parse_url(text, source="DATABASE_URL")
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.fields)
    assert reason in str(caught.value)
    assert "DATABASE_URL" in str(caught.value)
    assert "hunter2" not in shown.replace('parse_url("', "")
    assert caught.value.message.render(Language.JA) != str(caught.value)


def test_a_client_tool_gets_everything_by_environment() -> None:
    environment = parse_url("postgresql://u:hunter2@h:1/d?sslmode=require&channel_binding=require").child_environment()
    assert environment == {
        "PGHOST": "h",
        "PGPORT": "1",
        "PGDATABASE": "d",
        "PGUSER": "u",
        "PGPASSWORD": "hunter2",
        "PGSSLMODE": "require",
        "PGCHANNELBINDING": "require",
    }


def test_a_database_is_the_same_whoever_logs_in() -> None:
    assert parse_url("postgresql://a@h/d").same_database(parse_url("postgres://b:c@h:5432/d?sslmode=require"))
    assert not parse_url("postgresql://a@h/d").same_database(parse_url("postgresql://a@h/e"))
