-- Who holds a lock on a relation of this database for which readers of the catalog have to wait?
select distinct pg_catalog.format('pid %s, %s, application "%s"', l.pid, a.usename, a.application_name)
  from pg_catalog.pg_locks l
  left join pg_catalog.pg_stat_activity a on a.pid = l.pid
 where l.granted and l.locktype = 'relation'
   and l.mode in ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
   and l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
 order by 1
