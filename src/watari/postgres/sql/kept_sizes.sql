-- How many rows, and how many bytes, does each kept thing hold (estimates, as of the last ANALYZE)?
select k.number,
       (case when k.kind = 'name' then 0 else greatest(c.reltuples, case when k.place is null then pg_catalog.pg_stat_get_live_tuples(c.oid) else 0 end, 0)
                  * (1 - coalesce(s.null_frac, 0)) end)::int8,
       (case when k.kind = 'name' then 0
             when k.kind = 'schema' then (
               select sum(pg_catalog.pg_total_relation_size(o.oid))
                 from pg_catalog.pg_class o where o.relnamespace = n.oid and o.relkind in ('r', 'm'))
             when k.place is null then pg_catalog.pg_total_relation_size(c.oid)
             else greatest(c.reltuples, 0) * (1 - coalesce(s.null_frac, 0)) * coalesce(s.avg_width, 0)
                  + coalesce((select sum(pg_catalog.pg_relation_size(i.indexrelid))
                                from pg_catalog.pg_index i
                                join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
                               where i.indrelid = c.oid and a.attname = k.place), 0) end)::int8
  from watari.kept k
  join pg_catalog.pg_class c on c.oid = k.relation
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = k.place
 order by k.number
