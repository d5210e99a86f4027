-- How many statements a second does the application send, on average since they are counted?
select sum(s.calls) / greatest(extract(epoch from pg_catalog.clock_timestamp() - min(i.stats_reset)), 1)
  from {schema}.pg_stat_statements s, {schema}.pg_stat_statements_info i
 where s.dbid = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
   and s.toplevel
