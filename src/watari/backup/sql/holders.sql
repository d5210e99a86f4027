-- Who holds or awaits a lock that a reader of tables has to wait for?
select a.pid, coalesce(nullif(a.application_name, ''), a.backend_type) as application, n.nspname, c.relname, l.granted
from pg_catalog.pg_locks l
join pg_catalog.pg_class c on c.oid = l.relation
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'relation'
  and l.mode = 'AccessExclusiveLock'
  and c.relkind in ('r', 'p')
  and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
order by l.granted desc, a.pid
limit 5
