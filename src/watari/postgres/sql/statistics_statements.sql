-- Which statements take how long? (Top of the list: the slowest on average.)
select s.queryid, s.query, s.calls, s.total_exec_time / 1000 as total_seconds, s.max_exec_time / 1000 as max_seconds
  from {schema}.pg_stat_statements s
 where s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   and s.queryid is not null
 order by s.mean_exec_time desc
 limit 1000
