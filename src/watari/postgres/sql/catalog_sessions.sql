-- Who else is connected to this database, doing what, and which relations do they hold?
with held as materialized (
  select l.pid, pg_catalog.array_agg(distinct array[n.nspname::text, c.relname::text, l.mode]) as locks
    from pg_catalog.pg_locks l
    join pg_catalog.pg_class c on c.oid = l.relation and c.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where l.granted and n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname <> 'information_schema'
     and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   group by l.pid
)
select a.pid, a.usename, coalesce(a.application_name, ''), coalesce(a.backend_type, ''), a.state, coalesce(a.query, ''),
       extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8,
       pg_catalog.age(a.backend_xmin), h.locks
  from pg_catalog.pg_stat_activity a
  left join held h on h.pid = a.pid
 where a.datname = pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid()
 order by a.pid
