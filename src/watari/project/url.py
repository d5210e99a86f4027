"""Database addresses as teams write them: text in, `DatabaseUrl` out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from watari.errors.settings import BadDatabaseUrl
from watari.locale import Message, Text
from watari.project import parameters as known
from watari.project.address import Unreadable, Written, places_of, read_address
from watari.project.secret import Secret
from watari.values import dataclass, field, replace

__all__ = ["DatabaseUrl", "parse_url"]

#: Environment variables in which libpq takes its parameters.
_VARIABLES = {
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "client_encoding": "PGCLIENTENCODING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "dbname": "PGDATABASE",
    "gssencmode": "PGGSSENCMODE",
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "krbsrvname": "PGKRBSRVNAME",
    "load_balance_hosts": "PGLOADBALANCEHOSTS",
    "options": "PGOPTIONS",
    "passfile": "PGPASSFILE",
    "password": "PGPASSWORD",
    "port": "PGPORT",
    "require_auth": "PGREQUIREAUTH",
    "requirepeer": "PGREQUIREPEER",
    "service": "PGSERVICE",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "sslcert": "PGSSLCERT",
    "sslcertmode": "PGSSLCERTMODE",
    "sslcrl": "PGSSLCRL",
    "sslcrldir": "PGSSLCRLDIR",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslrootcert": "PGSSLROOTCERT",
    "sslsni": "PGSSLSNI",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "user": "PGUSER",
}


@dataclass(frozen=True, kw_only=True)
class DatabaseUrl:
    """One database's address, taken apart.

    `parameters` are those that libpq knows; `framework_parameters` those of Prisma, SQLAlchemy, sqlx or a pool
    (`connection_limit`, `schema`, …), which watari understands and libpq would choke on. `driver` is what stood behind the
    plus sign (`postgresql+psycopg`). An empty `host` is libpq's own default (`PGHOST`, else the local socket); a socket
    directory begins with a slash.
    """

    host: str = "localhost"
    port: int = 5432
    user: str | None = None
    password: Secret | None = None
    database: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    framework_parameters: Mapping[str, str] = field(default_factory=dict)
    driver: str | None = None
    more_hosts: tuple[tuple[str, int], ...] = ()  # further servers of a replicated set, tried in order
    secret_parameters: Mapping[str, Secret] = field(default_factory=dict)  # libpq's, with values that are never shown
    notes: tuple[Message, ...] = field(default=(), compare=False)  # what was translated, for `doctor`

    def of_database(self, database: str) -> DatabaseUrl:
        """The same server and login, another database."""
        return replace(self, database=database)

    def conninfo(self) -> dict[str, str]:
        """libpq's parameters, the password among them: for `psycopg.connect` only."""
        info = {**self._server(), "dbname": self.database, **self.parameters}
        if self.user:
            info["user"] = self.user
        if self.password:
            info["password"] = self.password.reveal()
        return info | {name: value.reveal() for name, value in self.secret_parameters.items()}

    def child_environment(self) -> dict[str, str]:
        """libpq's environment variables for a client tool, so that nothing secret stands in its arguments."""
        return {_VARIABLES[key]: value for key, value in self.conninfo().items() if key in _VARIABLES}

    def reveal(self, *, scheme: str = "postgresql") -> Secret:
        """The whole address with everything in it, for a framework's own tool; goes into its environment only."""
        login = quote(self.user or "", safe="")
        if self.password:
            login += ":" + quote(self.password.reveal(), safe="")
        # a socket directory cannot stand before the port, so it becomes a parameter
        socket = self.host.startswith("/")
        place = f"localhost:{self.port}" if socket else self._authority()
        given = {**self.parameters, **self.framework_parameters} | ({"host": self.host} if socket else {})
        given |= {name: value.reveal() for name, value in self.secret_parameters.items()}
        query = "?" + urlencode(given, quote_via=quote) if given else ""
        return Secret(f"{scheme}://{login}{'@' if login else ''}{place}/{quote(self.database, safe='')}{query}")

    @property
    def schema(self) -> str | None:
        """The schema that a framework's parameter names: Prisma's `schema`, JDBC's `currentSchema`."""
        return self.framework_parameters.get("schema") or self.framework_parameters.get("currentSchema")

    @property
    def place(self) -> str:
        """Host and port for people: `db.example.com:5432`, `[::1]:5432`, `/var/run/postgresql:5432`."""
        return self._authority() or "local socket"

    def same_database(self, other: DatabaseUrl) -> bool:
        """Whether both name one database on one server, whoever logs in."""
        return (self.host, self.port, self.database) == (other.host, other.port, other.database)

    def __str__(self) -> str:
        """The address for people: no password, no parameters."""
        user = f"{self.user}@" if self.user else ""
        if self.host.startswith("/"):
            port = f":{self.port}" if self.port != 5432 else ""
            return f"postgresql://{user}{port}/{self.database}?host={self.host}"
        return f"postgresql://{user}{self._authority()}/{self.database}"

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"

    def _hosts(self) -> tuple[tuple[str, int], ...]:
        return ((self.host, self.port), *self.more_hosts)

    def _server(self) -> dict[str, str]:
        if not self.host and self.port == 5432 and not self.more_hosts:
            return {}
        hosts, ports = zip(*self._hosts(), strict=True)
        server = {"port": ",".join(map(str, ports))}
        return server | ({"host": ",".join(hosts)} if any(hosts) else {})

    def _authority(self) -> str:
        if not self.host and self.port == 5432 and not self.more_hosts:
            return ""
        return ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in self._hosts())


_PORT = Text(en="the port is not a number from 1 to 65535", ja="ポート番号が 1 から 65535 までの数値ではありません")
_SSL_MODE = Text(
    en="sslmode is none of disable, allow, prefer, require, verify-ca, verify-full",
    ja="sslmode の値が disable、allow、prefer、require、verify-ca、verify-full のいずれでもありません",
)
_HOSTS = Text(en="the numbers of hosts and of ports differ", ja="ホストとポートの数が一致しません")
_NOT_KNOWN = Text(
    en='parameter "{name}" is known neither to libpq nor to a framework; it is kept for the framework only',
    ja='パラメーター "{name}" は libpq にもフレームワークにもないため、フレームワークにだけ渡します',
)
_MOVED = Text(
    en='parameter "{name}" is a setting of the server and is sent inside "options"',
    ja='パラメーター "{name}" はサーバーの設定のため、"options" に含めて送ります',
)
_TRANSLATED = Text(
    en='parameter "{name}" of the framework is understood as "{libpq}"',
    ja='フレームワークのパラメーター "{name}" は "{libpq}" として扱います',
)


def parse_url(text: str, *, source: str | Message = "--url") -> DatabaseUrl:
    """The address in `text`: a URL of any common scheme, or libpq's list of `name=value`.

    `source` says where the text stood, for the error. Raises `BadDatabaseUrl`, which never shows any part that could
    belong to a password.
    """
    try:
        return _understood(read_address(text.strip()))
    except Unreadable as unreadable:
        # raised outside the except block's chain: a cause could carry the text into a traceback
        reason = unreadable.reason
    raise BadDatabaseUrl(source=source, reason=reason)


def _understood(written: Written) -> DatabaseUrl:
    notes: list[Message] = []
    given = _in_libpq_words(written.parameters, notes)
    hosts = _hosts(given.pop("host", "") or written.host, given.pop("port", "") or written.port)
    user = given.pop("user", "") or written.user
    password = given.pop("password", "") or written.password
    database = given.pop("dbname", "") or written.database or user
    _move_server_settings(given, notes)
    _translate_tls(given, notes)
    strangers = [name for name in given if name not in known.LIBPQ and not known.known_to_frameworks(name)]
    notes.extend(_NOT_KNOWN(name=name) for name in strangers)
    return DatabaseUrl(
        host=hosts[0][0],
        port=hosts[0][1],
        user=user or None,
        password=Secret(password) if password else None,
        database=database,
        parameters={name: value for name, value in given.items() if name in known.LIBPQ - known.SECRET},
        framework_parameters={name: value for name, value in given.items() if name not in known.LIBPQ},
        driver=written.driver,
        more_hosts=hosts[1:],
        secret_parameters={name: Secret(value) for name, value in given.items() if name in known.SECRET},
        notes=tuple(notes),
    )


def _in_libpq_words(pairs: tuple[tuple[str, str], ...], notes: list[Message]) -> dict[str, str]:
    """The parameters by libpq's name where it has one; a repeated `host` (SQLAlchemy's way) becomes a list."""
    given: dict[str, str] = {}
    for written, value in pairs:
        name = known.SYNONYMS.get(written, written)
        if name == "host" and given.get("host"):
            value = f"{given['host']},{value}"
        given[name] = value
    if "host" in given and ":" in given["host"] and "port" not in given and not given["host"].startswith("/"):
        hosts, ports = (
            places_of(given["host"]) if given["host"].count(":") == given["host"].count(",") + 1 else ("", "")
        )
        given |= {"host": hosts, "port": ports} if hosts else {}
    return given


def _hosts(hosts: str, ports: str) -> tuple[tuple[str, int], ...]:
    names = hosts.split(",")
    numbers = [_port(port) for port in ports.split(",")] if ports else [5432]
    if len(numbers) == 1:
        numbers *= len(names)
    if len(numbers) != len(names):
        raise Unreadable(_HOSTS())
    return tuple(zip(names, numbers, strict=True))


def _port(text: str) -> int:
    if not text:
        return 5432
    if not (text.isascii() and text.isdigit()) or not 0 < int(text) < 65536:
        raise Unreadable(_PORT())
    return int(text)


def _move_server_settings(given: dict[str, str], notes: list[Message]) -> None:
    """Drivers take `statement_timeout=30000` in the address; libpq takes it inside `options`."""
    moved = []
    for name in sorted(known.SERVER_SETTINGS & given.keys()):
        value = re.sub(r"([\\\s])", r"\\\1", given.pop(name))
        moved.append(f"-c {name}={value}")
        notes.append(_MOVED(name=name))
    if moved:
        # the address's own options come last, so that they win
        given["options"] = " ".join([*moved, *filter(None, [given.get("options")])])


def _translate_tls(given: dict[str, str], notes: list[Message]) -> None:
    """Prisma, asyncpg, JDBC and node-postgres say TLS in their own words; never understood as less than was asked."""
    if "ssl" in given and "sslmode" not in given:
        value = given["ssl"].lower()
        mode = {"true": "require", "1": "require", "": "require", "false": "disable", "0": "disable"}.get(value, value)
        given["sslmode"] = mode
        notes.append(_TRANSLATED(name="ssl", libpq="sslmode"))
    if given.get("sslmode") == "no-verify":
        given["sslmode"] = "require"
        notes.append(_TRANSLATED(name="sslmode=no-verify", libpq="sslmode=require"))
    if "sslaccept" in given or "sslidentity" in given:
        _translate_prisma_tls(given, notes)
    if "sslmode" in given and given["sslmode"] not in known.SSL_MODES:
        raise Unreadable(_SSL_MODE())


def _translate_prisma_tls(given: dict[str, str], notes: list[Message]) -> None:
    # Prisma's sslcert is the server's certificate authority, libpq's is the client's certificate
    if "sslcert" in given and "sslkey" not in given:
        given.setdefault("sslrootcert", given.pop("sslcert"))
        notes.append(_TRANSLATED(name="sslcert", libpq="sslrootcert"))
    if given.get("sslaccept") == "strict":
        given["sslmode"] = "verify-full"
        given.setdefault("sslrootcert", "system")
        notes.append(_TRANSLATED(name="sslaccept=strict", libpq="sslmode=verify-full"))
