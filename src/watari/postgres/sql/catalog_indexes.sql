-- Which indexes are there, are they valid, how large are they, and how often were they used?
-- (Asking the file system for each size takes as long as all the rest: only where nothing else is known.)
select i.indexrelid::int8, i.indrelid::int8, n.nspname, c.relname, pg_catalog.pg_get_indexdef(i.indexrelid),
       i.indkey::int2[], i.indnkeyatts, a.amname, i.indisunique, i.indisprimary, i.indisvalid, i.indisready,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       case when c.relispartition then
         (select array[pn.nspname::text, p.relname::text]
            from pg_catalog.pg_inherits h
            join pg_catalog.pg_class p on p.oid = h.inhparent
            join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace
           where h.inhrelid = c.oid) end,
       i.indisreplident, i.indisclustered, s.spcname, d.description,
       c.relpages,
       case when c.relkind = 'i' and t.relpages = 0 then pg_catalog.pg_relation_size(c.oid)
            when c.relkind = 'I' then 0 end,
       pg_catalog.pg_stat_get_numscans(c.oid)
  from pg_catalog.pg_index i
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_class t on t.oid = i.indrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_am a on a.oid = c.relam
  left join pg_catalog.pg_tablespace s on s.oid = c.reltablespace
  left join pg_catalog.pg_description d
    on d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objoid = c.oid and d.objsubid = 0
 where n.nspname !~ '^(pg_|watari_dropped_)' and n.nspname not in ('information_schema', 'watari')
 order by n.nspname, c.relname
