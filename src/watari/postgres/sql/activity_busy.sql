-- Who is doing something in this database, the longest first?
select a.pid, a.usename::text, coalesce(a.application_name, ''), coalesce(a.backend_type, ''), a.state,
       coalesce(a.query, ''), extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8,
       null::text, null::text, null::text, a.wait_event_type is distinct from 'Lock', null::text, a.client_addr::text
  from pg_catalog.pg_stat_activity a
 where a.datname = pg_catalog.current_database() and a.state <> 'idle' and a.pid <> pg_catalog.pg_backend_pid()
 order by a.query_start, a.pid
