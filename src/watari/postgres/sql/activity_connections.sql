-- How many connections has the database, in which states, and how many does the server allow?
select count(*) filter (where a.datname = pg_catalog.current_database()),
       count(*) filter (where a.datname = pg_catalog.current_database() and a.state = 'active'),
       count(*) filter (where a.datname = pg_catalog.current_database() and a.state = 'idle'),
       count(*) filter (where a.datname = pg_catalog.current_database()
                          and a.state in ('idle in transaction', 'idle in transaction (aborted)')),
       count(*) filter (where a.datname = pg_catalog.current_database() and a.wait_event_type = 'Lock'),
       count(*),
       pg_catalog.current_setting('max_connections')::int,
       pg_catalog.current_setting('superuser_reserved_connections')::int,
       (select nullif(d.datconnlimit, -1) from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
  from pg_catalog.pg_stat_activity a
 where a.backend_type = 'client backend' and a.pid <> pg_catalog.pg_backend_pid()
