-- How often is each index used?
select s.schemaname, s.indexrelname, s.relname, s.idx_scan, s.idx_tup_read, s.idx_tup_fetch,
       pg_catalog.pg_relation_size(s.indexrelid) as bytes
  from pg_catalog.pg_stat_user_indexes s
 where s.schemaname !~ '^(pg_|watari_dropped_)' and s.schemaname <> 'watari'
 order by s.idx_scan desc
