-- How are the tables read and written?
select s.schemaname, s.relname, s.n_live_tup, pg_catalog.pg_table_size(s.relid) as bytes, s.seq_scan,
       s.seq_tup_read, coalesce(s.idx_scan, 0) as idx_scan, coalesce(s.idx_tup_fetch, 0) as idx_tup_fetch, s.n_tup_ins,
       s.n_tup_upd, s.n_tup_del, s.n_dead_tup,
       coalesce(i.heap_blks_read, 0) + coalesce(i.idx_blks_read, 0) as blks_read,
       coalesce(i.heap_blks_hit, 0) + coalesce(i.idx_blks_hit, 0) as blks_hit,
       case when s.seq_scan > 0 then s.seq_tup_read / s.seq_scan else 0 end as avg_seq_read
  from pg_catalog.pg_stat_user_tables s
  join pg_catalog.pg_statio_user_tables i on i.relid = s.relid
 where s.schemaname !~ '^(pg_|watari_dropped_)' and s.schemaname <> 'watari'
 order by s.seq_scan desc
