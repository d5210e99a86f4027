-- For whose snapshots or transactions would a concurrent build in this database have to wait?
-- (A build waits for every older snapshot of the database; vacuum and other databases do not count.)
select a.pid, a.usename::text, coalesce(a.application_name, ''), coalesce(a.backend_type, ''), a.state,
       coalesce(a.query, ''), extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8,
       null::text, null::text, null::text, true, null::text, a.client_addr::text
  from pg_catalog.pg_stat_activity a
 where a.datname = pg_catalog.current_database() and a.backend_xmin is not null
   and a.pid <> pg_catalog.pg_backend_pid() and not a.pid = any (%(ours)s::int[])
   and a.backend_type not in ('autovacuum worker', 'walsender') and a.query !~* '^\s*vacuum\y'
   and coalesce(a.xact_start, a.query_start, a.backend_start)
       <= pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %(seconds)s)
union all
select null, p.owner::text, '', 'prepared transaction', 'prepared', '',
       extract(epoch from pg_catalog.clock_timestamp() - p.prepared)::float8, null, null, null, true, p.gid, null
  from pg_catalog.pg_prepared_xacts p
 where p.database = pg_catalog.current_database()
 order by 7 desc nulls last, 1
