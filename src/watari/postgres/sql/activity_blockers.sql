-- Who keeps this server process waiting?
with waiting as (
  select w.blocker
    from pg_catalog.unnest(pg_catalog.pg_blocking_pids(%(pid)s)) as w (blocker)
   where w.blocker <> pg_catalog.pg_backend_pid() -- a concurrent build waits for this very question too
)
select a.pid, a.usename::text, coalesce(a.application_name, ''), coalesce(a.backend_type, ''), a.state,
       coalesce(a.query, ''), extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8,
       h.schema, h.name, h.mode, coalesce(h.granted, true), null::text, a.client_addr::text
  from waiting w
  join pg_catalog.pg_stat_activity a on a.pid = w.blocker
  left join lateral (
    -- the lock that the waiting one asks for, as the blocker holds (or wants) it
    select n.nspname::text as schema, c.relname::text as name, l.mode, l.granted
      from pg_catalog.pg_locks wanted
      join pg_catalog.pg_locks l
        on l.pid = w.blocker and l.locktype = wanted.locktype and l.relation is not distinct from wanted.relation
       and l.database is not distinct from wanted.database
       and l.virtualxid is not distinct from wanted.virtualxid
       and l.transactionid is not distinct from wanted.transactionid
      left join pg_catalog.pg_class c on c.oid = l.relation
      left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where wanted.pid = %(pid)s and not wanted.granted and l.mode <> 'SIReadLock'
     order by l.granted desc, l.mode limit 1) h on true
union all
select null, p.owner::text, '', 'prepared transaction', 'prepared', '',
       extract(epoch from pg_catalog.clock_timestamp() - p.prepared)::float8,
       n.nspname::text, c.relname::text, l.mode, true, p.gid, null
  from pg_catalog.pg_prepared_xacts p
  join pg_catalog.pg_locks x on x.pid is null and x.locktype = 'transactionid' and x.transactionid = p.transaction
  join pg_catalog.pg_locks l on l.pid is null and l.virtualtransaction = x.virtualtransaction
  join pg_catalog.pg_locks wanted
    on wanted.pid = %(pid)s and not wanted.granted
   and ((wanted.locktype = 'relation' and l.locktype = 'relation' and wanted.relation = l.relation)
        or (wanted.locktype = 'transactionid' and wanted.transactionid = p.transaction and l.locktype = 'transactionid'))
  left join pg_catalog.pg_class c on c.oid = l.relation
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
 where exists (select from waiting where blocker = 0) and p.database = pg_catalog.current_database()
