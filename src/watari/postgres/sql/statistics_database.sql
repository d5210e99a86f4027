-- What has happened in this database, and since when is it counted?
select pg_catalog.clock_timestamp(), s.stats_reset, s.xact_commit, s.xact_rollback, s.deadlocks, s.blks_read, s.blks_hit,
       s.temp_bytes,
       (select n.nspname from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
         where e.extname = 'pg_stat_statements')
  from pg_catalog.pg_stat_database s
 where s.datname = pg_catalog.current_database()
