-- Which sessions hold watari's own lock on a database, so that a run is under way there?
select distinct a.pid, coalesce(a.application_name, '') as application
from pg_catalog.pg_locks l
join pg_catalog.pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory'
  and l.granted
  and l.classid = %(keyspace)s::bigint::oid
  and l.objsubid = 2
  and l.database = (select oid from pg_catalog.pg_database where datname = %(database)s)
order by 1
