"""Database addresses as teams write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from watari.project.secret import Secret


@dataclass(frozen=True, kw_only=True)
class DatabaseUrl:
    """One database's address, taken apart.

    `parameters` are those that libpq knows; `framework_parameters` those of Prisma, SQLAlchemy, sqlx or a pool
    (`connection_limit`, `schema`, …), which watari understands and libpq would choke on. `driver` is what stood behind the
    plus sign (`postgresql+psycopg`).
    """

    host: str = "localhost"
    port: int = 5432
    user: str | None = None
    password: Secret | None = None
    database: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    framework_parameters: Mapping[str, str] = field(default_factory=dict)
    driver: str | None = None

    def of_database(self, database: str) -> DatabaseUrl:
        """The same server and login, another database."""
        return replace(self, database=database)

    def conninfo(self) -> dict[str, str]:
        """libpq's parameters, the password among them: for `psycopg.connect` only."""
        info = {"host": self.host, "port": str(self.port), "dbname": self.database, **self.parameters}
        if self.user:
            info["user"] = self.user
        if self.password:
            info["password"] = self.password.reveal()
        return info

    def child_environment(self) -> dict[str, str]:
        """libpq's environment variables for a client tool, so that nothing secret stands in its arguments."""
        names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
        names |= {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
        names |= {"options": "PGOPTIONS", "connect_timeout": "PGCONNECT_TIMEOUT", "channel_binding": "PGCHANNELBINDING"}
        return {names[key]: value for key, value in self.conninfo().items() if key in names}

    def reveal(self, *, scheme: str = "postgresql") -> Secret:
        """The whole address with everything in it, for a framework's own tool; goes into its environment only."""
        login = quote(self.user or "", safe="")
        if self.password:
            login += ":" + quote(self.password.reveal(), safe="")
        # a socket directory cannot stand before the port, so it becomes a parameter
        socket = self.host.startswith("/")
        place = f"{login}@localhost:{self.port}" if socket else f"{login}@{self.host}:{self.port}"
        parameters = {**self.parameters, **self.framework_parameters} | ({"host": self.host} if socket else {})
        query = "?" + urlencode(parameters) if parameters else ""
        return Secret(f"{scheme}://{place}/{quote(self.database, safe='')}{query}")

    def __str__(self) -> str:
        """The address for people: no password, no parameters."""
        user = f"{self.user}@" if self.user else ""
        return f"postgresql://{user}{self.host}:{self.port}/{self.database}"
