"""What stands behind the question mark of a database address: whose parameter is it?

Facts as data. `LIBPQ` follows the chapter "Database Connection Control Functions" of PostgreSQL 18; the frameworks' and
drivers' own names follow their documentation. `watari.project.url` reads both.
"""

from __future__ import annotations

#: Parts of the address, which libpq also takes as parameters.
PLACES = frozenset({"host", "port", "user", "password", "dbname"})

#: Parameters that libpq understands, without the places.
LIBPQ = frozenset(
    {
        "application_name",
        "channel_binding",
        "client_encoding",
        "connect_timeout",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "gsslib",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "krbsrvname",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "oauth_client_id",
        "oauth_client_secret",
        "oauth_issuer",
        "oauth_scope",
        "options",
        "passfile",
        "replication",
        "require_auth",
        "requirepeer",
        "scram_client_key",
        "scram_server_key",
        "service",
        "ssl_max_protocol_version",
        "ssl_min_protocol_version",
        "sslcert",
        "sslcertmode",
        "sslcompression",
        "sslcrl",
        "sslcrldir",
        "sslkey",
        "sslkeylogfile",
        "sslmode",
        "sslnegotiation",
        "sslpassword",
        "sslrootcert",
        "sslsni",
        "target_session_attrs",
        "tcp_user_timeout",
    }
)

#: Parameters whose value is never shown.
SECRET = frozenset({"sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"})

#: Server settings that drivers take in the address; libpq takes them inside `options`.
SERVER_SETTINGS = frozenset(
    {
        "idle_in_transaction_session_timeout",
        "idle_session_timeout",
        "lock_timeout",
        "search_path",
        "statement_timeout",
        "transaction_timeout",
    }
)

SSL_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"})

#: Other drivers' words for what libpq calls otherwise; values that differ are translated in `url`.
SYNONYMS = {
    "ApplicationName": "application_name",
    "applicationName": "application_name",
    "application-name": "application_name",
    "connectTimeout": "connect_timeout",
    "sslMode": "sslmode",
    "ssl-mode": "sslmode",
    "sslrootCert": "sslrootcert",
    "ssl-root-cert": "sslrootcert",
    "ssl-ca": "sslrootcert",
    "ssl-cert": "sslcert",
    "ssl-key": "sslkey",
    "username": "user",
    "database": "dbname",
}

#: Parameters of frameworks, drivers and pools, by who knows them.
FRAMEWORKS: dict[str, frozenset[str]] = {
    "Prisma": frozenset(
        {
            "connection_limit",
            "max_connection_lifetime",
            "max_idle_connection_lifetime",
            "pgbouncer",
            "pool_timeout",
            "schema",
            "single_use_connections",
            "socket_timeout",
            "sslaccept",
            "sslidentity",
            "statement_cache_size",
        }
    ),
    "SQLAlchemy, asyncpg, psycopg": frozenset(
        {
            "async_fallback",
            "command_timeout",
            "direct_tls",
            "executemany_mode",
            "isolation_level",
            "max_cacheable_statement_size",
            "max_cached_statement_lifetime",
            "prepare_threshold",
            "prepared_statement_cache_size",
            "prepared_statement_name_func",
            "server_side_cursors",
            "ssl",
            "timeout",
        }
    ),
    "JDBC": frozenset(
        {
            "autosave",
            "binaryTransfer",
            "cancelSignalTimeout",
            "cleanupSavepoints",
            "currentSchema",
            "defaultRowFetchSize",
            "hostRecheckSeconds",
            "loadBalanceHosts",
            "loggerLevel",
            "loginTimeout",
            "preferQueryMode",
            "prepareThreshold",
            "preparedStatementCacheQueries",
            "preparedStatementCacheSizeMiB",
            "reWriteBatchedInserts",
            "readOnly",
            "socketTimeout",
            "sslfactory",
            "stringtype",
            "targetServerType",
            "tcpKeepAlive",
        }
    ),
    "node-postgres, postgres.js": frozenset(
        {
            "fetch_types",
            "idleTimeoutMillis",
            "idle_timeout",
            "keepAlive",
            "max",
            "max_lifetime",
            "min",
            "prepare",
            "query_timeout",
            "uselibpqcompat",
        }
    ),
    "Rails, Django": frozenset(
        {
            "advisory_locks",
            "checkout_timeout",
            "conn_health_checks",
            "conn_max_age",
            "encoding",
            "pool",
            "prepared_statements",
            "reaping_frequency",
            "reconnect",
        }
    ),
    "pgx, golang-migrate, sqlx": frozenset(
        {
            "binary_parameters",
            "default_query_exec_mode",
            "description_cache_capacity",
            "pool_health_check_period",
            "pool_max_conn_idle_time",
            "pool_max_conn_lifetime",
            "pool_max_conn_lifetime_jitter",
            "pool_max_conns",
            "pool_min_conns",
            "pool_min_idle_conns",
            "sslinline",
            "statement-cache-capacity",
            "statement_cache_capacity",
            "statement_cache_mode",
            "x-migrations-table",
            "x-multi-statement",
            "x-statement-timeout",
        }
    ),
}


def known_to_frameworks(parameter: str) -> bool:
    """Whether some framework, driver or pool is known to use this parameter."""
    return any(parameter in names for names in FRAMEWORKS.values())
