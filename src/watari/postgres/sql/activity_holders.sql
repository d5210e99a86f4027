-- Who holds, or waits for, one of these lock modes on one of these relations?
select a.pid, coalesce(a.usename::text, p.owner::text), coalesce(a.application_name, ''),
       case when p.gid is null then coalesce(a.backend_type, '') else 'prepared transaction' end,
       case when p.gid is null then a.state else 'prepared' end, coalesce(a.query, ''),
       extract(epoch from pg_catalog.clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8,
       n.nspname::text, c.relname::text, l.mode, l.granted, p.gid, a.client_addr::text
  from pg_catalog.pg_locks l
  join pg_catalog.pg_class c on c.oid = l.relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join rows from (pg_catalog.unnest(%(schemas)s::text[]), pg_catalog.unnest(%(names)s::text[])) as asked (schema, name)
    on asked.schema = n.nspname and asked.name = c.relname
  left join pg_catalog.pg_stat_activity a on a.pid = l.pid
  left join pg_catalog.pg_locks x -- a prepared transaction is known by the lock on its own number
    on l.pid is null and x.pid is null and x.locktype = 'transactionid' and x.virtualtransaction = l.virtualtransaction
  left join pg_catalog.pg_prepared_xacts p on p.transaction = x.transactionid
 where l.locktype = 'relation' and l.mode = any (%(modes)s::text[])
   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   and l.pid is distinct from pg_catalog.pg_backend_pid() and not coalesce(l.pid = any (%(ours)s::int[]), false)
 order by l.granted desc, coalesce(a.xact_start, p.prepared), a.pid
